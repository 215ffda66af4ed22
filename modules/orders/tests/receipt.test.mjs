// SPDX-License-Identifier: Apache-2.0
// The receipt of an order: what it proves is computed again here and by OpenSSL, told by certhall-verify-receipt and on the page that
// verifies signatures; a receipt that somebody has changed is told as such.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { Applicant, STATE, URL_BASE, eventually, sql, submitted } from '../../../tests/lib/hall.mjs'
import { receiptFiles } from '../../../tests/lib/receipts.mjs'
import { certified } from '../../../tests/lib/reissue.mjs'

const folder = mkdtempSync(join(tmpdir(), 'receipt-'))
const write = (name, bytes) => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}
const sm3 = (...parts) => createHash('sm3').update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest()
const hex = (text) => Buffer.from(text, 'hex')

/** What the tool says of a receipt, and its exit status. */
function told(receipt, key = published) {
  const file = Buffer.isBuffer(receipt) ? receipt : JSON.stringify(receipt)
  const { status, stdout } = spawnSync(`${STATE}/bin/certhall-verify-receipt`, [key, write('receipt.json', file)], { encoding: 'utf8' })
  return { status, text: stdout }
}
async function checked(receipt) {
  const answer = await fetch(`${URL_BASE}/verify/api/check`, { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: JSON.stringify(receipt) })
  assert.equal(answer.status, 200)
  return answer.json()
}
const receiptOf = (a) => a.api('GET', `/orders/${a.order.id}/receipt.json`)
const rowsOf = (a) => Number(sql(`SELECT count(*) FROM hall.audit WHERE subject = '${a.order.id}' OR subject IN (SELECT id FROM hall.certificate WHERE order_id = '${a.order.id}')`))

let order, receipt, published
before(async () => {
  order = (await certified()).a
  receipt = await eventually('all rows in the log', async () => {
    const now = await receiptOf(order)
    return now.rows.length === rowsOf(order) && now
  })
  const key = await fetch(`${URL_BASE}/log-sm2.pub`)
  published = write('log-sm2.pub', Buffer.from(await key.arrayBuffer()))
})

test('the rows of the trail are there, with the text of what the applicant did and of nothing else', () => {
  assert.equal(receipt.order, order.order.number)
  assert.equal(new Set(receipt.rows.map((row) => row.subject)).size, 2, 'of the order and of its certificate')
  const actors = sql(`SELECT seq || ' ' || actor FROM hall.audit WHERE subject = '${order.order.id}' ORDER BY seq`).split('\n')
  const own = receipt.rows.filter((row) => row.subject === order.order.id)
  assert.deepEqual(own.map((row) => `${row.seq} ${row.text !== null}`), actors.map((line) => `${line.split(' ')[0]} ${line.includes(' account:')}`))
  assert.ok(own.some((row) => row.text === null))
  assert.match(own[0].text, new RegExp(`^order\\|${order.order.id}\\|1\\|\\d+\\|account:[0-9a-f-]+\\|new\\.create\\|.*"${receipt.order}"`))
})

