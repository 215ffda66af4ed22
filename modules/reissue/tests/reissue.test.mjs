// SPDX-License-Identifier: Apache-2.0
// The reissue after a lost medium, over HTTP: how the certificate is found, who may ask for its successor and who is refused, what
// cannot be changed, and the outlet that makes it. The old certificate ends in the same transaction in which the new one begins.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { Client, sandboxCall } from '../../../tests/lib/hall.mjs'
import { publish } from '../../../tests/lib/officers.mjs'
import { oneSheet } from '../../../tests/lib/pdf.mjs'
import { Reissuer, certified, desk, person, reissueForm, sql } from '../../../tests/lib/reissue.mjs'

const refused = (answer, status, said) => assert.rejects(answer, (e) => (e.status === status && (!said || said.test(e.message))) || assert.fail(`${e}`))
const stateOf = (serial) => sql(`SELECT concat_ws(' ', state, reason) FROM hall.certificate WHERE serial = '${serial}'`)
const cancel = (r) => r.api('POST', `/orders/${r.order.id}/cancel`, { json: { version: r.order.version } })

let unit, natural, holder, stranger
before(async () => {
  unit = await certified()
  natural = await certified('jieyang', 'natural')
  holder = await certified('jieyang', 'holder')
  stranger = new Reissuer()
  await stranger.loginSms((await person()).mobile)
})

test('#200 #201 #202 a serial number in the case that it has, with a word for every way of mistyping it', async () => {
  const r = new Reissuer(unit.a)
  const letters = /[A-F]/.test(unit.serial) ? unit.serial : `${unit.serial.slice(1)}A`
  for (const [typed, word] of [[letters.toLowerCase(), /大写/], [`${unit.serial.slice(1)}O`, /字母 O/], [`l${unit.serial.slice(1)}`, /字母 O、I/],
    [unit.serial.slice(1), /16 位/], [`${unit.serial}0`, /16 位/], ['，', /数字/]])
    await refused(r.find(typed), 422, word)
  assert.deepEqual((await r.find('0123456789ABCDEF')).certificates, [])
  for (const typed of [` ${unit.serial}`, unit.serial.replace(/(..)(?=.)/g, '$1:'), unit.serial.replace(/(.{4})(?=.)/g, '$1-'), `${unit.serial.slice(0, 8)}\u3000${unit.serial.slice(8)}`])
    assert.equal((await r.find(typed)).certificates[0].serial, unit.serial, 'blanks, colons and hyphens do not count')
  const { certificates: [one] } = await r.find(unit.serial)
  assert.equal(one.own, true)
  assert.equal(one.proof, 'none')
  assert.match(one.subject, /^..\*\*\*\*..$/)
  assert.equal(one.order.id, unit.a.order.id)
})

test('one picks one\'s certificate, of those that can be made again here', async () => {
  const r = new Reissuer(unit.a), own = await r.api('GET', '/reissue/certificates')
  assert.deepEqual(own.certificates, (await r.find(unit.serial)).certificates, 'the same as by its number')
  assert.deepEqual(await stranger.api('GET', '/reissue/certificates'), { certificates: [] })
})

test('to somebody else nothing is told beyond the page on serial numbers', async () => {
  for (const [{ serial }, proof] of [[unit, 'unit'], [natural, 'person'], [holder, 'unit_and_holder']]) {
    const { certificates: [one] } = await stranger.find(serial)
    const page = await (await new Client().fetch('GET', `/ocsp/api/status?serial=${serial}`)).json()
    assert.deepEqual({ ...page.certificates[0], serial, own: false, refusal: null, opens_at: null, proof, changes: [], subject: null, holder: null, cert_type: null, years: null, fen: null, together: 1, order: null, draft: null }, one)
  }
  await refused(new Reissuer().find(unit.serial), 401)
})

