// SPDX-License-Identifier: Apache-2.0
// Holds, releases and revocations over HTTP: by two members of staff, by the account that owns the order, and by a person who
// authenticates by phone. Everybody else is refused.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import { fetched, run } from '../lib/authority.mjs'
import { Applicant, Client, Phone, STATE, Staff, asserted, eventually, formFor, inbox, leafOf, messages, paper, person, sql, URL_BASE } from '../lib/hall.mjs'

/** A produced certificate of an institution whose legal person is not its agent; of a reissue it replaces another one. */
async function issued({ p, legal, a: same, replaces } = {}) {
  p ??= await person()
  legal ??= await person()
  const a = new Applicant('jieyang')
  if (same) Object.assign(a, { cookies: same.cookies, csrf: same.csrf })
  else await a.loginSms(p.mobile)
  await a.draft()
  await a.save({ ...formFor('jieyang', p), legal_name: legal.name, legal_id: legal.id_no, legal_mobile: legal.mobile })
  await a.print()
  await a.uploadAll()
  assert.equal((await a.authenticate(p)).state, 'passed')
  await a.refresh()
  await a.step('submit')
  await a.pay()
  if (replaces) sql(`UPDATE hall.orders SET replaces = '${idOf(replaces)}' WHERE id = '${a.order.id}'`)
  await staff.review.act(a.order.id, 'approve')
  await a.until('accepted')
  await staff.produce.act(a.order.id, 'produce')
  await a.until('produced')
  return { a, p, legal, serial: a.order.certificate.serial }
}

const staff = {}
let one, two // certificates: one for staff and owner, one for the phone
before(async () => {
  for (const name of ['review', 'review2', 'finance', 'produce', 'audit', 'admin']) staff[name] = await new Staff().login(name)
  one = await issued()
  two = await issued()
})

const idOf = (serial) => sql(`SELECT id FROM hall.certificate WHERE serial = '${serial}'`)
const stateOf = ({ serial }) => sql(`SELECT concat_ws(' ', state, reason) FROM hall.certificate WHERE serial = '${serial}'`)
const refused = (answer, status, said) => assert.rejects(answer, (e) => e.status === status && (!said || said.test(e.message)) || assert.fail(`${e}`))
/** Moves the entries about a certificate into the past. */
const age = ({ serial }, hours) => sql(`ALTER TABLE hall.revocation DISABLE TRIGGER revocation_rules;
  UPDATE hall.revocation SET ended_at = ended_at - interval '${hours} hours' WHERE certificate = '${idOf(serial)}';
  ALTER TABLE hall.revocation ENABLE TRIGGER revocation_rules`)

const act = (who, { serial }, what, json) => {
  const path = `/desk/api/registry/certificates/${idOf(serial)}/${what}`
  return what === 'revoke' ? staff[who].signed(path, json) : staff[who].call('POST', path, { json })
}
const decide = (who, id, what, json) => {
  const path = `/desk/api/registry/revocations/${id}/${what}`
  return what === 'confirm' ? staff[who].signed(path) : staff[who].call('POST', path, json ? { json } : {})
}
const loss = ({ a, serial }, what = '') => a.api('POST', `/orders/${a.order.id}/loss${what}`, { json: { serial } })
const losses = async ({ a }) => (await a.api('GET', `/orders/${a.order.id}/loss`)).items[0]

// ---- the account that owns the order ----

test('the owner reports a loss: held at once, told by SMS, undone within the day', async () => {
  assert.deepEqual((await losses(one)).can, ['report'])
  const { items: [held] } = await loss(one)
  assert.equal(held.state, 'hold')
  assert.deepEqual(held.can, ['undo'])
  assert.ok(new Date(held.undo_until) - Date.now() > 23.9 * 3600e3)
  const said = await inbox(one.p.mobile, /已于 .* 冻结/)
  assert.ok(said.text.includes(one.serial))
  await refused(loss(one), 409, /已经冻结/)
  const { items: [free] } = await loss(one, '/undo')
  assert.equal(free.state, 'valid')
  assert.deepEqual(free.history.map((h) => `${h.kind} ${h.way}`), ['hold account', 'release account'])
  await inbox(one.p.mobile, /解除冻结，可以继续使用/)
  await refused(loss(one, '/undo'), 409, /没有冻结/)
  await one.a.refresh()
  assert.ok(one.a.order.history.some((h) => h.text === '证书已冻结'))
})

