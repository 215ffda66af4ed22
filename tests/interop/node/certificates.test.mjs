// SPDX-License-Identifier: Apache-2.0
// Certificates of every profile under every algorithm, held against programs that are not OpenSSL: BouncyCastle and sm-crypto
// for SM2, GnuTLS and NSS for RSA and P-256; `openssl` itself for good measure. A wrong id, a truncated, a swapped and an
// expired certificate are refused by each.
import { after, before, describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as asn1 from 'asn1js'
import sm from 'sm-crypto'
import { client } from './client.mjs'

const run = promisify(execFile)
const java = join(dirname(fileURLToPath(import.meta.url)), '../java/run')
const folder = mkdtempSync(join(tmpdir(), 'certificates-'))
const families = {}
const kinds = ['institution', 'business', 'holder', 'natural', 'institution_encryption', 'business_encryption', 'holder_encryption', 'natural_encryption', 'ocsp', 'seal', 'evidence']
after(() => rmSync(folder, { recursive: true }))

const pem = (der) => `-----BEGIN CERTIFICATE-----\n${der.toString('base64').match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`
/** Writes a certificate as DER and PEM, and returns the path without the ending. */
function put(name, der) {
  const path = join(folder, name)
  writeFileSync(`${path}.cer`, der)
  writeFileSync(`${path}.pem`, pem(der))
  return path
}
/** [body, signature] of a certificate. */
function cut(der) {
  const { result } = asn1.fromBER(der.buffer.slice(der.byteOffset, der.byteOffset + der.length))
  const [tbs, , signature] = result.valueBlock.value
  return [Buffer.from(tbs.valueBeforeDecodeView), Buffer.from(signature.valueBlock.valueHexView), der]
}
/** A certificate with the body of one and the signature of another. */
function swapped(der, other) {
  const [body] = cut(der), [otherBody] = cut(other)
  assert.equal(body.length, otherBody.length)
  const copy = Buffer.from(der)
  otherBody.copy(copy, der.indexOf(body))
  return copy
}
async function passes(program, args) {
  try {
    const { stdout } = await run(program, args, { encoding: 'utf8', timeout: 60000 })
    return stdout || 'ok'
  } catch {
    return null
  }
}

before(async () => {
  for (const algorithm of ['sm2', 'rsa', 'p256']) {
    const made = await client('pki.family', { algorithm })
    const der = (text) => Buffer.from(text, 'base64')
    const family = { root: put(`${algorithm}-root`, der(made.root)), ca: put(`${algorithm}-ca`, der(made.ca)), leaves: {}, refused: {}, der: {} }
    for (const [kind, text] of Object.entries(made.leaves)) {
      family.der[kind] = der(text)
      family.leaves[kind] = put(`${algorithm}-${kind}`, der(text))
    }
    for (const [name, text] of Object.entries(made.refused)) family.refused[name] = put(`${algorithm}-refused-${name}`, der(text))
    const one = family.der.institution
    family.refused.swapped = put(`${algorithm}-refused-swapped`, swapped(one, der(made.refused.stranger)))
    family.refused.truncated = put(`${algorithm}-refused-truncated`, one.subarray(0, one.length - 1))
    family.refused.behind = put(`${algorithm}-refused-behind`, Buffer.concat([one.subarray(0, one.length - 1), Buffer.from([one.at(-1) ^ 1])]))
    families[algorithm] = family
  }
})

for (const algorithm of ['sm2', 'rsa', 'p256']) {
  test(`BouncyCastle takes every ${algorithm} certificate, and none that is not right`, async () => {
    const f = families[algorithm]
    assert.deepEqual(Object.keys(f.leaves), kinds)
    await run(java, ['Certificates', 'good', `${f.root}.cer`, `${f.ca}.cer`, ...Object.values(f.leaves).map((p) => `${p}.cer`)])
    await run(java, ['Certificates', 'bad', `${f.root}.cer`, `${f.ca}.cer`, ...Object.values(f.refused).map((p) => `${p}.cer`)])
  })
  test(`openssl reads every ${algorithm} certificate`, async () => {
    for (const path of Object.values(families[algorithm].leaves))
      assert.match((await run('openssl', ['x509', '-in', `${path}.pem`, '-noout', '-text'])).stdout, /X509v3 Key Usage: critical/)
    assert.equal(await passes('openssl', ['x509', '-in', `${families[algorithm].refused.truncated}.pem`, '-noout', '-text']), null)
  })
}

describe('sm-crypto', () => {
  const signed = (der, issuer, userId) => {
    const [body, signature] = cut(der)
    const key = cut(issuer)[0] // the point is the issuer's key as it stands in its own body
    const at = key.indexOf(Buffer.from('034200', 'hex'))
    return sm.sm2.doVerifySignature([...body], signature.toString('hex'), key.subarray(at + 3, at + 68).toString('hex'), { der: true, hash: true, userId })
  }
  const read = (path) => Buffer.from(execFileSync('cat', [`${path}.cer`]))
  test('every SM2 signature is under the id of the standard and no other', () => {
    const f = families.sm2, root = read(f.root), ca = read(f.ca)
    for (const [der, issuer] of [[root, root], [ca, root], ...Object.values(f.der).map((one) => [one, ca])]) {
      assert.equal(signed(der, issuer, '1234567812345678'), true)
      assert.equal(signed(der, issuer, ''), false)
      assert.equal(signed(der, issuer, '8765432187654321'), false)
    }
  })
  test('a wrong id, a swapped body and a stranger are refused', () => {
    const f = families.sm2, ca = read(f.ca)
    assert.equal(signed(read(f.refused.no_id), ca, ''), true) // it is what it says it is
    for (const name of ['no_id', 'swapped', 'stranger', 'behind']) assert.equal(signed(read(f.refused[name]), ca, '1234567812345678'), false)
  })
})

for (const algorithm of ['rsa', 'p256']) {
  const chain = (path, f) => {
    const bundle = `${path}.chain`
    execFileSync('sh', ['-c', 'cat "$1.pem" "$2.pem" "$3.pem" > "$4"', 'sh', path, f.ca, f.root, bundle])
    return bundle
  }
  test(`GnuTLS verifies every ${algorithm} chain`, async () => {
    const f = families[algorithm]
    const verify = (path) => passes('certtool', ['--verify', '--load-ca-certificate', `${f.root}.pem`, '--infile', chain(path, f)])
    for (const path of Object.values(f.leaves)) assert.match(await verify(path) ?? '', /Chain verification output: Verified/)
    for (const path of Object.values(f.refused)) assert.equal(await verify(path), null, path)
  })
  test(`openssl verifies every ${algorithm} chain strictly`, async () => {
    const f = families[algorithm]
    const verify = (path) => passes('openssl', ['verify', '-x509_strict', '-CAfile', `${f.root}.pem`, '-untrusted', `${f.ca}.pem`, `${path}.pem`])
    for (const path of Object.values(f.leaves)) assert.ok(await verify(path), path)
    for (const path of Object.values(f.refused)) assert.equal(await verify(path), null, path)
  })
  test(`NSS verifies every ${algorithm} chain`, async () => {
    const f = families[algorithm], db = `sql:${mkdtempSync(join(folder, 'nss-'))}`
    await run('certutil', ['-N', '-d', db, '--empty-password'])
    await run('certutil', ['-A', '-d', db, '-n', 'root', '-t', 'CT,C,C', '-i', `${f.root}.cer`])
    await run('certutil', ['-A', '-d', db, '-n', 'ca', '-t', ',,', '-i', `${f.ca}.cer`])
    /* S: e-mail signer, R: e-mail recipient, O: OCSP responder; NSS asks for signature and validity with -e */
    const verify = async (name, path, usage) => {
      try {
        await run('certutil', ['-A', '-d', db, '-n', name, '-t', ',,', '-i', `${path}.cer`])
      } catch {
        return null // not even read
      }
      return passes('certutil', ['-V', '-d', db, '-n', name, '-u', usage, '-e'])
    }
    const usage = (kind) => (kind === 'ocsp' ? 'O' : kind.endsWith('_encryption') ? 'R' : 'S')
    for (const [kind, path] of Object.entries(f.leaves)) assert.match(await verify(kind, path, usage(kind)) ?? '', /certificate is valid/, kind)
    for (const [name, path] of Object.entries(f.refused)) assert.equal(await verify(name, path, 'S'), null, name)
  })
}
