// SPDX-License-Identifier: Apache-2.0
// No certificate without two people's keys: what the pages refuse, and what the signer refuses even if the database permits it.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import test, { before } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DESK_ORIGIN, STATE, Staff, asserted, doneBy, eventually, leafOf, sql, submitted } from '../lib/hall.mjs'
import { giveKeys, nextRoster, roster } from '../lib/roster.mjs'
import { quote } from './lib.mjs'

let review, review2, produce
before(async () => {
  ;[review, review2, produce] = await Promise.all(['review', 'review2', 'produce'].map((name) => new Staff().login(name)))
})

const post = async (staff, id, what, json) => {
  const { order } = await staff.read(id)
  return staff.call('POST', `/desk/api/${doneBy(what)}/orders/${id}/${what}`, { json: { version: order.version, ...json } })
}
/** The statement of a decision that the person might sign now. */
const offered = async (staff, id, what, version) => {
  const json = { version: version ?? (await staff.read(id)).order.version }
  return staff.call('POST', `/desk/api/${doneBy(what)}/orders/${id}/statement`, { json })
}
const refusedDecision = (of, code) => assert.rejects(of, (e) => {
  assert.equal(e.status, 422, e.message)
  assert.deepEqual([e.body.errors[0].pointer, e.body.errors[0].code], ['/decision', code], e.message)
  return true
})
const decisions = (id) => Number(sql(`SELECT count(*) FROM hall.decision WHERE order_id = '${id}'`))
const certificates = (id) => sql(`SELECT count(*) FROM hall.certificate WHERE order_id = '${id}' AND state = 'valid'`)

async function inReview() {
  const { a } = await submitted('jieyang', 'natural')
  await a.pay()
  return a
}
async function accepted() {
  const a = await inReview()
  await review.act(a.order.id, 'approve')
  await a.until('accepted')
  return a
}

test('what is signed says everything of the certificate, in words', async () => {
  const a = await inReview()
  const { statement, credentials, challenge, rp_id, time } = await offered(review, a.order.id, 'approve')
  assert.equal(rp_id, new URL(DESK_ORIGIN).hostname)
  assert.equal(credentials.length, 1)
  for (const said of ['审核通过，同意签发', a.order.number, a.order.id, 'review', time, '证书 1：natural', a.order.form.holder_name, '由签发系统生成'])
    assert.ok(statement.includes(said), `${said}: ${statement}`)
  assert.equal(challenge, leafOf(statement), 'the challenge is the digest of exactly that')
})

test('an approval needs the reviewer’s signature under what is approved now', async () => {
  const a = await inReview(), other = await inReview(), id = a.order.id
  await assert.rejects(post(review, id, 'approve', {}), (e) => e.status === 422 && e.body.errors[0].pointer === '/decision')
  await refusedDecision(post(review, id, 'approve', { decision: {} }), 'shape')
  const mine = await offered(review, id, 'approve'), signed = await asserted(mine)
  await assert.rejects(offered(review, id, 'approve', 1), (e) => e.status === 409, 'of a version that is no longer there')
  await refusedDecision(post(review2, id, 'approve', { decision: signed }), 'signature') // another person's
  await refusedDecision(post(review, other.order.id, 'approve', { decision: signed }), 'signature') // another order's
  await refusedDecision(post(review, id, 'approve', { decision: { ...signed, time: mine.time.replace(/:(\d\d)\+/, (_, s) => `:${String((Number(s) + 1) % 60).padStart(2, '0')}+`) } }), 'signature')
  await refusedDecision(post(review, id, 'approve', { decision: { ...signed, time: '2026-01-01T00:00:00+08:00' } }), 'late')
  await refusedDecision(post(review, id, 'approve', { decision: { ...signed, time: 'soon' } }), 'late')
  await refusedDecision(post(review, id, 'approve', { decision: { ...signed, leaves: 2, at: 0, path: '' } }), 'signature')
  await refusedDecision(post(review, id, 'approve', { decision: { ...signed, leaves: 65, at: 0, path: '' } }), 'shape')
  await refusedDecision(post(review, id, 'approve', { decision: await asserted(mine, 'http://evil.localhost') }), 'signature') // on another page
  sql(`UPDATE hall.orders SET years = 2 WHERE id = '${id}'`)
  await refusedDecision(post(review, id, 'approve', { decision: signed }), 'signature') // the order says something else now
  sql(`UPDATE hall.orders SET years = 1 WHERE id = '${id}'`)
  assert.equal(decisions(id), 0)
  assert.equal((await a.refresh()).state, 'in_review')
  await post(review, id, 'approve', { decision: signed })
  assert.equal(decisions(id), 1)
})

