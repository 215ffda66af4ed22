// SPDX-License-Identifier: Apache-2.0
// The page that checks signatures, with seals that the hall made and documents sealed here with the holder's own key file, valid ones
// and every kind of invalid one.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { inbox, sql } from '../../../tests/lib/hall.mjs'
import { withSeal } from '../../../tests/lib/seal.mjs'
import { request } from '../../../tests/http/lib.mjs'

const ID = '1234567812345678'
const folder = mkdtempSync(join(tmpdir(), 'verify-seal-'))
const file = (name) => join(folder, name)
const document = Buffer.from('采购合同\n甲方：某公司\n')
let one, other // two holders: one whose seal stays, one who loses it

async function check(...files) {
  const query = files.length > 1 ? `?first=${files[0].length}` : ''
  const res = await request('POST', `/verify/api/check${query}`, { body: Buffer.concat(files), headers: { 'content-type': 'application/octet-stream' } })
  assert.equal(res.status, 200, res.text)
  return res.json
}
const finding = (report, what, at = 0) => report.signatures[at].findings.find((f) => f.check === what)
/** [verdict, words] of a finding, the words against a pattern. */
function told(report, at, what, verdict, words) {
  const f = finding(report, what, at)
  assert.equal(f?.verdict, verdict, JSON.stringify(report.signatures[at], null, 1))
  assert.match(f.text, words)
}
const changed = (bytes, at) => Buffer.concat([bytes.subarray(0, at), Buffer.from([bytes[at] ^ 1]), bytes.subarray(at + 1)])

// ---- a use of a seal: SES_Signature of GB/T 38540, written here ----

function der(tag, ...parts) {
  const content = Buffer.concat(parts)
  const size = content.length.toString(16)
  const long = Buffer.from(size.padStart(size.length + (size.length % 2), '0'), 'hex')
  return Buffer.concat([Buffer.from(content.length < 128 ? [tag, content.length] : [tag, 0x80 | long.length, ...long]), content])
}
const bits = (bytes) => der(0x03, Buffer.from([0]), bytes)
const moment = (at) => der(0x18, Buffer.from(`${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`))
const SM2_WITH_SM3 = Buffer.from('06082a811ccf55018375', 'hex')
const sm3 = (bytes) => createHash('sm3').update(bytes).digest()

/** Signs with the command line of OpenSSL, and so without the hall's code. */
function sign(holder, tbs, id) {
  writeFileSync(file('tbs'), tbs)
  execFileSync('openssl', ['pkeyutl', '-sign', '-inkey', holder.key, '-rawin', '-digest', 'sm3', '-in', file('tbs'), '-pkeyopt', `distid:${id}`, '-out', file('sig')], { stdio: 'pipe' })
  return readFileSync(file('sig'))
}
function use(holder, { seal = holder.der, of = document, at = new Date(), id = ID, by = holder } = {}) {
  const tbs = der(0x30, Buffer.from([2, 1, 4]), seal, moment(at), bits(sm3(of)), der(0x16, Buffer.from('/Doc_0/Signs/Sign_0/Signature.xml')))
  return der(0x30, tbs, der(0x04, by.cert), SM2_WITH_SM3, bits(sign(by, tbs, id)))
}

/** A holder with a seal, and the private key of the key file. */
async function holder() {
  const made = await withSeal('jieyang', 'natural', { seal: true })
  const pin = (await inbox(made.p.mobile, /PIN 码为/)).text.match(/PIN 码为 ([2-9A-Z]{12})/)[1]
  const res = await made.producer.fetch('GET', `/desk/api/produce/orders/${made.a.order.id}/certificate.p12`)
  assert.equal(res.status, 200)
  const p12 = file(`${made.a.order.id}.p12`), key = file(`${made.a.order.id}.key`)
  writeFileSync(p12, Buffer.from(await res.arrayBuffer()))
  execFileSync('openssl', ['pkcs12', '-in', p12, '-passin', 'env:PIN', '-nodes', '-nocerts', '-out', key], { stdio: 'pipe', env: { ...process.env, PIN: pin } })
  const cert = Buffer.from(sql(`SELECT encode(certificate, 'hex') FROM hall.certificate WHERE order_id = '${made.a.order.id}'`), 'hex')
  return { ...made, key, cert }
}

before(async () => {
  one = await holder()
  other = await holder()
})

test('a seal as the hall made it', async () => {
  const report = await check(one.der)
  assert.deepEqual([report.verdict, report.kind, report.signatures.length], ['valid', 'seal', 1], JSON.stringify(report, null, 1))
  const [s] = report.signatures
  assert.equal(s.headline, '印章有效')
  told(report, 0, 'content', 'valid', /自制作以来没有改动/)
  told(report, 0, 'seal', 'valid', /由本机构制作并备案，没有注销/)
  assert.deepEqual([s.seal.id, s.seal.name, s.seal.type, s.seal.version, s.seal.width, s.seal.height],
    [one.state.seal.es_id, one.p.name, 'person', 4, 20, 20])
  assert.match(s.seal.picture, /^data:image\/(png|svg\+xml);base64,/)
})

test('one changed byte anywhere in it: never valid', async () => {
  let read = 0
  for (let at = 0; at < one.der.length; at += 401) {
    const res = await request('POST', '/verify/api/check', { body: changed(one.der, at), headers: { 'content-type': 'application/octet-stream' } })
    if (res.status === 422) continue
    assert.equal(res.status, 200, `byte ${at}`)
    assert.notEqual(res.json.verdict, 'valid', `byte ${at}`)
    read++
  }
  assert.ok(read > 0)
  const report = await check(changed(one.der, one.der.indexOf('PNG') + 2000))
  assert.equal(report.verdict, 'invalid')
  told(report, 0, 'content', 'invalid', /制章者签名无效/)
  told(report, 0, 'seal', 'invalid', /内容与本机构制作的印章不同/)
})

