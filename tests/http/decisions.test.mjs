// SPDX-License-Identifier: Apache-2.0
// `certhall-admin decisions verify`: who decided what and when, and what it reports after the owner of the database has changed
// something.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { before } from 'node:test'
import { Staff, sql, submitted } from '../lib/hall.mjs'
import { changeStaff, publish } from '../lib/officers.mjs'
import { giveKeys } from '../lib/roster.mjs'
import { program, quote } from './lib.mjs'

let one, other
const staff = {}

/** An order with an approval, a production, and the acts of a revocation. */
async function revoked() {
  const { a } = await submitted('jieyang', 'natural')
  await a.pay()
  await staff.review.act(a.order.id, 'approve')
  await a.until('accepted')
  await staff.produce.act(a.order.id, 'produce')
  await a.until('produced')
  const { id, number } = a.order
  const certificate = sql(`SELECT id FROM hall.certificate WHERE order_id = '${id}' AND state = 'valid'`)
  await staff.review.signed(`/desk/api/registry/certificates/${certificate}/revoke`, { reason: 'cessation', note: '来电要求吊销，已回拨核实' })
  const asked = sql(`SELECT id FROM hall.revocation WHERE certificate = '${certificate}' AND state = 'asked'`)
  await staff.review2.signed(`/desk/api/registry/revocations/${asked}/confirm`)
  return { id, number }
}
before(async () => {
  for (const name of ['review', 'review2', 'produce']) staff[name] = await new Staff().login(name)
  one = await revoked()
  other = await revoked()
})

const verify = (...args) => program('admin', ['decisions', 'verify', ...args])
const linesAbout = ({ out }, what) => out.split('\n').filter((line) => line.includes(what))
const row = (table, order, what) => sql(`SELECT id FROM hall.${table} WHERE order_id = '${order.id}' AND what = '${what}'`)

/** Changes rows as their owner can, without their guards, and undoes it after `look`. */
function tampered(table, id, change, look) {
  const columns = sql(`SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = 'hall.${table}'::regclass AND attnum > 0 AND attname <> 'id' AND attgenerated = '' AND NOT attisdropped`)
  const was = sql(`SELECT to_jsonb(t) FROM hall.${table} t WHERE id = '${id}'`)
  const past = (statement) => sql(`ALTER TABLE hall.${table} DISABLE TRIGGER USER; ${statement}; ALTER TABLE hall.${table} ENABLE TRIGGER USER`)
  past(`UPDATE hall.${table} SET ${change} WHERE id = '${id}'`)
  try {
    look()
  } finally {
    past(`UPDATE hall.${table} t SET (${columns}) = (SELECT ${columns} FROM jsonb_populate_record(NULL::hall.${table}, ${quote(was)})) WHERE id = '${id}'`)
  }
}
/** The order's verification fails, and the line about the row says why; all others are right. */
const named = (id, why) => () => {
  const said = verify('--order', one.number)
  assert.equal(said.status, 1)
  const lines = linesAbout(said, id)
  assert.equal(lines.length, 1, said.out)
  assert.match(lines[0], why)
  assert.equal(linesAbout(said, 'WRONG').length, 1, said.out)
  assert.match(said.out, /, 0 erased, 1 wrong\n$/)
}

test('says who decided what about an order, and when', () => {
  const { status, out } = verify('--order', one.number)
  assert.equal(status, 0, out)
  assert.match(out, /^roster 1 [0-9a-f]{64} {2}\(key ceremony\) {2}\S+ {2}right$/m)
  const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+08:00'
  for (const [what, by] of [['decision \\d+ approve', 'review'], ['decision \\d+ produce', 'produce'], ['act \\S+ revoke', 'review'], ['act \\S+ confirm_revocation', 'review2']])
    assert.match(out, new RegExp(`^${what} of order ${one.number}(: \\S+)?  ${by}  ${time}  right$`, 'm'))
  assert.ok(!out.includes(other.number))
  assert.match(out, /\n\d+ checked, 0 erased, 0 wrong\n$/)
})

