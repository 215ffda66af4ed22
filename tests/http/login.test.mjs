// SPDX-License-Identifier: Apache-2.0
// Log-in of staff: only a passkey of the roster, under the statement that was offered, once, in time and on this page.
import assert from 'node:assert/strict'
import { createHmac, randomBytes, randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { newStaff, program, request, sql } from './lib.mjs'
import { DESK_ORIGIN, STATE, Staff, asserted, eventually, leafOf } from '../lib/hall.mjs'
import { giveKeys, nextRoster, roster } from '../lib/roster.mjs'

const WRONG = '登录没有成功：没有这个人员，或不是这个人员的安全密钥。'
const unknown = () => `nobody${randomBytes(6).toString('hex')}`
const challenge = (name) => request('POST', '/desk/api/login/challenge', { json: { name } })
const open = (json) => request('POST', '/desk/api/login/session', { json })

/** A body of login.open for an offer, signed by the key of `signer`; `text` is signed instead of the statement. */
async function signed(name, { offer, signer = name, text, origin } = {}) {
  offer ??= (await challenge(name)).json
  const { credentials } = signer === name ? offer : (await challenge(signer)).json
  const { time, ...assertion } = await asserted({ ...offer, credentials, challenge: leafOf(text ?? offer.statement) }, origin)
  return { name, time, nonce: offer.nonce, assertion }
}

async function refusedFor(body, code = 'wrong') {
  const res = await open(body)
  assert.equal(res.status, 422, res.text)
  assert.deepEqual(res.json.errors.map((e) => [e.pointer, e.code]), [['/assertion', code]])
  if (code === 'wrong') assert.equal(res.json.errors[0].detail, WRONG)
  assert.equal(res.headers['set-cookie'], undefined)
  return res
}

const sessions = (name) => Number(sql(`SELECT count(*) FROM hall.session s JOIN hall.staff f ON f.id = s.staff WHERE f.name = '${name}'`))

const takeOut = async (name) => roster('put', ...(await nextRoster([], undefined, (key) => key.name !== name)).files)

describe('log-in of staff', () => {
  test('opens a session, once', async () => {
    const { statement, time, nonce, rp_id, credentials } = (await challenge('audit')).json
    assert.equal(statement, `certhall 1：登录后台\n人员：audit\n时间：${time}\n随机数：${nonce}\n`)
    assert.equal(rp_id, new URL(DESK_ORIGIN).hostname)
    assert.equal(credentials.length, 1)
    const body = await signed('audit'), had = sessions('audit'), res = await open(body)
    assert.equal(res.status, 200, res.text)
    assert.deepEqual([res.json.staff.name, res.json.staff.roles], ['audit', ['auditor']])
    assert.match(res.headers['set-cookie'].join(), /^ch_desk_[^=]+=[^;]+;.*HttpOnly.*SameSite/)
    assert.equal(sessions('audit'), had + 1)
    const again = await open(body)
    assert.equal(again.status, 409)
    assert.equal(again.json.detail, '这次签署已经用过，请重新登录。')
    assert.equal(sessions('audit'), had + 1)
  })

  test('needs the key of that name, under what was offered, for that name and this page', async () => {
    const had = sessions('finance'), offer = (await challenge('finance')).json
    await refusedFor(await signed('finance', { signer: 'audit' })) // another person's key
    await refusedFor(await signed('finance', { text: 'certhall 1：登录后台\n' })) // another text
    await refusedFor(await signed('finance', { origin: 'http://evil.localhost' })) // another page
    const right = await signed('finance', { offer })
    await refusedFor({ ...right, name: 'audit' }) // offered to somebody else
    await refusedFor({ ...right, time: right.time.replace(/^2026/, '2027') }) // at another time
    await refusedFor({ ...right, nonce: right.nonce.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) }) // which nobody offered
    await refusedFor({ ...right, nonce: randomBytes(48).toString('base64url') })
    for (const part of Object.keys(right.assertion)) {
      await refusedFor({ ...right, assertion: { ...right.assertion, [part]: undefined } })
      await refusedFor({ ...right, assertion: { ...right.assertion, [part]: randomBytes(70).toString('base64url') } })
    }
    await refusedFor({ ...right, assertion: {} })
    assert.equal(sessions('finance'), had)
    assert.equal((await open(right)).status, 200, 'none of these has used it up')
  })

  test('tells nobody which names there are', async () => {
    const name = unknown(), [there, not, notAgain] = [(await challenge('review')).json, (await challenge(name)).json, (await challenge(name)).json]
    assert.deepEqual(Object.keys(not), Object.keys(there))
    assert.equal(not.credentials.length, 1)
    assert.equal(not.credentials[0].length, there.credentials[0].length)
    assert.deepEqual(not.credentials, notAgain.credentials, 'a name without a key has the same every time')
    assert.notDeepEqual(not.credentials, (await challenge(unknown())).json.credentials)
    const shown = ({ status, headers, json }) => JSON.stringify([status, { ...headers, date: '', 'x-request-id': '' }, { ...json, request_id: '' }])
    const body = await signed('review', { signer: 'audit' }), nobodys = { ...body, name, time: not.time, nonce: not.nonce }
    assert.equal(shown(await refusedFor(nobodys)), shown(await refusedFor(body)))
  })

  test('is for staff: neither a security officer nor who is locked out comes in', async () => {
    await refusedFor(await signed('officer1'))
    const other = await newStaff('auditor')
    await giveKeys(other.name)
    assert.equal((await open(await signed(other.name))).status, 200)
    assert.equal(program('admin', ['staff', 'lock', other.name]).status, 0)
    await refusedFor(await signed(other.name))
    await takeOut(other.name)
  })

  test('goes by the roster: a key that two officers have taken out opens nothing', async () => {
    const who = await newStaff('auditor')
    await giveKeys(who.name)
    const before = await signed(who.name)
    await takeOut(who.name)
    await refusedFor(before)
    assert.equal((await challenge(who.name)).json.credentials.length, 1, 'nobody sees that')
  })

  test('tells of a new roster for a week', async () => {
    const news = async () => (await open(await signed('audit'))).json.staff.roster
    await giveKeys()
    const version = Number(roster('show').match(/^version (\d+)/)[1]), told = await news()
    assert.deepEqual([told.version, Date.now() - Date.parse(told.at) < 3600_000], [version, true])
    sql(`UPDATE hall.roster SET at = at - interval '8 days' WHERE version > 1`)
    try {
      assert.equal(await news(), null)
    } finally {
      sql(`UPDATE hall.roster SET at = at + interval '8 days' WHERE version > 1`)
    }
  })

  test('can be signed for five minutes', async () => {
    const key = readFileSync(`${STATE}/keys/session/csrf.key`), random = randomBytes(16), { credentials, rp_id } = (await challenge('admin')).json
    const offeredAt = (secondsAgo) => {
      const time = new Date(Date.now() - secondsAgo * 1000 + 8 * 3600_000).toISOString().replace(/\.\d+Z$/, '+08:00')
      const mark = createHmac('sha256', key).update(`login|admin|${time}|${random.toString('hex')}`).digest()
      const nonce = Buffer.concat([random, mark]).toString('base64url')
      return { statement: `certhall 1：登录后台\n人员：admin\n时间：${time}\n随机数：${nonce}\n`, time, nonce, credentials, rp_id }
    }
    await refusedFor(await signed('admin', { offer: offeredAt(301) }), 'late')
    assert.equal((await open(await signed('admin', { offer: offeredAt(200) }))).status, 200)
  })

  test('is in the log, with name and address, and whatever else was typed is not', async () => {
    const name = unknown(), from = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`
    const offer = (await request('POST', '/desk/api/login/challenge', { json: { name }, from })).json
    await request('POST', '/desk/api/login/session', { json: { ...(await signed('review', { offer, signer: 'audit' })), name }, from })
    await request('POST', '/desk/api/login/session', { json: await signed('review', { signer: 'audit' }), from })
    await request('POST', '/desk/api/login/session', { json: await signed('review'), from })
    const linesNow = () => [0, 1].map((i) => readFileSync(`${STATE}/log/login.${i}.log`, 'utf8')).join('').split('\n').filter((l) => l.includes(from))
    const lines = await eventually('three lines', () => linesNow().length === 3 && linesNow())
    for (const said of [`log-in of somebody unknown from ${from} refused: `, `log-in of review from ${from} refused: another person's key`, `log-in of review from ${from}"`])
      assert.ok(lines.some((l) => l.includes(said)), said)
    assert.ok(!lines.some((l) => l.includes(name)))
  })
})

test('an administrator ends the sessions of a member of staff, or locks the member out; both hold from the next request on', async () => {
  const seen = async (who) => (await who.call('GET', '/desk/api/login/session')).status
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

test('a log-in ends the session that the browser had', async () => {
  const who = await new Staff().login('audit'), before = Object.assign(new Staff(), { cookies: new Map(who.cookies), csrf: who.csrf })
  await who.login('audit')
  await assert.rejects(before.call('GET', '/desk/api/login/session'), (e) => e.status === 401)
  assert.equal((await who.call('GET', '/desk/api/login/session')).staff.name, 'audit')
})

test('who logs out is out', async () => {
  const who = await new Staff().login('audit')
  const out = await who.fetch('POST', '/desk/api/login/logout')
  assert.equal(out.headers.get('clear-site-data'), '"cache"')
  await assert.rejects(who.call('GET', '/desk/api/login/session'), (e) => e.status === 401)
})
