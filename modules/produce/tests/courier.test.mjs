// SPDX-License-Identifier: Apache-2.0
// Couriers: one is chosen by the address, ordered by a producer, and followed until the parcel is signed for. Also what happens when a
// courier refuses, does not answer, or gets the same request twice.
import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually, inbox, sql, Staff } from '../../../tests/lib/hall.mjs'
import { postProject, produced, row, saved } from '../../../tests/lib/post.mjs'

const slug = postProject('post-couriers')

const parcels = (staff, id) => staff.call('GET', `/desk/api/produce/orders/${id}/parcels`)
const ask = (staff, id, courier) => staff.act(id, 'parcels', { courier })
const settled = (staff, id) =>
  eventually('the courier’s word', async () => {
    const { items } = await parcels(staff, id)
    return !['asked', 'cancelling'].includes(items[0].state) && items[0]
  })
const announced = (id) => Number(sql(`SELECT count(*) FROM sandbox.parcel WHERE order_id IN ('${numbers(id).join("','")}')`, 'certhall_sandbox'))
const numbers = (id) => sql(`SELECT number FROM hall.parcel WHERE order_id = '${id}' AND number IS NOT NULL`).split('\n')

test('#52 #54 #103 #154 the courier and its fee follow the address as long as nothing is paid, and are part of the price', async () => {
  const { a } = await saved(slug)
  assert.deepEqual([a.order.delivery.courier, a.order.delivery.payment_name, a.order.delivery.fee], ['jd', '寄付', 1300])
  assert.match(a.order.delivery.text, /京东物流寄付，快递费 13\.00 元/)
  assert.equal(a.order.price.total, 31300)
  assert.deepEqual(a.order.price.parts.map((p) => p.part), ['certificate', 'medium', 'courier'])

  await a.save({ ...a.order.form, mail_region: '650102' }) // JD does not go there
  assert.deepEqual([a.order.delivery.courier, a.order.delivery.payment_name, a.order.delivery.fee], ['sf', '到付', 0])
  assert.equal(a.order.price.total, 30000)
  assert.match(a.order.delivery.text, /到付，快递费在收件时付给快递员/)
})

test('a project that ships collect names its couriers and adds nothing', async () => {
  const { a } = await saved(postProject('post-collect', { couriers: ['sf', 'ems'], courier_payment: 'collect' }))
  assert.equal(a.order.delivery.text, '由顺丰速运或EMS到付，快递费在收件时付给快递员。')
  assert.equal(a.order.price.total, 30000)
})

test('rules of a project stand in place of the hall’s; a document that names an unknown courier is refused', async () => {
  const rules = [{ region: '44', courier: 'sf', payment: 'prepaid', fee: 800 }, { region: '', courier: 'sf', payment: 'collect' }]
  const own = postProject('post-rules', { courier_rules: rules })
  const { a } = await saved(own)
  assert.deepEqual([a.order.delivery.courier, a.order.delivery.fee], ['sf', 800])
  await a.save({ ...a.order.form, mail_region: '110101' })
  assert.deepEqual([a.order.delivery.courier, a.order.delivery.payment], ['sf', 'collect'])
  const wrong = `SELECT hall.row_import('hall.courier_rule', '{"region":"99","courier":"nobody","payment":"collect"}', '{"project":null}', '')`
  assert.throws(() => sql(wrong))
  assert.throws(() => sql(wrong.replace('nobody', 'sf').replace('"collect"', '"collect","fee":100')), 'nobody pays twice')
})

test('#182 #184 #213 JD is ordered from the desk, the number goes out by SMS, its way is shown, and signed for it is done', async () => {
  const { a, p, producer } = await produced(slug)
  const offered = await parcels(producer, a.order.id)
  assert.equal(offered.can_ask, true)
  assert.deepEqual(offered.couriers.map((c) => [c.code, c.orders]), [['jd', true], ['sf', true], ['ems', false]])
  await assert.rejects(ask(producer, a.order.id, 'ems'), { status: 422 })
  await assert.rejects(ask(producer, a.order.id, 'nobody'), { status: 422 })
  await assert.rejects(ask(await new Staff().login('review'), a.order.id, 'jd'), { status: 403 })
  await ask(producer, a.order.id, 'jd')
  await assert.rejects(ask(producer, a.order.id, 'sf'), { status: 409 })
  const ordered = await settled(producer, a.order.id)
  assert.equal(ordered.state, 'ordered')
  assert.equal(ordered.payment_name, '寄付')
  assert.match(ordered.waybill, /^JD/)

  await producer.act(a.order.id, 'ship', { courier: 'jd', tracking_no: ordered.waybill })
  assert.match((await inbox(p.mobile, new RegExp(ordered.waybill))).text, /京东物流/)
  await a.until('done')
  assert.equal(a.order.parcel.state_name, '已签收')
  assert.equal(a.order.parcel.courier_name, '京东物流')
  assert.ok(a.order.parcel.routes.length >= 4)
  assert.match(a.order.parcel.routes.at(-1).text, /签收/)
  assert.equal(announced(a.order.id), 1)
})

test('a number typed by hand is followed as well, with the last digits of the receiver’s telephone', async () => {
  const { a, producer } = await produced(slug, { mail_region: '650102' })
  await ask(producer, a.order.id, 'sf')
  const { waybill } = await settled(producer, a.order.id)
  sql(`DELETE FROM hall.parcel WHERE order_id = '${a.order.id}'`) // as if somebody had ordered it in SF’s own program
  await producer.act(a.order.id, 'ship', { courier: 'sf', tracking_no: waybill })
  const { state, number } = row(`SELECT * FROM hall.parcel WHERE order_id = '${a.order.id}'`)
  assert.equal(number, null)
  assert.notEqual(state, 'asked')
  await a.until('done')
})

test('#54 an address the courier does not go to is told with the next step; another courier is ordered then, under another number', async () => {
  const { a, producer } = await produced(slug, { mail_address: '无法送达的地方' })
  await ask(producer, a.order.id, 'sf')
  const refused = await settled(producer, a.order.id)
  assert.equal(refused.state, 'refused')
  assert.ok(refused.why)
  const now = await parcels(producer, a.order.id)
  assert.equal(now.can_ask, true)
  await ask(producer, a.order.id, 'jd')
  await settled(producer, a.order.id)
  assert.equal(new Set(numbers(a.order.id)).size, 2)
})

test('a parcel that is cancelled is cancelled at the courier, too; an unused one when another number is handed over', async () => {
  const { a, producer } = await produced(slug)
  await assert.rejects(producer.act(a.order.id, 'parcels/cancel'), { status: 409 })
  await ask(producer, a.order.id, 'jd')
  await settled(producer, a.order.id)
  await producer.act(a.order.id, 'parcels/cancel')
  const first = await settled(producer, a.order.id)
  assert.ok(['cancelled', 'ordered'].includes(first.state), 'or it was fetched already')
  if (first.state === 'ordered') return
  await ask(producer, a.order.id, 'jd')
  await settled(producer, a.order.id)
  await producer.act(a.order.id, 'ship', { courier: 'ems', tracking_no: 'EMS1234567890' })
  await eventually('the end of the unused parcel', () => row(`SELECT count(*) FILTER (WHERE state = 'cancelled') AS n FROM hall.parcel
    WHERE order_id = '${a.order.id}'`).n === 2 || row(`SELECT why FROM hall.parcel WHERE order_id = '${a.order.id}' AND why IS NOT NULL LIMIT 1`))
  assert.equal((await a.refresh()).parcel.courier_name, 'EMS')
})
