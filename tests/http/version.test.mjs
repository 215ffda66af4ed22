// SPDX-License-Identifier: Apache-2.0
// An action is refused when something that it rests on has changed, and the refusal names it; the hall's own bookkeeping refuses
// nothing.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Applicant, Staff, formFor, person, sql, submitted } from '../lib/hall.mjs'

/** The same person in a second window, which keeps the order as it is now. */
function window2(a) {
  return Object.assign(new Applicant(a.slug, a.business), { cookies: a.cookies, csrf: a.csrf, order: { ...a.order } })
}

const refusal = (...what) => (e) => {
  assert.equal(e.status, 409, e.message)
  assert.deepEqual(e.body.changed?.map((one) => one.what), what)
  for (const { text } of e.body.changed) assert.ok(e.body.detail.includes(text), `${e.body.detail} says ${text}`)
  return true
}

test('what the hall notes for itself refuses nobody', async () => {
  const { a } = await submitted('jieyang'), before = a.order.version
  // The runner writes these while the person sees nothing of it: a payout, a date, a check of the phone.
  sql(`UPDATE hall.orders SET finauth = 'sent', finauth_text = '途中', due_at = now(), courier_wanted = 'sf', updated_at = now() WHERE id = '${a.order.id}'`)
  await a.api('POST', `/pay/orders/${a.order.id}`, { json: { channel: 'wechatpay' } }) // a code to pay by, and its end
  sql(`UPDATE hall.payment SET state = 'closed' WHERE order_id = '${a.order.id}' AND state = 'waiting'`)
  sql(`UPDATE hall.orders SET paid = 'none' WHERE id = '${a.order.id}'`)
  assert.equal(a.order.version, before)
  await a.step('edit')
  assert.equal(a.order.state, 'draft')
  assert.ok(a.order.version > before)
})

test('a second window is told that the form has changed, and then that the order was handed in', async () => {
  const p = await person(), a = new Applicant('jieyang')
  await a.loginSms(p.mobile)
  await a.draft()
  const form = formFor('jieyang', p), late = window2(a)
  await a.save(form, false)
  await assert.rejects(late.save({ ...form, unit_address: '乙地址' }, false), refusal('form'))
  assert.equal((await a.refresh()).form.unit_address, form.unit_address)
})

test('handed in elsewhere: state and price', async () => {
  const { a, p } = await submitted('jieyang')
  await a.step('edit')
  const late = window2(a)
  await a.step('submit')
  await assert.rejects(late.save(formFor('jieyang', p), false), refusal('state'))
  sql(`UPDATE hall.orders SET total = total + 100 WHERE id = '${a.order.id}'`)
  await assert.rejects(late.step('submit'), refusal('state', 'price'))
  await late.refresh()
  sql(`UPDATE hall.orders SET total = total - 100 WHERE id = '${a.order.id}'`)
  await assert.rejects(late.step('edit'), refusal('price'), 'what came before it was read is no news')
})

test('a reviewer is told that a refund was asked for meanwhile', async () => {
  const { a } = await submitted('jieyang')
  await a.pay('wechatpay')
  await a.until('in_review')
  const reviewer = await new Staff().login('review'), { order } = await reviewer.read(a.order.id)
  const decision = await reviewer.sign(a.order.id, 'approve', { version: order.version })
  sql(`UPDATE hall.orders SET finauth_text = '途中', due_at = now() WHERE id = '${a.order.id}'`) // this is no news to anybody
  await a.api('POST', `/orders/${a.order.id}/refund`, { json: { version: a.order.version, reason: '不再需要' } })
  await assert.rejects(reviewer.call('POST', `/desk/api/review/orders/${a.order.id}/approve`, { json: { version: order.version, decision } }),
    (e) => refusal('refund')(e) && /他人处理/.test(e.body.detail))
})

/** What an order's page asks every few seconds, with what it knows. */
const news = (a, tag = '') => a.fetch('GET', `/${a.slug}/api/orders/${a.order.id}/version`, { headers: tag && { 'if-none-match': `"${tag}"` } })

test('a page that is open hears of what is new, and only then; asking keeps no session alive', async () => {
  const { a } = await submitted('jieyang')
  const first = await news(a), { tag, version, updated_at, final } = await first.json()
  assert.equal(first.headers.get('etag'), `"${tag}"`)
  assert.deepEqual([version, new Date(updated_at).getTime(), final], [a.order.version, new Date(a.order.updated_at).getTime(), false])
  const again = await news(a, tag)
  assert.deepEqual([again.status, await again.text()], [304, ''])

  sql(`UPDATE hall.orders SET finauth = 'sent', finauth_text = '途中' WHERE id = '${a.order.id}'`) // no new version, but the page shows it
  const later = await news(a, tag)
  assert.equal(later.status, 200)
  assert.notEqual((await later.json()).tag, tag)

  const seen = (what) => sql(`SELECT ${what} FROM hall.session WHERE account = (SELECT account FROM hall.orders WHERE id = '${a.order.id}')`)
  sql(`UPDATE hall.session SET seen_at = now() - interval '5 minutes' WHERE account = (SELECT account FROM hall.orders WHERE id = '${a.order.id}')`)
  await news(a)
  assert.equal(seen(`seen_at < now() - interval '4 minutes'`), 't')
  await a.refresh()
  assert.equal(seen(`seen_at < now() - interval '4 minutes'`), 'f')

  await a.api('POST', `/orders/${a.order.id}/cancel`, { json: { version: a.order.version } })
  assert.equal((await (await news(a)).json()).final, true)
  const other = new Applicant('jieyang')
  await other.loginSms((await person()).mobile)
  assert.equal((await news(Object.assign(other, { order: a.order }))).status, 404)
})
