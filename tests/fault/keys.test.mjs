// SPDX-License-Identifier: Apache-2.0
// Each key that protects people's data in the database is exchanged in a running hall: key-encryption key, data key (with the runner
// killed on the way), key of the PINs. What was stored before is then read, changed and produced from.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { readdirSync, readlinkSync, renameSync, rmSync, writeFileSync, mkdtempSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { before } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { tokenSecrets } from '../lib/box.mjs'
import { BRANCH, STATE, Staff, eventually, inbox, sandboxCall, sql, submitted } from '../lib/hall.mjs'

const certhall = fileURLToPath(new URL('../../certhall', import.meta.url))
const keys = (action) => execFileSync(certhall, ['keys', action], { encoding: 'utf8', stdio: 'pipe' })
const away = mkdtempSync(join(tmpdir(), 'keys-'))
/** Deletes the file, which no other test of this hall needs. */
const takeAway = (file) => renameSync(`${STATE}/${file}`, join(away, file.replaceAll('/', '-')))
/** The data keys as text: "1:2*" if data key 1 is active and all of its parts are under the key-encryption keys 2. */
const dataKeys = () => sql(`SELECT string_agg(id || ':' || (SELECT string_agg(DISTINCT kek::text, '+') FROM hall.data_key_part WHERE data_key = id)
  || CASE WHEN active THEN '*' ELSE '' END, ' ' ORDER BY id) FROM hall.data_key`)
const folders = () => sql('SELECT string_agg(DISTINCT folder, \',\') FROM hall.data_key_part').split(',')
const first = () => Number(dataKeys().match(/^\d+/)[0])
const underKey = (place) => {
  const [table, column] = sql(`SELECT "table" || ',' || key_column FROM hall.encrypted_column WHERE place = '${place}'`).split(',')
  return sql(`SELECT string_agg(DISTINCT ${column}::text, ',') FROM hall.${table}`)
}
const places = () => sql('SELECT string_agg(place, \',\' ORDER BY place) FROM hall.encrypted_column').split(',')
const rotation = () => `reencrypt/${sql('SELECT max(id) FROM hall.data_key')}`
/** Makes a job due that would wait for its lease or its hour. */
const now = (job) => sql(`UPDATE hall.outbox SET due_at = now() WHERE key = '${job}' AND state = 'due'; SELECT pg_notify('outbox', '')`)

function pkcs12(bytes, pin) {
  const file = join(away, 'key.p12')
  writeFileSync(file, bytes)
  return execFileSync('openssl', ['pkcs12', '-in', file, '-passin', `pass:${pin}`, '-nokeys', '-clcerts'], { encoding: 'utf8', stdio: 'pipe' })
}

let review, produce, old // orders of the time before

before(async () => {
  review = await new Staff().login('review')
  produce = await new Staff().login('produce')
  const paid = async (slug, type) => {
    const o = await submitted(slug, type)
    await o.a.pay()
    return o
  }
  old = { unit: await paid('szjsgws'), person: await paid('jieyang', 'natural'), later: await paid('jieyang', 'natural') }
  await eventually('the licence read by machine', () => sql(`SELECT count(*) FROM hall.licence_check WHERE order_id = '${old.unit.a.order.id}' AND seen IS NOT NULL`) === '1')
})

/** Form and papers, as the applicant and the reviewer read them. */
async function readable({ a, p }) {
  await a.refresh()
  assert.equal(a.order.form.mail_address, '科技园路 1 号 8 楼')
  const seen = await review.read(a.order.id)
  assert.ok(seen.form_rows.some((block) => block.rows.some((r) => r.value.includes(p.name))))
  const { code } = a.order.papers[0]
  const theirs = await review.fetch('GET', `/desk/api/review/orders/${a.order.id}/papers/${code}`)
  assert.equal(theirs.status, 200)
  assert.equal(Buffer.from(await theirs.arrayBuffer()).toString('latin1', 0, 2), 'BM')
}

const readableAll = async () => { for (const one of Object.values(old)) await readable(one) }

