// SPDX-License-Identifier: Apache-2.0
// Every row of every module's table of routes, through nginx: who is let in, and that a refused request changes nothing. The tests are
// generated from what the built programs print with --routes, so a new row is tested as soon as it exists.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import {
  ADDRESS, BASE, BRANCH, DESK, cookieName, freshToken, newApplicant, newCodeLink, newPapersLink, newPhoneLink, newShareLink, newStaff, pointers, quote,
  request, setting, siteOf, sql, toVendor,
} from './lib.mjs'
import { modules, routes } from './table.mjs'

const NGINX_LIMIT = 21 * 1024 * 1024 // beyond the largest client_max_body_size

const STAFF = ['reviewer', 'finance', 'producer', 'auditor', 'admin', 'outlet']
const audienceOf = (r) =>
  r.roles.includes('public') || r.roles.includes('vendor') ? '' : r.roles[0] === 'applicant' ? 'hall' : ['phone', 'code', 'papers', 'share'].includes(r.roles[0]) ? 'link' : 'desk'
const writes = (r) => r.method !== 'GET'
const hasOrder = (r) => r.path.includes('{id}')
const forVendor = (r) => r.module === 'sandbox' && !r.path.startsWith('/sandbox/')

/** A body of the right shape for each route that takes JSON, so that a refusal below has another reason. */
const version = { version: 1 }
/** A decision of the right shape, without a valid signature. */
const signature = { time: new Date().toISOString(), credential: 'AA', client_data: 'AA', authenticator_data: 'AA', signature: 'AA' }
const decided = { version: 1, decision: signature }
const entry = { payer: '某单位', fen: 1, day: '2026-01-05', reference: 'C00000001' }
const bodies = {
  'produce.pin_box': { public_key: Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString('base64') },
  'gate.sms_code': { phone: '13900000009', purpose: 'login' },
  'gate.login_sms': { phone: '13900000009', code: '000000' },
  'gate.login_password': { phone: '13900000009', password: 'wrong' },
  'gate.register': { phone: '13900000009', code: '000000', password: 'wrong-wrong-1' },
  'gate.reset': { phone: '13900000009', code: '000000', password: 'wrong-wrong-1' },
  'gate.code': { purpose: 'password' },
  'gate.profile_put': { name: '小王', email: '' },
  'gate.password': { code: '000000', password: 'wrong-wrong-1' },
  'gate.messages_put': { name: '快递寄出通知', channel: 'sms', on: true },
  'gate.sessions_end': { code: '000000' },
  'gate.close': { code: '000000' },
  'gate.rebinding': { old: '13800000000', phone: '13900000000', code: '000000' },
  'gate.phone': { code: '000000', phone: '13900000009', new_code: '000000' },
  'gate.hand_over': { order: '01890000-0000-7000-8000-000000000000', whole: true, phone: '13900000009', code: '000000' },
  'gate.hand_over_accept': { code: '000000' },
  'paper.keep': { id: '01890000-0000-7000-8000-000000000000' },
  'new.create': { agreements: [] },
  'new.save': { version: 1, complete: false, form: { unit_name: '某单位' } },
  'new.submit': version,
  'new.edit': version,
  'new.resubmit': version,
  'seal.create': { agreements: [] },
  'seal.save': { version: 1, complete: false, form: { unit_name: '某单位' } },
  'seal.submit': version,
  'seal.edit': version,
  'seal.resubmit': version,
  'renew.find': { serial: '0123456789ABCDEF' },
  'renew.create': { agreements: [], certificates: [{ serial: '0123456789ABCDEF' }] },
  'renew.save': { version: 1, complete: false, form: { unit_name: '某单位' } },
  'renew.day': version,
  'renew.submit': version,
  'renew.edit': version,
  'renew.resubmit': version,
  'change.find': { serial: '0123456789ABCDEF' },
  'change.create': { agreements: [], serial: '0123456789ABCDEF', changes: [{ code: 'legal' }] },
  'change.save': { version: 1, complete: false, form: { unit_name: '某单位' } },
  'change.submit': version,
  'change.edit': version,
  'change.resubmit': version,
  'reissue.find': { serial: '0123456789ABCDEF' },
  'reissue.create': { agreements: [], serial: '0123456789ABCDEF' },
  'reissue.save': { version: 1, complete: false, form: { unit_name: '某单位' } },
  'reissue.submit': version,
  'reissue.edit': version,
  'reissue.resubmit': version,
  'pay.open': { channel: 'wechatpay' },
  'pay.inside': { channel: 'wechatpay' },
  'finauth.code': { code: '000000' },
  'finauth.link_code': { code: '000000' },
  'finauth.legal_link': { legal_name: '李四', legal_id: '11010519491231002X', legal_mobile: '13900000009' },
  'finance.payout_statement': version,
  'finance.payout_again': decided,
  'finauth.account': { account_branch: BRANCH, account_no: '755900000000001' },
  'pay.voucher': version,
  'orders.refund': { version: 1, reason: '不再需要' },
  'orders.refund_withdraw': version,
  'finance.confirm_statement': { version: 1, ...entry },
  'finance.transfer_confirm': { version: 1, ...entry, decision: signature },
  'finance.surplus_statement': { ...entry, reason: '重复' },
  'finance.transfer_surplus': { ...entry, reason: '重复', decision: signature },
  'finance.transfer_refuse': { version: 1, why: '没有收到' },
  'finance.refund_statement': { version: 1, reason: '来函' },
  'finance.refund': { version: 1, reason: '来函', decision: signature },
  'finance.refund_withdraw': version,
  'finance.approve_statement': version,
  'finance.refund_approve': decided,
  'finance.refund_refuse': { version: 1, why: '继续办理' },
  'finance.settle_statement': { reference: 'OUT-0001', day: '2026-01-05' },
  'finance.refund_settle': { reference: 'OUT-0001', day: '2026-01-05', decision: signature },
  'finance.odd_statement': { note: '已在平台退回' },
  'finance.odd_settle': { note: '已在平台退回', decision: signature },
  'orders.cancel': version,
  'orders.publication': { published: false },
  'orders.received': version,
  'status.find': { unit_name: '没有这家单位', unit_code: '91440300123456780W' },
  'login.challenge': { name: 'nobody' },
  'login.open': { name: 'nobody', time: '2026-11-23T12:00:00+08:00', nonce: 'A'.repeat(64), assertion: {} },
  'review.search': { typed: '示范' },
  'review.statement': version,
  'review.approve': decided,
  'review.tray_put': version,
  'review.tray_approve': { decision: signature },
  'review.reject': { version: 1, reasons: [{ pointer: '/', text: '不清楚' }] },
  'produce.statement': version,
  'produce.produce': decided,
  'produce.tray_put': version,
  'produce.tray_produce': { decision: signature },
  'finance.bill_want': { channel: 'wechatpay', day: new Date().toISOString().slice(0, 10) },
  'orders.loss_report': { serial: '0123456789ABCDEF' },
  'orders.loss_undo': { serial: '0123456789ABCDEF' },
  'identity.revoke': { serial: '0123456789ABCDEF', role: 'agent', reason: 'cessation' },
  'identity.consent': { agree: false },
  'identity.appointment_put': { outlet: 'futian', at: '2026-11-23T09:00:00+08:00' },
  'identity.phone_appointment_put': { outlet: 'futian', at: '2026-11-23T09:00:00+08:00' },
  'counter.pass_statement': { name: '李四', id_no: '11010519491231002X' },
  'counter.pass': { name: '李四', id_no: '11010519491231002X', decision: signature },
  'counter.refuse_statement': { reason: 'not_person' },
  'counter.refuse': { reason: 'not_person', decision: signature },
  'identity.unlock': { serial: '0123456789ABCDEF' },
  'identity.loss': { serial: '0123456789ABCDEF', role: 'agent', name: '李四', kind: 'hold' },
  'registry.revoke_statement': { reason: 'cessation', note: '单位来函' },
  'registry.revoke': { reason: 'cessation', note: '单位来函', decision: signature },
  'registry.revocation_confirm': { decision: signature },
  'registry.hold': { note: '来电报失' },
  'registry.release': { note: '来电撤销' },
  'registry.revocation_refuse': { note: '理由不足' },
  'sealpicture.preview': { style: 'generated' },
  'sealpicture.accept': { style: 'generated', sm3: '0'.repeat(64) },
  'evidence.log_ask': { reason: '年度审计' },
  'evidence.ask': { number: '9'.repeat(18), reason: '法院调取' },
  'office.calendar_put': { year: 2098, days: [{ day: '2098-01-01', working: false, name: '元旦' }] },
  'registry.seal_statement': { reason: '单位更名' },
  'registry.seal_withdraw': { reason: '单位更名', decision: signature },
  'produce.parcel_ask': { version: 1, courier: 'sf' },
  'produce.parcel_cancel': version,
  'finance.invoice_buyer': { kind: 'person', title: '李四' },
  'finance.invoice_close': { number: '24442000000000000001' },
  'produce.ship': { version: 1, courier: 'sf', tracking_no: 'SF123456789' },
}

