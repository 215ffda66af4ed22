// SPDX-License-Identifier: Apache-2.0
// Renewal of several certificates of a unit in one order: which can be together, what each keeps of its own, what is asked once, the price
// to the fen, what happens when one of them can no longer be renewed, and that each new one ends at its own day.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { formFor, inbox } from '../../../tests/lib/hall.mjs'
import { Renewer, certified, daily, desk, person, severalProject, sql, unitWith } from '../../../tests/lib/reissue.mjs'

const refused = (answer, status, said, pointer) => assert.rejects(answer, (e) => (e.status === status && said.test(e.message + JSON.stringify(e.body?.errors ?? []))
  && (!pointer || e.body.errors.some((x) => x.pointer === pointer))) || assert.fail(`${e} ${JSON.stringify(e.body)}`))
const endsIn = (serial, days) => sql(`UPDATE hall.certificate SET not_before = now() - interval '350 days', not_after = now() + interval '${days} days' WHERE serial = '${serial}'`)
const stateOf = (serial) => sql(`SELECT concat_ws(' ', state, reason) FROM hall.certificate WHERE serial = '${serial}'`)
const revoke = (serial) => sql(`UPDATE hall.certificate SET state = 'revoked', reason = 'superseded' WHERE serial = '${serial}'`)
const day = (days) => sql(`SELECT current_date + ${days}`)

let unit
before(async () => {
  severalProject('several')
  unit = await unitWith('several', [['institution', 20], ['institution', 12], ['holder', 5, await person()]])
})
const renewer = (a) => new Renewer(a, 'several')
const form = { mail_region: '4403', account_name: undefined, account_branch: undefined, account_no: undefined }

test('the list says of each whether it can be renewed, with which others, and the price', async () => {
  const early = await certified('several', 'institution', unit.p, { as: unit.a, form })
  endsIn(early.serial, 45)
  const { certificates } = await renewer(unit.a).api('GET', '/renew/certificates')
  const at = (serial) => certificates.find((one) => one.serial === serial)
  assert.deepEqual(unit.serials.map((serial) => [at(serial).refusal, at(serial).fen, at(serial).years]),
    [[null, 26051, 1], [null, 26051, 1], [null, 26052, 1]])
  assert.equal(new Set(unit.serials.map((serial) => at(serial).together)).size, 1)
  assert.equal(at(unit.serials[2]).holder, unit.all[2].a.order.form.holder_name)
  assert.match(at(early.serial).refusal, new RegExp(`${day(15)} 起`))
  await refused(renewer(unit.a).draftFor([unit.serials[0], early.serial]), 409, new RegExp(`证书 ${early.serial}：还没有到`), '/certificates/1/serial')
})

test('what cannot be in one order is refused, and nothing is made', async () => {
  const r = renewer(unit.a), [one, two] = unit.serials
  const drafts = () => sql(`SELECT count(*) FROM hall.orders WHERE account = (SELECT account FROM hall.orders WHERE id = '${unit.a.order.id}') AND state = 'draft'`)
  const was = drafts()
  await refused(r.draftFor([one, two, one]), 422, /选了不止一次/, '/certificates/2/serial')
  await refused(r.draftFor([one, 'FFFFFFFFFFFFFFFF']), 422, /没有找到/, '/certificates/1/serial')
  await refused(r.draftFor([]), 422, /certificates/, '/certificates')
  await refused(r.draftFor(Array(41).fill(one)), 422, /certificates/, '/certificates')
  const stranger = await certified('several', 'institution', undefined, { form })
  endsIn(stranger.serial, 9)
  await refused(r.draftFor([one, stranger.serial]), 409, new RegExp(`证书 ${stranger.serial}：不是由本账号申请的`), '/certificates/1/serial')
  await refused(r.draftFor([stranger.serial, one], { code: stranger.a.order.form.unit_code }), 409, /不是由本账号申请的/, '/certificates/0/serial')
  const own = (serial) => sql(`UPDATE hall.orders SET account = (SELECT account FROM hall.orders WHERE id = '${unit.a.order.id}') WHERE id = (SELECT order_id FROM hall.certificate WHERE serial = '${serial}')`)
  own(stranger.serial)
  await refused(r.draftFor([one, stranger.serial]), 409, /属于另一个单位/, '/certificates/1/serial')
  const elsewhere = await certified('jieyang', 'institution', unit.p, { as: unit.a })
  endsIn(elsewhere.serial, 9)
  own(elsewhere.serial)
  await refused(r.draftFor([one, elsewhere.serial]), 409, /在另一个项目办理/, '/certificates/1/serial')
  revoke(elsewhere.serial)
  await refused(r.draftFor([one, elsewhere.serial]), 409, new RegExp(`证书 ${elsewhere.serial}：证书已经吊销`), '/certificates/1/serial')
  const natural = await certified('several', 'natural', undefined, { form })
  endsIn(natural.serial, 9)
  own(natural.serial)
  await refused(r.draftFor([one, natural.serial]), 409, /个人证书请逐张办理/, '/certificates/1/serial')
  assert.equal(drafts(), was)
})

