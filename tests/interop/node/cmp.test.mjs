// SPDX-License-Identifier: Apache-2.0
// Our CMP client against OpenSSL's mock server: certificates and revocations authenticated by secret and by signature, and answers
// that must be rejected.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { before, test } from 'node:test'
import { client } from './client.mjs'
import { Authority, freePort, recording } from './cmp.mjs'

const skip = !process.env.CERTHALL_STATE && 'needs a hall'
const authorities = {}
const text = (a, name) => readFileSync(a.path(name), 'utf8')
const base64 = (a, name) => new X509Certificate(text(a, name)).raw.toString('base64')
const call = (a, operation, input = {}, settings = {}) => client(operation, { ca: 'other', ...input }, { cmp: a.folder, vendor_timeout_ms: 2000, cmp_wait_seconds: 5, ...settings })
const request = (a, name = 'ee', settings) => call(a, 'cmp.request', { key: text(a, `${name}.key`) }, settings)

before(() => {
  if (skip) return
  for (const algorithm of ['p256', 'rsa']) {
    const a = (authorities[algorithm] = new Authority(algorithm))
    a.issue('ee', '/C=CN/CN=张三')
  }
})

async function serving(a, work, { options, settings, certificate = a.path('ee.pem') } = {}) {
  const server = await a.serve(certificate, { options })
  a.settings('other', server.port, settings)
  try {
    return await work(server)
  } finally {
    await server.end()
  }
}

for (const algorithm of ['p256', 'rsa'])
  for (const signed of [false, true])
    test(`${algorithm}: a certificate and its revocation, protected by ${signed ? 'signatures' : 'a secret'}`, { skip }, async () => {
      const a = authorities[algorithm]
      await serving(a, async () => {
        assert.equal((await call(a, 'cmp.ping')).outcome, 'accepted')
        const said = await request(a)
        assert.equal(said.outcome, 'accepted')
        assert.equal(said.certificate, base64(a, 'ee.pem'))
        for (const reason of [1, 4, 6, 8]) assert.equal((await call(a, 'cmp.revoke', { certificate: said.certificate, reason })).outcome, 'accepted')
      }, { settings: { signed } })
    })

/** The parts of a DER value. */
function parts(b) {
  const out = []
  for (let i = 0; i < b.length;) {
    let n = b[i + 1], head = 2
    if (n & 0x80) [n, head] = n === 0x81 ? [b[i + 2], 3] : [b.readUInt16BE(i + 2), 4]
    out.push({ whole: b.subarray(i, i + head + n).toString('hex'), body: b.subarray(i + head, i + head + n) })
    i += head + n
  }
  return out
}

// RFC 4210: a CR is [2], of CertReqMsg (RFC 4211): template with validity [4] { notAfter [1] }, control oldCertID, raVerified [0].
test('in the place of another: until when, which one, and that we have verified the possession of the key', { skip }, async () => {
  const a = authorities.p256, end = Date.UTC(2031, 4, 6, 7, 8, 9)
  const [, number, , issuer] = parts(parts(parts(new X509Certificate(text(a, 'ra.pem')).raw)[0].body)[0].body)
  const ask = (old) => call(a, 'cmp.request', { key: text(a, 'ee.key'), end: end / 1000, ...(old && { old }) })
  for (const signed of [false, true])
    await serving(a, async ({ port }) => {
      const way = await recording(port)
      a.settings('other', way.port, { signed })
      const said = await ask(base64(a, 'ra.pem'))
      assert.deepEqual([said.outcome, said.certificate], ['accepted', base64(a, 'ee.pem')])
      const message = way.sent().toString('hex')
      const until = `170d${Buffer.from('310506070809Z').toString('hex')}`
      assert.match(message, new RegExp(`a411a10f${until}`), 'notAfter, to the second')
      assert.match(message, new RegExp(`06092b060105050705010530..a4..${issuer.whole}${number.whole}`), 'oldCertID: issuer and serial number')
      assert.match(message, /8000/, 'raVerified')
      assert.doesNotMatch(message, /08310506|a0..170d/, 'no beginning')
      way.end()
    }, { options: ['-accept_raverified'], settings: { signed } })
  await serving(a, async ({ port }) => {
    const way = await recording(port)
    a.settings('other', way.port)
    assert.equal((await ask()).outcome, 'accepted')
    assert.doesNotMatch(way.sent().toString('hex'), /2b0601050507050105/, 'one of another authority is not named')
    way.end()
  }, { options: ['-accept_raverified'] })
})

