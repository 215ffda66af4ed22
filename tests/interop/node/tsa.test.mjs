// SPDX-License-Identifier: Apache-2.0
// Time stamps (RFC 3161): our client against an authority made of openssl ts, the sandbox's authority against openssl ts as a client, and
// what neither believes.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { client } from './client.mjs'
import { sandbox, skip } from './sandbox.mjs'

const folder = mkdtempSync(join(tmpdir(), 'tsa-')), file = (name) => join(folder, name)
const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
const verifies = (response, data, root) => {
  writeFileSync(file('seen.tsr'), response)
  writeFileSync(file('seen.txt'), data)
  return spawnSync('openssl', ['ts', '-verify', '-in', 'seen.tsr', '-data', 'seen.txt', '-CAfile', root], { cwd: folder, encoding: 'utf8' }).status === 0
}

/** An authority, whose answers `change` may change. */
let change, asked, server, url
before(async () => {
  for (const [name, use] of [['good', 'timeStamping'], ['other', 'timeStamping']])
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '30', '-subj', `/CN=${name} TSA`,
      '-addext', `extendedKeyUsage=critical,${use}`)
  writeFileSync(file('ts.conf'), ['[tsa]', 'default_tsa = one', '[one]', `serial = ${file('serial')}`, 'default_policy = 1.2.3.4.1', 'digests = sha256', 'signer_digest = sha256', 'ess_cert_id_alg = sha256', 'accuracy = secs:1'].join('\n'))
  writeFileSync(file('serial'), '01\n')
  server = createServer((req, res) => {
    const parts = []
    req.on('data', (part) => parts.push(part)).on('end', () => {
      asked = { type: req.headers['content-type'], body: Buffer.concat(parts) }
      writeFileSync(file('asked.tsq'), asked.body)
      const signer = change?.signer ?? 'good'
      openssl('ts', '-reply', '-config', 'ts.conf', '-queryfile', change?.query ?? 'asked.tsq', '-signer', `${signer}.pem`, '-inkey', `${signer}.key`, '-out', 'reply.tsr')
      const reply = change?.bytes?.(readFileSync(file('reply.tsr'))) ?? readFileSync(file('reply.tsr'))
      res.writeHead(change?.status ?? 200, { 'content-type': 'application/timestamp-reply' }).end(reply)
    })
  }).listen(0, '127.0.0.1')
  await new Promise((ready) => server.once('listening', ready))
  url = `http://127.0.0.1:${server.address().port}/tsa`
})
after(() => {
  server.close()
  rmSync(folder, { recursive: true })
})
const stamp = async (how, root = 'good.pem', text = 'what was signed') => {
  change = how
  return client('tsa.stamp', { text }, { tsa_url: url, tsa_ca: file(root), vendor_timeout_ms: 5000, breaker_failures: 1000 })
}

test('our request is one that openssl answers, and our answer one that it verifies', async () => {
  const said = await stamp()
  assert.equal(said.outcome, 'accepted', JSON.stringify(said))
  assert.equal(asked.type, 'application/timestamp-query')
  assert.match(openssl('ts', '-query', '-in', 'asked.tsq', '-text').toString(), /Version: 1[\s\S]*sha256[\s\S]*Nonce: 0x[\s\S]*Certificate required: yes/i)
  assert.ok(verifies(Buffer.from(said.base64, 'base64'), 'what was signed', 'good.pem'))
  assert.ok(!verifies(Buffer.from(said.base64, 'base64'), 'something else', 'good.pem'))
})

test('two requests for the same data differ: the nonce', async () => {
  await stamp()
  const first = asked.body
  await stamp()
  assert.notDeepEqual(asked.body, first)
})

test('nothing is believed that is not a good time stamp for this request', async () => {
  await stamp()
  writeFileSync(file('old.tsq'), asked.body)
  const flip = (at) => (bytes) => {
    bytes[bytes.length - at] ^= 1
    return bytes
  }
  for (const [name, how, root] of [
    ['an answer to an earlier request', { query: 'old.tsq' }], ['another authority', { signer: 'other' }], ['a root that is another', undefined, 'other.pem'],
    ['a changed signature', { bytes: flip(1) }], ['text', { bytes: () => Buffer.from('busy') }], ['more behind it', { bytes: (b) => Buffer.concat([b, Buffer.from([0])]) }],
    ['cut off', { bytes: (b) => b.subarray(0, b.length / 2) }], ['an error of the server', { status: 500 }], ['nothing', { bytes: () => Buffer.alloc(0) }],
  ]) {
    const said = await stamp(how, root)
    assert.equal(said.outcome, 'unknown', name)
    assert.equal(said.base64, '', name)
  }
})

test('the sandbox\'s authority answers openssl, and says why it does not stamp', { skip }, async () => {
  const { tsa_url: at, tsa_ca: ca } = sandbox
  writeFileSync(file('sandbox.pem'), ca)
  writeFileSync(file('mine.txt'), 'of openssl')
  openssl('ts', '-query', '-data', 'mine.txt', '-sha256', '-cert', '-out', 'mine.tsq')
  const ask = async (body, type = 'application/timestamp-query') => fetch(at, { method: 'POST', headers: { 'content-type': type }, body })
  const reply = await ask(readFileSync(file('mine.tsq')))
  assert.equal(reply.headers.get('content-type'), 'application/timestamp-reply')
  writeFileSync(file('mine.tsr'), Buffer.from(await reply.arrayBuffer()))
  assert.match(openssl('ts', '-verify', '-in', 'mine.tsr', '-queryfile', 'mine.tsq', '-CAfile', 'sandbox.pem').toString(), /OK/)
  openssl('ts', '-query', '-data', 'mine.txt', '-sha1', '-out', 'weak.tsq')
  writeFileSync(file('weak.tsr'), Buffer.from(await (await ask(readFileSync(file('weak.tsq')))).arrayBuffer()))
  assert.match(openssl('ts', '-reply', '-in', 'weak.tsr', '-text').toString(), /Rejected[\s\S]*unrecognized or unsupported algorithm/i)
  assert.equal((await ask('x', 'text/plain')).status, 415)
})
