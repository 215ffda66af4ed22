// SPDX-License-Identifier: Apache-2.0
// The page that checks signatures, over HTTP: signatures made by BouncyCastle and by OpenSSL with certificates of this hall, valid
// ones and every kind of invalid one.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { folder, java, setState, subscriber } from '../../../tests/lib/authority.mjs'
import { sql } from '../../../tests/lib/hall.mjs'
import { request } from '../../../tests/http/lib.mjs'

const PIN = 'test-authority'
const text = Buffer.from('采购合同\n甲方：某公司\n')
const file = (name) => join(folder, name)
const write = (name, bytes) => (writeFileSync(file(name), bytes), file(name))
const openssl = (...args) => execFileSync('openssl', args, { stdio: 'pipe' })
const people = {}

/** Signs with BouncyCastle, with a key file and its password. */
function sign({ p12, pin }, options = [], content = text) {
  process.env.PIN = pin
  const made = java('Cms', 'sign', p12, write('content', content), file('out.p7s'), ...options)
  assert.ok(made.ok, made.out)
  return readFileSync(file('out.p7s'))
}

async function send(...files) {
  const query = files.length > 1 ? `?first=${files[0].length}` : ''
  return request('POST', `/verify/api/check${query}`, { body: Buffer.concat(files), headers: { 'content-type': 'application/octet-stream' } })
}
async function check(...files) {
  const res = await send(...files)
  assert.equal(res.status, 200, res.text)
  return res.json
}
const finding = (report, what, at = 0) => report.signatures[at].findings.find((f) => f.check === what)
const changed = (bytes, at) => Buffer.concat([bytes.subarray(0, at), Buffer.from([bytes[at] ^ 1]), bytes.subarray(at + 1)])

const NAME = `t${Date.now().toString(36)}` // the CA that this file brings along, one of "others"
const hex = (name) => `'\\x${readFileSync(file(name)).toString('hex')}'`

before(async () => {
  process.env.PIN = PIN
  const made = java('Cms', 'authority', folder, NAME)
  assert.ok(made.ok, made.out)
  const row = (role, name) => `('${NAME}', '${role}', '00', '${name}', now() - interval '1 year', now() + interval '1 year', ${hex(name)})`
  sql(`INSERT INTO hall.ca (name, algorithm, external) VALUES ('${NAME}', 'sm2', true);
       INSERT INTO hall.ca_certificate (ca, role, serial, subject, not_before, not_after, certificate)
       VALUES ${row('root', 'root.cer')}, ${row('issuing', 'issuing.cer')}`)
  for (const kind of ['sm2', 'rsa', 'p256', 'expired', 'encryption']) people[kind] = { p12: file(`${kind}.p12`), pin: PIN }
  for (const ca of ['sm2', 'rsa']) people[`our ${ca}`] = await subscriber(ca)
})
after(() => sql(`DELETE FROM hall.ca_certificate WHERE ca = '${NAME}'; DELETE FROM hall.ca WHERE name = '${NAME}'`))

for (const ca of ['sm2', 'rsa']) {
  test(`a certificate of our ${ca} CA, signed by BouncyCastle, attached and beside the file`, async () => {
    const attached = await check(sign(people[`our ${ca}`], ['attached']))
    assert.equal(attached.verdict, 'valid', JSON.stringify(attached, null, 1))
    assert.equal(attached.kind, 'cms')
    assert.equal(attached.content.bytes, text.length)
    const [s] = attached.signatures
    assert.equal(s.certificate.serial, people[`our ${ca}`].cert.serial)
    assert.equal(s.chain.length, 3)
    assert.ok(s.signed_at && s.findings.every((f) => f.verdict === 'valid'))
    const beside = sign(people[`our ${ca}`])
    for (const files of [[beside, text], [text, beside]]) assert.equal((await check(...files)).verdict, 'valid', 'in either order')
  })
}

test('DER, PEM, base64, without signed attributes, by two: all the same', async () => {
  const der = sign(people['our sm2'], ['attached', 'der'])
  const base64 = der.toString('base64')
  for (const form of [der, Buffer.from(base64), Buffer.from(`-----BEGIN PKCS7-----\n${base64.match(/.{1,64}/g).join('\n')}\n-----END PKCS7-----\n`),
    sign(people['our sm2'], ['attached', 'bare'])])
    assert.equal((await check(form)).verdict, 'valid')
})

test('without a time in it, the check is of today', async () => {
  const report = await check(sign(people['our sm2'], ['attached', 'time=none']))
  assert.equal(report.verdict, 'valid')
  assert.equal(report.signatures[0].signed_at, null)
  assert.match(finding(report, 'time').text, /没有写签名时间/)
})

