// SPDX-License-Identifier: Apache-2.0
// Payment by a transfer from the unit's own account: vouchers, the finance clerk's comparison with the bank statement, and money that
// arrives twice.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import test from 'node:test'
import { Staff, bmp, eventually, inbox, payAt, sql, submitted } from '../../../tests/lib/hall.mjs'
import { newStaff } from '../../../tests/http/lib.mjs'
import { clerk, refused } from './clerk.mjs'

const today = () => new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
const reference = () => `C${Date.now()}${randomInt(1e6)}`
const path = (a, rest = '') => `/pay/orders/${a.order.id}/transfer${rest}`
const put = (a, slot, bytes = bmp(), name = '银行回单.bmp') =>
  a.api('PUT', `/paper/vouchers/${a.order.id}/${slot}?name=${encodeURIComponent(name)}`, { body: bytes, headers: { 'content-type': 'image/bmp' } })
const handIn = async (a) => (a.order = await a.api('POST', path(a), { json: { version: a.order.version } }))
const entry = (p, more = {}) => ({ payer: p.unit_name, fen: 60000, day: today(), reference: reference(), ...more })

test('#137 #148 #151 #152 #153 #179 #189 jieyang by transfer: account and remark, vouchers, confirmed at the desk, PIN by SMS', async () => {
  const { a, p } = await submitted('jieyang')
  assert.deepEqual(a.order.pay_ways, ['wechatpay', 'alipay', 'transfer'])
  const { account, transfer } = await a.api('GET', path(a))
  for (const said of [account.name, account.number, account.bank]) assert.ok(said)
  assert.deepEqual([transfer.total, transfer.remark, transfer.files], [60000, a.order.number, 3])
  await assert.rejects(handIn(a), refused(422, '/vouchers'))
  await assert.rejects(put(a, 4), refused(404))
  await assert.rejects(put(a, 1, Buffer.from('<html>')), refused(415))
  await assert.rejects(put(a, 1, Buffer.alloc(0)), refused(422))
  const large = await a.fetch('PUT', `/jieyang/api/paper/vouchers/${a.order.id}/1`, { body: Buffer.alloc(2097153, 1), headers: { 'content-type': 'image/bmp' } })
  assert.equal(large.status, 413)
  await put(a, 1)
  await put(a, 2, Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\n%%EOF\n'), '流水.pdf')
  await put(a, 3)
  await a.api('DELETE', `/paper/vouchers/${a.order.id}/3`)
  const mine = await a.fetch('GET', `/jieyang/api/paper/vouchers/${a.order.id}/1`)
  assert.deepEqual(Buffer.from(await mine.arrayBuffer()), bmp())
  const stored = sql(`SELECT string_agg(slot || ' ' || mime, ',' ORDER BY slot) FROM hall.voucher WHERE order_id = '${a.order.id}'`)
  assert.equal(stored, '1 image/bmp,2 application/pdf')

  await handIn(a)
  assert.deepEqual([a.order.state, a.order.payment.state, a.order.payment.channel, a.order.finauth.state], ['in_review', 'voucher', 'transfer', null])
  assert.ok(a.order.due_at)
  await assert.rejects(put(a, 1), refused(409))
  await assert.rejects(handIn(a), refused(409))
  await assert.rejects(a.openPayment(), refused(409))

  const f = await clerk()
  const list = await f.call('GET', '/money?kind=voucher&page_size=100')
  const row = list.items.find((one) => one.order_id === a.order.id)
  assert.deepEqual([row.fen, row.subject, row.channel], [60000, p.unit_name, 'transfer'])
  assert.match(row.next, /到账/)
  const seen = await f.money(a.order.id)
  const files = seen.money.payments[0].transfer.vouchers
  assert.deepEqual(files.map((one) => one.file_name), ['银行回单.bmp', '流水.pdf'])
  assert.equal((await f.fetch(`/orders/${a.order.id}/vouchers/${files[0].id}`)).status, 200)
  for (const role of ['reviewer', 'producer', 'auditor', 'admin'])
    assert.equal((await (await newStaff(role)).call('GET', `/desk/api/finance/orders/${a.order.id}/vouchers/${files[0].id}`)).status, 403, role)
  const bank = reference()
  await assert.rejects(f.act(a.order.id, 'transfer/confirm', entry(p, { fen: 59999 })), refused(422, '/fen'))
  await assert.rejects(f.act(a.order.id, 'transfer/confirm', entry(p, { payer: '别的公司' })), refused(422, '/reason'))
  await assert.rejects(f.act(a.order.id, 'transfer/confirm', entry(p, { day: '2999-01-01' })), refused(422, '/day'))
  const { money, words } = await f.act(a.order.id, 'transfer/confirm', entry(p, { reference: bank }))
  assert.deepEqual([money.paid, money.payments[0].state, money.payments[0].reference], ['paid', 'paid', bank])
  assert.equal(words[`transfer.payer/${money.payments[0].id}`], p.unit_name)
  assert.equal(sql(`SELECT count(*) FROM hall.transfer WHERE position(convert_to('${p.unit_name}', 'UTF8') IN payer) > 0`), '0', 'encrypted')
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  await a.until('accepted')
  const producer = await new Staff().login('produce')
  await producer.act(a.order.id, 'produce')
  await inbox(p.mobile, /PIN 码为/)
  assert.equal(sql(`SELECT count(*) FROM hall.payout WHERE order_id = '${a.order.id}'`), '0', '#156 no payout')

  const other = (await submitted('jieyang')).a
  await put(other, 1)
  await handIn(other)
  await assert.rejects(f.act(other.order.id, 'transfer/confirm', { ...entry(p, { reference: bank }), reason: '同一笔' }), refused(422, '/reference'))
})

test('two clerks and a double click: confirmed once; a reviewer of the order does not decide about its money', async () => {
  const { a, p } = await submitted('jieyang')
  await put(a, 1)
  const version = a.order.version
  const twice = await Promise.allSettled([handIn(a), a.api('POST', path(a), { json: { version } })])
  assert.deepEqual(twice.map((r) => r.status).sort(), ['fulfilled', 'rejected'])
  await a.refresh()
  const both = await clerk('reviewer')
  await both.approve(a.order.id)
  await assert.rejects(both.act(a.order.id, 'transfer/confirm', entry(p)), refused(403))
  await assert.rejects(both.act(a.order.id, 'transfer/refuse', { why: '没有收到' }), refused(403))
  const [one, two] = [await clerk(), await clerk()]
  const ends = await Promise.allSettled([one, two].map((f) => f.act(a.order.id, 'transfer/confirm', entry(p))))
  assert.deepEqual(ends.map((r) => r.status).sort(), ['fulfilled', 'rejected'])
  assert.equal(ends.find((r) => r.status === 'rejected').reason.status, 409)
  assert.equal(sql(`SELECT count(*) FROM hall.payment WHERE order_id = '${a.order.id}' AND state = 'paid'`), '1')
  await a.until('accepted')
})

test('a voucher refused after approval: told by SMS, paid online instead, and no second review', async () => {
  const { a } = await submitted('jieyang', 'natural')
  assert.deepEqual(a.order.pay_ways, ['wechatpay', 'alipay'], 'a natural person of this project does not transfer')
  await assert.rejects(a.api('GET', path(a)), refused(404))
  await assert.rejects(put(a, 1), refused(409))
  const { a: b, p: q } = await submitted('jieyang')
  await put(b, 1)
  await handIn(b)
  await (await new Staff().login('review')).act(b.order.id, 'approve')
  const f = await clerk()
  await assert.rejects(f.act(b.order.id, 'transfer/refuse', { why: '无' }), refused(422, '/why'))
  await f.act(b.order.id, 'transfer/refuse', { why: '三日内没有收到这笔汇款' })
  await inbox(q.mobile, /三日内没有收到这笔汇款/)
  await b.refresh()
  assert.deepEqual([b.order.state, b.order.transfer.state, b.order.transfer.why], ['unpaid', 'refused', '三日内没有收到这笔汇款'])
  await b.pay()
  assert.equal(b.order.payment.channel, 'wechatpay')
  assert.notEqual(b.order.state, 'in_review', 'what was approved stays approved')
  await b.until('accepted')
  assert.equal(sql(`SELECT count(*) FROM hall.review WHERE order_id = '${b.order.id}'`), '1')
})

test('paid both ways: the code that was open goes back by itself, a second transfer by hand, both in sight until then', async () => {
  const { a, p } = await submitted('jieyang')
  const opened = await a.openPayment()
  await put(a, 1)
  const paidAtOnce = payAt(opened)
  await handIn(a).catch(() => {})
  await paidAtOnce.catch(() => {})
  const f = await clerk()
  await a.refresh()
  if (a.order.payment.state === 'voucher') await f.act(a.order.id, 'transfer/confirm', entry(p))
  const total = () => sql(`SELECT count(*) FILTER (WHERE state = 'paid') || ' ' || count(*) FILTER (WHERE state = 'refund_due') FROM hall.payment WHERE order_id = '${a.order.id}'`)
  await eventually('one counts, none is owed', () => total() === '1 0')
  await assert.rejects(f.act(a.order.id, 'transfer/confirm', entry(p)), refused(409))
  const surplus = `/orders/${a.order.id}/transfer/surplus`
  await assert.rejects(f.signed(surplus, entry(p, { reason: undefined })), refused(422, '/reason'))
  const { money } = await f.signed(surplus, entry(p, { fen: 12345, reason: '重复汇款' }))
  const due = money.payments.find((one) => one.state === 'refund_due')
  assert.deepEqual([due.fen, due.refund.state, due.refund.by_hand], [12345, 'queued', true])
  const csv = await f.fetch('/money.csv?kind=refund_by_hand')
  assert.match(csv.headers['content-type'], /text\/csv/)
  assert.match(csv.text, /"待汇回".*"公对公转账",123\.45,/)
  const back = { reference: reference(), day: today() }
  const [one, two] = await Promise.allSettled([f, f].map((f) => f.signed(`/refunds/${due.refund.id}/settle`, back)))
  assert.deepEqual([one.status, two.status].sort(), ['fulfilled', 'rejected'])
  await inbox(p.mobile, /123\.45 元已汇回/)
  assert.equal((await f.money(a.order.id)).money.payments.find((x) => x.id === due.id).state, 'refunded')
})
