// SPDX-License-Identifier: Apache-2.0
// The tray: several decisions under one signature. Each is carried out once, by what was signed, and by nothing else.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import test, { before } from 'node:test'
import { STATE, Staff, asserted, doneBy, eventually, leafOf, sql, submitted } from '../lib/hall.mjs'
import { program, quote } from './lib.mjs'

let review, review2, produce
before(async () => {
  ;[review, review2, produce] = await Promise.all(['review', 'review2', 'produce'].map((name) => new Staff().login(name)))
})

async function inReview() {
  const { a } = await submitted('jieyang', 'natural')
  await a.pay()
  return a
}
/** Sorts orders as the tray does, by their ids. */
const several = async (n) => (await Promise.all(Array.from({ length: n }, inReview))).sort((a, b) => (a.order.id < b.order.id ? -1 : 1))
const ids = (orders) => orders.map((a) => a.order.id)

const of = (what) => `/desk/api/${doneBy(what)}`
async function put(staff, what, id, json = {}) {
  const { order } = await staff.read(id)
  return staff.call('POST', `${of(what)}/orders/${id}/tray`, { json: { version: order.version, ...json } })
}
const tray = (staff, what) => staff.call('POST', `${of(what)}/tray/statement`)
const count = async (staff, what) => (await staff.call('GET', `${of(what)}/tray`)).count
const take = (staff, what, decision) => staff.call('POST', `${of(what)}/tray/${what}`, { json: { decision } })
async function signed(staff, what) {
  return take(staff, what, await asserted(await tray(staff, what)))
}
/** Clears the tray of what an earlier test has left there. */
async function cleared(staff, what) {
  for (const { order } of (await tray(staff, what)).items) await staff.call('DELETE', `${of(what)}/orders/${order}/tray`).catch((e) => assert.equal(e.status, 404))
}
const decisions = (list, what) => sql(`SELECT coalesce(jsonb_agg(to_jsonb(d) ORDER BY d.order_id), '[]') FROM hall.decision d
  WHERE what = '${what}' AND order_id IN (${list.map(quote)})`)
const kept = (list, what) => JSON.parse(decisions(list, what))
const states = (list) => sql(`SELECT string_agg(state, ' ') FROM hall.orders WHERE id IN (${list.map(quote)})`)
const node = (left, right) => createHash('sha256').update(Buffer.concat([Buffer.from([1]), Buffer.from(left, 'base64url'), Buffer.from(right, 'base64url')])).digest('base64url')
const wrong = (of) => assert.rejects(of, (e) => e.status === 422 && e.body.errors[0].pointer === '/decision' && e.body.errors[0].code === 'signature')

test('two approvals by one signature, two productions by another: both are issued, and anybody can verify each', async () => {
  await cleared(review, 'approve')
  await cleared(produce, 'produce')
  const orders = await several(2), list = ids(orders)
  await put(review, 'approve', list[1], { note: '已核对' })
  await put(review, 'approve', list[0])
  await put(review, 'approve', list[0]) // again: it is there once
  assert.equal(await count(review, 'approve'), 2)
  assert.equal(states(list), 'in_review in_review', 'nothing is decided yet')
  assert.deepEqual(kept(list, 'approve'), [])
  const offer = await tray(review, 'approve')
  assert.deepEqual(offer.items.map((one) => one.order), list)
  for (const [at, { statement }] of offer.items.entries())
    for (const said of ['审核通过，同意签发', list[at], orders[at].order.number, offer.time]) assert.ok(statement.includes(said), `${said}: ${statement}`)
  assert.equal(offer.challenge, node(...offer.items.map((one) => leafOf(one.statement))), 'the root of the two texts, and of nothing else')
  await take(review, 'approve', await asserted(offer))
  assert.equal(await count(review, 'approve'), 0)
  assert.equal(sql(`SELECT note FROM hall.review WHERE order_id = '${list[1]}'`), '已核对')
  const approvals = kept(list, 'approve')
  assert.deepEqual(approvals.map((d) => [d.leaves, d.place, d.path.length]), [[2, 0, 66], [2, 1, 66]], 'each with its path')
  assert.equal(new Set(approvals.map((d) => d.signature)).size, 1)

  for (const a of orders) await a.until('accepted')
  for (const id of list) await put(produce, 'produce', id)
  await signed(produce, 'produce')
  for (const a of orders) await a.until('produced')
  assert.equal(sql(`SELECT count(*) FROM hall.certificate WHERE state = 'valid' AND order_id IN (${list.map(quote)})`), '2')
  for (const { order } of orders) {
    const { status, out } = program('admin', ['decisions', 'verify', '--order', order.number])
    assert.equal(status, 0, out)
    assert.match(out, /decision \d+ approve .* {2}right\n.*decision \d+ produce .* {2}right\n/)
  }
})

