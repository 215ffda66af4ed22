// SPDX-License-Identifier: Apache-2.0
// Our S3 client: its objects in s3rver, read and written by Amazon's own SDK; its signatures recomputed with aws4 (s3rver
// takes any signature of version 4); and papers in a bucket.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { client } from './client.mjs'
import { fresh, skip as noHall } from './sandbox.mjs'

const skip = noHall || (parseInt(process.versions.node) < 20 && '@aws-sdk/client-s3 needs Node 20')
const require = createRequire(import.meta.url)
// s3rver makes its continuation tokens by single DES, which OpenSSL 3 does not have; triple DES with three equal keys is the same.
const crypto = require('crypto')
for (const make of ['createCipheriv', 'createDecipheriv']) {
  const made = crypto[make]
  crypto[make] = (name, key, iv, ...more) => name === 'des' ? made('des-ede3-cbc', Buffer.concat([key, key, key]), iv) : made(name, key, iv, ...more)
}
const aws4 = require('aws4'), S3rver = require('s3rver')
const sdk = skip ? {} : await import('@aws-sdk/client-s3')

const folder = mkdtempSync(join(tmpdir(), 's3-')), secret = join(folder, 'secret.key')
writeFileSync(secret, 'S3RVER\n')
let store, server, port
before(async () => {
  if (skip) return
  server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: join(folder, 'objects'), configureBuckets: [{ name: 'papers' }] })
  port = (await server.run()).port
  store = new sdk.S3Client({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' } })
})
after(async () => {
  await server?.close()
  rmSync(folder, { recursive: true })
})
const settings = (url = `http://127.0.0.1:${port}/papers`, more = {}) =>
  ({ s3_url: url, s3_region: 'us-east-1', s3_access_key: 'S3RVER', s3_secret_key: secret, vendor_timeout_ms: 2000, ...more })
const bytes = Buffer.from(Array.from({ length: 200000 }, (_, i) => (i * 131) & 255)), base64 = bytes.toString('base64')

test('we put, the SDK reads; the SDK puts, we read', { skip }, async () => {
  const key = fresh('ours/o-'), theirs = fresh('theirs_')
  assert.equal((await client('s3.put', { key, base64 }, settings())).outcome, 'accepted')
  assert.equal((await client('s3.put', { key, base64 }, settings())).outcome, 'accepted') // the same once more
  const read = await store.send(new sdk.GetObjectCommand({ Bucket: 'papers', Key: key }))
  assert.deepEqual(Buffer.from(await read.Body.transformToByteArray()), bytes)
  await store.send(new sdk.PutObjectCommand({ Bucket: 'papers', Key: theirs, Body: bytes }))
  const got = await client('s3.get', { key: theirs }, settings())
  assert.deepEqual([got.outcome, got.base64], ['accepted', base64])
  const head = await client('s3.head', { key: theirs }, settings())
  assert.deepEqual([head.outcome, head.size], ['accepted', bytes.length])
})

test('deleted is missing, which is not a store that is down', { skip }, async () => {
  const key = fresh('d')
  await client('s3.put', { key, base64 }, settings())
  for (let i = 0; i < 2; i++) assert.equal((await client('s3.delete', { key }, settings())).outcome, 'accepted')
  await assert.rejects(store.send(new sdk.HeadObjectCommand({ Bucket: 'papers', Key: key })), { name: 'NotFound' })
  const got = await client('s3.get', { key }, settings())
  assert.deepEqual([got.outcome, got.code, got.missing], ['refused', 'NoSuchKey', true])
  assert.equal((await client('s3.head', { key }, settings())).missing, true)
  const down = await client('s3.get', { key }, settings('http://127.0.0.1:9/papers'))
  assert.deepEqual([down.outcome, down.missing], ['unknown', false])
  const nowhere = await client('s3.get', { key }, settings(`http://127.0.0.1:${port}/nowhere`))
  assert.deepEqual([nowhere.outcome, nowhere.code, nowhere.missing], ['refused', 'NoSuchBucket', false])
})

