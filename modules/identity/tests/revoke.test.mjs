// SPDX-License-Identifier: Apache-2.0
// A certificate is revoked by a person of its order, who authenticates on the phone; the account alone cannot, and strangers learn of it
// where they learn of every revocation.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { Applicant, Client, Phone, Staff, eventually, messages, person, sql } from '../../../tests/lib/hall.mjs'
import { certified } from '../../../tests/lib/reissue.mjs'

let produce
before(async () => {
  produce = await new Staff().login('produce')
})

async function atHome(type = 'institution') {
  const made = await certified('jieyang', type)
  await produce.act(made.a.order.id, 'ship', { courier: 'sf', tracking_no: 'SF1234567890' })
  await made.a.until('shipped')
  return { ...made, order: made.a.order.id }
}
const view = ({ a, order }) => a.api('GET', `/identity/orders/${order}/revoke`)
const ask = ({ a, order, serial }, more = {}) => a.api('POST', `/identity/orders/${order}/revoke`, { json: { serial, role: 'agent', reason: 'cessation', ...more } })
const state = (made) => sql(`SELECT concat_ws(' ', state, reason) FROM hall.certificate WHERE id = '${made.id}'`)
async function prove(who, { url }, verdict = 'pass') {
  const phone = new Phone('jieyang', url)
  await phone.cards(who)
  await phone.liveness(verdict)
  await phone.until(verdict === 'pass' ? 'passed' : 'failed')
  return phone
}

test('asked for, proved, done: the register, the message, the public status', async () => {
  const made = await atHome()
  const seen = await view(made)
  assert.deepEqual([seen.roles, seen.reasons.map((r) => r.code)], [['agent', 'legal'], ['cessation', 'key_compromise', 'affiliation_changed', 'unspecified']])
  assert.deepEqual([seen.items[0].serial, seen.items[0].can, seen.items[0].asked], [made.serial, true, null])
  const link = await ask(made)
  assert.equal(state(made), 'valid', 'asking does nothing')
  const page = await new Phone('jieyang', link.url).api('GET', '')
  assert.deepEqual([page.purpose, page.person_label, page.revoked], ['revoke', '经办人', null])
  const phone = await prove(made.p, link)
  assert.equal((await phone.api('GET', '')).revoked, 'revoked_now')
  assert.equal(state(made), 'revoked cessation')
  assert.equal(sql(`SELECT way || ' ' || kind || ' ' || state FROM hall.revocation WHERE certificate = '${made.id}'`), 'link revoke done')
  assert.match(sql(`SELECT string_agg(detail::text, ' ') FROM hall.audit WHERE subject = '${made.id}'`), /"revoke": "[-0-9a-f]{36}"/)
  await eventually('the message', async () => (await messages(made.p.mobile)).some((m) => m.text.includes(made.serial) && /吊销，不能再使用，原因：不再使用/.test(m.text)))
  assert.ok((await made.a.refresh()).history.some((h) => /证书已吊销：不再使用/.test(h.text)))
  await eventually('the public status', async () => (await new Client().call('POST', '/hall/api/status/serial', { json: { serial: made.serial } }).catch(() => null))?.state !== 'valid')
  await assert.rejects(ask(made), (e) => e.status === 409 && /已经吊销/.test(e.message))
  assert.equal((await view(made)).items[0].state, 'revoked')
})

test('another person, a face that fails, and an old link revoke nothing', async () => {
  const made = await atHome('natural')
  const mine = { role: 'holder' }
  const first = await ask(made, mine)
  await assert.rejects(new Phone('jieyang', first.url).cards(await person()), { status: 422 })
  const second = await ask(made, mine)
  await assert.rejects(new Phone('jieyang', first.url).api('GET', ''), (e) => [401, 410].includes(e.status))
  await prove(made.p, second, 'fail')
  assert.equal(state(made), 'valid')
  assert.equal((await view(made)).items[0].asked.state, 'failed')
  for (let n = 0; n < 3; n++) await ask(made, mine)
  await assert.rejects(ask(made, mine), { status: 429 })
  await prove(made.p, { url: (sql(`SELECT count(*) FROM hall.link l JOIN hall.identity i ON i.id = l.subject WHERE i.certificate = '${made.id}'`), second.url) }).catch((e) => assert.ok([401, 410].includes(e.status)))
  assert.equal(state(made), 'valid')
})

test('refused: a stranger, before the parcel, a role or a reason that is none, no token of the session, the end', async () => {
  const early = await certified()
  await assert.rejects(ask({ ...early, order: early.a.order.id }), (e) => e.status === 409 && /还没有交付/.test(e.message))
  const made = await atHome()
  const stranger = new Applicant('jieyang')
  await stranger.loginSms((await person()).mobile)
  for (const call of [view, ask]) await assert.rejects(call({ ...made, a: stranger }), { status: 404 })
  const wrong = async (more, pointer) => assert.rejects(ask(made, more), (e) => e.status === 422 && e.body.errors[0].pointer === pointer, pointer)
  await wrong({ role: 'holder' }, '/role')
  await wrong({ role: 'x' }, '/role')
  for (const reason of ['superseded', 'privilege_withdrawn', 'x']) await wrong({ reason }, '/reason')
  await wrong({ serial: 'x' }, '/serial')
  assert.equal((await made.a.fetch('POST', `/jieyang/api/identity/orders/${made.order}/revoke`, { json: { serial: made.serial, role: 'agent', reason: 'cessation' }, headers: { 'x-csrf-token': 'no' } })).status, 403)
  const link = await ask(made)
  sql(`UPDATE hall.certificate SET not_after = now() WHERE id = '${made.id}'`)
  await assert.rejects(ask(made), (e) => e.status === 409 && /已经过期/.test(e.message))
  assert.equal((await (await prove(made.p, link)).api('GET', '')).revoked, 'revoked_not')
  assert.equal(state(made), 'valid')
})
