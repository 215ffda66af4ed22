// SPDX-License-Identifier: Apache-2.0
// ./certhall bench fill makes what the hall itself would have made: the chain verifies, the rows are consistent, and the hall reads
// them.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { Client, STATE, Staff, reportsDiffer, sql } from '../lib/hall.mjs'
import { planOf, statements } from '../lib/statements.mjs'

const ORDERS = 1500 // more than a page of an export (core/desk/pages.c) and less than takes long
const env = { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` }
/** Some of the ways, which are enough to see that a walk becomes a mould. */
const WALKED = '^((done|draft|unpaid|in_review|cancelled) szjsgws|done (seal|jieyang/natural|reissue)|(produced|refunded) jieyang)$'

const fill = (n) => execFileSync('./certhall', ['bench', 'fill', String(n)], { cwd: process.env.CERTHALL_TOP, encoding: 'utf8', env: { ...env, CERTHALL_WALK: WALKED } })
const verify = () => execFileSync(`${STATE}/bin/certhall-admin`, ['audit', 'verify'], { encoding: 'utf8', env })
const count = (query) => Number(sql(query))
const rows = (query) => JSON.parse(sql(`SELECT coalesce(json_agg(x), '[]') FROM (${query}) x`))

const indexes = () => sql(`SELECT string_agg(replace(pg_get_indexdef(i.indexrelid), ' ONLY ', ' '), E'\n' ORDER BY 1) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = 'hall'::regnamespace AND NOT c.relispartition AND i.indisvalid`).split('\n').sort()

let said, indexesBefore
before(() => {
  indexesBefore = indexes()
  said = fill(ORDERS)
})

const specimens = () => readFileSync(`${STATE}/bench/specimens`, 'utf8').match(/[0-9a-f-]{36}/g)
const filled = (more) => rows(`SELECT o.id, o.account, o.state, o.subject, p.slug FROM hall.orders o JOIN hall.project p ON p.id = o.project
    WHERE o.id NOT IN (${specimens().map((id) => `'${id}'`)}) AND ${more} ORDER BY o.created_at`)

test('as many as were asked for, and what an order takes', () => {
  assert.ok(filled('true').length >= ORDERS)
  assert.match(said, /\d+ foreign keys, 0 rows wrong/)
  assert.match(said, /\d+ bytes an order/)
})

test('all indexes are there again, also those of every month', () => {
  assert.deepEqual(indexes(), indexesBefore)
  assert.equal(count("SELECT count(*) FROM pg_namespace WHERE nspname = 'bench_fill'"), 0)
  assert.equal(count(`SELECT count(*) FROM pg_index i JOIN pg_inherits p ON p.inhparent = i.indrelid WHERE (SELECT count(*) FROM pg_inherits s
      JOIN pg_index x ON x.indexrelid = s.inhrelid WHERE s.inhparent = i.indexrelid AND x.indrelid = p.inhrelid) <> 1`), 0)
})

test('every chain and the signed log are right, all rows of copies among the leaves', () => {
  assert.match(verify(), / 0 wrong/)
  assert.equal(count(`SELECT count(*) FROM hall.audit a WHERE op = 'new.create' AND NOT EXISTS (SELECT FROM hall.log_leaf l WHERE l.audit_id = a.id)`), 0)
})

test('every CHECK and every foreign key holds', () => {
  const checks = rows(`SELECT conrelid::regclass || ' ' || conname AS name,
      format('SELECT count(*) FROM %s WHERE NOT (%s)', conrelid::regclass, pg_get_expr(conbin, conrelid)) AS query
      FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0 AND coninhcount = 0 AND connamespace = 'hall'::regnamespace`)
  const references = rows(`SELECT k.conrelid::regclass || ' ' || k.conname AS name,
      format('SELECT count(*) FROM %s t LEFT JOIN %s r ON (%s) WHERE num_nulls(%s) = 0 AND r.tableoid IS NULL', k.conrelid::regclass,
             k.confrelid::regclass, string_agg(format('r.%I = t.%I', p.attname, f.attname), ' AND '), string_agg(format('t.%I', f.attname), ',')) AS query
      FROM pg_constraint k, unnest(k.conkey, k.confkey) AS u(here, there), pg_attribute f, pg_attribute p
      WHERE k.contype = 'f' AND k.conparentid = 0 AND k.connamespace = 'hall'::regnamespace AND f.attrelid = k.conrelid AND f.attnum = u.here
        AND p.attrelid = k.confrelid AND p.attnum = u.there GROUP BY k.oid`)
  assert.ok(checks.length > 100 && references.length > 100)
  for (const all of [checks, references])
    assert.deepEqual(rows(all.map(({ name, query }) => `SELECT '${name}' AS name, (${query}) AS n`).join(' UNION ALL ')).filter(({ n }) => n > 0), [])
})

test('every month has its place, and what triggers would have written is there', () => {
  for (const table of rows('SELECT tbl FROM hall.monthly').map((m) => m.tbl)) assert.equal(count(`SELECT count(*) FROM hall.${table}_stray`), 0, table)
  assert.ok(count('SELECT count(DISTINCT tableoid) FROM hall.audit') > 20)
  assert.equal(count('SELECT count(*) FROM hall.outbox b WHERE NOT EXISTS (SELECT FROM hall.outbox_key k WHERE k.key = b.key)'), 0)
  assert.equal(count(`SELECT count(*) FROM (SELECT DISTINCT ON (subject) subject, seq, head FROM hall.audit ORDER BY subject, seq DESC) a
      FULL JOIN hall.audit_chain c USING (subject) WHERE (a.seq, a.head) IS DISTINCT FROM (c.seq, c.head)`), 0)
  assert.equal(count('SELECT count(*) FROM hall.log_leaf l JOIN hall.audit a ON a.id = l.audit_id WHERE l.at <> a.at'), 0)
})

test('an order stands where its other columns say', () => {
  assert.equal(count(`SELECT count(*) FROM hall.orders o JOIN hall.order_state s USING (state) JOIN hall.project p ON p.id = o.project WHERE
      o.queue IS DISTINCT FROM s.queue OR o.standing <> hall.standing_of(o)
      OR o.promised_at <> coalesce(CASE WHEN s.clock IS DISTINCT FROM 'ship' THEN o.due_at
          WHEN p.whole_days IS NULL OR NOT s.made THEN o.ship_due_at END, 'infinity')`), 0)
  assert.ok(count("SELECT count(*) FROM hall.orders WHERE promised_at = 'infinity'") > 0)
})

test('PINs and key files of orders that have ended are destroyed, as the trail says', () => {
  const ended = "hall.pin p JOIN hall.orders o ON o.id = p.order_id AND o.state = 'done'"
  assert.ok(count(`SELECT count(*) FROM ${ended} WHERE p.state = 'destroyed'`) > ORDERS / 2)
  assert.equal(count(`SELECT count(*) FROM ${ended} WHERE p.encrypted IS NOT NULL`), 0)
  assert.equal(count(`SELECT count(*) FROM ${ended} JOIN hall.certificate c ON c.order_id = o.id AND c.key_file IS NOT NULL`), 0)
  assert.equal(count(`SELECT count(*) FROM ${ended} WHERE p.state = 'destroyed' AND NOT EXISTS (SELECT FROM hall.audit a WHERE a.subject = o.id AND a.op = 'pin.destroy')`), 0)
})

test('what reports count is kept as orders, payments and refunds say', () => {
  assert.equal(reportsDiffer(), 0)
  assert.ok(count('SELECT sum(orders) FROM hall.report_count') > ORDERS / 2)
})

test('a revocation list is made without reading all certificates', () => {
  assert.ok(count("SELECT count(*) FROM hall.certificate WHERE state = 'revoked' AND not_after > now()") > 20)
  const scans = sql(`BEGIN; CREATE TEMP TABLE listed ON COMMIT DROP AS SELECT * FROM hall.signer_crl_entries('sm2');
      SELECT (SELECT count(*) > 20 FROM listed WHERE listed) || ' ' || seq_scan FROM pg_stat_xact_user_tables WHERE relid = 'hall.certificate'::regclass; COMMIT`)
  assert.match(scans, /^true 0$/m)
})

test('no statement reads all orders, were there a million of them', () => {
  // In the transaction that plans a statement, the statistics of what grows with orders say that there are so many rows.
  const grown = readFileSync(`${process.env.CERTHALL_TOP}/programs/bench/tables.tbl`, 'utf8').match(/(?<=^TABLE\(")\w+/gm)
  assert.ok(grown.length > 40)
  const million = `UPDATE pg_class c SET reltuples = c.reltuples * ${1e6 / ORDERS} WHERE c.reltuples > 0
      AND coalesce((SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = c.oid), c.oid) = ANY ('{${grown.map((table) => `hall.${table}`)}}'::regclass[])`
  /** Reads of a whole table or index, other than in order for the first rows of it, as a list is read. */
  const whole = (node, limited = false) => [
    ...(node['Relation Name'] && node['Total Cost'] > 1000 && !node['Index Cond'] && !node['Recheck Cond'] && (!limited || node['Node Type'] === 'Seq Scan')
      ? [`${node['Node Type']} of ${node['Relation Name']}`] : []),
    ...(node.Plans ?? []).flatMap((inner) => whole(inner, limited || node['Node Type'] === 'Limit')),
  ]
  assert.notDeepEqual(whole(planOf({ program: 'owner', types: '', text: 'SELECT * FROM hall.orders ORDER BY id' }, million)), [])
  for (const s of statements) assert.deepEqual(whole(planOf(s, million)), [], `certhall_${s.program}: ${s.file} ${s.name}`)
})

test('exports of several pages have every row, in the order of the list', async () => {
  const finance = await new Staff().login('finance')
  const audit = await new Staff().login('audit')
  const column = async (who, path, n) => (await (await who.fetch('GET', path)).text()).trim().split('\r\n').slice(1).map((line) => line.split(',')[n].replace(/^"\t?|"$/g, ''))
  const wanted = (query) => sql(query).split('\n')
  const invoices = wanted('SELECT o.number FROM hall.invoice i JOIN hall.orders o ON o.id = i.order_id ORDER BY i.asked_at DESC, i.id DESC')
  assert.ok(invoices.length > 1000)
  assert.deepEqual(await column(finance, '/desk/api/finance/invoices.csv', 0), invoices)
  const [middle] = wanted("SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY (asked_at AT TIME ZONE 'Asia/Shanghai')::date) FROM hall.invoice")
  assert.deepEqual(await column(finance, `/desk/api/finance/invoices.csv?to=${middle}`, 0),
    wanted(`SELECT o.number FROM hall.invoice i JOIN hall.orders o ON o.id = i.order_id WHERE (i.asked_at AT TIME ZONE 'Asia/Shanghai')::date <= '${middle}'
            ORDER BY i.asked_at DESC, i.id DESC`))
  const filings = 'SELECT s.filing_no FROM hall.seal_filing f JOIN hall.seal s ON s.id = f.seal'
  assert.deepEqual(await column(audit, '/desk/api/registry/seals/filing.csv', 0), wanted(`${filings} ORDER BY f.id`))
  assert.deepEqual(await column(audit, `/desk/api/registry/seals/filing.csv?from=${middle}`, 0),
    wanted(`${filings} WHERE (f.at AT TIME ZONE 'Asia/Shanghai')::date >= '${middle}' ORDER BY f.id`))
})

test('nothing waits for the runner, and numbers are given on behind those that were used', () => {
  assert.equal(count(`SELECT count(*) FROM hall.outbox b WHERE state = 'due' AND subject IN (${filled('true').map((o) => `'${o.id}'`)})`), 0)
  assert.ok(count('SELECT last_value FROM hall.audit_id_seq') >= count('SELECT max(id) FROM hall.audit'))
  assert.ok(count('SELECT last_value FROM hall.seal_code_number') >= count(`SELECT max(right(code, 7)::int) FROM hall.seal_code`))
  assert.equal(count("SELECT count(*) FROM hall.orders WHERE number !~ '^[0-9]{18}$' OR created_at > now()"), 0)
})

test('the desk has them in its queue and reads one; so does the applicant, with the form opened', async () => {
  const review = await new Staff().login('review')
  const queue = await review.call('GET', '/desk/api/review/orders?queue=review&page_size=50')
  assert.ok(Array.isArray(queue.items))
  for (const order of [filled("o.state = 'done'").at(-1), ...filled("o.state IN ('in_review', 'unpaid', 'produced')").slice(0, 3)]) {
    const read = await review.read(order.id)
    assert.equal(read.order.state, order.state)
    const token = randomBytes(32).toString('base64url')
    sql(`INSERT INTO hall.session (token_hash, audience, account, made_by, address, expires_at, idle) VALUES
         ('\\x${createHash('sha256').update(token).digest('hex')}', 'hall', '${order.account}', '${order.slug === 'seal' ? 'password' : 'sms'}', 'fixture', now() + interval '1 hour', 7200)`)
    const c = new Client()
    c.cookies.set(`ch_hall_${readFileSync(`${STATE}/hall.conf`, 'utf8').match(/^installation = (.*)$/m)[1]}`, token)
    const mine = await c.call('GET', `/${order.slug}/api/orders/${order.id}`)
    assert.equal(mine.state, order.state)
    assert.ok(mine.form.unit_name === order.subject || mine.form.holder_name, 'the form is the copy’s own')
  }
})

test('once more: other orders, the same specimens, and still one chain', () => {
  const before_ = filled('true').length
  fill(40)
  assert.ok(filled('true').length >= before_ + 40)
  assert.match(verify(), / 0 wrong/)
})

test('not in production', () => {
  const conf = join(tmpdir(), `production-${process.pid}.conf`)
  writeFileSync(conf, `${readFileSync(`${STATE}/hall.conf`, 'utf8')}\nsandbox = no\nproduction = yes\n`)
  assert.throws(() => execFileSync(`${STATE}/bin/certhall-bench`, ['fill', '1', `${STATE}/bench/specimens`],
    { encoding: 'utf8', stdio: 'pipe', env: { ...env, CERTHALL_CONF: conf } }), (e) => e.status === 1 && /production/.test(e.stderr))
})
