// SPDX-License-Identifier: Apache-2.0
// wechatpay-axios-plugin, a library of other authors, against the sandbox: as its client, and as the reader of its notifications.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { fresh, sandbox, skip, turn } from './sandbox.mjs'
import { certificate, client, Formatter, genuine, keyId, Merchant, opened, order, platform, privateKey, query, Rsa, send, signed, verified } from './wechatpay-lib.mjs'

const NATIVE = '/v3/pay/transactions/native'

test('order, query, close are accepted and their answers believed', { skip }, async () => {
  const o = order()
  const made = await client().v3.pay.transactions.native.post(o)
  assert.match(made.data.code_url, /^weixin:\/\/wxpay\/bizpayurl\?pr=/)
  assert.equal((await query(o.out_trade_no)).data.trade_state, 'NOTPAY')
  const closed = await client().v3.pay.transactions.outTradeNo._out_trade_no_.close.post({ mchid: sandbox.wechatpay_mchid }, { out_trade_no: o.out_trade_no })
  assert.equal(closed.status, 204)
  assert.equal((await query(o.out_trade_no)).data.trade_state, 'CLOSED')
})

test('one changed byte of the body is refused', { skip }, async () => {
  const body = JSON.stringify(order()), request = signed('POST', NATIVE, body)
  const changed = await send(NATIVE, { ...request, body: body.replace('35000', '35001') })
  assert.equal(changed.status, 401)
  assert.equal((await changed.json()).code, 'SIGN_ERROR')
  assert.equal((await send(NATIVE, request)).status, 200)
})

test('a nonce is good once, a time stamp five minutes', { skip }, async () => {
  const target = `/v3/pay/transactions/out-trade-no/NOSUCH01?mchid=${sandbox.wechatpay_mchid}`, request = signed('GET', target, '')
  assert.equal((await send(target, request)).status, 404)
  assert.equal((await send(target, request)).status, 401)
  const nonce = Formatter.nonce(), old = Formatter.timestamp() - 301
  const signature = Rsa.sign(Formatter.request('GET', target, old, nonce, ''), privateKey)
  const late = signed('GET', target, '')
  late.headers.Authorization = Formatter.authorization(sandbox.wechatpay_mchid, nonce, signature, old, sandbox.wechatpay_serial)
  assert.equal((await send(target, late)).status, 401)
})

test('error answers are signed too', { skip }, async () => {
  const target = `/v3/pay/transactions/out-trade-no/NOSUCH02?mchid=${sandbox.wechatpay_mchid}`
  const answer = await send(target, signed('GET', target, '')), body = await answer.text(), h = answer.headers
  assert.equal(h.get('wechatpay-serial'), keyId)
  const text = Formatter.response(h.get('wechatpay-timestamp'), h.get('wechatpay-nonce'), body)
  assert.ok(Rsa.verify(text, h.get('wechatpay-signature'), platform))
  assert.ok(!Rsa.verify(text.replace('ORDER', 'ORDEX'), h.get('wechatpay-signature'), platform))
})

