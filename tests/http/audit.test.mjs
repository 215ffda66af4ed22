// SPDX-License-Identifier: Apache-2.0
// certhall-admin audit verify reports nothing in an untouched database, and finds whatever its owner changes, removes or moves. The
// tampering is done in a copy of the database.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { after, before, describe, test } from 'node:test'
import { PG, STATE, goodForm, newApplicant, pg, program, quote, sql } from './lib.mjs'

const COPY = `certhall_audit_${process.pid}`
const folder = mkdtempSync(`${tmpdir()}/audit-`)
let order, rows

/** Runs the verifier on a database, with that many rows at a time: { status, wrong, lines }. */
function verify(database, ...page) {
  const conf = `${folder}/${database}.conf`
  writeFileSync(conf, readFileSync(`${STATE}/hall.conf`, 'utf8').replace(/^db = .*$/m, (l) => l.replace(/dbname=\S+/, `dbname=${database}`)))
  const { status, out } = program('admin', ['audit', 'verify', ...page.map(String)], conf)
  const lines = out.trim().split('\n').filter((line) => !/ a second$/.test(line)) // how far it was
  const [, checked, signed, wrong] = lines.at(-1).match(/^(\d+) rows checked, (\d+) in the signed log, (\d+) wrong$/) ?? assert.fail(out)
  return { status, checked: Number(checked), signed: Number(signed), wrong: Number(wrong), lines: lines.slice(0, -1) }
}

async function signed() {
  const done = `SELECT (SELECT count(*) FROM hall.log_head) > 1 AND NOT EXISTS (SELECT FROM hall.audit WHERE subject = ${quote(order.id)}
                AND id NOT IN (SELECT audit_id FROM hall.log_leaf))`
  for (let n = 0; n < 150; n++) {
    if (sql(done) === 't') return
    await new Promise((r) => setTimeout(r, 100))
  }
  throw new Error('the runner signs nothing')
}

const TABLES = ['orders', 'audit', 'log_leaf', 'log_head']
/** The columns of a table, except those that PostgreSQL generates. */
const columns = (table) => sql(`SELECT string_agg(quote_ident(attname), ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'hall.${table}'::regclass AND attnum > 0
  AND NOT attisdropped AND attgenerated = ''`, COPY)
/** Restores the copy, runs the SQL without triggers and foreign keys, and verifies the result. */
function tamper(statements) {
  const restore = TABLES.map((t) => `DELETE FROM hall.${t}; INSERT INTO hall.${t} (${columns(t)}) OVERRIDING SYSTEM VALUE SELECT ${columns(t)} FROM saved.${t};`)
  sql(`SET session_replication_role = replica; ${restore.join('')} ${statements}`, COPY)
  return verify(COPY)
}
function found(statements, ...complaints) {
  const res = tamper(statements)
  assert.equal(res.status, 1)
  assert.ok(res.wrong > 0, res.lines.join('\n'))
  for (const c of complaints) assert.ok(res.lines.some((l) => c.test(l)), `${c} in:\n${res.lines.join('\n')}`)
  return res
}

before(async () => {
  // An order with a trail of some length, in the signed log.
  const v = await newApplicant()
  order = await v.draft()
  for (const unit_address of ['测试路 1 号', '测试路 2 号']) order = (await v.save(order, { ...goodForm(), unit_address })).json
  await v.api('POST', `/orders/${order.id}/cancel`, { json: { version: order.version } })
  await signed()
  rows = Number(sql(`SELECT count(*) FROM hall.audit WHERE subject = ${quote(order.id)}`))
  assert.ok(rows >= 4)
  sql(`CREATE DATABASE ${COPY}`, 'postgres')
  const dump = pg('pg_dump', ['-d', 'certhall', '--exclude-table-data=hall.region'])
  pg('psql', ['-Xq', '-v', 'ON_ERROR_STOP=1', '-d', COPY], { input: dump, stdio: ['pipe', 'ignore', 'pipe'] })
  sql(`CREATE SCHEMA saved; ${TABLES.map((t) => `CREATE TABLE saved.${t} AS TABLE hall.${t};`).join('')}`, COPY)
})

after(() => {
  sql(`DROP DATABASE IF EXISTS ${COPY}`, 'postgres')
  rmSync(folder, { recursive: true })
})

test('the running hall: nothing wrong', () => {
  const res = verify('certhall')
  assert.deepEqual(res.lines, [])
  assert.equal(res.status, 0)
  assert.ok(res.checked >= rows && res.signed > 0)
})

