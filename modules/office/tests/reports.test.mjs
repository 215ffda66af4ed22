// SPDX-License-Identifier: Apache-2.0
// Reports, and whom they are for.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Client, Staff, reportsDiffer, sql } from '../../../tests/lib/hall.mjs'

test('reports refuse what they do not know, and whom they are not for', async () => {
  const auditor = await new Staff().login('audit')
  for (const [query, pointer] of [['by=name', '/by'], ['by=day,,state', '/by'], ['from=2026-02-30', '/from'], ['from=2020-01-01&to=2026-01-01', '/from'],
    ['from=2026-02-02&to=2026-02-01', '/from']])
    await assert.rejects(auditor.call('GET', `/desk/api/office/reports/orders?${query}`), (e) => e.status === 422 && e.body.errors[0].pointer === pointer)
  await assert.rejects(auditor.call('GET', '/desk/api/office/reports/orders?project=nobody'), { status: 404 })
  for (const name of ['review', 'finance', 'produce']) {
    const one = await new Staff().login(name)
    for (const path of ['reports/orders', 'reports/orders.csv', 'partners', 'calendar'])
      await assert.rejects(one.call('GET', `/desk/api/office/${path}`), { status: 403 })
  }
  await assert.rejects(new Client().call('GET', '/desk/api/office/reports/orders'), { status: 401 })
})

test('what reports count is what orders, payments and refunds say, by whatever it is grouped', () => {
  assert.equal(reportsDiffer(), 0)
  const totals = (by) => `hall.report_orders(NULL, current_date - 300, current_date + 1, '{${by}}')::jsonb -> 'totals'`
  assert.equal(sql(`SELECT ${totals('day,project')} = ${totals('day,project,state')} AND ${totals('month,business,channel')} = ${totals('cert_type')}`), 't')
})