test('names a decision that somebody has changed', () => {
  const approve = row('decision', one, 'approve'), produce = row('decision', one, 'produce')
  const at = (id) => `decision ${id} `
  const foreign = (column) => `${column} = (SELECT ${column} FROM hall.decision WHERE order_id = '${other.id}' AND what = 'approve')`
  tampered('decision', approve, `statement = replace(statement, '1 年', '3 年')`, named(at(approve), /WRONG: .*challenge/))
  tampered('decision', approve, `staff = (SELECT id FROM hall.staff WHERE name = 'review2')`, named(at(approve), /WRONG: signed by another person/))
  tampered('decision', approve, `decided_at = decided_at - interval '1 day'`, named(at(approve), /WRONG: what was signed is another decision/))
  tampered('decision', produce, `at = '2020-01-01'`, named(at(produce), /WRONG: no roster was in force then/))
  tampered('decision', produce, `signature = sha256(signature)`, named(at(produce), /WRONG/))
  tampered('decision', produce, `credential = sha256(credential)`, named(at(produce), /WRONG: roster: signed by nobody who may/))
  tampered('decision', produce, `leaves = 2`, named(at(produce), /WRONG: roster: the statement is not on the tray/))
  tampered('decision', produce, `statement = NULL`, named(at(produce), /WRONG: the statement is missing/))
  tampered('decision', approve, ['statement', 'credential', 'client_data', 'authenticator_data', 'signature', 'decided_at'].map(foreign).join(', '),
    named(at(approve), /WRONG: what was signed is another decision/))
  assert.equal(verify('--order', one.number).status, 0, 'all is as it was')
})

test('names an act that somebody has changed', () => {
  const ask = row('act', one, 'revoke'), confirm = row('act', one, 'confirm_revocation')
  tampered('act', ask, `staff = (SELECT id FROM hall.staff WHERE name = 'review2')`, named(ask, /WRONG: signed by another person/))
  tampered('act', ask, `decided_at = decided_at + interval '1 second'`, named(ask, /WRONG: what was signed is another act/))
  tampered('act', confirm, `signature = sha256(signature)`, named(confirm, /WRONG/))
  tampered('act', confirm, `statement = NULL`, named(confirm, /WRONG: the statement is missing/))
  tampered('act', ask, `statement = (SELECT statement FROM hall.act WHERE id = '${confirm}')`, named(ask, /WRONG: the statement cannot be decrypted/))
  tampered('act', row('act', other, 'revoke'), `order_id = '${one.id}'`, named(row('act', other, 'revoke'), /WRONG: what was signed is another act/))
  assert.equal(verify('--order', one.number).status, 0, 'all is as it was')
})

test('misses what must have been signed and is not kept', () => {
  const produce = row('decision', one, 'produce'), act = row('act', other, 'revoke')
  tampered('decision', produce, `order_id = '${other.id}', decided_at = decided_at - interval '1 year'`, () => {
    const { status, out } = verify('--order', one.number)
    assert.equal(status, 1)
    assert.match(out, new RegExp(`^decision produce of order ${one.number}  .*WRONG: it is not kept$`, 'm'))
  })
  const kept = sql(`SELECT to_jsonb(a) FROM hall.act a WHERE id = '${act}'`)
  const past = (statement) => sql(`ALTER TABLE hall.act DISABLE TRIGGER USER; ${statement}; ALTER TABLE hall.act ENABLE TRIGGER USER`)
  past(`DELETE FROM hall.act WHERE id = '${act}'`)
  try {
    assert.match(verify().out, new RegExp(`^act ${act}  .*WRONG: it is not kept$`, 'm'))
  } finally {
    const columns = sql(`SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = 'hall.act'::regclass AND attnum > 0 AND attgenerated = ''`)
    past(`INSERT INTO hall.act (${columns}) SELECT ${columns} FROM jsonb_populate_record(NULL::hall.act, ${quote(kept)})`)
  }
  assert.equal(linesAbout(verify(), act).filter((line) => line.includes('WRONG')).length, 0)
})