const who = {}
let order, others, orders
const refusedIds = []

/** The state of everything that the visitors of this file could have changed. */
function traces() {
  const mine = `(${quote(order.id)}, ${quote(others.id)})`
  const accounts = `(SELECT id FROM hall.account WHERE id IN (${[who.applicant, who.other].map((v) => quote(v.id))}))`
  return sql(`SELECT concat_ws(' ',
    (SELECT md5(string_agg(o::text, '|' ORDER BY id)) FROM hall.orders o WHERE account IN ${accounts}),
    (SELECT count(*) FROM hall.orders WHERE account IN ${accounts}),
    (SELECT count(*) FROM hall.order_history WHERE order_id IN ${mine}),
    (SELECT count(*) FROM hall.paper WHERE order_id IN ${mine}),
    (SELECT md5(string_agg(i::text, '|' ORDER BY id)) FROM hall.identity i WHERE order_id IN ${mine}),
    (SELECT count(*) FROM hall.payment WHERE order_id IN ${mine}),
    (SELECT count(*) FROM hall.outbox WHERE subject IN ${mine} OR key LIKE '%' || ${quote(order.id)} || '%'),
    (SELECT count(*) FROM hall.session WHERE address = ${quote(ADDRESS)}),
    (SELECT count(*) FROM hall.sms_code WHERE address = ${quote(ADDRESS)}),
    (SELECT count(*) FROM hall.login_try WHERE address = ${quote(ADDRESS)}),
    (SELECT count(*) FROM hall.audit WHERE actor LIKE ANY (ARRAY[${Object.values(who).map((v) => quote(`%:${v.id}`))}])),
    (SELECT count(*) FROM hall.session WHERE address = 'fixture'
        AND (account IN ${accounts} OR staff IN (${STAFF.map((s) => quote(who[s].id))}))))`)
}