test('nobody but the owner: another account, another project\'s path, another serial number, another case', async () => {
  const id = one.a.order.id, json = { serial: one.serial }
  for (const what of ['', '/undo']) {
    await refused(two.a.api('POST', `/orders/${id}/loss${what}`, { json }), 404)
    await refused(one.a.call('POST', `/szjsgws/api/orders/${id}/loss${what}`, { json }), 404)
    await refused(one.a.api('POST', `/orders/${id}/loss${what}`, { json: { serial: two.serial } }), 404)
    await refused(one.a.api('POST', `/orders/${id}/loss${what}`, { json: { serial: one.serial.toLowerCase() + (/[A-F]/.test(one.serial) ? '' : 'a') } }), 404)
    await refused(new Client().call('POST', `/jieyang/api/orders/${id}/loss${what}`, { json }), 401)
    await refused(staff.review.call('POST', `/jieyang/api/orders/${id}/loss${what}`, { json }), 401)
  }
  await refused(two.a.api('GET', `/orders/${id}/loss`), 404)
  assert.equal(stateOf(one), 'valid')
})

test('after the day the owner is sent to the hotline; staff release by two', async () => {
  await loss(one)
  age(one, 25)
  assert.deepEqual((await losses(one)).can, [])
  await refused(loss(one, '/undo'), 409, /24 小时/)
  await refused(act('finance', one, 'release', { note: '来电称已找回' }), 403)
  const asked = await act('review', one, 'release', { note: '经办人来电 13900000000，核对身份证号后四位无误，介质已找回' })
  assert.equal(asked.state, 'asked')
  assert.equal(stateOf(one), 'hold hold')
  await decide('review2', asked.id, 'confirm')
  assert.equal(stateOf(one), 'valid')
})

// ---- staff ----

test('one member of staff holds after a call and releases within the day; the note says who called', async () => {
  await refused(act('finance', one, 'hold', { note: '短' }), 422)
  await refused(act('finance', one, 'hold', {}), 422)
  await refused(act('audit', one, 'hold', { note: '来电报失，已核实' }), 403)
  await refused(act('admin', one, 'hold', { note: '来电报失，已核实' }), 403)
  const held = await act('finance', one, 'hold', { note: '李四 13900000002 来电报失，核对身份证号' })
  assert.equal(held.state, 'done')
  assert.equal(held.note, '李四 13900000002 来电报失，核对身份证号')
  assert.equal(sql(`SELECT position('李四' IN encode(note, 'escape')) FROM hall.revocation WHERE id = '${held.id}'`), '0', 'encrypted at rest')
  await refused(loss(one, '/undo'), 409, /不是由本账号报失/)
  assert.equal((await act('produce', one, 'release', { note: '来电称在抽屉里找到' })).state, 'done')
  assert.equal(stateOf(one), 'valid')
})

test('a release that two must do: another reviewer may refuse it, and says why', async () => {
  await act('review', one, 'hold', { note: '来电报失，已核实' })
  age(one, 24)
  const asked = await act('review', one, 'release', { note: '来电称已找回' })
  await refused(decide('review2', asked.id, 'refuse', { note: '无' }), 422)
  const answer = await decide('review2', asked.id, 'refuse', { note: '来电号码与登记不符' })
  assert.equal(answer.state, 'refused')
  assert.equal((await staff.review.call('GET', `/desk/api/registry/revocations/${asked.id}`)).answer, '来电号码与登记不符')
  assert.equal(stateOf(one), 'hold hold')
  const again = await act('review2', one, 'release', { note: '改由登记号码来电' })
  await decide('review', again.id, 'confirm')
  assert.equal(stateOf(one), 'valid')
})

