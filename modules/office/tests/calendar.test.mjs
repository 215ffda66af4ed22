// SPDX-License-Identifier: Apache-2.0
// The calendar as an administrator enters it.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Staff, sql } from '../../../tests/lib/hall.mjs'

const year = { year: 2099, days: [{ day: '2099-01-01', working: false, name: '元旦' }] }
test('an administrator enters a year, an auditor looks, wrong days are named', async () => {
  const boss = await new Staff().login('admin'), auditor = await new Staff().login('audit')
  try {
    const said = await boss.call('PUT', '/desk/api/office/calendar', { json: year })
    assert.deepEqual(said.days, year.days)
    assert.ok((await auditor.call('GET', '/desk/api/office/calendar?year=2099')).years.includes(2099))
    await assert.rejects(auditor.call('PUT', '/desk/api/office/calendar', { json: year }), { status: 403 })
    for (const [pointer, days] of [['/days/0/day', [{ ...year.days[0], day: '2098-01-01' }]], ['/days', [year.days[0], year.days[0]]],
      ['/days', [{ ...year.days[0], day: '2099-02-30' }]]])
      await assert.rejects(boss.call('PUT', '/desk/api/office/calendar', { json: { ...year, days } }), (e) => e.status === 422 && e.body.errors[0].pointer === pointer)
  } finally {
    sql('DELETE FROM hall.calendar WHERE day >= \'2099-01-01\'')
  }
})
