// SPDX-License-Identifier: Apache-2.0
// Certification requests and enveloped keys between this hall, BouncyCastle and sm-crypto: three implementations that share no
// code.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { client } from './client.mjs'

const { sm2, sm4 } = createRequire(import.meta.url)('sm-crypto')
const ID = '1234567812345678', skip = !process.env.CERTHALL_STATE && 'needs a hall'

const java = (...args) => execFileSync('sh', [fileURLToPath(new URL('../java/run', import.meta.url)), ...args], { encoding: 'utf8' })
const hex = (s) => Buffer.from(s, 'hex')
const b64 = (b) => Buffer.from(b).toString('base64')

/** DER, as far as these structures need it. */
function der(tag, ...parts) {
  const body = Buffer.concat(parts), n = body.length
  const length = n < 128 ? [n] : n < 256 ? [0x81, n] : [0x82, n >> 8, n & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
const seq = (...parts) => der(0x30, ...parts)
const bits = (b) => der(0x03, Buffer.from([0]), b)
const integer = (h) => der(0x02, h.startsWith('0') || parseInt(h[0], 16) < 8 ? hex(h) : hex('00' + h))
const oid = (h) => der(0x06, hex(h))
const EC = '2a8648ce3d0201', SM2 = '2a811ccf5501822d', SM3_WITH_SM2 = '2a811ccf55018375', SM4_ECB = '2a811ccf55016801', COMMON_NAME = '550403'

/** The elements of a SEQUENCE: { tag, body, whole }. */
function elements(b) {
  const out = []
  for (let at = 0; at < b.length;) {
    let n = b[at + 1], head = 2
    if (n & 0x80) {
      head += n & 0x7f
      n = [...b.subarray(at + 2, at + head)].reduce((v, x) => v * 256 + x, 0)
    }
    out.push({ tag: b[at], body: b.subarray(at + head, at + head + n), whole: b.subarray(at, at + head + n) })
    at += head + n
  }
  return out
}

const spki = (point) => seq(seq(oid(EC), oid(SM2)), bits(hex(point)))

/** A request written by hand, signed by sm-crypto. */
function request({ privateKey, publicKey } = sm2.generateKeyPairHex(), { userId = ID, certify = publicKey } = {}) {
  const name = seq(der(0x31, seq(oid(COMMON_NAME), der(0x0c, Buffer.from('介质')))))
  const tbs = seq(integer('00'), name, spki(certify), der(0xa0))
  const signature = sm2.doSignature([...tbs], privateKey, { der: true, hash: true, userId })
  return seq(tbs, seq(oid(SM3_WITH_SM2)), bits(hex(signature)))
}
const pem = (b, word = 'CERTIFICATE REQUEST') => `-----BEGIN ${word}-----\n${b64(b).replace(/(.{64})/g, '$1\n')}\n-----END ${word}-----\n`

const read = (text, algorithm = 'sm2') => client('csr.read', { text, algorithm })
async function refused(text, sentence, algorithm) {
  const said = await read(text, algorithm)
  assert.deepEqual([said.taken, said.pointer], [false, '/csr'])
  assert.match(said.sentence, sentence)
}

test('a request of sm-crypto is taken, as PEM of either word, base64 and DER', { skip }, async () => {
  const pair = sm2.generateKeyPairHex(), csr = request(pair)
  const digest = createHash('sha256').update(spki(pair.publicKey)).digest('hex')
  const forms = [pem(csr), `\r\n  ${pem(csr).replaceAll('\n', '\r\n')}\n`, pem(csr, 'NEW CERTIFICATE REQUEST'), b64(csr)]
  for (const text of forms) {
    const said = await read(text)
    assert.deepEqual([said.taken, said.algorithm, said.public_sha256], [true, 'sm2', digest])
  }
  assert.equal((await client('csr.read', { base64: b64(csr) })).taken, true)
})

test('requests of BouncyCastle are taken: SM2, RSA, P-256', { skip }, async () => {
  for (const algorithm of ['sm2', 'rsa', 'p256']) {
    const said = await read(java('Csr', 'make', algorithm), algorithm)
    assert.deepEqual([said.taken, said.algorithm], [true, algorithm])
  }
})

test('our own requests prove possession to BouncyCastle', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'csr-'))
  for (const algorithm of ['sm2', 'rsa', 'p256']) {
    const { csr } = await client('csr.make', { algorithm })
    writeFileSync(join(folder, algorithm), Buffer.from(csr, 'base64'))
    assert.match(java('Csr', 'check', join(folder, algorithm)), /^ok - /)
  }
})

test('an SM2 signature under another id is refused, whoever made it', { skip }, async () => {
  await refused(pem(request(undefined, { userId: '' })), /签名不成立/)
  await refused(pem(request(undefined, { userId: '1234567812345679' })), /签名不成立/)
  await refused(java('Csr', 'make', 'sm2', ''), /签名不成立/)
  assert.equal((await read(java('Csr', 'make', 'sm2', ID))).taken, true)
})

