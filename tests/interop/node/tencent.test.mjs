// SPDX-License-Identifier: Apache-2.0
// Tencent Cloud's official SDK against the sandbox's three services, and our client against a verifier of its signature.
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { client } from './client.mjs'
import { api, file, fresh, sandbox, skip, turn } from './sandbox.mjs'

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
const RuleId = sandbox.tencent_faceid_rule
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
  const begun = await faceid.request('DetectAuth', { RuleId, IdCard: '11010519491231002X', Name: '张三', RedirectUrl: 'http://127.0.0.1:1/back#t', Extra: 'n' })
  const ask = () => faceid.request('GetDetectInfoEnhanced', { BizToken: begun.BizToken, RuleId, InfoType: '13' })
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

const paper = async (what) => Buffer.from(await (await fetch(`${sandbox.origin}/sandbox/api/papers/${what}`)).arrayBuffer()).toString('base64')
const unit = `unit_name=${encodeURIComponent('示范科技有限公司')}&unit_code=91440300MA5DA1234X&legal_name=${encodeURIComponent('张三')}&unit_address=${encodeURIComponent('深圳市示范路 1 号')}`

test('a business licence is read, as PNG and as the JPEG that a browser leaves alone', { skip }, async () => {
  const ocr = service(sandbox.tencent_ocr_url, '2018-11-19')
  for (const format of ['', '&format=jpeg']) {
    const image = await paper(`licence?${unit}${format}`), read = await ocr.request('BizLicenseOCR', { ImageBase64: image, EnableCopyWarn: true })
    assert.equal(Buffer.from(image, 'base64').subarray(0, 3).toString('hex'), format ? 'ffd8ff' : '89504e')
    assert.deepEqual([read.RegNum, read.Name, read.Person, read.Address, read.RecognizeWarnCode], ['91440300MA5DA1234X', '示范科技有限公司', '张三', '深圳市示范路 1 号', []])
    const ours = await client('tencent.licence', { image })
    assert.deepEqual([ours.outcome, ours.reg_num, ours.name, ours.person, ours.period, ours.warnings], ['accepted', '91440300MA5DA1234X', '示范科技有限公司', '张三', '2015年06月01日至长期', 0])
  }
  const card = await paper('idcard-front?format=jpeg')
  await assert.rejects(ocr.request('BizLicenseOCR', { ImageBase64: card }), { code: 'FailedOperation.OcrFailed' })
  await assert.rejects(ocr.request('BizLicenseOCR', {}), { code: 'FailedOperation.EmptyImageError' })
  await assert.rejects(ocr.request('BizLicenseOCR', { ImageBase64: card, CardSide: 'FRONT' }), { code: 'UnknownParameter' })
  assert.deepEqual(Object.values(await client('tencent.licence', { image: card })).slice(0, 2), ['refused', 'FailedOperation.OcrFailed'])
})

test('unknown action, version, parameter', { skip }, async () => {
  const faceid = service(sandbox.tencent_faceid_url, '2018-03-01')
  await assert.rejects(faceid.request('Nothing', {}), { code: 'InvalidAction' })
  await assert.rejects(faceid.request('SendSms', {}), { code: 'InvalidAction' })
  await assert.rejects(faceid.request('DetectAuth', { RuleId, Nonsense: 1 }), { code: 'UnknownParameter' })
  await assert.rejects(faceid.request('DetectAuth', {}), { code: 'MissingParameter' })
  await assert.rejects(service(sandbox.tencent_faceid_url, '2017-01-01').request('DetectAuth', { RuleId }), { code: 'NoSuchVersion' })
})

/** TC3 written anew from the vendor's description: the Authorization header of a request. */
function authorization({ type, host, service: name, body, timestamp }) {
  const sha = (text) => createHash('sha256').update(text).digest('hex')
  const hmac = (key, text) => createHmac('sha256', key).update(text).digest()
  const date = new Date(timestamp * 1000).toISOString().slice(0, 10)
  const canonical = `POST\n/\n\ncontent-type:${type}\nhost:${host}\n\ncontent-type;host\n${sha(body)}`
  const toSign = `TC3-HMAC-SHA256\n${timestamp}\n${date}/${name}/tc3_request\n${sha(canonical)}`
  const key = hmac(hmac(hmac(`TC3${file('tencent_secret_key')}`, date), name), 'tc3_request')
  return `TC3-HMAC-SHA256 Credential=${sandbox.tencent_secret_id}/${date}/${name}/tc3_request, SignedHeaders=content-type;host, Signature=${hmac(key, toSign).toString('hex')}`
}
/** Headers of a request, so that body and headers can be changed after signing. */
const signed = (body, timestamp = Math.floor(Date.now() / 1000)) => ({
  'Content-Type': 'application/json', 'X-TC-Action': 'SendSms', 'X-TC-Version': '2021-01-11', 'X-TC-Timestamp': String(timestamp), 'X-TC-Region': 'ap-guangzhou',
  Authorization: authorization({ type: 'application/json', host: new URL(sandbox.tencent_sms_url).host, service: 'sms', body, timestamp }),
})
const code = async (body, headers) => (await (await fetch(sandbox.tencent_sms_url, { method: 'POST', body, headers })).json()).Response.Error?.Code

test('one changed byte is refused, and an old time stamp', { skip }, async () => {
  const body = JSON.stringify(message(phone())), headers = signed(body), now = Math.floor(Date.now() / 1000)
  assert.equal(await code(body.replace('246810', '246811'), headers), 'AuthFailure.SignatureFailure')
  assert.equal(await code(body, { ...headers, 'X-TC-Timestamp': String(now - 1) }), 'AuthFailure.SignatureFailure')
  assert.equal(await code(body, signed(body, now - 400)), 'AuthFailure.SignatureExpire')
  assert.equal(await code(body, headers), undefined)
})

