// SPDX-License-Identifier: Apache-2.0
// The personal centre over HTTP: which project accepts which session, changing a password and a phone, ending sessions, lists, the
// course of an order, the hand-over of a unit.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { Applicant, Client, STATE, eventually, formFor, messages, person, sql } from '../lib/hall.mjs'

const PASSWORD = 'correct horse 1', OTHER = 'battery staple 2'
const CHROME = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36'

/** Moves all codes that were sent into the past, so that another one may be asked for. */
const later = () => sql("UPDATE hall.sms_code SET created_at = created_at - interval '61 seconds' WHERE created_at > now() - interval '2 minutes'")

async function refused(promise, status, pointer) {
  const e = await promise.then(() => assert.fail('was let through'), (problem) => problem)
  assert.equal(e.status, status, e.message)
  if (pointer) assert.deepEqual(e.body.errors.map((one) => one.pointer), [pointer])
  return e.body
}

/** Somebody who has logged in at the hall's own pages. */
class Person extends Applicant {
  constructor() { super('hall') }

  /** Asks for a code for the account itself, and reads it from the phone. */
  async own(purpose, phone = this.phone, body = {}) {
    later()
    const before = (await messages(phone)).length
    await this.api('POST', '/gate/code', { json: { purpose, ...body } })
    return eventually('the code', async () => (await messages(phone)).length > before && (await messages(phone))[0].text.match(/\d{6}/)?.[0])
  }

  async in(phone, password = PASSWORD) {
    later()
    const answer = await this.register(phone, password)
    Object.assign(this, { phone, id: answer.account.id })
    return this
  }

  /** The same person in another browser. */
  async elsewhere(password = PASSWORD, agent = CHROME) {
    const b = Object.assign(new Person(), { phone: this.phone, id: this.id })
    await b.api('POST', '/gate/login-password', { json: { phone: this.phone, password }, headers: { 'user-agent': agent } })
    return b
  }
}
const somebody = async () => new Person().in((await person()).mobile)
const known = async (p) => (await p.api('GET', '/gate/session')).account !== null

/** Every module refuses the session for every request. */
async function isOut(p, slug = 'jieyang') {
  const id = '01890000-0000-7000-8000-000000000000'
  for (const path of ['/gate/profile', '/gate/sessions', '/gate/units', '/orders', `/orders/${id}`, `/paper/orders/${id}/form`, `/identity/orders/${id}`,
    `/pay/orders/${id}`, `/finauth/orders/${id}`, `/new/orders/${id}/form.pdf`, `/sealpicture/orders/${id}/picture.png`]) {
    const res = await p.fetch('GET', `/${slug}/api${path}`)
    assert.equal(res.status, 401, path)
  }
}

