// SPDX-License-Identifier: Apache-2.0
// A transfer from one's own bank account in place of the face: what proves something and what does not, what the person is told, and that the
// bank's list is read whole, once, and leaves no names in the logs.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { Applicant, Client, Phone, STATE, Staff, eventually, formFor, messages, paper, person, sql, transferIn, turn } from '../../../tests/lib/hall.mjs'
import { tokenSecrets } from '../../../tests/lib/box.mjs'
import { certified } from '../../../tests/lib/reissue.mjs'

const refused = (promise, status, said) => assert.rejects(promise, (e) => (e.status === status && said.test(e.message)) || assert.fail(String(e)))
const SWITCHES = ['cmb.short_pages', 'cmb.entries_timeout', 'cmb.entries_again', 'cmb.text_instead']
after(() => Promise.all(SWITCHES.map((key) => turn(key, 'off'))))

async function drafted() {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  return { a, p }
}
async function ready() {
  const { a, p } = await drafted()
  const phone = await a.phone()
  await phone.cards(p)
  await eventually('the carrier', () => sql(`SELECT carrier FROM hall.identity WHERE order_id = '${a.order.id}' ORDER BY created_at DESC LIMIT 1`) === 't')
  return { a, p, phone, seen: () => a.api('GET', `/identity/orders/${a.order.id}`) }
}
/** The runner looks now. */
const hasten = () => sql(`UPDATE hall.outbox SET due_at = now() WHERE kind = 'entries' AND state = 'due' AND due_at > now() + interval '1 second' AND due_at < now() + interval '80 seconds'`)
const failed = (seen) => eventually('its end', async () => { const s = await seen(); return s.state === 'failed' && s })
const entriesOf = (a) => sql(`SELECT string_agg(concat_ws(' ', outcome, fen, number <> ''), ',' ORDER BY seen_at) FROM hall.bank_entry WHERE order_id = '${a.order.id}'`)
const kept = (number) => eventually(`entry ${number}`, () => sql(`SELECT outcome FROM hall.bank_entry WHERE number = '${number}'`))

test('chosen beside the face, it passes without any consent to the processing of a face; order, trail and reviewer say by which way', async () => {
  const { a, p, phone, seen } = await ready()
  const before = await phone.api('GET', '')
  assert.deepEqual(before.ways.map((w) => w.code).slice(0, 2), ['face', 'transfer'])
  assert.deepEqual([before.way, before.transfer], [null, null])
  await phone.consent(false)

  const shown = await phone.transfer(p, { remark: (code) => `附言：${code.toLowerCase().replace(/(.{4})/, '$1 ')}。` }) // as people and banks write it
  assert.match(shown.code, /^[A-HJ-NP-Z2-9]{8}$/)
  assert.deepEqual([shown.fen, shown.name, shown.bank], [1, '示范数字证书认证中心有限公司', '招商银行股份有限公司深圳示范支行'])
  assert.match(shown.account, /^7559\d{11}$/)
  assert.ok(new Date(shown.until) - Date.now() > 23.9 * 3600e3)
  const waiting = await seen()
  assert.deepEqual([waiting.state, waiting.step, waiting.way, waiting.expired], ['pending', 'transfer', 'transfer', false])
  assert.ok(new Date(waiting.expires_at) - Date.now() > 23.9 * 3600e3, 'the link lasts as long')

  await phone.until('passed')
  assert.equal(sql(`SELECT count(*) FROM hall.consent c JOIN hall.identity i ON i.id = c.identity WHERE i.order_id = '${a.order.id}'`), '0')
  const order = await a.refresh()
  assert.deepEqual([order.phone.state, order.phone.way], ['passed', '本人银行账户转账'])
  assert.ok(order.history.some((line) => line.text === '手机认证通过（本人银行账户转账）'))
  assert.equal(sql(`SELECT count(*) FROM hall.audit WHERE subject = '${a.order.id}' AND detail ->> 'identity' = 'passed' AND detail ->> 'way' = 'transfer'`), '1')
  assert.equal(sql(`SELECT count(*) FROM hall.audit WHERE subject = '${a.order.id}' AND detail ->> 'outcome' = 'matched' AND detail ? 'entry'`), '1')
  assert.equal(entriesOf(a), 'matched 1 t')
  await refused(phone.api('POST', '/transfer'), 409, /已经通过/)
})