test('who may ask: the unit\'s code, the person\'s number, for a holder both; wrong tries are counted', async () => {
  const said = async (json, status, word) => refused(stranger.draftFor(json.serial, json), status, word)
  await said({ serial: unit.serial }, 422, /统一社会信用代码/)
  await said({ serial: unit.serial, code: holder.a.order.form.unit_code }, 422, /不符/)
  await said({ serial: natural.serial }, 422, /身份证/)
  await said({ serial: natural.serial, code: unit.p.id_no }, 422, /不符/)
  await said({ serial: holder.serial, code: holder.a.order.form.unit_code }, 422, /不符/)
  await said({ serial: holder.serial, code: holder.a.order.form.unit_code, holder_id: unit.p.id_no }, 422, /不符/)
  await said({ serial: unit.serial, code: 'X' }, 422, /不符/) // the fifth of the day
  await said({ serial: holder.serial, code: holder.a.order.form.unit_code, holder_id: holder.p.id_no }, 429, /次数过多/)
  await said({ serial: '0123456789ABCDEF', code: 'x' }, 422, /没有找到/)
  const other = new Reissuer()
  await other.loginSms((await person()).mobile)
  const order = await other.draftFor(holder.serial, { code: holder.a.order.form.unit_code, holder_id: holder.p.id_no })
  const { form } = order
  assert.deepEqual(Object.keys(form).sort(), ['cert_type', 'holder_id', 'holder_name', 'unit_code', 'unit_doc_type', 'unit_name'],
    'what stands in the certificate, and nothing of the other agent')
  await cancel(other)
})

test('the draft: agreements and the notice first, filled in from the old form, one at a time', async () => {
  const r = new Reissuer(unit.a)
  await refused(r.draftFor(unit.serial, { agreements: [] }), 422, /协议/)
  const ticked = await r.ticked()
  await refused(r.draftFor(unit.serial, { agreements: ticked.filter((t) => t.code !== 'reissue_notice') }), 422, /办理须知/)
  await refused(r.api('POST', '/new/orders', { json: { agreements: ticked } }), 404, /不办理此项业务/)
  const order = await r.draftFor(unit.serial)
  const old = unit.a.order.form
  for (const field of ['unit_name', 'unit_code', 'unit_address', 'agent_name', 'mail_address', 'account_no', 'invoice_title']) assert.equal(order.form[field], old[field], field)
  assert.equal(order.replaces.certificates[0].serial, unit.serial)
  assert.ok(order.locked.includes('unit_name'))
  assert.equal(order.outlet.name, '福田网点')
  assert.deepEqual(order.price.parts.map(({ part, fen }) => [part, fen]), [['certificate', 0], ['medium', 10000]])
  await refused(r.draftFor(unit.serial), 409, /已有一份/)
  assert.equal((await r.find(unit.serial)).certificates[0].draft.id, order.id)

  const form = reissueForm(unit.p)
  for (const [field, value] of [['unit_name', '另一家公司'], ['unit_code', holder.a.order.form.unit_code], ['cert_type', 'holder']])
    await assert.rejects(r.save({ ...form, [field]: value }, false), (e) => e.status === 422 && e.body.errors.some((x) => x.pointer === `/form/${field}`) || assert.fail(`${e}`))
  await assert.rejects(r.save({ cert_type: 'institution' }, false), (e) => e.status === 422, 'nor left out')
  const saved = await r.save({ ...form, agent_name: '新经办', mail_address: '别处 1 号' }, false)
  assert.equal(saved.form.agent_name, '新经办')
  await r.save(form)
  oneSheet(Buffer.from(await (await r.print()).arrayBuffer()), 'reissue')
  for (const module of ['new', 'seal'])
    await refused(r.api('POST', `/${module}/orders/${order.id}/submit`, { json: { version: 1 } }), 404)
  await cancel(r)
})

