// SPDX-License-Identifier: Apache-2.0
// sm-crypto checks lists and statuses that are signed with SM2, over the bytes as they come; OpenSSL's commands cannot be given the id
// of SM2. The life of a certificate as BouncyCastle and GnuTLS see it is in modules/status/tests/status.test.mjs.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { before, describe, test } from 'node:test'
import { ask, fetched, issued, ocspRequest, setState } from '../../lib/authority.mjs'
import { eventually, sql } from '../../lib/hall.mjs'

const { sm2 } = createRequire(import.meta.url)('sm-crypto')
const ID = '1234567812345678', SM3_WITH_SM2 = '06082a811ccf55018375', skip = !process.env.CERTHALL_STATE && 'needs a hall'

/** The elements of some DER: { tag, body, whole }. */
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
const inside = (b, ...path) => path.reduce((whole, i) => elements(elements(whole)[0].body)[i].whole, b)

/** SEQUENCE { signed, algorithm, BIT STRING }. */
function parts(der) {
  const [tbs, algorithm, signature] = elements(elements(der)[0].body)
  assert.equal(algorithm.body.toString('hex'), SM3_WITH_SM2)
  return { tbs: tbs.whole, signature: signature.body.subarray(1).toString('hex') }
}
/** The point of a certificate's key: TBSCertificate with version [0], so its seventh element. */
const keyOf = (certificate) => elements(elements(inside(certificate, 0, 6))[0].body)[1].body.subarray(1).toString('hex')

function verify(der, key, { userId = ID, change = (b) => b } = {}) {
  const { tbs, signature } = parts(der)
  return sm2.doVerifySignature([...change(Buffer.from(tbs))], signature, key, { der: true, hash: true, userId })
}
const flip = (at) => (b) => { b[at] ^= 1; return b }
function onlyAsItIs(der, key, wrongKey) {
  assert.equal(verify(der, key), true)
  assert.equal(verify(der, wrongKey), false)
  for (const userId of ['', '1234567812345679']) assert.equal(verify(der, key, { userId }), false)
  for (const at of [6, 40, parts(der).tbs.length - 1]) assert.equal(verify(der, key, { change: flip(at) }), false)
}
/** OCSPResponse down to BasicOCSPResponse, and the certificate of its signer. */
function basicOf(der) {
  const basic = elements(elements(elements(elements(der)[0].body)[1].body)[0].body)[1].body
  const certs = elements(elements(basic)[0].body)[3]
  return { basic, signer: elements(elements(certs.body)[0].body)[0].whole }
}

describe('SM2', { skip }, () => {
  let ca, caKey, rootKey, cert
  before(async () => {
    ca = readFileSync(await fetched('ca-sm2.cer'))
    caKey = keyOf(ca)
    rootKey = keyOf(readFileSync(await fetched('root-sm2.cer')))
    cert = await issued('sm2')
    await eventually('its status', () => sql(`SELECT count(*) FROM hall.ocsp_response WHERE certificate = '${cert.id}' AND der IS NOT NULL`) === '1')
  })

  test('certificates: the leaf by the issuing CA, that one by the root', () => {
    onlyAsItIs(cert.der, caKey, rootKey)
    onlyAsItIs(ca, rootKey, caKey)
  })

  test('a list, and the delta list beside it', async () => {
    const before = Number(sql("SELECT max(number) FROM hall.crl WHERE ca = 'sm2' AND der IS NOT NULL"))
    setState(cert, 'hold')
    await eventually('the next list', () => Number(sql("SELECT max(number) FROM hall.crl WHERE ca = 'sm2' AND der IS NOT NULL")) > before)
    for (const name of ['ca-sm2.crl', 'ca-sm2-delta.crl']) {
      const list = readFileSync(await fetched(name))
      onlyAsItIs(list, caKey, rootKey)
      assert.ok(list.includes(Buffer.from(cert.serial, 'hex')), name)
      assert.ok(inside(list, 0, 1).equals(elements(elements(list)[0].body)[1].whole), 'the algorithm inside is the one outside')
    }
  })

  test('a status, by the signer whom the CA has named', async () => {
    await eventually('the next status', () => sql(`SELECT count(*) FROM hall.ocsp_response WHERE certificate = '${cert.id}' AND state = 'hold'`) === '1')
    const { der } = await ask(ocspRequest((await fetched('ca-sm2.cer.pem')), cert.serial))
    const { basic, signer } = basicOf(der)
    onlyAsItIs(signer, caKey, rootKey)
    onlyAsItIs(basic, keyOf(signer), caKey)
    assert.equal(basic.toString('hex').split(cert.serial.toLowerCase()).length - 1, 3, 'under three ids')
  })
})