test('signatures by openssl cms, RSA and P-256', async () => {
  for (const kind of ['rsa', 'p256']) {
    execFileSync('openssl', ['pkcs12', '-in', file(`${kind}.p12`), '-passin', `pass:${PIN}`, '-nodes', '-legacy', '-out', file('key.pem')], { stdio: 'pipe' })
    const args = ['cms', '-sign', '-binary', '-md', 'sha256', '-in', write('content', text), '-signer', file('key.pem'), '-outform', 'DER', '-out', file('o.p7s')]
    openssl(...args)
    assert.equal(finding(await check(readFileSync(file('o.p7s')), text), 'content').verdict, 'valid')
    openssl(...args, '-nodetach', '-stream')
    assert.equal(finding(await check(readFileSync(file('o.p7s'))), 'content').verdict, 'valid')
    openssl(...args, '-noattr', '-nodetach')
    assert.equal(finding(await check(readFileSync(file('o.p7s'))), 'content').verdict, 'valid')
    openssl(...args, '-md', 'sha1')
    assert.equal(finding(await check(readFileSync(file('o.p7s')), text), 'content').verdict, 'unsure', 'SHA-1 proves nothing')
  }
})

// ---- signatures that are not valid ----

test('another content, the original missing, or one that is not the one inside', async () => {
  const beside = sign(people['our sm2'])
  const swapped = await check(beside, Buffer.from('采购合同\n乙方：某公司\n'))
  assert.equal(swapped.verdict, 'invalid')
  assert.match(finding(swapped, 'content').text, /不一致/)
  const missing = await check(beside)
  assert.equal(missing.verdict, 'unsure')
  assert.match(finding(missing, 'content').advice, /原文件/)
  assert.equal((await check(sign(people['our sm2'], ['attached']), Buffer.from('x'))).verdict, 'invalid')
})

test('one changed byte: no other content, signer or time is ever valid', async () => {
  const good = sign(people['our sm2'], ['attached', 'der'])
  const said = ({ content, signatures: [s] }) => [content.sm3, s.certificate.sha256, s.signed_at]
  const truth = said(await check(good))
  let valid = 0
  for (let at = 0; at < good.length; at += 23) {
    const res = await send(changed(good, at))
    if (res.status !== 200) assert.equal(res.status, 422)
    else if (res.json.verdict === 'valid') {
      assert.deepEqual(said(res.json), truth, `byte ${at}`)
      valid++ // a version number, which nobody signs
    }
  }
  assert.ok(valid <= 3, `${valid} of them`)
})

test('a signature under another SM2 id, and under the empty one', async () => {
  for (const id of ['1234567812345679', '']) {
    const report = await check(sign(people['our sm2'], ['attached', `id=${id}`]))
    assert.equal(finding(report, 'content').verdict, 'invalid', id)
    assert.equal(report.verdict, 'invalid')
  }
})

test('cut off, empty, or nothing signed: a sentence, and nothing else', async () => {
  const good = sign(people['our sm2'], ['attached'])
  for (const bytes of [good.subarray(0, good.length - 1), good.subarray(0, 100), Buffer.from('不是签名'), Buffer.from('%PDF-1.7\n'), Buffer.from('PK\x03\x04....'), Buffer.alloc(0)]) {
    const res = await send(bytes)
    assert.equal(res.status, 422, res.text)
    assert.match(res.json.detail, /签名|文件/)
  }
  const res = await request('POST', '/verify/api/check?first=999999', { body: good, headers: { 'content-type': 'application/octet-stream' } })
  assert.equal(res.status, 200, 'a length that is none is the whole')
})

test('without the certificate there is nobody', async () => {
  const report = await check(sign(people['our sm2'], ['attached', 'nocert']))
  assert.equal(report.verdict, 'unsure')
  assert.equal(report.signatures[0].certificate, null)
})

test('of others: who issued, and that revocations are not ours to know', async () => {
  const report = await check(sign(people.p256, ['attached']))
  assert.equal(report.verdict, 'unsure')
  assert.equal(finding(report, 'chain').verdict, 'valid')
  assert.match(finding(report, 'revocation').text, /合作机构/)
})

test('an expired signer, at the time that it says and since', async () => {
  const late = await check(sign(people.expired, ['attached']))
  assert.equal(finding(late, 'chain').verdict, 'invalid')
  assert.match(finding(late, 'chain').text, /签名时证书已经过期/)
  const untimed = await check(sign(people.expired, ['attached', 'time=none']))
  assert.equal(finding(untimed, 'chain').verdict, 'invalid')
  const then = Math.floor(Date.now() / 1000) - 100 * 86400
  const early = await check(sign(people.expired, ['attached', `time=${then}`]))
  assert.equal(finding(early, 'chain').verdict, 'limited')
  assert.match(finding(early, 'chain').text, /现在已经过期/)
  const before = await check(sign(people.sm2, ['attached', `time=${then}`]))
  assert.match(finding(before, 'chain').text, /还没有生效/)
  const future = await check(sign(people.sm2, ['attached', `time=${then + 110 * 86400}`]))
  assert.equal(finding(future, 'time').verdict, 'invalid')
})

test('a key that is not for signing', async () => {
  const report = await check(sign(people.encryption, ['attached']))
  assert.equal(report.verdict, 'invalid')
  assert.match(finding(report, 'chain').text, /密钥用途/)
})

