// SPDX-License-Identifier: Apache-2.0
// The workbench over HTTP: an order is found by whatever somebody has at hand, as it is typed or copied, and by nothing that is not
// whole; the numbers of the home page are those of the lists.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { Staff, sql, submitted } from '../../../tests/lib/hall.mjs'
import { certified } from '../../../tests/lib/reissue.mjs'

let review, made, number
before(async () => {
  review = await new Staff().login('review')
  made = await certified('jieyang')
  number = made.a.order.number
})
const search = (typed, who = review) => who.call('POST', '/desk/api/review/search', { json: { typed } })
const numbers = async (typed, who) => (await search(typed, who)).items.map((one) => one.number)
const foundBy = async (typed) => (await search(typed)).items.find((one) => one.number === number)?.found_by
const trail = () => Number(sql(`SELECT count(*) FROM hall.audit WHERE subject = '${made.a.order.id}' AND detail ->> 'read' = 'found'`))

test('found by number, name, telephone, code, serial number and payment, however it is written', async () => {
  const { p, serial } = made
  const payment = sql(`SELECT out_trade_no FROM hall.payment WHERE order_id = '${made.a.order.id}' AND state = 'paid'`)
  const before = trail()
  assert.equal(await foundBy(number), '业务单号')
  assert.equal(await foundBy(number.replace(/(\d{6})/g, '$1 ')), '业务单号', 'with blanks')
  assert.equal(await foundBy(p.unit_name.slice(2, 8)), '名称')
  assert.equal(await foundBy(serial.toLowerCase().match(/../g).join(':')), '证书序列号')
  assert.equal(await foundBy(payment), '支付单号')
  assert.equal(trail(), before, 'nothing sealed was searched')
  assert.equal(await foundBy(p.mobile), '账号手机')
  assert.equal(await foundBy(p.unit_code.toLowerCase()), '证件号码')
  assert.equal(trail(), before + 2, 'what was sealed is told')
  for (const part of [p.mobile.slice(0, 10), p.unit_code.slice(0, 17), serial.slice(0, 15), payment.slice(0, -1)])
    assert.equal(await foundBy(part), undefined, `only the whole: ${part}`)
})

test('a natural person is found by the number of the ID card', async () => {
  const natural = await submitted('jieyang', 'natural')
  assert.deepEqual(await numbers(natural.p.id_no.toLowerCase()), [natural.a.order.number])
})

test('each finds what is theirs; an applicant and an auditor search nothing here', async () => {
  const outlet = await new Staff().login('outlet')
  assert.deepEqual(await numbers(number, outlet), [])
  const auditor = await new Staff().login('audit')
  await assert.rejects(search(number, auditor), { status: 403 })
  await assert.rejects(made.a.call('POST', '/desk/api/review/search', { json: { typed: number } }), { status: 401 })
})

test('refuses too little, too much, and what it does not know', async () => {
  for (const [json, pointer] of [[{ typed: '测' }, '/typed'], [{ typed: 'x'.repeat(101) }, '/typed'], [{}, '/typed'], [{ typed: 'xx', more: 1 }, '/more']])
    await assert.rejects(review.call('POST', '/desk/api/review/search', { json }), (e) => e.status === 422 && e.body.errors[0].pointer === pointer)
})

test('the home page counts what the lists count', async () => {
  const { tasks } = await review.call('GET', '/desk/api/review/today')
  const { counts } = await review.call('GET', '/desk/api/review/orders?queue=review')
  const { waiting } = await review.call('GET', '/desk/api/registry/revocations')
  const of = (list) => tasks.find((one) => one.list === list)
  assert.equal(of('queue').count, counts.review)
  assert.ok(of('revocations').count <= waiting)
  const finance = await new Staff().login('finance'), money = (await finance.call('GET', '/desk/api/review/today')).tasks
  assert.deepEqual(money.filter((one) => one.list === 'money').map(({ kind, count }) => [kind, count]), (await finance.call('GET', '/desk/api/finance/money')).kinds.map(({ kind, count }) => [kind, count]))
  assert.equal(money.find((one) => one.list === 'payouts').count, (await finance.call('GET', '/desk/api/finance/payouts')).total)
  assert.equal(money.find((one) => one.list === 'invoices').count, (await finance.call('GET', '/desk/api/finance/invoices?state=open')).total)
  const admin = await new Staff().login('admin')
  assert.deepEqual((await admin.call('GET', '/desk/api/review/today')).tasks.map((one) => one.list), ['outbox'])
})
