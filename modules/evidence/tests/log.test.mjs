// SPDX-License-Identifier: Apache-2.0
// Exports of the whole signed log: an auditor downloads one with a reason on record, certhall-admin writes one, certhall-verify-log finds
// both as they were signed, and names every way in which one can be tampered with. What it finds is computed again here.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { STATE, Staff, URL_BASE, sql, submitted } from '../../../tests/lib/hall.mjs'
import { otherKey } from '../../../tests/lib/receipts.mjs'

const REASON = '年度审计（2026）'
const folder = mkdtempSync(join(tmpdir(), 'log-'))
const at = (name) => join(folder, name)
const env = { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` }
const admin = (...words) => spawnSync(`${STATE}/bin/certhall-admin`, words, { encoding: 'utf8', env })
/** What the verifier says of files, and its exit status. */
const told = (...files) => {
  const { status, stdout, stderr } = spawnSync(`${STATE}/bin/certhall-verify-log`, [at('key.pem'), ...files], { encoding: 'utf8' })
  return { status, text: stdout + stderr }
}
const sm3 = (...parts) => createHash('sm3').update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest('hex')
const hex = (text) => Buffer.from(text, 'hex')

/** The lines, with a last line that fits them, as somebody would make it who tampers with a file. */
function closed(lines) {
  const mark = lines.reduce((is, line) => sm3(hex(is), line), '')
  const leaves = lines.filter((line) => line.startsWith('{"leaf"')).length
  const heads = lines.filter((line) => line.includes('"root"')).length
  return [...lines, JSON.stringify({ leaves, heads, mark })]
}
const written = (name, lines) => {
  writeFileSync(at(name), lines.map((line) => `${line}\n`).join(''))
  return at(name)
}

let auditor, exported, lines
before(async () => {
  auditor = await new Staff().login('audit')
  await submitted('jieyang')
  writeFileSync(at('key.pem'), Buffer.from(await (await fetch(`${URL_BASE}/log-sm2.pub`)).arrayBuffer()))
  ;[exported] = (await auditor.call('POST', '/desk/api/evidence/log', { json: { reason: REASON } })).items
  const res = await auditor.fetch('GET', `/desk/api/evidence/log/${exported.id}/file`)
  assert.deepEqual([res.status, res.headers.get('content-type')], [200, 'application/x-ndjson'])
  assert.match(res.headers.get('content-disposition'), new RegExp(`log-\\d{8}-${exported.size}\\.jsonl`))
  writeFileSync(at('whole'), Buffer.from(await res.arrayBuffer()))
  lines = readFileSync(at('whole'), 'utf8').split('\n').slice(0, -1)
})

test('what was downloaded has every row and every head up to the newest one, and is as it was signed', () => {
  const { status, text } = told(at('whole'))
  assert.equal(status, 0, text)
  assert.match(text, /The log is as it was signed\./)
  assert.match(text, new RegExp(`heads +${sql(`SELECT count(*) FROM hall.log_head WHERE size <= ${exported.size}`)}, `))
  assert.equal(lines.filter((line) => line.startsWith('{"leaf"')).length, exported.size)
  assert.equal(sql(`SELECT count(*) FROM hall.log_head WHERE size = ${exported.size}`), '1')
})

// RFC 9162, section 2.1.1, written once more.
function rootOf(leaves) {
  if (leaves.length === 1) return leaves[0]
  let k = 1
  while (2 * k < leaves.length) k *= 2
  return sm3([1], hex(rootOf(leaves.slice(0, k))), hex(rootOf(leaves.slice(k))))
}

test('tree, chains and mark are those of the format', () => {
  const rows = lines.map((line) => JSON.parse(line)), last = new Map()
  for (const row of rows.filter(({ text }) => text)) {
    const previous = row.before ?? last.get(row.subject) ?? ''
    assert.equal(sm3(hex(previous), row.text), row.head)
    last.set(row.subject, row.head)
  }
  const newest = rows.filter(({ root }) => root).at(-1)
  assert.deepEqual([rootOf(rows.filter(({ leaf }) => leaf !== undefined).map((row) => row.hash ?? sm3([0], hex(row.head)))), newest.size], [newest.root, exported.size])
  assert.equal(closed(lines.slice(0, -1)).at(-1), lines.at(-1))
})

test('nothing personal is in it', async () => {
  const { p } = await submitted('jieyang')
  const [{ id }] = (await auditor.call('POST', '/desk/api/evidence/log', { json: { reason: REASON } })).items
  const text = await (await auditor.fetch('GET', `/desk/api/evidence/log/${id}/file`)).text()
  for (const word of [p.mobile, p.id_no, p.name, REASON]) assert.ok(!text.includes(word))
})

test('request and download are in the trail; the reason is kept, encrypted', async () => {
  const trail = sql(`SELECT string_agg(detail::text, ' ' ORDER BY seq) FROM hall.audit WHERE kind = 'staff' AND detail::text LIKE '%${exported.id}%'`)
  assert.match(trail, /"log_export": .*"read": "log_export"/)
  const { items } = await auditor.call('GET', '/desk/api/evidence/log')
  const { reason, asked_by, size } = items.find((one) => one.id === exported.id)
  assert.deepEqual([reason, asked_by, size], [REASON, '审计员小赵', exported.size])
  assert.equal(sql(`SELECT position(convert_to('${REASON}', 'UTF8') IN reason) FROM hall.log_export WHERE id = '${exported.id}'`), '0')
})

test('who is no auditor, what is no reason, and what is not there, is refused', async () => {
  const json = { reason: REASON }
  for (const name of ['review', 'produce', 'finance', 'admin']) {
    const other = await new Staff().login(name)
    await assert.rejects(other.call('POST', '/desk/api/evidence/log', { json }), { status: 403 })
    assert.equal((await other.fetch('GET', `/desk/api/evidence/log/${exported.id}/file`)).status, 403)
  }
  await assert.rejects(auditor.call('POST', '/desk/api/evidence/log', { json: { reason: 'x' } }), (e) => e.status === 422 && e.body.errors[0].pointer === '/reason')
  assert.equal((await auditor.fetch('GET', '/desk/api/evidence/log/00000000-0000-7000-8000-000000000000/file')).status, 404)
})

const index = (part) => lines.findIndex((line) => line.includes(part))
/** The first row whose subject has a row before it. */
const second = () => index('"seq":2')
const isHead = (line) => line.includes('"root"')
const tampered = {
  'a row was changed': [() => lines.map((line, n) => (n === second() ? line.replace(/\|(\d{16})\|/, '|1$1|') : line)), /line \d+: The text of a row/],
  'a row was removed': [() => lines.filter((_, n) => n !== second()), /line \d+: A row is not in its place/],
  'a row was removed, and the others numbered anew': [() => {
    const kept = lines.slice(0, -1).filter((_, n) => n !== second())
    let leaf = 0
    return closed(kept.map((line) => (line.startsWith('{"leaf"') ? line.replace(/"leaf":\d+/, () => `"leaf":${leaf++}`) : line)))
  }, /line \d+: (A row is not the next|A signed head is not where)/],
  'two rows changed places': [() => lines.with(second(), lines[second() + 1]).with(second() + 1, lines[second()]), /line \d+: (A row|A signed head) is not/],
  'a row was added': [() => lines.toSpliced(second(), 0, lines[second()]), /line \d+: (A row|A signed head) is not/],
  'a head was left out': [() => lines.filter((_, n) => n !== lines.findIndex(isHead)), /Lines are missing or were added/],
  'a head was forged': [() => lines.map((line, n) => (n === lines.findIndex(isHead) ? line.replace(/"signature":"(.{20})./, '"signature":"$1A').replace('AA', 'AB') : line)), /The head is not signed with this key/],
  'a head names another root': [() => lines.map((line, n) => (n === lines.findIndex(isHead) ? line.replace(/"root":"../, '"root":"zz'.replace('zz', line.includes('"root":"00') ? '01' : '00')) : line)), /The signed head is not that of the rows/],
  'the newest head was left out, and the last line made to fit': [() => closed(lines.slice(0, lines.findLastIndex(isHead))), /The last rows have no signed head/],
  'the file was cut off': [() => lines.slice(0, -1), /The file is cut off/],
  'the file was cut off in a line': [() => null, /The file is cut off/],
  'the time of a head was changed': [() => lines.map((line, n) => (n === lines.findIndex(isHead) ? line.replace('+08:00', '+07:00') : line)), /The lines are not those that were exported/],
}
for (const [what, [change, says]] of Object.entries(tampered))
  test(`is refused and named: ${what}`, () => {
    const changed = change()
    if (changed) written('changed', changed)
    else writeFileSync(at('changed'), readFileSync(at('whole')).subarray(0, -20))
    const { status, text } = told(at('changed'))
    assert.equal(status, 1, text)
    assert.match(text, says)
  })

test('with another key, or of what is no export, nothing is proved', () => {
  const key = readFileSync(at('key.pem'))
  writeFileSync(at('key.pem'), otherKey())
  assert.match(told(at('whole')).text, /not signed with this key/)
  writeFileSync(at('key.pem'), key)
  assert.equal(told(at('key.pem')).status, 2)
  assert.equal(told(at('none')).status, 2)
})

test('certhall-admin writes the same, on record, and never over a file; the later export goes on from the earlier one', async () => {
  const file = at('later')
  const made = admin('audit', 'export', file, REASON)
  assert.equal(made.status, 0, made.stderr)
  assert.equal(sql('SELECT staff IS NULL FROM hall.log_export ORDER BY id DESC LIMIT 1'), 't')
  assert.notEqual(admin('audit', 'export', file, REASON).status, 0)
  assert.equal(admin('audit', 'export', at('short'), 'x').status, 2)
  assert.ok(!existsSync(at('short')))
  const both = told(at('whole'), file)
  assert.equal(both.status, 0, both.text)
  assert.match(both.text, /goes on from the earlier one/)
  const swapped = told(file, at('whole'))
  assert.equal(swapped.status, readFileSync(file).equals(readFileSync(at('whole'))) ? 0 : 2, swapped.text)
  const dropped = readFileSync(file, 'utf8').split('\n').slice(0, -2)
  written('dropped', closed(dropped.filter((_, n) => n !== dropped.findIndex(isHead))))
  assert.equal(told(at('dropped')).status, 0, 'alone it proves what it has')
  assert.match(told(at('whole'), at('dropped')).text, /A signed head of the earlier export is missing/)
})