test('whose issuer nobody here trusts', async () => {
  sql(`UPDATE hall.ca_certificate SET role = 'ocsp' WHERE ca = '${NAME}'`)
  const report = await check(sign(people.sm2, ['attached']))
  sql(`UPDATE hall.ca_certificate SET role = CASE WHEN subject = 'root.cer' THEN 'root' ELSE 'issuing' END WHERE ca = '${NAME}'`)
  assert.equal(report.verdict, 'unsure')
  assert.match(finding(report, 'chain').text, /其他机构签发/)
  assert.equal(finding(report, 'revocation'), undefined)
})

test('the worst of several signers counts', async () => {
  process.env.PIN = PIN
  const report = await check(sign(people.p256, ['attached', `and=${file('encryption.p12')}`]))
  assert.equal(report.signatures.length, 2)
  assert.deepEqual(report.signatures.map((s) => s.verdict).sort(), ['invalid', 'unsure'])
  assert.equal(report.verdict, 'invalid')
})

// ---- revocation, by our records ----

test('on hold, taken off it, revoked: signed before or after, and a key that somebody else may have', async () => {
  const { cert } = people['our sm2']
  const old = Math.floor(Date.now() / 1000) - 1 // the certificate is a minute old at most
  const now = sign(people['our sm2'], ['attached']), untimed = sign(people['our sm2'], ['attached', 'time=none'])
  setState(cert, 'hold')
  const later = sign(people['our sm2'], ['attached', `time=${old + 60}`])
  const earlier = sign(people['our sm2'], ['attached', `time=${old - 1}`])
  assert.match(finding(await check(untimed), 'revocation').text, /暂停使用/)
  assert.equal((await check(untimed)).verdict, 'invalid')
  assert.equal((await check(earlier)).verdict, 'limited')
  assert.equal((await check(later)).verdict, 'invalid')
  setState(cert, 'valid')
  assert.equal((await check(now)).verdict, 'valid')
  setState(cert, 'revoked', 'superseded')
  assert.match(finding(await check(earlier), 'revocation').text, /已于 .* 吊销；签名时间早于此/)
  assert.equal((await check(earlier)).verdict, 'limited')
  assert.equal((await check(untimed)).verdict, 'invalid')
  assert.equal((await check(later)).verdict, 'invalid')
  const other = people['our rsa']
  const before = sign(other, ['attached', `time=${Math.floor(Date.now() / 1000) - 1}`])
  assert.equal((await check(before)).verdict, 'valid')
  setState(other.cert, 'revoked', 'key_compromise')
  assert.equal((await check(before)).verdict, 'invalid', 'whatever time stands in it')
})

test('one that our CA would have signed but that no record knows', async () => {
  sql(`UPDATE hall.ca SET external = false WHERE name = '${NAME}'`)
  const report = await check(sign(people.p256, ['attached']))
  sql(`UPDATE hall.ca SET external = true WHERE name = '${NAME}'`)
  assert.equal(report.verdict, 'invalid')
  assert.match(finding(report, 'revocation').text, /签发记录里没有/)
})

// ---- PDF ----

/** The smallest signed PDF: one revision behind `before`. */
function pdf(by, before = Buffer.from('%PDF-1.7\n')) {
  const room = 8192
  const head = Buffer.concat([before, Buffer.from('1 0 obj\n<< /Type /Sig /SubFilter /adbe.pkcs7.detached /Contents ')])
  const from = head.length, to = from + room + 2
  const tail = (n) => ` /ByteRange [0 ${String(from).padStart(8)} ${String(to).padStart(8)} ${String(n).padStart(8)}] >>\nendobj\n%%EOF\n`
  const end = Buffer.from(tail(tail(0).length))
  const cms = sign(by, ['der'], Buffer.concat([head, end]))
  return Buffer.concat([head, Buffer.from(`<${cms.toString('hex').padEnd(room, '0')}>`), end])
}

test('a signed PDF: as it was, changed, with something behind, signed again', async () => {
  const one = pdf(people.p256)
  const good = await check(one)
  assert.equal(good.kind, 'pdf')
  assert.equal(finding(good, 'content').verdict, 'valid', JSON.stringify(good))
  assert.equal(finding(good, 'coverage').verdict, 'valid')
  assert.equal(finding(await check(changed(one, 3 + one.indexOf('/Type'))), 'content').verdict, 'invalid')
  const more = await check(Buffer.concat([one, Buffer.from('2 0 obj\n<< >>\nendobj\n%%EOF\n')]))
  assert.equal(more.verdict, 'invalid')
  assert.match(finding(more, 'coverage').text, /又被改动过/)
  const two = await check(pdf(people.sm2, one))
  assert.equal(two.signatures.length, 2)
  assert.equal(finding(two, 'coverage', 0).verdict, 'limited')
  assert.equal(finding(two, 'coverage', 1).verdict, 'valid')
  assert.ok(two.signatures.every((s, at) => finding(two, 'content', at).verdict === 'valid'))
})

test('a PDF with its signature beside it', async () => {
  const plain = Buffer.from('%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n')
  const report = await check(plain, sign(people.p256, [], plain))
  assert.equal(report.kind, 'cms')
  assert.equal(finding(report, 'content').verdict, 'valid')
})

test('nothing of it is kept', () => {
  assert.equal(sql("SELECT count(*) FROM hall.audit WHERE op = 'verify.check'"), '0')
})
