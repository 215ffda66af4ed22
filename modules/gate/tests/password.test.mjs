// SPDX-License-Identifier: Apache-2.0
// Guessing of passwords at the log-in: which tries are counted, what the guesser is told, and that parallel tries do not get past the
// limit.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { PG, request, sql } from '../../../tests/http/lib.mjs'
import { Applicant, person } from '../../../tests/lib/hall.mjs'

const SLUG = 'jieyang' // which takes passwords
const PASSWORD = 'correct horse 1', WRONG = 'wrong wrong 9'
const run = promisify(execFile)

/** Each try comes from another address, so that the limit for an address does not refuse it. */
const somewhere = () => `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`

/** A phone, and the addresses that its password was tried from: by these its tries are found, since they are kept under a keyed hash. */
const phone = (number) => ({ number, from: [] })
const unknown = () => phone(`19${String(randomInt(1e9)).padStart(9, '0')}`)

/** The phone of somebody with a known password. */
async function known() {
  const { mobile } = await person()
  await new Applicant(SLUG).register(mobile, PASSWORD)
  return phone(mobile)
}

function attempt(victim, password, from = somewhere()) {
  victim.from.push(from)
  return request('POST', `/${SLUG}/api/gate/login-password`, { json: { phone: victim.number, password }, from })
}

/** The same, and again while all places for a password's hash are taken. */
async function answered(victim, password) {
  for (;;) {
    const res = await attempt(victim, password)
    if (res.status !== 429) return res
    assert.equal(res.json.detail, '现在办理的人较多，请稍等几秒再试。')
    await sleep(50)
  }
}

/** Everything that can be seen of an answer, except what differs in every answer. */
const shown = ({ status, headers, json }) => {
  return JSON.stringify([status, { ...headers, date: '', 'x-request-id': '' }, { ...json, request_id: '' }])
}

const tries = (victim) => `address = ANY ('{${victim.from}}')`
const counted = (victim) => Number(sql(`SELECT count(*) FROM hall.login_try WHERE ${tries(victim)}`))
const later = (victim, minutes) => sql(`UPDATE hall.login_try SET at = at - interval '${minutes} minutes' WHERE ${tries(victim)}`)

describe('who guesses a password', () => {
  test('is told the same for a phone that is known and one that is not, locked or not', async () => {
    const answers = []
    for (const victim of [await known(), unknown()]) {
      for (let n = 0; n < 7; n++) answers.push(await answered(victim, WRONG))
      answers.push(await answered(victim, PASSWORD))
      assert.equal(counted(victim), 5)
    }
    assert.equal(answers[0].status, 422)
    assert.deepEqual(answers[0].json.errors, [{
      pointer: '/password', code: 'wrong',
      detail: '手机号或密码不正确。连续输错 5 次后，须过 15 分钟才能用密码登录；忘记密码可用短信验证码登录或重设密码。',
    }])
    assert.deepEqual([...new Set(answers.map(shown))], [shown(answers[0])])
    assert.ok(answers.every((a) => !a.headers['set-cookie']))
  })

  test('cannot outrun the count with forty tries at once', async () => {
    const victim = await known()
    const answers = await Promise.all(Array.from({ length: 40 }, () => answered(victim, WRONG)))
    assert.ok(answers.every((a) => a.status === 422))
    assert.equal(counted(victim), 5)
    assert.equal((await answered(victim, PASSWORD)).status, 422)
  })

  test('gets five of twenty tries that reach the database at the same moment', async () => {
    const gate = randomInt(1, 2 ** 31), who = `'\\x${randomBytes(32).toString('hex')}'`
    const holder = spawn('psql', ['-XAtq', '-d', 'certhall'], { env: PG, stdio: ['pipe', 'pipe', 'inherit'] })
    holder.stdin.write(`SELECT 'held' FROM pg_advisory_lock(${gate});\n`)
    await once(holder.stdout, 'data')
    const waiting = Array.from({ length: 20 }, (_, i) => run('psql', ['-XAtq', '-d', 'certhall', '-c', `SELECT pg_advisory_lock_shared(${gate})`,
      '-c', `SELECT hall.login_try(${who}, '192.0.2.${i}'); SELECT pg_sleep(0.05)`], { env: PG })) // one transaction, which ends late
    while (Number(sql(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = ${gate} AND NOT granted`)) < 20) await sleep(50)
    holder.stdin.end() // all go at once
    const outs = await Promise.all(waiting)
    assert.equal(outs.filter((o) => o.stdout.trim() === 't').length, 5)
  })

  test('does not make a lock-out longer by trying during it', async () => {
    const victim = await known()
    for (let n = 0; n < 5; n++) await answered(victim, WRONG)
    later(victim, 14)
    for (let n = 0; n < 5; n++) assert.equal((await answered(victim, PASSWORD)).status, 422)
    later(victim, 1)
    assert.equal((await answered(victim, PASSWORD)).status, 200)
    assert.equal(counted(victim), 0, 'a right password takes the tries back')
  })

  test('is stopped for an address that tries many phones, and others are not', async () => {
    const from = somewhere()
    sql(`INSERT INTO hall.login_try (who, address) SELECT sha256(n::text::bytea || '${from}'), '${from}' FROM generate_series(1, 50) n`)
    const victim = await known(), stopped = await attempt(victim, PASSWORD, from)
    assert.equal(stopped.status, 429)
    assert.equal(stopped.json.detail, '当前网络的登录失败次数过多，请 15 分钟后再试。')
    assert.equal((await answered(victim, PASSWORD)).status, 200)
  })
})