/** A bucket that compares signatures with those of aws4 and says what differs. `change` may alter a request before it is checked. */
async function withChecker(change, use) {
  const seen = []
  const checker = createServer((req, res) => {
    const parts = []
    req.on('data', (part) => parts.push(part)).on('end', () => {
      const came = change({ method: req.method, path: req.url, headers: { ...req.headers }, body: Buffer.concat(parts) })
      const verdict = check(came)
      seen.push({ ...came, verdict })
      res.writeHead(verdict ? 403 : 200).end(verdict ? `<?xml version="1.0"?><Error><Code>${verdict}</Code><Message>no</Message></Error>` : '')
    })
  })
  await new Promise((ready) => checker.listen(0, '127.0.0.1', ready))
  try {
    await use(`http://127.0.0.1:${checker.address().port}/papers`, seen)
  } finally {
    await new Promise((closed) => checker.close(closed).closeAllConnections())
  }
}
function check({ method, path, headers, body }) {
  if (headers['x-amz-content-sha256'] !== createHash('sha256').update(body).digest('hex')) return 'XAmzContentSHA256Mismatch'
  const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization)?.[1].split(';') ?? []
  for (const wanted of ['host', 'x-amz-date', 'x-amz-content-sha256']) if (!signed.includes(wanted)) return 'AccessDenied'
  for (const name of signed) if (headers[name] === undefined) return 'AccessDenied' // signed, but not sent
  const copy = { method, path, service: 's3', region: 'us-east-1', body, extraHeadersToIgnore: { 'content-length': true }, headers: Object.fromEntries(signed.map((name) => [name, headers[name]])) }
  const at = headers['x-amz-date'].replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  if (!(Math.abs(Date.parse(at) - Date.now()) < 15 * 60e3)) return 'RequestTimeTooSkewed'
  const again = aws4.sign(copy, { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }).headers
  const spaceless = (text) => text.replaceAll(' ', '')
  return spaceless(again.Authorization ?? again.authorization) === spaceless(headers.authorization) ? null : 'SignatureDoesNotMatch'
}
const same = (came) => came

test('each request carries the signature that aws4 makes', { skip }, () => withChecker(same, async (url, seen) => {
  for (const [op, method] of [['s3.put', 'PUT'], ['s3.get', 'GET'], ['s3.head', 'HEAD'], ['s3.delete', 'DELETE']]) {
    assert.equal((await client(op, { key: 'a/b-c_1.bin', base64 }, settings(url))).outcome, 'accepted', op)
    assert.deepEqual([seen.at(-1).method, seen.at(-1).path], [method, '/papers/a/b-c_1.bin'])
  }
  assert.deepEqual(seen[0].body, bytes)
  const large = Buffer.alloc(5 << 20, 'x').toString('base64') // libcurl says "Expect: 100-continue"
  assert.equal((await client('s3.put', { key: 'large', base64: large }, settings(url))).outcome, 'accepted')
}))

test('one changed byte, another key, another secret are refused', { skip }, async () => {
  const put = (url, more) => client('s3.put', { key: 'k', base64 }, settings(url, more))
  const refused = (change, code, more = {}) => withChecker(change, async (url) => {
    const sent = await put(url, more)
    assert.deepEqual([sent.outcome, sent.code], ['refused', code])
  })
  await refused((came) => ({ ...came, body: Buffer.concat([came.body.subarray(1), Buffer.from('x')]) }), 'XAmzContentSHA256Mismatch')
  await refused((came) => ({ ...came, path: `${came.path}x` }), 'SignatureDoesNotMatch')
  await refused((came) => ({ ...came, method: 'DELETE' }), 'SignatureDoesNotMatch')
  await refused(same, 'SignatureDoesNotMatch', { s3_access_key: 'SOMEBODY' })
  const wrong = join(folder, 'wrong.key')
  writeFileSync(wrong, 'S3RVEQ\n')
  await refused(same, 'SignatureDoesNotMatch', { s3_secret_key: wrong })
  await refused(same, 'SignatureDoesNotMatch', { s3_region: 'cn-north-1' })
})

