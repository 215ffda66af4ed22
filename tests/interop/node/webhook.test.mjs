// SPDX-License-Identifier: Apache-2.0
// The reference library of Standard Webhooks reads what our code sends, and our code reads what the library signs.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import { client } from './client.mjs'
import { flipped, fresh, skip } from './sandbox.mjs'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`, NEXT = `whsec_${Buffer.alloc(24, 9).toString('base64')}`
const body = JSON.stringify({ type: 'certificate.issued', timestamp: '2026-11-21T10:00:00+08:00', data: { order: 'T1', name: '示范科技有限公司' } })

const seen = []
let status = 200
const partner = createServer((req, res) => {
  const parts = []
  req.on('data', (part) => parts.push(part)).on('end', () => {
    seen.push({ method: req.method, path: req.url, headers: req.headers, body: Buffer.concat(parts).toString() })
    res.writeHead(status, { location: '/elsewhere' }).end()
  })
})
before(() => skip || new Promise((done) => partner.listen(0, '127.0.0.1', done)))
after(() => partner.close())

const url = () => `http://127.0.0.1:${partner.address().port}/hook`
async function send(more = {}) {
  seen.length = 0
  return client('webhook.send', { url: url(), secrets: SECRET, id: fresh('msg_'), body, ...more })
}

test('the library verifies what we send, and not a byte less', { skip }, async () => {
  const id = fresh('msg_'), sent = await send({ id }), [got] = seen
  assert.equal(sent.outcome, 'accepted')
  assert.deepEqual([got.method, got.path, got.headers['content-type'], got.headers['webhook-id'], got.body], ['POST', '/hook', 'application/json', id, body])
  assert.deepEqual(new Webhook(SECRET).verify(got.body, got.headers), JSON.parse(body))
  const { 'webhook-signature': signature, 'webhook-timestamp': timestamp } = got.headers
  for (const [text, change] of [[got.body.replace('T1', 'T2'), {}], [got.body, { 'webhook-id': `${id}x` }],
    [got.body, { 'webhook-timestamp': String(+timestamp + 1) }], [got.body, { 'webhook-signature': flipped(signature) }]])
    assert.throws(() => new Webhook(SECRET).verify(text, { ...got.headers, ...change }), WebhookVerificationError)
  assert.throws(() => new Webhook(NEXT).verify(got.body, got.headers), WebhookVerificationError)
})

test('while a secret changes, the old and the new one verify', { skip }, async () => {
  await send({ secrets: `${NEXT} ${SECRET}` })
  for (const secret of [SECRET, NEXT]) assert.ok(new Webhook(secret).verify(seen[0].body, seen[0].headers))
})

test('we verify what the library signs, and not a byte less', { skip }, async () => {
  const id = fresh('msg_'), at = new Date(), now = Math.floor(at / 1000), timestamp = String(now)
  const signature = new Webhook(SECRET).sign(id, at, body)
  const good = async (change = {}) => (await client('webhook.verify', { secrets: SECRET, id, timestamp, signature, body, now, ...change })).good
  assert.equal(await good(), true)
  assert.equal(await good({ signature: `v1,${Buffer.alloc(32).toString('base64')} ${signature}`, secrets: `${NEXT} ${SECRET}` }), true)
  for (const change of [{ body: body.replace('T1', 'T2') }, { id: `${id}x` }, { timestamp: String(now + 1) }, { signature: flipped(signature) }, { secrets: NEXT }, { now: now + 301 }, { now: now - 301 }])
    assert.equal(await good(change), false, JSON.stringify(change))
})

test('what the partner answers', { skip }, async () => {
  for (const [code, outcome, word] of [[204, 'accepted', ''], [410, 'refused', 'gone'], [404, 'refused', '404'], [302, 'refused', '302'], [429, 'unknown', '429'], [500, 'unknown', '500']]) {
    status = code
    const sent = await send()
    assert.deepEqual([sent.outcome, sent.code, seen.length], [outcome, word, 1])
  }
})

test('where nothing is sent', { skip }, async () => {
  for (const bad of ['http://192.0.2.1/', 'http://localhost/', 'ftp://127.0.0.1/'])
    assert.deepEqual((({ outcome, code }) => [outcome, code])(await send({ url: bad })), ['refused', 'address'])
  const inProduction = await client('webhook.send', { url: url().replace('http', 'https').replace('127.0.0.1', 'localhost'), secrets: SECRET, id: 'msg_1', body }, { production: 'yes', sandbox: 'no' })
  assert.deepEqual([inProduction.outcome, inProduction.code], ['refused', 'address'])
  assert.equal((await send({ url: 'http://127.0.0.1:9/' })).outcome, 'unknown')
})