/** A server that keeps what comes and answers as it is told. */
async function listening(answer) {
  const seen = [], server = createServer((req, res) => {
    const parts = []
    req.on('data', (part) => parts.push(part)).on('end', () => {
      seen.push({ method: req.method, url: req.url, headers: req.headers, body: Buffer.concat(parts).toString() })
      const said = answer(seen)
      if (said === null) res.destroy()
      else res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(said))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { seen, url: `http://127.0.0.1:${server.address().port}`, end: () => { server.close(); server.closeAllConnections() } }
}
const response = (members) => ({ Response: { ...members, RequestId: 'r-1' } })

test('our client: signature, headers and body of SendSms', { skip }, async () => {
  const vendor = await listening(() => response({ SendStatusSet: [{ SerialNo: '2640:1', PhoneNumber: '+8613800138223', Code: 'Ok', Message: 'send success' }] }))
  const sent = await client('tencent.sms', { phone: '13800138223', session: 'm1' }, { tencent_sms_url: vendor.url })
  vendor.end()
  assert.deepEqual([sent.outcome, sent.serial, sent.request_id, vendor.seen.length], ['accepted', '2640:1', 'r-1', 1])
  const [{ method, url, headers: h, body }] = vendor.seen, timestamp = Number(h['x-tc-timestamp'])
  assert.deepEqual([method, url, h['x-tc-action'], h['x-tc-version'], h['x-tc-region'], h.host], ['POST', '/', 'SendSms', '2021-01-11', 'ap-guangzhou', new URL(vendor.url).host])
  assert.ok(Math.abs(timestamp - Date.now() / 1000) < 10)
  const right = (extra) => authorization({ type: h['content-type'], host: h.host, service: 'sms', body, timestamp, ...extra })
  assert.equal(h.authorization, right())
  for (const wrong of [{ body: `${body} ` }, { timestamp: timestamp + 1 }, { host: 'sms.example' }, { service: 'ocr' }, { type: 'application/json' }])
    assert.notEqual(h.authorization, right(wrong), JSON.stringify(wrong))
  assert.deepEqual(JSON.parse(body), { PhoneNumberSet: ['+8613800138223'], SmsSdkAppId: sandbox.tencent_sms_app, TemplateId: 'interop', SignName: '示范', TemplateParamSet: ['246810'], SessionContext: 'm1' })
})

test('our client: a message is sent once, a question is asked again', { skip }, async () => {
  const silent = await listening(() => null), busy = await listening((seen) => (seen.length < 3 ? response({ Error: { Code: 'InternalError', Message: 'm' } }) : response({ Result: '0', Description: '认证通过' })))
  const lost = await client('tencent.sms', {}, { tencent_sms_url: silent.url })
  assert.deepEqual([lost.outcome, silent.seen.length], ['unknown', 1])
  const asked = await client('tencent.phone', {}, { tencent_faceid_url: busy.url })
  assert.deepEqual([asked.outcome, asked.match, busy.seen.length], ['accepted', true, 3])
  busy.seen.forEach(({ headers: h, body }) => assert.equal(h.authorization, authorization({ type: h['content-type'], host: h.host, service: 'faceid', body, timestamp: Number(h['x-tc-timestamp']) })))
  silent.end()
  busy.end()
})

test('our client and the sandbox: sent, refused, another key', { skip }, async () => {
  await api('PUT', '/templates', { templates: [{ id: 'interop', text: '您的验证码是 {1}。' }] })
  const sent = await client('tencent.sms', { phone: phone() })
  assert.deepEqual([sent.outcome, /^2640:/.test(sent.serial)], ['accepted', true])
  assert.deepEqual(Object.values(await client('tencent.sms', { phone: '13800139999' })).slice(0, 2), ['refused', 'FailedOperation.PhoneNumberInBlacklist'])
  assert.equal((await client('tencent.phone', { phone: '13800130000' })).match, false)
  assert.equal((await client('tencent.phone', {}, { tencent_secret_id: 'AKIDother' })).code, 'AuthFailure.SecretIdNotFound')
})

test('delivery reports reach the registered address, again until they are taken', { skip }, async () => {
  const taken = { result: 0, errmsg: 'OK' }, hall = await listening((seen) => (seen.length === 1 ? null : taken))
  await api('PUT', '/sms-callback', { url: `${hall.url}/notify` })
  try {
    const serials = [], sms = (to) => client('tencent.sms', { phone: to, session: 'm2' }).then(({ serial }) => serials.push(serial))
    await sms('13800138223')
    await sms('13800139998')
    await turn('sms.report_fail', 'once')
    await sms('13800138224')
    for (let i = 0; i < 100 && hall.seen.length < 4; i++) await new Promise((done) => setTimeout(done, 100))
    const reports = hall.seen.flatMap(({ body }) => JSON.parse(body)), of = (serial) => reports.find((one) => one.sid === serial)
    assert.deepEqual(serials.map((serial) => of(serial).report_status), ['SUCCESS', 'FAIL', 'FAIL'])
    assert.deepEqual([of(serials[0]).mobile, of(serials[0]).nationcode, of(serials[0]).session_context, of(serials[0]).errmsg], ['13800138223', '86', 'm2', 'DELIVRD'])
    const read = await client('tencent.sms_reports', { body: hall.seen[0].body })
    assert.deepEqual([read.read, read.reports.length, Math.abs(read.reports[0].at - Date.now() / 1000) < 60], [true, 1, true])
    await assert.rejects(api('PUT', '/sms-callback', { url: 'https://elsewhere.example/' }))
  } finally {
    await api('PUT', '/sms-callback', {})
    hall.end()
  }
})