test('refused before the card, for a void link, and after a carrier that says no', async () => {
  const { a, p } = await drafted()
  const phone = await a.phone()
  await refused(phone.api('POST', '/transfer'), 409, /身份证正反两面/)
  await phone.card('front', await paper('idcard-front', p))
  await refused(phone.api('POST', '/transfer'), 409, /身份证正反两面/)
  await a.phone()
  await refused(phone.api('POST', '/transfer'), 410, /链接已失效/)
  await refused(new Client().call('POST', '/szjsgws/api/identity/phone/transfer'), 401, /./)
  const other = await ready()
  sql(`UPDATE hall.identity SET carrier = false, reason = '手机号与姓名不一致' WHERE order_id = '${other.a.order.id}'`)
  await refused(other.phone.api('POST', '/transfer'), 422, /手机号与姓名不一致/)
  assert.equal(sql(`SELECT count(*) FROM hall.proof_code c JOIN hall.identity i ON i.id = c.identity WHERE i.order_id IN ('${a.order.id}', '${other.a.order.id}')`), '0')
})

test('an account of another name, and another amount: what to do next is said, and a new code is good', async () => {
  const { a, p, phone, seen } = await ready()
  const first = await phone.transfer(p, { name: '王小明' })
  const named = await failed(seen)
  assert.match(named.reason, /户名与身份证上的姓名不一致.*本人名下/)
  assert.equal((await phone.api('GET', '')).transfer, null)
  assert.equal((await a.refresh()).phone.state, 'failed')
  const second = await phone.transfer(p, { amount: '1.00' })
  assert.notEqual(second.code, first.code)
  assert.match((await failed(seen)).reason, /金额不是 0.01 元.*热线/)

  const third = await phone.transfer(p, { name: null })
  assert.equal((await phone.transfer(p, { name: null })).code, third.code, 'who asks again while it is awaited gets the same')
  const late = await transferIn({ name: p.name, account: '6222000011112222', amount: '0.01', remark: first.code })
  assert.equal(await kept(late.number), 'late', 'a code that was replaced')
  assert.equal((await seen()).state, 'pending')
  await transferIn({ name: ` ${[...p.name].join('　')}`, account: '6222000011112222', amount: '0.01', remark: `转账 ${third.code} 谢谢` })
  await phone.until('passed')
  assert.equal(entriesOf(a), 'other_name 1 t,other_amount 100 t,late 1 t,matched 1 t')
})

test('five codes for a link, and another link makes the code void', async () => {
  const { a, p, phone } = await ready()
  for (let n = 0; n < 5; n++) {
    await phone.transfer(p, { name: null })
    sql(`UPDATE hall.identity SET state = 'failed' WHERE order_id = '${a.order.id}' AND state = 'pending'`)
  }
  await refused(phone.api('POST', '/transfer'), 429, /次数过多/)
  const again = await ready(), other = await ready()
  const { code } = await again.phone.transfer(again.p, { name: null })
  await again.a.phone()
  await other.phone.transfer(other.p, { name: null }) // somebody waits, so that the bank is asked
  const { number } = await transferIn({ name: again.p.name, account: '1', amount: '0.01', remark: code })
  assert.equal(await kept(number), 'late')
  assert.notEqual((await again.a.refresh()).phone.state, 'passed')
})

test('a code that is over is not good, whatever the bank lists later', async () => {
  const { a, p, phone, seen } = await ready()
  const { code } = await phone.transfer(p, { name: null })
  sql(`UPDATE hall.proof_code SET made_at = made_at - interval '25 hours', ends_at = now() - interval '1 minute' WHERE code = '${code}';
    UPDATE hall.identity SET expires_at = now() - interval '1 minute' WHERE order_id = '${a.order.id}'`)
  assert.equal((await seen()).expired, true)
  const { number } = await transferIn({ name: p.name, account: '1', amount: '0.01', remark: code })
  hasten()
  assert.equal(await kept(number), 'late')
})