describe('log-in', () => {
  test('#17 #18 #21 registers with a password, comes in by it, is greeted masked', async () => {
    const a = await somebody()
    const { account } = await a.api('GET', '/gate/session')
    assert.match(account.phone, /^1\d\d\*{4}\d{4}$/)
    assert.ok(await known(await a.elsewhere()))
    await refused(a.elsewhere(OTHER), 422, '/password')
    await refused(new Person().in((await person()).mobile, 'short 1'), 422, '/password')
  })

  test('#18 #19 #20 a project takes a session that was made its own way alone', async () => {
    const a = await somebody() // by password
    const ask = (slug) => a.fetch('GET', `/${slug}/api/orders`)
    const at = async (slug) => (await (await a.fetch('GET', `/${slug}/api/gate/session`)).json()).account
    assert.equal((await ask('hall')).status, 200)
    assert.equal((await ask('jieyang')).status, 200)
    const out = await ask('szjsgws')
    assert.equal(out.status, 401)
    assert.match((await out.json()).detail, /规定的方式登录/)
    assert.equal(await at('szjsgws'), null, 'there it is greeted as nobody')
    assert.equal((await a.api('GET', '/gate/session')).elsewhere, false)
    assert.equal((await (await a.fetch('GET', '/szjsgws/api/gate/session')).json()).elsewhere, true)
    assert.ok(await at('jieyang'))
    const b = new Applicant('szjsgws')
    later()
    await b.loginSms(a.phone)
    assert.equal((await b.fetch('GET', '/szjsgws/api/orders')).status, 200)
    await refused(b.api('POST', '/gate/login-password', { json: { phone: a.phone, password: PASSWORD } }), 403)
    later()
    await refused(b.api('POST', '/gate/sms-code', { json: { phone: a.phone, purpose: 'reset' } }), 403)
  })

  test('a forgotten password is set anew by a code; who has no account is told so only with the phone in hand', async () => {
    const a = await somebody(), b = await a.elsewhere(), c = new Person()
    const stranger = (await person()).mobile
    const reset = (phone, code) => c.api('POST', '/gate/password-reset', { json: { phone, code, password: OTHER } })
    later()
    const told = (await messages(a.phone)).length
    await c.api('POST', '/gate/sms-code', { json: { phone: a.phone, purpose: 'reset' } })
    const code = await eventually('the code', async () => (await messages(a.phone)).length > told && (await messages(a.phone))[0].text.match(/\d{6}/)[0])
    await refused(reset(a.phone, code === '000000' ? '000001' : '000000'), 422, '/code')
    await reset(a.phone, code)
    await refused(reset(a.phone, code), 422, '/code')
    assert.ok(await known(c))
    await isOut(a)
    await isOut(b)
    await refused(a.elsewhere(PASSWORD), 422, '/password')
    assert.ok(await known(await a.elsewhere(OTHER)))
    const before = (await messages(stranger)).length
    assert.deepEqual(await c.api('POST', '/gate/sms-code', { json: { phone: stranger, purpose: 'reset' } }), { retry_after: 60 }, 'as for a known one')
    const sent = await eventually('the code', async () => (await messages(stranger)).length > before && (await messages(stranger))[0].text.match(/\d{6}/)[0])
    await refused(reset(stranger, '999999' === sent ? '999998' : '999999'), 422, '/code')
    await refused(reset(stranger, sent), 422, '/phone')
  })
})

describe('a log-in', () => {
  test('ends the session that the browser had, and no other; one that fails ends none', async () => {
    const a = await somebody(), b = await a.elsewhere()
    const before = Object.assign(new Person(), { cookies: new Map(a.cookies), csrf: a.csrf })
    const again = (password) => a.api('POST', '/gate/login-password', { json: { phone: a.phone, password } })
    await refused(again(OTHER), 422, '/password')
    assert.ok(await known(before))
    await again(PASSWORD)
    await isOut(before)
    assert.ok(await known(a))
    assert.ok(await known(b))
  })

  test('stands in the log with account and address, and without phone', async () => {
    const a = await somebody()
    const log = () => [0, 1].map((i) => readFileSync(`${STATE}/log/gate.${i}.log`, 'utf8')).join('')
    await eventually('the line', () => new RegExp(`log-in of account ${a.id} from 127\\.`).test(log()))
    assert.ok(!log().includes(a.phone))
  })

  test('is over after two hours without a request', async () => {
    const a = await somebody(), left = (minutes) => sql(`UPDATE hall.session SET seen_at = now() - interval '${minutes} minutes' WHERE account = '${a.id}'`)
    left(119)
    assert.ok(await known(a))
    left(121)
    await isOut(a)
  })
})