test('an untouched copy: every row is checked, nothing wrong', () => {
  const res = tamper('SELECT 1')
  assert.deepEqual({ status: res.status, wrong: res.wrong, lines: res.lines }, { status: 0, wrong: 0, lines: [] })
  assert.equal(res.checked, Number(sql('SELECT count(*) FROM hall.audit', COPY)))
  assert.equal(res.signed, Number(sql('SELECT max(size) FROM hall.log_head', COPY)))
})

const mine = () => `subject = ${quote(order.id)}`
const at = (seq, what) => new RegExp(`^${order.id} row ${seq}: ${what}`)

describe('a changed row', () => {
  for (const [column, value] of [['detail', `'{"state": ["draft", "done"]}'`], ['actor', `'staff:nobody'`], ['op', `'x'`], ['request', `'x'`],
    ['kind', `'staff'`], ['at', `at + interval '1 microsecond'`], ['head', `public.digest('x', 'sm3')`]])
    test(column, () => found(`UPDATE hall.audit SET ${column} = ${value} WHERE ${mine()} AND seq = 2`, at(2, 'changed')))
  test('the last one', () => found(`UPDATE hall.audit SET actor = 'x' WHERE ${mine()} AND seq = ${rows}`, at(rows, 'changed')))
})

describe('a removed row', () => {
  test('from the middle', () => found(`DELETE FROM hall.audit WHERE ${mine()} AND seq = 2`, at(3, 'rows before it are missing'), /signed head/))
  test('the first', () => found(`DELETE FROM hall.audit WHERE ${mine()} AND seq = 1`, at(2, 'rows before it are missing')))
  test('the last', () => found(`DELETE FROM hall.audit WHERE ${mine()} AND seq = ${rows}`, at(rows - 1, 'the trail ends before')))
  test('all of a subject', () => found(`DELETE FROM hall.audit WHERE ${mine()}`, at(0, 'the subject has no trail')))
  test('all, with the subject', () =>
    found(`DELETE FROM hall.audit WHERE ${mine()}; DELETE FROM hall.orders WHERE id = ${quote(order.id)}`, /signed head/))
  test('the subject alone', () => found(`DELETE FROM hall.orders WHERE id = ${quote(order.id)}`, at(rows, 'the subject is gone')))
})

describe('a moved row', () => {
  test('two rows of a subject exchanged', () =>
    found(`UPDATE hall.audit SET seq = 100 + seq WHERE ${mine()} AND seq IN (2, 3);
           UPDATE hall.audit SET seq = 105 - seq WHERE ${mine()} AND seq > 100`, at(2, 'changed, or not in its place'), at(3, 'changed, or not in its place')))
  test('a row given to another subject', () =>
    found(`UPDATE hall.audit SET subject = (SELECT id FROM hall.project LIMIT 1), seq = 999 WHERE ${mine()} AND seq = ${rows}`,
      at(rows - 1, 'the trail ends before')))
  test('a row added', () =>
    found(`INSERT INTO hall.audit (kind, subject, seq, at, actor, op, request, detail, head)
           SELECT kind, subject, seq + 1, at, actor, op, request, detail, head FROM hall.audit WHERE ${mine()} AND seq = ${rows}`, at(rows + 1, 'changed')))
})

test("a subject's own head or number changed", () => {
  found(`UPDATE hall.orders SET audit_head = public.digest('x', 'sm3') WHERE id = ${quote(order.id)}`, at(rows, 'the trail ends before'))
  found(`UPDATE hall.orders SET audit_seq = audit_seq + 1 WHERE id = ${quote(order.id)}`, at(rows, 'the trail ends before'))
})

/** Changes row 2 and computes all heads after it anew, also that of the subject, which needs no key. */
const forgeChain = () => `
  UPDATE hall.audit SET actor = 'staff:nobody' WHERE ${mine()} AND seq = 2;
  DO $$ DECLARE r record; previous bytea := ''; BEGIN
    FOR r IN SELECT * FROM hall.audit WHERE ${mine()} ORDER BY seq LOOP
      previous := hall.audit_head(previous, hall.audit_text(r.kind, r.subject, r.seq, r.at, r.actor, r.op, r.request, r.detail));
      UPDATE hall.audit SET head = previous WHERE id = r.id;
    END LOOP;
    UPDATE hall.orders SET audit_head = previous WHERE ${mine().replace('subject', 'id')};
  END $$;`