/** Fills a path with a project, an order, a paper. */
const fill = (r, { slug = 'jieyang', id = randomUUID() } = {}) =>
  r.path.replace('{slug}', slug).replace('{id}', id).replace('{code}', 'licence').replace('{side}', 'front').replace(/\{\w+\}/, 'none')

const send = (r, path, options = {}) => request(r.method, path, { ...options, ...(forVendor(r) ? toVendor : {}) })

/** Somebody whom the route lets in. */
function welcome(r) {
  const role = r.roles[0]
  if (audienceOf(r) === '') return {}
  return audienceOf(r) === 'link' ? who[role === 'phone' ? 'link' : role].headers : who[role].headers()
}
const goodBody = (r) => (r.kind === 'json' ? { json: bodies[r.op] } : r.kind === 'raw' ? { body: 'x' } : {})

async function refused(answer, status, code) {
  const res = await answer
  if (res.id) refusedIds.push(res.id)
  assert.equal(res.status, status, res.text)
  assert.match(res.headers['content-type'], /^application\/problem\+json/)
  assert.equal(res.json.status, status)
  assert.ok(res.json.request_id && res.json.title && res.json.detail, res.text)
  if (code) assert.equal(res.json.code, code)
  return res
}

before(async () => {
  for (const role of STAFF) who[role] = await newStaff(role)
  who.applicant = await newApplicant()
  who.other = await newApplicant()
  order = await who.applicant.draft()
  others = await who.other.draft()
  who.link = newPhoneLink(order.id)
  who.code = newCodeLink(order.id)
  who.papers = newPapersLink(order.id)
  who.share = newShareLink(order.id)
  orders = traces()
})

test('every module of this installation prints its table', () => {
  assert.deepEqual([...new Set(routes.map((r) => r.module))].sort(), [...modules].sort())
  assert.ok(routes.length > 40)
})

test('every route that takes JSON has a right body here', () => {
  const without = routes.filter((r) => r.kind === 'json' && r.module !== 'sandbox' && !bodies[r.op]).map((r) => r.op)
  assert.deepEqual(without, [])
})

