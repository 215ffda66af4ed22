// SPDX-License-Identifier: Apache-2.0
// The life of a PIN: it is decrypted only for a purpose and each time on record; it is sent again only where it has not arrived; a
// token's PIN reaches only its producer's browser; it is destroyed with the key file when neither can be needed again; and it is
// written nowhere in clear.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { before } from 'node:test'
import { Staff, eventually, messages, sql, submitted } from '../../../tests/lib/hall.mjs'
import { Page } from '../../../tests/lib/box.mjs'
import { publish } from '../../../tests/lib/officers.mjs'

const demo = JSON.parse(readFileSync(new URL('../../../sql/demo/jieyang.json', import.meta.url), 'utf8'))
const pinsSent = async (phone) => (await messages(phone)).map((m) => m.text.match(/PIN 码为 ([0-9A-Z]+)/)?.[1]).filter(Boolean)
const row = (order) => sql(`SELECT state || '|' || (encrypted IS NULL) || '|' || (key IS NULL) || '|' || array_to_string(fulfilled, ',') FROM hall.pin
  WHERE order_id = '${order}' ORDER BY generation DESC LIMIT 1`)
const ledger = (order) => sql(`SELECT string_agg(purpose || ' ' || attempt || ' ' || recipient, ', ' ORDER BY id) FROM hall.pin_ledger WHERE order_id = '${order}'`)
const refused = (query) => assert.throws(() => sql(query), /409|not opened again|under way|not go from|asked for/)

let review, produce

before(async () => {
  // Like jieyang, but the key is made on the token.
  const file = join(mkdtempSync(join(tmpdir(), 'project-')), 'token.json')
  const types = demo.types.map((t) => ({ ...t, key_origin: 'token' }))
  writeFileSync(file, JSON.stringify({ ...demo, slug: 'pin-token', name: '介质 PIN 码', project_id: 'c0ffee00c0ffee00c0ffee00c0ffee00', types }))
  publish(file)
  review = await new Staff().login('review')
  produce = await new Staff().login('produce')
})

/** A natural person's order, approved and accepted. */
async function accepted(slug) {
  const { a, p } = await submitted(slug, 'natural')
  await a.pay()
  await review.act(a.order.id, 'approve')
  await a.until('accepted')
  return { a, p, id: a.order.id }
}

const produced = async (id) => {
  await produce.act(id, 'produce')
  await eventually('the certificate', async () => (await produce.read(id)).order.state === 'produced')
}

test('a PIN by SMS: made, in the key file, sent, confirmed; then it is not opened again', async () => {
  const { p, id } = await accepted('jieyang')
  await eventually('the PIN', () => row(id).startsWith('made'))
  refused(`SELECT * FROM hall.runner_pin_open('${id}', NULL, 'sms', 'x')`)
  await assert.rejects(produce.call('POST', `/desk/api/produce/orders/${id}/pin`), { status: 409 })
  await produced(id)
  const [pin] = await eventually('the message', async () => (await pinsSent(p.mobile)).length > 0 && pinsSent(p.mobile))
  assert.match(pin, /^[2-9A-HJKMNP-Z]{12}$/)
  await eventually('the confirmation', () => row(id) === 'confirmed|false|false|production,sms')
  assert.equal(ledger(id), `production 1 produce, sms 1 ${p.mobile.slice(0, 3)}****${p.mobile.slice(-4)}`)
  for (const purpose of ['sms', 'production']) refused(`SELECT * FROM hall.pin_open('${id}', NULL, '${purpose}', 'x')`)
  await assert.rejects(produce.call('POST', `/desk/api/produce/orders/${id}/pin`), (e) => e.status === 409 && /已发出/.test(e.message))
  const shown = await review.call('GET', `/desk/api/produce/orders/${id}/pin`)
  assert.deepEqual([shown.state, shown.can_send, shown.can_open, shown.openings.length], ['confirmed', false, false, 2])
  assert.doesNotMatch(JSON.stringify(shown), new RegExp(pin))
  await assert.rejects(review.call('GET', '/desk/api/produce/orders/00000000-0000-4000-8000-000000000000/pin'), { status: 404 })
})

test('a PIN that the phone never got is sent again, the same one, on record; one that arrived is not', async () => {
  const { p, id } = await accepted('jieyang')
  await produced(id)
  const [pin] = await eventually('the message', async () => (await pinsSent(p.mobile)).length > 0 && pinsSent(p.mobile))
  await eventually('the confirmation', () => row(id).startsWith('confirmed'))
  sql(`UPDATE hall.message SET delivery = 'undelivered', delivery_at = now() WHERE order_id = '${id}' AND event = 'pin'`)
  assert.equal((await produce.call('GET', `/desk/api/produce/orders/${id}/pin`)).can_send, true)
  await assert.rejects(new Staff().login('finance').then((s) => s.call('POST', `/desk/api/produce/orders/${id}/pin`)), { status: 403 })
  await produce.call('POST', `/desk/api/produce/orders/${id}/pin`)
  const both = await eventually('the second message', async () => (await pinsSent(p.mobile)).length > 1 && pinsSent(p.mobile))
  assert.deepEqual(both, [pin, pin])
  await eventually('the confirmation', () => row(id).startsWith('confirmed'))
  assert.match(ledger(id), /sms 1 .*, sms 2 /)
  assert.ok((await produce.read(id)).history.some((h) => /重新发送证书 PIN 码/.test(h.text)))
  await assert.rejects(produce.call('POST', `/desk/api/produce/orders/${id}/pin`), { status: 409 })
})