const forgeLeaves = () => `UPDATE hall.log_leaf l SET hash = public.digest('\\x00'::bytea || a.head, 'sm3') FROM hall.audit a WHERE a.id = l.audit_id;`

const sm3 = (...parts) => createHash('sm3').update(Buffer.concat(parts)).digest()
/** The root over leaf hashes by RFC 9162, in a second implementation. */
function root(leaves) {
  if (leaves.length === 1) return leaves[0]
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return sm3(Buffer.from([1]), root(leaves.slice(0, k)), root(leaves.slice(k)))
}
const leavesOf = (db) => sql("SELECT encode(hash, 'hex') FROM hall.log_leaf ORDER BY leaf", db).split('\n').map((h) => Buffer.from(h, 'hex'))

describe('the signed log', () => {
  test('its root is the Merkle root of RFC 9162 with SM3', () => {
    tamper('SELECT 1')
    const leaves = leavesOf(COPY)
    const [size, hash] = sql("SELECT size || ' ' || encode(root, 'hex') FROM hall.log_head ORDER BY size DESC LIMIT 1", COPY).split(' ')
    assert.equal(leaves.length, Number(size))
    assert.equal(root(leaves).toString('hex'), hash)
    const head = Buffer.from(sql('SELECT encode(head, \'hex\') FROM hall.audit a JOIN hall.log_leaf l ON l.audit_id = a.id WHERE leaf = 0', COPY), 'hex')
    assert.deepEqual(leaves[0], sm3(Buffer.from([0]), head))
  })

  test('every older head is a root as well: the log only grows', () => {
    tamper('SELECT 1')
    const leaves = leavesOf(COPY)
    for (const line of sql("SELECT size || ' ' || encode(root, 'hex') FROM hall.log_head ORDER BY size DESC LIMIT 20", COPY).split('\n')) {
      const [size, hash] = line.split(' ')
      assert.equal(root(leaves.slice(0, Number(size))).toString('hex'), hash, `size ${size}`)
    }
  })

  test('finds a chain that was computed anew to its end', () => {
    const res = found(forgeChain(), /^log leaf \d+: not the hash of its row$/, /signed head/)
    assert.equal(res.lines.filter((l) => l.startsWith(order.id)).length, 0, 'the chain itself says nothing')
  })

  test('finds it with the leaves computed anew', () => found(forgeChain() + forgeLeaves(), /signed head/))

  test('finds it with the root computed anew: the signature does not fit', () => {
    tamper(forgeChain() + forgeLeaves())
    const hash = root(leavesOf(COPY)).toString('hex')
    sql(`UPDATE hall.log_head SET root = '\\x${hash}' WHERE size = (SELECT max(size) FROM hall.log_head)`, COPY)
    const res = verify(COPY)
    const newest = sql('SELECT max(size) FROM hall.log_head', COPY)
    assert.ok(res.lines.includes(`log: the signed head of size ${newest} does not fit the rows`), res.lines.join('\n'))
    assert.ok(res.lines.every((l) => /^log: the signed head of size/.test(l)), 'nothing else: chains and leaves were computed anew')
  })

  for (const [what, statement] of [
    ["a leaf's hash", `UPDATE hall.log_leaf SET hash = public.digest('x', 'sm3') WHERE leaf = 0`],
    ['two leaves exchanged', `UPDATE hall.log_leaf SET leaf = 1000000 WHERE leaf = 0; UPDATE hall.log_leaf SET leaf = 0 WHERE leaf = 1; UPDATE hall.log_leaf SET leaf = 1 WHERE leaf = 1000000`],
    ['a leaf removed', `DELETE FROM hall.log_leaf WHERE leaf = 0`],
    ['the last leaf removed', `DELETE FROM hall.log_leaf WHERE leaf = (SELECT max(leaf) FROM hall.log_leaf)`],
    ['the root', `UPDATE hall.log_head SET root = public.digest('x', 'sm3')`],
    ['the size', `UPDATE hall.log_head SET size = size + 1 WHERE size = (SELECT max(size) FROM hall.log_head)`],
    ['the signature', `UPDATE hall.log_head SET signature = set_byte(signature, length(signature) - 1, get_byte(signature, length(signature) - 1) # 1)`],
    ["the signature of an older head", `UPDATE hall.log_head SET signature = (SELECT signature FROM hall.log_head ORDER BY size LIMIT 1) WHERE size = (SELECT max(size) FROM hall.log_head)`],
    ['the root of an older head', `UPDATE hall.log_head SET root = public.digest('x', 'sm3') WHERE size = (SELECT min(size) FROM hall.log_head)`],
    ['the signature of the oldest head', `UPDATE hall.log_head SET signature = (SELECT signature FROM hall.log_head ORDER BY size DESC LIMIT 1) WHERE size = (SELECT min(size) FROM hall.log_head)`],
    ['no signature', `UPDATE hall.log_head SET signature = ''`],
  ])
    test(`finds ${what}`, () => found(statement, /^log(:| leaf)/))

  test('no false alarm when the runner signs while the verifier reads', async () => {
    // The newest batch is taken off, and a transaction that the verifier waits for puts it back.
    tamper(`CREATE TABLE public.batch AS SELECT * FROM hall.log_leaf WHERE leaf >= (SELECT size FROM hall.log_head ORDER BY size DESC OFFSET 1 LIMIT 1);
            CREATE TABLE public.top AS SELECT * FROM hall.log_head ORDER BY size DESC LIMIT 1;
            DELETE FROM hall.log_leaf WHERE leaf IN (SELECT leaf FROM public.batch); DELETE FROM hall.log_head WHERE size IN (SELECT size FROM public.top)`)
    assert.equal(verify(COPY).wrong, 0)
    for (const locked of ['hall.log_leaf', 'hall.log_head']) {
      sql(`DELETE FROM hall.log_leaf WHERE leaf IN (SELECT leaf FROM public.batch); DELETE FROM hall.log_head WHERE size IN (SELECT size FROM public.top)`, COPY)
      const out = await signDuringVerify(locked)
      assert.match(out, / 0 wrong\n$/, `waiting for ${locked}: ${out}`)
    }
  })
})