test('who has chosen the transfer may take the face after all, and the other way round', async () => {
  const { a, p, phone } = await ready()
  await phone.transfer(p, { name: null })
  await phone.liveness('pass')
  await phone.until('passed')
  assert.equal((await a.refresh()).phone.way, '人脸核验')
  const other = await ready()
  await other.phone.liveness('fail')
  await failed(other.seen)
  await other.phone.transfer(other.p)
  await other.phone.until('passed')
  assert.equal((await other.a.refresh()).phone.way, '本人银行账户转账')
})

test('what carries no code: 0.01 yuan is kept for finance, masked, and other money is not the hall’s business', async () => {
  const { p, phone } = await ready()
  await phone.transfer(p, { name: null })
  const { number } = await transferIn({ name: '欧阳无码', account: '6228480402564890018', amount: '0.01', remark: '认证' })
  const big = await transferIn({ name: '欧阳无码', account: '6228480402564890018', amount: '880.00', remark: '货款' })
  assert.equal(await kept(number), 'no_code')
  assert.equal(sql(`SELECT count(*) FROM hall.bank_entry WHERE number = '${big.number}'`), '0')
  assert.equal(sql(`SELECT masked FROM hall.bank_entry WHERE number = '${number}'`), '欧*** **** **** 0018')
  assert.equal(sql(`SELECT position(convert_to('无码', 'UTF8') IN payer) FROM hall.bank_entry WHERE number = '${number}'`), '0', 'encrypted')

  const finance = await new Staff().login('finance')
  const { items } = await finance.call('GET', '/desk/api/finance/entries?page_size=100')
  const one = items.find((item) => item.number === number)
  assert.deepEqual([one.payer, one.fen, one.remark, one.outcome, one.order_number], ['欧*** **** **** 0018', 1, '认证', 'no_code', null])
  assert.ok(one.next)
  assert.ok(!items.some((item) => item.outcome === 'matched'))
  const first = await finance.call('GET', '/desk/api/finance/entries?page_size=1')
  const second = await finance.call('GET', `/desk/api/finance/entries?page_size=1&after=${encodeURIComponent(first.next)}`)
  assert.notEqual(first.items[0].id, second.items[0].id)
  for (const role of ['review', 'produce', 'outlet'])
    await refused((await new Staff().login(role)).call('GET', '/desk/api/finance/entries'), 403, /./)
  await refused(new Client().call('GET', '/desk/api/finance/entries'), 401, /./)
})

test('the bank’s list is read whole and once: short pages, pages that come again, no answer, no answer that can be read', async () => {
  await turn('cmb.short_pages', 'always')
  const { p, phone } = await ready()
  const { code } = await phone.transfer(p, { name: null })
  const numbers = []
  for (let n = 0; n < 7; n++) numbers.push((await transferIn({ name: '过路人', account: `${n}`, amount: '0.01', remark: '' })).number)
  await turn('cmb.entries_timeout', 'once')
  await turn('cmb.text_instead', 'once')
  numbers.push((await transferIn({ name: p.name, account: '8', amount: '0.01', remark: code })).number)
  const whole = () => sql(`SELECT count(*) || ' ' || count(DISTINCT number) FROM hall.bank_entry WHERE number IN (${numbers.map((n) => `'${n}'`)})`)
  await phone.until('passed')
  assert.equal(whole(), '8 8')
  await turn('cmb.short_pages', 'off')
  await turn('cmb.entries_again', 'always')
  const next = await ready()
  await next.phone.transfer(next.p)
  await next.phone.until('passed')
  assert.equal(whole(), '8 8', 'what the bank lists again changes nothing')
  await turn('cmb.entries_again', 'off')

  // A runner that dies after it has kept entries, and before it has noted how far it is, leaves this; the next one reads all again.
  const third = await ready(), shown = await third.phone.transfer(third.p, { name: null })
  sql('UPDATE hall.bank_cursor SET begins = NULL, cursor = NULL')
  await transferIn({ name: third.p.name, account: '9', amount: '0.01', remark: shown.code })
  await third.phone.until('passed')
  assert.equal(whole(), '8 8')
  assert.equal(entriesOf(third.a), 'matched 1 t')
})

