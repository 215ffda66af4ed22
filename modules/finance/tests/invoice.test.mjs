// SPDX-License-Identifier: Apache-2.0
// Electronic invoices: they are asked for with the acceptance, are made out for the amount paid, and are announced by short message
// and e-mail; what finance may and may not do with them; and the red letter of a refund.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Client, eventually, inbox, sandboxCall, sql, Staff, URL_BASE } from '../../../tests/lib/hall.mjs'
import { accepted, postProject, row } from '../../../tests/lib/post.mjs'

const slug = postProject('post-invoices')
const vendorSays = (query) => sql(query, 'certhall_sandbox')
const invoice = (id, red = false) => row(`SELECT * FROM hall.invoice WHERE order_id = '${id}' AND red_of IS ${red ? 'NOT NULL' : 'NULL'}`)
const issued = (id, red) => eventually('the invoice', () => ['issued', 'red'].includes(invoice(id, red)?.state) && invoice(id, red))
const finance = await new Staff().login('finance')

/** Makes the invoice fail as if Nuonuo had refused it. What people see and do does not depend on the reason. */
const fail = (id) => sql(`UPDATE hall.invoice SET state = 'failed', why = '开票员未登录', number = NULL, issued_at = NULL WHERE id = '${id}'`)

test('#53 #105 #106 #108 #195 #196 #197 #198 #215 the invoice: amount with the courier’s fee, lines by purpose, link by both', async () => {
  const { a, p } = await accepted(slug)
  assert.equal(a.order.price.total, 31300)
  const i = await issued(a.order.id)
  assert.equal(i.total, 31300)
  assert.match(i.number, /^\d{20}$/)
  const theirs = JSON.parse(vendorSays(`SELECT row_to_json(i) FROM sandbox.nuonuo_invoice i WHERE order_no = '${i.request_no}'`))
  assert.deepEqual([theirs.total, theirs.buyer, theirs.tax_no], [31300, p.name, ''])
  assert.match(theirs.goods, /介质服务费/)

  await a.refresh()
  assert.deepEqual([a.order.invoice.state, a.order.invoice.number, a.order.invoice.total], ['issued', i.number, 31300])
  const file = await fetch(a.order.invoice.pdf)
  assert.equal(file.status, 200)
  assert.match(Buffer.from(await file.arrayBuffer()).subarray(0, 5).toString(), /%PDF-/)
  assert.ok(a.order.history.some((h) => h.text === '电子发票已开具'))

  const sms = await inbox(p.mobile, /电子发票/)
  assert.ok(sms.text.includes(a.order.invoice.pdf))
  const mail = await eventually('the e-mail', async () => (await sandboxCall('GET', '/mails?address=holder@example.com')).mails
    .find((m) => m.subject.includes(a.order.number)))
  assert.ok(mail.text.includes(a.order.invoice.pdf) && mail.text.includes('313.00'), mail.text)
  assert.doesNotMatch(mail.text, new RegExp(p.id_no))
})

test('#194 who wants none gets none; without money there is none, and the order says so', async () => {
  const { a } = await accepted(slug, { invoice_wanted: false })
  const free = postProject('post-free', { couriers: ['sf'], courier_payment: 'collect',
    types: [{ cert_type: 'natural', name: '自然人证书', person: 'natural', medium: 'ukey', prices: [{ years: 1, parts: [{ part: 'certificate', name: '证书费', fen: 0 }] }] }] })
  const zero = await accepted(free)
  assert.match(zero.a.order.invoice.text, /不开具发票/)
  await eventually('the look at the wish', () => sql(`SELECT state FROM hall.outbox WHERE key = 'invoice_wanted/${a.order.id}'`) === 'done')
  assert.equal(invoice(a.order.id), null)
  assert.equal((await a.refresh()).invoice, null)
  assert.equal(sql(`SELECT count(*) FROM hall.outbox WHERE key = 'invoice_wanted/${zero.a.order.id}'`), '0')
})