describe('page by page', () => {
  const count = (query) => Number(sql(`SELECT count(*) ${query}`, COPY))
  /** The place of a row of the order among all rows that are read. */
  const place = (seq) => count(`FROM hall.audit WHERE (subject, seq) <= (${quote(order.id)}, ${seq})`)
  const leafOf = (seq) => Number(sql(`SELECT leaf FROM hall.log_leaf WHERE audit_id = (SELECT id FROM hall.audit WHERE ${mine()} AND seq = ${seq})`, COPY))
  const same = (one, other, size) => assert.deepEqual({ ...one }, { ...other }, `${size} at a time`)

  test('nothing wrong, however many at a time', () => {
    const whole = tamper('SELECT 1')
    for (const size of [Math.ceil(whole.checked / 100), Math.ceil(whole.checked / 7), whole.checked]) same(verify(COPY, size), whole, size)
    assert.equal(whole.wrong, 0)
  })
  for (const [what, statement] of [
    ['changed', (seq) => `UPDATE hall.audit SET actor = 'x' WHERE ${mine()} AND seq = ${seq}`],
    ['removed', (seq) => `DELETE FROM hall.audit WHERE ${mine()} AND seq = ${seq}`],
    ['put in the place of another', (seq) => `UPDATE hall.audit SET seq = ${seq} WHERE ${mine()} AND seq = ${seq + 1}`],
    ['that are all away', () => `DELETE FROM hall.audit WHERE ${mine()}`],
    ['without a subject', () => `DELETE FROM hall.orders WHERE id = ${quote(order.id)}`],
  ])
    test(`rows ${what}, on either side of a page's end`, () => {
      const whole = found(statement(2))
      for (const size of [place(2) - 1, place(2)].filter((n) => n > 0)) same(verify(COPY, size), whole, size)
    })
  test('a leaf forged, on either side of one', () => {
    const leaf = leafOf(2)
    const whole = found(`UPDATE hall.log_leaf SET hash = public.digest('x', 'sm3') WHERE leaf = ${leaf}`, new RegExp(`^log leaf ${leaf}: not the hash`))
    for (const size of [leaf, leaf + 1]) same(verify(COPY, size), whole, size)
  })
  test('a leaf and its row removed', () => {
    const leaf = leafOf(2)
    const whole = found(`DELETE FROM hall.log_leaf WHERE leaf = ${leaf}; DELETE FROM hall.audit WHERE ${mine()} AND seq = 2`, /signed head of size \d+ fits nowhere/)
    for (const size of [leaf, leaf + 1]) same(verify(COPY, size), whole, size)
  })
  test('no pages of nothing, of less, of too much', () => {
    for (const size of ['0', '-1', 'all', '100001']) assert.equal(program('admin', ['audit', 'verify', size], `${STATE}/hall.conf`).status, 2, size)
  })
  test('who waits is told how far it is', async () => {
    tamper('SELECT 1')
    const { out, err } = await verifyDuring('LOCK TABLE hall.log_leaf', 2500, Math.ceil(count('FROM hall.log_leaf') / 3))
    assert.match(out, / 0 wrong\n$/)
    assert.match(err, /^log: \d+ of \d+ rows, \d+ %, \d+ a second$/m)
  })
})

