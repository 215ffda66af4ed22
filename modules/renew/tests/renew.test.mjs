// SPDX-License-Identifier: Apache-2.0
// Renewal over HTTP: when and by whom, what need not be proved again and what must be, how long the new certificate lasts, and that the old
// one goes on until its end or the day that was chosen.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { inbox } from '../../../tests/lib/hall.mjs'
import { Reissuer, Renewer, certified, daily, desk, person, sql } from '../../../tests/lib/reissue.mjs'

const refused = (answer, status, said) => assert.rejects(answer, (e) => (e.status === status && (!said || said.test(e.message))) || assert.fail(`${e}`))
const endsIn = (serial, days) => sql(`UPDATE hall.certificate SET not_before = now() - interval '350 days', not_after = now() + interval '${days} days' WHERE serial = '${serial}'`)
const stateOf = (serial) => sql(`SELECT concat_ws(' ', state, reason) FROM hall.certificate WHERE serial = '${serial}'`)
const day = (days) => sql(`SELECT current_date + ${days}`)

let unit
before(async () => {
  unit = await certified('jieyang')
  endsIn(unit.serial, 20)
})

test('too early, and then in the last month; the reminder has a link that shows it without a log-in', async () => {
  const unit = await certified('jieyang'), r = new Renewer(unit.a)
  const anybody = new Renewer()
  endsIn(unit.serial, 45)
  await refused(r.draftFor(unit.serial), 409, new RegExp(`还没有到办理证书更新的时间，${day(15)} 起`))
  assert.match((await r.find(unit.serial)).certificates[0].refusal, /还没有到/)
  const early = (await anybody.api('GET', `/renew/window?serial=${unit.serial}`)).certificate
  assert.equal(early.opens_at.slice(0, 10), day(15))
  assert.ok(!JSON.stringify(early).includes(unit.a.order.form.unit_name))
  await daily()
  await inbox(unit.p.mobile, new RegExp(`${day(15)} 起可以办理证书更新：http\\S+/jieyang/renew\\?serial=${unit.serial}`))
  endsIn(unit.serial, 20)
  await daily()
  await inbox(unit.p.mobile, new RegExp(`还剩 20 天，现在可以办理证书更新：http\\S+/jieyang/renew\\?serial=${unit.serial}`))
  assert.equal((await r.find(unit.serial)).certificates[0].refusal, null)
  const [one] = (await r.api('GET', '/renew/certificates')).certificates
  assert.equal(one.serial, unit.serial)
  const mine = (await r.api('GET', '/gate/units')).units.flatMap((u) => u.certificates).find((c) => c.serial === unit.serial)
  assert.deepEqual([mine.renewal.business, mine.renewal.open, mine.renewal.days_left], ['renew', true, 20])
  await refused(anybody.api('GET', `/renew/window?serial=${unit.serial}`.replace('jieyang', 'x').replace(unit.serial, 'O')), 422)
  await refused(new Renewer(null, 'seal').api('GET', `/renew/window?serial=${unit.serial}`), 404, /不办理/)
})

test('what has run out or is revoked is not renewed, and is told what to do', async () => {
  const gone = await certified('jieyang'), r = new Renewer(gone.a)
  endsIn(gone.serial, -1)
  await refused(r.draftFor(gone.serial), 409, /已经过期，不能办理证书更新，请在本项目办理证书新办/)
  endsIn(gone.serial, 10)
  sql(`UPDATE hall.certificate SET state = 'revoked', reason = 'superseded' WHERE serial = '${gone.serial}'`)
  await refused(r.draftFor(gone.serial), 409, /已经吊销，不能办理证书更新，请在本项目办理证书新办/)
})

test('a stranger proves that the unit asks, brings everything, and authenticates', async () => {
  const other = new Renewer()
  await other.loginSms((await person()).mobile)
  await refused(other.draftFor(unit.serial), 422, /统一社会信用代码/)
  await refused(other.draftFor(unit.serial, { code: 'X' }), 422, /不符/)
  const order = await other.draftFor(unit.serial, { code: unit.a.order.form.unit_code })
  assert.deepEqual(Object.keys(order.form).sort(), ['cert_type', 'unit_code', 'unit_doc_type', 'unit_name', 'years'])
  assert.deepEqual([order.phone.state, order.papers.map((m) => m.state)], ['none', ['missing', 'missing']])
  await other.api('POST', `/orders/${order.id}/cancel`, { json: { version: order.version } })
})

test('several papers are good: all of them are there', async () => {
  const { a, serial } = await certified('jieyang', 'natural')
  const cards = a.order.papers.map((m) => m.code).filter((code) => code.startsWith('id_'))
  assert.ok(cards.length > 1)
  sql(`UPDATE hall.project_paper SET good_days = 400 WHERE code = ANY ('{${cards}}') AND project = (SELECT id FROM hall.project WHERE slug = 'jieyang')`)
  endsIn(serial, 20)
  const r = new Renewer(a)
  await r.draftFor(serial)
  await r.carried(...cards)
})

