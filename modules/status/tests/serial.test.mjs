// SPDX-License-Identifier: Apache-2.0
// The state of a certificate by its serial number, and how people find their own serial numbers: who is told what, and that nobody can
// list other people's.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { issued, setState } from '../../../tests/lib/authority.mjs'
import { Staff, eventually, inbox, messages, sql, submitted } from '../../../tests/lib/hall.mjs'
import { ADDRESS, newApplicant, newStaff, pointers, quote, request, unitCode } from '../../../tests/http/lib.mjs'

const status = (serial) => request('GET', `/ocsp/api/status?serial=${encodeURIComponent(serial)}`)
const find = (unit_name, unit_code) => request('POST', '/ocsp/api/find', { json: { unit_name, unit_code } })
let natural, unit

before(async () => {
  natural = await issued('sm2')
  const { a, p } = await submitted('szjsgws')
  await a.pay()
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  sql(`UPDATE hall.orders SET state = 'accepted' WHERE id = '${a.order.id}' AND state = 'approved'`)
  await (await new Staff().login('produce')).act(a.order.id, 'produce')
  const serial = await eventually('the certificate', () => sql(`SELECT serial FROM hall.certificate WHERE order_id = '${a.order.id}' AND state = 'valid'`))
  unit = { a, p, serial, ...a.order.form }
})

test('a number in whatever habit it is typed', async () => {
  const s = natural.serial, pairs = s.match(/../g)
  const habits = [s, s.toLowerCase(), pairs.join(':'), pairs.join(' '), pairs.join('-').toLowerCase(), `0x${s}`, `0X${s.toLowerCase()}`, `00:${pairs.join(':')}`,
    ` ${s}\n`, s.replace(/^0+/, '')]
  for (const typed of habits) {
    const { status: code, json } = await status(typed)
    assert.equal(code, 200, typed)
    assert.equal(json.serial, s, typed)
    assert.equal(json.certificates[0].state, 'valid', typed)
  }
})

test('what is no number: 422 with what to do', async () => {
  for (const typed of ['', 'xyz', '0x', '000000', '0'.repeat(60), 'A'.repeat(41), "' OR 1=1", '１２３４']) {
    const res = await status(typed)
    assert.equal(res.status, 422, typed)
    assert.deepEqual(pointers(res), { '/serial': 'rule' })
  }
  assert.equal((await request('GET', '/ocsp/api/status')).status, 422)
})

test('of whose it is nothing is told', async () => {
  const { text, headers } = await status(natural.serial)
  const { form } = natural.order
  for (const secret of [form.holder_name, form.holder_id, form.holder_mobile, natural.order.number, natural.order.id])
    assert.ok(!text.includes(secret), text)
  assert.equal(headers['cache-control'], 'no-store')
})

test('on hold, good again, revoked; and one that is not there', async () => {
  const state = async () => (await status(natural.serial)).json.certificates[0]
  setState(natural, 'hold')
  assert.equal((await state()).state, 'hold')
  assert.ok((await state()).since)
  setState(natural, 'valid')
  assert.deepEqual([(await state()).state, (await state()).since], ['valid', null])
  setState(natural, 'revoked', 'cessation')
  assert.equal((await state()).state, 'revoked')
  assert.deepEqual((await status('1234567890ABCDEF')).json.certificates, [])
})

test('an address asks only so often', async () => {
  sql(`INSERT INTO hall.public_count (kind, who, n) VALUES ('serial', '${ADDRESS}', 1000000) ON CONFLICT (kind, who, day) DO UPDATE SET n = 1000000`)
  const res = await status(unit.serial)
  sql(`DELETE FROM hall.public_count WHERE who = '${ADDRESS}'`)
  assert.equal(res.status, 429)
  assert.ok(!res.text.includes(unit.serial))
})

// ---- one's own ----

test('by unit and code: the agent on record is told, whoever asks', async () => {
  const res = await find(unit.unit_name, unit.unit_code)
  assert.equal(res.status, 202)
  assert.deepEqual(res.json, { asked: true })
  const told = await inbox(unit.agent_mobile, /证书序列号/)
  assert.ok(told.text.includes(unit.serial), told.text)
  assert.ok(told.text.includes(unit.unit_name))
})

test('of a unit that is not there, or under another name or code: the same answer, and no message', async () => {
  const before = (await messages(unit.agent_mobile)).length
  const asks = [['没有这家单位', unitCode()], ['另一个名称', unit.unit_code], [unit.unit_name, unitCode()]]
  for (const [name, code] of asks) {
    const res = await find(name, code)
    assert.equal(res.status, 202)
    assert.deepEqual(res.json, { asked: true })
  }
  await eventually('the runner has looked', () => sql('SELECT count(*) FROM hall.serials_request') === '0')
  assert.equal((await messages(unit.agent_mobile)).filter((m) => /证书序列号/.test(m.text)).length, 1)
  assert.ok((await messages(unit.agent_mobile)).length >= before)
})

test('a wrong code is told by its field; a unit and an address are asked for only so often', async () => {
  assert.deepEqual(pointers(await find('某单位', '91440300000000000X')), { '/unit_code': 'rule' })
  const code = unitCode()
  sql(`DELETE FROM hall.public_count WHERE who = '${ADDRESS}'`)
  for (let n = 0; n < 3; n++) assert.equal((await find('某单位', code)).status, 202)
  assert.equal((await find('某单位', code)).status, 429)
  sql(`UPDATE hall.public_count SET n = 1000000 WHERE who = '${ADDRESS}'`)
  assert.equal((await find('某单位', unitCode())).status, 429)
  sql(`DELETE FROM hall.public_count WHERE who = '${ADDRESS}'`)
})

test('logged in: the certificates of one\'s own orders, by unit, and of nobody else\'s', async () => {
  const mine = await unit.a.call('GET', '/ocsp/api/mine')
  const found = mine.units.find((u) => u.unit === unit.unit_name)
  assert.deepEqual(found.certificates.map((c) => [c.serial, c.state, c.order.id]), [[unit.serial, 'valid', unit.a.order.id]])
  assert.ok(!JSON.stringify(mine).includes(natural.serial))
  const other = await newApplicant()
  assert.deepEqual((await other.call('GET', '/ocsp/api/mine')).json, { units: [] })
})

test('staff and nobody have no list', async () => {
  const staff = await newStaff('admin')
  assert.equal((await staff.call('GET', '/ocsp/api/mine')).status, 401)
  assert.equal((await request('GET', '/ocsp/api/mine', { headers: staff.cookie('hall') })).status, 403)
  assert.equal((await request('GET', '/ocsp/api/mine')).status, 401)
  assert.equal((await request('GET', `/ocsp/api/mine?account=${unit.a.order.id}`)).status, 401)
  sql(`UPDATE hall.staff SET active = false WHERE id = ${quote(staff.id)}`)
})

test('the pages are the hall\'s own', async () => {
  for (const path of ['/verify', '/ocsp/status', '/ocsp/ocspList']) {
    const res = await request('GET', path)
    assert.equal(res.status, 200, path)
    assert.match(res.headers['content-type'], /^text\/html/)
    assert.match(res.headers['content-security-policy'], /script-src 'self'/)
  }
})
