// SPDX-License-Identifier: Apache-2.0
// The bank's messages written anew with sm-crypto and node's own SM4, against the sandbox's bank.
import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { client } from './client.mjs'
import { api, file, fresh, flipped, sandbox, skip, turn } from './sandbox.mjs'

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

const P = 'TRANSQUERYBYBREAKPOINT_', today = () => beijing().slice(0, 8)
/** A page of what has come in; `go`: the answer before it. */
const entries = async (go, x = {}) => read(await send('trsQryByBreakPoint', message('trsQryByBreakPoint', {
  [`${P}X1`]: [{ cardNbr: sandbox.cmb_account, beginDate: today(), endDate: today(), queryAcctNbr: go?.[`${P}Z1`][0].queryAcctNbr ?? '', loanCode: 'C', ...x }],
  ...(go && { [`${P}Y1`]: go[`${P}Y1`] }) })))

test('what has come in: page by page, and on from where the last answer ended', { skip }, async () => {
  let last = null
  do last = (await entries(last)).body
  while (last[`${P}Z1`][0].ctnFlag === 'Y')
  const numbers = []
  for (let n = 0; n < 5; n++) numbers.push((await api('POST', '/transfer', { name: '张三', account: '6222', amount: '0.01', remark: `${n}` })).number)
  await turn('cmb.short_pages', 'always')
  try {
    const seen = []
    let pages = 0
    do {
      const { head, body } = await entries(last)
      assert.equal(head.resultcode, 'SUC0000')
      assert.ok(body[`${P}Z2`].length <= 2)
      seen.push(...body[`${P}Z2`].map((row) => row.transSequenceIdn.trim()))
      last = body
      pages++
    } while (last[`${P}Z1`][0].ctnFlag === 'Y')
    assert.deepEqual(seen.filter((number) => numbers.includes(number)), numbers)
    assert.ok(pages >= 3)
    assert.deepEqual((await entries(last)).body[`${P}Z2`].filter((row) => numbers.includes(row.transSequenceIdn.trim())), [])
  } finally {
    await turn('cmb.short_pages', 'off')
  }
  assert.notEqual((await entries(null, { cardNbr: '1' })).head.resultcode, 'SUC0000', 'the account of somebody else')
  assert.notEqual((await entries(null, { beginDate: '20261399x' })).head.resultcode, 'SUC0000')
  assert.notEqual((await entries({ ...last, [`${P}Y1`]: [{ acctNbr: '1' }] })).head.resultcode, 'SUC0000', 'a point that it has not given')
})

/** A bank of the test's own: reads what our client sends with sm-crypto and node's SM4, and answers as the bank does. */
function bankOfOurs() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'SM2' })
  const secret = /02010104 ?20([0-9a-f]{64})/.exec(privateKey.export({ type: 'pkcs8', format: 'der' }).toString('hex'))[1]
  const pem = join(mkdtempSync(join(tmpdir(), 'bank-')), 'bank.pem')
  writeFileSync(pem, publicKey.export({ type: 'spki', format: 'pem' }))
  const customer = sm2.getPublicKeyFromPrivateKey(ours)
  const bank = { pem, seen: [], body: {}, code: 'SUC0000', change: (answer) => answer, reqid: (id) => id }
  const read = (form) => {
    assert.deepEqual([form.get('UID'), form.get('ALG')], [uid, 'SM'])
    const tree = JSON.parse(cipher(createDecipheriv, form.get('DATA'), 'base64', 'utf8')), { sigdat } = tree.signature
    tree.signature.sigdat = PLACE
    const source = JSON.stringify(sorted(tree)), hex = Buffer.from(sigdat, 'base64').toString('hex')
    assert.equal(hex.length, 128, 'r and s, 32 bytes each')
    assert.ok(sm2.doVerifySignature(source, hex, customer, { hash: true, userId }), 'the signature of our client')
    assert.ok(!sm2.doVerifySignature(source, hex, customer, { hash: true, userId: '1234567812345678' }), "with the bank's user id")
    assert.ok(Math.abs(Date.parse(tree.signature.sigtim.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6+08:00')) - Date.now()) < 60000)
    return tree.request
  }
  const write = ({ head }) => {
    const text = JSON.stringify(sorted({ response: { head: { funcode: head.funcode, userid: uid, reqid: bank.reqid(head.reqid), rspid: 'RSP1', resultcode: bank.code, resultmsg: '说明' }, body: bank.body },
      signature: { sigtim: beijing().slice(0, 14), sigdat: PLACE } }))
    const signature = Buffer.from(sm2.doSignature(text, secret, { hash: true, userId }), 'hex').toString('base64')
    return cipher(createCipheriv, bank.change(text.replace(PLACE, signature)), 'utf8', 'base64')
  }
  const server = createServer((req, res) => {
    const parts = []
    req.on('data', (part) => parts.push(part)).on('end', () => {
      try {
        const request = read(new URLSearchParams(Buffer.concat(parts).toString()))
        bank.seen.push(request)
        res.end(write(request))
      } catch (error) {
        bank.fault = error
        res.end('CDCServer:[CDCServer]ErrMsg:refused')
      }
    })
  })
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(Object.assign(bank, {
    end: () => server.close(),
    call: async (operation, input) => {
      const out = await client(operation, input, { cmb_url: `http://127.0.0.1:${server.address().port}/cdcserver/api/v2`, cmb_bank_key: pem })
      if (bank.fault) throw bank.fault
      return out
    },
  }))))
}