test('a revocation takes two reviewers; nobody confirms their own, no other role confirms at all', async () => {
  for (const who of ['finance', 'produce', 'audit', 'admin']) await refused(act(who, one, 'revoke', { reason: 'cessation', note: '单位来函，不再使用' }), 403)
  await refused(act('review', one, 'revoke', { reason: 'hold', note: '单位来函，不再使用' }), 422)
  const asked = await act('review', one, 'revoke', { reason: 'cessation', note: '单位来函，不再使用' })
  assert.equal(asked.state, 'asked')
  assert.deepEqual(asked.can, ['withdraw'])
  await refused(act('review2', one, 'revoke', { reason: 'cessation', note: '再申请一次' }), 409, /待确认/)
  await refused(decide('review', asked.id, 'confirm'), 403, /另一位/)
  await refused(decide('review', asked.id, 'refuse', { note: '自己不同意' }), 403)
  await refused(decide('review2', asked.id, 'withdraw'), 403)
  for (const who of ['finance', 'produce', 'audit', 'admin']) await refused(decide(who, asked.id, 'confirm'), 403)
  await refused(one.a.call('POST', `/desk/api/registry/revocations/${asked.id}/confirm`), 401)
  assert.equal(stateOf(one), 'valid')

  const list = await staff.review2.call('GET', '/desk/api/registry/revocations')
  assert.equal(list.items[0].state, 'asked', 'what waits comes first')
  assert.ok(list.waiting >= 1)
  const seen = list.items.find((row) => row.id === asked.id)
  assert.deepEqual(seen.can, ['confirm', 'refuse'])
  assert.equal(seen.note, undefined, 'the list holds no words')
  await refused(staff.finance.call('GET', `/desk/api/registry/revocations/${asked.id}`), 403)
  assert.equal((await staff.audit.call('GET', `/desk/api/registry/revocations/${asked.id}`)).note, '单位来函，不再使用')

  assert.equal((await decide('review2', asked.id, 'confirm')).state, 'done')
  assert.equal(stateOf(one), 'revoked cessation')
  const said = await inbox(one.p.mobile, /吊销，不能再使用，原因：不再使用/)
  assert.match(said.text, /400-000-0000/, 'with the hotline')
  await refused(decide('review2', asked.id, 'confirm'), 409)
  await refused(act('review', one, 'hold', { note: '已经晚了，再冻结' }), 409)
  await refused(loss(one), 409, /已经吊销/)
  assert.deepEqual((await losses(one)).can, [])
})

