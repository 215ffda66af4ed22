// SPDX-License-Identifier: Apache-2.0
// Alipay's official SDK against the sandbox's gateway and its notifications; our client against the sandbox, and against a
// gateway written here with node's own cryptography.
process.env.TZ = 'Asia/Shanghai' // the SDK writes the time stamp in the local time of its process
import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, createSign, createVerify, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { client } from './client.mjs'
import { api, file, flipped, fresh, sandbox, skip, turn } from './sandbox.mjs'

const { AlipaySdk } = createRequire(import.meta.url)('alipay-sdk')
const gateway = sandbox.alipay_url
const privateKey = skip ? '' : file('alipay_key'), alipayPublicKey = skip ? '' : file('alipay_pubkey')
const sdk = (settings = {}) => new AlipaySdk({ appId: sandbox.alipay_appid, privateKey, alipayPublicKey, gateway, keyType: 'PKCS8', ...settings })
const strict = { validateSign: true }
const exec = (method, bizContent, more = {}) => sdk().exec(method, { bizContent, ...more }, strict)
const order = (extra = {}) => ({ out_trade_no: fresh('A'), total_amount: '350.00', subject: '数字证书 一年', ...extra })
const codeOf = (precreated) => precreated.qrCode.split('/').pop()

/** The merchant's side, which keeps what comes and answers as it is told. */
const seen = []
let answerWith = () => 'success'
const merchant = createServer((req, res) => {
  const parts = []
  req.on('data', (part) => parts.push(part)).on('end', () => {
    seen.push(Buffer.concat(parts).toString())
    res.end(answerWith(seen.length))
  })
})
let merchantUrl
before(() => skip || new Promise((done) => merchant.listen(0, '127.0.0.1', () => {
  merchantUrl = `http://127.0.0.1:${merchant.address().port}/notify`
  done()
})))
after(() => merchant.close())
const fields = (body) => Object.fromEntries(new URLSearchParams(body))
async function came(n) {
  for (let i = 0; i < 150 && seen.length < n; i++) await new Promise((done) => setTimeout(done, 100))
  assert.ok(seen.length >= n, `${seen.length} of ${n} notifications came`)
}

/** A trade that was paid by scanning. */
async function paid(extra = {}, notices = 1) {
  seen.length = 0
  answerWith = extra.answerWith ?? (() => 'success')
  const o = order(extra.order)
  const made = await exec('alipay.trade.precreate', o, { notify_url: merchantUrl })
  assert.equal(made.code, '10000')
  assert.equal((await api('POST', `/cashier/${codeOf(made)}/pay`)).state, 'SUCCESS')
  if (notices) await came(notices)
  return o
}

