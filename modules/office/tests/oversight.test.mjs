// SPDX-License-Identifier: Apache-2.0
// What auditors and administrators look at: the trail by order, and the jobs that are stuck.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { Staff, sql, submitted } from '../../../tests/lib/hall.mjs'

const audit = (one, subject) => one.call('GET', `/desk/api/office/audit?page_size=100&subject=${encodeURIComponent(subject)}`)

test('the trail of an order by its number, as it is printed as well; what is no number is told', async () => {
  const { a } = await submitted('szjsgws'), auditor = await new Staff().login('audit')
  const whole = await audit(auditor, a.order.number)
  assert.ok(whole.items.length > 3)
  assert.deepEqual([...new Set(whole.items.map((row) => row.subject))], [a.order.id])
  assert.deepEqual(await audit(auditor, a.order.number.replace(/(.{6})(?=.)/g, '$1 ')), whole)
  assert.equal((await audit(auditor, '000000000000000000')).items.length, 0)
  for (const wrong of ['12345', 'nobody', `${a.order.number}9`])
    await assert.rejects(audit(auditor, wrong), (e) => e.status === 422 && e.body.errors[0].pointer === '/subject', wrong)
})

test("a certificate's rows are in its order's trail", async () => {
  const auditor = await new Staff().login('audit')
  const [number, serial] = sql("SELECT o.number || ' ' || c.id FROM hall.certificate c JOIN hall.orders o ON o.id = c.order_id WHERE c.serial IS NOT NULL ORDER BY c.id DESC LIMIT 1").split(' ')
  if (!number) return // nothing was issued in this hall yet
  assert.ok((await audit(auditor, number)).items.some((row) => row.subject === serial))
})

test('a job that waits for somebody outside is not stuck; one that has met errors is, by its name and its order', async () => {
  const admin = await new Staff().login('admin'), { a } = await submitted('szjsgws')
  const stuck = async (kind) => (await admin.call('GET', '/desk/api/office/outbox?page_size=100')).items.find((row) => row.key === `${kind}/tap/${a.order.id}`)
  const put = (kind, error) => sql(`INSERT INTO hall.outbox (kind, key, subject, due_at, attempts, last_error)
    VALUES ('${kind}', '${kind}/tap/${a.order.id}', '${a.order.id}', now() + interval '1 hour', 9, ${error})`)
  try {
    put('track', 'NULL')
    put('refund', "'refund: no answer'")
    assert.equal(await stuck('track'), undefined)
    const { name, number, state, attempts, last_error } = await stuck('refund')
    assert.deepEqual({ name, number, state, attempts, last_error }, { name: '退款', number: a.order.number, state: 'due', attempts: 9, last_error: 'refund: no answer' })
  } finally {
    sql(`DELETE FROM hall.outbox WHERE key LIKE '%/tap/${a.order.id}'`)
  }
})

test('every kind of job has a name', () => {
  const kinds = [...readFileSync(`${process.env.CERTHALL_TOP}/programs/runner/main.c`, 'utf8').matchAll(/\{"(\w+)", job_\w+\}/g)].map(([, kind]) => kind)
  assert.ok(kinds.length > 40)
  assert.deepEqual(sql('SELECT kind FROM hall.job_kind').split('\n').sort(), kinds.sort())
})

test('a list or a table refuses a filter that it does not know, and names it', async () => {
  const auditor = await new Staff().login('audit')
  for (const path of ['finance/money.csv', 'finance/invoices.csv', 'registry/revocations.csv', 'registry/seals/filing.csv', 'office/reports/orders.csv', 'office/audit',
    'office/outbox'])
    for (const query of ['nonsense=1', 'page_size=5&stat=paid', 'stat'])
      await assert.rejects(auditor.call('GET', `/desk/api/${path}?${query}`), (e) => e.status === 422 && /^\/(nonsense|stat|page_size)$/.test(e.body.errors[0].pointer), `${path}?${query}`)
})
