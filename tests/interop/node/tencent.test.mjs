// SPDX-License-Identifier: Apache-2.0
// Tencent Cloud's official SDK against the sandbox's three services.
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { api, file, fresh, sandbox, skip } from './sandbox.mjs'

const require = createRequire(import.meta.url)
const { sms } = require('tencentcloud-sdk-nodejs-sms')
const { CommonClient } = require('tencentcloud-sdk-nodejs-common')

const options = (url, secretKey = file('tencent_secret_key')) => ({
  credential: { secretId: sandbox.tencent_secret_id, secretKey },
  region: 'ap-guangzhou',
  profile: { httpProfile: { protocol: 'http://', endpoint: new URL(url).host } },
})
const service = (url, version) => {
  const o = options(url)
  return new CommonClient(o.profile.httpProfile.endpoint, version, o)
}
const phone = () => `138${fresh('').slice(-7)}3`
const message = (to) => ({ PhoneNumberSet: [`+86${to}`], SmsSdkAppId: sandbox.tencent_sms_app, SignName: '示范', TemplateId: 'interop', TemplateParamSet: ['246810'] })

test('SendSms arrives in the inbox', { skip }, async () => {
  await api('PUT', '/templates', { templates: [{ id: 'interop', text: '您的验证码是 {1}。' }] })
  const to = phone(), sent = await new sms.v20210111.Client(options(sandbox.tencent_sms_url)).SendSms(message(to))
  assert.equal(sent.SendStatusSet[0].Code, 'Ok')
  const { messages } = await api('GET', `/inbox?phone=${to}`)
  assert.deepEqual(messages.map((m) => m.text), ['您的验证码是 246810。'])
})

test('a wrong secret key is refused', { skip }, async () => {
  const wrong = new sms.v20210111.Client(options(sandbox.tencent_sms_url, 'x'.repeat(32)))
  await assert.rejects(wrong.SendSms(message(phone())), { code: 'AuthFailure.SignatureFailure' })
})

test('liveness: begin, wait, pass', { skip }, async () => {
  const faceid = service(sandbox.tencent_faceid_url, '2018-03-01')
  const begun = await faceid.request('DetectAuth', { RuleId: '1', IdCard: '11010519491231002X', Name: '张三', RedirectUrl: 'http://127.0.0.1:1/back#t', Extra: 'n' })
  const ask = () => faceid.request('GetDetectInfoEnhanced', { BizToken: begun.BizToken, RuleId: '1', InfoType: '13' })
  assert.equal((await ask()).Text.ErrCode, null)
  const page = await (await fetch(`${begun.Url}/pass`, { method: 'POST' })).text()
  assert.match(page, /url=http:\/\/127\.0\.0\.1:1\/back\?BizToken=/)
  const { Text, BestFrame } = await ask()
  assert.deepEqual([Text.ErrCode, Text.Name, Text.IdCard, Text.Extra], [0, '张三', '11010519491231002X', 'n'])
  assert.ok(BestFrame.BestFrame.length > 1000)
})

test('phone check: match, mismatch, bad input', { skip }, async () => {
  const faceid = service(sandbox.tencent_faceid_url, '2018-03-01')
  const ask = (Phone) => faceid.request('PhoneVerification', { IdCard: '11010519491231002X', Name: '张三', Phone, VerifyMode: '1' })
  assert.equal((await ask('13800138222')).Result, '0')
  assert.deepEqual([(await ask('13800130000')).Result, (await ask('13800130000')).ResultDetail], ['-4', 'PhoneNameMismatch'])
  assert.equal((await ask('123')).Result, '-6')
})

test('text recognition reads the bytes it is sent', { skip }, async () => {
  const ocr = service(sandbox.tencent_ocr_url, '2018-11-19')
  const picture = Buffer.from(await (await fetch(`${sandbox.origin}/sandbox/api/papers/idcard-front?name=${encodeURIComponent('张三')}&id_no=11010519491231002X`)).arrayBuffer())
  const read = await ocr.request('IDCardOCR', { ImageBase64: picture.toString('base64'), CardSide: 'FRONT' })
  assert.deepEqual([read.Name, read.IdNum, read.Birth], ['张三', '11010519491231002X', '1949/12/31'])
  await assert.rejects(ocr.request('IDCardOCR', { ImageBase64: picture.toString('base64'), CardSide: 'BACK' }), { code: 'FailedOperation.CardSideError' })
  await assert.rejects(ocr.request('IDCardOCR', { ImageBase64: Buffer.from('x').toString('base64') }), { code: 'FailedOperation.ImageDecodeFailed' })
})

test('unknown action, version, parameter', { skip }, async () => {
  const faceid = service(sandbox.tencent_faceid_url, '2018-03-01')
  await assert.rejects(faceid.request('Nothing', {}), { code: 'InvalidAction' })
  await assert.rejects(faceid.request('SendSms', {}), { code: 'InvalidAction' })
  await assert.rejects(faceid.request('DetectAuth', { RuleId: '1', Nonsense: 1 }), { code: 'UnknownParameter' })
  await assert.rejects(faceid.request('DetectAuth', {}), { code: 'MissingParameter' })
  await assert.rejects(service(sandbox.tencent_faceid_url, '2017-01-01').request('DetectAuth', { RuleId: '1' }), { code: 'NoSuchVersion' })
})

/** TC3 written anew from the vendor's description, so that body and headers can be changed after signing. */
function signed(body, timestamp = Math.floor(Date.now() / 1000)) {
  const sha = (text) => createHash('sha256').update(text).digest('hex')
  const hmac = (key, text) => createHmac('sha256', key).update(text).digest()
  const date = new Date(timestamp * 1000).toISOString().slice(0, 10), host = new URL(sandbox.tencent_sms_url).host
  const canonical = `POST\n/\n\ncontent-type:application/json\nhost:${host}\n\ncontent-type;host\n${sha(body)}`
  const toSign = `TC3-HMAC-SHA256\n${timestamp}\n${date}/sms/tc3_request\n${sha(canonical)}`
  const key = hmac(hmac(hmac(`TC3${file('tencent_secret_key')}`, date), 'sms'), 'tc3_request')
  return {
    'Content-Type': 'application/json', 'X-TC-Action': 'SendSms', 'X-TC-Version': '2021-01-11', 'X-TC-Timestamp': String(timestamp), 'X-TC-Region': 'ap-guangzhou',
    Authorization: `TC3-HMAC-SHA256 Credential=${sandbox.tencent_secret_id}/${date}/sms/tc3_request, SignedHeaders=content-type;host, Signature=${hmac(key, toSign).toString('hex')}`,
  }
}
const code = async (body, headers) => (await (await fetch(sandbox.tencent_sms_url, { method: 'POST', body, headers })).json()).Response.Error?.Code

test('one changed byte is refused, and an old time stamp', { skip }, async () => {
  const body = JSON.stringify(message(phone())), headers = signed(body), now = Math.floor(Date.now() / 1000)
  assert.equal(await code(body.replace('246810', '246811'), headers), 'AuthFailure.SignatureFailure')
  assert.equal(await code(body, { ...headers, 'X-TC-Timestamp': String(now - 1) }), 'AuthFailure.SignatureFailure')
  assert.equal(await code(body, signed(body, now - 400)), 'AuthFailure.SignatureExpire')
  assert.equal(await code(body, headers), undefined)
})