for (const r of routes) {
  describe(`${r.method} ${r.path} (${r.op})`, () => {
    const audience = audienceOf(r)

    test('another method: 405 with Allow; no script runs in the answer', async () => {
      const shape = (p) => p.replace(/\{\w+\}/g, '{}')
      const methods = routes.filter((x) => x.module === r.module && shape(x.path) === shape(r.path)).map((x) => x.method)
      const other = ['DELETE', 'PUT', 'PATCH'].find((m) => !methods.includes(m))
      const res = await refused(send({ ...r, method: other }, fill(r), { headers: welcome(r) }), 405, 'method_not_allowed')
      assert.deepEqual(res.headers.allow.split(', ').sort(), methods.sort())
      assert.match(res.headers['content-security-policy'], /script-src 'none'.*base-uri 'none'.*frame-ancestors/)
    })

    if (audience !== '') nobody(r, audience)
    if (audience === 'hall' || audience === 'desk') wrongPeople(r, audience)
    if (audience === 'link') notThisLink(r)
    if (audience !== '') roleBeforeContent(r, audience)
    if (r.path.includes('{slug}') && r.op !== 'gate.link') unknownProject(r)
    if (audience !== 'link' && audience !== '' && writes(r)) forgedPages(r, audience)
    if (audience === '' && writes(r) && !r.roles.includes('vendor')) {
      test('a form on a foreign page: 403', () =>
        refused(send(r, fill(r), { ...goodBody(r), headers: { origin: 'https://evil.example' } }), 403, 'csrf'))
    }
    sizes(r)
    if (r.kind === 'json' && r.module !== 'sandbox') notTheJson(r)
    if (hasOrder(r)) noSuchOrder(r, audience)
    if (audience !== '') letsIn(r)
  })
}

function nobody(r, audience) {
  test('without a session: 401', () => refused(send(r, fill(r), goodBody(r)), 401, 'unauthenticated'))

  test(audience === 'link' ? 'with an unknown link: 410' : 'with an unknown session: 401', async () => {
    const token = freshToken()
    if (audience === 'link')
      return refused(send(r, fill(r), { ...goodBody(r), headers: { authorization: `Bearer ${token}` } }), 410, 'gone')
    const headers = { cookie: `${cookieName(audience)}=${token}`, 'x-csrf-token': 'x' }
    return refused(send(r, fill(r), { ...goodBody(r), headers }), writes(r) ? 403 : 401)
  })

  test('with an ill-formed token: 401', () => {
    const headers = audience === 'link' ? { authorization: 'Bearer ../..' } : { cookie: `${cookieName(audience)}=a b"c` }
    return refused(send(r, fill(r), { ...goodBody(r), headers }), 401, 'unauthenticated')
  })
}

function wrongPeople(r, audience) {
  for (const role of ['applicant', ...STAFF].filter((x) => !r.roles.includes(x))) {
    test(`${role}: not let in`, async () => {
      const v = who[role]
      const csrf = { 'x-csrf-token': v.csrf }
      const theirs = { ...goodBody(r), headers: { ...v.cookie(), ...csrf } }
      const sameAudience = v.audience === audience
      await refused(send(r, fill(r), theirs), sameAudience ? 403 : 401, sameAudience ? 'forbidden' : 'unauthenticated')
      // The right cookie's name does not help: the session itself is of the wrong kind.
      await refused(send(r, fill(r), { ...goodBody(r), headers: { ...v.cookie(audience), ...csrf } }), 403, 'forbidden')
    })
  }
}

/** The mistakes that a request may have, depending on the body that the route takes. */
function flaws(r) {
  const large = Buffer.alloc(r.cap + 1, 0x20)
  const out = [['too large', { body: large, headers: { 'content-type': 'application/json' } }]]
  if (hasOrder(r)) out.push(['an id that is none', { ...goodBody(r), id: '1' }])
  if (r.kind === 'json')
    out.push(['no JSON', { body: '{"a":', headers: { 'content-type': 'application/json' } }],
      ['an unknown key', { json: { surplus: 1 } }],
      ['a value of another type', { json: Object.fromEntries(Object.keys(bodies[r.op]).map((key) => [key, [[]]])) }],
      ['another media type', { body: 'x', headers: { 'content-type': 'text/plain' } }])
  return out
}

