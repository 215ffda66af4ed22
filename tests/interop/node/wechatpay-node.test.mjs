// SPDX-License-Identifier: Apache-2.0
// A second library of other authors, wechatpay-node-v3, decrypts and verifies what the sandbox sends, and signs requests to it.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { file, sandbox, skip } from './sandbox.mjs'
import { certificate, keyId, Merchant, order, platform, privateKey } from './wechatpay-lib.mjs'

const Pay = createRequire(import.meta.url)('wechatpay-node-v3')
const pay = skip ? null : new Pay({
  appid: sandbox.wechatpay_appid, mchid: sandbox.wechatpay_mchid, serial_no: sandbox.wechatpay_serial,
  publicKey: Buffer.from(platform), privateKey: Buffer.from(privateKey), key: file('wechatpay_v3key'),
})
const merchant = new Merchant()
let certified
before(async () => {
  if (skip) return
  certified = await certificate()
  // The library keeps its keys in a map by serial number and has no function that adds a public key.
  Pay.certificates = { [keyId]: platform, [certified.serial]: certified.key }
  await merchant.open()
})
after(() => merchant.close())

test('buildAuthorization is accepted, and refused with one changed byte', { skip }, async () => {
  const target = '/v3/pay/transactions/native', o = order()
  const send = (body, authorization) => fetch(sandbox.wechatpay_url + target, {
    method: 'POST', body, headers: { 'Content-Type': 'application/json', 'User-Agent': 'interop', Authorization: authorization },
  })
  const authorization = (wanted) => pay.buildAuthorization('POST', target, wanted)
  const changed = await send(JSON.stringify(o).replace('35000', '35001'), authorization(o))
  assert.deepEqual([changed.status, (await changed.json()).code], [401, 'SIGN_ERROR'])
  const answer = await send(JSON.stringify(o), authorization(o)), h = answer.headers, body = await answer.text()
  assert.equal(answer.status, 200)
  const proof = { timestamp: h.get('wechatpay-timestamp'), nonce: h.get('wechatpay-nonce'), serial: h.get('wechatpay-serial'), signature: h.get('wechatpay-signature') }
  assert.equal(await pay.verifySign({ ...proof, body }), true)
  assert.equal(await pay.verifySign({ ...proof, body: body.replace('weixin', 'weixim') }), false)
})

test('decipher_gcm and verifySign read the notification', { skip }, async () => {
  const o = await merchant.paid(), [{ headers: h, body }] = await merchant.waitFor(1), { resource } = JSON.parse(body)
  const proof = { timestamp: h['wechatpay-timestamp'], nonce: h['wechatpay-nonce'], serial: h['wechatpay-serial'], signature: h['wechatpay-signature'] }
  assert.equal(await pay.verifySign({ ...proof, body }), true)
  assert.equal(await pay.verifySign({ ...proof, body: body.replace('TRANSACTION', 'TRANSACTIOM') }), false)
  const open = (r) => pay.decipher_gcm(r.ciphertext, r.associated_data, r.nonce, file('wechatpay_v3key'))
  const paid = open(resource)
  assert.deepEqual([paid.out_trade_no, paid.trade_state, paid.amount.total], [o.out_trade_no, 'SUCCESS', 35000])
  // The library does not check the tag (it never finishes the cipher), so a change only shows in the text.
  assert.notDeepEqual(open({ ...resource, nonce: `${resource.nonce.slice(0, -1)}#` }), paid)
})