test('an act is signed under what is done now, by who does it, and used once', async () => {
  const three = await issued(), cert = `/desk/api/registry/certificates/${idOf(three.serial)}/revoke`
  const json = { reason: 'cessation', note: '单位来函，不再使用' }, acts = () => Number(sql(`SELECT count(*) FROM hall.act WHERE order_id = '${three.a.order.id}'`))
  const offer = (who, path, body) => staff[who].call('POST', `${path}/statement`, body ? { json: body } : {})
  const post = (who, path, body) => staff[who].call('POST', path, { json: body })
  const wrong = (of, code) => assert.rejects(of, (e) => e.status === 422 && e.body.errors[0].pointer === '/decision' && e.body.errors[0].code === code || assert.fail(`${e}`))
  for (const who of ['finance', 'produce', 'audit', 'admin']) await refused(offer(who, cert, json), 403)
  await refused(offer('review', cert, { ...json, reason: 'hold' }), 422)
  await refused(offer('review', cert.replace(/[0-9a-f]{12}\/revoke/, '000000000000/revoke'), json), 404)
  const mine = await offer('review', cert, json), decision = await asserted(mine)
  for (const said of ['申请吊销证书', 'review', mine.time, three.serial, three.a.order.number, '吊销原因：不再使用', '说明：单位来函，不再使用'])
    assert.ok(mine.statement.includes(said), `${said}: ${mine.statement}`)
  assert.equal(mine.challenge, leafOf(mine.statement))
  await refused(post('review', cert, json), 422)
  await wrong(post('review', cert, { ...json, decision: {} }), 'shape')
  await wrong(post('review', cert, { ...json, decision: { ...decision, time: '2026-01-01T00:00:00+08:00' } }), 'late')
  await wrong(post('review2', cert, { ...json, decision }), 'signature') // another person's
  await wrong(post('review', cert, { ...json, note: '另一份说明文字', decision }), 'signature') // other words
  await wrong(post('review', cert, { ...json, reason: 'superseded', decision }), 'signature') // another reason
  await wrong(post('review', `/desk/api/registry/certificates/${idOf(two.serial)}/revoke`, { ...json, decision }), 'signature') // another certificate
  await wrong(post('review', cert, { ...json, decision: await asserted(mine, 'http://evil.localhost') }), 'signature') // on another page
  assert.equal(acts(), 0)
  const asked = await post('review', cert, { ...json, decision })
  assert.equal(acts(), 1)
  assert.equal(sql(`SELECT position(convert_to('单位来函', 'UTF8') IN statement) FROM hall.act WHERE order_id = '${three.a.order.id}'`), '0', 'encrypted at rest')
  const confirm = `/desk/api/registry/revocations/${asked.id}/confirm`
  await refused(offer('review', confirm), 403, /另一位/)
  await wrong(post('review2', confirm, { decision }), 'signature') // the request's signature confirms nothing
  const theirs = await offer('review2', confirm)
  for (const said of ['同意吊销或解除冻结', '事项：吊销', three.serial, asked.id, '审核员小李', '单位来函，不再使用']) assert.ok(theirs.statement.includes(said), `${said}: ${theirs.statement}`)
  await staff.review.call('POST', `/desk/api/registry/revocations/${asked.id}/withdraw`)
  await refused(post('review', cert, { ...json, decision }), 409, /已经用过/)
  await refused(post('review2', confirm, { decision: await asserted(theirs) }), 409, /办结/)
  assert.equal(stateOf(three), 'valid')
  assert.equal(acts(), 1)
})

// ---- the signer believes no module: what one that was broken into could do is done here by the owner of the database ----

/** The signature as a row of hall.act. */
const row = ({ time, ...given }) => JSON.stringify({ id: randomUUID(), statement: '\\x01', decided_at: time, leaves: 1, place: 0, path: '\\x',
  ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name, `\\x${Buffer.from(value, 'base64url').toString('hex')}`])) })
/** Calls the function as that reviewer would. */
const broken = (who, call) => sql(`SELECT hall.keep('caller', jsonb_populate_record(NULL::hall.caller, jsonb_build_object('kind', 'staff',
  'who', (SELECT id FROM hall.staff WHERE name = '${who}'), 'roles', '{reviewer}'::text[], 'op', 'test', 'address', '192.0.2.1', 'request', ''))::text);
  SELECT hall.${call}`)
/** What the newest list says of the certificate. */
async function listed({ serial }) {
  const ca = sql(`SELECT ca FROM hall.certificate WHERE serial = '${serial}'`)
  const { out } = run('openssl', 'crl', '-inform', 'DER', '-in', await fetched(`ca-${ca}.crl`), '-noout', '-text')
  return out.split('Serial Number: ').find((entry) => entry.startsWith(serial))?.match(/CRL Reason Code: *\n *([^\n]+)/)?.[1]
}
const checked = (id) => eventually('the signer’s word', () => sql(`SELECT 'checked ' || coalesce(refused, '') FROM hall.revocation WHERE id = '${id}' AND checked_at IS NOT NULL`))