test('an answer with a wrong signature is not believed by the SDK', { skip }, async () => {
  await turn('wechatpay.bad_signature', 'once')
  await assert.rejects(client().v3.pay.transactions.native.post(order()), /Verify the response's data .* failed/)
})

test('the rules of an order', { skip }, async () => {
  for (const bad of [{ amount: { total: 0 } }, { amount: { total: 1.5 } }, { description: '' }, { out_trade_no: 'x' }, { notify_url: 'https://a.example/?q' }, { time_expire: '2020-01-01T00:00:00+08:00' }]) {
    const body = JSON.stringify(order(bad)), answer = await send(NATIVE, signed('POST', NATIVE, body))
    assert.equal(answer.status, 400, body)
    assert.equal((await answer.json()).code, 'PARAM_ERROR')
  }
  const o = order(), twice = JSON.stringify({ ...o, amount: { total: 1, currency: 'CNY' } })
  assert.equal((await send(NATIVE, signed('POST', NATIVE, JSON.stringify(o)))).status, 200)
  assert.equal((await (await send(NATIVE, signed('POST', NATIVE, twice))).json()).code, 'OUT_TRADE_NO_USED')
})

const scene = { scene_info: { payer_client_ip: '127.0.0.1', h5_info: { type: 'Wap' } } }
const hall = process.env.CERTHALL_URL
const at = (h5_url, headers = {}, method = 'GET') =>
  fetch(`${h5_url}&redirect_url=${encodeURIComponent(`${hall}/back`)}`, { method, headers: { referer: `${hall}/`, ...headers } }).then(async (r) => [r.status, await r.text()])

test('an H5 order: its page opens from the merchant\'s site, on the phone that was named, and not in WeChat', { skip }, async () => {
  const o = order(scene), made = await client().v3.pay.transactions.h5.post(o)
  assert.match(made.data.h5_url, /\/cgi-bin\/mmpayweb-bin\/checkmweb\?prepay_id=wx\w+&package=\d+$/)
  const { h5_url } = made.data
  assert.match((await at(h5_url))[1], /立即支付/)
  for (const [headers, words] of [[{ referer: '' }, /商家参数格式有误/], [{ referer: 'http://elsewhere.example/' }, /商家参数格式有误/],
    [{ 'user-agent': 'Mozilla/5.0 (iPhone) MicroMessenger/8.0' }, /请在微信外打开/]]) {
    const [status, text] = await at(h5_url, headers)
    assert.equal(status, 403)
    assert.match(text, words)
  }
  assert.match((await at(h5_url.replace('=wx', '=wy')))[1], /已失效/)
  const [status, text] = await at(h5_url, {}, 'POST')
  assert.equal(status, 200)
  assert.ok(text.includes(`url=${hall}/back`), 'and leads back')
  const paid = (await query(o.out_trade_no)).data
  assert.deepEqual([paid.trade_state, paid.trade_type], ['SUCCESS', 'MWEB'])

  const other = await client().v3.pay.transactions.h5.post(order({ scene_info: { ...scene.scene_info, payer_client_ip: '203.0.113.7' } }))
  assert.match((await at(other.data.h5_url))[1], /网络环境未能通过安全验证/)
})

test('the rules of an H5 order', { skip }, async () => {
  const H5 = '/v3/pay/transactions/h5'
  for (const bad of [{}, { scene_info: { h5_info: { type: 'Wap' } } }, { scene_info: { payer_client_ip: '127.0.0.1' } }, { scene_info: { payer_client_ip: '127.0.0.1', h5_info: { type: 'PC' } } }]) {
    const body = JSON.stringify(order(bad)), answer = await send(H5, signed('POST', H5, body))
    assert.equal(answer.status, 400, body)
    assert.equal((await answer.json()).code, 'PARAM_ERROR')
  }
  const o = order(scene)
  assert.equal((await send(H5, signed('POST', H5, JSON.stringify(o)))).status, 200)
  assert.equal((await send(H5, signed('POST', H5, JSON.stringify(o)))).status, 200, 'the page may be asked for again')
  assert.equal((await (await send(NATIVE, signed('POST', NATIVE, JSON.stringify(o)))).json()).code, 'OUT_TRADE_NO_USED', 'a number is for one of the two')
  const changed = signed('POST', H5, JSON.stringify(order(scene)))
  assert.equal((await send(H5, { ...changed, body: changed.body.replace('127.0.0.1', '127.0.0.2') })).status, 401)
})

const merchant = new Merchant()
let certified
before(async () => {
  if (skip) return
  certified = await certificate() // from here on notifications come signed by either key
  await merchant.open()
})
after(() => merchant.close())

async function pay(notices) {
  const o = await merchant.paid()
  await merchant.waitFor(notices)
  return o
}

test('a notification verifies, opens, and is repeated until taken', { skip }, async () => {
  merchant.answer = (n) => (n === 1 ? 500 : 204)
  const o = await pay(2), [first, second] = merchant.seen
  assert.ok(genuine(first, certified) && genuine(second, certified))
  assert.equal(JSON.parse(first.body).id, JSON.parse(second.body).id)
  const paid = opened(first)
  assert.deepEqual([paid.out_trade_no, paid.trade_state, paid.amount.total], [o.out_trade_no, 'SUCCESS', 35000])
  assert.equal((await query(o.out_trade_no)).data.transaction_id, paid.transaction_id)
  assert.ok(!genuine({ ...first, body: first.body.replace('TRANSACTION', 'TRANSACTIOM') }, certified))
})

test('a probe does not verify, the notification behind it does', { skip }, async () => {
  merchant.answer = (n) => (n === 1 ? 401 : 200)
  await turn('wechatpay.signtest', 'once')
  await pay(2)
  assert.match(merchant.seen[0].headers['wechatpay-signature'], /^WECHATPAY\/SIGNTEST\//)
  assert.ok(!genuine(merchant.seen[0], certified))
  assert.ok(genuine(merchant.seen[1], certified))
})

test('wrong amount and duplicate, when switched on', { skip }, async () => {
  merchant.answer = () => 200
  await turn('wechatpay.wrong_amount', 'once')
  await turn('wechatpay.duplicate', 'once')
  await pay(2)
  const totals = merchant.seen.map((one) => opened(one).amount.total).sort()
  assert.deepEqual(totals, [35000, 35001])
})

test('notifications come signed by either key once the certificate has been fetched', { skip }, async () => {
  merchant.answer = () => 200
  const serials = new Set()
  for (let i = 0; i < 30 && serials.size < 2; i++) {
    await pay(1)
    assert.ok(genuine(merchant.seen[0], certified))
    serials.add(merchant.seen[0].headers['wechatpay-serial'])
  }
  assert.deepEqual([...serials].sort(), [keyId, certified.serial].sort())
})

test('answers follow the serial that a request names', { skip }, async () => {
  const target = `/v3/pay/transactions/out-trade-no/NOSUCH03?mchid=${sandbox.wechatpay_mchid}`
  for (const [serial, key] of [[keyId, platform], [certified.serial, certified.key]]) {
    const answer = await send(target, signed('GET', target, '', serial)), body = await answer.text()
    assert.equal(answer.headers.get('wechatpay-serial'), serial)
    assert.ok(verified(answer.headers, body, key))
  }
  const wx = client({ [certified.serial]: certified.pem })
  const made = await wx.v3.pay.transactions.native.post(order(), { headers: { 'Wechatpay-Serial': certified.serial } })
  assert.match(made.data.code_url, /^weixin:/)
  await assert.rejects(client({ [keyId]: certified.pem }).v3.pay.transactions.native.post(order()), /Verify the response's data .* failed/)
})

const refund = (o, extra = {}, amount = {}) => client().v3.refund.domestic.refunds.post({
  out_trade_no: o.out_trade_no, out_refund_no: fresh('R'), reason: '重复付款', notify_url: merchant.url, ...extra,
  amount: { refund: 10000, total: 35000, currency: 'CNY', ...amount },
})
const refundOf = (no) => client().v3.refund.domestic.refunds._out_refund_no_.get({ out_refund_no: no })
const refused = async (promise) => {
  const { response } = await promise.then(() => assert.fail('it was taken'), (error) => error)
  return [response.status, response.data.code]
}

test('a refund is taken, reaches the payer, and is reported', { skip }, async () => {
  merchant.answer = () => 200
  const o = await pay(1), { data: taken } = await refund(o)
  assert.deepEqual([taken.status, taken.amount.refund, taken.amount.total, taken.out_trade_no], ['PROCESSING', 10000, 35000, o.out_trade_no])
  assert.equal((await query(o.out_trade_no)).data.trade_state, 'REFUND')
  const [notice] = await merchant.waitFor(1, 'REFUND.SUCCESS')
  assert.ok(genuine(notice, certified))
  assert.equal(JSON.parse(notice.body).event_type, 'REFUND.SUCCESS')
  const told = opened(notice)
  assert.deepEqual([told.refund_status, told.refund_id, told.mchid, told.amount.refund, told.appid], ['SUCCESS', taken.refund_id, sandbox.wechatpay_mchid, 10000, undefined])
  const { data: now } = await refundOf(taken.out_refund_no)
  assert.equal(now.status, 'SUCCESS')
  assert.equal(now.success_time, told.success_time)
})

test('a refund number counts once, and refunds never exceed the payment', { skip }, async () => {
  const o = await pay(1), out_refund_no = fresh('R')
  const [one, again] = [await refund(o, { out_refund_no }), await refund(o, { out_refund_no })]
  assert.equal(again.data.refund_id, one.data.refund_id)
  assert.deepEqual(await refused(refund(o, { out_refund_no }, { refund: 10001 })), [400, 'INVALID_REQUEST'])
  assert.deepEqual(await refused(refund(o, {}, { refund: 25001 })), [400, 'INVALID_REQUEST'])
  assert.deepEqual(await refused(refund(o, {}, { total: 34999 })), [400, 'INVALID_REQUEST'])
  await refund(o, {}, { refund: 25000 })
  assert.deepEqual(await refused(refund(o, {}, { refund: 1 })), [400, 'INVALID_REQUEST'])
})

test('refunds that are refused', { skip }, async () => {
  const o = await pay(1), unpaid = order()
  await client().v3.pay.transactions.native.post(unpaid)
  assert.deepEqual(await refused(refund(unpaid)), [404, 'RESOURCE_NOT_EXISTS'])
  assert.deepEqual(await refused(refund({ out_trade_no: 'NOSUCH04' })), [404, 'RESOURCE_NOT_EXISTS'])
  assert.deepEqual(await refused(refundOf('NOSUCH05')), [404, 'RESOURCE_NOT_EXISTS'])
  for (const bad of [{ out_refund_no: '' }, { out_refund_no: 'x'.repeat(65) }, { reason: '长'.repeat(81) }, { transaction_id: '42' }, { notify_url: 'http://a.example/' }])
    assert.deepEqual(await refused(refund(o, bad)), [400, 'PARAM_ERROR'], JSON.stringify(bad))
  for (const bad of [{ refund: 0 }, { refund: '1' }, { currency: undefined }])
    assert.deepEqual(await refused(refund(o, {}, bad)), [400, 'PARAM_ERROR'], JSON.stringify(bad))
  await turn('wechatpay.not_enough', 'once')
  assert.deepEqual(await refused(refund(o)), [403, 'NOT_ENOUGH'])
})

test('a refund that cannot reach the payer', { skip }, async () => {
  const o = await pay(1)
  await turn('wechatpay.refund_abnormal', 'once')
  const { data } = await refund(o), [notice] = await merchant.waitFor(1, 'REFUND.ABNORMAL')
  assert.equal(JSON.parse(notice.body).event_type, 'REFUND.ABNORMAL')
  assert.equal(opened(notice).refund_status, 'ABNORMAL')
  assert.equal((await refundOf(data.out_refund_no)).data.status, 'ABNORMAL')
})

test('taken, but the answer is an error, or none, or somebody else’s page', { skip }, async () => {
  const o = await pay(1), out_refund_no = fresh('R')
  await turn('wechatpay.error_after_taking', 'once')
  assert.deepEqual(await refused(refund(o, { out_refund_no })), [500, 'SYSTEM_ERROR'])
  assert.equal((await refundOf(out_refund_no)).data.amount.refund, 10000)
  const silent = order()
  await turn('wechatpay.timeout_after_taking', 'once')
  await assert.rejects(client().v3.pay.transactions.native.post(silent))
  assert.equal((await query(silent.out_trade_no)).data.trade_state, 'NOTPAY')
  await turn('wechatpay.text_instead', 'once')
  const target = `/v3/pay/transactions/out-trade-no/${silent.out_trade_no}?mchid=${sandbox.wechatpay_mchid}`
  const page = await send(target, signed('GET', target))
  assert.deepEqual([page.status, page.headers.get('wechatpay-signature')], [502, null])
})

test('the bill of today holds payments and refunds, and fits its digest', { skip }, async () => {
  const o = await pay(1), { data: back } = await refund(o), bill_date = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10)
  const { data } = await client().v3.bill.tradebill.get({ params: { bill_date, bill_type: 'ALL' } })
  assert.equal(data.hash_type, 'SHA1')
  const { pathname, search } = new URL(data.download_url), target = pathname + search
  assert.equal((await send(target, { headers: { 'User-Agent': 'interop' } })).status, 401)
  const answer = await send(target, signed('GET', target)), csv = Buffer.from(await answer.arrayBuffer())
  assert.equal(answer.headers.get('wechatpay-signature'), null)
  assert.equal(createHash('sha1').update(csv).digest('hex'), data.hash_value)
  const lines = csv.toString().replace(/^\ufeff/, '').trim().split('\r\n'), names = lines[0].split(',')
  const rows = lines.slice(1, -2).map((line) => Object.fromEntries(line.slice(1).split(',`').map((value, i) => [names[i], value])))
  const ours = rows.filter((row) => row.商户订单号 === o.out_trade_no)
  assert.deepEqual(ours.map((row) => [row.交易状态, row.订单金额, row.申请退款金额, row.商户退款单号]), [['SUCCESS', '350.00', '0.00', '0'], ['REFUND', '0.00', '100.00', back.out_refund_no]])
  assert.equal(lines.at(-1).slice(1).split(',`')[0], String(rows.length))
  const other = (day) => refused(client().v3.bill.tradebill.get({ params: { bill_date: day } }))
  assert.deepEqual(await other('2020-01-02'), [400, 'NO_STATEMENT_EXIST'])
  assert.deepEqual(await other('2999-01-01'), [400, 'PARAM_ERROR'])
  assert.deepEqual(await other('2020-02-30'), [400, 'PARAM_ERROR'])
})
