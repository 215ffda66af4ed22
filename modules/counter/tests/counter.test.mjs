// SPDX-License-Identifier: Apache-2.0
// Who one is, proved at an outlet: an appointment is made, moved and cancelled on the PC and on the phone, never two for one seat; the clerk
// takes pictures of the card, compares, and signs; the order goes on, and its reviewer sees who has seen the person.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { Applicant, Staff, asserted, eventually, formFor, inbox, paper, person, sql } from '../../../tests/lib/hall.mjs'
import { newStaff } from '../../../tests/http/lib.mjs'

const DESK = '/desk/api/counter/appointments'
const TODAY = "current_date + interval '23 hours'"
let clerk
before(async () => {
  clerk = await new Staff().login('outlet')
})
const refused = (promise, status, said, pointer) =>
  assert.rejects(promise, (e) => (e.status === status && said.test(e.message) && (!pointer || e.body.errors?.[0]?.pointer === pointer)) || assert.fail(String(e)))

/** An applicant whose form is filled in, and whose phone authentication has begun. */
async function begun() {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(true)
  await a.save(formFor('szjsgws', p))
  const phone = await a.phone()
  const path = `/identity/orders/${a.order.id}/appointment`
  return {
    a, p, phone, id: a.order.id,
    view: (outlet) => a.api('GET', outlet ? `${path}?outlet=${outlet}` : path),
    put: (outlet, at) => a.api('PUT', path, { json: { outlet, at } }),
    cancel: () => a.api('DELETE', path),
    state: () => a.api('GET', `/identity/orders/${a.order.id}`),
  }
}
/** A free half hour of an outlet, of which this is the last one that the test takes. */
const slots = async (one, outlet) => (await one.view(outlet)).slots.filter((s) => s.free > 0).map((s) => s.at)
const row = (one, what) => sql(`SELECT ${what} FROM hall.appointment a WHERE order_id = '${one.id}' ORDER BY created_at DESC LIMIT 1`)

/** Somebody who stands at the counter of 福田网点 today. The seat is the test's own, since the hall may be closed when it runs. */
async function atCounter() {
  const one = await begun()
  const at = (await slots(one, 'futian')).at(-1)
  await one.put('futian', at)
  sql(`UPDATE hall.appointment SET starts_at = ${TODAY}, seat = (SELECT count(*) + 100 FROM hall.appointment) WHERE order_id = '${one.id}'`)
  one.appointment = row(one, 'id')
  await eventually('the carrier', () => sql(`SELECT carrier FROM hall.identity WHERE order_id = '${one.id}' AND state <> 'void'`) === 't')
  one.read = (who = clerk) => who.call('GET', `${DESK}/${one.appointment}`)
  one.picture = (side, bytes, who = clerk, type = 'image/png') =>
    who.call('PUT', `${DESK}/${one.appointment}/pictures/${side}?name=${side}.png`, { body: bytes, headers: { 'content-type': type } })
  one.pictures = async () => {
    await one.picture('front', await paper('idcard-front', one.p))
    await one.picture('back', await paper('idcard-back', one.p))
    await one.picture('statement', await paper('idcard-back', one.p))
  }
  one.card = { name: one.p.name, id_no: one.p.id_no, valid_until: '2036-01-31' }
  one.pass = (card = one.card) => clerk.signed(`${DESK}/${one.appointment}/pass`, card)
  one.refuse = (reason) => clerk.signed(`${DESK}/${one.appointment}/refuse`, { reason })
  return one
}

test('the person chooses outlet and half hour, moves it, and cancels it', async () => {
  const one = await begun()
  const first = await one.view()
  assert.deepEqual([first.appointment, first.slots], [null, null])
  assert.deepEqual(first.outlets.map((o) => [o.code, Boolean(o.phone && o.place && o.hours)]), [['nanshan', true], ['futian', true]])
  assert.match(first.bring[0], /身份证原件/)
  const [at, later] = (await slots(one, 'futian')).slice(-2)
  await refused(one.put('futian', '2020-01-01T09:00:00+08:00'), 422, /时段/, '/at')
  await refused(one.put('futian', 'tomorrow at nine o\'clock'), 422, /时段/, '/at')
  await refused(one.put('nowhere', at), 422, /网点/, '/outlet')
  await refused(one.cancel(), 404, /没有可以取消/)
  await one.put('futian', at)
  const made = (await one.view()).appointment
  assert.deepEqual([made.outlet_name, made.at, made.state, made.begun], ['福田网点', at, 'open', false])
  assert.match(made.number, /^\d{6}$/)
  const told = await inbox(one.p.mobile, /当面核验身份，预约号/)
  assert.ok(told.text.includes(made.number) && told.text.includes('福田区'), told.text)
  const waits = await one.state()
  assert.deepEqual([waits.state, waits.way, waits.step, waits.expired], ['pending', 'outlet', 'outlet', false])
  assert.ok(new Date(waits.expires_at) > new Date(at), 'the link lives until the day is over')
  // On the phone the same appointment stands, and it is moved there.
  assert.equal((await one.phone.api('GET', '/appointment')).appointment.number, made.number)
  await one.phone.api('PUT', '/appointment', { json: { outlet: 'futian', at: later } })
  assert.deepEqual([(await one.view()).appointment.number, (await one.view()).appointment.at], [made.number, later])
  await one.phone.api('DELETE', '/appointment')
  assert.equal((await one.view()).appointment, null)
  await inbox(one.p.mobile, /预约.*已取消/)
  assert.equal((await one.state()).way, null, 'another way is open')
  // A stranger neither sees nor books.
  const other = await begun()
  await refused(other.a.api('GET', `/identity/orders/${one.id}/appointment`), 404, /没有找到/)
  await refused(other.a.api('PUT', `/identity/orders/${one.id}/appointment`, { json: { outlet: 'futian', at } }), 404, /没有找到/)
})