test('who is not in the roster, or has another role there, is offered nothing to sign', async () => {
  const a = await inReview()
  await assert.rejects(offered(produce, a.order.id, 'approve'), (e) => e.status === 403)
  const kept = sql(`SELECT text FROM hall.roster ORDER BY version DESC LIMIT 1`), version = JSON.parse(kept).version
  const without = JSON.stringify({ ...JSON.parse(kept), keys: JSON.parse(kept).keys.filter((k) => k.name !== 'review') })
  sql(`UPDATE hall.roster SET text = ${quote(without)} WHERE version = ${version}`)
  try {
    await assert.rejects(review.act(a.order.id, 'approve'), (e) => e.status === 409 && /安全密钥还没有登记/.test(e.body.detail))
  } finally {
    sql(`UPDATE hall.roster SET text = ${quote(kept)} WHERE version = ${version}`)
  }
})

/** Lines that the signer has logged about the order since `from` bytes. */
const log = `${STATE}/log/signer.log`
const logSize = () => statSync(log).size
const logged = (id, from) => readFileSync(log).subarray(from).toString().split('\n').filter((line) => line.includes(id) && /"issue: /.test(line)).map((line) => JSON.parse(line).msg)

/** Has the order issued as the owner of the database could, and returns what the signer says to that. */
async function forced(id) {
  const from = logSize()
  sql(`SELECT hall.enqueue('issue', 'issue/${id}/' || gen_random_uuid(), '${id}')`)
  return eventually('the signer’s word', () => logged(id, from)[0])
}
const producer = (id) => sql(`UPDATE hall.orders SET producer = (SELECT id FROM hall.staff WHERE name = 'produce') WHERE id = '${id}'`)
/** Puts the decision `what` of one order under another, as the database's owner could. */
const copy = (what, from, to, change = 'd.staff') => sql(`INSERT INTO hall.decision (order_id, what, staff, decided_at, statement, credential, client_data, authenticator_data, signature, leaves, place, path)
  SELECT '${to}', '${what}', ${change}, d.decided_at, d.statement, d.credential, d.client_data, d.authenticator_data, d.signature, d.leaves, d.place, d.path
    FROM hall.decision d WHERE d.order_id = '${from}' ORDER BY d.id DESC LIMIT 1`)

/** Puts an order back to where the signer may be asked for it again, as the database's owner could. */
const forcedAgain = (id) => {
  sql(`UPDATE hall.orders SET state = 'accepted' WHERE id = '${id}'`)
  producer(id)
  return forced(id)
}

test('the owner of the database has nothing issued that two people have not signed', async () => {
  const a = await accepted(), other = await accepted(), id = a.order.id
  assert.match(await forcedAgain(id), /produce: there is no decision/)
  copy('produce', other.order.id, id) // a reviewer's approval of another order, called a production
  assert.match(await forcedAgain(id), /what was signed is not what would be issued/)
  sql(`DELETE FROM hall.decision WHERE order_id = '${id}' AND what = 'produce'`)
  sql(`UPDATE hall.decision SET statement = statement || ' ' WHERE order_id = '${id}'`)
  assert.match(await forcedAgain(id), /approve: what was signed is not what would be issued/)
  sql(`UPDATE hall.decision SET statement = left(statement, -1), credential = sha256('another') WHERE order_id = '${id}'`)
  assert.match(await forcedAgain(id), /approve: the key is not in the roster for this person/)
  sql(`DELETE FROM hall.decision WHERE order_id = '${id}'`)
  assert.match(await forcedAgain(id), /approve: there is no decision/)
  assert.equal(certificates(id), '0')
})

const refusals = async (staff, id) => (await staff.read(id)).order.refusals

test('an order that is changed after the approval is reviewed again; the page says why', async () => {
  const a = await accepted(), id = a.order.id
  sql(`UPDATE hall.orders SET years = 3 WHERE id = '${id}'`)
  const from = logSize()
  await produce.act(id, 'produce') // the producer signs what is there: three years
  assert.match(await eventually('the signer’s word', () => logged(id, from)[0]), /approve: what was signed is not what would be issued/)
  assert.equal((await a.refresh()).state, 'in_review')
  assert.ok(a.order.history.some((h) => h.text === '需要重新审核'))
  const [{ what, reason }] = await refusals(review, id)
  assert.equal(what, 'approve')
  assert.match(reason, /签署之后.*有改动/)
  sql(`UPDATE hall.orders SET years = 1 WHERE id = '${id}'`)
  await review2.act(id, 'approve')
  assert.deepEqual(await refusals(review, id), [])
  await a.until('accepted')
  await produce.act(id, 'produce')
  await a.until('produced')
  assert.equal(certificates(id), '1')
})

/** A decision about the order at that time. */
const kept = (id, time) => sql(`INSERT INTO hall.decision (order_id, what, staff, decided_at, statement, credential, client_data, authenticator_data, signature, leaves, place, path)
  SELECT '${id}', 'produce', staff, '${time}', '', '', '', '', '', 1, 0, '' FROM hall.decision WHERE order_id = '${id}' LIMIT 1`)

test('a decision is used once; the page says so, and does not wait for it', async () => {
  const a = await accepted(), id = a.order.id
  const offer = await offered(produce, id, 'produce'), decision = await asserted(offer)
  kept(id, offer.time)
  await assert.rejects(post(produce, id, 'produce', { decision }), (e) => e.status === 409 && /已经用过/.test(e.body.detail))
  sql(`DELETE FROM hall.decision WHERE order_id = '${id}' AND what = 'produce'`)
  await post(produce, id, 'produce', { decision })
  await a.until('produced')
  assert.equal(certificates(id), '1')
  sql(`UPDATE hall.orders SET state = 'accepted' WHERE id = '${id}'`)
  sql(`UPDATE hall.certificate SET state = 'revoked' WHERE order_id = '${id}'`)
  assert.match(await forced(id), /this decision was used before/)
  assert.equal(certificates(id), '0', 'no second certificate')
  const { order } = await produce.read(id)
  assert.deepEqual([order.producing, order.refusals.map((r) => r.what)], [false, ['produce']])
})

test('two statements about an order are never of the same second', async () => {
  const a = await accepted(), id = a.order.id, times = []
  for (let i = 0; i < 3; i++) {
    const offer = await offered(produce, id, 'produce')
    times.push(offer.time)
    kept(id, offer.time)
  }
  assert.deepEqual([...new Set(times)].sort(), times)
})

test('the roster changes by two officers, and by nobody else', async () => {
  const a = await accepted(), id = a.order.id
  const mayLogIn = (await produce.call('POST', '/desk/api/login/challenge', { json: { name: 'produce' } })).credentials.length
  for (const officers of [['officer1', 'officer1'], ['officer1', 'review'], ['review', 'review2']]) {
    const forged = await nextRoster(['produce'], officers)
    assert.throws(() => roster('put', ...forged.files), (e) => /nobody who may|twice by one/.test(e.stderr))
    sql(`INSERT INTO hall.roster (version, text, signatures) VALUES (${forged.version}, ${quote(forged.text)}, ${quote(forged.signatures)})`) // past the command
    try {
      producer(id)
      assert.match(await forced(id), /roster: signed/)
      assert.equal((await produce.call('POST', '/desk/api/login/challenge', { json: { name: 'produce' } })).credentials.length, mayLogIn, 'nor does anybody log in by it')
    } finally {
      sql(`DELETE FROM hall.roster WHERE version = ${forged.version}`)
    }
  }
  const waiting = `hall.outbox WHERE kind = 'issue' AND subject = '${id}' AND state = 'due'`
  await eventually('the signer has done with what it was forced to do', () => {
    sql(`UPDATE hall.outbox SET due_at = now() WHERE key IN (SELECT key FROM ${waiting}); NOTIFY outbox`)
    return sql(`SELECT count(*) FROM ${waiting}`) === '0'
  })
  const credentialsNow = async () => (await offered(produce, id, 'produce')).credentials.length
  const had = await credentialsNow(), { version, files } = await nextRoster(['produce'], ['officer2', 'officer1'])
  assert.throws(() => roster('put', files[0]), (e) => /two security officers/.test(e.stderr))
  roster('put', ...files)
  assert.match(roster('show'), new RegExp(`^version ${version}\n`))
  assert.equal(await credentialsNow(), had + 1, 'the producer has another key now')
  const offer = await offered(produce, id, 'produce')
  await post(produce, id, 'produce', { decision: await asserted({ ...offer, credentials: offer.credentials.slice(-1) }) })
  await a.until('produced')
})

test('three persons put an emergency roster when the officers are not there, and everybody is told', async () => {
  const why = '两位安全员的密钥都已遗失', emergency = (...signers) => nextRoster([], signers, () => true, why)
  const refused = async (next, reason) => assert.throws(() => roster('put', ...next.files), (e) => reason.test(e.stderr), String(reason))
  await refused(await emergency('officer1', 'officer2'), /no list of 3/)
  await refused(await emergency('review', 'produce'), /no list of 3/)
  await refused(await emergency('review', 'produce', 'review'), /twice by one person/)
  await refused(await nextRoster([], ['review', 'produce', 'finance']), /no list of 2/)
  const next = await emergency('review', 'produce', 'finance'), from = logSize(), text = JSON.parse(next.text)
  assert.deepEqual([text.emergency, text.version], [why, next.version])
  assert.throws(() => roster('emergency', next.files[0].replace('roster.json', 'keys'), ''), /emergency without a reason/)
  try {
    const put = spawnSync(`${STATE}/bin/certhall-admin`, ['roster', 'put', ...next.files], { encoding: 'utf8', env: { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` } })
    const told = `EMERGENCY: three persons have put version ${next.version}, and no two officers: ${why}\n`
    assert.deepEqual([put.status, put.stdout], [0, told])
    assert.match(put.stderr, new RegExp(`"level":"warn".*roster ${next.version} is an emergency roster`))
    assert.ok(roster('show').includes(told))
    assert.match(execFileSync(fileURLToPath(new URL('../../certhall', import.meta.url)), ['status'], { encoding: 'utf8' }), new RegExp(`EMERGENCY: three persons have put version ${next.version}`))
    assert.equal(sql(`SELECT string_agg(s.name, ' ' ORDER BY s.name) FROM hall.audit a JOIN hall.staff s ON s.id = a.subject
      WHERE a.op = 'admin.roster' AND a.detail = jsonb_build_object('roster', ${next.version}, 'emergency', '${why}')`), 'finance produce review')
    const a = await accepted()
    await produce.act(a.order.id, 'produce')
    await a.until('produced')
    const heard = readFileSync(log).subarray(from).toString()
    assert.match(heard, new RegExp(`"level":"warn".*roster ${next.version} is an emergency roster`), 'the signer follows it, and says so')
  } finally {
    await giveKeys()
  }
  assert.ok(!roster('show').includes('EMERGENCY'), 'until two officers have put the next one')
})

test('one person who has both roles does not decide twice', async () => {
  const roles = (list) => sql(`UPDATE hall.staff SET roles = '${list}' WHERE name = 'produce'`)
  roles('{reviewer,producer}')
  try {
    await giveKeys()
    const a = await inReview(), id = a.order.id
    await produce.act(id, 'approve')
    await a.until('accepted')
    await assert.rejects(produce.act(id, 'produce'), (e) => e.status === 403, 'the database’s own word')
    const offer = await offered(produce, id, 'produce'), signed = await asserted(offer)
    const bytes = (text) => `'\\x${Buffer.from(text, 'base64url').toString('hex')}'`
    sql(`INSERT INTO hall.decision (order_id, what, staff, decided_at, statement, credential, client_data, authenticator_data, signature, leaves, place, path)
      SELECT '${id}', 'produce', s.id, '${offer.time}', ${quote(offer.statement)}, ${bytes(signed.credential)}, ${bytes(signed.client_data)}, ${bytes(signed.authenticator_data)}, ${bytes(signed.signature)}, 1, 0, ''
        FROM hall.staff s WHERE s.name = 'produce'`)
    sql(`DELETE FROM hall.review WHERE order_id = '${id}'`)
    producer(id)
    assert.match(await forced(id), /one person has decided twice/)
    assert.equal(certificates(id), '0')
  } finally {
    roles('{producer}')
    await giveKeys()
  }
})