test('a project with several kinds: a certificate is made again where one applies for new ones, by the rows for a reissue', async () => {
  const { a, p, serial } = await certified('jieyang')
  const r = new Reissuer(a, 'jieyang')
  const { project } = await r.api('GET', '/gate/session')
  assert.deepEqual(project.businesses.map(({ name }) => name), ['证书新办', '证书更新', '信息变更', '介质遗失补办'])
  assert.ok(project.businesses.every((one) => one.intro), 'each is explained')
  assert.deepEqual(project.businesses[2].steps.slice(0, 3).map((s) => s.key), ['agreements', 'certificate', 'form'])
  const fields = (setup) => Object.fromEntries(setup.blocks.flatMap((b) => b.fields).map((f) => [f.name, f]))
  const anew = fields(await a.api('GET', '/new/setup')), again = fields(await r.api('GET', '/reissue/setup'))
  assert.deepEqual([anew.years !== undefined, again.years], [true, undefined], 'a reissue asks for no years')
  assert.deepEqual([anew, again].map((f) => f.invoice_purpose.options[0].value), ['certificate', '介质服务费'])

  const { order } = Object.assign(r, { order: await r.draftFor(serial) })
  assert.deepEqual([order.business_name, order.years, order.outlet.name], ['介质遗失补办', 1, '福田网点'])
  assert.deepEqual(order.price.parts.map(({ part, fen }) => [part, fen]), [['certificate', 0], ['medium', 10000]])
  const form = { ...order.form, invoice_purpose: '介质服务费' }
  await assert.rejects(r.save({ ...form, years: 2 }), (e) => e.status === 422 && e.body.errors[0].pointer === '/form/years' || assert.fail(`${e}`))
  await assert.rejects(a.save({ ...a.order.form, invoice_purpose: '介质服务费' }), (e) => e.status === 409 || e.status === 422)
  await r.handIn(p, form)
  await r.pay()
  const seen = await (await desk('review')).call('GET', `/desk/api/review/orders/${order.id}`)
  const rows = seen.form_rows.flatMap((b) => b.rows)
  assert.ok(rows.some((f) => f.value === '介质服务费') && !rows.some((f) => f.name === 'years'), 'the reviewer sees the form of a reissue')
})

