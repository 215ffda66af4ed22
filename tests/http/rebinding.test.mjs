// SPDX-License-Identifier: Apache-2.0
// Another phone number for an account whose own is lost: the person of its orders passes with card, carrier and face; the old number has
// a day to stop it; then it is out.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Applicant, Phone, eventually, formFor, inbox, messages, paper, person, sql } from '../lib/hall.mjs'

const later = () => sql("UPDATE hall.sms_code SET created_at = created_at - interval '61 seconds' WHERE created_at > now() - interval '2 minutes'")

/** An account one of whose orders has a person who has passed. */
async function account(slug = 'jieyang') {
  const p = await person(), a = new Applicant(slug)
  later()
  await a.loginSms(p.mobile)
  await another(a, p)
  return { a, p, id: (await a.api('GET', '/gate/session')).account.id }
}
async function another(a, p) {
  await a.draft()
  await a.save(formFor(a.slug, p))
  assert.equal((await a.authenticate(p)).state, 'passed')
}
async function refused(promise, status, pointer, words = /./) {
  const e = await promise.then(() => assert.fail('was let through'), (problem) => problem)
  assert.equal(e.status, status, e.message)
  if (pointer) assert.deepEqual(e.body.errors.map((one) => one.pointer), [pointer])
  assert.match(e.message, words)
}
const outside = () => new Applicant('hall')
/** The code that came to the new number. */
async function codeTo(phone) {
  later()
  const before = (await messages(phone)).length
  assert.deepEqual(await outside().api('POST', '/gate/sms-code', { json: { phone, purpose: 'rebind' } }), { retry_after: 60 })
  const { text } = await eventually('the code', async () => (await messages(phone)).length > before && (await messages(phone))[0])
  assert.match(text, /换绑/)
  return text.match(/\d{6}/)[0]
}
const ask = (old, phone, code) => outside().api('POST', '/gate/rebinding', { json: { old, phone, code } })
async function begun(old, phone) {
  return new Phone('hall', (await ask(old, phone, await codeTo(phone))).url)
}
async function passed(old, phone, who) {
  const link = await begun(old, phone)
  await link.cards(who)
  await link.liveness('pass')
  await link.until('passed')
  return (await link.api('GET', '')).rebinding
}
const fresh = async () => (await person()).mobile
/** The wait is over. */
const hasten = (id) => sql(`UPDATE hall.rebinding SET due_at = now() WHERE account = '${id}' AND state = 'waiting';
  UPDATE hall.outbox SET due_at = now() WHERE kind = 'rebinding' AND state = 'due' AND subject IN (SELECT id FROM hall.rebinding WHERE account = '${id}'); NOTIFY outbox`)
const trail = (id) => sql(`SELECT string_agg(concat_ws(' ', detail ->> 'id_card', CASE WHEN detail ? 'face' THEN 'face' END, detail ->> 'refused', CASE WHEN detail ? 'way' THEN concat_ws(' ', 'by', detail ->> 'way', detail ->> 'identity') END, CASE WHEN detail ? 'due' THEN 'waits' END,
  CASE WHEN detail ? 'stopped' THEN 'stopped' END, CASE WHEN detail ? 'done' THEN 'done' END), ',' ORDER BY seq) FROM hall.audit WHERE subject = '${id}' AND detail ? 'rebinding'`)

test('what is wrong is named at its field', async () => {
  const { p } = await account(), phone = await fresh(), other = await account()
  await refused(ask('123', phone, '000000'), 422, '/old')
  await refused(ask(p.mobile, '123', '000000'), 422, '/phone')
  await refused(ask(p.mobile, phone, '12'), 422, '/code')
  await refused(ask(p.mobile, p.mobile, '000000'), 422, '/phone', /相同/)
  await refused(ask(p.mobile, phone, '000000'), 422, '/code', /失效/)
  const code = await codeTo(phone)
  await refused(ask(p.mobile, phone, code === '000000' ? '000001' : '000000'), 422, '/code', /不正确/)
  await refused(ask(p.mobile, other.p.mobile, await codeTo(other.p.mobile)), 422, '/phone', /已有账号/)
  await ask(p.mobile, phone, code)
  await refused(ask(p.mobile, phone, code), 422, '/code', /失效/)
})

test('an account and none are answered alike, until the person has passed', async () => {
  const { p } = await account(), stranger = await person()
  const shape = async (old) => {
    const link = await begun(old, await fresh())
    const page = await link.api('GET', '')
    for (const other of ['brand', 'expires_at']) delete page[other] // the time is that of each link
    const said = await link.card('front', await paper('idcard-front', stranger)).catch((e) => e.message.replace(/^.*? /, ''))
    const liveness = await link.api('POST', '/liveness').catch((e) => e.message)
    return { page, said, liveness }
  }
  const one = await shape(p.mobile)
  assert.deepEqual(await shape(await fresh()), one)
  assert.match(one.said, /不一致/)
  assert.deepEqual([one.page.purpose, one.page.name, one.page.person_label, one.page.rebinding], ['rebind', null, '账号持有人', null])
})

