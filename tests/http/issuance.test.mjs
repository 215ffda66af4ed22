// SPDX-License-Identifier: Apache-2.0
// Certificates of keys that tokens have made, pairs of certificates, key files that the applicant downloads, replacements, and
// issuance by an external authority over CMP.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate, createDecipheriv, createECDH, createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { before } from 'node:test'
import { Authority, freePort } from '../interop/node/cmp.mjs'
import { PG } from './lib.mjs'
import { STATE, Staff, eventually, inbox, sql, submitted } from '../lib/hall.mjs'
import { publish } from '../lib/officers.mjs'
import { Renewer, daily } from '../lib/reissue.mjs'

const demo = JSON.parse(readFileSync(new URL('../../sql/demo/jieyang.json', import.meta.url), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'issuance-'))
const at = (name) => join(folder, name)
const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 20 })
const ID = ['-sigopt', 'distid:1234567812345678']
let review, produce, counter = 0

/** Imports jieyang under another name, with changes to the type for natural persons and to the project; returns what the command says. */
function project(slug, type, more = {}) {
  const types = demo.types.map((t) => (t.cert_type === 'natural' ? { ...t, ...type } : t))
  const project_id = createHash('md5').update(slug).digest('hex')
  writeFileSync(at('project.json'), JSON.stringify({ ...demo, slug, project_id, name: slug, types, ...more }))
  try {
    publish(at('project.json'))
    return 'imported'
  } catch (e) {
    return `${e.stdout}${e.stderr}`
  }
}

before(async () => {
  assert.equal(project('issue-token', { key_origin: 'token', pair: true }), 'imported')
  assert.equal(project('issue-single', { key_origin: 'token' }), 'imported')
  assert.equal(project('issue-pair', { pair: true }), 'imported')
  assert.equal(project('issue-file', { medium: 'file' }), 'imported')
  review = await new Staff().login('review')
  produce = await new Staff().login('produce')
})

async function accepted(slug) {
  const { a, p } = await submitted(slug, 'natural')
  await a.pay()
  await review.act(a.order.id, 'approve')
  await a.until('accepted')
  return { a, p, id: a.order.id }
}

const produced = (id) => eventually('the certificate', async () => (await produce.read(id)).order.state === 'produced')
const production = (id) => produce.call('GET', `/desk/api/produce/orders/${id}/production`)
async function file(id, name) {
  const res = await produce.fetch('GET', `/desk/api/produce/orders/${id}/${name}`)
  return { status: res.status, bytes: Buffer.from(await res.arrayBuffer()), type: res.headers.get('content-type') }
}

/** Makes a certificate request as the program of a token does; { key, csr } are names of files. */
function csr(kind = ['-algorithm', 'SM2'], ...how) {
  const n = ++counter, key = `t${n}.key`, out = `t${n}.csr`
  openssl('genpkey', ...kind, '-out', key)
  openssl('req', '-new', '-key', key, '-subj', '/C=US/CN=Not what the order says', '-out', out, ...(how.length ? how : kind[1] === 'SM2' ? ['-sm3', ...ID] : []))
  return { key, text: readFileSync(at(out), 'utf8') }
}
const refusedCsr = (id, text, sentence) => assert.rejects(produce.act(id, 'produce', { csr: text }), (e) => {
  assert.equal(e.status, 422, e.message)
  assert.equal(e.body.errors[0].pointer, '/csr', e.message)
  assert.match(e.body.errors[0].detail, sentence)
  return true
})
const publicOf = (cert) => new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })

/** Reads the elements of DER that an SM2EnvelopedKey has. */
function elements(b) {
  const out = []
  for (let i = 0; i < b.length;) {
    let n = b[i + 1], head = 2
    if (n & 0x80) [n, head] = n === 0x81 ? [b[i + 2], 3] : [b.readUInt16BE(i + 2), 4]
    out.push({ whole: b.subarray(i, i + head + n), body: b.subarray(i + head, i + head + n) })
    i += head + n
  }
  return out
}