/** The signer opens form and PIN, the runner PIN and form. */
async function producible({ a, p }) {
  await review.act(a.order.id, 'approve')
  await a.until('accepted')
  await produce.act(a.order.id, 'produce')
  await eventually('the certificate', async () => (await produce.read(a.order.id)).order.state === 'produced')
  const file = await produce.fetch('GET', `/desk/api/produce/orders/${a.order.id}/certificate.p12`)
  const pin = (await inbox(p.mobile, /PIN 码为/)).text.match(/PIN 码为 ([0-9A-Z]{12})/)[1]
  assert.match(pkcs12(Buffer.from(await file.arrayBuffer()), pin), /BEGIN CERTIFICATE/)
}

/** Another transaction holds the row of an order's form until the function that this returns is called. */
async function held(id) {
  const holder = spawn('psql', ['-XAtq', '-d', 'certhall'])
  holder.stdin.write(`BEGIN; SELECT 'held' FROM hall.orders WHERE id = '${id}' FOR UPDATE;\n`)
  await new Promise((r) => holder.stdout.once('data', r))
  return () => new Promise((r) => { holder.once('close', r); holder.stdin.end('ROLLBACK;\n') })
}

function killRunner() {
  for (const pid of readdirSync('/proc'))
    try {
      if (/^\d+$/.test(pid) && /certhall-runner( \(deleted\))?$/.test(readlinkSync(`/proc/${pid}/exe`)) && readlinkSync(`/proc/${pid}/exe`).startsWith(STATE)) process.kill(Number(pid), 'SIGKILL')
    } catch (e) {
      if (!['ENOENT', 'EACCES', 'ESRCH'].includes(e.code)) throw e
    }
}

const swap = (one, other) => sql(`UPDATE hall.orders x SET form = (SELECT y.form FROM hall.orders y WHERE y.id IN ('${one}', '${other}') AND y.id <> x.id) WHERE x.id IN ('${one}', '${other}')`)

test('the key-encryption key: the old file is taken away, everything is read as before', async () => {
  const kek = Number(dataKeys().match(/:(\d+)/)[1])
  assert.match(keys('rotate-kek'), new RegExp(`kek-${kek + 1}\\.key of each folder wraps every data key`))
  assert.match(dataKeys(), new RegExp(`:${kek + 1}`))
  for (const folder of folders()) takeAway(`keys/${folder}/kek-${kek}.key`)
  await sleep(2500) // every program has looked for keys since, or does at its next request
  await readableAll()
  await readable(await submitted('jieyang', 'natural'))
})

test('the data key: every value is encrypted anew while the hall runs, a killed runner goes on, the old key is destroyed', async () => {
  const before_ = first(), [one, other] = [old.person.a.order.id, old.later.a.order.id]
  // Two forms are exchanged. Neither can be decrypted in its new place, so they are not re-encrypted, and the old key stays.
  swap(one, other)
  await assert.rejects(old.person.a.refresh(), { status: 500 })
  assert.match(keys('rotate-data'), /data key \d+ is made/)
  assert.throws(() => keys('rotate-data'), /under way/)
  // Somebody locks a form. What comes before it in the alphabet of places is done; then the runner is killed.
  const letGo = await held(old.unit.a.order.id)
  await eventually('accounts encrypted anew', () => underKey('account.phone') === String(before_ + 1))
  await eventually('the runner waiting', () => sql(`SELECT count(*) FROM pg_stat_activity WHERE usename = 'certhall_runner' AND wait_event_type = 'Lock'`) !== '0')
  assert.match(underKey('order.form'), new RegExp(`\\b${before_}\\b`))
  killRunner()
  await letGo()
  await readable(old.unit)
  now(rotation())
  await eventually('the complaint', () => sql(`SELECT last_error FROM hall.outbox WHERE key = '${rotation()}'`) === 'some values do not open')
  assert.equal(underKey('order.form'), `${before_},${before_ + 1}`)
  assert.throws(() => sql(`DELETE FROM hall.data_key WHERE id = ${before_}`), /foreign key/)
  swap(one, other)
  now(rotation())
  await eventually('the old key destroyed', () => dataKeys().startsWith(`${before_ + 1}:`) && !dataKeys().includes(' '))
  for (const place of places()) assert.ok(['', String(before_ + 1)].includes(underKey(place)), place)
  assert.match(keys('list'), new RegExp(`data key +${before_} +- +gone`))
  assert.throws(() => sql(`UPDATE hall.orders SET form = set_byte(form, 4, ${before_}) WHERE id = '${one}'`), /foreign key/, 'nothing is stored under a key that is gone')
  await readableAll()
  await readable(await submitted('szjsgws'))
  await producible(old.person)
})

