// SPDX-License-Identifier: Apache-2.0
// Couriers, invoices and e-mail when the vendor refuses, does not answer, or loses what it has accepted: there is one parcel and one
// invoice, and whoever must act is told.
import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually, sql, Staff } from '../lib/hall.mjs'
import { accepted, postProject, produced, row, withSwitch } from '../lib/post.mjs'

const slug = postProject('post-fault', { invoice_by: ['email'] })
const vendorSays = (query) => sql(query, 'certhall_sandbox')

const parcels = (staff, id) => staff.call('GET', `/desk/api/produce/orders/${id}/parcels`)
const announced = (id) => Number(vendorSays(`SELECT count(*) FROM sandbox.parcel WHERE order_id LIKE 'CH${sql(`SELECT number FROM hall.orders WHERE id = '${id}'`)}%'`))
const invoice = (id) => row(`SELECT * FROM hall.invoice WHERE order_id = '${id}' AND red_of IS NULL`)
const requests = (id) => Number(vendorSays(`SELECT count(*) FROM sandbox.nuonuo_invoice WHERE order_no LIKE 'I${sql(`SELECT number FROM hall.orders WHERE id = '${id}'`)}%'`))
const jobs = (kind, id, what) => sql(`SELECT ${what} FROM hall.outbox WHERE kind = '${kind}' AND subject IN (${id})`)
const parcelsOf = (id) => `SELECT id FROM hall.parcel WHERE order_id = '${id}'`
const invoicesOf = (id) => `SELECT id FROM hall.invoice WHERE order_id = '${id}'`
const hasten = (kind, of) => sql(`UPDATE hall.outbox SET due_at = now() WHERE kind = '${kind}' AND state = 'due' AND due_at < now() + interval '1 minute' AND subject IN (${of})`)
const inDoubt = (kind, of) => eventually(`a ${kind} in doubt`, () => jobs(kind, of, "max(coalesce(last_error, ''))") !== '')

/** Waits until the circuit has closed by itself and the job was done, once the vendor behaves again. */
const soon = (kind, of, what, look) => eventually(what, async () => {
  hasten(kind, of)
  return look()
}, 120000)

test('a courier that takes the order and does not answer is told the same number again: one parcel', async () => {
  const { a, producer } = await produced(slug, { mail_region: '650102' })
  await withSwitch('sf.timeout_after_taking', async () => {
    await producer.act(a.order.id, 'parcels', { courier: 'sf' })
    await inDoubt('parcel', parcelsOf(a.order.id))
    assert.equal((await parcels(producer, a.order.id)).items[0].state_name, '正在向快递公司下单')
    await assert.rejects(producer.act(a.order.id, 'parcels/cancel'), { status: 409 }, 'a call may be under way')
  })
  await soon('parcel', parcelsOf(a.order.id), 'the waybill', async () => (await parcels(producer, a.order.id)).items[0].waybill)
  assert.equal(announced(a.order.id), 1)
})

test('nonsense from a courier decides nothing; an address that it does not go to does', async () => {
  const { a, producer } = await produced(slug, { mail_region: '650102' })
  await withSwitch('sf.text_instead', async () => {
    await producer.act(a.order.id, 'parcels', { courier: 'sf' })
    await inDoubt('parcel', parcelsOf(a.order.id))
  })
  await withSwitch('courier.undeliverable', () =>
    soon('parcel', parcelsOf(a.order.id), 'the refusal', async () => (await parcels(producer, a.order.id)).items[0].why))
  const { items, can_ask } = await parcels(producer, a.order.id)
  assert.equal(items[0].state, 'refused')
  assert.equal(can_ask, true)
})

test('an invoice that Nuonuo took without a word, behind nonsense and a token that it forgot, is there once', async () => {
  const { a } = await withSwitch('nuonuo.timeout_after_taking', async () => {
    const made = await accepted(slug)
    await eventually('the invoice', () => invoice(made.a.order.id))
    await inDoubt('invoice', invoicesOf(made.a.order.id))
    return made
  })
  const id = a.order.id
  for (const key of ['nuonuo.text_instead', 'nuonuo.bad_token', 'nuonuo.token_limit'])
    await withSwitch(key, async () => {
      const tries = Number(jobs('invoice', invoicesOf(id), 'max(attempts)'))
      await soon('invoice', invoicesOf(id), 'another try', () => Number(jobs('invoice', invoicesOf(id), 'max(attempts)')) > tries || invoice(id).taken)
    })
  await soon('invoice', invoicesOf(id), 'Nuonuo has it', () => invoice(id).taken)
  await soon('invoice_query', invoicesOf(id), 'the invoice', () => invoice(id).state === 'issued')
  assert.equal(requests(id), 1)
  assert.equal(invoice(id).total, 31300)
})

test('an invoice that cannot be issued lies with finance, with Nuonuo’s word, and goes on under the same number', async () => {
  const { a } = await withSwitch('nuonuo.fail', async () => {
    const made = await accepted(slug)
    await eventually('the failure', () => {
      hasten('invoice_query', invoicesOf(made.a.order.id))
      return invoice(made.a.order.id)?.state === 'failed'
    })
    return made
  })
  const finance = await new Staff().login('finance')
  const { id, request_no } = invoice(a.order.id)
  const listed = (await finance.call('GET', '/desk/api/finance/invoices?state=open&page_size=100')).items.find((i) => i.id === id)
  assert.match(listed.why, /未登录/)
  assert.match((await a.refresh()).invoice.text, /正在开具/)
  await finance.call('POST', `/desk/api/finance/invoices/${id}/retry`)
  await soon('invoice_query', invoicesOf(a.order.id), 'the invoice', () => invoice(a.order.id).state === 'issued')
  assert.equal(invoice(a.order.id).request_no, request_no)
  assert.equal(requests(a.order.id), 1)
})

const letters = (id) => row(`SELECT json_agg(json_build_object('id', id, 'state', state, 'reason', reason) ORDER BY created_at) AS all FROM hall.message
  WHERE order_id = '${id}' AND channel = 'email'`).all ?? []
const withLetter = async (key, ready) => withSwitch(key, async () => {
  const { a } = await accepted(slug)
  await soon('invoice_query', invoicesOf(a.order.id), 'the e-mail', () => letters(a.order.id).length > 0)
  await ready(a.order.id)
  return a
})
const messagesOf = (id) => `SELECT id FROM hall.message WHERE order_id = '${id}' AND channel = 'email'`

test('a mailbox that does not exist is told to staff, who have it sent again', async () => {
  const a = await withLetter('mail.undeliverable', (id) => eventually('the refusal', () => letters(id)[0].state === 'refused'))
  assert.equal(letters(a.order.id)[0].reason, '550')
  const reviewer = await new Staff().login('review')
  await reviewer.call('POST', `/desk/api/office/messages/${letters(a.order.id)[0].id}/send`)
  await eventually('the second', () => letters(a.order.id)[1]?.state === 'sent')
})

test('a mail server that puts off, or hangs up after the data, is tried again', async () => {
  for (const key of ['mail.later', 'mail.drop_after_data']) {
    const a = await withLetter(key, (id) => inDoubt('message', messagesOf(id)))
    await soon('message', messagesOf(a.order.id), `the e-mail behind ${key}`, () => letters(a.order.id)[0].state === 'sent')
  }
})
