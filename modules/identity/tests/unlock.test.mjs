// SPDX-License-Identifier: Apache-2.0
// A token that is locked: its PUK is made with the PIN, set by the producer, and released once to the person to whom the PIN went, or who has
// taken that one's place on file, and who has authenticated anew; with it the token takes a new PIN. SoftHSM stands in for the token, by PKCS#11.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { before } from 'node:test'
import { Applicant, Phone, Staff, eventually, inbox, messages, person, sql, turn } from '../../../tests/lib/hall.mjs'
import { tokenSecrets } from '../../../tests/lib/box.mjs'
import { Changer } from '../../../tests/lib/change.mjs'
import { certified } from '../../../tests/lib/reissue.mjs'
import { accepted, postProject } from '../../../tests/lib/post.mjs'

const MODULE = '/usr/lib/softhsm/libsofthsm2.so'

let produce
before(async () => {
  produce = await new Staff().login('produce')
})

/** A token as a producer sets it up: SoftHSM with a user PIN and, as the PUK, the code of its security officer. */
class Token {
  constructor(puk, pin) {
    this.place = mkdtempSync(join(tmpdir(), 'token-'))
    mkdirSync(join(this.place, 'tokens'))
    writeFileSync(join(this.place, 'softhsm2.conf'), `directories.tokendir = ${join(this.place, 'tokens')}\n`)
    this.run('softhsm2-util', '--init-token', '--free', '--label', 'medium', '--so-pin', puk, '--pin', pin)
  }

  run(program, ...args) {
    execFileSync(program, args, { env: { ...process.env, SOFTHSM2_CONF: join(this.place, 'softhsm2.conf') }, stdio: 'pipe' })
  }

  takes(pin) {
    try {
      this.run('pkcs11-tool', '--module', MODULE, '--token-label', 'medium', '--login', '--pin', pin, '--list-objects')
      return true
    } catch {
      return false
    }
  }

  /** What the holder does with the PUK in the program of the token. */
  unlock(puk, pin) {
    this.run('pkcs11-tool', '--module', MODULE, '--token-label', 'medium', '--login', '--login-type', 'so', '--so-pin', puk, '--init-pin', '--new-pin', pin)
  }
}

/** A certificate on a token that has left the house, with the PUK that its producer has seen. */
async function atHome(type = 'institution', who) {
  const made = await certified('jieyang', type, who)
  const { pin, puks } = await tokenSecrets(produce, made.a.order.id)
  await produce.act(made.a.order.id, 'ship', { courier: 'sf', tracking_no: 'SF1234567890' })
  await made.a.until('shipped')
  return { ...made, pin, puk: puks[0].puk, order: made.a.order.id }
}
const view = ({ a, order }) => a.api('GET', `/identity/orders/${order}/unlock`)
const ask = ({ a, order, serial }) => a.api('POST', `/identity/orders/${order}/unlock`, { json: { serial } })
const pukSent = async (phone) => (await messages(phone)).map((m) => m.text.match(/解锁码（PUK）为 ([0-9A-Z]+)/)?.[1]).filter(Boolean)
const row = (order) => sql(`SELECT state || ' ' || (encrypted IS NULL) || (key IS NULL) FROM hall.puk WHERE order_id = '${order}' ORDER BY generation DESC, item LIMIT 1`)
const refused = (made, why, status = 409) => assert.rejects(ask(made), (e) => e.status === status && why.test(e.message), String(why))
const trail = (id) => sql(`SELECT string_agg(detail::text, ' ' ORDER BY id) FROM hall.audit WHERE subject = '${id}'`)

/** The person authenticates on the phone. */
async function prove(made, { url }, verdict = 'pass') {
  const phone = new Phone('jieyang', url)
  await phone.cards(made.p)
  await eventually('the carrier', () => sql(`SELECT carrier IS NOT NULL FROM hall.identity WHERE certificate = '${made.id}' ORDER BY created_at DESC LIMIT 1`) === 't')
  await phone.liveness(verdict)
  await phone.until(verdict === 'pass' ? 'passed' : 'failed')
  return phone
}

