// SPDX-License-Identifier: Apache-2.0
// Log-in of staff against those who guess: what is counted, what they are told, and what no number of tries at once can outrun.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { PG, newStaff, program, quote, request, sql } from './lib.mjs'
import { staffPasswords } from '../lib/hall.mjs'

const [LENT, PASSWORD] = Object.entries(staffPasswords())[0]
const run = promisify(execFile)

/** Each try from an address of its own, so that the limit for an address is not what refuses it. */
const somewhere = () => `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`
const unknown = () => `nobody${randomBytes(6).toString('hex')}`

/** A member of staff with a known password. */
function member() {
  const name = `guess${randomBytes(6).toString('hex')}`
  sql(`INSERT INTO hall.staff (id, name, display_name, password, roles)
       SELECT '${randomUUID()}', '${name}', '测试', password, '{auditor}' FROM hall.staff WHERE name = ${quote(LENT)}`)
  return name
}

const attempt = (name, password, from = somewhere()) => request('POST', '/desk/api/office/login', { json: { name, password }, from })

/** The same, and again while all places for a password's hash are taken. */
async function answered(...args) {
  for (;;) {
    const res = await attempt(...args)
    if (res.status !== 429) return res
    assert.equal(res.json.detail, '现在办理的人较多，请稍等几秒再试。')
    await sleep(50)
  }
}

/** Whatever a person or a program can see of an answer, but for what every answer has of its own. */
const shown = ({ status, headers, json }) => {
  return JSON.stringify([status, { ...headers, date: '', 'x-request-id': '' }, { ...json, request_id: '' }])
}

const counted = (name) => Number(sql(`SELECT count(*) FROM hall.login_try WHERE who = hall.staff_key(${quote(name)})`))
const later = (name, minutes) => sql(`UPDATE hall.login_try SET at = at - interval '${minutes} minutes' WHERE who = hall.staff_key(${quote(name)})`)

describe('who guesses a password of staff', () => {
  test('is told the same for a name that is there and one that is not, locked or not', async () => {
    const answers = []
    for (const name of [member(), unknown()]) {
      for (let n = 0; n < 7; n++) answers.push(await answered(name, 'wrong wrong 9'))
      answers.push(await answered(name, PASSWORD))
      assert.equal(counted(name), 5)
    }
    assert.equal(answers[0].status, 422)
    assert.equal(answers[0].json.errors[0].detail, '用户名或密码不正确。连续输错 5 次后，须过 15 分钟才能登录。')
    assert.deepEqual([...new Set(answers.map(shown))], [shown(answers[0])])
    assert.ok(answers.every((a) => !a.headers['set-cookie']))
  })

  test('cannot outrun the count with forty tries at once', async () => {
    const name = member()
    const answers = await Promise.all(Array.from({ length: 40 }, () => answered(name, 'wrong wrong 9')))
    assert.ok(answers.every((a) => a.status === 422))
    assert.equal(counted(name), 5)
    assert.equal((await answered(name, PASSWORD)).status, 422)
  })

  test('gets five of twenty tries that reach the database at the same moment', async () => {
    const gate = randomInt(1, 2 ** 31), key = `hall.staff_key('${unknown()}')`
    const holder = spawn('psql', ['-XAtq', '-d', 'certhall'], { env: PG, stdio: ['pipe', 'pipe', 'inherit'] })
    holder.stdin.write(`SELECT 'held' FROM pg_advisory_lock(${gate});\n`)
    await once(holder.stdout, 'data')
    const tries = Array.from({ length: 20 }, (_, i) => run('psql', ['-XAtq', '-d', 'certhall', '-c', `SELECT pg_advisory_lock_shared(${gate})`,
      '-c', `SELECT hall.login_try(${key}, '192.0.2.${i}'); SELECT pg_sleep(0.05)`], { env: PG })) // one transaction, which ends late
    while (Number(sql(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = ${gate} AND NOT granted`)) < 20) await sleep(50)
    holder.stdin.end() // all go at once
    const outs = await Promise.all(tries)
    assert.equal(outs.filter((o) => o.stdout.trim() === 't').length, 5)
  })

  test('does not make a lock-out longer by trying during it', async () => {
    const name = member()
    for (let n = 0; n < 5; n++) await answered(name, 'wrong wrong 9')
    later(name, 14)
    for (let n = 0; n < 3; n++) assert.equal((await answered(name, PASSWORD)).status, 422)
    later(name, 1)
    assert.equal((await answered(name, PASSWORD)).status, 200)
    assert.equal(counted(name), 0, 'a right password takes the tries back')
  })

  test('is stopped for an address that tries many names, and others are not', async () => {
    const from = somewhere()
    sql(`INSERT INTO hall.login_try (who, address) SELECT sha256(n::text::bytea || '${from}'), '${from}' FROM generate_series(1, 50) n`)
    const name = member(), stopped = await attempt(name, PASSWORD, from)
    assert.equal(stopped.status, 429)
    assert.equal(stopped.json.detail, '当前网络的登录失败次数过多，请 15 分钟后再试。')
    assert.equal((await answered(name, PASSWORD)).status, 200)
  })
})

test('an administrator ends the sessions of a member of staff, or locks the member out; both hold from the next request on', async () => {
  const seen = async (who) => (await who.call('GET', '/desk/api/office/session')).status
  const staff = (...args) => program('admin', ['staff', ...args])
  const one = await newStaff('auditor'), other = await newStaff('auditor')
  assert.deepEqual([await seen(one), await seen(other)], [200, 200])
  assert.equal(staff('end', one.name).status, 0)
  assert.equal(staff('lock', other.name).status, 0)
  assert.deepEqual([await seen(one), await seen(other)], [401, 401])
  assert.deepEqual(sql(`SELECT string_agg(active::text, ' ' ORDER BY active DESC) FROM hall.staff WHERE id IN ('${one.id}', '${other.id}')`), 'true false')
  const nobody = staff('end', unknown())
  assert.equal(nobody.status, 1)
  assert.match(nobody.out, /there is no staff of the name nobody/)
  assert.equal(staff('end').status, 2)
})