test('#136 #143 #181 #204 #205 #206 #159 #222 #229 #D10 from the loss to the outlet\'s parcel; the old certificate ends as the new one begins', async () => {
  const { serial, p } = unit
  await unit.a.api('POST', `/orders/${unit.a.order.id}/loss`, { json: { serial } })
  assert.equal(stateOf(serial), 'hold hold')
  const r = new Reissuer(unit.a)
  assert.equal((await r.find(serial)).certificates[0].state, 'hold')
  await r.draftFor(serial)
  await r.save(reissueForm(p))
  await refused(r.step('submit'), 422, /打印/)
  assert.deepEqual(r.order.papers.map((m) => m.code), ['form', 'licence'])
  await r.handIn(p, reissueForm(p))
  assert.equal(r.order.state, 'unpaid')
  const second = new Reissuer()
  await second.loginSms((await person()).mobile)
  await refused(second.draftFor(serial, { code: r.order.form.unit_code }), 409, /正在办理/)
  await refused(r.openPayment('alipay'), 422, /不支持/)
  await r.pay()
  assert.equal(r.order.state, 'in_review')
  const days = sql(`SELECT hall.due(review_at, 3) = due_at FROM hall.orders WHERE id = '${r.order.id}'`)
  assert.equal(days, 't', 'three working days')

  const outlet = await desk('outlet'), ca = await desk('produce')
  await refused(outlet.read(r.order.id), 404) // not accepted yet
  await (await desk('review')).act(r.order.id, 'approve')
  await r.until('accepted')
  const { entries } = await sandboxCall('GET', `/statement?account=${p.account_no}`)
  const pin = entries.map((e) => e.remark?.match(/PIN码[:：]\s*([2-9A-Z]{12})/)?.[1]).filter(Boolean)
  assert.equal(pin.length, 2, 'one of the old order, one of this')

  // Only the outlet makes it.
  const queued = async (who) => (await who.call('GET', '/desk/api/review/orders?queue=produce&page_size=100')).items.some((o) => o.id === r.order.id)
  assert.equal(await queued(ca), false)
  assert.equal(await queued(outlet), true)
  const parts = (id) => [`review/orders/${id}`, ...['production', 'certificate.cer', 'pin', 'sealpicture'].map((part) => `produce/orders/${id}/${part}`),
    `office/orders/${id}/messages`, `registry/orders/${id}/revocations`]
  for (const path of parts(r.order.id)) await refused(ca.call('GET', `/desk/api/${path}`), 404)
  await refused(ca.sign(r.order.id, 'produce', { version: r.order.version }), 404)
  const decision = { time: new Date().toISOString(), credential: 'AA', client_data: 'AA', authenticator_data: 'AA', signature: 'AA' }
  await refused(ca.call('POST', `/desk/api/produce/orders/${r.order.id}/produce`, { json: { version: r.order.version, decision } }), 404)
  for (const path of parts(unit.a.order.id)) await refused(outlet.call('GET', `/desk/api/${path}`), 404)
  for (const path of ['registry/certificates?serial=' + serial, 'registry/revocations', 'registry/seals', 'finance/bills'])
    await refused(outlet.call('GET', `/desk/api/${path}`), 403)
  await refused(outlet.act(r.order.id, 'approve'), 403)

  await outlet.act(r.order.id, 'produce')
  await r.until('produced')
  const made = r.order.certificate.serial
  assert.equal(stateOf(serial), 'revoked key_compromise')
  const rows = sql(`SELECT count(DISTINCT xmin::text), count(DISTINCT not_after) FROM hall.certificate WHERE serial IN ('${serial}', '${made}')`)
  assert.equal(rows, '1|1', 'one transaction wrote both rows, and both end on the same day')
  assert.equal(r.order.replaces.certificates[0].replaced_by, made)
  const file = join(mkdtempSync(join(tmpdir(), 'p12-')), 'key.p12')
  const res = await outlet.fetch('GET', `/desk/api/produce/orders/${r.order.id}/certificate.p12`)
  assert.equal(res.status, 200)
  writeFileSync(file, Buffer.from(await res.arrayBuffer()))
  assert.ok(pin.some((one) => {
    try { return /BEGIN CERT/.test(execFileSync('openssl', ['pkcs12', '-in', file, '-passin', `pass:${one}`, '-nokeys', '-clcerts'], { encoding: 'utf8', stdio: 'pipe' })) } catch { return false }
  }), 'the PIN of the second remark opens the new key file')
  await refused(ca.act(r.order.id, 'ship', { courier: 'sf', tracking_no: 'SF0000000001' }), 404)
  await outlet.act(r.order.id, 'ship', { courier: 'sf', tracking_no: 'SF0000000001' })
  await r.until('shipped')
  await refused(new Reissuer(unit.a).draftFor(serial), 409, /已有新证书/)
})

test('#55 #57 #D11 a total of zero is paid as online: straight to the review, and the payout follows the approval', async () => {
  const project = JSON.parse(readFileSync(new URL('../../../sql/demo/reissue.json', import.meta.url)))
  const slug = 'reissue-zero', file = join(mkdtempSync(join(tmpdir(), 'zero-')), 'zero.json')
  writeFileSync(file, JSON.stringify({ ...project, slug, project_id: '00'.repeat(15) + '5e', name: '零费用补办', fees: project.fees.map((f) => ({ ...f, fen: 0 })) }))
  publish(file)
  const r = new Reissuer(holder.a, slug)
  await r.draftFor(holder.serial)
  await r.handIn(holder.p, reissueForm(holder.p, 'holder'))
  assert.equal(r.order.state, 'in_review')
  await (await desk('review')).act(r.order.id, 'approve')
  await r.until('accepted')
  assert.equal(r.order.finauth.state, 'succeeded')
})

test('a natural person: no unit, no account; the certificate type of the same kind', async () => {
  const r = new Reissuer(natural.a)
  const order = await r.draftFor(natural.serial)
  assert.equal(order.form.cert_type, 'natural')
  assert.equal(order.form.holder_id, natural.p.id_no)
  await assert.rejects(r.save({ ...reissueForm(natural.p, 'natural'), holder_id: unit.p.id_no }, false), (e) => e.body.errors[0].pointer === '/form/holder_id')
  assert.equal((await r.save(reissueForm(natural.p, 'natural'))).form_complete, true)
})