test('a key that did not sign, a changed byte, a truncated or a doubled request are refused', { skip }, async () => {
  const csr = request(), other = sm2.generateKeyPairHex()
  await refused(pem(request(undefined, { certify: other.publicKey })), /签名不成立/)
  const changed = Buffer.from(csr)
  changed[changed.length - 3] ^= 1
  await refused(pem(changed), /签名不成立/)
  await refused(pem(csr.subarray(0, -1)), /不是一份证书请求/)
  await refused(pem(Buffer.concat([csr, Buffer.from([0])])), /不是一份证书请求/)
  await refused(pem(csr) + pem(csr), /不是一份证书请求/)
  await refused(pem(csr) + '多余', /不是一份证书请求/)
  await refused(pem(csr, 'CERTIFICATE'), /不是一份证书请求/)
  await refused('{}', /不是一份证书请求/)
  await refused('', /请选择或粘贴/)
  await refused('A'.repeat(8193), /不超过 8 KB/)
})

test('another curve, a short RSA key, another algorithm than the authority\'s are refused', { skip }, async () => {
  await refused(java('Csr', 'make', 'p384'), /不受支持/, 'p256')
  await refused(java('Csr', 'make', 'rsa1024'), /不受支持/, 'rsa')
  await refused(java('Csr', 'make', 'rsa'), /使用 SM2 密钥/, 'sm2')
  await refused(pem(request()), /使用 P-256 密钥/, 'p256')
  const off = sm2.generateKeyPairHex() // a point beside the curve
  off.publicKey = off.publicKey.slice(0, -2) + (off.publicKey.endsWith('00') ? '01' : '00')
  await refused(pem(request(off)), /不是一份证书请求|不合格|不受支持/)
})

test('an SM2EnvelopedKey of ours is opened by sm-crypto, and the key is the one of its certificate', { skip }, async () => {
  const recipient = sm2.generateKeyPairHex()
  const said = await client('envelope.make', { recipient: b64(spki(recipient.publicKey)) })
  const [{ body }] = elements(hex(said.envelope))
  const [algorithm, cipher, point, encrypted] = elements(body)
  assert.deepEqual([algorithm.whole, point.tag, encrypted.tag], [seq(oid(SM4_ECB)), 3, 3])
  const [x, y, hash, text] = elements(cipher.body).map((e) => e.body.toString('hex'))
  const pad = (h) => h.replace(/^00(?=.{64})/, '').padStart(64, '0')
  const key = sm2.doDecrypt(pad(x) + pad(y) + hash + text, recipient.privateKey, 1, { output: 'array' })
  assert.equal(key.length, 16)
  const scalar = sm4.decrypt([...encrypted.body.subarray(1)], key, { padding: 'none', output: 'array' })
  assert.equal(Buffer.from(scalar).toString('hex'), said.scalar)
  assert.equal(sm2.getPublicKeyFromPrivateKey(said.scalar), point.body.subarray(1).toString('hex'))
})

/** An envelope made by sm-crypto, and the key that decrypts it, in SEC 1. */
function envelope({ recipient = sm2.generateKeyPairHex(), pair = sm2.generateKeyPairHex(), point = pair.publicKey } = {}) {
  const key = Array.from({ length: 16 }, (_, i) => i * 7), c = sm2.doEncrypt(key, recipient.publicKey, 1)
  const at = (from, n) => c.slice(from, n && from + n)
  const cipher = seq(integer(at(0, 64)), integer(at(64, 64)), der(4, hex(at(128, 64))), der(4, hex(at(192))))
  const encrypted = sm4.encrypt([...hex(pair.privateKey.padStart(64, '0'))], key, { padding: 'none' })
  const sec1 = seq(integer('01'), der(4, hex(recipient.privateKey.padStart(64, '0'))), der(0xa0, oid(SM2)), der(0xa1, bits(hex(recipient.publicKey))))
  return { der: seq(seq(oid(SM4_ECB)), cipher, bits(hex(point)), bits(hex(encrypted))), key: b64(sec1) }
}

test('an SM2EnvelopedKey of sm-crypto is opened by us; a changed, truncated or swapped one is not', { skip }, async () => {
  const opened = async (bytes, key) => {
    const said = await client('envelope.open', { envelope: b64(bytes), key })
    assert.equal(said.read, true)
    return said.opened
  }
  const good = envelope()
  assert.equal(await opened(good.der, good.key), true)
  assert.equal(await opened(good.der, envelope().key), false, 'somebody else\'s')
  assert.equal(await opened(good.der.subarray(0, -1), good.key), false)
  assert.equal(await opened(Buffer.concat([good.der, Buffer.from([0])]), good.key), false)
  const changed = Buffer.from(good.der)
  changed[changed.length - 1] ^= 1
  assert.equal(await opened(changed, good.key), false)
  const swapped = envelope({ point: sm2.generateKeyPairHex().publicKey })
  assert.equal(await opened(swapped.der, swapped.key), false, 'private and public half of two pairs')
})
