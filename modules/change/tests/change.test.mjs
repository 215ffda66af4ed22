// SPDX-License-Identifier: Apache-2.0
// Changes over HTTP: who may ask for what, that nothing else changes, what must be proved, that a certificate is made where its content
// changes and the old one revoked with it, and that nothing is made where it does not.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { inbox, messages } from '../../../tests/lib/hall.mjs'
import { Changer } from '../../../tests/lib/change.mjs'
import { Reissuer, certified, desk, eventually, person, sql } from '../../../tests/lib/reissue.mjs'

const refused = (answer, status, said) => assert.rejects(answer, (e) => (e.status === status && (!said || said.test(e.message))) || assert.fail(`${e} ${JSON.stringify(e.body)}`))
const wrongAt = (answer, ...fields) => assert.rejects(answer, (e) => (e.status === 422 && assert.deepEqual(e.body.errors.map((x) => `${x.pointer} ${x.code}`).sort(), fields.sort())) ?? true)
const stateOf = (serial) => sql(`SELECT concat_ws(' ', state, reason) FROM hall.certificate WHERE serial = '${serial}'`)
const codes = (...list) => list.map((code) => ({ code }))

let unit
before(async () => { unit = await certified('jieyang') })

test('only the account that has it, only what the project offers, only a certificate that is in use', async () => {
  const c = new Changer(unit.a), other = new Changer()
  await other.loginSms((await person()).mobile)
  await refused(other.draftFor(unit.serial, 'legal'), 409, /由申请这张证书的账号办理.*经办人移交/)
  const [found] = (await other.find(unit.serial)).certificates
  assert.match(found.refusal, /由申请这张证书的账号办理/)
  assert.deepEqual([found.changes, found.subject], [[], null])
  assert.deepEqual((await c.find(unit.serial)).certificates[0].changes.map((k) => k.code), ['unit_name', 'legal', 'agent', 'address', 'contact'])
  assert.deepEqual((await c.api('GET', '/change/certificates')).certificates.map((x) => x.serial), [unit.serial])
  const mine = (await c.api('GET', '/gate/units')).units.flatMap((u) => u.certificates).find((x) => x.serial === unit.serial)
  assert.equal(mine.changeable, 'change')
  await refused(c.draftFor(unit.serial), 422, /请选择要变更的内容/)
  await refused(c.draftFor(unit.serial, 'holder_name'), 422, /不为这张证书办理“申请人姓名”的变更/)
  await refused(c.draftFor(unit.serial, 'legal', 'years'), 422, /不为这张证书办理“years”的变更/)
  await refused(new Changer(unit.a, 'hunan').api('POST', '/change/orders', { json: { agreements: [], serial: unit.serial, changes: codes('legal') } }), 404, /不办理/)
  await refused(c.draftFor('0123456789ABCDEF', 'legal'), 422, /没有找到/)
  const gone = await certified('jieyang'), g = new Changer(gone.a)
  const put = (set) => sql(`UPDATE hall.certificate SET ${set} WHERE serial = '${gone.serial}'`)
  await gone.a.api('POST', `/orders/${gone.a.order.id}/loss`, { json: { serial: gone.serial } })
  await refused(g.draftFor(gone.serial, 'legal'), 409, /已冻结，不能办理信息变更/)
  put("state = 'revoked', reason = 'key_compromise'")
  await refused(g.draftFor(gone.serial, 'legal'), 409, /已经吊销，不能办理信息变更/)
  const old = await certified('jieyang')
  sql(`UPDATE hall.certificate SET not_before = now() - interval '2 years', not_after = now() - interval '1 day' WHERE serial = '${old.serial}'`)
  await refused(new Changer(old.a).draftFor(old.serial, 'legal'), 409, /已经过期，不能办理信息变更/)
})

