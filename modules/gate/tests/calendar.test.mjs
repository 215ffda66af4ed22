// SPDX-License-Identifier: Apache-2.0
// The days on which certificates end, as a calendar at a secret address: what it says, to whom, and until when.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { before, test } from 'node:test'
import { Applicant, URL_BASE, person, sql } from '../../../tests/lib/hall.mjs'
import { readCalendar } from '../../../tests/lib/ical.mjs'
import { certified } from '../../../tests/lib/reissue.mjs'

let made, address
const local = (url) => URL_BASE + url.slice(new URL(url).origin.length)
const fetched = (url, headers = {}) => fetch(local(url), { headers })
const events = async (url) => readCalendar(Buffer.from(await (await fetched(url)).arrayBuffer())).parts
const day = (at) => new Date(new Date(at).getTime() + 8 * 3600000).toISOString().slice(0, 10).replaceAll('-', '')

before(async () => {
  made = await certified()
  const { a } = made
  assert.deepEqual(await a.api('GET', '/gate/calendar'), { made_at: null })
  const answer = await a.api('POST', '/gate/calendar')
  address = answer.address
  assert.deepEqual(await a.api('GET', '/gate/calendar'), { made_at: answer.made_at })
})

test('without a log-in it is read as RFC 5545 says, with the day of the end and alarms a month and a week before', async () => {
  const res = await fetched(address)
  assert.deepEqual([res.status, res.headers.get('content-type'), res.headers.get('cache-control')], [200, 'text/calendar; charset=utf-8', 'private, no-cache'])
  const calendar = readCalendar(Buffer.from(await res.arrayBuffer()))
  const { certificate } = made.a.order
  const end = calendar.parts.find(({ props }) => props.DTSTART === day(certificate.not_after))
  assert.match(end.props.SUMMARY, new RegExp(`到期（.*\\*{4}.*，序列号尾号 ${made.serial.slice(-4)}）$`))
  assert.deepEqual(end.parts.map(({ props }) => props.TRIGGER), ['-P30D', '-P7D'])
})

test('nothing personal is in it: names are masked, of the serial number the end is told', async () => {
  const text = await (await fetched(address)).text()
  const plain = text.replaceAll('\r\n ', '')
  for (const word of [made.p.unit_name, made.p.name, made.p.mobile, made.p.id_no, made.serial, made.a.order.number].filter(Boolean)) assert.ok(!plain.includes(word), word)
})

test('the same ids and the same tag as long as nothing changes', async () => {
  const one = await fetched(address), two = await fetched(address)
  const tag = one.headers.get('etag')
  assert.match(tag, /^"[0-9a-f]{32}"$/)
  assert.deepEqual([two.headers.get('etag'), await one.text()], [tag, await two.text()])
  const known = await fetched(address, { 'if-none-match': tag })
  assert.deepEqual([known.status, await known.text()], [304, ''])
  assert.equal((await fetched(address, { 'if-none-match': '"another"' })).status, 200)
})

test('a renewal that can be made has its day, and what ended a month ago is gone', async () => {
  const id = sql(`SELECT id FROM hall.certificate WHERE serial = '${made.serial}'`), project = sql(`SELECT project FROM hall.orders WHERE id = '${made.a.order.id}'`)
  const offers = sql(`SELECT business @> ARRAY['renew'] FROM hall.project WHERE id = '${project}'`) === 't'
  const opens = (await events(address)).filter(({ props }) => props.UID.startsWith(`${id}-opens@`))
  assert.equal(opens.length, offers ? 1 : 0)
  if (offers) assert.equal(opens[0].props.DTSTART, day(Date.parse(made.a.order.certificate.not_after) - 86400000 * Number(sql(`SELECT renew_days FROM hall.project WHERE id = '${project}'`))))
  const tag = (await fetched(address)).headers.get('etag')
  sql(`UPDATE hall.certificate SET not_before = now() - interval '1 year', not_after = now() - interval '31 days' WHERE id = '${id}'`)
  assert.deepEqual(await events(address), [])
  assert.equal((await fetched(address, { 'if-none-match': tag })).status, 200, 'with another tag')
  sql(`UPDATE hall.certificate SET not_before = '${made.a.order.certificate.not_before}', not_after = '${made.a.order.certificate.not_after}' WHERE id = '${id}'`)
})

test('another address makes the old one void; an end, another account, and a closed account do as well', async () => {
  const { a } = made
  const { address: newer } = await a.api('POST', '/gate/calendar')
  assert.deepEqual([(await fetched(address)).status, (await fetched(newer)).status], [404, 200])
  const other = new Applicant('jieyang')
  await other.loginSms((await person()).mobile)
  await other.api('DELETE', '/gate/calendar')
  assert.equal((await fetched(newer)).status, 200, 'nobody else ends it')
  assert.deepEqual(await events((await other.api('POST', '/gate/calendar')).address), [], 'and sees nothing of it')
  await a.api('DELETE', '/gate/calendar')
  assert.equal((await fetched(newer)).status, 404)
  assert.deepEqual(await a.api('GET', '/gate/calendar'), { made_at: null })
  for (const bad of ['', '?t=', '?t=x', `?t=${'A'.repeat(43)}`]) assert.equal((await fetch(`${URL_BASE}/hall/api/gate/calendar.ics${bad}`)).status, 404)
  await assert.rejects(new Applicant('jieyang').api('POST', '/gate/calendar'), { status: 401 })
})

test('the secret is kept as a digest, and what was done is in the trail', async () => {
  const { a } = made
  const { address: now } = await a.api('POST', '/gate/calendar')
  const hash = createHash('sha256').update(new URL(now).searchParams.get('t')).digest('hex')
  assert.equal(sql(`SELECT count(*) FROM hall.calendar_link WHERE token_hash = '\\x${hash}'`), '1')
  assert.match(sql(`SELECT string_agg(detail ->> 'calendar', ' ' ORDER BY x.seq) FROM hall.audit x JOIN hall.orders o ON o.account = x.subject WHERE o.id = '${a.order.id}' AND detail ? 'calendar'`), /made.*made.*ended.*made/)
})