test('the signer publishes no revocation that two people have not signed: the certificate is given out as on hold', async () => {
  const nobody = { time: new Date().toISOString(), credential: 'AA', client_data: 'AA', authenticator_data: 'AA', signature: 'AA' }
  const json = { reason: 'cessation', note: '单位来函，不再使用' }
  const [four, five, six, seven] = [await issued(), await issued(), await issued(), await issued()]
  const forged = randomUUID()
  broken('review', `revocation_ask('${forged}', '${idOf(four.serial)}', 'cessation', '\\x00', '${row(nobody)}')`)
  broken('review2', `revocation_decide('${forged}', 'done', NULL, '${row(nobody)}')`)
  const asked = await act('review', five, 'revoke', json)
  const another = await staff.review2.call('POST', `/desk/api/registry/revocations/${(await act('review', seven, 'revoke', json)).id}/confirm/statement`)
  broken('review2', `revocation_decide('${asked.id}', 'done', NULL, '${row(await asserted(another))}')`) // signed for another request
  for (const [id, cert, why] of [[forged, four, /does not open/], [asked.id, five, /acts do not hold/]]) {
    assert.match(await checked(id), /签署没有通过核验/)
    await eventually('the list', async () => (await listed(cert)) === 'Certificate Hold')
    const line = readFileSync(`${STATE}/log/signer.log`, 'utf8').split('\n').filter((l) => l.includes(id) && l.includes('given out as a hold')).map((l) => JSON.parse(l))[0]
    assert.equal(line.level, 'error')
    assert.match(line.msg, why)
    assert.equal(stateOf(cert), 'revoked cessation')
  }
  assert.match((await staff.review.call('GET', `/desk/api/registry/revocations/${asked.id}`)).refused, /签署没有通过核验/)
  const right = await act('review', six, 'revoke', json)
  await decide('review2', right.id, 'confirm')
  assert.equal(await checked(right.id), 'checked')
  await eventually('the list', async () => (await listed(six)) === 'Cessation Of Operation')
})

test('filters and the table for a spreadsheet; every role of staff may look at the list', async () => {
  const get = (query) => staff.admin.call('GET', `/desk/api/registry/revocations?${query}`)
  assert.ok((await get(`serial=${one.serial}`)).items.every((row) => row.serial === one.serial))
  assert.ok((await get('kind=revoke&state=done')).items.every((row) => row.kind === 'revoke' && row.state === 'done'))
  assert.ok((await get(`way=account&serial=${one.serial}`)).items.every((row) => row.way === 'account'))
  const all = (await get(`serial=${one.serial}&state=no-such-word`)).total
  assert.equal(all, (await get(`serial=${one.serial}`)).total, 'an unknown word filters nothing')
  for (const who of Object.keys(staff)) await staff[who].call('GET', '/desk/api/registry/revocations')
  const res = await staff.audit.fetch('GET', `/desk/api/registry/revocations.csv?serial=${one.serial}&kind=revoke`)
  assert.match(res.headers.get('content-type'), /^text\/csv/)
  const lines = (await res.text()).trim().split('\r\n')
  assert.equal(lines.length, 2)
  assert.match(lines[0], /证书序列号/)
  for (const word of [one.serial, '吊销', '不再使用', '审核员小李', '审核员小孙', '已办结']) assert.ok(lines[1].includes(word), word)
})

test('certificates are found by serial number, unit or order number; the search is in the trail', async () => {
  const find = async (who, query) => (await staff[who].call('GET', `/desk/api/registry/certificates?${new URLSearchParams(query)}`)).items
  const trail = () => Number(sql(`SELECT count(*) FROM hall.audit WHERE subject = '${idOf(two.serial)}' AND detail ->> 'read' = 'found'`))
  const before = trail()
  for (const [who, query] of [['finance', { serial: two.serial }], ['audit', { unit: two.p.unit_name }], ['produce', { number: two.a.order.number }]])
    assert.ok((await find(who, query)).some((row) => row.serial === two.serial && row.subject === two.p.unit_name), JSON.stringify(query))
  assert.equal(trail(), before + 3)
  assert.deepEqual(await find('review', {}), [], 'not all of them')
  assert.deepEqual(await find('review', { serial: two.serial, number: one.a.order.number }), [], 'both must fit')
  await refused(two.a.call('GET', `/desk/api/registry/certificates?serial=${two.serial}`), 401)
  const panel = await staff.finance.call('GET', `/desk/api/registry/orders/${one.a.order.id}/revocations`)
  assert.equal(panel.items[0].state, 'revoked')
  assert.ok(panel.items[0].requests.length >= 8)
})