describe('one\'s own account', () => {
  test('#24 name and e-mail: encrypted at rest, and taken away again', async () => {
    const a = await somebody()
    assert.equal((await a.api('GET', '/gate/profile')).email, '')
    await a.api('PUT', '/gate/profile', { json: { name: '小王', email: 'wang@example.com' } })
    const { name, email, password } = await a.api('GET', '/gate/profile')
    assert.deepEqual([name, email, password], ['小王', 'wang@example.com', true])
    assert.doesNotMatch(sql(`SELECT encode(profile, 'escape') FROM hall.account WHERE id = '${a.id}'`), /wang|小王/)
    assert.doesNotMatch(sql(`SELECT string_agg(detail::text, '') FROM hall.audit WHERE subject = '${a.id}'`), /wang|小王/)
    await refused(a.api('PUT', '/gate/profile', { json: { name: '', email: 'nobody' } }), 422, '/email')
    await refused(a.api('PUT', '/gate/profile', { json: { name: ' x', email: '' } }), 422, '/name')
    await a.api('PUT', '/gate/profile', { json: { name: '', email: '' } })
    assert.equal((await a.api('GET', '/gate/profile')).email, '')
  })

  test('#24 a password changes with the old one or a code; all others are out at once, everywhere', async () => {
    const a = await somebody(), b = await a.elsewhere()
    const change = (json) => a.api('POST', '/gate/password', { json })
    await refused(change({ password: OTHER }), 422, '/old')
    await refused(change({ old: PASSWORD, code: '123456', password: OTHER }), 422, '/old')
    await refused(change({ old: 'not the old 1', password: OTHER }), 422, '/old')
    await refused(change({ old: PASSWORD, password: 'short' }), 422, '/password')
    for (const guessed of ['1q2w3e4r5t', 'Manchester1990!', '13800138000']) await refused(change({ old: PASSWORD, password: guessed }), 422, '/password')
    assert.ok(await known(b), 'so far nothing has changed')
    await change({ old: PASSWORD, password: OTHER })
    assert.ok(await known(a))
    await isOut(b)
    await eventually('the word of it', async () => (await messages(a.phone)).some((m) => m.text.includes('登录密码已于')))
    const c = await a.elsewhere(OTHER)
    const code = await a.own('password')
    await refused(change({ code: code === '000000' ? '000001' : '000000', password: PASSWORD }), 422, '/code')
    await change({ code, password: PASSWORD })
    await refused(change({ code, password: OTHER }), 422, '/code')
    await isOut(c)
    for (let n = 0; n < 5; n++) await refused(change({ old: 'guess guess 1', password: OTHER }), 422, '/old')
    await refused(change({ old: PASSWORD, password: OTHER }), 429)
  })

  test('codes for one\'s own ends go to nobody who is not logged in, and to one\'s own phone', async () => {
    const a = await somebody()
    const stranger = new Applicant('hall')
    await refused(stranger.api('POST', '/gate/code', { json: { purpose: 'password' } }), 401)
    await refused(stranger.api('POST', '/gate/sms-code', { json: { phone: a.phone, purpose: 'password' } }), 422, '/purpose')
    await refused(a.api('POST', '/gate/code', { json: { purpose: 'login' } }), 422, '/purpose')
    await refused(a.api('POST', '/gate/code', { json: { purpose: 'phone', phone: '13900000001' } }), 422, '/phone')
    await refused(a.api('POST', '/gate/code', { json: { purpose: 'new_phone' } }), 422, '/phone')
    later()
    await refused(a.api('POST', '/gate/code', { json: { purpose: 'new_phone', phone: a.phone } }), 422)
    a.csrf = 'nonsense'
    await refused(a.api('POST', '/gate/code', { json: { purpose: 'password' } }), 403)
  })

  test('a phone changes with a code on the old and one on the new, which must be nobody\'s; the old one is told', async () => {
    const a = await somebody(), b = await a.elsewhere(), taken = await somebody()
    const fresh = (await person()).mobile, old = a.phone
    const change = (json) => a.api('POST', '/gate/phone', { json })
    const code = await a.own('phone'), theirs = await a.own('new_phone', taken.phone, { phone: taken.phone })
    await refused(change({ code, phone: fresh, new_code: theirs }), 422, '/new_code')
    await refused(change({ code, phone: taken.phone, new_code: theirs }), 422, '/phone')
    assert.equal((await a.api('GET', '/gate/session')).account.phone.slice(-4), old.slice(-4))
    const again = await a.own('phone'), mine = await a.own('new_phone', fresh, { phone: fresh })
    await refused(change({ code: again === '000000' ? '000001' : '000000', phone: fresh, new_code: mine }), 422, '/code')
    assert.equal((await change({ code: again, phone: fresh, new_code: mine })).phone, `${fresh.slice(0, 3)}****${fresh.slice(-4)}`)
    assert.ok(await known(a))
    await isOut(b)
    await eventually('the old phone is told', async () => (await messages(old)).some((m) => m.text.includes('已于') && m.text.includes(fresh.slice(-4)) && !m.text.includes(fresh)))
    await refused(a.elsewhere(), 422, '/password') // the old number opens nothing
    a.phone = fresh
    assert.ok(await known(await a.elsewhere()))
    const detail = sql(`SELECT string_agg(detail::text, ' ') FROM hall.audit WHERE subject = '${a.id}' AND op = 'gate.phone'`)
    assert.match(detail, /phone_mask/)
    assert.doesNotMatch(detail, new RegExp(`${fresh}|${old}`))
  })
})