test('the tree that the runner goes on from is the newest head\'s', () => {
  const [size, peaks, hash] = sql("SELECT size || ' ' || encode(peaks, 'hex') || ' ' || encode(root, 'hex') FROM hall.log_kept()").split(' ')
  const parts = Buffer.from(peaks, 'hex')
  const subtrees = Array.from({ length: parts.length / 32 }, (_, n) => parts.subarray(32 * n, 32 * n + 32))
  assert.equal(subtrees.length, Number(size).toString(2).replaceAll('0', '').length)
  assert.equal(subtrees.reduce((right, left) => sm3(Buffer.from([1]), left, right)).toString('hex'), hash)
})

describe('with months that were taken away', () => {
  // The first two rows of the order are removed as hall.month_detach does it.
  const gone = () => `DELETE FROM hall.audit_begins; DELETE FROM hall.month_gone;
    INSERT INTO hall.audit_begins SELECT subject, seq, head FROM hall.audit WHERE ${mine()} AND seq = 2;
    INSERT INTO hall.month_gone (tbl, month, n) VALUES ('audit', (now() + interval '1 month')::date, 2);
    DELETE FROM hall.audit WHERE ${mine()} AND seq <= 2;`
  after(() => sql('DELETE FROM hall.audit_begins; DELETE FROM hall.month_gone', COPY))

  test('what is here proves itself', () => assert.deepEqual(tamper(gone()).lines, []))
  test('finds a changed row', () => found(`${gone()} UPDATE hall.audit SET actor = 'x' WHERE ${mine()} AND seq = 3`, at(3, 'changed')))
  test('finds another beginning', () => found(`${gone()} UPDATE hall.audit_begins SET head = public.digest('x', 'sm3')`, at(3, 'changed, or not in its place')))
  test('finds a row missing behind it', () => found(`${gone()} DELETE FROM hall.audit WHERE ${mine()} AND seq = 3`, at(4, 'rows before it are missing')))
  test('finds the leaf of a row that is away changed', () =>
    found(`${gone()} UPDATE hall.log_leaf SET hash = public.digest('x', 'sm3') WHERE audit_id = (SELECT id FROM saved.audit WHERE ${mine()} AND seq = 1)`, /signed head/))
  test('finds rows that are away without having been taken away', () =>
    found(`${gone()} DELETE FROM hall.month_gone`, /signed head/))
})

const signDuringVerify = async (locked) =>
  (await verifyDuring(`LOCK TABLE ${locked}; INSERT INTO hall.log_leaf SELECT * FROM public.batch; INSERT INTO hall.log_head SELECT * FROM public.top`)).out

/** Verifies while a transaction runs for which the verifier waits, and which ends that many milliseconds later. */
async function verifyDuring(statements, wait = 0, ...page) {
  const holder = spawn('psql', ['-XAtq', '-d', COPY], { env: PG })
  holder.stdin.write(`BEGIN; ${statements}; SELECT 'held';\n`)
  await new Promise((r) => holder.stdout.once('data', r))
  const verifier = spawn(`${STATE}/bin/certhall-admin`, ['audit', 'verify', ...page.map(String)], { env: { ...process.env, CERTHALL_CONF: `${folder}/${COPY}.conf` } })
  let out = '', err = ''
  verifier.stdout.on('data', (d) => (out += d))
  verifier.stderr.on('data', (d) => (err += d))
  const ended = new Promise((r) => verifier.once('close', r))
  for (let n = 0; n < 100; n++) {
    if (sql(`SELECT count(*) FROM pg_stat_activity WHERE datname = '${COPY}' AND usename = 'certhall_admin' AND wait_event_type = 'Lock'`) !== '0') break
    await new Promise((r) => setTimeout(r, 30))
  }
  await new Promise((r) => setTimeout(r, wait))
  holder.stdin.end('COMMIT;\n')
  await Promise.all([ended, new Promise((r) => holder.once('close', r))])
  return { out, err }
}
