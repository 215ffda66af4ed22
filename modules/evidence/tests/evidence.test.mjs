// SPDX-License-Identifier: Apache-2.0
// Evidence packages: an auditor asks for one with a reason, and outside tools (unzip, openssl) confirm what it says; who may not have one
// is refused, and a paper that is not what was uploaded is told.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { STATE, Staff, URL_BASE, eventually, sandboxCall, sql, submitted, turn } from '../../../tests/lib/hall.mjs'
import { certified } from '../../../tests/lib/reissue.mjs'

const REASON = '法院调取：(2026)粤03民初1号'
const PIN_PLACES = /"key_file"|"enveloped_key"|"file_key"|"encrypted"|_data_key"/
let auditor, certifiedOrder, who

const ask = (number, reason = REASON, who = auditor) => who.call('POST', '/desk/api/evidence', { json: { number, reason } })
const list = (number, more = '') => auditor.call('GET', `/desk/api/evidence?number=${number}${more}`)
const ended = (number) => eventually('the package', async () => {
  const { items: [newest] } = await list(number)
  return newest.state !== 'asked' && newest
}, 300000)
const fetched = async (id, who = auditor) => {
  const res = await who.fetch('GET', `/desk/api/evidence/${id}/file`)
  return { status: res.status, type: res.headers.get('content-type'), bytes: Buffer.from(await res.arrayBuffer()) }
}