/** Somebody who may not ask is told only that, whatever mistakes the request has. */
function roleBeforeContent(r, audience) {
  const outsiders = {
    'nobody': [() => ({}), 401],
    'an unknown session': [() => (audience === 'link' ? { authorization: `Bearer ${freshToken()}` } : who.applicant.headers({ cookie: `${cookieName(audience)}=${freshToken()}` })),
      audience === 'link' ? 410 : writes(r) ? 403 : 401],
  }
  if (audience === 'link') outsiders.applicant = [() => ({ authorization: `Bearer ${who.applicant.token}` }), 403]
  else for (const role of ['applicant', ...STAFF].filter((x) => !r.roles.includes(x)))
    outsiders[role] = [() => who[role].headers(who[role].cookie(audience)), 403]
  const wrong = flaws(r)
  for (const [name, [headers, status]] of Object.entries(outsiders))
    for (const [what, { id, ...sent }] of wrong)
      test(`${name} with ${what}: ${status}`, () =>
        refused(send(r, fill(r, { id }), { ...sent, headers: { ...sent.headers, ...headers() } }), status))
}

function notThisLink(r) {
  for (const role of ['applicant', ...STAFF])
    test(`the session of ${role} is no link: 403`, () =>
      refused(send(r, fill(r), { ...goodBody(r), headers: { authorization: `Bearer ${who[role].token}` } }), 403, 'forbidden'))

  test("a link under another project's path: 410", () =>
    refused(send(r, fill(r, { slug: 'szjsgws' }), { ...goodBody(r), headers: welcome(r) }), 410, 'gone'))
}

function unknownProject(r) {
  const answer = r.op === 'gate.page' ? [403, 'forbidden'] : [404, 'not_found'] // nginx takes no other answer for a no
  test(`an unknown project: ${answer[0]}`, () =>
    refused(send(r, fill(r, { slug: 'no-such-project' }), { ...goodBody(r), headers: welcome(r) }), ...answer))
}

function forgedPages(r, audience) {
  const v = () => who[r.roles[0]]
  test('without the CSRF token: 403', () => refused(send(r, fill(r), { ...goodBody(r), headers: v().cookie() }), 403, 'csrf'))
  test("with somebody else's CSRF token: 403", () => {
    const other = audience === 'hall' ? who.other : who.auditor
    const token = other === v() ? who.admin.csrf : other.csrf
    return refused(send(r, fill(r), { ...goodBody(r), headers: { ...v().cookie(), 'x-csrf-token': token } }), 403, 'csrf')
  })
  const [ours, other] = siteOf(r.path) === DESK ? [DESK, BASE] : [BASE, DESK]
  for (const origin of ['https://evil.example', `${ours.origin}.evil.example`, `https://evil.example/?${ours.host}`, 'null', other.origin])
    test(`from the page ${origin}: 403`, () =>
      refused(send(r, fill(r), { ...goodBody(r), headers: v().headers({ origin }) }), 403, 'csrf'))
}

function sizes(r) {
  const body = Buffer.alloc(r.cap + 1, 0x20)
  test(r.cap > 0 ? `${r.cap + 1} bytes: 413` : 'a body where none is taken: 413', () => {
    const headers = { 'content-type': 'application/json', ...welcome(r) }
    return refused(send(r, fill(r), { body, headers }), 413, 'too_large')
  })
  if (r.op === 'gate.link') return // for a person's browser: nginx answers with a page
  test('more than nginx takes: 413 of the same form', () =>
    refused(send(r, fill(r), { claim: NGINX_LIMIT, headers: welcome(r) }), 413, 'too_large'))
}