test('no encrypted value stands in a column that the rotation does not know', () => {
  const columns = sql(`SELECT string_agg(table_name || ',' || column_name, ' ') FROM information_schema.columns c WHERE table_schema = 'hall' AND data_type = 'bytea'
    AND NOT EXISTS (SELECT FROM hall.encrypted_column s WHERE s."table" = c.table_name AND s."column" = c.column_name)
    AND EXISTS (SELECT FROM information_schema.tables t WHERE t.table_schema = 'hall' AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE')`).split(' ')
  assert.ok(columns.length > 10)
  for (const [table, column] of columns.map((c) => c.split(',')))
    assert.equal(sql(`SELECT count(*) FROM hall."${table}" WHERE hall.key_of("${column}") IN (SELECT id FROM hall.data_key UNION SELECT id FROM hall.data_key_gone)`), '0', `${table}.${column}`)
})

test("the key of the PINs: those that wait, and the PUKs of all tokens, are put under the next one, and the old file is taken away", async () => {
  const { a, p } = old.later
  await review.act(a.order.id, 'approve')
  await a.until('accepted')
  await eventually('the PIN', () => sql(`SELECT state FROM hall.pin WHERE order_id = '${a.order.id}'`) === 'made')
  const before_ = Number(sql(`SELECT kek FROM hall.pin WHERE order_id = '${a.order.id}'`))
  const encrypted = sql(`SELECT encrypted FROM hall.pin WHERE order_id = '${a.order.id}'`)
  const { puks } = await tokenSecrets(produce, a.order.id)
  assert.equal(puks.length, 1)
  keys('rotate-pin')
  for (const table of ['pin', 'puk'])
    await eventually(`${table}s under the next key`, () => sql(`SELECT count(*) FROM hall.${table} WHERE encrypted IS NOT NULL AND kek <= ${before_}`) === '0')
  assert.equal(sql(`SELECT encrypted FROM hall.pin WHERE order_id = '${a.order.id}'`), encrypted, 'its own key is another one than that')
  takeAway(before_ === 1 ? 'pin/pin.key' : `pin/pin-${before_}.key`)
  assert.deepEqual((await tokenSecrets(produce, a.order.id)).puks, puks, 'the same PUK, by the next key')
  await produce.act(a.order.id, 'produce')
  await eventually('the certificate', async () => (await produce.read(a.order.id)).order.state === 'produced')
  const file = await produce.fetch('GET', `/desk/api/produce/orders/${a.order.id}/certificate.p12`)
  const pin = (await inbox(p.mobile, /PIN 码为/)).text.match(/PIN 码为 ([0-9A-Z]{12})/)[1]
  assert.match(pkcs12(Buffer.from(await file.arrayBuffer()), pin), /BEGIN CERTIFICATE/)
  assert.ok(!existsSync(`${STATE}/pin/pin.key`), 'and it is not made anew')
})

test('a PIN of the time after: on the statement of the unit whose order is of the time before', async () => {
  const { a, p } = old.unit
  await a.account(BRANCH, p.account_no)
  await review.act(a.order.id, 'approve')
  const pin = await eventually('the payout', async () => {
    const { entries } = await sandboxCall('GET', `/statement?account=${p.account_no}`)
    return entries.map((e) => e.remark?.match(/PIN码[:：]\s*([2-9A-Z]{12})/)?.[1]).find(Boolean)
  })
  await a.until('accepted')
  await produce.act(a.order.id, 'produce')
  await eventually('the certificate', async () => (await produce.read(a.order.id)).order.state === 'produced')
  const file = await produce.fetch('GET', `/desk/api/produce/orders/${a.order.id}/certificate.p12`)
  assert.match(pkcs12(Buffer.from(await file.arrayBuffer()), pin), /BEGIN CERTIFICATE/)
})

test('the trail says what was done, and is whole', () => {
  assert.notEqual(sql(`SELECT count(*) FROM hall.audit WHERE op = 'keys.reencrypt'`), '0')
  const said = execFileSync(`${STATE}/bin/certhall-admin`, ['audit', 'verify'], { encoding: 'utf8', env: { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` } })
  assert.match(said, /, 0 wrong$/m)
  rmSync(away, { recursive: true })
})