test('the person passes, a day goes by, and the old number is out', async () => {
  const { a, p, id } = await account(), phone = await fresh()
  later()
  await a.register(p.mobile, 'correct horse 1') // a password, which the old number may know
  const was = await passed(p.mobile, phone, p)
  assert.equal(was.word, 'waits')
  assert.equal(was.phone, `${phone.slice(0, 3)}****${phone.slice(-4)}`)
  const hours = (new Date(was.due_at) - Date.now()) / 3600e3
  assert.ok(hours > 23.9 && hours < 24.1)
  const told = await inbox(p.mobile, /申请把您的网上营业厅账号换绑到手机号 .*登录网上营业厅停止，或立即致电/)
  assert.ok(!told.text.includes(phone), 'the number is masked')
  later()
  await refused(new Applicant('jieyang').loginSms(phone), 409, null, /正在办理换绑/)
  const live = new Applicant('jieyang')
  later()
  assert.equal((await live.loginSms(p.mobile)).account.id, id, 'meanwhile the old number comes in')
  assert.equal((await live.api('GET', '/gate/session')).rebinding.phone, was.phone)
  hasten(id)
  await eventually('the old session ended', async () => (await live.api('GET', '/gate/session')).account === null)
  assert.equal((await a.api('GET', '/gate/session')).account, null)
  await inbox(p.mobile, /本号码不能再登录该账号/)
  await inbox(phone, /换绑到本号码/)
  const c = new Applicant('jieyang')
  later()
  assert.equal((await c.loginSms(phone)).account.id, id)
  assert.equal((await c.api('GET', '/orders')).items[0].id, a.order.id)
  assert.equal((await c.api('GET', '/gate/profile')).password, false)
  const d = new Applicant('jieyang')
  later()
  assert.notEqual((await d.loginSms(p.mobile)).account.id, id, 'the old number is somebody new')
  assert.equal(trail(id), ',front,back,face,by face,waits,by face passed,done')
})

test('the old number stops it, and is left alone for a week', async () => {
  const { a, p, id } = await account(), phone = await fresh()
  await refused(a.api('DELETE', '/gate/rebinding'), 409)
  assert.equal((await passed(p.mobile, phone, p)).word, 'waits')
  assert.equal((await passed(p.mobile, await fresh(), p)).word, 'underway')
  await refused(outside().api('DELETE', '/gate/rebinding'), 401)
  await a.api('DELETE', '/gate/rebinding')
  assert.equal((await a.api('GET', '/gate/session')).rebinding, null)
  await refused(a.api('DELETE', '/gate/rebinding'), 409)
  await inbox(phone, /由原手机号停止/)
  hasten(id)
  const link = await begun(p.mobile, phone)
  await refused(link.cards(p), 422, null, /不一致，或账号目前不能换绑/)
  assert.ok((await a.api('GET', '/gate/session')).account, 'nothing has changed')
  assert.match(trail(id), /waits,.*stopped$/)
  const own = new Applicant('jieyang')
  later()
  assert.notEqual((await own.loginSms(phone)).account.id, id)
})

test('only the latest person counts, the new number must be that person\'s, and the face theirs', async () => {
  const { a, p } = await account(), later_ = await person()
  await another(a, later_)
  await refused((await begun(p.mobile, await fresh())).cards(p), 422, null, /不一致/)
  const foreign = await begun(p.mobile, `${(await fresh()).slice(0, 7)}0000`)
  await foreign.cards(later_)
  await eventually('the carrier said no', async () => /实名登记不一致/.test((await foreign.api('GET', '')).reason ?? ''))
  await refused(foreign.liveness('pass'), 422, null, /实名登记/)
  const link = await begun(p.mobile, await fresh())
  await link.cards(later_)
  await link.liveness('fail')
  await eventually('the vendor said no', async () => /未通过/.test((await link.api('GET', '')).reason ?? ''))
  assert.equal((await passed(p.mobile, await fresh(), later_)).word, 'waits')
})

test('five cards of others void a link, and every refusal is in the account\'s trail', async () => {
  const { p, id } = await account(), stranger = await person()
  const link = await begun(p.mobile, await fresh())
  for (let n = 0; n < 5; n++) await refused(link.cards(stranger), 422)
  await refused(link.api('GET', ''), 410)
  assert.equal(trail(id), `,${Array(5).fill('id_card').join(',')}`)
})