test('our client, read by another program: a payment and a query', { skip }, async () => {
  const bank = await bankOfOurs(), your_ref = fresh('C')
  try {
    bank.body = { bb1payopz1: [{ reqNbr: '1', reqSts: 'AUT', rtnFlg: '', errCod: 'SUC0000' }] }
    assert.deepEqual((({ outcome, state, bank_ref, request_id }) => [outcome, state, bank_ref, request_id])(await bank.call('cmb.pay', { your_ref })), ['accepted', 'waiting', '1', 'RSP1'])
    const [paid] = bank.seen[0].body.bb1payopx1
    assert.deepEqual([bank.seen[0].head.funcode, paid.yurRef, paid.trsAmt, paid.ccyNbr, paid.nusAge], ['BB1PAYOP', your_ref, '0.01', '10', '账户验证码A1B2C3'])
    assert.match(bank.seen[0].head.reqid, /^\d{18,51}$/)
    bank.body = { bb1payqrz1: [{ reqNbr: '1', yurRef: your_ref, reqSts: 'FIN', rtnFlg: 'B', rtnNar: '户名不符', trsAmt: '0.01' }] }
    const asked = await bank.call('cmb.query', { your_ref })
    assert.deepEqual([asked.state, asked.reason, asked.amount_fen], ['returned', '户名不符', 1])
    assert.notEqual(bank.seen[0].head.reqid, bank.seen[1].head.reqid)
    bank.body = { bb1payqrz1: [] }
    assert.equal((await bank.call('cmb.query', { your_ref })).state, 'unseen')
    bank.code = 'FABZ002'
    assert.deepEqual((({ outcome, code, message }) => [outcome, code, message])(await bank.call('cmb.pay', { your_ref })), ['refused', 'FABZ002', '说明'])
  } finally {
    bank.end()
  }
})

test('our client asks for what has come in, goes on where the bank says, and believes no list that leads nowhere', { skip }, async () => {
  const bank = await bankOfOurs(), points = [{ acctNbr: 'A1', transDate: '20260302', expectNextSequence: '3' }]
  const row = { transDate: '20260302', transTime: '140337', transSequenceIdn: 'C1 ', loanCode: 'C', transAmount: '0.01', currencyNbr: '10', remarkTextClt: 'ABCD2345', ctpAcctName: '张三', ctpAcctNbr: '6222' }
  const ask = (cursor) => bank.call('cmb.entries', { first: '20260301', last: '20260302', cursor })
  try {
    bank.body = { [`${P}Y1`]: points, [`${P}Z1`]: [{ ctnFlag: 'Y', queryAcctNbr: 'A1' }], [`${P}Z2`]: [row, { ...row, loanCode: 'D', transAmount: '-9.00' }] }
    const first = await ask()
    assert.deepEqual([first.outcome, first.more, first.entries], ['accepted', true, [{ number: 'C1', day: '2026-03-02', at: Date.parse('2026-03-02T14:03:37+08:00') / 1000, amount_fen: 1, name: '张三', account: '6222', remark: 'ABCD2345' }]])
    const [{ head, body }] = bank.seen
    assert.equal(head.funcode, 'trsQryByBreakPoint')
    assert.deepEqual(body, { [`${P}X1`]: [{ cardNbr: sandbox.cmb_account, beginDate: '20260301', endDate: '20260302', currencyCode: '10', loanCode: 'C', queryAcctNbr: '' }] })
    assert.deepEqual((({ outcome, code }) => [outcome, code])(await ask(first.cursor)), ['unknown', 'bad_answer'], 'the same page for ever')
    assert.deepEqual([bank.seen[1].body[`${P}X1`][0].queryAcctNbr, bank.seen[1].body[`${P}Y1`]], ['A1', points])
    bank.body = { ...bank.body, [`${P}Z1`]: [{ ctnFlag: 'N', queryAcctNbr: '' }], [`${P}Z2`]: [] }
    const last = await ask(first.cursor)
    assert.deepEqual([last.more, last.entries], [false, []])
    await ask(last.cursor)
    assert.deepEqual([bank.seen[3].body[`${P}X1`][0].queryAcctNbr, bank.seen[3].body[`${P}Y1`]], ['', points], 'what comes in later')
    bank.change = (text) => text.replace('"ctnFlag":"N"', '"ctnFlag":"M"')
    assert.equal((await ask()).outcome, 'unknown', 'one changed byte')
  } finally {
    bank.end()
  }
})

test('our client believes no answer that was changed, and none to another request', { skip }, async () => {
  const bank = await bankOfOurs(), your_ref = fresh('C')
  const code = async () => (({ outcome, code }) => `${outcome} ${code}`)(await bank.call('cmb.query', { your_ref }))
  try {
    bank.body = { bb1payqrz1: [{ reqNbr: '1', yurRef: your_ref, reqSts: 'FIN', rtnFlg: 'S', trsAmt: '0.01' }] }
    assert.equal(await code(), 'accepted SUC0000')
    bank.change = (text) => text.replace('"rtnFlg":"S"', '"rtnFlg":"F"')
    assert.equal(await code(), 'unknown bad_answer')
    bank.change = (text) => text.replace(/"sigdat":"([^"]+)"/, (_, s) => `"sigdat":"${flipped(s)}"`)
    assert.equal(await code(), 'unknown bad_answer')
    bank.change = (text) => text
    bank.reqid = (id) => `${id.slice(0, -1)}${id.endsWith('1') ? 2 : 1}`
    assert.equal(await code(), 'unknown bad_answer')
  } finally {
    bank.end()
  }
})