function notTheJson(r) {
  const raw = (body, type = 'application/json') =>
    send(r, fill(r), { body, headers: { ...welcome(r), ...(type ? { 'content-type': type } : {}) } })
  const text = () => JSON.stringify(bodies[r.op])

  for (const [what, body] of [['nothing', ''], ['half', '{"a":'], ['a list', '[]'], ['null', 'null'], ['two values', '{}{}'],
    ['ill-formed UTF-8', Buffer.from('{"a":"\xff"}', 'latin1')], ['a NUL', '{"a":"\\u0000"}'], ['a comment', '{}//'],
    ['deep nesting', '['.repeat(200) + ']'.repeat(200)]])
    test(`${what}: 400`, () => refused(raw(body), 400, 'malformed'))

  test('an unknown key: 422 with its pointer', async () => {
    const res = await refused(raw(`{"surplus":1,${text().slice(1)}`), 422, 'invalid')
    assert.deepEqual(pointers(res), { '/surplus': 'unknown' })
  })
  test('a key twice: 422 with its pointer', async () => {
    const key = Object.keys(bodies[r.op])[0]
    const res = await refused(raw(`${text().slice(0, -1)},"${key}":${JSON.stringify(bodies[r.op][key])}}`), 422, 'invalid')
    assert.deepEqual(pointers(res), { [`/${key}`]: 'duplicate' })
  })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', null])
    test(`sent as ${type ?? 'nothing'}: 415`, () => refused(raw(text(), type), 415, 'unsupported_media'))
}

function noSuchOrder(r, audience) {
  const ask = (id) => refused(send(r, fill(r, { id }), { ...goodBody(r), headers: welcome(r) }), 404, 'not_found')
  test('an order that is not there: 404', () => ask(randomUUID()))
  test('an id that is none: 404', () => ask('1'))
  if (audience !== 'hall') return
  test("somebody else's order: 404", () => ask(others.id))
  test("one's own order under another project's path: 404", () =>
    refused(send(r, fill(r, { id: order.id, slug: 'szjsgws' }), { ...goodBody(r), headers: welcome(r) }), 404, 'not_found'))
}

/** Somebody who may ask gets as far as the handler. */
function letsIn(r) {
  if (/\.(logout|create|export)$|^gate\.(code|own|profile_put|password|phone|sessions_end|close|hand_over|calendar_make|calendar_end|messages_put)$|^evidence\.log_ask$/.test(r.op) || audienceOf(r) === 'link') return
  for (const role of r.roles)
    test(`${role} is let in`, async () => {
      const res = await send(r, fill(r), { ...goodBody(r), headers: who[role].headers({ origin: siteOf(r.path).origin }) })
      const nothing = /tray_(statement|approve|produce)$|rebinding_stop$/.test(r.op) // these visitors have no key in the roster, and no rebinding
      const other = { 'finance.bill_want': 202, 'evidence.ask': 422 }[r.op] // no order has the number that is asked for
      assert.equal(res.status, hasOrder(r) ? 404 : nothing ? 409 : other ?? 200, res.text)
    })
}

test('a notification without a signature is refused', () =>
  refused(request('POST', '/notify/wechatpay', { body: '{}', headers: { 'content-type': 'application/json' } }), 401))

for (const path of ['/jieyang/api/', '/jieyang/api/nothing', '/jieyang/api/new/nothing', '/desk/api/nothing', '/desk/api/office/nothing', '/notify/nothing'])
  test(`${path}: 404`, () => refused(request('GET', path), 404, 'not_found'))

test('a session that has ended is none', async () => {
  const v = await newApplicant()
  sql(`UPDATE hall.session SET expires_at = now() - interval '1 second' WHERE account = ${quote(v.id)}`)
  await refused(v.api('GET', '/orders'), 401, 'unauthenticated')
  await refused(v.api('POST', '/gate/logout'), 401, 'unauthenticated')
})

test('staff that were switched off are let in nowhere', async () => {
  const v = await newStaff('reviewer')
  sql(`UPDATE hall.staff SET active = false WHERE id = ${quote(v.id)}`)
  await refused(v.call('GET', '/desk/api/review/orders'), 403, 'forbidden')
})

test('the cookies of two installations do not meet', () => {
  assert.match(setting('installation'), /./)
  return refused(request('GET', '/jieyang/api/orders', { headers: { cookie: `ch_hall_other=${who.applicant.token}` } }), 401)
})

describe('after all refusals', () => {
  test('no row of any order, log-in, message or session has changed', () => assert.equal(traces(), orders))
  test('no refused request stands in the audit trail', () => {
    assert.ok(refusedIds.length > 500, `${refusedIds.length} answers carried an id`)
    assert.equal(sql(`SELECT count(*) FROM hall.audit WHERE request IN (${refusedIds.map(quote)})`), '0')
  })
})

after(() => {
  const staff = STAFF.map((s) => quote(who[s].id))
  sql(`DELETE FROM hall.session WHERE staff IN (${staff}); UPDATE hall.staff SET active = false WHERE id IN (${staff})`)
})