test('nobody is asked for nobody: the job ends when no transfer is awaited, and begins with the next', async () => {
  sql(`UPDATE hall.identity SET state = 'void' WHERE way = 'transfer' AND state = 'pending'`)
  const due = () => Number(sql(`SELECT count(*) FROM hall.outbox WHERE kind = 'entries' AND state = 'due'`))
  sql(`UPDATE hall.outbox SET due_at = now() WHERE kind = 'entries' AND state = 'due'`)
  await eventually('the job to end', () => due() === 0)
  const one = await ready(), two = await ready()
  await Promise.all([one.phone.transfer(one.p, { name: null }), two.phone.transfer(two.p, { name: null })])
  assert.equal(due(), 1, 'one job for all who wait')
  for (const { p, phone } of [one, two]) {
    await phone.transfer(p)
    await phone.until('passed')
  }
})

/** The person of a link proves themselves by a transfer; another's is of no use. */
async function proved(slug, { url }, who) {
  const phone = new Phone(slug, url)
  await phone.cards(who)
  await eventually('the carrier', async () => { try { await phone.api('POST', '/transfer'); return true } catch (e) { assert.equal(e.status, 422, e.message); return false } })
  await phone.transfer(who, { name: '王小明' })
  await phone.until('failed')
  await phone.transfer(who)
  await phone.until('passed')
  return phone.api('GET', '')
}

test('for a certificate, too: unlocked, held, and revoked by a transfer', async () => {
  const produce = await new Staff().login('produce'), made = await certified('jieyang', 'institution')
  const order = made.a.order.id, at = `/identity/orders/${order}`
  await tokenSecrets(produce, order)
  await produce.act(order, 'ship', { courier: 'sf', tracking_no: 'SF1234567890' })
  await made.a.until('shipped')
  const state = () => sql(`SELECT state FROM hall.certificate WHERE id = '${made.id}'`)
  assert.equal((await proved('jieyang', await made.a.api('POST', `${at}/unlock`, { json: { serial: made.serial } }), made.p)).unlocked, 'puk_sent')
  const loss = await new Applicant('jieyang').api('POST', '/identity/loss', { json: { serial: made.serial, role: 'agent', name: made.p.name, kind: 'hold' } })
  assert.equal((await proved('jieyang', loss, made.p)).outcome.word, 'held')
  assert.equal(state(), 'hold')
  assert.equal((await proved('jieyang', await made.a.api('POST', `${at}/revoke`, { json: { serial: made.serial, role: 'agent', reason: 'cessation' } }), made.p)).revoked, 'revoked_now')
  assert.equal(state(), 'revoked')
  assert.equal(sql(`SELECT string_agg(purpose, ' ' ORDER BY created_at) FROM hall.identity WHERE certificate = '${made.id}' AND way = 'transfer' AND state = 'passed'`), 'unlock loss revoke')
  assert.equal(sql(`SELECT count(*) FROM hall.audit WHERE subject = '${made.id}' AND detail ->> 'identity' = 'passed' AND detail ->> 'way' = 'transfer'`), '3')
})

test('for an account whose number is lost: the wait begins by a transfer', async () => {
  const p = await person(), a = new Applicant('jieyang'), phone = (await person()).mobile
  await a.loginSms(p.mobile)
  await a.draft()
  await a.save(formFor('jieyang', p))
  assert.equal((await a.authenticate(p)).state, 'passed')
  const outside = () => new Applicant('hall')
  await outside().api('POST', '/gate/sms-code', { json: { phone, purpose: 'rebind' } })
  const { text } = await eventually('the code', async () => (await messages(phone))[0])
  const link = await outside().api('POST', '/gate/rebinding', { json: { old: p.mobile, phone, code: text.match(/\d{6}/)[0] } })
  const page = await proved('hall', link, p)
  assert.equal(page.rebinding.word, 'waits')
})

test('neither the payer nor the account stands in a log', () => {
  const logs = execFileSync('bash', ['-c', `cat ${join(STATE, 'log')}/*.log ${join(STATE, 'log')}/*/*.log 2>/dev/null || true`], { encoding: 'utf8', maxBuffer: 1 << 28 })
  assert.ok(logs.length > 1000)
  for (const secret of ['欧阳无码', '6228480402564890018', '过路人', '王小明']) assert.ok(!logs.includes(secret), secret)
})