describe('sessions', () => {
  test('are listed with when, whence and on what, and ended one by one or all but this', async () => {
    const a = await somebody(), other = await somebody()
    const b = await a.elsewhere(), c = await a.elsewhere(PASSWORD, 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1')
    const { items } = await a.api('GET', '/gate/sessions')
    assert.equal(items.length, 3)
    assert.deepEqual(items.filter((one) => one.current).map((one) => one.way), ['password'])
    assert.deepEqual(items.map((one) => one.device).sort(), ['Chrome 浏览器 · Windows 电脑', 'Safari 浏览器 · iPhone 手机', '未知设备'])
    assert.ok(items.every((one) => one.address && one.created_at && one.seen_at))
    const chrome = items.find((one) => one.device.startsWith('Chrome'))
    const end = (who, json) => who.api('POST', '/gate/sessions/end', { json })
    await refused(end(a, { id: chrome.id }), 422, '/code')
    await refused(end(a, { id: chrome.id, code: '000000' }), 422, '/code')
    await refused(end(a, { id: chrome.id, code: await a.own('password') }), 422, '/code')
    assert.ok(await known(b), 'a session alone ends no other')
    await refused(end(other, { id: chrome.id, code: await other.own('sessions') }), 404)
    assert.ok(await known(b), 'somebody else ends nothing')
    await refused(end(a, { id: 'none', code: '000000' }), 422, '/id')
    await end(a, { id: chrome.id, code: await a.own('sessions') })
    await isOut(b)
    await refused(end(a, { id: chrome.id, code: await a.own('sessions') }), 404)
    assert.ok(await known(c))
    const code = await a.own('sessions')
    await end(a, { code })
    await isOut(c)
    assert.ok(await known(a))
    assert.ok(await known(other))
  })
})

describe('closing', () => {
  test('an account is closed under a code, once nothing is open; its number can register anew', async () => {
    const a = await somebody(), other = await somebody()
    const b = await a.elsewhere()
    const close = (who, code) => who.api('POST', '/gate/closing', { json: { code } })
    await refused(close(new Person(), '000000'), 401)
    a.slug = 'jieyang'
    const { id } = await a.draft()
    a.slug = 'hall'
    assert.deepEqual((await a.api('GET', '/gate/closing')).waits.map((one) => [one.id, one.slug, one.label]), [[id, 'jieyang', '草稿']])
    const early = await refused(close(a, await a.own('close')), 409)
    assert.match(early.detail, /还有 1 份业务单没有办结/)
    a.slug = 'jieyang'
    await a.api('POST', `/orders/${id}/cancel`, { json: { version: a.order.version } })
    a.slug = 'hall'
    assert.deepEqual(await a.api('GET', '/gate/closing'), { waits: [], certificates: 0 })
    await refused(close(a, '000000'), 422, '/code')
    await refused(close(a, await a.own('sessions')), 422, '/code')
    await refused(close(other, await a.own('close')), 422, '/code')
    assert.ok(await known(a) && await known(other))
    await close(a, await a.own('close'))
    await isOut(a)
    await isOut(b)
    assert.ok(await known(other))
    await eventually('the message', async () => (await messages(a.phone)).some((m) => /账号已于 .* 注销/.test(m.text)))
    assert.equal(sql(`SELECT phone_mask || length(phone_encrypted) || (closed_at IS NOT NULL) FROM hall.account WHERE id = '${a.id}'`), '已注销0true')
    const anew = await new Person().in(a.phone)
    assert.notEqual(anew.id, a.id)
    assert.equal((await anew.api('GET', '/orders')).items.length, 0, 'and finds nothing of before')
  })
})

describe('orders', () => {
  test('#24 to #27 lists, filters and pages', async () => {
    const a = await somebody()
    a.slug = 'jieyang'
    const orders = []
    for (let n = 0; n < 3; n++) orders.push(await a.draft())
    sql(`UPDATE hall.orders SET subject = '列表测试公司', state = 'in_review', due_at = '2099-11-25 17:00+08' WHERE id = '${orders[0].id}'`)
    const list = async (q) => (await a.api('GET', `/orders?${new URLSearchParams(q)}`))
    const ids = async (q) => (await list(q)).items.map((one) => one.id)
    const all = await list({})
    assert.equal(all.total, 3)
    assert.deepEqual(all.labels.sort(), ['待审核', '草稿'].sort())
    assert.deepEqual(all.lists.map((one) => [one.list, one.orders]).slice(0, 2), [['certificate', 3], ['authentication', 0]])
    const one = all.items.find((row) => row.id === orders[0].id)
    assert.deepEqual([one.number, one.business_name, one.subject, one.total, one.label], [orders[0].number, '证书新办', '列表测试公司', null, '待审核'])
    assert.ok(Date.parse(one.created_at) <= Date.parse(one.updated_at))
    assert.match(one.promise.text, /^预计 11 月 25 日（\d 个工作日内）完成审核/)
    assert.deepEqual(await ids({ label: '待审核' }), [orders[0].id])
    assert.deepEqual(await ids({ subject: '列表' }), [orders[0].id])
    assert.deepEqual(await ids({ number: orders[1].number.slice(3) }), [orders[1].id])
    assert.deepEqual(await ids({ business: 'seal' }), [])
    assert.deepEqual(await ids({ from: '2099-01-01' }), [])
    assert.equal((await ids({ to: '2099-01-01', list: 'certificate' })).length, 3)
    assert.deepEqual(await ids({ list: 'authentication' }), [])
    const first = await list({ page_size: 2 }), second = await list({ after: first.next, page_size: 2 })
    assert.deepEqual([...first.items, ...second.items].map((row) => row.id), all.items.map((row) => row.id))
    assert.deepEqual([first.total, second.total, second.next], [3, null, null])
    await refused(list({ after: 'x' }), 422, '/after')
    await refused(list({ from: '2026-02-30' }), 422, '/from')
    for (const words of ['%', "';--", '\u0000', '㐂']) await list({ subject: words, label: words })
  })

  test('#15 #24 a group with a list of its own: its orders stand there and nowhere else', async () => {
    const a = new Applicant('everbright')
    later()
    await a.loginSms((await person()).mobile)
    assert.ok((await a.api('GET', '/orders')).lists.some((one) => one.list === 'everbright' && one.orders === 0), 'who is there sees it, empty as it may be')
    await a.draft()
    const ids = async (list) => (await a.call('GET', `/hall/api/orders?list=${list}`)).items.map((one) => one.id)
    assert.deepEqual(await ids('everbright'), [a.order.id])
    assert.deepEqual(await ids('certificate'), [])
    assert.deepEqual(await ids('jieyang'), [], 'no list of that name')
    const own = (await a.call('GET', '/hall/api/orders')).lists.find((one) => one.list === 'everbright')
    assert.deepEqual([own.name, own.orders], ['光大环境内部应用', 1])
    const b = await somebody()
    assert.ok(!(await b.api('GET', '/orders')).lists.some((one) => one.list === 'everbright'), 'others have no such list')
  })

  test('#178 the course of an order, and nobody else\'s', async () => {
    const a = await somebody(), b = await somebody()
    a.slug = b.slug = 'jieyang'
    await a.draft()
    const { items } = await a.api('GET', `/orders/${a.order.id}/course`)
    assert.match(items[0].text, /新建业务单/)
    await refused(b.api('GET', `/orders/${a.order.id}/course`), 404)
  })

  test('a unit goes to another agent by codes on both phones', async () => {
    const p = await person()
    const a = await new Person().in(p.mobile), b = await somebody(), c = await somebody()
    a.slug = 'jieyang'
    await a.draft()
    await a.save(formFor('jieyang', p))
    sql(`UPDATE hall.orders SET state = 'in_review' WHERE id = '${a.order.id}'`)
    a.slug = 'hall'
    const [unit] = (await a.api('GET', '/gate/units')).units
    assert.equal(unit.order, a.order.id)
    const offer = { order: unit.order, whole: true, phone: b.phone }
    await refused(a.api('POST', '/gate/hand-overs', { json: { ...offer, code: '123456' } }), 422, '/code')
    await refused(c.api('POST', '/gate/hand-overs', { json: { ...offer, code: '123456' } }), 404)
    await a.api('POST', '/gate/hand-overs', { json: { ...offer, code: await a.own('hand_over') } })
    await eventually('the other one hears of it', async () => (await messages(b.phone)).some((m) => m.text.includes('移交给您')))
    const [{ id }] = (await b.api('GET', '/gate/hand-overs')).items
    assert.deepEqual((await c.api('GET', '/gate/hand-overs')).items, [])
    await refused(c.api('POST', `/gate/hand-overs/${id}/accept`, { json: { code: await c.own('take_over') } }), 404)
    const code = await b.own('take_over')
    await refused(b.api('POST', `/gate/hand-overs/${id}/accept`, { json: { code: code === '000000' ? '000001' : '000000' } }), 422, '/code')
    const taken = await b.api('POST', `/gate/hand-overs/${id}/accept`, { json: { code } })
    assert.deepEqual([taken.unit, taken.moved, taken.orders.map((o) => o.number)], [p.unit_name, 1, [a.order.number]])
    assert.ok(taken.orders[0].ahead.some((row) => row.who === '审核人员'), 'what happens next to it')
    await refused(b.api('POST', `/gate/hand-overs/${id}/accept`, { json: { code } }), 409)
    assert.deepEqual((await a.api('GET', '/gate/units')).units, [])
    assert.equal((await b.api('GET', '/orders')).items[0].id, a.order.id)
    b.slug = 'jieyang'
    assert.equal((await b.api('GET', `/orders/${a.order.id}`)).id, a.order.id)
    await refused(new Client().call('GET', '/hall/api/gate/hand-overs'), 401)
  })
})

test('#33 #235 #236 #D14 questions, downloads and what a computer needs, for everybody', async () => {
  const { faq, downloads } = await new Client().call('GET', '/jieyang/api/gate/help')
  for (const words of [/手机认证总是不通过/, /PIN 码怎么拿到/, /查看办理进度/, /发票什么时候开/, /金融认证没有成功/, /怎么寄/]) assert.ok(faq.some((one) => words.test(one.question)), String(words))
  const { answer: system } = faq.find((one) => one.topic === 'system')
  for (const words of [/简体中文版/, /盖章控件仅支持 IE/, /32 位 IE/]) assert.match(system, words)
  assert.match(faq.find((one) => one.topic === 'progress').answer, /“个人中心 - 我的业务单”（有的办理指引里称为“我的订单”）/)
  assert.ok(downloads.some((one) => /驱动/.test(one.name)) && downloads.some((one) => /盖章工具/.test(one.name)))
})