// RFC 9162, section 2.1.3.2, written once more.
function rootBy(row, size) {
  let [at, last, is] = [row.leaf, size - 1, sm3([0], hex(row.head))]
  for (const one of row.proof.map(hex)) {
    while (at === last && at % 2 === 0) [at, last] = [at / 2, last / 2] // goes up alone
    is = at % 2 ? sm3([1], one, is) : sm3([1], is, one)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return is.toString('hex')
}

test('the proofs lead to the root, the texts have the digests, and OpenSSL takes the signature', () => {
  for (const row of receipt.rows) {
    assert.equal(rootBy(row, receipt.log.size), receipt.log.root)
    const previous = receipt.rows.find(({ subject, seq }) => subject === row.subject && seq === row.seq - 1)
    if (row.text !== null) assert.equal(sm3(previous ? hex(previous.head) : '', row.text).toString('hex'), row.head)
  }
  const statement = write('statement', `certhall log|${receipt.log.size}|${receipt.log.root}`)
  const signature = write('signature', Buffer.from(receipt.log.signature, 'base64'))
  const verified = execFileSync('openssl', ['pkeyutl', '-verify', '-pubin', '-inkey', published, '-rawin', '-digest', 'sm3',
    '-pkeyopt', 'distid:1234567812345678', '-in', statement, '-sigfile', signature], { encoding: 'utf8' })
  assert.match(verified, /Verified Successfully/)
})

test('certhall-verify-receipt and the page say that it is genuine', async () => {
  const { status, text } = told(receipt)
  assert.equal(status, 0)
  assert.match(text, new RegExp(`genuine[^]*${receipt.order}[^]*${receipt.rows.length}, of which ${receipt.rows.filter((row) => row.text !== null).length} `))
  const report = await checked(receipt)
  assert.deepEqual([report.kind, report.verdict, report.headline], ['receipt', 'valid', '回执有效'])
  assert.deepEqual(report.signatures[0].findings.map((one) => `${one.check} ${one.verdict}`), ['content valid', 'log valid'])
})

const changes = {
  'a row is left out': (r) => r.rows.splice(2, 1),
  'the first rows change places': (r) => r.rows.unshift(...r.rows.splice(1, 1)),
  'a text says something else': (r) => { r.rows[0].text = r.rows[0].text.replace('new.create', 'new.submit') },
  'a digest is another': (r) => { r.rows[1].head = r.rows[0].head },
  'the log is another': (r) => { r.log.root = r.rows[0].head },
}
for (const [what, change] of Object.entries(changes))
  test(`a changed receipt is told: ${what}`, async () => {
    const changed = structuredClone(receipt)
    change(changed)
    assert.equal(told(changed).status, 1)
    const report = await checked(changed)
    assert.deepEqual([report.verdict, report.headline, report.signatures[0].findings[0].verdict], ['invalid', '回执无效', 'invalid'])
  })

test('a log that the authority has not signed is told', async () => {
  const changed = structuredClone(receipt), signature = Buffer.from(changed.log.signature, 'base64')
  signature[signature.length - 1] ^= 1
  changed.log.signature = signature.toString('base64')
  assert.deepEqual([told(changed).status, /not signed with this key/.test(told(changed).text)], [1, true])
  assert.deepEqual((await checked(changed)).signatures[0].findings.map((one) => `${one.check} ${one.verdict}`), ['content valid', 'log invalid'])
  execFileSync('openssl', ['genpkey', '-algorithm', 'SM2', '-out', join(folder, 'other.pem')], { stdio: 'pipe' })
  execFileSync('openssl', ['pkey', '-in', join(folder, 'other.pem'), '-pubout', '-out', join(folder, 'other.pub')])
  assert.equal(told(receipt, join(folder, 'other.pub')).status, 1)
})

test('files of all kinds end as they must', () => {
  for (const [what, status, file] of receiptFiles(receipt)) assert.equal(told(file).status, status, what)
})

test('the page may ask for the head alone', async () => {
  const ask = (log) => fetch(`${URL_BASE}/verify/api/log-head?${new URLSearchParams(log)}`)
  const { size, root, signature } = receipt.log
  const ours = async (log) => (await (await ask(log)).json()).ours
  assert.equal(await ours({ size, root, signature }), true)
  assert.equal(await ours({ size: size + 1, root, signature }), false)
  assert.equal(await ours({ size, root: receipt.rows[0].head, signature }), false)
  assert.equal(await ours({ size, root, signature: Buffer.from('another').toString('base64url') }), false)
  for (const [pointer, log] of [['/size', { size: 0, root, signature }], ['/root', { size, root: 'ab', signature }], ['/signature', { size, root, signature: '!' }], ['/size', {}]]) {
    const answer = await ask(log)
    assert.deepEqual([answer.status, (await answer.json()).errors[0].pointer], [422, pointer])
  }
})

test('what is no receipt is told apart from one that is wrong', () => {
  assert.equal(told({ ...receipt, version: 2 }).status, 2)
  assert.equal(told(receipt, join(folder, 'none')).status, 2)
})

test('nobody else gets a receipt, and after a later act there is a later one', async () => {
  const { a } = await submitted('jieyang')
  await assert.rejects(a.api('GET', `/orders/${order.order.id}/receipt.json`), { status: 404 })
  await assert.rejects(new Applicant('jieyang').api('GET', `/orders/${order.order.id}/receipt.json`), { status: 401 })
  sql(`SELECT hall.note('order', '${order.order.id}', '{"read": "form"}')`)
  const later = await eventually('the new row', async () => {
    const now = await receiptOf(order)
    return now.rows.length > receipt.rows.length && now
  })
  assert.ok(later.log.size > receipt.log.size)
  assert.equal(told(later).status, 0)
  assert.equal(told(receipt).status, 0, 'the old one stays genuine')
})