test('a cut off one: a sentence', async () => {
  for (const n of [one.der.length - 1, 100]) {
    const res = await request('POST', '/verify/api/check', { body: one.der.subarray(0, n), headers: { 'content-type': 'application/octet-stream' } })
    assert.equal(res.status, 422)
    assert.match(res.json.detail, /没有在文件里找到签名/)
  }
})

test('a use of it with its document, in either order', async () => {
  const made = use(one)
  for (const files of [[made, document], [document, made]]) {
    const report = await check(...files)
    assert.deepEqual([report.verdict, report.kind], ['valid', 'seal_use'], JSON.stringify(report, null, 1))
    assert.deepEqual(report.signatures.map((s) => s.headline), ['签名有效', '印章有效'])
    assert.equal(report.signatures[0].certificate.serial, one.a.order.certificate.serial)
    assert.equal(report.signatures[1].seal.id, one.state.seal.es_id)
  }
})

test('another document, none, and a changed use', async () => {
  const made = use(one)
  const swapped = await check(made, Buffer.from('采购合同\n乙方：某公司\n'))
  assert.equal(swapped.verdict, 'invalid')
  told(swapped, 0, 'content', 'invalid', /不是这份文件/)
  const missing = await check(made)
  assert.equal(missing.verdict, 'unsure')
  assert.ok(missing.signatures[0].findings.some((f) => f.verdict === 'unsure' && /没有选择盖章的原文件/.test(f.text) && /原文件/.test(f.advice)))
  const spoilt = await check(changed(made, made.length - 3), document)
  assert.equal(spoilt.verdict, 'invalid')
  told(spoilt, 0, 'content', 'invalid', /签章签名无效/)
})

test('a use under another SM2 id, by somebody whose seal it is not, and of a changed seal', async () => {
  for (const [made, words] of [[use(one, { id: '1234567812345679' }), /签章签名无效/], [use(one, { by: other }), /不在印章的使用者之列/],
    [use(one, { seal: changed(one.der, one.der.indexOf('PNG') + 2000) }), /制章者签名无效/]]) {
    const report = await check(made, document)
    assert.equal(report.verdict, 'invalid')
    told(report, 0, 'content', 'invalid', words)
  }
})

test('a use before the seal was made, and one in the future', async () => {
  const early = await check(use(one, { at: new Date(Date.now() - 86400e3) }), document)
  assert.equal(early.verdict, 'invalid')
  told(early, 0, 'content', 'invalid', /时间或有效期不合理/)
  const late = await check(use(one, { at: new Date(Date.now() + 86400e3) }), document)
  assert.equal(late.verdict, 'invalid')
  told(late, 0, 'time', 'invalid', /在将来/)
})

test('while its certificate is on hold, and again afterwards', async () => {
  const made = use(other)
  const becomes = (state) => sql(`UPDATE hall.certificate SET state = '${state}' WHERE order_id = '${other.a.order.id}'`)
  becomes('hold')
  const held = await check(other.der)
  assert.equal(held.verdict, 'limited')
  told(held, 0, 'seal', 'limited', /证书目前暂停使用/)
  told(await check(use(other, { at: new Date(Date.now() + 2000) }), document), 0, 'revocation', 'invalid', /暂停使用/)
  becomes('valid')
  assert.equal((await check(other.der)).verdict, 'valid')
  assert.equal((await check(made, document)).verdict, 'valid')
})

test('after staff withdrew it', async () => {
  const made = use(one)
  assert.equal((await check(made, document)).verdict, 'valid')
  await one.review.signed(`/desk/api/registry/seals/${one.state.seal.id}/withdraw`, { reason: '不再使用' })
  const report = await check(one.der)
  assert.deepEqual([report.verdict, report.signatures[0].headline], ['invalid', '印章无效'])
  told(report, 0, 'content', 'valid', /没有改动/)
  told(report, 0, 'seal', 'invalid', /已经注销/)
  const used = await check(use(one), document)
  assert.equal(used.verdict, 'invalid')
  told(used, 0, 'content', 'valid', /没有改动/)
  told(used, 0, 'revocation', 'valid', /没有被吊销/)
  told(used, 1, 'seal', 'invalid', /已经注销/)
})

test('after its certificate was revoked', async () => {
  sql(`UPDATE hall.certificate SET state = 'revoked', reason = 'key_compromise' WHERE order_id = '${other.a.order.id}'`)
  const report = await check(other.der)
  assert.equal(report.verdict, 'invalid')
  told(report, 0, 'seal', 'invalid', /已经注销/)
  const used = await check(use(other), document)
  assert.equal(used.verdict, 'invalid')
  told(used, 0, 'revocation', 'invalid', /私钥可能泄露，已于 .* 吊销/)
  told(used, 1, 'seal', 'invalid', /已经注销/)
})

test('a seal that no record knows', async () => {
  sql(`UPDATE hall.seal SET es_id = translate(es_id, '0123456789', '1234567890') WHERE id = '${one.state.seal.id}'`)
  const report = await check(one.der)
  sql(`UPDATE hall.seal SET es_id = '${one.state.seal.es_id}' WHERE id = '${one.state.seal.id}'`)
  assert.equal(report.verdict, 'invalid')
  told(report, 0, 'seal', 'invalid', /记录里没有这枚印章/)
})
