// SPDX-License-Identifier: Apache-2.0
// A hall whose operator has switched the sandbox off before the first start: it runs, has no person and no project in it, and contains
// no file of the sandbox.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { Client, DESK_ORIGIN, STATE, addressOf, sql } from '../lib/hall.mjs'

const files = (folder) => readdirSync(`${STATE}/${folder}`, { recursive: true })
const status = async (address) => (await fetch(address)).status

test('no file is the sandbox’s, and no database', () => {
  assert.ok(files('bin').includes('certhall-gate') && files('www').includes('index.html'))
  for (const folder of ['.', 'bin', 'www', 'keys', 'nginx', 'run'].map((f) => (f === '.' ? readdirSync(STATE) : files(f))))
    assert.deepEqual(folder.filter((name) => /sandbox/.test(name)), [])
  assert.deepEqual(sql(`SELECT count(*) FROM pg_database WHERE datname ~ 'sandbox'`), '0')
  assert.deepEqual(sql(`SELECT count(*) FROM pg_roles WHERE rolname ~ 'sandbox'`), '0')
})

test('nothing answers at its paths', async () => {
  for (const path of ['/sandbox', '/sandbox/api/person', '/assets/sandbox/sandbox.js']) assert.equal(await status(addressOf(path)), 404, path)
  assert.equal(await status(`${DESK_ORIGIN}/sandbox/authenticator.js`), 404)
})

test('nobody is in it: no project, no staff, no log-in before there is a roster', async () => {
  assert.equal(sql('SELECT (SELECT count(*) FROM hall.project) + (SELECT count(*) FROM hall.staff) + (SELECT count(*) FROM hall.account)'), '0')
  assert.equal(await status(addressOf('/')), 200)
  assert.equal(await status(addressOf('/desk/')), 200)
  const said = await new Client().call('POST', '/desk/api/login/challenge', { json: { name: 'admin' } }).catch((e) => e)
  assert.equal(said.status, 409)
  assert.match(said.body.detail, /还没有启用安全密钥名册/)
})

test('./certhall status finds it well', () => {
  const said = execFileSync('./certhall', ['status'], { cwd: process.env.CERTHALL_TOP, encoding: 'utf8' })
  assert.match(said, /\(answers\)/)
  assert.doesNotMatch(said, /FATAL|BACKOFF|STOPPED|sandbox/)
})