// ---- by phone authentication ----

const anybody = new Client()
const begin = (body, slug = 'jieyang') => anybody.call('POST', `/${slug}/api/identity/loss`, { json: { role: 'legal', kind: 'hold', ...body } })
const phoneOf = async (body, slug = 'jieyang') => new Phone(slug, (await begin(body, slug)).url)
const mine = () => ({ serial: two.serial, name: two.legal.name })
async function pass(phone, who) {
  await phone.card('front', await paper('idcard-front', who))
  await phone.card('back', await paper('idcard-back', who))
  await phone.liveness('pass')
  return eventually('the end of the authentication', async () => {
    const task = await phone.api('GET', '')
    return task.step === 'passed' && task
  })
}

test('a mistyped serial number is told as such, before anything else', async () => {
  const say = async (serial) => begin({ ...mine(), serial }).then(() => null, (e) => e.body.errors?.find((x) => x.pointer === '/serial')?.detail)
  assert.match(await say('0123456789ABCDEO'), /字母 O/)
  assert.ok(!(await say('0123 4567:89AB-CDEF')), 'what stands between the digits does not count')
  assert.match(await say('0123456789abcdef'), /大写/)
  assert.match(await say('0123456789ABCDE'), /16 位/)
  await refused(begin({ ...mine(), role: 'owner' }), 422)
  await refused(begin({ ...mine(), kind: 'revoke' }), 422)
  await refused(begin({ ...mine(), name: '' }), 422)
})

test('nothing is told before: a wrong number, a wrong name and a wrong role answer like the right ones', async () => {
  const stranger = await person()
  const right = await begin(mine())
  for (const body of [{ serial: 'FFFFFFFFFFFFFFF0', name: '张三' }, { serial: two.serial, name: '张三丰' }, { ...mine(), role: 'holder' }]) {
    const answer = await begin(body)
    assert.deepEqual(Object.keys(answer), Object.keys(right))
    const phone = new Phone('jieyang', answer.url), task = await phone.api('GET', '')
    const known = await new Phone('jieyang', right.url).api('GET', '')
    assert.deepEqual({ ...task, person_label: null }, { ...known, person_label: null })
    assert.equal(task.name, null)
    assert.equal(task.id_no, null)
    const card = await paper('idcard-front', two.legal)
    await refused(phone.card('front', card), 422, /身份证与证书登记的信息不一致/)
    await refused(phone.liveness('pass'), 409)
  }
  await refused(new Phone('jieyang', right.url).card('front', await paper('idcard-front', stranger)), 422, /身份证与证书登记的信息不一致/)
  assert.equal(stateOf(two), 'valid')
})

test("another person's card is refused, five of them end the link", async () => {
  const phone = await phoneOf(mine()), card = await paper('idcard-front', two.p) // the agent's, not the legal person's
  for (let i = 0; i < 5; i++) await refused(phone.card('front', card), 422)
  await refused(phone.api('GET', ''), 410)
  await refused(phone.card('front', await paper('idcard-front', two.legal)), 410)
  assert.equal(stateOf(two), 'valid')
})

test('a link that has expired, one under another path, one of an order: none reports a loss', async () => {
  const phone = await phoneOf(mine())
  await refused(new Phone('szjsgws', `${URL_BASE}/#t=${phone.token}`).api('GET', ''), 410)
  sql(`UPDATE hall.link SET expires_at = now() - interval '1 second' WHERE token_hash = sha256('${phone.token}')`)
  await refused(phone.api('GET', ''), 410)
  await refused(phone.card('front', await paper('idcard-front', two.legal)), 410)

  const p = await person(), a = new Applicant('jieyang') // an application of the same agent's is none either
  await a.loginSms(p.mobile)
  await a.draft()
  await a.save({ ...formFor('jieyang', p), agent_name: two.p.name, agent_id: two.p.id_no, agent_mobile: two.p.mobile })
  assert.equal((await a.authenticate(two.p)).state, 'passed')
  assert.equal(stateOf(two), 'valid')
})