/** The package of an order, unpacked. */
async function unpacked(number) {
  const made = await ended(number)
  assert.equal(made.state, 'made')
  const { status, type, bytes } = await fetched(made.id)
  assert.deepEqual([status, type, bytes.length], [200, 'application/zip', made.bytes])
  const folder = mkdtempSync(join(tmpdir(), 'evidence-'))
  writeFileSync(join(folder, 'package.zip'), bytes)
  execFileSync('unzip', ['-q', 'package.zip', '-d', 'files'], { cwd: folder })
  const files = readdirSync(join(folder, 'files'), { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
    .map((one) => join(one.parentPath ?? one.path, one.name).slice(join(folder, 'files').length + 1))
  return { made, folder, files, read: (name) => readFileSync(join(folder, 'files', name)) }
}

/** What openssl says of the manifest's signature, with the root that the authority publishes. */
async function verified(folder, manifest = 'manifest.json') {
  const root = await fetch(`${URL_BASE}/crl/root-rsa.cer`)
  assert.equal(root.status, 200)
  writeFileSync(join(folder, 'root.pem'), new X509Certificate(Buffer.from(await root.arrayBuffer())).toString())
  return spawnSync('openssl', ['cms', '-verify', '-binary', '-inform', 'DER', '-in', 'files/manifest.p7s', '-content', manifest, '-CAfile', 'root.pem',
    '-purpose', 'any', '-out', '/dev/null'], { cwd: folder, encoding: 'utf8' })
}

before(async () => {
  auditor = await new Staff().login('audit')
  const made = await certified()
  certifiedOrder = made.a
  who = made.p
})

test('has everything that is on record, and every file is as the signed manifest says', async () => {
  const { number, id } = certifiedOrder.order
  const filesOf = { order: ['order_history', 'order_item'], papers: ['paper'], checks: ['paper_check', 'identity', 'payout'], consents: ['consent'],
    decisions: ['review', 'decision'], money: ['payment', 'invoice'], messages: ['message'], certificates: ['certificate', 'pin_ledger'], parcel: ['parcel'] }
  const counts = () => Object.fromEntries(Object.values(filesOf).flat().map((table) => [table, Number(sql(`SELECT count(*) FROM hall.${table} WHERE order_id = '${id}'`))]))
  const before = counts()
  const asked = await ask(number)
  assert.deepEqual([asked.items[0].number, asked.items[0].reason, asked.items[0].asked_by], [number, REASON, '审计员小赵'])
  const { made, folder, files, read } = await unpacked(number)
  const manifest = JSON.parse(read('manifest.json'))
  assert.deepEqual([manifest.kind, manifest.order, manifest.reason, manifest.asked_by, manifest.package], ['certhall evidence package', number, REASON, '审计员小赵', made.id])
  assert.equal(createHash('sha256').update(read('manifest.json')).digest('hex'), made.sha256)
  assert.deepEqual(manifest.files.map((one) => one.file).sort(), files.filter((name) => !name.startsWith('manifest.')).sort())
  for (const one of manifest.files) {
    assert.equal(createHash('sha256').update(read(one.file)).digest('hex'), one.sha256, one.file)
    assert.equal(read(one.file).length, one.bytes, one.file)
  }
  const good = await verified(folder, 'files/manifest.json')
  assert.equal(good.status, 0, good.stderr)

  const form = JSON.parse(read('form.json'))
  assert.deepEqual([form.unit_name, form.agent_mobile], [who.unit_name, who.mobile])
  const rows = (file, table) => JSON.parse(read(`${file}.json`))[table]
  const after = counts() // a message, for example, may come while the package is made
  for (const [file, tables] of Object.entries(filesOf))
    for (const table of tables) assert.ok(rows(file, table).length >= before[table] && rows(file, table).length <= after[table], table)
  assert.ok(rows('decisions', 'decision').length >= 2 && rows('decisions', 'decision').every((one) => one.statement && one.signature))
  const stored = sql(`SELECT encode(sha256, 'hex') FROM hall.paper WHERE order_id = '${id}' AND file_key <> ''`).split('\n').sort()
  const papers = files.filter((name) => name.startsWith('papers/'))
  assert.deepEqual(papers.map((name) => createHash('sha256').update(read(name)).digest('hex')).sort(), stored)
  const serials = sql(`SELECT serial FROM hall.certificate WHERE order_id = '${id}'`).split('\n')
  for (const serial of serials) assert.equal(new X509Certificate(read(`certificates/${serial}.cer`)).serialNumber.replace(/^0+/, ''), serial.toUpperCase().replace(/^0+/, ''))
  const consents = rows('consents', 'consent')
  assert.ok(consents.length)
  for (const { code, version, sha256 } of consents) {
    const text = read(`consents/${code}-${version}.txt`).toString()
    assert.equal(createHash('sha256').update(text.slice(text.indexOf('\n\n') + 2)).digest('hex'), sha256, 'the text whose digest was agreed to')
  }
  assert.match(read('course.txt').toString(), /审核/)
  assert.match(read('README.txt').toString(), /openssl cms -verify/)
})

test('the trail verifies by itself, and tells every row with its text', async () => {
  const { folder, read } = await unpacked(certifiedOrder.order.number)
  const key = await fetch(`${URL_BASE}/log-sm2.pub`)
  writeFileSync(join(folder, 'log.pub'), Buffer.from(await key.arrayBuffer()))
  const { status, stdout } = spawnSync(`${STATE}/bin/certhall-verify-receipt`, ['log.pub', 'files/trail.json'], { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 0, stdout)
  const { rows } = JSON.parse(read('trail.json'))
  assert.ok(rows.every((row) => row.text !== null))
  assert.ok(rows.some((row) => row.text.includes('review.approve')))
})

test('no PIN, key or encrypted value is in it', async () => {
  const { entries } = await sandboxCall('GET', `/statement?account=${who.account_no}`)
  const [pin] = entries.map((one) => /PIN[^0-9A-Za-z]*([0-9A-Za-z]{6,})$/i.exec(one.remark)?.[1]).filter(Boolean)
  assert.ok(pin, 'the bank was given it')
  const { files, read } = await unpacked(certifiedOrder.order.number)
  for (const name of files) assert.ok(!read(name).includes(pin), name)
  for (const name of files.filter((one) => /\.(json|txt)$/.test(one) && one !== 'README.txt')) {
    assert.doesNotMatch(read(name).toString(), PIN_PLACES, name)
    assert.doesNotMatch(read(name).toString(), /PRIVATE KEY/, name)
  }
})

test('a changed manifest does not verify', async () => {
  const { folder, read } = await unpacked(certifiedOrder.order.number)
  writeFileSync(join(folder, 'changed.json'), read('manifest.json').toString().replace(REASON, REASON.replace('1号', '2号')))
  const bad = await verified(folder, 'changed.json')
  assert.notEqual(bad.status, 0)
  assert.match(bad.stderr, /digest|verification failure/i)
})

test('asking, making and fetching are on record; the reason is encrypted', async () => {
  const { id, number } = certifiedOrder.order
  const { items: [newest] } = await list(number)
  const said = sql(`SELECT actor || ' ' || detail::text FROM hall.audit WHERE subject = '${id}' AND detail::text LIKE '%${newest.id}%' ORDER BY seq`)
  for (const row of [/^staff:.*"evidence": "asked"/m, /^system:runner .*"evidence": "made"/m, /^staff:.*"read": "evidence"/m]) assert.match(said, row)
  assert.equal(sql(`SELECT count(*) FROM hall.evidence WHERE position('法院'::bytea IN reason) > 0`), '0')
  assert.equal(sql(`SELECT key || ' ' || kind FROM hall.signature WHERE subject = '${newest.id}'`), 'evidence evidence')
})

test('only auditors have any of it', async () => {
  const { items: [{ id }] } = await list(certifiedOrder.order.number)
  for (const name of ['review', 'finance', 'produce', 'outlet', 'admin']) {
    const other = await new Staff().login(name)
    await assert.rejects(ask(certifiedOrder.order.number, REASON, other), { status: 403 }, name)
    await assert.rejects(other.call('GET', '/desk/api/evidence'), { status: 403 }, name)
    assert.equal((await fetched(id, other)).status, 403, name)
  }
  assert.equal((await fetched(id, new Staff())).status, 401)
})

test('refuses in words, and names the field', async () => {
  const { a } = await submitted('jieyang', 'natural')
  const draft = sql(`SELECT number FROM hall.orders WHERE state = 'draft' LIMIT 1`)
  const wrong = async (number, reason, pointer) => assert.rejects(ask(number, reason), (e) => e.status === 422 && e.body.errors[0].pointer === pointer && /[一-鿿]{2}/.test(e.body.errors[0].detail))
  await wrong('999999999999999999', REASON, '/number')
  if (draft) await wrong(draft, REASON, '/number')
  await wrong(a.order.number, '查', '/reason')
  assert.equal((await fetched('01a20fe5-bf38-7642-93a9-8be50508eee9')).status, 404)
  assert.equal((await list('999999999999999999')).items.length, 0)
  try {
    await turn('tsa.refuse', 'always') // so that the first one is not made yet
    await ask(a.order.number)
    await assert.rejects(ask(a.order.number), (e) => e.status === 409 && /正在制作/.test(e.body.detail))
  } finally {
    await turn('tsa.refuse', 'off')
  }
})

test('a paper that is not what was uploaded makes no package, and the auditor sees that', async () => {
  const { a } = await submitted('jieyang', 'natural')
  sql(`UPDATE hall.paper SET sha256 = sha256('another') WHERE id = (SELECT id FROM hall.paper WHERE order_id = '${a.order.id}' LIMIT 1)`)
  await ask(a.order.number)
  assert.equal((await ended(a.order.number)).state, 'failed')
  assert.match(sql(`SELECT string_agg(detail::text, ' ') FROM hall.audit WHERE subject = '${a.order.id}'`), /"failed"/)
})

test('pages of the list go by time, and a package ends with its retention', async () => {
  const { number, id } = certifiedOrder.order
  const first = await ended(number)
  await ask(number, '监管机构检查：2026 年度')
  await ended(number)
  const { items } = await list(number)
  assert.deepEqual(items.map((one) => one.reason), ['监管机构检查：2026 年度', REASON])
  assert.deepEqual((await list(number, `&after=${items[0].id}`)).items.map((one) => one.id), [first.id])
  sql(`UPDATE hall.evidence SET made_at = made_at - interval '31 days' WHERE id = '${first.id}'`)
  sql('SELECT hall.retention_step(100)')
  const [, old] = (await list(number)).items
  assert.deepEqual([old.state, old.reason, (await fetched(first.id)).status], ['ended', REASON, 404])
  await eventually('the file gone', () => sql(`SELECT count(*) FROM hall.outbox WHERE kind = 'file_gone' AND subject = '${first.id}' AND state = 'done'`) === '1')
  assert.match(sql(`SELECT string_agg(detail::text, ' ') FROM hall.audit WHERE subject = '${id}'`), /"ended"/)
})

test('the signature has a time stamp, which openssl verifies', async () => {
  const { made, folder } = await unpacked(certifiedOrder.order.number)
  assert.equal(made.stamped, true)
  const check = (data) => spawnSync('openssl', ['ts', '-verify', '-in', 'files/manifest.tsr', '-data', data, '-CAfile', `${STATE}/keys/runner/sandbox-tsa.cer`], { cwd: folder, encoding: 'utf8' })
  assert.match(check('files/manifest.p7s').stdout, /OK/)
  assert.notEqual(check('files/manifest.json').status, 0)
})

test('while the time stamp authority refuses, stamps something else or talks nonsense, the package waits', async () => {
  const { a } = await submitted('jieyang', 'natural')
  const job = `kind = 'evidence' AND subject IN (SELECT id FROM hall.evidence WHERE order_id = '${a.order.id}')`
  /** Has the job done once more, with the circuit closed. */
  const again = () => {
    execFileSync(`${STATE}/bin/certhall-gateway`, ['close', 'tsa'], { env: { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` } })
    sql(`UPDATE hall.outbox SET due_at = now() WHERE ${job} AND state = 'due'`)
  }
  const misbehaving = async (key, why) => {
    await turn(key, 'always')
    try {
      again()
      await eventually(why, () => sql(`SELECT last_error FROM hall.outbox WHERE ${job}`).includes(why), 300000)
    } finally {
      await turn(key, 'off')
    }
  }
  await turn('tsa.refuse', 'always')
  await ask(a.order.number)
  await misbehaving('tsa.refuse', 'timeNotAvailable')
  await misbehaving('tsa.other_digest', 'untrusted')
  await misbehaving('tsa.text_instead', 'bad_answer')
  assert.equal((await list(a.order.number)).items[0].state, 'asked')
  again()
  assert.equal((await ended(a.order.number)).stamped, true)
})