test('when nothing can come back, cipher text, key and key file are destroyed together, and not a day before', async () => {
  const { p, id } = await accepted('jieyang')
  await produced(id)
  await eventually('the message', async () => (await pinsSent(p.mobile)).length > 0)
  await eventually('the confirmation', () => row(id).startsWith('confirmed'))
  const late = `UPDATE hall.message SET delivery = NULL, sent_at = now() - interval '8 days' WHERE order_id = '${id}' AND event = 'pin'`
  sql(late)
  sql('SELECT hall.pins_destroy()')
  assert.match(row(id), /^confirmed/, 'the medium is still here')
  await produce.act(id, 'ship', { courier: 'sf', tracking_no: 'SF1234567890' })
  sql(`UPDATE hall.message SET delivery = 'undelivered' WHERE order_id = '${id}' AND event = 'pin'`)
  sql('SELECT hall.pins_destroy()')
  assert.match(row(id), /^confirmed/, 'the message has not arrived')
  sql(`UPDATE hall.message SET delivery = NULL, sent_at = now() - interval '6 days' WHERE order_id = '${id}' AND event = 'pin'`)
  sql('SELECT hall.pins_destroy()')
  assert.match(row(id), /^confirmed/, 'it may still be reported')
  sql(late)
  sql(`UPDATE hall.certificate SET key_file = 'left over' WHERE order_id = '${id}'`)
  await eventually('the destruction', () => { // an order that the runner has in hand is left for the next time
    sql('SELECT hall.pins_destroy()')
    return row(id) === 'destroyed|true|true|production,sms'
  })
  assert.equal(sql(`SELECT count(*) FROM hall.certificate WHERE order_id = '${id}' AND key_file IS NOT NULL`), '0')
  assert.equal(sql(`SELECT count(*) FROM hall.pin_open('${id}', NULL, 'sms', 'x')`), '0')
  refused(`UPDATE hall.pin SET state = 'made' WHERE order_id = '${id}'`)
  assert.equal((await produce.call('GET', `/desk/api/produce/orders/${id}/pin`)).state, 'destroyed')
})

test("a token's PIN: eight digits, opened by the producer's own page and by nobody in between", async () => {
  const { id } = await accepted('pin-token')
  await eventually('the PIN', () => row(id).startsWith('made'))
  const ask = (staff, public_key) => staff.call('POST', `/desk/api/produce/orders/${id}/pin/box`, { json: { public_key } })
  const page = await new Page().begin()
  for (const bad of ['A'.repeat(87), 'B'.repeat(88), page.public.subarray(0, 64).toString('base64url') + '#']) await assert.rejects(ask(produce, bad), { status: 422 })
  await assert.rejects(ask(review, page.public.toString('base64url')), { status: 403 })
  await page.ask(produce, id)
  const { box } = await eventually('the box', async () => { const b = await page.take(produce, id); return b.box && b })
  const { pin, puks } = await page.open(box)
  assert.match(pin, /^\d{8}$/)
  assert.equal(puks.length, 1)
  assert.match(puks[0].puk, /^[2-9A-HJKMNP-Z]{12}$/)
  await assert.rejects(page.take(produce, id), { status: 410 }, 'once')
  await assert.rejects(Object.assign(await new Page().begin(), { box: page.box }).open(box), 'another page')
  const broken = Buffer.from(box, 'base64')
  broken[80] ^= 1
  await assert.rejects(page.open(broken.toString('base64')))
  assert.equal(ledger(id), 'production 1 produce, puk 1 produce')
  // The tab was closed: the same PIN, as another attempt.
  const again = await new Page().begin()
  await again.ask(produce, id)
  const second = await eventually('the box', async () => { const b = await again.take(produce, id); return b.box && b })
  assert.deepEqual(await again.open(second.box), { pin, puks })
  assert.equal(ledger(id), 'production 1 produce, puk 1 produce, production 2 produce, puk 2 produce')
  // The signer refuses a point that is not on the curve, so that box stays empty.
  const off = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)])
  const { id: none } = await ask(produce, off.toString('base64url'))
  await eventually('the end of the job', () => sql(`SELECT state FROM hall.outbox WHERE key = 'pin_box/${none}'`) === 'done')
  assert.equal((await produce.call('POST', `/desk/api/produce/orders/${id}/pin/box/${none}`)).box, null)
  // Another producer neither takes the box nor opens one.
  assert.throws(() => sql(`BEGIN; SELECT hall.enter_system('t', 't'); UPDATE hall.orders SET producer = (SELECT id FROM hall.staff WHERE name = 'finance') WHERE id = '${id}'`), /另一位制证人/)
  noTrace([pin, puks[0].puk])
})

/** The PIN is in no log, and in no text of the database, as a word. */
function noTrace(pins) {
  const dump = execFileSync('pg_dump', ['-d', 'certhall', '--data-only'], { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] })
  for (const pin of pins) {
    assert.doesNotMatch(dump, new RegExp(`\\b(${pin}|${Buffer.from(pin).toString('hex')})\\b`), 'a PIN in the database')
    const logs = execFileSync('bash', ['-c', 'grep -rlawF -- "$PIN" "$CERTHALL_STATE/log" || true'], { encoding: 'utf8', env: { ...process.env, PIN: pin } })
    assert.equal(logs, '')
  }
}

test('no PIN that anybody was told of stands in a log or in the database', async () => {
  const { p, id } = await accepted('jieyang')
  await produced(id)
  const pins = await eventually('the message', async () => (await pinsSent(p.mobile)).length > 0 && pinsSent(p.mobile))
  noTrace(pins)
})
