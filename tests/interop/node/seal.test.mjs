// SPDX-License-Identifier: Apache-2.0
// An electronic seal of the hall, from the application on, checked without OpenSSL: by BouncyCastle (../java/Seal.java) and by
// sm-crypto. Both refuse every spoilt seal.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import crypto from 'sm-crypto'
import { withSeal } from '../../lib/seal.mjs'
import { sql } from '../../lib/hall.mjs'

const { sm2, sm3 } = crypto
const dir = mkdtempSync(join(tmpdir(), 'seal-'))
const run = fileURLToPath(new URL('../java/run', import.meta.url))
const bytes = (query) => Buffer.from(sql(query), 'hex')

/** The elements of a constructed element: tag, whole, content. This is written here, so that no library is more lenient than the test. */
function parts(der) {
  const found = []
  for (let at = 0; at < der.length;) {
    let n = der[at + 1], head = 2
    if (n & 0x80) {
      head += n & 0x7f
      n = der.subarray(at + 2, at + head).reduce((v, b) => v * 256 + b, 0)
    }
    assert.ok(at + head + n <= der.length, 'an element ends where it should')
    found.push({ tag: der[at], whole: der.subarray(at, at + head + n), content: der.subarray(at + head, at + head + n) })
    at += head + n
  }
  return found
}
const inside = (element) => parts(element.content)
const only = (der) => {
  const all = parts(der)
  assert.equal(all.length, 1, 'nothing behind the end')
  return all[0]
}

/** The public point of an SM2 certificate: the BIT STRING of its SubjectPublicKeyInfo. */
const pointOf = (cert) => inside(inside(inside(only(cert))[0]).find((e) => e.tag === 0x30 && e.content.includes(Buffer.from('06082a811ccf5501822d', 'hex'))))[1].content.subarray(1)

function bySmCrypto(der, userId = '1234567812345678') {
  const [info, maker, algorithm, signature] = inside(only(der))
  assert.equal(algorithm.content.toString('hex'), '2a811ccf55018375')
  return sm2.doVerifySignature([...info.whole], signature.content.subarray(1).toString('hex'), pointOf(maker.content).toString('hex'), { der: true, hash: true, userId })
}

function byBouncyCastle(der, { at, id, maker = 'maker.cer', holder = 'holder.cer' } = {}) {
  writeFileSync(join(dir, 'seal.esl'), der)
  const args = [run, 'Seal', ...['seal.esl', maker, holder].map((f) => join(dir, f)), ...(at ? [String(at)] : [])]
  try {
    return execFileSync('sh', args, { encoding: 'utf8', env: { ...process.env, ...(id && { SES_ID: id }) } })
  } catch (e) {
    return e.stdout.trim().split('\n').at(-1)
  }
}

/** Puts the elements of the seal together again, with some of them replaced. */
function assemble(elements) {
  const body = Buffer.concat(elements), n = body.length
  return Buffer.concat([Buffer.from(n < 65536 ? [0x30, 0x82, n >> 8, n & 255] : [0x30, 0x83, n >> 16, (n >> 8) & 255, n & 255]), body])
}

let seal, other, state
before(async () => {
  const one = await withSeal('szjsgws')
  const two = await withSeal('szjsgws')
  seal = one.der
  state = one.state
  other = two.der
  writeFileSync(join(dir, 'maker.cer'), bytes("SELECT encode(certificate, 'hex') FROM hall.ca_certificate WHERE role = 'seal' AND ca = 'sm2' ORDER BY not_before DESC LIMIT 1"))
  const holder = (order) => bytes(`SELECT encode(certificate, 'hex') FROM hall.certificate WHERE order_id = '${order}' AND state = 'valid' AND key_use = 'signature'`)
  writeFileSync(join(dir, 'holder.cer'), holder(one.a.order.id))
  writeFileSync(join(dir, 'other.cer'), holder(two.a.order.id))
})

test('a fresh seal is good to both', () => {
  assert.match(byBouncyCastle(seal), /of the size that the seal says, 40 mm/)
  assert.ok(bySmCrypto(seal))
})

test('what stands in it is what was accepted and recorded', () => {
  const picture = inside(inside(inside(only(seal))[0])[3])[1].content
  assert.equal(sm3([...picture]), state.accepted.sm3)
  const info = inside(only(seal))[0].whole
  assert.equal(sm3([...info]), sql(`SELECT encode(sm3, 'hex') FROM hall.signature WHERE kind = 'seal' AND subject = '${state.seal.id}'`), 'the signature is on record')
  assert.ok(info.includes(Buffer.from(state.seal.es_id)))
})

test('another id does not verify', () => {
  assert.match(byBouncyCastle(seal, { id: 'ALICE123@YAHOO.COM' }), /not ok - the maker's signature/)
  assert.equal(bySmCrypto(seal, ''), false)
  assert.equal(bySmCrypto(seal, 'ALICE123@YAHOO.COM'), false)
})

test('one changed byte anywhere in what is signed', () => {
  const name = seal.indexOf(Buffer.from(state.seal.subject))
  for (const at of [name + 1, seal.indexOf(Buffer.from(state.seal.es_id)), seal.indexOf(Buffer.from('IDAT')) + 40]) {
    const spoilt = Buffer.from(seal)
    spoilt[at] ^= 1
    assert.match(byBouncyCastle(spoilt), /^not ok/)
    assert.equal(bySmCrypto(spoilt), false)
  }
})

test('cut off, or with something behind the end', () => {
  for (const spoilt of [seal.subarray(0, seal.length - 1), seal.subarray(0, 200), Buffer.concat([seal, Buffer.from([0])])]) {
    assert.match(byBouncyCastle(spoilt), /^not ok/)
    assert.throws(() => bySmCrypto(spoilt))
  }
})

test('the picture, or the whole content, of another seal', () => {
  const [info, ...rest] = inside(only(seal)).map((e) => e.whole)
  const foreign = inside(only(other))[0]
  assert.match(byBouncyCastle(assemble([foreign.whole, ...rest])), /not ok - the maker's signature/)
  const [header, id, property] = inside({ content: parts(info)[0].content }).map((e) => e.whole)
  const swapped = assemble([assemble([header, id, property, inside(foreign)[3].whole]), ...rest])
  assert.match(byBouncyCastle(swapped), /not ok - the maker's signature/)
  assert.equal(bySmCrypto(swapped), false)
})

test('another holder, another maker, another time', () => {
  assert.match(byBouncyCastle(seal, { holder: 'other.cer' }), /not ok - the holder's certificate/)
  assert.match(byBouncyCastle(seal, { maker: 'holder.cer' }), /not ok - the maker is the one given/)
  assert.match(byBouncyCastle(seal, { at: Math.floor(Date.now() / 1000) + 6 * 365 * 86400 }), /not ok - it is valid/)
  assert.match(byBouncyCastle(seal, { at: 1600000000 }), /not ok - it is valid/)
})
