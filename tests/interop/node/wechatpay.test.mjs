// SPDX-License-Identifier: Apache-2.0
// wechatpay-axios-plugin, written by other people, against the sandbox: as client, and as reader of notifications.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { api, file, fresh, sandbox, skip, turn } from './sandbox.mjs'

const { Wechatpay, Rsa, Formatter, Aes } = createRequire(import.meta.url)('wechatpay-axios-plugin')
const [keyId] = (sandbox.wechatpay_pubkeys ?? '=').split('=')
const privateKey = skip ? '' : file('wechatpay_key')
const platform = skip ? '' : file('wechatpay_pubkey')

const client = () => new Wechatpay({
  mchid: sandbox.wechatpay_mchid, serial: sandbox.wechatpay_serial, privateKey, certs: { [keyId]: platform }, baseURL: sandbox.wechatpay_url,
})
const order = (extra = {}) => ({
  appid: sandbox.wechatpay_appid, mchid: sandbox.wechatpay_mchid, description: '数字证书 一年', out_trade_no: fresh('I'),
  notify_url: 'http://127.0.0.1:9/notify', amount: { total: 35000, currency: 'CNY' }, ...extra,
})
const query = (no) => client().v3.pay.transactions.outTradeNo._out_trade_no_.get({ params: { mchid: sandbox.wechatpay_mchid }, out_trade_no: no })

/** A request signed with the SDK's own helpers, which a test may then change. */
function signed(method, target, body) {
  const timestamp = Formatter.timestamp(), nonce = Formatter.nonce()
  const signature = Rsa.sign(Formatter.request(method, target, timestamp, nonce, body), privateKey)
  return {
    method,
    body: body || undefined,
    headers: {
      'Content-Type': 'application/json', Accept: 'application/json', 'User-Agent': 'interop',
      Authorization: Formatter.authorization(sandbox.wechatpay_mchid, nonce, signature, timestamp, sandbox.wechatpay_serial),
    },
  }
}
const send = (target, request) => fetch(sandbox.wechatpay_url + target, request)
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
  await turn('wechat.bad_signature', 'once')
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

/** The merchant's side: keeps what comes, answers as told. */
const seen = []
let answerWith = () => 200
const merchant = createServer((req, res) => {
  const parts = []
  req.on('data', (part) => parts.push(part)).on('end', () => {
    seen.push({ headers: req.headers, body: Buffer.concat(parts).toString() })
    res.writeHead(answerWith(seen.length)).end()
  })
})
before(() => skip || new Promise((done) => merchant.listen(0, '127.0.0.1', done)))
after(() => merchant.close())

const genuine = ({ headers: h, body }) =>
  Rsa.verify(Formatter.response(h['wechatpay-timestamp'], h['wechatpay-nonce'], body), h['wechatpay-signature'], platform)
const opened = ({ body }) => {
  const { ciphertext, associated_data: aad, nonce } = JSON.parse(body).resource
  return JSON.parse(Aes.AesGcm.decrypt(ciphertext, file('wechatpay_v3key'), nonce, aad))
}

async function pay(notices) {
  seen.length = 0
  const o = order({ notify_url: `http://127.0.0.1:${merchant.address().port}/notify` })
  const { data } = await client().v3.pay.transactions.native.post(o)
  const { state } = await api('POST', `/cashier/${data.code_url.split('pr=')[1]}/pay`)
  assert.equal(state, 'SUCCESS')
  for (let i = 0; i < 100 && seen.length < notices; i++) await new Promise((done) => setTimeout(done, 100))
  assert.ok(seen.length >= notices, `${seen.length} of ${notices} notifications came`)
  return o
}

test('a notification verifies, opens, and is repeated until taken', { skip }, async () => {
  answerWith = (n) => (n === 1 ? 500 : 204)
  const o = await pay(2)
  assert.ok(seen.every(genuine))
  assert.equal(JSON.parse(seen[0].body).id, JSON.parse(seen[1].body).id)
  const paid = opened(seen[0])
  assert.deepEqual([paid.out_trade_no, paid.trade_state, paid.amount.total], [o.out_trade_no, 'SUCCESS', 35000])
  assert.equal((await query(o.out_trade_no)).data.transaction_id, paid.transaction_id)
  assert.ok(!genuine({ ...seen[0], body: seen[0].body.replace('TRANSACTION', 'TRANSACTIOM') }))
})

test('a probe does not verify, the notification behind it does', { skip }, async () => {
  answerWith = (n) => (n === 1 ? 401 : 200)
  await turn('wechat.signtest', 'once')
  await pay(2)
  assert.match(seen[0].headers['wechatpay-signature'], /^WECHATPAY\/SIGNTEST\//)
  assert.ok(!genuine(seen[0]))
  assert.ok(genuine(seen[1]))
})

test('wrong amount and duplicate, when switched on', { skip }, async () => {
  answerWith = () => 200
  await turn('wechat.wrong_amount', 'once')
  await turn('wechat.duplicate', 'once')
  await pay(2)
  const totals = seen.map((one) => opened(one).amount.total).sort()
  assert.deepEqual(totals, [35000, 35001])
})