test('from the producer to a token with a new PIN, each step on record and told', async () => {
  const made = await atHome()
  assert.equal(made.pin, null, 'the PIN of a key file is not the producer\'s')
  assert.match(made.puk, /^[2-9A-HJKMNP-Z]{12}$/)
  const token = new Token(made.puk, '48261590')
  assert.equal(token.takes('11111111'), false, 'the PIN is forgotten')
  assert.throws(() => token.unlock('WRONGWRONG22', '55667788'), 'nor does the token take another code')

  const [one] = (await view(made)).items
  assert.deepEqual([one.serial, one.can, one.why, one.asked], [made.serial, true, null, null])
  const link = await ask(made)
  const page = await new Phone('jieyang', link.url).api('GET', '')
  assert.deepEqual([page.purpose, page.person_label, page.unlocked], ['unlock', '经办人', null])
  assert.match(page.name, /^.\*/, 'masked')
  const told = await prove(made, link)
  assert.equal((await told.api('GET', '')).unlocked, 'puk_sent')
  const [puk] = await eventually('the message', async () => (await pukSent(made.p.mobile)).length > 0 && pukSent(made.p.mobile))
  assert.equal(puk, made.puk)
  token.unlock(puk, '55667788')
  assert.ok(token.takes('55667788'))
  assert.ok(!token.takes('48261590'), 'the old PIN is gone')

  await eventually('the release', () => row(made.order) === 'released falsefalse')
  assert.equal(sql(`SELECT string_agg(purpose || ' ' || recipient, ', ' ORDER BY id) FROM hall.pin_ledger WHERE order_id = '${made.order}' AND purpose IN ('puk', 'unlock')`),
    `puk produce, unlock ${made.p.mobile.slice(0, 3)}****${made.p.mobile.slice(-4)}`)
  assert.match(trail(made.id), /"unlock": "[-0-9a-f]{36}".*"passed": "agent"/)
  assert.match(trail(made.order), /"puk": 1, "item": 1, "state": "released"|"state": "released"/)
  assert.ok((await made.a.refresh()).history.some((h) => /介质解锁码以短信发送/.test(h.text)))
  // Once.
  await refused(made, /只发放一次/)
  assert.equal((await view(made)).items[0].can, false)
  assert.throws(() => sql(`BEGIN; SELECT hall.runner_puk_open((SELECT id FROM hall.puk WHERE order_id = '${made.order}'), 'x')`), /409|under way/)
  assert.deepEqual(await pukSent(made.p.mobile), [made.puk])
  const desk = await produce.call('GET', `/desk/api/produce/orders/${made.order}/pin`)
  assert.deepEqual(desk.puks.map((p) => p.state), ['released'])
  assert.doesNotMatch(JSON.stringify(desk), new RegExp(made.puk))
  // A week later nothing of it is left.
  sql(`UPDATE hall.puk SET ends_at = now() WHERE order_id = '${made.order}'`)
  await eventually('the end', () => { sql('SELECT hall.pins_destroy()'); return row(made.order) === 'destroyed truetrue' })
  await refused(made, /只发放一次/)
  const dump = execFileSync('pg_dump', ['-d', 'certhall', '--data-only'], { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] })
  assert.doesNotMatch(dump, new RegExp(`\\b(${puk}|${Buffer.from(puk).toString('hex')})\\b`), 'in clear in the database')
  assert.equal(execFileSync('bash', ['-c', 'grep -rlawF -- "$PUK" "$CERTHALL_STATE/log" || true'], { encoding: 'utf8', env: { ...process.env, PUK: puk } }), '')
})

test('after a change of the agent it is the new one who unlocks, revokes and reports a loss, and who is told', async () => {
  const made = await atHome(), former = made.p, next = await person(), c = new Changer(made.a)
  await c.draftFor(made.serial, 'agent')
  await c.handIn({ ...c.order.form, agent_name: next.name, agent_id: next.id_no, agent_mobile: next.mobile }, next)
  await (await new Staff().login('review')).act(c.order.id, 'approve')
  await c.until('done')
  const link = await ask(made)
  await assert.rejects(new Phone('jieyang', link.url).cards(former), { status: 422 }, 'the former agent')
  await prove({ ...made, p: next }, link)
  await eventually('the release', () => row(made.order).startsWith('released'))
  assert.deepEqual([await pukSent(next.mobile), await pukSent(former.mobile)], [[made.puk], []])

  const lost = await made.a.api('POST', '/identity/loss', { json: { serial: made.serial, name: next.name, role: 'agent', kind: 'hold' } })
  await new Phone('jieyang', lost.url).cards(next)
  const { url } = await made.a.api('POST', `/identity/orders/${made.order}/revoke`, { json: { serial: made.serial, role: 'agent', reason: 'cessation' } })
  await assert.rejects(new Phone('jieyang', url).cards(former), { status: 422 })
  const phone = new Phone('jieyang', url)
  await phone.cards(next)
  await phone.liveness('pass')
  await phone.until('passed')
  assert.equal(sql(`SELECT state FROM hall.certificate WHERE id = '${made.id}'`), 'revoked')
  await inbox(next.mobile, new RegExp(`${made.serial}.*吊销`))
  assert.ok(!(await messages(former.mobile)).some((m) => /吊销/.test(m.text)))
})

test('an SMS that never arrived leaves the PUK to be asked for again, by whoever authenticates again', async () => {
  const made = await atHome('natural')
  await prove(made, await ask(made))
  await eventually('the release', () => row(made.order).startsWith('released'))
  sql(`UPDATE hall.message SET delivery = 'undelivered', delivery_at = now() WHERE order_id = '${made.order}' AND event = 'puk'`)
  assert.equal(row(made.order), 'made falsefalse')
  await prove(made, await ask(made))
  await eventually('the second message', async () => (await pukSent(made.p.mobile)).length === 2)
  await eventually('the release', () => row(made.order).startsWith('released'))
  assert.deepEqual([...new Set(await pukSent(made.p.mobile))], [made.puk])
})

