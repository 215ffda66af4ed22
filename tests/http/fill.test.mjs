// SPDX-License-Identifier: Apache-2.0
// The form is filled in from pictures: what was read on the licence and on ID cards, for the owner of the order alone, encrypted at rest.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Applicant, eventually, formFor, paper, person, sql } from '../lib/hall.mjs'

async function draft(slug, type) {
  const p = await person(), a = new Applicant(slug)
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor(slug, p, type))
  return { a, p }
}
/** What was read on a paper, when the machine is done. */
const reading = (a, code) => eventually(`${code} is read`, async () => {
  const { readings } = await a.api('GET', `/orders/${a.order.id}/readings`)
  const found = readings.find((one) => one.code === code)
  return found && found.state !== 'queued' && found
})
const card = (a, bytes) => a.api('PUT', `/identity/orders/${a.order.id}/card`, { body: bytes, headers: { 'content-type': 'image/jpeg' } })

test('the licence that was uploaded is read for the form, with its address', async () => {
  const { a, p } = await draft('szjsgws')
  assert.deepEqual(await a.api('GET', `/orders/${a.order.id}/readings`), { readings: [] })
  await a.upload('licence', await a.licence(), 'a.jpg', 'image/jpeg')
  const { kind, state, values, text } = await reading(a, 'licence')
  assert.deepEqual([kind, state, text], ['licence', 'read', null])
  assert.deepEqual([values.name, values.code, values.person], [p.unit_name, p.unit_code, a.order.form.legal_name])
  assert.match(values.address, /市/)
  const stored = sql(`SELECT encode(seen, 'escape') FROM hall.licence_check WHERE order_id = '${a.order.id}'`)
  assert.ok(stored && !stored.includes(p.unit_code))

  await a.upload('licence', await paper('idcard-front', { ...p, format: 'jpeg' }), 'b.jpg', 'image/jpeg')
  const other = await reading(a, 'licence')
  assert.deepEqual([other.state, other.values], ['other', null], 'the replaced picture is forgotten')
  assert.match(other.text, /没有在图片中识别到营业执照.*直接填写/)
})

test('an ID card that belongs to the papers is read where it lies', async () => {
  const { a, p } = await draft('jieyang', 'natural')
  await a.upload('id_natural', await paper('idcard-back', { ...p, format: 'jpeg' }), 'a.jpg', 'image/jpeg')
  assert.match((await reading(a, 'id_natural')).text, /国徽面.*人像面/)
  await a.upload('id_natural', await paper('idcard-front', { ...p, format: 'jpeg' }), 'a.jpg', 'image/jpeg')
  assert.deepEqual(await reading(a, 'id_natural'), { code: 'id_natural', kind: 'card', state: 'read', text: null, values: { name: p.name, id_no: p.id_no } })
  const [where, stored] = sql(`SELECT card_data_key IS NOT NULL, encode(card, 'escape') FROM hall.paper_check WHERE order_id = '${a.order.id}' AND reads = 'right'`).split('|')
  assert.equal(where, 't', 'under a data key that is rotated')
  assert.ok(!stored.includes(p.id_no))
})

test('an ID card that is no paper of the order is read and not kept', async () => {
  const { a, p } = await draft('szjsgws')
  const front = await paper('idcard-front', { ...p, format: 'jpeg' })
  assert.deepEqual(await card(a, front), { name: p.name, id_no: p.id_no })
  assert.equal(sql(`SELECT count(*) FROM hall.paper WHERE order_id = '${a.order.id}'`), '0')
  await assert.rejects(card(a, await paper('idcard-back', { ...p, format: 'jpeg' })), { status: 422, message: /反/ })
  await assert.rejects(card(a, await a.licence()), { status: 422, message: /没有识别到身份证/ })
  await assert.rejects(card(a, Buffer.from('%PDF-1.4')), { status: 415 })

  const stranger = new Applicant('szjsgws')
  await stranger.loginSms((await person()).mobile)
  stranger.order = a.order
  await assert.rejects(card(stranger, front), { status: 404 })
  await assert.rejects(stranger.api('GET', `/orders/${a.order.id}/readings`), { status: 404 })

  sql(`UPDATE hall.public_count SET n = 40 WHERE kind = 'card' AND who = (SELECT account::text FROM hall.orders WHERE id = '${a.order.id}')`)
  await assert.rejects(card(a, front), { status: 429, message: /直接填写/ })
})