test('precreate, scan, pay, query: accepted and believed', { skip }, async () => {
  const o = order(), made = await exec('alipay.trade.precreate', o)
  assert.deepEqual([made.code, made.outTradeNo], ['10000', o.out_trade_no])
  assert.match(made.qrCode, /^https:\/\/qr\.alipay\.com\/bax[0-9a-z]{21}$/)
  assert.equal((await exec('alipay.trade.query', { out_trade_no: o.out_trade_no })).subCode, 'ACQ.TRADE_NOT_EXIST')
  const scanned = await api('POST', '/scan', { text: made.qrCode })
  assert.deepEqual(scanned, { kind: 'alipay', url: `/sandbox/cashier/${codeOf(made)}`, pr: codeOf(made) })
  assert.deepEqual(await api('GET', `/cashier/${codeOf(made)}`).then(({ total, state, description }) => [total, state, description]), [35000, 'NOTPAY', o.subject])
  assert.equal((await exec('alipay.trade.query', { out_trade_no: o.out_trade_no })).tradeStatus, 'WAIT_BUYER_PAY')
  assert.equal((await api('POST', `/cashier/${codeOf(made)}/pay`)).state, 'SUCCESS')
  const read = await exec('alipay.trade.query', { out_trade_no: o.out_trade_no })
  assert.deepEqual([read.tradeStatus, read.totalAmount, read.tradeNo.length], ['TRADE_SUCCESS', '350.00', 28])
  assert.match(read.sendPayDate, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
})

test('close: before scanning, after, and twice', { skip }, async () => {
  const o = order(), close = () => exec('alipay.trade.close', { out_trade_no: o.out_trade_no })
  const made = await exec('alipay.trade.precreate', o)
  assert.equal((await close()).subCode, 'ACQ.TRADE_NOT_EXIST')
  await api('GET', `/cashier/${codeOf(made)}`)
  assert.equal((await close()).code, '10000')
  assert.equal((await close()).subCode, 'ACQ.TRADE_STATUS_ERROR')
  assert.equal((await exec('alipay.trade.query', { out_trade_no: o.out_trade_no })).tradeStatus, 'TRADE_CLOSED')
  assert.equal((await exec('alipay.trade.precreate', o)).subCode, 'ACQ.TRADE_HAS_CLOSE')
  assert.equal((await api('POST', `/cashier/${codeOf(made)}/pay`)).state, 'CLOSED')
})

test('refunds: in part, again, too much, the rest', { skip }, async () => {
  const { out_trade_no } = await paid({}, 0)
  const refund = (out_request_no, refund_amount) => exec('alipay.trade.refund', { out_trade_no, out_request_no, refund_amount, refund_reason: '申请退款' })
  const ask = (out_request_no) => exec('alipay.trade.fastpay.refund.query', { out_trade_no, out_request_no, query_options: ['gmt_refund_pay'] })
  const part = await refund('R1', '100.00'), again = await refund('R1', '100.00')
  assert.deepEqual([part.code, part.fundChange, part.refundFee], ['10000', 'Y', '100.00'])
  assert.deepEqual([again.code, again.fundChange, again.refundFee], ['10000', 'N', '100.00'])
  assert.equal((await refund('R1', '99.00')).subCode, 'ACQ.DISCORDANT_REPEAT_REQUEST')
  assert.equal((await refund('R2', '250.01')).subCode, 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL')
  assert.deepEqual(await ask('R2').then((a) => [a.code, a.refundStatus]), ['10000', undefined])
  assert.equal((await refund('R2', '250.00')).refundFee, '350.00')
  const done = await ask('R2')
  assert.deepEqual([done.refundStatus, done.refundAmount, done.totalAmount], ['REFUND_SUCCESS', '250.00', '350.00'])
  assert.match(done.gmtRefundPay, /^\d{4}-/)
  assert.equal((await exec('alipay.trade.query', { out_trade_no })).tradeStatus, 'TRADE_CLOSED')
  assert.equal((await exec('alipay.trade.refund', { out_trade_no: fresh('A'), out_request_no: 'R', refund_amount: '1.00' })).subCode, 'ACQ.TRADE_NOT_EXIST')
})

test('at the same moment: one payment, one refund for a number, never more than was paid', { skip }, async () => {
  seen.length = 0
  answerWith = () => 'success'
  const o = order(), made = await exec('alipay.trade.precreate', o, { notify_url: merchantUrl }), six = [1, 2, 3, 4, 5, 6]
  await Promise.all(six.map(() => api('POST', `/cashier/${codeOf(made)}/pay`)))
  const refund = (out_request_no, refund_amount) => exec('alipay.trade.refund', { out_trade_no: o.out_trade_no, out_request_no, refund_amount })
  const same = await Promise.all(six.map(() => refund('R1', '100.00')))
  assert.deepEqual(same.map((a) => a.fundChange).sort(), ['N', 'N', 'N', 'N', 'N', 'Y'])
  const many = await Promise.all(six.map((i) => refund(`Q${i}`, '100.00')))
  assert.deepEqual(many.map((a) => a.subCode ?? a.fundChange).sort(), [...Array(4).fill('ACQ.REFUND_AMT_NOT_EQUAL_TOTAL'), 'Y', 'Y'])
  await came(4)
  assert.deepEqual(seen.map((body) => fields(body).refund_fee ?? 'paid').sort(), ['100.00', '200.00', '300.00', 'paid'])
})

test('page.pay by GET and by POST leads to the cashier, and back with a signature that the SDK believes', { skip }, async () => {
  const biz = () => ({ ...order(), product_code: 'FAST_INSTANT_TRADE_PAY' })
  const o = biz(), url = sdk().pageExecute('alipay.trade.page.pay', 'GET', { bizContent: o, return_url: 'http://127.0.0.1:1/back?x=1', notify_url: merchantUrl })
  const led = await fetch(url, { redirect: 'manual' })
  assert.equal(led.status, 302)
  const cashier = new URL(led.headers.get('location'), gateway), page = await (await fetch(cashier)).text()
  assert.match(page, /确认付款/)
  assert.match(page, /350\.00/)
  assert.match(await (await fetch(`${cashier}/quit`, { method: 'POST' })).text(), /已放弃付款/)
  const back = (await (await fetch(`${cashier}/pay`, { method: 'POST' })).text()).match(/url=([^"]+)"/)[1].replaceAll('&amp;', '&')
  const told = fields(new URL(back).search)
  delete told.x // the merchant's own
  assert.ok(sdk().checkNotifySignV2(told))
  assert.ok(!sdk().checkNotifySignV2({ ...told, total_amount: '350.01' }))
  assert.deepEqual([told.out_trade_no, told.total_amount], [o.out_trade_no, '350.00'])

  const form = sdk().pageExecute('alipay.trade.page.pay', 'POST', { bizContent: biz(), return_url: 'http://127.0.0.1:1/back' })
  const text = (html) => html.replaceAll('&quot;', '"').replaceAll('&amp;', '&')
  const action = text(/action="([^"]+)"/.exec(form)[1]), hidden = Object.fromEntries([...form.matchAll(/name="(\w+)" value="([^"]+)"/g)].map(([, name, value]) => [name, text(value)]))
  const post = async (all) => (await fetch(action, { method: 'POST', body: new URLSearchParams(all), redirect: 'manual' })).headers.get('location')
  assert.match(await post(hidden), /^\/cashier\/bax/)
  assert.equal(await post({ ...hidden, biz_content: hidden.biz_content.replace('350.00', '0.01') }), '/cashier-error?code=isv.invalid-signature')
  assert.equal((await fetch(new URL('/cashier-error?code=isv.invalid-signature', gateway))).status, 400)
})

test('wap.pay leads a phone to the cashier, and back with a signature that the SDK believes', { skip }, async () => {
  const biz = { ...order(), product_code: 'QUICK_WAP_WAY', quit_url: 'http://127.0.0.1:1/quit' }
  const lead = async (bizContent) => (await fetch(sdk().pageExecute('alipay.trade.wap.pay', 'GET', { bizContent, return_url: 'http://127.0.0.1:1/back' }), { redirect: 'manual' })).headers.get('location')
  const cashier = new URL(await lead(biz), gateway)
  assert.match(await (await fetch(cashier)).text(), /确认付款/)
  const back = (await (await fetch(`${cashier}/pay`, { method: 'POST' })).text()).match(/url=([^"]+)"/)[1].replaceAll('&amp;', '&')
  const told = fields(new URL(back).search)
  assert.ok(sdk().checkNotifySignV2(told))
  assert.deepEqual([told.method, told.out_trade_no], ['alipay.trade.wap.pay.return', biz.out_trade_no])
  for (const bad of [{ product_code: 'FAST_INSTANT_TRADE_PAY' }, { quit_url: 'ftp://x' }])
    assert.equal(await lead({ ...biz, ...order(), ...bad }), '/cashier-error?code=ACQ.INVALID_PARAMETER', JSON.stringify(bad))
})

test('our client: the page of a phone', { skip }, async () => {
  const out_trade_no = fresh('C'), { url } = await client('alipay.wap', { out_trade_no, return_url: 'http://127.0.0.1:1/back' })
  const sent = fields(new URL(url).search)
  assert.deepEqual([sent.method, JSON.parse(sent.biz_content).product_code, JSON.parse(sent.biz_content).quit_url], ['alipay.trade.wap.pay', 'QUICK_WAP_WAY', 'http://127.0.0.1:1/back'])
  assert.match((await fetch(url, { redirect: 'manual' })).headers.get('location'), /^\/cashier\/bax/)
  assert.match((await fetch(url.replace('QUICK_WAP_WAY', 'QUICK_WAP_WAX'), { redirect: 'manual' })).headers.get('location'), /isv.invalid-signature/)
})

test('a wrong key, another app_id, an unknown method, a broken order', { skip }, async () => {
  const wrong = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
  assert.equal((await sdk({ privateKey: wrong }).exec('alipay.trade.precreate', { bizContent: order() }, strict)).subCode, 'isv.invalid-signature')
  await assert.rejects(sdk({ appId: '2021999999999999' }).exec('alipay.trade.query', { bizContent: { out_trade_no: 'x' } }, strict)) // answered without a signature
  assert.equal((await sdk({ appId: '2021999999999999' }).exec('alipay.trade.query', { bizContent: { out_trade_no: 'x' } })).subCode, 'isv.invalid-app-id')
  assert.equal((await sdk().exec('alipay.trade.nothing', { bizContent: {} })).subCode, 'isv.invalid-method')
  for (const bad of [{ total_amount: '0.00' }, { total_amount: '1.234' }, { subject: 'a/b' }, { out_trade_no: 'x-y' }, { time_expire: '2020-01-01 00:00:00' }])
    assert.equal((await exec('alipay.trade.precreate', order(bad))).subCode, 'ACQ.INVALID_PARAMETER', JSON.stringify(bad))
  const o = order()
  await exec('alipay.trade.precreate', o)
  assert.equal((await exec('alipay.trade.precreate', { ...o, total_amount: '350.01' })).subCode, 'ACQ.CONTEXT_INCONSISTENT')
})

/** A request written anew from the vendor's description, so that it can be changed after signing. */
const sorted = (all) => Object.keys(all).filter((k) => k !== 'sign' && all[k] !== '').sort().map((k) => `${k}=${all[k]}`).join('&')
const beijing = (ms = Date.now()) => new Date(ms + 8 * 3600e3).toISOString().slice(0, 19).replace('T', ' ')
const rsa = (text, key) => createSign('RSA-SHA256').update(text).sign(key, 'base64')
function signed(biz, more = {}) {
  const all = { app_id: sandbox.alipay_appid, method: 'alipay.trade.query', format: 'JSON', charset: 'utf-8', sign_type: 'RSA2', timestamp: beijing(), version: '1.0', biz_content: JSON.stringify(biz), ...more }
  return { ...all, sign: rsa(sorted(all), createPrivateKey(privateKey)) }
}
const send = async (all) => Object.values(await (await fetch(gateway, { method: 'POST', body: new URLSearchParams(all) })).json())[0].sub_code

test('every changed, old or missing parameter is refused', { skip }, async () => {
  const good = signed({ out_trade_no: 'A1' }), none = (all, key) => Object.fromEntries(Object.entries(all).filter(([k]) => k !== key))
  assert.equal(await send(good), 'ACQ.TRADE_NOT_EXIST')
  assert.equal(await send({ ...good, biz_content: '{"out_trade_no":"A2"}' }), 'isv.invalid-signature')
  assert.equal(await send({ ...good, sign: flipped(good.sign) }), 'isv.invalid-signature')
  assert.equal(await send({ ...good, notify_url: 'https://other.example/' }), 'isv.invalid-signature')
  assert.equal(await send(signed({ out_trade_no: 'A1' }, { timestamp: beijing(Date.now() - 700e3) })), 'isv.invalid-timestamp')
  assert.equal(await send(signed({ out_trade_no: 'A1' }, { timestamp: 'now' })), 'isv.invalid-timestamp')
  assert.equal(await send(signed({ out_trade_no: 'A1' }, { charset: 'gbk' })), 'isv.invalid-charset')
  assert.equal(await send(signed({ out_trade_no: 'A1' }, { format: 'XML' })), 'isv.invalid-format')
  assert.equal(await send(signed({ out_trade_no: 'A1' }, { sign_type: 'RSA' })), 'isv.invalid-signature-type')
  assert.equal(await send(signed({ out_trade_no: 'A1' }, { biz_content: '{' })), 'isv.invalid-parameter')
  const missing = { method: 'isv.missing-method', app_id: 'isv.missing-app-id', sign: 'isv.missing-signature', sign_type: 'isv.missing-signature-type', version: 'isv.missing-version', timestamp: 'isv.missing-timestamp' }
  for (const [key, word] of Object.entries(missing)) assert.equal(await send(none(good, key)), word)
})

test('moods: a wrong signature, a page instead, escapes, 20000 and silence after having taken', { skip }, async () => {
  const o = order()
  await turn('alipay.bad_signature', 'once')
  await assert.rejects(exec('alipay.trade.precreate', o), /验签失败/)
  await turn('alipay.text_instead', 'once')
  await assert.rejects(exec('alipay.trade.precreate', o))
  await turn('alipay.error_after_taking', 'once')
  assert.equal((await exec('alipay.trade.precreate', o)).code, '20000')
  await turn('alipay.timeout_after_taking', 'always') // the SDK's HTTP client asks again by itself when a connection ends
  await assert.rejects(exec('alipay.trade.precreate', o))
  await turn('alipay.timeout_after_taking', 'off')
  await turn('alipay.escapes', 'once')
  const answer = await fetch(gateway, { method: 'POST', body: new URLSearchParams(signed(o, { method: 'alipay.trade.precreate' })) }), text = await answer.text()
  assert.ok(text.includes('https:\\/\\/qr.alipay.com') && text.includes('\\u652f付宝'))
  const node = text.slice(text.indexOf(':') + 1, text.lastIndexOf(',"sign"'))
  assert.ok(createVerify('RSA-SHA256').update(node).verify(createPublicKey(alipayPublicKey), JSON.parse(text).sign, 'base64'))
})

test('a payment’s notification is believed by the SDK, and repeated until the answer is success', { skip }, async () => {
  const o = await paid({ answerWith: (n) => (n === 1 ? 'success ' : n === 2 ? '<p>success</p>' : 'success'), order: { subject: '100% 数字证书+1 一年' } }, 3)
  const all = seen.map(fields)
  assert.ok(all.every((one) => sdk().checkNotifySignV2(one)))
  assert.equal(new Set(all.map((one) => one.notify_id)).size, 1)
  assert.deepEqual([all[0].out_trade_no, all[0].trade_status, all[0].total_amount, all[0].seller_id, all[0].refund_fee, all[0].subject],
    [o.out_trade_no, 'TRADE_SUCCESS', '350.00', sandbox.alipay_seller, undefined, '100% 数字证书+1 一年'])
  assert.ok(!sdk().checkNotifySignV2({ ...all[0], total_amount: '350.01' }))
  assert.ok(!sdk().checkNotifySignV2({ ...all[0], sign: flipped(all[0].sign) }))
})

test('refunds are reported to the same address; wrong amount, duplicate and late when switched on', { skip }, async () => {
  await turn('alipay.wrong_amount', 'once')
  await turn('alipay.duplicate', 'once')
  const { out_trade_no } = await paid({}, 2)
  assert.deepEqual(seen.map((body) => fields(body).total_amount).sort(), ['350.00', '350.01'])
  assert.equal(new Set(seen.map((body) => fields(body).notify_id)).size, 2)
  seen.length = 0
  await exec('alipay.trade.refund', { out_trade_no, out_request_no: 'R1', refund_amount: '100.00' })
  await came(1)
  await turn('alipay.late', 'once')
  await exec('alipay.trade.refund', { out_trade_no, out_request_no: 'R2', refund_amount: '250.00' })
  await came(2)
  const [part, rest] = seen.map(fields)
  assert.ok(sdk().checkNotifySignV2(part) && sdk().checkNotifySignV2(rest))
  assert.deepEqual([part.out_biz_no, part.refund_fee, part.trade_status], ['R1', '100.00', 'TRADE_SUCCESS'])
  assert.deepEqual([rest.out_biz_no, rest.refund_fee, rest.trade_status], ['R2', '350.00', 'TRADE_CLOSED'])
  assert.match(rest.gmt_refund, /\.\d{3}$/)
})

// --- our client ---

test('our client: page, precreate, query, close, refund against the sandbox', { skip }, async () => {
  const out_trade_no = fresh('C'), { url } = await client('alipay.page', { out_trade_no, return_url: 'http://127.0.0.1:1/back', expires: Math.floor(Date.now() / 1000) + 3600 })
  assert.equal((await client('alipay.query', { out_trade_no })).code, 'ACQ.TRADE_NOT_EXIST')
  const led = await fetch(url, { redirect: 'manual' }), cashier = new URL(led.headers.get('location'), gateway)
  await (await fetch(cashier)).text()
  assert.equal((await client('alipay.query', { out_trade_no })).state, 'waiting')
  await (await fetch(`${cashier}/pay`, { method: 'POST' })).text()
  const read = await client('alipay.query', { out_trade_no })
  assert.deepEqual([read.outcome, read.state, read.total_fen, Math.abs(read.success_time - Date.now() / 1000) < 60], ['accepted', 'success', 35000, true])
  assert.ok(read.request_id)
  assert.equal((await client('alipay.close', { out_trade_no })).code, 'ACQ.TRADE_STATUS_ERROR')
  const refund = (out_request_no, amount_fen) => client('alipay.refund', { out_trade_no, out_request_no, amount_fen, reason: '申请退款' })
  const pick = ({ outcome, moved, refunded_fen }) => [outcome, moved, refunded_fen]
  assert.deepEqual(pick(await refund('R1', 10000)), ['accepted', true, 10000])
  assert.deepEqual(pick(await refund('R1', 10000)), ['accepted', false, 10000])
  await turn('alipay.no_balance', 'once')
  assert.deepEqual(await refund('R2', 25000).then((a) => [a.outcome, a.code]), ['refused', 'ACQ.SELLER_BALANCE_NOT_ENOUGH'])
  await turn('alipay.error_after_taking', 'once')
  assert.deepEqual(await refund('R2', 25000).then((a) => [a.outcome, a.code]), ['unknown', 'isp.unknow-error'])
  assert.deepEqual(pick(await refund('R2', 25000)), ['accepted', false, 35000])
  const asked = await client('alipay.refund_query', { out_trade_no, out_request_no: 'R2' })
  assert.deepEqual([asked.done, asked.amount_fen, asked.at > 0], [true, 25000, true])
  assert.equal((await client('alipay.refund_query', { out_trade_no, out_request_no: 'R3' })).done, false)
  const last = await client('alipay.query', { out_trade_no })
  assert.deepEqual([last.state, last.success_time > 0], ['closed', true])
})

test('our client: the moods of the sandbox are unknown, never taken for an answer', { skip }, async () => {
  const out_trade_no = fresh('C'), ask = () => client('alipay.precreate', { out_trade_no })
  assert.equal((await ask()).outcome, 'accepted')
  await turn('alipay.escapes', 'once')
  assert.match((await ask()).qr_code, /^https:\/\/qr\.alipay\.com\/bax/)
  for (const mood of ['alipay.bad_signature', 'alipay.text_instead']) {
    await turn(mood, 'always')
    const said = await ask()
    await turn(mood, 'off')
    assert.deepEqual([said.outcome, said.code], ['unknown', 'bad_answer'], mood)
  }
  await turn('alipay.timeout_after_taking', 'always')
  const said = await ask()
  await turn('alipay.timeout_after_taking', 'off')
  assert.deepEqual([said.outcome, said.code], ['unknown', 'no_answer'])
})

test('our client: the bill of the day holds the payment and its refund; a day without trades is empty', { skip }, async () => {
  const { out_trade_no } = await paid({}, 0)
  await exec('alipay.trade.refund', { out_trade_no, out_request_no: 'R1', refund_amount: '100.00' })
  const bill = await client('alipay.bill', { day: beijing().slice(0, 10) }), rows = bill.rows.filter((row) => row.out_trade_no === out_trade_no)
  assert.equal(bill.outcome, 'accepted')
  assert.deepEqual(rows.map(({ kind, out_refund_no, amount_fen }) => [kind, out_refund_no, amount_fen]), [['payment', '', 35000], ['refund', 'R1', 10000]])
  assert.equal(rows[0].vendor_no, (await exec('alipay.trade.query', { out_trade_no })).tradeNo)
  assert.ok(rows.every((row) => Math.abs(row.at - Date.now() / 1000) < 120))
  const empty = await client('alipay.bill', { day: '2020-01-01' })
  assert.deepEqual([empty.outcome, empty.rows], ['accepted', []])
  assert.equal((await client('alipay.bill', { day: 'yesterday' })).outcome, 'refused')
})

test('our client: notifications of a payment and of a refund', { skip }, async () => {
  const { out_trade_no } = await paid()
  await exec('alipay.trade.refund', { out_trade_no, out_request_no: 'R1', refund_amount: '100.00' })
  await came(2)
  const [payment, refund] = await Promise.all(seen.slice(0, 2).map((body) => client('alipay.notice', { body })))
  assert.deepEqual([payment.event, payment.out_trade_no, payment.total_fen, payment.refunded_fen], ['paid', out_trade_no, 35000, -1])
  assert.deepEqual([refund.event, refund.out_trade_no, refund.refunded_fen, refund.out_biz_no], ['refund', out_trade_no, 10000, 'R1'])
  const changed = await client('alipay.notice', { body: seen[0].replace('350.00', '350.01') })
  assert.deepEqual([changed.outcome, changed.detail], ['not set up', 'alipay: wrong signature'])
})

/** A gateway of the test's own: checks by node:crypto what our client sends, answers as `reply` says. */
const pair = skip ? null : generateKeyPairSync('rsa', { modulusLength: 2048 })
const folder = mkdtempSync(join(tmpdir(), 'alipay-'))
let requests = [], reply
const verifier = createServer((req, res) => {
  const parts = []
  req.on('data', (part) => parts.push(part)).on('end', () => {
    const all = { ...fields(new URL(req.url, gateway).search), ...fields(Buffer.concat(parts).toString()) }
    const ours = createPublicKey(createPrivateKey(privateKey)), verify = (what) => createVerify('RSA-SHA256').update(sorted(what)).verify(ours, all.sign, 'base64')
    requests.push({ type: req.headers['content-type'], query: fields(new URL(req.url, gateway).search), all, genuine: verify(all), changed: verify({ ...all, biz_content: `${all.biz_content} ` }) })
    res.end(reply(all))
  })
})
let settings
before(() => skip || new Promise((done) => verifier.listen(0, '127.0.0.1', () => {
  writeFileSync(join(folder, 'platform.pub'), pair.publicKey.export({ type: 'spki', format: 'pem' }))
  settings = { alipay_url: `http://127.0.0.1:${verifier.address().port}/gateway.do`, alipay_pubkey: join(folder, 'platform.pub') }
  done()
})))
after(() => { verifier.close(); rmSync(folder, { recursive: true }) })
const answered = (node, change = (text) => text) => change(`{"alipay_trade_refund_response":${node},"sign":"${rsa(node, pair.privateKey)}"}`)

test('our client before a verifier that is not ours: what it sends, and one changed byte of the answer', { skip }, async () => {
  const input = { out_trade_no: 'T20260101', out_request_no: 'R1', amount_fen: 12345, reason: '退款 100% & 1+1' }
  const node = '{"code":"10000","msg":"Success","out_trade_no":"T20260101","trade_no":"2026","fund_change":"Y","refund_fee":"123.45","store_name":"\\u652f付宝 a\\/b }"}'
  reply = () => answered(node)
  requests = []
  const said = await client('alipay.refund', input, settings)
  assert.deepEqual([said.outcome, said.moved, said.refunded_fen], ['accepted', true, 12345])
  const [one] = requests
  assert.deepEqual([one.genuine, one.changed], [true, false])
  assert.deepEqual(JSON.parse(one.all.biz_content), { out_trade_no: 'T20260101', out_request_no: 'R1', refund_amount: '123.45', refund_reason: '退款 100% & 1+1' })
  assert.deepEqual([one.all.app_id, one.all.charset, one.all.sign_type, one.all.version, one.query.method], [sandbox.alipay_appid, 'utf-8', 'RSA2', '1.0', 'alipay.trade.refund'])
  assert.match(one.type, /^application\/x-www-form-urlencoded/)
  assert.ok(Math.abs(Date.parse(`${one.all.timestamp.replace(' ', 'T')}+08:00`) - Date.now()) < 60e3)

  const refusals = {
    'one byte of the node': (text) => text.replace('123.45', '123.46'),
    'one byte of the signature': (text) => text.replace(/"sign":"(.*)"/, (_, sign) => `"sign":"${flipped(sign)}"`),
    'an escape undone': (text) => text.replace('\\/', '/'),
    'no signature': (text) => text.replace(/,"sign".*/, '}'),
  }
  for (const [what, change] of Object.entries(refusals)) {
    requests = []
    reply = () => answered(node, change)
    const { outcome, code } = await client('alipay.refund', input, settings)
    assert.deepEqual([outcome, code], ['unknown', 'bad_answer'], what)
    assert.equal(requests.length, 1, 'money is tried once')
  }
  reply = () => answered(node.replace('T20260101', 'T20260102'))
  assert.equal((await client('alipay.refund', input, settings)).code, 'bad_answer')
})