test('a token: no request, a wrong one and a true one; a pair, whose encryption key only the token opens', async () => {
  const { a, p, id } = await accepted('issue-token')
  await assert.rejects(produce.act(id, 'produce'), (e) => e.status === 422 && e.body.errors[0].pointer === '/csr')
  const good = csr(), der = Buffer.from(good.text.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  await refusedCsr(id, csr(undefined, '-sm3').text, /1234567812345678/) // openssl's own default: the empty id
  await refusedCsr(id, csr(undefined, '-sm3', '-sigopt', 'distid:8765432187654321').text, /1234567812345678/)
  await refusedCsr(id, csr(['-algorithm', 'RSA']).text, /SM2/)
  await refusedCsr(id, csr(['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024']).text, /不受支持/)
  await refusedCsr(id, csr(['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384']).text, /不受支持/)
  await refusedCsr(id, der.subarray(0, -5).toString('base64'), /不是一份证书请求/)
  await refusedCsr(id, good.text + good.text, /不是一份证书请求/)
  await refusedCsr(id, good.text.replaceAll('REQUEST', 'REQUES'), /不是一份证书请求/)
  const swapped = Buffer.from(der), other = Buffer.from(csr().text.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  const point = (b) => b.indexOf(Buffer.from('2a811ccf5501822d034200', 'hex')) + 11
  other.copy(swapped, point(swapped), point(other), point(other) + 65)
  await refusedCsr(id, swapped.toString('base64'), /签名不成立/)
  await assert.rejects(produce.act(id, 'produce', { csr: 'A'.repeat(9000) }), { status: 422 })
  assert.equal(sql(`SELECT count(*) FROM hall.csr WHERE order_id = '${id}'`), '0')

  const before = await production(id)
  assert.deepEqual([before.key_origin, before.items[0].pair, before.external, before.certificates], ['token', true, false, []])
  await produce.act(id, 'produce', { csr: good.text })
  await produced(id)
  const after = await production(id)
  assert.deepEqual(after.certificates.map((c) => [c.key_use, c.state, c.key_file, c.enveloped_key]),
    [['signature', 'valid', false, false], ['encryption', 'valid', false, true]])
  const { status } = await file(id, 'certificate.p12')
  assert.equal(status, 404, 'no key file: the key is on the token')
  const signature = (await file(id, 'certificate.cer')).bytes, encryption = (await file(id, 'encryption.cer')).bytes
  assert.deepEqual(publicOf(signature), Buffer.from(openssl('pkey', '-in', good.key, '-pubout', '-outform', 'DER')))
  const subject = new X509Certificate(signature).subject
  assert.ok(subject.includes(p.name) && !subject.includes('Not what') && !subject.includes('US'), subject)
  assert.equal(subject, new X509Certificate(encryption).subject)
  assert.deepEqual(publicOf(signature).length, publicOf(encryption).length)
  assert.notDeepEqual(publicOf(signature), publicOf(encryption))

  const [{ body }] = elements((await file(id, 'encryption.key')).bytes)
  const [, cipher, half, encrypted] = elements(body)
  writeFileSync(at('cipher'), cipher.whole)
  const sm4 = openssl('pkeyutl', '-decrypt', '-inkey', good.key, '-in', 'cipher')
  const plain = createDecipheriv('sm4-ecb', sm4, null).setAutoPadding(false)
  const ecdh = createECDH('SM2')
  ecdh.setPrivateKey(Buffer.concat([plain.update(encrypted.body.subarray(1)), plain.final()]))
  assert.deepEqual(ecdh.getPublicKey(), half.body.subarray(1))
  assert.deepEqual(publicOf(encryption).subarray(-65), half.body.subarray(1))

  writeFileSync(at('chain.p7b'), (await file(id, 'chain.p7b')).bytes)
  const chain = openssl('pkcs7', '-inform', 'DER', '-in', 'chain.p7b', '-print_certs').toString()
  assert.equal(chain.match(/BEGIN CERTIFICATE/g).length, 3)

  await produce.act(id, 'ship', { courier: 'sf', tracking_no: 'SF1234567890' })
  assert.equal((await file(id, 'encryption.key')).status, 404, 'destroyed when the parcel leaves')
  assert.equal((await a.refresh()).certificate.serial, after.certificates[0].serial)

  const second = await accepted('issue-single')
  await refusedCsr(second.id, good.text, /已经签发过证书/)
  const fresh = csr()
  await produce.act(second.id, 'produce', { csr: fresh.text.replace(/-----[^-]+-----/g, '') }) // base64 alone
  await produced(second.id)
  assert.deepEqual((await production(second.id)).certificates.map((c) => c.key_use), ['signature'])
  assert.equal((await file(second.id, 'encryption.cer')).status, 404)
})

test('one key for two orders that wait: the second is refused', async () => {
  const [one, two] = [await accepted('issue-single'), await accepted('issue-single')]
  const { text } = csr()
  sql(`UPDATE hall.outbox SET state = 'failed' WHERE kind = 'pin' AND subject = '${one.id}'`)
  await produce.act(one.id, 'produce', { csr: text })
  await refusedCsr(two.id, text, /已经签发过证书或正在其他业务单中使用/)
})

test('a request where the signer makes the key is refused', async () => {
  const { id } = await accepted('jieyang')
  await refusedCsr(id, csr().text, /不需要证书请求/)
  await assert.rejects(produce.call('GET', `/desk/api/produce/orders/${randomBytes(4).toString('hex')}/production`), { status: 404 })
  const auditor = await new Staff().login('audit')
  for (const name of ['encryption.key', 'certificate.p12', 'production']) assert.equal((await auditor.fetch('GET', `/desk/api/produce/orders/${id}/${name}`)).status, 403)
})

async function pinOf(phone) {
  return (await inbox(phone, /PIN 码为/)).text.match(/PIN 码为 ([2-9A-Z]{12})/)[1]
}

/** What openssl finds in a key file: keys, certificates, and the rounds that protect them. */
function inside(bytes, pin) {
  writeFileSync(at('key.p12'), bytes)
  const text = execFileSync('sh', ['-c', 'openssl pkcs12 -in key.p12 -passin env:PIN -info -nodes 2>&1'], { cwd: folder, encoding: 'utf8', env: { ...process.env, PIN: pin } })
  const count = (what) => (text.match(what) ?? []).length
  return { keys: count(/BEGIN PRIVATE KEY/g), certificates: count(/BEGIN CERTIFICATE/g), aes: count(/AES-256-CBC/g), text }
}

test('a pair in one key file: both keys, both certificates, the chain, under the PIN', async () => {
  const { p, id } = await accepted('issue-pair')
  await produce.act(id, 'produce')
  await produced(id)
  const found = inside((await file(id, 'certificate.p12')).bytes, await pinOf(p.mobile))
  assert.deepEqual([found.keys, found.certificates, found.aes], [2, 4, 3])
  assert.doesNotMatch(found.text, /Iteration 2048/)
  const [first, second] = (await production(id)).certificates
  assert.deepEqual([first.key_use, first.key_file, second.key_use, second.key_file, second.enveloped_key], ['signature', true, 'encryption', false, false])
  assert.deepEqual([first.not_before, first.not_after], [second.not_before, second.not_after])
  const usage = (name) => openssl('x509', '-inform', 'DER', '-in', name, '-noout', '-ext', 'keyUsage').toString()
  for (const name of ['certificate.cer', 'encryption.cer']) writeFileSync(at(name), (await file(id, name)).bytes)
  assert.match(usage('certificate.cer'), /Digital Signature, Non Repudiation/)
  assert.match(usage('encryption.cer'), /Encipherment/)
  assert.doesNotMatch(usage('encryption.cer'), /Signature/)
})

test('a production of a pair that a crash has cut off goes on with its serial numbers', async () => {
  const { id } = await accepted('issue-pair')
  const row = (use, serial) => sql(`INSERT INTO hall.certificate (serial, order_id, ca, algorithm, key_use, profile, not_before, not_after, tbs_sm3, public_sha256)
    VALUES ('${serial}', '${id}', 'sm2', 'sm2', '${use}', 'natural', date_trunc('second', now()), date_trunc('second', now()) + interval '300 days', sha256('a'), sha256('${serial}'))`)
  const serials = [randomBytes(8), randomBytes(8)].map((b) => b.toString('hex').toUpperCase())
  row('signature', serials[0])
  row('encryption', serials[1])
  await produce.act(id, 'produce')
  await produced(id)
  assert.deepEqual((await production(id)).certificates.map((c) => c.serial), serials)
  assert.equal(sql(`SELECT count(*) FROM hall.certificate WHERE order_id = '${id}'`), '2')
})

test('the applicant reads its certificate in words and takes it and its chain; nobody else does', async () => {
  const { a, p, id } = await accepted('issue-token')
  assert.deepEqual((await a.api('GET', `/orders/${id}/certificates`)).items, [])
  await produce.act(id, 'produce', { csr: csr().text })
  await produced(id)
  const { items, key_file } = await a.api('GET', `/orders/${id}/certificates`)
  assert.deepEqual([items.map((i) => i.key_use), key_file.medium, key_file.there], [['signature', 'encryption'], 'ukey', false])
  const [{ serial, state, content }, { content: second }] = items
  assert.deepEqual([state, content.serial, content.key, content.signature], ['valid', serial, 'SM2 256 位', 'SM3withSM2'])
  assert.deepEqual(content.subject, [{ label: '国家', attribute: 'C', value: 'CN' }, { label: '名称', attribute: 'CN', value: p.name }])
  assert.deepEqual(content.usage, ['数字签名', '抗抵赖'])
  assert.ok(second.usage.includes('密钥加密') && !second.usage.includes('数字签名'))
  assert.ok(content.days_left >= 363 && content.days_left <= 366)
  const named = Object.fromEntries(content.extensions.map((e) => [e.name, e]))
  assert.match(named['签发机构信息'].text, /状态查询 http.*\/ocsp、签发机构证书 http/)
  assert.match(named['吊销列表发布地址'].text, /\.crl$/)
  assert.deepEqual([named['密钥用法'].critical, named['密钥用法'].oid], [true, '2.5.29.15'])
  const path = `/${a.slug}/api/orders/${id}/certificates/${serial}`
  const cer = Buffer.from(await (await a.fetch('GET', `${path}/certificate.cer`)).arrayBuffer())
  assert.equal(createHash('sha256').update(cer).digest('hex'), content.sha256)
  assert.equal(createHash('sm3').update(cer).digest('hex'), content.sm3)
  writeFileSync(at('mine.p7b'), Buffer.from(await (await a.fetch('GET', `${path}/chain.p7b`)).arrayBuffer()))
  assert.equal(openssl('pkcs7', '-inform', 'DER', '-in', 'mine.p7b', '-print_certs').toString().match(/BEGIN/g).length, 3)
  assert.equal((await a.fetch('GET', `/${a.slug}/api/orders/${id}/certificates/FFFF/certificate.cer`)).status, 404)
  await assert.rejects(a.api('POST', `/orders/${id}/key-file`), { status: 409 })

  const { a: stranger } = await submitted('issue-token', 'natural')
  for (const name of ['certificate.cer', 'chain.p7b']) assert.equal((await stranger.fetch('GET', `${path}/${name}`)).status, 404)
  await assert.rejects(stranger.api('GET', `/orders/${id}/certificates`), { status: 404 })
  await assert.rejects(stranger.api('POST', `/orders/${id}/key-file`), { status: 404 })
})

test('a certificate that is kept in a file: taken by the applicant alone, five times in a day, then destroyed', async () => {
  const { a, p, id } = await accepted('issue-file')
  await assert.rejects(a.api('POST', `/orders/${id}/key-file`), { status: 409 })
  await produce.act(id, 'produce')
  await produced(id)
  await inbox(p.mobile, /下载证书文件/)
  assert.equal((await file(id, 'certificate.p12')).status, 404, 'not the producer\'s')
  await assert.rejects(produce.act(id, 'ship', { courier: 'sf', tracking_no: 'SF1234567890' }), { status: 409 })
  const there = async () => (await a.api('GET', `/orders/${id}/certificates`)).key_file
  assert.deepEqual(await there(), { medium: 'file', there: true, items: [{ item: 1, subject: a.order.subject, there: true, taken: 0, left: 5 }], until: null })
  const take = () => a.fetch('POST', `/issue-file/api/orders/${id}/key-file`)
  const { a: stranger } = await submitted('issue-file', 'natural')
  assert.equal((await stranger.fetch('POST', `/issue-file/api/orders/${id}/key-file`)).status, 404)
  const pin = await pinOf(p.mobile)
  for (let left = 4; left >= 0; left--) {
    const res = await take()
    assert.equal(res.status, 200)
    assert.equal(res.headers.get('content-type'), 'application/x-pkcs12')
    assert.match(res.headers.get('cache-control'), /no-store/)
    assert.equal(inside(Buffer.from(await res.arrayBuffer()), pin).keys, 1)
    assert.equal((await a.refresh()).state, 'done')
    assert.equal((await there()).items[0].left, left)
  }
  assert.equal((await take()).status, 410)
  assert.equal(sql(`SELECT count(*) FROM hall.audit WHERE subject = '${id}' AND op = 'orders.key_file' AND detail = '{"item": 1, "read": "key_file"}'`), '5')
  sql(`UPDATE hall.outbox SET due_at = now() WHERE kind = 'key_file_end' AND subject = '${id}'`)
  sql('NOTIFY outbox')
  await eventually('the end of the key file', async () => !(await there()).there)
  assert.equal(sql(`SELECT count(*) FROM hall.certificate WHERE order_id = '${id}' AND key_file IS NOT NULL`), '0')
})

test('a key file that was shipped is nowhere in the hall: neither in the trail, nor in a dump, nor in a log', async () => {
  const { id, p } = await accepted('jieyang')
  await produce.act(id, 'produce')
  await produced(id)
  const { bytes } = await file(id, 'certificate.p12')
  const inDatabase = () => {
    const dump = execFileSync('pg_dump', ['-d', 'certhall', '--exclude-table-data=hall.region'], { maxBuffer: 1 << 30, env: PG })
    return dump.includes(bytes.toString('hex')) || dump.includes(bytes.toString('base64').slice(0, 200))
  }
  assert.ok(inDatabase(), 'before it is shipped')
  await produce.act(id, 'ship', { courier: 'sf', tracking_no: 'SF1234567890' })
  assert.ok(!inDatabase(), 'afterwards')
  const trail = sql(`SELECT detail -> 'key_file' FROM hall.audit WHERE subject = (SELECT id FROM hall.certificate WHERE order_id = '${id}') AND detail ? 'key_file' ORDER BY seq`)
  assert.match(trail, /^"hmac:[0-9a-f]{64}"\nnull$/)
  for (const name of readdirSync(`${STATE}/log`, { recursive: true, withFileTypes: true }).filter((f) => f.isFile()).map((f) => `${f.path}/${f.name}`))
    assert.ok(!readFileSync(name).includes(bytes.toString('hex').slice(0, 64)), name)

  // The auditor reads words beside the trail until the order is erased.
  const auditor = await new Staff().login('audit')
  const words = async () => (await auditor.call('GET', `/desk/api/office/audit?subject=${id}`)).items.map((row) => row.words?.subject?.at(-1)).filter(Boolean)
  const masked = sql(`SELECT subject FROM hall.orders WHERE id = '${id}'`)
  assert.ok(masked !== '' && masked !== p.name, masked)
  assert.deepEqual(await words(), [masked])
  sql(`SELECT hall.erase_order('${id}', 'order')`)
  assert.deepEqual(await words(), [])
})

test('a certificate that replaces another ends when that would have ended, and revokes it', async () => {
  const old = await accepted('jieyang')
  await produce.act(old.id, 'produce')
  await produced(old.id)
  const { a } = await submitted('jieyang', 'natural'), { id } = a.order
  await a.pay()
  sql(`UPDATE hall.orders SET unit_hash = sha256('${id}') WHERE id IN ('${id}', '${old.id}')`) // of one owner
  const cert = sql(`SELECT id FROM hall.certificate WHERE order_id = '${old.id}'`)
  sql(`UPDATE hall.certificate SET not_after = date_trunc('second', now()) + interval '100 days' WHERE id = '${cert}'`)
  sql(`UPDATE hall.orders SET replaces = '${cert}' WHERE id = '${id}'`)
  await review.act(id, 'approve')
  await a.until('accepted')
  await produce.act(id, 'produce')
  await produced(id)
  assert.equal(sql(`SELECT n.replaces = o.id AND n.not_after = o.not_after FROM hall.certificate n, hall.certificate o WHERE n.order_id = '${id}' AND o.id = '${cert}'`), 't')
  assert.equal(sql(`SELECT state FROM hall.certificate WHERE id = '${cert}'`), 'revoked')
})

// ---- authorities of others ----

const restart = () => execFileSync('supervisorctl', ['-c', `${STATE}/supervisord.conf`, 'restart', 'signer'])

/** An external authority of the hall, and a project whose certificates it issues. Its server is started by the test. */
async function external(name, algorithm) {
  const authority = new Authority(algorithm, `${STATE}/cmp`, `${name}-`)
  authority.port = await freePort()
  authority.settings(name, authority.port)
  for (const f of ['secret', 'trusted.pem']) chmodSync(authority.path(f), 0o444)
  chmodSync(`${STATE}/cmp/${name}.conf`, 0o444)
  restart()
  const der = new X509Certificate(readFileSync(authority.path('ca.pem'))).raw.toString('hex')
  await eventually('the authority', () => sql(`SELECT count(*) FROM hall.ca_certificate WHERE ca = '${name}' AND certificate = '\\x${der}'`) === '1')
  assert.equal(project(`issue-${name}`, {}, { ca: name }), 'imported')
  return authority
}

/** The request that the hall sends for that order, as a file. */
async function requestOf(authority, id) {
  const hex = await eventually('the request', () => sql(`SELECT encode(request, 'hex') FROM hall.csr WHERE order_id = '${id}' AND state = 'new'`))
  writeFileSync(authority.path('order.der'), Buffer.from(hex, 'hex'))
  authority.openssl('req', '-inform', 'DER', '-in', authority.path('order.der'), '-out', authority.path('order.csr'))
  return authority.path('order.csr')
}
const hurry = (kind, id) => (sql(`UPDATE hall.outbox SET due_at = now() WHERE kind = '${kind}' AND subject = '${id}' AND state = 'due' AND due_at > now() AND attempts > 0 AND last_error IS NOT NULL`), sql('NOTIFY outbox'))

for (const algorithm of ['p256', 'rsa'])
  test(`an external authority (${algorithm}): asked again until it answers, a key file, a revocation`, async () => {
    const authority = await external(`ext-${algorithm}`, algorithm)
    const { a, p, id } = await accepted(`issue-ext-${algorithm}`)
    await produce.act(id, 'produce')
    const request = await requestOf(authority, id)
    assert.match(authority.openssl('req', '-in', request, '-noout', '-subject', '-nameopt', 'utf8').toString(), new RegExp(p.name))
    assert.notEqual(sql(`SELECT key_encrypted IS NULL FROM hall.csr WHERE order_id = '${id}'`), 't')
    await eventually('a failed try', () => sql(`SELECT attempts > 0 AND last_error IS NOT NULL FROM hall.outbox WHERE kind = 'cmp' AND subject = '${id}'`) === 't')
    const server = await authority.serve(authority.certify('order', request), { port: authority.port })
    try {
      await eventually('the certificate', async () => {
        hurry('cmp', id)
        return (await produce.read(id)).order.state === 'produced'
      })
      const found = inside((await file(id, 'certificate.p12')).bytes, await pinOf(p.mobile))
      assert.deepEqual([found.keys, found.certificates], [1, 3])
      assert.equal(sql(`SELECT state || (key_encrypted IS NULL) FROM hall.csr WHERE order_id = '${id}'`), 'donetrue')
      const { items } = await a.api('GET', `/orders/${id}/certificates`)
      assert.deepEqual([items[0].serial.length > 16, items[0].content.issuer.at(-1).value], [true, 'Other CA'])
      const cert = sql(`SELECT id FROM hall.certificate WHERE order_id = '${id}'`)
      sql(`UPDATE hall.certificate SET state = 'revoked', reason = 'key_compromise' WHERE id = '${cert}'`)
      await eventually('the authority knows', () => {
        hurry('cmp_revoke', cert)
        return sql(`SELECT state FROM hall.outbox WHERE kind = 'cmp_revoke' AND subject = '${cert}'`) === 'done'
      })
    } finally {
      await server.end()
    }
  })

test('answers of an external authority that are not what was asked for are refused, and the producer may ask again', async () => {
  const authority = await external('ext-wrong', 'p256')
  const foreign = new Authority('p256')
  const { id } = await accepted('issue-ext-wrong')
  const otherKey = foreign.csr('other', '/C=CN/CN=other')
  const renamed = (request) => (authority.openssl('req', '-in', request, '-noout', '-pubkey', '-out', authority.path('pub.pem')),
    authority.openssl('x509', '-new', '-force_pubkey', authority.path('pub.pem'), '-subj', '/C=CN/CN=Somebody else', '-CA', authority.path('ca.pem'), '-CAkey', authority.path('ca.key'), '-CAcreateserial', '-days', '365', '-extfile', authority.path('ext'), '-out', authority.path('renamed.pem')), authority.path('renamed.pem'))
  const answers = [
    [() => authority.certify('answer', otherKey), /拒绝签发/],
    [(request) => foreign.certify('answer', request), /./],
    [(request) => authority.certify('answer', request, { days: 30 }), /有效期/],
    [(request) => authority.certify('answer', request, { days: 2000 }), /有效期/],
    [(request) => authority.certify('answer', request, { extensions: 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,digitalSignature,keyCertSign\n' }), /签发机构的证书/],
    [(request) => authority.certify('answer', request, { extensions: 'basicConstraints=CA:FALSE\nkeyUsage=critical,keyEncipherment\n' }), /./],
    [renamed, /主体/],
  ]
  for (const [make, why] of answers) {
    await produce.act(id, 'produce')
    const server = await authority.serve(make(await requestOf(authority, id)), { port: authority.port })
    try {
      const { items: [{ request }], producing } = await eventually('the refusal', async () => {
        hurry('cmp', id)
        const said = await production(id)
        return said.items[0].request?.state === 'refused' && said
      })
      assert.match(request.reason, why)
      assert.equal(producing, false)
      assert.equal(sql(`SELECT count(*) FROM hall.csr WHERE order_id = '${id}' AND key_encrypted IS NOT NULL`), '0')
    } finally {
      await server.end()
    }
  }
  assert.equal(sql(`SELECT count(*) FROM hall.certificate WHERE order_id = '${id}'`), '0')
  assert.equal((await produce.read(id)).order.state, 'accepted')
})

test('a renewal by an external authority: never later than approved, earlier with a word, and the old one goes on until its day', async () => {
  const authority = await external('ext-renew', 'p256')
  const { a, p, id } = await accepted('issue-ext-renew')
  const serving = async (certificate, work) => {
    const server = await authority.serve(certificate, { port: authority.port, options: ['-accept_raverified'] })
    try {
      return await work()
    } finally {
      await server.end()
    }
  }
  const made = (order) => eventually('the certificate', async () => {
    hurry('cmp', order)
    return (await produce.read(order)).order.state === 'produced'
  })
  const told = (subject) => eventually('the authority knows', () => {
    hurry('cmp_revoke', subject)
    return sql(`SELECT state FROM hall.outbox WHERE kind = 'cmp_revoke' AND subject = '${subject}'`) === 'done'
  })
  await produce.act(id, 'produce')
  const old = authority.certify('old', await requestOf(authority, id))
  await serving(old, () => made(id))
  const [serial, cert] = sql(`SELECT serial, id FROM hall.certificate WHERE order_id = '${id}'`).split('|')
  sql(`UPDATE hall.certificate SET not_before = now() - interval '350 days', not_after = now() + interval '20 days' WHERE id = '${cert}'`)

  const r = new Renewer(a, 'issue-ext-renew')
  await r.draftFor(serial)
  await r.save(r.order.form)
  await r.print()
  await r.uploadAll()
  if (r.order.phone.state !== 'passed') await r.authenticate(p)
  await r.refresh()
  await r.step('submit')
  await r.pay()
  await review.act(r.order.id, 'approve')
  await r.until('accepted')
  const want = async (days) => {
    await produce.act(r.order.id, 'produce')
    return authority.certify('renewed', await requestOf(authority, r.order.id), { days })
  }
  for (const [days, why] of [[390, /晚于批准的截止日期/], [10, /没有延长/]]) {
    const unwanted = await want(days)
    await serving(unwanted, async () => {
      const said = await eventually('the refusal', async () => {
        hurry('cmp', r.order.id)
        const { items: [{ request }] } = await production(r.order.id)
        return request?.state === 'refused' && request.reason
      })
      assert.match(said, why)
      const der = new X509Certificate(readFileSync(unwanted)).raw.toString('hex')
      await told(sql(`SELECT id FROM hall.certificate_unwanted WHERE certificate = '\\x${der}' AND order_id = '${r.order.id}'`))
    })
  }
  assert.equal(sql(`SELECT count(*) FROM hall.certificate WHERE order_id = '${r.order.id}'`), '0')
  await serving(await want(300), () => made(r.order.id))
  assert.match(sql(`SELECT text FROM hall.order_history WHERE order_id = '${r.order.id}' AND event = 'shortened'`), /有效期至 \d{4}-\d\d-\d\d，早于批准的 \d{4}-\d\d-\d\d$/)
  const state = () => sql(`SELECT concat_ws(' ', state, reason) FROM hall.certificate WHERE id = '${cert}'`)
  assert.equal(state(), 'valid', 'nobody is without')
  await r.refresh()
  assert.equal(r.order.replaces.certificates[0].until, sql(`SELECT hall.iso(not_after) FROM hall.certificate WHERE order_id = '${r.order.id}'`), 'the page tells the end that it has')
  await r.api('PUT', `/renew/orders/${r.order.id}/last-day`, { json: { version: r.order.version, on: sql('SELECT current_date + 1') } })
  assert.equal(sql(`SELECT count(*) FROM hall.outbox WHERE kind = 'cmp_revoke' AND subject = '${cert}'`), '0')
  sql(`UPDATE hall.orders SET replaced_on = current_date WHERE id = '${r.order.id}'`)
  await daily()
  sql(`UPDATE hall.message SET created_at = created_at - interval '1 day' WHERE order_id = '${r.order.id}' AND event = 'replacing'`)
  await daily()
  assert.equal(state(), 'revoked superseded')
  await serving(old, () => told(cert))
})

test('projects that no authority can serve are refused before anybody applies', async () => {
  sql("SELECT hall.signer_publish('ext-sm2', 'sm2', true, 'root', '0123456789ABCDEF', 'C=CN', now(), now() + interval '1 day', '\\x3000')")
  sql("SELECT hall.signer_publish('ext-any', 'rsa', true, 'root', '0123456789ABCDEF', 'C=CN', now(), now() + interval '1 day', '\\x3001')")
  assert.match(project('issue-never', {}, { ca: 'nobody' }), /没有名为 nobody 的签发机构/)
  assert.match(project('issue-never', {}, { ca: 'ext-sm2' }), /只支持 RSA 和 P-256/)
  assert.match(project('issue-never', { key_origin: 'token' }, { ca: 'ext-any' }), /key_origin/)
  assert.match(project('issue-never', { pair: true }, { ca: 'ext-any' }), /双证书/)
  assert.notEqual(project('issue-never', { key_origin: 'token', medium: 'file' }), 'imported')
  assert.notEqual(project('issue-never', { key_origin: 'cloud' }), 'imported')
  assert.equal(sql("SELECT count(*) FROM hall.project WHERE slug = 'issue-never'"), '0')
})