test('what stands in a certificate stays, none comes, and one that can no longer be renewed is named and goes', async () => {
  const mine = await unitWith('several', [['institution', 20], ['institution', 12], ['holder', 5]])
  const r = renewer(mine.a), [one, two, three] = mine.serials
  await r.draftFor(mine.serials)
  await refused(renewer(mine.a).draftFor([two]), 409, new RegExp(`证书 ${two} 您已有一份证书更新草稿`))
  const { items } = r.order.form
  assert.deepEqual(items.map((i) => [i.serial, i.cert_type, i.years, i.holder_name ?? null]),
    [[one, 'institution', 1, null], [two, 'institution', 1, null], [three, 'holder', 1, mine.p.name]])
  assert.equal(r.order.form.cert_type, undefined, 'the form has no type of its own')
  const wrong = (change, pointer) => assert.rejects(r.save({ ...r.order.form, items: change }, false), (e) => (e.status === 422 && e.body.errors.some((x) => x.pointer === pointer)) || assert.fail(`${e}`))
  await wrong([items[0], { ...items[1], cert_type: 'holder' }], '/form/items/1/cert_type')
  await wrong([{ ...items[2], holder_name: '别人' }], '/form/items/0/holder_name')
  await wrong([items[0], { ...items[1], serial: unit.serials[0] }], '/form/items/1/serial')
  await wrong([items[0], items[0]], '/form/items/1/serial')
  await wrong([{ ...items[0], style: 'scan' }], '/form/items/0/style')
  await wrong([], '/form/items')
  await assert.rejects(r.save({ ...mine.a.order.form }, false), { status: 422 }, 'nor does it become the form of one')
  await assert.rejects(r.save({ ...r.order.form, items: [{ ...items[0], years: 4 }] }, false), { status: 422 })
  assert.deepEqual(r.order.papers.map((m) => m.code), ['form', 'licence', 'holder_id-3', 'holder_id_back-3'], 'a person\'s papers are each person\'s')

  await r.save(r.order.form)
  await r.print()
  await r.uploadAll()
  revoke(two)
  await r.refresh()
  assert.deepEqual(r.order.replaces.certificates.map((c) => [c.serial, /吊销/.test(c.refusal ?? '')]), [[one, false], [two, true], [three, false]])
  await refused(r.step('submit'), 409, new RegExp(`证书 ${two}：证书已经吊销.*请把它移出业务单后再提交`), '/form/items/1')
  assert.equal((await r.refresh()).state, 'draft')
  await r.save({ ...r.order.form, items: [items[0], items[2]] })
  assert.deepEqual(r.order.replaces.certificates.map((c) => [c.item, c.serial]), [[1, one], [2, three]])
  assert.equal(r.order.papers.find((m) => m.code === 'holder_id-2').state, 'ok', 'the person\'s papers move up along')
  assert.equal(r.order.price.total, 26051 + 26052)
  await r.save({ ...r.order.form, items: [items[2]] })
  assert.deepEqual(r.order.replaces.certificates.map((c) => c.serial), [three], 'the first, too')
  assert.equal(sql(`SELECT serial FROM hall.certificate c JOIN hall.orders o ON o.replaces = c.id WHERE o.id = '${r.order.id}'`), three)
  await refused(r.save({ ...r.order.form, items: [items[2], items[0]] }, false), 422, /只能有创建时选择的证书/, '/form/items/1/serial')
})

test('two orders for one certificate at once: one is handed in', async () => {
  const mine = await unitWith('several', [['institution', 20], ['institution', 12]])
  const all = renewer(mine.a), agent = await person(), other = renewer()
  const ready = async (r, p, kept) => {
    await r.save({ ...kept })
    await r.print()
    await r.uploadAll()
    if (p) await r.authenticate(p)
    await r.refresh()
  }
  await all.draftFor(mine.serials)
  await ready(all, null, all.order.form) // authenticated before
  await other.loginSms(agent.mobile)
  const { unit_name, unit_code } = mine.a.order.form
  await other.draftFor([mine.serials[1]], { code: unit_code })
  await ready(other, agent, { ...formFor('several', { ...agent, unit_name, unit_code }), ...form })
  const both = await Promise.allSettled([all.step('submit'), other.step('submit')])
  assert.deepEqual(both.map((x) => x.status).sort(), ['fulfilled', 'rejected'], both.map((x) => String(x.reason)).join())
  const lost = both.find((x) => x.status === 'rejected').reason
  assert.equal(lost.status, 409)
  assert.match(lost.message, /证书更新申请正在办理/)
  // and the one that was handed in keeps both from everybody
  const held = both[0].status === 'fulfilled' ? mine.serials : [mine.serials[1]]
  for (const serial of held) await refused(renewer(mine.a).draftFor([serial]), 409, /正在办理/)
})