test('#106 #107 finance mends a title of what failed, and nothing of what was issued', async () => {
  const { a } = await accepted(slug)
  const { id } = await issued(a.order.id)
  const change = (json) => finance.call('PUT', `/desk/api/finance/invoices/${id}/buyer`, { json })
  const unit = { kind: 'enterprise', title: '深圳市示范更正有限公司', tax_no: '91440300MA5FABCD12' }
  await assert.rejects(change(unit), { status: 409 })
  await assert.rejects(finance.call('POST', `/desk/api/finance/invoices/${id}/retry`), { status: 409 })
  await assert.rejects(finance.call('POST', `/desk/api/finance/invoices/${id}/close`, { json: { number: '1'.repeat(20) } }), { status: 409 })
  fail(id)
  await assert.rejects(change({ kind: 'enterprise', title: unit.title }), (e) => e.status === 422 && e.body.errors[0].pointer === '/tax_no')
  await assert.rejects(change({ ...unit, kind: 'nobody' }), (e) => e.body.errors[0].pointer === '/kind')
  const now = await change(unit)
  assert.deepEqual([now.title, now.tax_no, now.kind], [unit.title, unit.tax_no, 'enterprise'])
  assert.match(now.request_no, /02$/)
  await issued(a.order.id)
  assert.equal(vendorSays(`SELECT buyer || '/' || tax_no FROM sandbox.nuonuo_invoice WHERE order_no = '${now.request_no}'`), `${unit.title}/${unit.tax_no}`)
  assert.doesNotMatch(sql(`SELECT buyer::text FROM hall.invoice WHERE id = '${id}'`), /示范/, 'encrypted at rest')
})

test('a refund takes the invoice back by a red letter; one that Nuonuo cannot issue is closed by hand', async () => {
  const one = await accepted(slug)
  const two = await accepted(slug)
  await issued(one.a.order.id)
  const blue = await issued(two.a.order.id)
  const refund = (id) => sql(`SELECT hall.act_as('finance'); UPDATE hall.orders SET refund = 'done' WHERE id = '${id}';
    SELECT hall.advance('${id}', 'refund')`) // what the end of a refund does
  vendorSays(`UPDATE sandbox.nuonuo_invoice SET serial = serial || 'x' WHERE serial = '${blue.serial}'`) // Nuonuo has lost it
  refund(one.a.order.id)
  refund(two.a.order.id)

  const red = await issued(one.a.order.id, true)
  assert.equal(invoice(one.a.order.id).state, 'red')
  assert.equal(vendorSays(`SELECT total FROM sandbox.nuonuo_invoice WHERE order_no = '${red.request_no}'`), '-31300')
  assert.match((await one.a.refresh()).invoice.text, /冲红/)

  const failed = await eventually('the failure', () => invoice(two.a.order.id, true)?.state === 'failed' && invoice(two.a.order.id, true))
  const path = `/desk/api/finance/invoices/${failed.id}/close`
  await assert.rejects(finance.call('POST', path, { json: { number: '123' } }), { status: 422 })
  const done = await finance.call('POST', path, { json: { number: '24442000000000000001' } })
  assert.deepEqual([done.state, done.by_hand, invoice(two.a.order.id).state], ['issued', true, 'red'])
})

test('a callback is believed in nothing: it has the number asked about sooner, and no more', async () => {
  const { a } = await accepted(slug)
  const { request_no } = await issued(a.order.id)
  const post = (fields) => fetch(`${URL_BASE}/notify/nuonuo`, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields) })
  const lie = { operater: 'callback', orderno: request_no, content: JSON.stringify({ c_status: '2', c_errorMessage: '已作废', c_orderno: request_no }) }
  const res = await post(lie)
  assert.equal(res.status, 200)
  assert.match(await res.text(), /"0000"/)
  assert.equal(invoice(a.order.id).state, 'issued')
  assert.equal((await post({ ...lie, orderno: 'I000' })).status, 200, 'not ours: nothing that a repetition would change')
  assert.equal((await post({ operater: 'callback' })).status, 400)
})

test('the list is for finance and overseers, one invoice for finance; the table opens in a spreadsheet', async () => {
  const reviewer = await new Staff().login('review')
  const auditor = await new Staff().login('audit')
  const { items } = await auditor.call('GET', '/desk/api/finance/invoices?state=issued')
  assert.ok(items.length > 0)
  assert.ok(items.every((i) => i.state === 'issued' && !('title' in i)))
  for (const [who, path] of [[reviewer, ''], [auditor, `/${items[0].id}`], [reviewer, '.csv']])
    await assert.rejects(who.call('GET', `/desk/api/finance/invoices${path}`), { status: 403 })
  await assert.rejects(new Client().call('GET', '/desk/api/finance/invoices'), { status: 401 })
  await assert.rejects(finance.call('GET', '/desk/api/finance/invoices/00000000-0000-4000-8000-000000000000'), { status: 404 })
  const csv = await (await finance.fetch('GET', '/desk/api/finance/invoices.csv?from=2026-01-01&to=2099-01-01')).text()
  assert.match(csv, /"业务单号","项目","申请主体"/)
  assert.match(csv, /313\.00/)
})
