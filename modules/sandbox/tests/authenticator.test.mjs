// SPDX-License-Identifier: Apache-2.0
// The software authenticator: keys that are made once, assertions that verify with Node's own cryptography, and what is refused.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, createPrivateKey, createPublicKey, randomBytes, verify } from 'node:crypto'
import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { after, test } from 'node:test'
import { DESK_ORIGIN, STATE, URL_BASE, sandboxCall } from '../../../tests/lib/hall.mjs'

const NAMES = ['test-one', 'test-two'], FOLDER = `${STATE}/sandbox/passkeys`
const ORIGIN = 'http://desk.localhost:8080', HOST = 'desk.localhost'
const program = `${STATE}/bin/certhall-sandbox-keys`, env = { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` }
const bytes = (text) => Buffer.from(text, 'base64url')
const sha256 = (what) => createHash('sha256').update(what).digest()

function passkeys(...names) {
  const lines = execFileSync(program, ['--passkeys', ...names], { encoding: 'utf8', env }).trim().split('\n')
  return lines.map((line) => line.split(' ')).map(([name, credential, point]) => ({ name, credential, point }))
}
const pem = (name) => readFileSync(`${FOLDER}/${name}.pem`, 'utf8')
const publicKey = (point) =>
  createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: bytes(point).subarray(1, 33).toString('base64url'), y: bytes(point).subarray(33).toString('base64url') } })
const asked = (credentials, more = {}) => ({ credentials, challenge: randomBytes(32).toString('base64url'), origin: ORIGIN, rp_id: HOST, ...more })
const sign = (json) => sandboxCall('POST', '/authenticator/assert', { json })

after(() => NAMES.forEach((name) => rmSync(`${FOLDER}/${name}.pem`, { force: true })))

test('a file is signed with several, as the page for security keys makes one list of it', () => {
  const keys = passkeys(...NAMES), text = '内容\n'
  const list = JSON.parse(execFileSync(program, ['--sign', ...NAMES], { encoding: 'utf8', env, input: text }))
  assert.deepEqual(list.map((one) => one.credential), keys.map((one) => one.credential))
  for (const [i, one] of list.entries()) {
    const said = JSON.parse(bytes(one.client_data))
    assert.deepEqual([said.type, said.origin, said.challenge], ['webauthn.get', DESK_ORIGIN, sha256(Buffer.concat([Buffer.from([0]), Buffer.from(text)])).toString('base64url')])
    const signed = Buffer.concat([bytes(one.authenticator_data), sha256(bytes(one.client_data))])
    assert.ok(verify('sha256', signed, publicKey(keys[i].point), bytes(one.signature)))
  }
  assert.equal(spawnSync(program, ['--sign'], { env }).status, 2, 'nobody')
  assert.equal(spawnSync(program, ['--sign', '../x'], { env }).status, 2, 'no name')
})

test('passkeys are made once, each with a line; others are left alone', () => {
  const made = passkeys(...NAMES)
  assert.deepEqual(made.map((one) => one.name), NAMES)
  for (const { name, credential, point } of made) {
    assert.equal(bytes(point).length, 65)
    assert.equal(bytes(point)[0], 4)
    assert.deepEqual(bytes(credential), sha256(bytes(point)))
    assert.deepEqual(createPublicKey(createPrivateKey(pem(name))).export({ format: 'jwk' }), publicKey(point).export({ format: 'jwk' }))
    const file = statSync(`${FOLDER}/${name}.pem`), folder = statSync(`${STATE}/sandbox`)
    assert.deepEqual([file.mode & 0o777, file.uid, file.gid], [0o600, folder.uid, folder.gid], 'the sandbox alone reads it')
  }
  assert.notEqual(made[0].credential, made[1].credential)
  const kept = pem(NAMES[1]), files = readdirSync(FOLDER)
  assert.deepEqual(passkeys(NAMES[0]), made.slice(0, 1))
  assert.deepEqual(passkeys(...NAMES), made)
  assert.equal(pem(NAMES[1]), kept)
  assert.deepEqual(readdirSync(FOLDER), files)
})

for (const args of [[], [''], ['../escaped'], ['test-three', 'a/b'], ['Upper'], ['x'.repeat(33)]])
  test(`no passkey is made for ${JSON.stringify(args).slice(0, 40)}`, () => {
    const files = readdirSync(FOLDER)
    const { status, stderr } = spawnSync(program, ['--passkeys', ...args], { encoding: 'utf8', env })
    assert.equal(status, 2)
    assert.match(stderr, /usage: /)
    assert.deepEqual(readdirSync(FOLDER), files)
  })

test('an assertion is that of the first passkey that is here, and verifies', async () => {
  const [one, two] = passkeys(...NAMES), strange = randomBytes(32).toString('base64url')
  for (const [credentials, owner] of [[[one.credential], one], [[strange, two.credential, one.credential], two], [[one.credential, two.credential], one]]) {
    const ask = asked(credentials), made = await sign(ask)
    assert.equal(made.credential, owner.credential)
    assert.deepEqual(JSON.parse(bytes(made.client_data)), { type: 'webauthn.get', challenge: ask.challenge, origin: ORIGIN, crossOrigin: false })
    assert.deepEqual(bytes(made.authenticator_data), Buffer.concat([sha256(HOST), Buffer.from([5, 0, 0, 0, 0])]))
    const signed = Buffer.concat([bytes(made.authenticator_data), sha256(bytes(made.client_data))])
    assert.ok(verify('sha256', signed, publicKey(owner.point), bytes(made.signature)), 'ES256 in DER')
    assert.ok(!verify('sha256', signed, publicKey(owner === one ? two.point : one.point), bytes(made.signature)))
  }
})

test('an assertion is for the page and the challenge that are said, whatever they are', async () => {
  const [one] = passkeys(NAMES[0])
  const made = await sign(asked([one.credential], { origin: 'https://elsewhere.example', rp_id: 'elsewhere.example' }))
  assert.equal(JSON.parse(bytes(made.client_data)).origin, 'https://elsewhere.example')
  assert.deepEqual(bytes(made.authenticator_data).subarray(0, 32), sha256('elsewhere.example'))
})

test('without any of the passkeys there is no signature', async () => {
  await assert.rejects(sign(asked([randomBytes(32).toString('base64url')])), (e) => e.status === 404 && /安全密钥/.test(e.body.detail))
})

const good = randomBytes(32).toString('base64url')
for (const [what, change, pointer] of [
  ['no credentials', { credentials: undefined }, '/credentials'],
  ['an empty list', { credentials: [] }, '/credentials'],
  ['33 credentials', { credentials: Array(33).fill(good) }, '/credentials'],
  ['no list', { credentials: good }, '/credentials'],
  ['a credential that is no text', { credentials: [good, 7] }, '/credentials/1'],
  ['a credential that is no base64url', { credentials: ['%%'] }, '/credentials/0'],
  ['no challenge', { challenge: undefined }, '/challenge'],
  ['a challenge of 31 bytes', { challenge: randomBytes(31).toString('base64url') }, '/challenge'],
  ['a challenge that is no base64url', { challenge: '?'.repeat(43) }, '/challenge'],
  ['no origin', { origin: '' }, '/origin'],
  ['an RP id that is no text', { rp_id: 1 }, '/rp_id'],
  ['an RP id that is too long', { rp_id: 'a'.repeat(301) }, '/rp_id'],
])
  test(`refused, the field being named: ${what}`, async () => {
    await assert.rejects(sign(asked([good], change)), (e) => e.status === 422 && e.body.errors.length === 1 && e.body.errors[0].pointer === pointer)
  })

test('32 credentials are not too many', async () => {
  const [one] = passkeys(NAMES[0])
  assert.equal((await sign(asked([...Array(31).fill(good), one.credential]))).credential, one.credential)
})

test('what is no JSON object is refused', async () => {
  for (const body of ['', '[]', '{', '"x"']) {
    const res = await fetch(`${URL_BASE}/sandbox/api/authenticator/assert`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    assert.equal(res.status, 400, body)
  }
})

test('the script is served as a module, under the same rules as the pages', async () => {
  const res = await fetch(`${DESK_ORIGIN}/sandbox/authenticator.js`)
  assert.equal(res.status, 200)
  assert.match(res.headers.get('content-type'), /^(application|text)\/javascript/)
  assert.equal(res.headers.get('x-content-type-options'), 'nosniff')
  assert.match(res.headers.get('content-security-policy'), /script-src 'self'/)
  assert.match(await res.text(), /authenticator\/assert/)
})