test('nothing in the certificate: the order is approved, the data change, and nothing is made', async () => {
  const { a, p, serial } = unit, c = new Changer(a), next = await person()
  await c.draftFor(serial, 'legal', 'agent')
  assert.deepEqual([c.order.replaces.made, c.order.replaces.changes.map((k) => k.name)], [false, ['法定代表人', '经办人']])
  assert.deepEqual([c.order.price.total, c.order.finauth.mode, c.order.delivery, c.order.phone.state], [0, 'none', null, 'passed'])
  assert.deepEqual(c.wants(), ['authority', 'form', 'legal_id', 'licence'])
  const form = { ...c.order.form }
  await wrongAt(c.save({ ...form, unit_address: '别处', unit_name: '另一家公司', cert_type: 'holder' }, false), '/form/unit_address locked', '/form/unit_name locked', '/form/cert_type locked')
  await wrongAt(c.save({ ...form, unit_code: '91440300MA5EXAMPL0' }, false), '/form/unit_code locked')
  await wrongAt(c.save(form), '/form/legal_name unchanged', '/form/agent_name unchanged')
  await wrongAt(c.save({ ...form, legal_name: '新法人' }), '/form/agent_name unchanged')
  await refused(c.draftFor(serial, 'legal'), 409, /已有一份信息变更草稿/)
  const changed = { ...form, legal_name: '新法人', agent_name: next.name, agent_id: next.id_no, agent_mobile: next.mobile, mail_address: '别处 1 号' }
  await c.save(changed)
  assert.equal(c.order.phone.state, 'none', 'a new agent authenticates')
  await c.print()
  await refused(c.step('submit'), 422, /请上传/)
  await c.uploadAll()
  await refused(c.step('submit'), 422, /手机认证/)
  await refused(c.authenticate(p), 422, /不一致/)
  assert.equal((await c.authenticate(next)).state, 'passed')
  await c.refresh()
  await c.step('submit')
  assert.deepEqual([c.order.state, c.order.payment.state], ['in_review', 'paid'], 'no fee')
  assert.match(JSON.stringify(c.order.ahead), /通过后登记信息随即变更/)
  assert.doesNotMatch(JSON.stringify([c.order.ahead, c.order.promise]), /制作|制证|寄/)
  await refused(new Changer(a).draftFor(serial, 'address'), 409, /信息变更申请正在办理/)
  await refused(new Reissuer(a).draftFor(serial), 409, /信息变更申请正在办理/)

  const reviewer = await desk('review')
  const rows = (await reviewer.call('GET', `/desk/api/review/orders/${c.order.id}`)).form_rows.flatMap((b) => b.rows)
  assert.deepEqual(Object.fromEntries(rows.filter((x) => x.before !== undefined && !x.name.startsWith('mail')).map((x) => [x.name, [x.before, x.value]])), {
    legal_name: [form.legal_name, '新法人'], agent_name: [form.agent_name, next.name], agent_id: [form.agent_id, next.id_no], agent_mobile: [form.agent_mobile, next.mobile],
  })
  await reviewer.act(c.order.id, 'approve')
  await c.until('done')
  assert.equal(sql(`SELECT (SELECT count(*) FROM hall.certificate WHERE order_id = o.id) + (SELECT count(*) FROM hall.pin WHERE order_id = o.id)
    + (SELECT count(*) FROM hall.parcel WHERE order_id = o.id) + (SELECT count(*) FROM hall.payout WHERE order_id = o.id) FROM hall.orders o WHERE id = '${c.order.id}'`), '0')
  await assert.rejects((await desk('produce')).act(c.order.id, 'produce'))
  assert.equal(stateOf(serial), 'valid')
  assert.match(JSON.stringify(c.order.history), /登记信息已变更/)
  await inbox(next.mobile, new RegExp(`${serial}.*（法定代表人、经办人）已变更`))
  await inbox(p.mobile, new RegExp(`${serial}.*（法定代表人、经办人）已变更`))

  // what is on file is the new form, for whatever comes next
  await c.draftFor(serial, 'address')
  assert.deepEqual([c.order.form.legal_name, c.order.form.agent_mobile, c.order.phone.state], ['新法人', next.mobile, 'passed'])
  assert.deepEqual(c.wants(), ['form', 'licence'])
  await c.cancel()
  const r = new Reissuer(a)
  await r.draftFor(serial)
  assert.equal(r.order.form.legal_name, '新法人')
  await r.api('POST', `/orders/${r.order.id}/cancel`, { json: { version: r.order.version } })
  sql(`UPDATE hall.certificate SET not_before = now() - interval '350 days', not_after = now() + interval '20 days' WHERE serial = '${serial}'`)
  const key = `expiry/change-${process.pid}`
  sql(`SELECT hall.enqueue('expiry', '${key}', NULL)`)
  await eventually('the daily look', () => sql(`SELECT state FROM hall.outbox WHERE key = '${key}'`) === 'done')
  await inbox(next.mobile, new RegExp(`${serial}[^]*还剩 20 天|还剩 20 天[^]*${serial}`))
  assert.ok(!(await messages(p.mobile)).some((m) => /还剩 20 天/.test(m.text)), 'the former agent is not reminded')
})