test('what lies under the prefix is listed, page after page, signed as aws4 signs it', { skip }, async () => {
  const prefix = fresh('hall-'), at = settings(`http://127.0.0.1:${port}/papers/${prefix}`, { vendor_timeout_ms: 120000 }) // it reads every object that it lists
  const keys = Array.from({ length: 503 }, (_, i) => `k${String(i).padStart(4, '0')}`)
  for (let i = 0; i < keys.length; i += 50)
    await Promise.all(keys.slice(i, i + 50).map((key) => store.send(new sdk.PutObjectCommand({ Bucket: 'papers', Key: `${prefix}/${key}`, Body: 'x' }))))
  await store.send(new sdk.PutObjectCommand({ Bucket: 'papers', Key: `${prefix}/deeper/other`, Body: 'x' }))
  const first = await client('s3.list', {}, at)
  assert.deepEqual([first.outcome, first.objects.length, typeof first.next], ['accepted', 500, 'string'])
  const second = await client('s3.list', { token: first.next }, at)
  assert.equal(second.next, null)
  assert.deepEqual([...first.objects, ...second.objects].map((one) => one.key), keys)
  assert.ok(first.objects.every((one) => Math.abs(one.modified - Date.now() / 1000) < 3600))
  const nowhere = await client('s3.list', {}, settings(`http://127.0.0.1:${port}/nowhere`))
  assert.deepEqual([nowhere.outcome, nowhere.code], ['refused', 'NoSuchBucket'])
  await withChecker(same, async (url, seen) => {
    assert.equal((await client('s3.list', { token: 'a+b/c==' }, settings(`${url}/some/hall/`))).code, 'not_a_listing') // it was let in, and said nothing
    assert.equal(seen.at(-1).path, '/papers?continuation-token=a%2Bb%2Fc%3D%3D&delimiter=%2F&list-type=2&max-keys=500&prefix=some%2Fhall%2F')
    assert.equal(seen.at(-1).verdict, null)
  })
})

const uuid = () => crypto.randomUUID().replace(/^(.{14})./, '$17')

test('a paper in the bucket is encrypted, and comes back', { skip }, async () => {
  const id = uuid(), kept = await client('store.round', { id, base64 }, settings(undefined, { store: folder }))
  assert.deepEqual([kept.error, kept.base64], [null, base64])
  const object = await store.send(new sdk.GetObjectCommand({ Bucket: 'papers', Key: id }))
  const encrypted = Buffer.from(await object.Body.transformToByteArray())
  assert.equal(encrypted.length, bytes.length + 16 * Math.ceil(bytes.length / 65536)) // a tag for each chunk
  assert.equal(encrypted.indexOf(bytes.subarray(1000, 1032)), -1)
})

test('a paper that is lost, and a bucket that is down', { skip }, async () => {
  const lost = await client('store.round', { id: uuid(), base64, lose: 1 }, settings(undefined, { store: folder }))
  assert.equal(lost.error, 'not_found')
  const down = await client('store.round', { id: uuid(), base64 }, settings('http://127.0.0.1:9/papers', { store: folder }))
  assert.equal(down.error, 'unavailable')
  assert.match(down.sentence, /文件存储暂时不可用/)
  const denied = await withChecker((came) => ({ ...came, method: 'POST' }), async (url) => {
    assert.equal((await client('store.round', { id: uuid(), base64 }, settings(url, { store: folder }))).error, 'internal')
  })
  assert.equal(denied, undefined)
})

test('old papers of a bucket are found behind those of the folder', { skip }, async () => {
  const id = uuid(), at = settings(`http://127.0.0.1:${port}/papers/${fresh('old-')}`, { store: folder })
  await client('store.round', { id, base64 }, at)
  assert.equal((await client('s3.put', { key: 'not-a-paper', base64 }, at)).outcome, 'accepted')
  assert.deepEqual((await client('store.list', { from: 'ff' }, at)).next, 'bucket/')
  const { error, ids, next } = await client('store.list', { from: 'bucket/', seconds_ago: 3600 }, at)
  assert.deepEqual({ error, ids, next }, { error: null, ids: [], next: null })
  assert.deepEqual((await client('store.list', { from: 'bucket/', seconds_ago: -60 }, at)).ids, [id])
})
