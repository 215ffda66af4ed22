// SPDX-License-Identifier: Apache-2.0
// The bank's messages written anew with sm-crypto and node's own SM4, against the sandbox's bank.
import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv, createPublicKey } from 'node:crypto'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { api, file, fresh, sandbox, skip, turn } from './sandbox.mjs'

const { sm2 } = createRequire(import.meta.url)('sm-crypto')
const der = (name) => Buffer.from(file(name).replace(/-----[^-]+-----|\s/g, ''), 'base64').toString('hex')
const ours = skip ? '' : /02010104 ?20([0-9a-f]{64})/.exec(der('cmb_key'))[1] // the scalar inside PKCS#8
const bank = skip ? '' : der('cmb_bank_key').slice(-130) // the point at the end of the public key
const uid = sandbox.cmb_uid ?? '', userId = uid.padEnd(16, '0')
const PLACE = '__signature_sigdat__'

const sorted = (v) => (Array.isArray(v) ? v.map(sorted) : v && typeof v === 'object' ? Object.fromEntries(Object.keys(v).sort().map((k) => [k, sorted(v[k])])) : v)
const cipher = (make, input, from, to) => {
  const c = make('sm4-cbc', Buffer.from(file('cmb_sm4')), Buffer.from(userId))
  return Buffer.concat([c.update(input, from), c.final()]).toString(to)
}
const beijing = (ms = Date.now()) => new Date(ms + 8 * 3600e3).toISOString().replace(/\D/g, '')
const reqid = () => `${beijing().slice(0, 17)}${Math.floor(Math.random() * 1e9)}00`

function message(funcode, body, { id = reqid(), sigtim = beijing().slice(0, 14), change = (t) => t } = {}) {
  const text = JSON.stringify(sorted({ request: { head: { funcode, userid: uid, reqid: id }, body }, signature: { sigtim, sigdat: PLACE } }))
  const signature = Buffer.from(sm2.doSignature(text, ours, { hash: true, userId }), 'hex').toString('base64')
  return change(text.replace(PLACE, signature))
}
async function send(funcode, text) {
  const form = new URLSearchParams({ UID: uid, FUNCODE: funcode, ALG: 'SM', DATA: cipher(createCipheriv, text, 'utf8', 'base64') })
  return (await fetch(sandbox.cmb_url, { method: 'POST', body: form })).text()
}
function read(answer) {
  const text = cipher(createDecipheriv, answer, 'base64', 'utf8'), tree = JSON.parse(text), { sigdat } = tree.signature
  tree.signature.sigdat = PLACE
  const source = JSON.stringify(sorted(tree)), hex = Buffer.from(sigdat, 'base64').toString('hex')
  assert.ok(sm2.doVerifySignature(source, hex, bank, { hash: true, userId }), "the bank's signature")
  assert.ok(!sm2.doVerifySignature(source.replace('SUC', 'SUX').replace('FAB', 'FAX').replace('CDC', 'CDX'), hex, bank, { hash: true, userId }))
  return tree.response
}
const payment = (yurRef, crtAcc = '755900001238888') => ({
  bb1paybmx1: [{ busCod: 'N02030', busMod: sandbox.cmb_bus_mode }],
  bb1payopx1: [{ dbtAcc: sandbox.cmb_account, crtAcc, crtNam: '示范科技有限公司', brdNbr: '308584000013', ccyNbr: '10', trsAmt: '0.01', nusAge: '账户验证码A1B2C3', yurRef }],
})
const query = async (yurRef) => read(await send('BB1PAYQR', message('BB1PAYQR', { bb1payqrx1: [{ busCod: 'N02030', yurRef }] }))).body.bb1payqrz1
const pay = async (ref, account) => read(await send('BB1PAYOP', message('BB1PAYOP', payment(ref, account))))

async function ended(ref, flag) {
  for (let i = 0; i < 200; i++) {
    const [row] = await query(ref)
    if (row.reqSts === 'FIN' && row.rtnFlg === flag) return row
    await new Promise((done) => setTimeout(done, 100))
  }
  assert.fail(`${ref} did not end as ${flag}`)
}

test('the bank key is an SM2 point', { skip }, () => {
  assert.equal(bank.slice(0, 2), '04')
  assert.ok(createPublicKey(file('cmb_bank_key')))
})

test('a payment is taken, walks to its end, and stands on the statement', { skip }, async () => {
  const ref = fresh('C'), taken = await pay(ref)
  assert.equal(taken.head.resultcode, 'SUC0000')
  assert.equal(taken.body.bb1payopz1[0].reqSts, 'AUT')
  const row = await ended(ref, 'S')
  assert.deepEqual([row.trsAmt, row.nusAge, row.reqNbr], ['0.01', '账户验证码A1B2C3', taken.body.bb1payopz1[0].reqNbr])
  const { entries } = await api('GET', '/statement?account=755900001238888')
  assert.equal(entries.find((e) => e.ref === row.reqNbr).remark, '账户验证码A1B2C3')
})

test('an account that is not the unit’s, and one that comes back', { skip }, async () => {
  const wrong = fresh('C'), back = fresh('C')
  await pay(wrong, '755900001230001')
  await pay(back, '755900001230002')
  assert.equal((await ended(wrong, 'F')).rtnNar, '户名不符')
  await ended(back, 'S')
})

test('a number counts once', { skip }, async () => {
  const ref = fresh('C')
  assert.equal((await pay(ref)).head.resultcode, 'SUC0000')
  assert.equal((await pay(ref)).head.resultcode, 'FABZ002')
  assert.equal((await query(ref)).length, 1)
  assert.deepEqual(await query(fresh('C')), [])
})

test('one changed byte, an old signature, a used reqid are refused', { skip }, async () => {
  const ref = fresh('C'), id = reqid()
  const changed = await send('BB1PAYOP', message('BB1PAYOP', payment(ref), { change: (t) => t.replace('"0.01"', '"0.02"') }))
  assert.match(changed, /^CDCServer:/)
  const old = await send('BB1PAYOP', message('BB1PAYOP', payment(ref), { sigtim: beijing(Date.now() - 2 * 3600e3).slice(0, 14) }))
  assert.match(old, /^CDCServer:/)
  assert.deepEqual(await query(ref), [])
  const body = { bb1payqrx1: [{ busCod: 'N02030', yurRef: ref }] }
  assert.equal(read(await send('BB1PAYQR', message('BB1PAYQR', body, { id }))).head.resultcode, 'SUC0000')
  assert.notEqual(read(await send('BB1PAYQR', message('BB1PAYQR', body, { id }))).head.resultcode, 'SUC0000')
})

test('taken, but no answer', { skip }, async () => {
  const ref = fresh('C')
  await turn('cmb.timeout_after_taking', 'once')
  await assert.rejects(send('BB1PAYOP', message('BB1PAYOP', payment(ref))))
  assert.equal((await query(ref)).length, 1)
})
