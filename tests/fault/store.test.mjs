// SPDX-License-Identifier: Apache-2.0
// What becomes of an upload that breaks off between the store and the database, and which locks and connections an upload holds while
// it is stored.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import test, { after } from 'node:test'
import { Applicant, STATE, bmp, eventually, formFor, person, sql } from '../lib/hall.mjs'
import { running } from './saboteur.mjs'

/** The longest that a loaded machine may need. */
const LONG = 120000

const store = `${STATE}/store`
const pathOf = (id) => `${store}/${id.slice(-2)}/${id}`
const files = () => readdirSync(store).flatMap((folder) => readdirSync(`${store}/${folder}`)).filter((name) => name.length === 36)
const rows = () => sql('SELECT id FROM hall.paper UNION SELECT id FROM hall.voucher').split('\n').filter(Boolean)
const forsaken = () => { const known = new Set(rows()); return files().filter((id) => !known.has(id)) }
const age = (ids, hours) => ids.forEach((id) => utimesSync(pathOf(id), new Date(), new Date(Date.now() - hours * 3600e3)))

/** Sweeps the whole store. */
async function sweep() {
  const name = `store_sweep/test-${Date.now()}-${Math.random()}/`
  sql(`SELECT hall.enqueue('store_sweep', '${name}', NULL)`)
  await eventually('the sweep', () => sql(`SELECT count(*) FILTER (WHERE state <> 'done') = 0 AND count(*) > 3 FROM hall.outbox WHERE starts_with(key, '${name}')`) === 't', LONG)
}

/** An applicant who has uploaded all papers. */
async function withPapers(slug = 'jieyang') {
  const p = await person(), a = new Applicant(slug)
  await a.loginSms(p.mobile)
  await a.draft()
  await a.save(formFor(slug, p))
  await a.print()
  await a.uploadAll()
  return a
}

