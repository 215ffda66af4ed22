// SPDX-License-Identifier: Apache-2.0
// The bill of a payment vendor for one day is compared with the hall's books.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Staff, eventually, sql, submitted } from '../../../tests/lib/hall.mjs'

const today = () => new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10)
const numberOf = (a) => sql(`SELECT out_trade_no FROM hall.payment WHERE order_id = '${a.order.id}' ORDER BY created_at DESC LIMIT 1`)

test("a day's bill is compared: right orders do not stand out, a payment that the vendor never saw does", async () => {
  const right = await submitted('szjsgws'), wrong = await submitted('szjsgws')
  await right.a.pay()
  await wrong.a.openPayment()
  const invented = numberOf(wrong.a)
  assert.match(sql(`SELECT hall.enter_system('runner', 'test'); SELECT hall.payment_paid('${invented}', 'X${invented}', 35000, now())`), /paid$/)
  const finance = await new Staff().login('finance')
  const { id } = await finance.call('POST', '/desk/api/finance/bills', { json: { channel: 'wechatpay', day: today() } })
  const row = await eventually('the comparison', async () => (await finance.call('GET', '/desk/api/finance/bills')).items.find((b) => b.id === id && b.state === 'compared'))
  assert.ok(row.theirs.payments >= 1 && row.differences >= 1)
  const { items } = await finance.call('GET', `/desk/api/finance/bills/${id}`)
  assert.equal(items.find((d) => d.number === numberOf(right.a)), undefined)
  const found = items.find((d) => d.number === invented)
  assert.deepEqual([found.what, found.ours, found.theirs, found.order_number], ['only_ours', 35000, null, wrong.a.order.number])
  const csv = await finance.fetch('GET', `/desk/api/finance/bills/${id}/differences.csv`)
  assert.match(csv.headers.get('content-type'), /^text\/csv/)
  const bytes = Buffer.from(await csv.arrayBuffer())
  assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf])
  assert.match(bytes.toString(), new RegExp(`"收款","仅本系统有","\t${invented}",,350.00,,"\\t${wrong.a.order.number}"\r\n`))
  await assert.rejects(finance.call('POST', '/desk/api/finance/bills', { json: { channel: 'wechatpay', day: '2026-02-30' } }), { status: 422 })
  await assert.rejects(finance.call('POST', '/desk/api/finance/bills', { json: { channel: 'cash', day: today() } }), { status: 422 })
  await assert.rejects((await new Staff().login('audit')).call('POST', '/desk/api/finance/bills', { json: { channel: 'wechatpay', day: today() } }), { status: 403 })
})

test('an Alipay bill agrees with the books', async () => {
  const { a } = await submitted('jieyang')
  await a.pay('alipay')
  const finance = await new Staff().login('finance')
  const { id } = await finance.call('POST', '/desk/api/finance/bills', { json: { channel: 'alipay', day: today() } })
  await eventually('the comparison', async () => (await finance.call('GET', '/desk/api/finance/bills')).items.find((b) => b.id === id && b.state === 'compared'))
  assert.equal((await finance.call('GET', `/desk/api/finance/bills/${id}`)).items.find((d) => d.number === numberOf(a)), undefined)
  assert.ok(Number(sql(`SELECT count(*) FROM hall.bill_line WHERE number = '${numberOf(a)}'`)) === 1)
})