test('from the draft to both certificates: nothing is proved twice, nothing of the review is left out', async () => {
  const { a, p, serial } = unit
  const r = new Renewer(a)
  await r.draftFor(serial)
  const { order } = r, old = a.order.form
  for (const field of ['unit_name', 'agent_name', 'mail_address', 'legal_name', 'years']) assert.equal(order.form[field], old[field], field)
  assert.deepEqual([order.business_name, order.phone.state, order.price.total, order.replaces.extended], ['证书更新', 'passed', 60000, true])
  assert.ok(!order.locked.includes('years') && order.locked.includes('unit_code'))
  await r.carried('licence')
  assert.equal(r.order.papers.find((m) => m.code === 'licence').sheets[0].carried, true)
  const { status, headers } = await r.fetch('GET', `/jieyang/api/paper/orders/${order.id}/licence`)
  assert.deepEqual([status, headers.get('content-type').slice(0, 6)], [200, 'image/'], 'it opens with a key of its own')

  const form = { ...r.order.form }
  for (const [field, value] of [['unit_name', '另一家公司'], ['unit_code', '91440300MA5EXAMPL0'], ['cert_type', 'holder']])
    await assert.rejects(r.save({ ...form, [field]: value }, false), (e) => e.status === 422 && e.body.errors.some((x) => x.pointer === `/form/${field}`) || assert.fail(`${e}`))
  await r.save({ ...form, mail_address: '别处 1 号' })
  assert.deepEqual([r.order.phone.state, r.order.papers.find((m) => m.code === 'licence').state], ['passed', 'ok'], 'an address changes neither')
  await r.save({ ...form, legal_name: '新的法人' })
  assert.equal(r.order.papers.find((m) => m.code === 'licence').state, 'stale', 'another legal person: the licence anew')
  await r.save({ ...form, agent_name: '别的经办' })
  assert.equal(r.order.phone.state, 'none', 'another agent: the phone anew')
  await r.save(form)
  await r.print()
  await r.uploadAll()
  assert.equal((await r.authenticate(p)).state, 'passed')
  await r.refresh()
  await r.step('submit')
  await refused(new Renewer(a).draftFor(serial), 409, /证书更新申请正在办理/)
  await refused(new Reissuer(a).draftFor(serial), 409, /证书更新申请正在办理/)
  await r.pay()
  assert.equal(r.order.state, 'in_review')
  const producer = await desk('produce')
  await assert.rejects(producer.act(r.order.id, 'produce'), 'nobody makes what nobody has approved')
  assert.equal(sql(`SELECT count(*) FROM hall.certificate WHERE order_id = '${r.order.id}'`), '0')
  await (await desk('review')).act(r.order.id, 'approve')
  await r.until('accepted')
  await producer.act(r.order.id, 'produce')
  await r.until('produced')
  const fresh = r.order.certificate.serial
  assert.deepEqual([stateOf(serial), stateOf(fresh)], ['valid', 'valid'], 'nobody is without')
  assert.equal(sql(`SELECT abs(extract(epoch FROM n.not_after - (c.not_after + interval '1 year'))) < 1 AND n.not_before < now()
    FROM hall.certificate n, hall.certificate c WHERE n.serial = '${fresh}' AND c.serial = '${serial}'`), 't', 'a year after the old one\'s end')
  await refused(new Renewer(a).draftFor(serial), 409, /已有新证书/)

  // the old one ends on a day that the applicant chooses
  const choose = async (on) => (r.order = await r.api('PUT', `/renew/orders/${r.order.id}/last-day`, { json: { version: r.order.version, ...(on && { on }) } }))
  await r.refresh()
  await refused(choose(day(0)), 422, /今天以后/)
  await refused(choose(day(40)), 422, /到期/)
  assert.equal((await choose(day(2))).replaces.ends_on, day(2))
  await inbox(p.mobile, new RegExp(`原证书（序列号 ${serial}）将于 ${day(2)} 停用`))
  assert.equal((await choose(null)).replaces.ends_on, null)
  await choose(day(2))
  await daily()
  assert.equal(stateOf(serial), 'valid', 'not before its day')
  sql(`UPDATE hall.orders SET replaced_on = current_date WHERE id = '${r.order.id}'`)
  await daily()
  assert.equal(stateOf(serial), 'valid', 'nor on the day of the word')
  sql(`UPDATE hall.message SET created_at = created_at - interval '1 day' WHERE order_id = '${r.order.id}' AND event = 'replacing'`)
  await daily()
  assert.deepEqual([stateOf(serial), stateOf(fresh)], ['revoked superseded', 'valid'])
  await inbox(p.mobile, new RegExp(`${serial}.*吊销|吊销.*${serial}`))
})