test('a name in the certificate: a new one with the old end, and the old one revoked with it', async () => {
  const { a, serial } = await certified('jieyang'), c = new Changer(a)
  await c.draftFor(serial, 'unit_name')
  assert.deepEqual([c.order.replaces.made, c.order.price.total, c.order.finauth.mode, c.order.phone.state], [true, 10000, 'pin', 'passed'])
  assert.deepEqual(c.wants(), ['form', 'licence', 'registry_notice'])
  const name = `更名${c.order.form.unit_name}`
  await wrongAt(c.save({ ...c.order.form, legal_name: '新法人' }, false), '/form/legal_name locked')
  await c.handIn({ ...c.order.form, unit_name: name, account_name: name })
  await c.pay()
  const producer = await desk('produce'), reviewer = await desk('review')
  await assert.rejects(producer.act(c.order.id, 'produce'), 'nobody makes what nobody has approved')
  await reviewer.act(c.order.id, 'reject', { reasons: [{ pointer: '/papers/registry_notice', text: '看不清' }] })
  await c.until('rejected')
  await assert.rejects(producer.act(c.order.id, 'produce'))
  assert.equal(stateOf(serial), 'valid', 'a rejection touches nothing')
  await c.uploadAll()
  await c.step('resubmit')
  await reviewer.act(c.order.id, 'approve')
  await c.until('accepted')
  assert.equal(stateOf(serial), 'valid')
  await producer.act(c.order.id, 'produce')
  await c.until('produced')
  const fresh = c.order.certificate
  assert.match(fresh.subject, new RegExp(name))
  assert.deepEqual([stateOf(serial), stateOf(fresh.serial)], ['revoked affiliation_changed', 'valid'])
  assert.equal(sql(`SELECT n.not_after <= o.not_after AND n.not_after > o.not_after - interval '2 seconds' AND n.public_sha256 <> o.public_sha256 FROM hall.certificate n, hall.certificate o
    WHERE n.serial = '${fresh.serial}' AND o.serial = '${serial}'`), 't', 'the old end, a new key')
  await refused(new Changer(a).draftFor(serial, 'legal'), 409, /已有新证书/)
})

test('a draft that began before another change was filed is refused', async () => {
  const { a, serial, id } = await certified('jieyang'), c = new Changer(a)
  await c.draftFor(serial, 'address')
  await c.save({ ...c.order.form, unit_address: '新址 1 号' })
  await c.print()
  await c.uploadAll()
  sql(`UPDATE hall.orders SET basis = (SELECT id FROM hall.orders WHERE id <> '${a.order.id}' LIMIT 1) WHERE id = '${c.order.id}'`)
  await c.refresh()
  await refused(c.step('submit'), 409, /已经变更，请取消这份草稿/)
  assert.equal(sql(`SELECT state FROM hall.certificate WHERE id = '${id}'`), 'valid')
})
