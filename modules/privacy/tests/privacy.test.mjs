// SPDX-License-Identifier: Apache-2.0
// Consents given and withdrawn, the export of one's own data as one document, and erasure: afterwards the data is gone, while every
// chain and every signed head of the trail still verifies, and the certificate's state is told as before.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import { Applicant, Client, STATE, eventually, formFor, person, sql, submitted } from '../../../tests/lib/hall.mjs'
import { certified, desk } from '../../../tests/lib/reissue.mjs'

const refused = (answer, status, said) => assert.rejects(answer, (e) => (e.status === status && (!said || said.test(e.message))) || assert.fail(`${e}`))
/** Apart from that to the face, which modules/identity/tests/face.test.mjs is about. */
const consents = async (a) => (await a.api('GET', '/privacy/consents')).items.filter((c) => c.code !== 'face')
const withdraw = (a, id) => a.api('POST', `/privacy/consents/${id}/withdraw`)
const admin = (...args) => execFileSync(`${STATE}/bin/certhall-admin`, args, { encoding: 'utf8', env: { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` } })
const stateOf = (a) => sql(`SELECT concat_ws(' ', state, refund) FROM hall.orders WHERE id = '${a.order.id}'`)

let draft, paid, other
before(async () => {
  const p = await person()
  draft = new Applicant('jieyang')
  await draft.loginSms(p.mobile)
  await draft.draft()
  await draft.save(formFor('jieyang', p), false)
  paid = (await submitted('jieyang')).a
  await paid.pay()
  other = new Applicant('jieyang')
  await other.loginSms((await person()).mobile)
})

test('the ledger: which text, in which version, when and from where', async () => {
  const { items, texts } = await draft.api('GET', '/privacy/consents')
  assert.deepEqual(items.map((c) => c.code).sort(), ['privacy', 'sensitive', 'service'])
  for (const one of items) {
    assert.equal(one.version, one.code === 'service' ? '2026-11' : '2026-01')
    assert.match(one.at, /^\d{4}-\d\d-\d\dT/)
    assert.ok(one.address)
    assert.equal(one.withdrawn_at, null)
    assert.equal(one.order.id, draft.order.id)
    const text = texts.find((t) => t.code === one.code)
    assert.equal(text.sha256, one.sha256)
    assert.ok(text.text.length > 50)
  }
  assert.deepEqual(await consents(other), [])
  await refused(new Applicant('jieyang').api('GET', '/privacy/consents'), 401)
  await refused(withdraw(other, items[0].id), 404, /没有找到/)
  await refused(withdraw(draft, '0x1'), 404)
  await refused(withdraw(draft, '9'.repeat(18)), 404)
})

test('taken back before payment: the order is cancelled, the row stays and says so', async () => {
  const [one] = await consents(draft)
  assert.equal(one.follows, 'cancel')
  assert.deepEqual(await withdraw(draft, one.id), { followed: 'cancel' })
  assert.equal(stateOf(draft), 'cancelled')
  const after = (await consents(draft)).find((c) => c.id === one.id)
  assert.ok(after.withdrawn_at)
  assert.equal(after.follows, null)
  await refused(withdraw(draft, one.id), 409, /已经撤回/)
  assert.throws(() => sql(`UPDATE hall.consent SET withdrawn_at = NULL WHERE id = ${one.id}`))
  assert.throws(() => sql(`DELETE FROM hall.consent WHERE id = ${one.id}`))
  assert.equal(sql(`SELECT count(*) FROM hall.audit WHERE subject = '${draft.order.id}' AND detail ->> 'withdrawn' = 'true'`), '1')
})

test('taken back after payment: a refund is asked, and whatever becomes of it nothing is approved or made', async () => {
  const [one] = await consents(paid)
  assert.equal(one.follows, 'refund')
  await withdraw(paid, one.id)
  assert.equal(stateOf(paid), 'in_review asked')
  await (await desk('finance')).act(paid.order.id, 'refund/refuse', { why: '资料已审核' }).catch(() => {})
  await refused((await desk('review')).act(paid.order.id, 'approve'), 409)
})

test('one\'s own data: everything of the account and nothing of others, on record, five times a day', async () => {
  const res = await paid.fetch('POST', '/jieyang/api/privacy/export')
  assert.equal(res.status, 200)
  assert.match(res.headers.get('content-disposition'), /my-data\.json/)
  const mine = await res.json()
  assert.match(mine.phone, /^1\d{10}$/)
  assert.equal(mine.orders.length, 1)
  const [order] = mine.orders
  assert.equal(order.id, paid.order.id)
  assert.equal(order.form.unit_code, paid.order.form.unit_code)
  assert.equal(order.bank_account.number, paid.order.form.account_no)
  assert.deepEqual(order.consents.map((c) => c.code).sort(), ['face', 'privacy', 'sensitive', 'service'])
  assert.equal(order.payments[0].state, 'paid')
  assert.ok(order.papers.every((m) => m.code))
  assert.ok(!JSON.stringify(mine).includes(draft.order.form.agent_id))
  assert.equal((await (await other.fetch('POST', '/jieyang/api/privacy/export')).json()).orders.length, 0)
  for (let n = 0; n < 4; n++) assert.equal((await paid.fetch('POST', '/jieyang/api/privacy/export')).status, 200)
  assert.equal((await paid.fetch('POST', '/jieyang/api/privacy/export')).status, 429)
  assert.equal(sql(`SELECT count(*) FROM hall.audit a JOIN hall.orders o ON a.subject = o.account WHERE o.id = '${paid.order.id}' AND detail ->> 'read' = 'export'`), '5')
  assert.equal((await new Client().fetch('POST', '/jieyang/api/privacy/export')).status, 401)
})

test('what has been kept long enough is erased; chain, proofs and states hold; other orders are whole', async () => {
  const { a, p, serial } = await certified()
  const id = a.order.id
  const papers = sql(`SELECT string_agg(id::text, ' ') FROM hall.paper WHERE order_id = '${id}'`).split(' ')
  const fileOf = (paper) => `${STATE}/store/${paper.slice(-2)}/${paper}`
  for (const paper of papers) assert.ok(existsSync(fileOf(paper)), 'the paper lies in the store')
  assert.ok(!admin('retention', '--dry-run').includes(a.order.number), 'not due while its certificate is valid')
  sql(`UPDATE hall.orders SET created_at = now() - interval '7 years' WHERE id = '${id}'`)
  sql(`UPDATE hall.certificate SET not_before = now() - interval '7 years', not_after = now() - interval '5 years 1 day' WHERE order_id = '${id}'`)
  const due = admin('retention', '--dry-run')
  assert.match(due, new RegExp(`order\\t.*\\t${a.order.number}`))
  const whole = sql(`SELECT md5(o::text) FROM hall.orders o WHERE id = '${paid.order.id}'`)
  assert.match(admin('retention'), /erased/)
  assert.ok(!admin('retention', '--dry-run').includes(a.order.number))

  // No row of the database has any data of the person.
  assert.equal(sql(`SELECT concat_ws('|', form IS NULL, subject, unit_hash IS NULL, erased_at IS NOT NULL) FROM hall.orders WHERE id = '${id}'`), 't||t|t')
  for (const [table, column] of [['paper', 'file_key'], ['bank_account', 'encrypted']])
    assert.equal(sql(`SELECT count(*) FROM hall.${table} WHERE order_id = '${id}' AND length(${column}) > 0`), '0', table)
  const dump = execFileSync('pg_dump', ['--data-only', '--schema=hall', 'certhall'], { encoding: 'utf8', maxBuffer: 1 << 30 })
  const lines = dump.split('\n').filter((line) => line.includes(id))
  for (const word of [p.unit_name, p.name, p.id_no, p.account_no]) assert.ok(!lines.some((line) => line.includes(word)), word)
  await eventually('the files gone', () => papers.every((paper) => !existsSync(fileOf(paper))))

  // The rest can still be proved.
  await eventually('the log to hold the last rows', () => sql(`SELECT count(*) FROM hall.audit a WHERE subject = '${id}' AND NOT EXISTS
    (SELECT FROM hall.log_leaf l WHERE l.audit_id = a.id)`) === '0')
  assert.match(admin('audit', 'verify'), / 0 wrong/)
  assert.equal(sql(`SELECT count(*) FROM hall.audit WHERE subject = '${id}' AND detail ->> 'erased' = 'order'`), '1')
  const { certificates: [face] } = await (await new Client().fetch('GET', `/ocsp/api/status?serial=${serial}`)).json()
  assert.equal(face.state, 'expired')
  const seen = await a.refresh()
  assert.deepEqual([seen.form, seen.subject, seen.papers.length > 0], [{}, '', true])
  assert.equal(sql(`SELECT md5(o::text) FROM hall.orders o WHERE id = '${paid.order.id}'`), whole, 'another order as it was')
  const { form } = await (await desk('review')).read(paid.order.id).then(() => paid.refresh())
  assert.equal(form.unit_name, paid.order.form.unit_name)
  assert.ok(readFileSync(fileOf(sql(`SELECT id FROM hall.paper WHERE order_id = '${paid.order.id}' LIMIT 1`))).length > 0)
})