test('whoever rules the database puts no third order under the signature of two', async () => {
  await cleared(review, 'approve')
  const [third, ...orders] = await several(3), list = ids(orders), id = third.order.id
  for (const one of list) await put(review, 'approve', one)
  await signed(review, 'approve')
  await review.act(id, 'approve')
  for (const a of [third, ...orders]) await a.until('accepted')
  const [first, second] = kept(list, 'approve')
  const log = `${STATE}/log/signer.log`
  const logged = (from) => readFileSync(log).subarray(from).toString().split('\n').filter((line) => line.includes(id) && /"issue: /.test(line)).map((line) => JSON.parse(line).msg)
  // The row claims to be a third leaf, to be in the place of the second, to have a longer path, and to have none.
  for (const [leaves, place, path] of [[3, 2, first.path], [2, 1, second.path], [4, 3, first.path + second.path.slice(2)], [2, 1, '\\x']]) {
    sql(`UPDATE hall.decision d SET (credential, client_data, authenticator_data, signature, leaves, place, path) =
        (s.credential, s.client_data, s.authenticator_data, s.signature, ${leaves}, ${place}, ${quote(path)})
      FROM hall.decision s WHERE s.id = ${first.id} AND d.order_id = '${id}' AND d.what = 'approve'`)
    const from = statSync(log).size
    sql(`UPDATE hall.orders SET state = 'accepted', producer = (SELECT id FROM hall.staff WHERE name = 'produce') WHERE id = '${id}'`)
    sql(`SELECT hall.enqueue('issue', 'issue/${id}/' || gen_random_uuid(), '${id}')`)
    assert.match(await eventually('the signer’s word', () => logged(from)[0]), /not on the tray|challenge/)
    assert.equal(sql(`SELECT count(*) FROM hall.certificate WHERE order_id = '${id}'`), '0')
  }
})

test('an order that has changed since is not signed, and the others are', async () => {
  await cleared(review, 'approve')
  const orders = await several(3), list = ids(orders)
  for (const id of list) await put(review, 'approve', id)
  const version = () => sql(`SELECT version FROM hall.orders WHERE id = '${list[0]}'`), before = version()
  sql(`UPDATE hall.paper SET sha256 = sha256('another') WHERE order_id = '${list[0]}'`)
  assert.equal(version(), before, 'which its version does not tell')
  await review2.act(list[1], 'reject', { reasons: [{ pointer: '/', text: '请核对' }] })
  const offer = await tray(review, 'approve')
  assert.deepEqual(offer.items.map((one) => one.statement === null), [true, true, false])
  assert.equal(offer.challenge, leafOf(offer.items[2].statement))
  await take(review, 'approve', await asserted(offer))
  assert.deepEqual(kept(list, 'approve').map((d) => [d.order_id, d.leaves]), [[list[2], 1]])
  const left = await tray(review, 'approve')
  assert.deepEqual([left.items.map((one) => one.order), left.challenge], [list.slice(0, 2), null])
  await assert.rejects(take(review, 'approve', await asserted(offer)), (e) => e.status === 409 && /没有可以签署/.test(e.body.detail))
  await review.call('DELETE', `${of('approve')}/orders/${list[0]}/tray`)
  await review.call('DELETE', `${of('approve')}/orders/${list[1]}/tray`)
  assert.equal(await count(review, 'approve'), 0)
})

test('the signature is that of the tray as it is, of its owner, and counts once', async () => {
  await cleared(review, 'approve')
  await cleared(review2, 'approve')
  const [a, b] = ids(await several(2))
  await put(review, 'approve', a)
  const early = await asserted(await tray(review, 'approve'))
  await put(review, 'approve', b)
  await wrong(take(review, 'approve', early)) // one more than was signed
  assert.deepEqual((await tray(review2, 'approve')).items, [], 'each has a tray of their own')
  await put(review2, 'approve', a)
  await put(review2, 'approve', b)
  const now = await asserted(await tray(review, 'approve'))
  await wrong(take(review2, 'approve', now)) // another person's
  assert.equal(states([a, b]), 'in_review in_review')
  await take(review, 'approve', now)
  await assert.rejects(take(review, 'approve', now), (e) => e.status === 409, 'it is done')
  assert.deepEqual((await tray(review2, 'approve')).items.map((one) => one.statement), [null, null], 'for others it has changed')
})

test('nothing is laid on a tray that could not be decided', async () => {
  await cleared(review, 'approve')
  const a = await inReview(), { id, version } = a.order
  await assert.rejects(put(review, 'approve', id, { version: 1 }), (e) => e.status === 409, 'an old page')
  await assert.rejects(put(produce, 'produce', id), (e) => e.status === 409, 'not accepted yet')
  await assert.rejects(produce.call('POST', `${of('approve')}/orders/${id}/tray`, { json: { version } }), (e) => e.status === 403, 'a producer approves nothing')
  await put(review, 'approve', id)
  await review.act(id, 'approve')
  assert.equal(await count(review, 'approve'), 0, 'what was decided alone is on no tray')
  await assert.rejects(put(review, 'approve', id), (e) => e.status === 409, 'twice')
  assert.equal(await count(review, 'approve'), 0)
})