test('another person, a face that fails, and an old link release nothing', async () => {
  const made = await atHome()
  const first = await ask(made)
  await assert.rejects(new Phone('jieyang', first.url).cards(await person()), { status: 422 })
  const second = await ask(made)
  await assert.rejects(new Phone('jieyang', first.url).api('GET', ''), (e) => [401, 410].includes(e.status), 'a new link makes the last one void')
  await prove(made, second, 'fail')
  assert.equal((await view(made)).items[0].asked.state, 'failed')
  assert.deepEqual([row(made.order), await pukSent(made.p.mobile)], ['made falsefalse', []])
  // Five a day, whatever becomes of them.
  for (let n = 0; n < 3; n++) await ask(made)
  await refused(made, /次数已用完/, 429)
})

test('the carrier has the last word on the telephone', async () => {
  const made = await atHome()
  await turn('tencent.phone', 'mismatch').catch(() => null)
  const link = await ask(made)
  const phone = new Phone('jieyang', link.url)
  try {
    sql(`UPDATE hall.identity SET carrier = false, reason = '手机号与姓名不一致' WHERE certificate = '${made.id}' AND state = 'pending'`)
    await assert.rejects(phone.liveness('pass'), (e) => [409, 422].includes(e.status))
  } finally {
    await turn('tencent.phone', '').catch(() => null)
  }
  assert.equal(row(made.order), 'made falsefalse')
})

test('refused: a stranger, before it is shipped, a hold, the end, revocation, no PUK on file, another number', async () => {
  const early = await certified()
  const unshipped = { ...early, order: early.a.order.id }
  await refused(unshipped, /还没有寄出/)

  const made = await atHome()
  const stranger = new Applicant('jieyang')
  await stranger.loginSms((await person()).mobile)
  for (const call of [view, ask]) await assert.rejects(call({ ...made, a: stranger }), { status: 404 })
  await refused({ ...made, serial: unshipped.serial }, /没有这张证书/, 404)
  await assert.rejects(ask({ ...made, serial: 'x' }), { status: 422 })
  assert.equal((await made.a.fetch('POST', `/jieyang/api/identity/orders/${made.order}/unlock`, { json: { serial: made.serial }, headers: { 'x-csrf-token': 'no' } })).status, 403)

  const late = await ask(made)
  await made.a.api('POST', `/orders/${made.order}/loss`, { json: { serial: made.serial } })
  await refused(made, /已经冻结/)
  const phone = await prove(made, late)
  assert.equal((await phone.api('GET', '')).unlocked, 'puk_gone', 'what has happened meanwhile counts')
  assert.deepEqual([row(made.order), await pukSent(made.p.mobile)], ['made falsefalse', []])
  await made.a.api('POST', `/orders/${made.order}/loss/undo`, { json: { serial: made.serial } })

  sql(`UPDATE hall.certificate SET not_after = now() - interval '1 second' WHERE id = '${made.id}'`)
  await refused(made, /已经过期/)
  sql(`UPDATE hall.certificate SET not_after = now() + interval '1 year' WHERE id = '${made.id}'`)
  sql(`UPDATE hall.puk SET order_id = order_id, generation = generation, item = 9 WHERE order_id = '${made.order}'`)
  await refused(made, /没有留存解锁码/)
  sql(`UPDATE hall.puk SET item = 1 WHERE order_id = '${made.order}'`)
  sql(`BEGIN; SELECT hall.enter_system('test', 'test'); UPDATE hall.certificate SET state = 'revoked', reason = 'cessation' WHERE id = '${made.id}'; COMMIT`)
  await refused(made, /已经吊销/)
  assert.deepEqual((await view(made)).items, [])
  await eventually('the end with the certificate', () => { sql('SELECT hall.pins_destroy()'); return row(made.order) === 'destroyed truetrue' })
})

test('a key file has no token', async () => {
  const slug = postProject('unlock-file', { types: [{ cert_type: 'natural', name: '自然人证书', person: 'natural', medium: 'file',
    prices: [{ years: 1, parts: [{ part: 'certificate', name: '证书费', fen: 100 }] }] }] })
  const { a } = await accepted(slug)
  assert.equal(sql(`SELECT count(*) FROM hall.puk WHERE order_id = '${a.order.id}'`), '0')
  await produce.act(a.order.id, 'produce')
  await a.until('produced')
  const { serial } = a.order.certificate
  assert.deepEqual((await view({ a, order: a.order.id })).items, [])
  await refused({ a, order: a.order.id, serial }, /文件证书/)
})