/** Locks the row of the order until the function that this returns is called. */
async function lock(id) {
  const psql = spawn('psql', ['-X', '-At', '-d', 'certhall'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const said = new Promise((resolve) => psql.stdout.on('data', (part) => /locked/.test(part) && resolve()))
  psql.stdin.write(`BEGIN; SELECT 'locked' FROM hall.orders WHERE id = '${id}' FOR UPDATE;\n`)
  await said
  return (end = 'ROLLBACK') => new Promise((gone) => psql.on('close', gone).stdin.end(`${end};\n`))
}

const waiting = "usename = 'certhall_paper' AND wait_event_type = 'Lock'"
const waiters = () => Number(sql(`SELECT count(*) FROM pg_stat_activity WHERE ${waiting}`))

/** Begins an upload that has stored its file and waits for the row of its order; returns the id of the file. */
async function caughtBetween(a, code = 'licence') {
  const before = new Set(files())
  const answer = a.upload(code, bmp(40, 40)).then(() => 'stored', (e) => e)
  await eventually('the row waited for', () => waiters() === 1, LONG)
  const [id] = files().filter((one) => !before.has(one))
  assert.ok(id, 'the file is there before the row')
  assert.equal(rows().includes(id), false)
  return { id, answer }
}

async function killModule() {
  for (const pid of running('paper')) process.kill(pid, 'SIGKILL')
  await eventually('the module again', () => running('paper').length > 0, LONG)
}

test('a crash between store and row leaves a file, which the sweep takes away; papers with rows stay', async () => {
  const a = await withPapers(), before = a.order.papers.find((m) => m.code === 'licence').sheets[0].id
  const release = await lock(a.order.id)
  const { id, answer } = await caughtBetween(a)
  await killModule()
  sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${waiting}`) // as when the machine dies
  await eventually('nobody waiting', () => waiters() === 0, LONG)
  await release()
  assert.notEqual(await answer, 'stored')
  assert.deepEqual(forsaken().includes(id), true, 'a file without a row')
  assert.equal((await eventually('the hall', () => a.refresh().catch(() => null), LONG)).papers.find((m) => m.code === 'licence').sheets[0].id, before)

  await sweep()
  assert.ok(files().includes(id), 'a young one stays: its row may be on its way')
  const kept = rows().filter((one) => files().includes(one))
  age([id, ...kept], 48)
  await sweep()
  assert.equal(files().includes(id), false, 'an old one goes')
  assert.deepEqual(kept.filter((one) => !files().includes(one)), [], 'what has a row stays')
  const read = await eventually('the paper', async () => { const r = await a.fetch('GET', `/jieyang/api/paper/orders/${a.order.id}/licence`); return r.status === 200 && r }, LONG)
  assert.ok((await read.arrayBuffer()).byteLength > 0)
  assert.match(readFileSync(`${STATE}/log/runner.log`, 'utf8'), /store: \d+ old files looked at, [1-9]\d* without a row taken away/)
  await a.upload('licence', bmp(40, 40))
})

test('a row that comes when nobody waits for it any more keeps its file', async () => {
  const a = await withPapers(), release = await lock(a.order.id)
  const { id, answer } = await caughtBetween(a)
  await killModule()
  await release()
  await eventually('the row', () => rows().includes(id), LONG) // the database had been told everything
  await answer // nginx may have sent the upload once more, and then it is replaced by itself
  const current = sql(`SELECT id FROM hall.paper WHERE order_id = '${a.order.id}' AND code = 'licence' AND state <> 'replaced'`)
  age([current], 48)
  await sweep()
  assert.ok(files().includes(current))
})

test('what the second look refuses is taken out of the store at once', async () => {
  const a = await withPapers(), release = await lock(a.order.id)
  const { id, answer } = await caughtBetween(a, 'form')
  await release(`UPDATE hall.orders SET printed = false WHERE id = '${a.order.id}'; COMMIT`)
  assert.equal((await answer).status, 409)
  assert.equal(files().includes(id), false)
})

test('where hardly a file has a row, nothing is taken away', async () => {
  const made = Array.from({ length: 60 }, (_, i) => `01890000-0000-7000-8000-${String(i).padStart(10, '0')}aa`)
  execFileSync('mkdir', ['-p', `${store}/aa`])
  for (const id of made) writeFileSync(pathOf(id), 'x')
  age(made, 48)
  const name = `store_sweep/test-brake-${Date.now()}/aa`
  sql(`SELECT hall.enqueue('store_sweep', '${name}', NULL)`)
  try {
    await eventually('the refusal', () => /is this the store's database/.test(sql(`SELECT last_error FROM hall.outbox WHERE key = '${name}'`)), LONG)
    assert.deepEqual(made.filter((id) => !files().includes(id)), [])
  } finally {
    sql(`UPDATE hall.outbox SET state = 'done' WHERE key = '${name}'`)
    execFileSync('rm', ['-f', ...made.map(pathOf)])
  }
})

// ---- a slow store ----

const settings = `${STATE}/hall.conf`
const own = readFileSync(settings, 'utf8')
after(() => {
  writeFileSync(settings, own)
  execFileSync('supervisorctl', ['-c', `${STATE}/supervisord.conf`, 'restart', 'paper:*'])
})

test('a file under way to a slow bucket holds neither the order nor a connection', async () => {
  const a = await withPapers(), held = []
  const bucket = createServer((req, res) => {
    if (req.method !== 'PUT') return res.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
    req.resume().on('end', () => held.push(() => res.writeHead(200).end()))
  })
  await new Promise((ready) => bucket.listen(0, '127.0.0.1', ready))
  try {
    execFileSync('cp', [`${STATE}/keys/tencent/tencent.key`, `${STATE}/keys/bucket/s3-secret.key`])
    writeFileSync(settings, `${own}\ns3_url = http://127.0.0.1:${bucket.address().port}/papers\ns3_access_key = x\nvendor_timeout_ms = 100000\n`)
    execFileSync('supervisorctl', ['-c', `${STATE}/supervisord.conf`, 'restart', 'paper:*'])
    await eventually('the module', () => a.fetch('GET', `/jieyang/api/paper/orders/${a.order.id}/licence`).then((r) => r.status === 200), LONG)
    const uploads = [a.upload('licence', bmp(40, 40)), a.upload('form', bmp(40, 40)), ...[41, 42, 43].map((size) => a.upload('licence', bmp(size, size)))] // more than connections
    await eventually('all of them under way', () => held.length === uploads.length, LONG)
    assert.equal(sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'certhall_paper' AND state <> 'idle'"), '0')
    sql(`BEGIN; SELECT FROM hall.orders WHERE id = '${a.order.id}' FOR UPDATE NOWAIT; ROLLBACK`)
    const read = await a.fetch('GET', `/jieyang/api/paper/orders/${a.order.id}/licence`) // the papers from before lie in the folder
    assert.equal(read.status, 200)
    held.splice(0).forEach((answer) => answer())
    for (const said of await Promise.all(uploads)) assert.equal(said.paper.state, 'ok')
  } finally {
    bucket.close().closeAllConnections()
  }
})
