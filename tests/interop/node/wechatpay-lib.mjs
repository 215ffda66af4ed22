// SPDX-License-Identifier: Apache-2.0
// What the tests of WeChat Pay share: other people's helpers, an order, a merchant who listens for notifications.
import assert from 'node:assert/strict'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { api, file, fresh, sandbox, skip } from './sandbox.mjs'

export const { Wechatpay, Rsa, Formatter, Aes } = createRequire(import.meta.url)('wechatpay-axios-plugin')
export const [keyId] = (sandbox.wechatpay_pubkeys ?? '=').split('=')
export const privateKey = skip ? '' : file('wechatpay_key')
export const platform = skip ? '' : file('wechatpay_pubkey')

export const client = (certs = { [keyId]: platform }) => new Wechatpay({
  mchid: sandbox.wechatpay_mchid, serial: sandbox.wechatpay_serial, privateKey, certs, baseURL: sandbox.wechatpay_url,
})
export const order = (extra = {}) => ({
  appid: sandbox.wechatpay_appid, mchid: sandbox.wechatpay_mchid, description: '数字证书 一年', out_trade_no: fresh('I'),
  notify_url: 'http://127.0.0.1:9/notify', amount: { total: 35000, currency: 'CNY' }, ...extra,
})
export const query = (no) => client().v3.pay.transactions.outTradeNo._out_trade_no_.get({ params: { mchid: sandbox.wechatpay_mchid }, out_trade_no: no })

/** A request signed with the SDK's own helpers, which a test may then change. */
export function signed(method, target, body = '', serial = '') {
  const timestamp = Formatter.timestamp(), nonce = Formatter.nonce()
  const signature = Rsa.sign(Formatter.request(method, target, timestamp, nonce, body), privateKey)
  return {
    method,
    body: body || undefined,
    headers: {
      'Content-Type': 'application/json', Accept: 'application/json', 'User-Agent': 'interop',
      Authorization: Formatter.authorization(sandbox.wechatpay_mchid, nonce, signature, timestamp, sandbox.wechatpay_serial),
      ...(serial ? { 'Wechatpay-Serial': serial } : {}),
    },
  }
}
export const send = (target, request) => fetch(sandbox.wechatpay_url + target, request)
export const verified = (h, body, key) =>
  Rsa.verify(Formatter.response(h.get('wechatpay-timestamp'), h.get('wechatpay-nonce'), body), h.get('wechatpay-signature'), key)

/** The platform certificate, as the SDK's own downloader would get it: serial and public key. */
export async function certificate() {
  const answer = await send('/v3/certificates', signed('GET', '/v3/certificates')), body = await answer.text()
  assert.equal(answer.status, 200, body)
  const [{ serial_no: serial, encrypt_certificate: encrypted }] = JSON.parse(body).data
  const pem = Aes.AesGcm.decrypt(encrypted.ciphertext, file('wechatpay_v3key'), encrypted.nonce, encrypted.associated_data)
  const key = createPublicKey(pem).export({ type: 'spki', format: 'pem' })
  assert.equal(new X509Certificate(pem).serialNumber, serial)
  assert.equal(answer.headers.get('wechatpay-serial'), serial)
  assert.ok(verified(answer.headers, body, key))
  assert.ok(!verified(answer.headers, body.replace('data', 'date'), key))
  return { serial, pem, key }
}

/** The merchant's side, which keeps what comes and answers as it is told. */
export class Merchant {
  seen = []
  answer = () => 200
  server = createServer((req, res) => {
    const parts = []
    req.on('data', (part) => parts.push(part)).on('end', () => {
      this.seen.push({ headers: req.headers, body: Buffer.concat(parts).toString() })
      res.writeHead(this.answer(this.seen.length)).end()
    })
  })

  async open() {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
  }
  get url() { return `http://127.0.0.1:${this.server.address().port}/notify` }
  close() { this.server.close(); this.server.closeAllConnections() }
  about(event) { return this.seen.filter((one) => JSON.parse(one.body).event_type.startsWith(event)) }
  async waitFor(n, event = '') {
    for (let i = 0; i < 200 && this.about(event).length < n; i++) await new Promise((done) => setTimeout(done, 100))
    assert.ok(this.about(event).length >= n, `${this.about(event).length} of ${n} notifications came`)
    return this.about(event)
  }
  /** A paid order of this merchant, with a notification that no other test has taken from `seen`. */
  async paid(extra = {}) {
    this.seen.length = 0
    const o = order({ notify_url: this.url, ...extra }), { data } = await client().v3.pay.transactions.native.post(o)
    const { state } = await api('POST', `/cashier/${data.code_url.split('pr=')[1]}/pay`)
    assert.equal(state, 'SUCCESS')
    return o
  }
}

/** Verifies with the key that the notification names, of either kind. */
export const genuine = ({ headers: h, body }, certified) => {
  const key = { [keyId]: platform, ...(certified ? { [certified.serial]: certified.key } : {}) }[h['wechatpay-serial']]
  assert.ok(key, `a key of serial ${h['wechatpay-serial']}`)
  return Rsa.verify(Formatter.response(h['wechatpay-timestamp'], h['wechatpay-nonce'], body), h['wechatpay-signature'], key)
}
export const opened = ({ body }) => {
  const { ciphertext, associated_data: aad, nonce } = JSON.parse(body).resource
  return JSON.parse(Aes.AesGcm.decrypt(ciphertext, file('wechatpay_v3key'), nonce, aad))
}