test('from the draft to the new certificates: one form, one payment, one invoice, one review; each ends at its own day', async () => {
  const r = renewer(unit.a), [one, two, three] = unit.serials
  await r.draftFor(unit.serials)
  assert.deepEqual([r.order.phone.state, r.order.form.agent_name, r.order.form.mail_address], ['passed', unit.p.name, '科技园路 1 号 8 楼'])
  await r.carried('licence')
  const { items } = r.order.form
  await r.save({ ...r.order.form, items: [items[0], { ...items[1], years: 2 }, { ...items[2], holder_email: 'new@example.com' }] })
  const parts = { certificate: [20001, 39999, 20002], medium: [6050, 6050, 6050] }
  const price = (fen) => fen.map((fen, at) => ({ item: at + 1, fen }))
  assert.deepEqual(r.order.price, { total: 98152, parts: [
    { part: 'certificate', name: '更新费', fen: 80002, items: price(parts.certificate) }, { part: 'medium', name: '介质费', fen: 18150, items: price(parts.medium) }] })
  assert.equal(r.order.phone.state, 'passed', 'a person\'s address changes nothing of the agent\'s authentication')
  await r.print()
  await r.uploadAll()
  await r.refresh()
  await r.step('submit')
  await refused(renewer(unit.a).draftFor(two), 409, /证书更新申请正在办理/)
  await r.pay()
  assert.deepEqual([r.order.state, r.order.payment.total], ['in_review', 98152])

  const reviewer = await desk('review'), producer = await desk('produce')
  const { order } = await reviewer.read(r.order.id)
  assert.deepEqual(order.replaces.certificates.map((c) => [c.serial, c.replaced_by]), [[one, null], [two, null], [three, null]])
  const days = (list) => list.map((c) => c.until.slice(0, 10))
  const ends = days(order.replaces.certificates)
  await reviewer.act(r.order.id, 'approve')
  await r.until('accepted')
  await producer.act(r.order.id, 'produce')
  await r.until('produced')
  const made = r.order.replaces.certificates
  assert.deepEqual(days(made), ends, 'as the reviewer has signed')
  assert.equal(sql(`SELECT string_agg((abs(extract(epoch FROM n.not_after - (c.not_after + make_interval(years => CASE n.item WHEN 2 THEN 2 ELSE 1 END)))) < 1)::text, ',' ORDER BY n.item)
    FROM hall.certificate n JOIN hall.certificate c ON c.id = n.replaces WHERE n.order_id = '${r.order.id}' AND n.key_use = 'signature'`), 'true,true,true', 'each at the old one\'s end and its years')
  for (const serial of [...unit.serials, ...made.map((c) => c.replaced_by)]) assert.equal(stateOf(serial), 'valid', 'nobody is without')
  const { items: certificates } = await r.api('GET', `/orders/${r.order.id}/certificates`)
  assert.deepEqual(certificates.map((c) => c.serial), made.map((c) => c.replaced_by), 'the applicant sees each')
  assert.equal(certificates[2].content.subject.find((s) => s.attribute === 'CN').value, unit.all[2].a.order.form.holder_name)
  const invoice = await (async () => { for (;;) { const { invoice } = await r.refresh(); if (invoice?.state === 'issued') return invoice; await new Promise((done) => setTimeout(done, 200)) } })()
  assert.equal(invoice.total, 98152, 'one invoice for all')
  await refused(renewer(unit.a).draftFor(unit.serials), 409, new RegExp(`证书 ${one}：这张证书已有新证书`))

  // the old ones end on a day that the applicant chooses, or before it by themselves
  const choose = async (on) => (r.order = await r.api('PUT', `/renew/orders/${r.order.id}/last-day`, { json: { version: r.order.version, ...(on && { on }) } }))
  await refused(choose(day(21)), 422, /到期/)
  await choose(day(2))
  await inbox(unit.p.mobile, new RegExp(`原证书（序列号 \\S+ 等 3 张）将于 ${day(2)} 停用`))
  endsIn(three, -1)
  sql(`UPDATE hall.orders SET replaced_on = current_date WHERE id = '${r.order.id}'`)
  await daily()
  assert.equal(stateOf(one), 'valid', 'not on the day of the word')
  sql(`UPDATE hall.message SET created_at = created_at - interval '1 day' WHERE order_id = '${r.order.id}' AND event = 'replacing'`)
  await daily()
  assert.deepEqual(unit.serials.map(stateOf), ['revoked superseded', 'revoked superseded', 'valid'], 'the third had run out')
})