test('of two who want the last seat at once one gets it', async () => {
  const [one, two] = await Promise.all([begun(), begun()])
  const at = (await slots(one, 'nanshan')).at(-1)
  const came = await Promise.allSettled([one.put('nanshan', at), two.put('nanshan', at)])
  assert.deepEqual(came.map((c) => c.status).sort(), ['fulfilled', 'rejected'])
  const lost = came.find((c) => c.status === 'rejected').reason
  assert.deepEqual([lost.status, lost.body.errors?.[0]?.pointer], [409, '/at'])
  assert.match(lost.message, /刚刚约满/)
  assert.equal((await one.view('nanshan')).slots.find((s) => s.at === at).free, 0)
  await (came[0].status === 'fulfilled' ? one : two).cancel()
})

test('the clerk sees who must come, takes pictures, compares and signs; the order goes on', async () => {
  const one = await atCounter()
  const list = (await clerk.call('GET', DESK)).items.find((i) => i.id === one.appointment)
  assert.deepEqual([list.today, list.state_name], [true, '待核验'])
  assert.match(list.person, /^.\*+$/, 'masked until it is opened')
  assert.ok(!JSON.stringify(list).includes(one.p.id_no))
  const reads = () => Number(sql(`SELECT count(*) FROM hall.audit WHERE subject = '${one.id}' AND detail ->> 'read' = 'appointment'`))
  assert.equal(reads(), 0)
  const open = await one.read()
  assert.deepEqual([open.name, open.id_no, open.person_label, open.why_not, open.order_number], [one.p.name, one.p.id_no, '经办人', null, one.a.order.number])
  assert.equal(reads(), 1, 'opening is on record')
  assert.deepEqual(open.pictures.map((p) => [p.side, p.id]), [['front', null], ['back', null], ['statement', null]])
  await refused(one.pass(), 409, /还缺少照片：身份证人像面、身份证国徽面、当面核验确认书/)
  await refused(one.picture('face', await paper('idcard-front', one.p)), 404, /没有这种照片/)
  await refused(one.picture('front', Buffer.from('%PDF-1.4\n'), clerk, 'application/pdf'), 415, /JPG 或 PNG|可以识别/)
  await refused(one.picture('front', Buffer.alloc(0)), 422, /空/)
  await one.pictures()
  const stored = sql(`SELECT count(*) || ' ' || bool_and(length(file_key) > 0) FROM hall.paper WHERE order_id = '${one.id}' AND code LIKE 'counter.%' AND state = 'ok'`)
  assert.equal(stored, '3 true', 'papers, encrypted like papers')
  const back = await clerk.fetch('GET', `${DESK}/${one.appointment}/pictures/front`)
  assert.equal(Buffer.compare(Buffer.from(await back.arrayBuffer()), await paper('idcard-front', one.p)), 0)
  // The card must be the form's.
  await refused(one.pass({ ...one.card, name: '别人' }), 422, /姓名与申请信息不一致/, '/name')
  await refused(one.pass({ ...one.card, id_no: (await person()).id_no }), 422, /号码与申请信息不一致/, '/id_no')
  await refused(one.pass({ ...one.card, id_no: '440305199001011230' }), 422, /身份证/, '/id_no')
  await refused(one.pass({ ...one.card, valid_until: '2026-01-01' }), 422, /有效期/, '/valid_until')
  await refused(clerk.call('POST', `${DESK}/${one.appointment}/pass`, { json: one.card }), 422, /decision/)
  // Somebody else's signature, or one under another text, decides nothing.
  const offer = await clerk.call('POST', `${DESK}/${one.appointment}/pass/statement`, { json: one.card })
  assert.match(offer.statement, new RegExp(`^certhall 1：当面核验通过\n[\\s\\S]*网点：futian 福田网点[\\s\\S]*照片（身份证人像面）：[0-9a-f]{64}[\\s\\S]*核验对象：${one.p.name}\n身份证号码：${one.p.id_no}`))
  await refused(clerk.call('POST', `${DESK}/${one.appointment}/pass`, { json: { ...one.card, valid_until: '2037-01-31', decision: await asserted(offer) } }), 422, /签/)
  assert.equal((await one.state()).state, 'pending')
  await one.pass()
  assert.deepEqual([(await one.state()).state, row(one, 'state')], ['passed', 'passed'])
  assert.equal((await one.a.refresh()).phone.way, '到网点当面核验')
  assert.equal(sql(`SELECT count(*) FROM hall.consent WHERE identity IN (SELECT id FROM hall.identity WHERE order_id = '${one.id}')`), '0', 'no consent to a face was asked for')
  await refused(one.pass(), 409, /已经办结：核验通过/)
  await refused(one.picture('front', await paper('idcard-front', one.p)), 409, /已经办结/)

  // The order goes on to its reviewer, who sees the outlet, the clerk and the pictures.
  await one.a.print()
  await one.a.uploadAll()
  await one.a.step('submit')
  await one.a.pay()
  const reviewer = await new Staff().login('review')
  const { order } = await reviewer.read(one.id)
  assert.deepEqual([order.counter.length, order.counter[0].outlet, order.counter[0].staff, order.counter[0].pictures.length], [1, '福田网点', '网点制证员小吴', 3])
  const seen = await reviewer.fetch('GET', `/desk/api/review/orders/${one.id}/papers/counter.back`)
  assert.deepEqual([seen.status, seen.headers.get('content-type')], [200, 'image/png'])
  assert.equal((await one.a.refresh()).papers.some((p) => p.code.startsWith('counter')), false, 'they are not among what the applicant uploads')
})