test('the legal person passes: held at once, the agent is told; the same person undoes it within the day', async () => {
  const before = (await messages(two.p.mobile)).length
  const task = await pass(await phoneOf(mine()), two.legal)
  assert.equal(task.outcome.word, 'held')
  assert.equal(task.outcome.serial, two.serial)
  assert.equal(task.outcome.subject, two.p.unit_name)
  assert.equal(stateOf(two), 'hold hold')
  await eventually('the agent is told', async () => (await messages(two.p.mobile)).length > before)
  await inbox(two.p.mobile, /冻结，暂不能使用/)
  assert.equal((await two.a.refresh()).phone.state, 'passed', 'the application is untouched')
  const [row] = (await staff.review.call('GET', `/desk/api/registry/revocations?serial=${two.serial}`)).items
  assert.equal(`${row.kind} ${row.way} ${row.role}`, 'hold link legal')

  await refused(loss(two, '/undo'), 409)
  assert.equal((await pass(await phoneOf({ ...mine(), role: 'agent', name: two.p.name, kind: 'release' }), two.p)).outcome.word, 'other_way')
  assert.equal((await pass(await phoneOf(mine()), two.legal)).outcome.word, 'held_before')
  assert.equal((await pass(await phoneOf({ ...mine(), kind: 'release' }), two.legal)).outcome.word, 'released')
  assert.equal(stateOf(two), 'valid')
})

test("from the hall's own page as well; after the day it stays held", async () => {
  assert.equal((await pass(await phoneOf({ ...mine(), role: 'agent', name: two.p.name }, 'hall'), two.p)).outcome.word, 'held')
  age(two, 25)
  assert.equal((await pass(await phoneOf({ ...mine(), role: 'agent', name: two.p.name, kind: 'release' }, 'hall'), two.p)).outcome.word, 'late')
  assert.equal(stateOf(two), 'hold hold')
})

test('liveness failed: nothing is held', async () => {
  const asked = await act('review', two, 'release', { note: '登记号码来电，介质已找回' })
  await decide('review2', asked.id, 'confirm')
  const phone = await phoneOf({ ...mine(), role: 'agent', name: two.p.name })
  await phone.card('front', await paper('idcard-front', two.p))
  await phone.card('back', await paper('idcard-back', two.p))
  await phone.liveness('fail')
  await eventually('the failure', async () => (await phone.api('GET', '')).step === 'failed')
  assert.equal(stateOf(two), 'valid')
})

test('ten links a day on which a card was refused: then the serial number rests, whether it is there or not', async () => {
  const serial = `FFFFFFFF${Date.now().toString(16).slice(-8).toUpperCase()}`, card = await paper('idcard-front', two.p)
  for (let i = 0; i < 10; i++) await refused((await phoneOf({ serial, name: '张三' })).card('front', card), 422)
  await refused(begin({ serial, name: '张三' }), 429)
})

// ---- reissue ----

test('a reissue: the new certificate is valid to the old one\'s end, which is revoked with it', async () => {
  const until = ({ serial }) => sql(`SELECT not_after FROM hall.certificate WHERE serial = '${serial}'`)
  sql(`UPDATE hall.certificate SET not_after = not_after - interval '100 days' WHERE serial = '${two.serial}'`)
  await loss(two)
  const next = await issued({ ...two, replaces: two.serial })
  assert.notEqual(next.serial, two.serial)
  assert.equal(stateOf(next), 'valid')
  assert.equal(stateOf(two), 'revoked key_compromise', 'its loss had been reported')
  assert.equal(until(next), until(two))
  assert.equal((await losses(two)).replaced_by, next.serial)
  await inbox(two.p.mobile, /吊销，不能再使用/)
  await refused(loss(two), 409, /已经吊销/)
})