test('sees that staff or a project were changed past the officers', () => {
  const name = `seen.${Date.now().toString(36)}`, slug = `seen-${Date.now().toString(36)}`, folder = mkdtempSync(join(tmpdir(), 'seen-'))
  const file = join(folder, 'project.json'), demo = JSON.parse(readFileSync(new URL('../../sql/demo/jieyang.json', import.meta.url), 'utf8'))
  writeFileSync(file, JSON.stringify({ ...demo, slug, project_id: Buffer.from(slug.padEnd(16)).toString('hex').slice(0, 32), name: slug, open: false }))
  publish(file)
  changeStaff(name, '新人', 'auditor')
  changeStaff(name, '新人', 'reviewer')
  changeStaff(name, '新人', 'reviewer')
  assert.equal(program('admin', ['staff', 'end', name]).status, 0)
  assert.equal(program('admin', ['staff', 'lock', name]).status, 0)
  assert.deepEqual([linesAbout(verify(), `staff ${name},`), linesAbout(verify(), `project ${slug},`)], [[], []])
  sql(`UPDATE hall.staff SET roles = '{finance}' WHERE name = '${name}'; UPDATE hall.project SET whole_days = 30 WHERE slug = '${slug}'`)
  const { status, out } = verify()
  assert.equal(status, 1)
  assert.match(out, new RegExp(`^staff ${name}, row \\d+ of its trail  .*WRONG: changed without a resolution$`, 'm'))
  assert.match(out, new RegExp(`^project ${slug}, row \\d+ of its trail  .*WRONG: changed without a resolution$`, 'm'))
})

test('what was erased with its order is no longer checked, and said so', () => {
  const approve = row('decision', one, 'approve')
  const erased = (at) => sql(`UPDATE hall.orders SET erased_at = ${at} WHERE id = '${one.id}'`)
  tampered('decision', approve, 'statement = NULL', () => {
    erased('now()')
    try {
      const { status, out } = verify('--order', one.number)
      assert.equal(status, 0, out)
      assert.match(out, new RegExp(`^decision ${approve} .*erased with its order$`, 'm'))
      assert.match(out, /, 1 erased, 0 wrong\n$/)
    } finally {
      erased('NULL')
    }
  })
})

test('names a resolution, and a roster, that somebody has changed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'verified-')), file = join(folder, 'project.json'), slug = `verified-${Date.now().toString(36)}`
  const demo = JSON.parse(readFileSync(new URL('../../sql/demo/jieyang.json', import.meta.url), 'utf8'))
  writeFileSync(file, JSON.stringify({ ...demo, slug, project_id: Buffer.from(slug.padEnd(16)).toString('hex').slice(0, 32), name: slug, open: false }))
  publish(file)
  const id = sql(`SELECT r.id FROM hall.resolution r JOIN hall.project p ON p.id = r.subject WHERE p.slug = '${slug}'`)
  const line = () => linesAbout(verify(), `resolution ${id}`).join('\n')
  assert.match(line(), new RegExp(`: 发布项目 网址：${slug}  officer1, officer2  \\S+  right$`))
  tampered('resolution', id, `statement = replace(statement, '是', '否')`, () => assert.match(line(), /WRONG/))
  tampered('resolution', id, `document = replace(document, '600', '1')`, () => assert.match(line(), /WRONG: what was signed is another resolution/))
  tampered('resolution', id, `subject = (SELECT id FROM hall.project WHERE slug = 'jieyang')`, () => assert.match(line(), /WRONG: what was signed is another resolution/))
  tampered('resolution', id, `signatures = jsonb_build_array(signatures::jsonb -> 0, signatures::jsonb -> 0)`, () => assert.match(line(), /WRONG: .*twice/))
  assert.match(line(), /right$/)

  await giveKeys() // so that there is one that officers have signed
  const version = sql('SELECT max(version) FROM hall.roster'), text = sql(`SELECT text FROM hall.roster WHERE version = ${version}`)
  sql(`UPDATE hall.roster SET text = text || ' ' WHERE version = ${version}`)
  try {
    const said = verify('--order', one.number)
    assert.equal(said.status, 1)
    assert.match(said.out, new RegExp(`^roster ${version} .*WRONG`, 'm'))
  } finally {
    sql(`UPDATE hall.roster SET text = ${quote(text)} WHERE version = ${version}`)
  }
})

test('an order that is not there is none to be verified', () => {
  const { status, out } = verify('--order', 'nothing')
  assert.equal(status, 1)
  assert.match(out, /there is no order nothing/)
  assert.equal(verify('--all').status, 2)
})