test('nobody else decides: another role, another outlet, another day', async () => {
  const one = await atCounter()
  const path = `${DESK}/${one.appointment}`
  for (const name of ['review', 'finance', 'produce', 'audit', 'admin']) {
    const staff = await new Staff().login(name)
    for (const [method, at, json] of [['GET', DESK], ['GET', path], ['POST', `${path}/pass/statement`, one.card], ['POST', `${path}/refuse/statement`, { reason: 'not_person' }]])
      await refused(staff.call(method, at, { json }), 403, /权限/)
    await refused(one.picture('front', await paper('idcard-front', one.p), staff), 403, /权限/)
  }
  await refused(one.a.call('GET', path), 401, /登录/)
  const there = await newStaff('outlet')
  sql(`UPDATE hall.staff SET outlet = 'nanshan' WHERE id = '${there.id}'`)
  assert.deepEqual((await there.call('GET', DESK)).json.items.filter((i) => i.id === one.appointment), [])
  for (const [method, at, json] of [['GET', path], ['POST', `${path}/pass/statement`, one.card], ['POST', `${path}/refuse/statement`, { reason: 'not_person' }]])
    assert.deepEqual([(await there.call(method, at, { json })).status, at], [404, at])
  await one.pictures()
  sql(`UPDATE hall.appointment SET starts_at = starts_at + interval '1 day' WHERE id = '${one.appointment}'`)
  assert.match((await one.read()).why_not, /只能在当天核验/)
  await refused(one.pass(), 409, /只能在当天核验/)
  await refused(one.refuse('not_person'), 409, /只能在当天核验/)
  sql(`UPDATE hall.appointment SET starts_at = starts_at - interval '3 days' WHERE id = '${one.appointment}'`)
  await refused(one.read(), 404, /日期已过/)
  assert.equal((await one.state()).state, 'pending')
})

test('who is refused is told why, and books again; who does not come as well', async () => {
  const one = await atCounter()
  await refused(one.refuse('because'), 422, /原因/, '/reason')
  await one.refuse('card_differs')
  const failed = await one.state()
  assert.equal(failed.state, 'failed')
  assert.match(failed.reason, /身份证与申请信息不一致.*重新预约/)
  await refused(one.refuse('card_differs'), 409, /已经办结：核验未通过/)
  const at = (await slots(one, 'futian')).at(-1)
  await one.put('futian', at)
  assert.equal((await one.state()).state, 'pending')
  sql(`UPDATE hall.appointment SET starts_at = current_date - interval '3 hours', seat = (SELECT count(*) + 100 FROM hall.appointment) WHERE id = '${row(one, 'id')}'`)
  sql(`SELECT hall.appointment_end('${row(one, 'id')}')`)
  assert.match((await one.state()).reason, /没有在预约当天到店.*重新预约/)
  await inbox(one.p.mobile, /预约已失效/)
  assert.equal(sql(`SELECT string_agg(state, ' ' ORDER BY created_at) FROM hall.appointment WHERE order_id = '${one.id}'`), 'refused missed')
  const end = sql(`SELECT count(*) FROM hall.outbox WHERE kind = 'appointment_end' AND subject IN (SELECT id FROM hall.appointment WHERE order_id = '${one.id}')`)
  assert.equal(end, '2', 'the runner ends what nobody comes to')
})