test('an authority that does not take our word for the possession refuses', { skip }, async () => {
  const a = authorities.p256
  await serving(a, async () => {
    const said = await call(a, 'cmp.request', { key: text(a, 'ee.key'), end: 1935817689, old: base64(a, 'ra.pem') })
    assert.deepEqual([said.outcome, said.certificate], ['refused', null])
  })
})

test('an authority that says no is believed', { skip }, async () => {
  const a = authorities.p256
  await serving(a, async () => {
    const said = await request(a)
    assert.deepEqual([said.outcome, said.code, said.certificate], ['refused', 'rejection', null])
  }, { options: ['-send_error'] })
  await serving(a, async () => {
    const said = await call(a, 'cmp.revoke', { certificate: base64(a, 'ra.pem') }) // not the mock's
    assert.equal(said.outcome, 'refused')
  })
})

test('a certificate for another key is not taken', { skip }, async () => {
  const a = authorities.p256
  await serving(a, async () => {
    const said = await call(a, 'cmp.request') // a fresh key
    assert.deepEqual([said.outcome, said.certificate], ['refused', null])
    assert.notEqual(said.message, '')
  })
})

test('a wrong secret: no answer that counts', { skip }, async () => {
  const a = authorities.p256
  writeFileSync(a.path('wrong'), 'another secret altogether')
  await serving(a, async ({ port }) => {
    a.settings('other', port, { secret: 'wrong' }) // of the reference the mock server takes no notice
    const said = await request(a)
    assert.deepEqual([said.outcome, said.certificate], ['unknown', null])
    assert.equal((await call(a, 'cmp.ping')).outcome, 'unknown')
  })
})

test('an answer signed by another certificate of the same authority is not believed', { skip }, async () => {
  const a = authorities.p256
  await serving(a, async ({ port }) => {
    a.settings('other', port, { signed: true, server: 'ee.pem' })
    const said = await request(a)
    assert.deepEqual([said.outcome, said.certificate], ['unknown', null])
  })
})

test('an authority that makes us wait is asked again within the time, and not longer', { skip }, async () => {
  const a = authorities.p256
  await serving(a, async () => assert.equal((await request(a)).outcome, 'accepted'), { options: ['-poll_count', '1', '-check_after', '1'] })
  await serving(a, async () => {
    const said = await request(a, 'ee', { cmp_wait_seconds: 2 })
    assert.deepEqual([said.outcome, said.certificate], ['unknown', null])
  }, { options: ['-poll_count', '30', '-check_after', '1'] })
})

test('nobody there, somebody silent, somebody else: tried again later', { skip }, async () => {
  const a = authorities.p256
  a.settings('other', await freePort())
  assert.equal((await request(a)).outcome, 'unknown')
  const silent = createServer(() => {}).listen(0), chatty = createServer((s) => s.on('error', () => {}).end('HTTP/1.0 200 OK\r\nContent-Type: application/pkixcmp\r\n\r\nhello')).listen(0)
  for (const server of [silent, chatty]) {
    a.settings('other', server.address().port)
    const said = await request(a, 'ee', { vendor_timeout_ms: 1000 })
    assert.deepEqual([said.outcome, said.certificate], ['unknown', null])
    server.close()
  }
})

test('settings that cannot be right are said to be wrong, and nothing is sent', { skip }, async () => {
  const a = authorities.p256
  const wrong = [{ algorithm: 'sm3' }, { url: 'https://127.0.0.1/' }, { url: 'ftp://127.0.0.1/' }, { trusted: '' }, { secret: '' }, { reference: '' },
    { certificate: 'ra.pem' }, { colour: 'red' }, { signed: true, server: '' }, { signed: true, key: '' }]
  for (const more of wrong) {
    a.settings('other', 1, more)
    assert.equal((await request(a)).outcome, 'not set up', JSON.stringify(more))
  }
  for (const ca of ['nobody', '../other', 'other.conf', '']) assert.equal((await call(a, 'cmp.ping', { ca })).outcome, 'not set up', ca)
  a.settings('other', 1, { secret: 'missing' })
  assert.equal((await request(a)).outcome, 'not set up')
})
