// SPDX-License-Identifier: Apache-2.0
// What finance decides about money is an act: the person who decides signs it under its exact text, and it is used once. The runner
// pays nothing that staff have decided without such a signature.
import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { codeProject, finauth, paidOrder } from '../../../tests/lib/finauth.mjs'
import { STATE, asserted, bmp, eventually, leafOf, sql, submitted } from '../../../tests/lib/hall.mjs'
import { newStaff, quote } from '../../../tests/http/lib.mjs'
import { nextRoster } from '../../../tests/lib/roster.mjs'
import { clerk, refused } from './clerk.mjs'

const today = () => new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
const reference = () => `A${Date.now()}${randomInt(1e6)}`
const wrong = (of, code) =>
  assert.rejects(of, (e) => e.status === 422 && e.body.errors[0].pointer === '/decision' && e.body.errors[0].code === code || assert.fail(`${e}`))
const acts = (a) => sql(`SELECT string_agg(what, ' ' ORDER BY at) FROM hall.act WHERE order_id = '${a.order.id}'`)
const says = ({ statement }, ...words) => words.forEach((word) => assert.ok(statement.includes(`${word}\n`), `${word}: ${statement}`))

async function withVoucher() {
  const { a, p } = await submitted('jieyang')
  await a.api('PUT', `/paper/vouchers/${a.order.id}/1?name=slip.bmp`, { body: bmp(), headers: { 'content-type': 'image/bmp' } })
  a.order = await a.api('POST', `/pay/orders/${a.order.id}/transfer`, { json: { version: a.order.version } })
  return { a, p }
}

test('a transfer is confirmed under its payer, amount, day and reference; every other signature is refused', async () => {
  const { a, p } = await withVoucher()
  const [f, other] = [await clerk(), await clerk()]
  const { money } = await f.money(a.order.id)
  const url = `/orders/${a.order.id}/transfer/confirm`
  const entry = { version: money.version, payer: '深圳市母公司', fen: 60000, day: today(), reference: reference(), reason: '由母公司代付' }
  for (const role of ['reviewer', 'producer', 'auditor', 'admin'])
    assert.equal((await (await newStaff(role)).call('POST', `/desk/api/finance${url}/statement`, { json: entry })).status, 403, role)
  const keyless = await clerk()
  await assert.rejects(keyless.call('POST', `${url}/statement`, entry), (e) => e.status === 409 && /安全密钥还没有登记/.test(e.body.detail))
  const offer = await f.offer(url, entry), decision = await asserted(offer)
  says(offer, 'certhall 1：确认汇款到账', `时间：${offer.time}`, `业务单：${a.order.number} ${a.order.id}`, `申请主体：${p.unit_name}`, '应付金额：600.00 元',
    '到账金额：600.00 元', `到账日期：${entry.day}`, `银行流水号：${entry.reference}`, '付款户名：深圳市母公司', '仍予确认的理由：由母公司代付')
  assert.match(offer.statement, new RegExp(`决定人：${f.name} [0-9a-f-]{36}\n`))
  assert.equal(offer.challenge, leafOf(offer.statement))
  await assert.rejects(f.call('POST', url, entry), refused(422, '/decision'))
  await wrong(f.call('POST', url, { ...entry, decision: {} }), 'shape')
  await wrong(f.call('POST', url, { ...entry, decision: { ...decision, time: '2026-01-01T00:00:00+08:00' } }), 'late')
  await other.offer(url, entry)
  await wrong(other.call('POST', url, { ...entry, decision }), 'signature') // another person's
  for (const changed of [{ payer: p.unit_name }, { day: '2026-01-05' }, { reference: reference() }, { reason: '另一个理由' }])
    await wrong(f.call('POST', url, { ...entry, ...changed, decision }), 'signature')
  await wrong(f.call('POST', url, { ...entry, decision: await asserted(offer, 'http://evil.localhost') }), 'signature') // on another page
  await wrong(f.call('POST', `/orders/${a.order.id}/transfer/surplus`, { ...entry, version: undefined, decision }), 'signature') // for another deed
  assert.equal(acts(a), '')
  await f.call('POST', url, { ...entry, decision })
  assert.equal(acts(a), 'confirm_transfer')
  assert.equal(sql(`SELECT position(convert_to('母公司', 'UTF8') IN statement) FROM hall.act WHERE order_id = '${a.order.id}'`), '0', 'encrypted at rest')
  const surplus = { payer: '深圳市母公司', fen: 12345, day: today(), reason: '重复汇款' }
  const signed = await asserted(await f.offer(`/orders/${a.order.id}/transfer/surplus`, { ...surplus, reference: reference() }))
  await wrong(f.call('POST', `/orders/${a.order.id}/transfer/surplus`, { ...surplus, reference: reference(), decision: signed }), 'signature')
  assert.equal(acts(a), 'confirm_transfer')
})

test('a refund that staff ask for and approve, and its settlement: each signed, each once', async () => {
  const { a, p } = await withVoucher()
  const [f, other] = [await clerk(), await clerk()]
  const of = `/orders/${a.order.id}`, version = async () => (await f.money(a.order.id)).money.version
  await f.act(a.order.id, 'transfer/confirm', { payer: p.unit_name, fen: 60000, day: today(), reference: reference() })

  const asked = { version: await version(), reason: '申请人来函要求退费' }
  const ask = await f.offer(`${of}/refund`, asked), decision = await asserted(ask)
  says(ask, 'certhall 1：提请退费', '退费金额：600.00 元', '提请原因：申请人来函要求退费')
  await wrong(f.call('POST', `${of}/refund`, { ...asked, reason: '另一个原因', decision }), 'signature')
  await f.call('POST', `${of}/refund`, { ...asked, decision })
  await f.call('POST', `${of}/refund/withdraw`, { version: await version() })
  await assert.rejects(f.call('POST', `${of}/refund`, { ...asked, version: await version(), decision }), (e) => e.status === 409 && /已经用过/.test(e.body.detail))
  await f.act(a.order.id, 'refund', { reason: '申请人再次来函' })

  const approved = { version: await version(), note: '同意退费' }
  await assert.rejects(f.offer(`${of}/refund/approve`, approved), refused(403), 'who has asked is offered nothing')
  const offer = await other.offer(`${of}/refund/approve`, approved), yes = await asserted(offer)
  says(offer, 'certhall 1：批准退费', `业务单：${a.order.number} ${a.order.id}`, `提请人：${f.name}`, '退费金额：600.00 元', '原支付方式：公对公转账', '退费原因：申请人再次来函',
    '审批意见：同意退费')
  await assert.rejects(other.call('POST', `${of}/refund/approve`, approved), refused(422, '/decision'))
  await wrong(other.call('POST', `${of}/refund/approve`, { version: approved.version, note: '不同意', decision: yes }), 'signature')
  await other.call('POST', `${of}/refund/approve`, { ...approved, decision: yes })

  const { money } = await f.money(a.order.id), refund = money.payments[0].refund
  const back = { reference: reference(), day: today() }
  const paid = await other.offer(`/refunds/${refund.id}/settle`, back)
  says(paid, 'certhall 1：登记退款已汇回', `退款单号：${refund.number}`, '退款金额：600.00 元', `汇出日期：${back.day}`, `银行流水号：${back.reference}`, `原付款户名：${p.unit_name}`)
  await assert.rejects(other.call('POST', `/refunds/${refund.id}/settle`, back), refused(422, '/decision'))
  await wrong(other.call('POST', `/refunds/${refund.id}/settle`, { ...back, reference: reference(), decision: await asserted(paid) }), 'signature')
  await other.call('POST', `/refunds/${refund.id}/settle`, { ...back, decision: await asserted(paid) })
  assert.equal(acts(a), 'confirm_transfer ask_refund ask_refund approve_refund settle_refund')
  await a.until('refunded')
})

test('an amount that does not fit is settled under both amounts and what was done', async () => {
  const { a } = await submitted('jieyang')
  await a.openPayment()
  const id = sql(`SELECT id FROM hall.payment WHERE order_id = '${a.order.id}'`)
  sql(`UPDATE hall.payment SET odd_fen = 59900 WHERE id = '${id}'`)
  const f = await clerk(), url = `/payments/${id}/settle`, note = '已在商户平台退回'
  const offer = await f.offer(url, { note })
  says(offer, 'certhall 1：登记金额不符的款项已处理', '支付方式：微信支付', '应付金额：600.00 元', '实收金额：599.00 元', `处理情况：${note}`)
  await assert.rejects(f.call('POST', url, { note }), refused(422, '/decision'))
  await wrong(f.call('POST', url, { note: '另一种处理', decision: await asserted(offer) }), 'signature')
  await f.call('POST', url, { note, decision: await asserted(offer) })
  assert.equal(acts(a), 'settle_odd')
  await assert.rejects(f.offer(url, { note }), refused(404))
})

// ---- the runner believes no module: what one that was broken into could do is done here by the owner of the database ----

/** The signature as a row of hall.act. */
const row = ({ time, ...given }) => JSON.stringify({ id: randomUUID(), statement: '\\x01', decided_at: time, leaves: 1, place: 0, path: '\\x',
  ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name, `\\x${Buffer.from(value, 'base64url').toString('hex')}`])) })
/** Calls the function as that clerk would, and runs `then` in the same transaction. */
const broken = (clerk, call, then = '') => sql(`SELECT hall.keep('caller', jsonb_populate_record(NULL::hall.caller, jsonb_build_object('kind', 'staff',
  'who', (SELECT id FROM hall.staff WHERE name = '${clerk.name}'), 'roles', '{finance}'::text[], 'op', 'test', 'address', '192.0.2.1', 'request', ''))::text);
  SELECT hall.${call}; ${then}`)
const log = `${STATE}/log/runner.log`
const unpaid = (id) => readFileSync(log, 'utf8').split('\n').filter((line) => line.includes(id) && line.includes('its act does not hold')).map((line) => JSON.parse(line))

async function paidAndAsked() {
  const { a, p } = await submitted('jieyang', 'natural')
  await a.pay()
  const { id } = await a.api('POST', `/orders/${a.order.id}/refund`, { json: { version: a.order.version, reason: '不再需要' } })
  await a.refresh()
  assert.equal(id, a.order.id)
  return { a, p }
}
const refundOf = (a) => {
  const found = sql(`SELECT r.id, r.state, coalesce(r.why, ''), r.out_refund_no FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id WHERE p.order_id = '${a.order.id}'`)
  const [id, state, why, number] = found.split('|')
  return found && { id, state, why, number }
}
const sent = (number) => Number(sql(`SELECT count(*) FROM sandbox.wechatpay_refund WHERE out_refund_no = '${number}'`, 'certhall_sandbox'))

test('the runner pays no refund but under the signature of who has approved exactly that', async () => {
  const [f, g] = [await clerk(), await clerk()]
  const approval = async ({ a }, who = f) => asserted(await who.offer(`/orders/${a.order.id}/refund/approve`, { version: a.order.version, note: '同意退费' }))
  const approve = ({ a }, decision) => `refund_approve('${a.order.id}', ${a.order.version}, '同意退费', '${row(decision)}')`
  const forgery = { time: new Date().toISOString(), credential: 'AA', client_data: 'AA', authenticator_data: 'AA', signature: 'AA' }
  const cases = {
    'signed by nobody': async (o) => broken(f, approve(o, forgery)),
    'signed for another order': async (o) => broken(f, approve(o, await approval(await paidAndAsked()))),
    'signed by another person': async (o) => broken(f, approve(o, await approval(o, g))),
    'of another amount': async (o) => broken(f, approve(o, await approval(o)), `UPDATE hall.refund SET amount = amount - 1 WHERE payment_id = (SELECT payment_id FROM hall.refund_request WHERE order_id = '${o.a.order.id}')`),
    'with other words': async (o) => broken(f, approve(o, await approval(o)), `UPDATE hall.refund_request SET answer = '另一种意见' WHERE order_id = '${o.a.order.id}'`),
    'without the act': async (o) => broken(f, approve(o, await approval(o)), `ALTER TABLE hall.act DISABLE TRIGGER act_kept; DELETE FROM hall.act WHERE order_id = '${o.a.order.id}'; ALTER TABLE hall.act ENABLE TRIGGER act_kept`),
    'that staff have asked for, who have not signed': async (o) => {
      sql(`UPDATE hall.refund_request SET account = NULL, staff = (SELECT id FROM hall.staff WHERE name = '${g.name}') WHERE order_id = '${o.a.order.id}'`)
      broken(f, approve(o, await approval(o)))
    },
  }
  const orders = {}
  for (const [what, forge] of Object.entries(cases)) {
    orders[what] = await paidAndAsked()
    await forge(orders[what])
  }
  for (const [what, { a }] of Object.entries(orders)) {
    await eventually(`a word on the refund ${what}`, () => refundOf(a).state === 'failed')
    const refund = refundOf(a)
    assert.match(refund.why, /签署没有通过核验/, what)
    assert.equal(sent(refund.number), 0, what)
    assert.equal(sql(`SELECT state FROM hall.outbox WHERE kind = 'refund' AND subject = '${refund.id}'`), 'done', `${what}: the job has ended`)
    assert.equal(unpaid(refund.id)[0].level, 'error', what)
    const { money } = await f.money(a.order.id)
    assert.match(money.payments.find((one) => one.refund).refund.why, /签署没有通过核验/, what)
  }
  const right = await paidAndAsked()
  broken(f, approve(right, await approval(right)))
  await right.a.until('refunded')
  assert.equal(sent(refundOf(right.a).number), 1, 'the same with what was signed is paid')
})

test('the runner pays nothing by a roster that two officers have not signed', async () => {
  const f = await clerk(), { a } = await paidAndAsked(), url = `/orders/${a.order.id}/refund/approve`, asked = { version: a.order.version, note: '同意退费' }
  await f.offer(url, asked)
  const forged = await nextRoster([f.name], ['officer1', 'review']), { credential } = JSON.parse(forged.text).keys.filter((one) => one.name === f.name).at(-1)
  const job = (what) => sql(`SELECT ${what} FROM hall.outbox WHERE kind = 'refund' AND subject = '${refundOf(a).id}'`)
  sql(`INSERT INTO hall.roster (version, text, signatures) VALUES (${forged.version}, ${quote(forged.text)}, ${quote(forged.signatures)})`)
  try {
    const decision = await asserted({ ...(await f.offer(url, asked)), credentials: [credential] }) // a key that only this roster has
    broken(f, `refund_approve('${a.order.id}', ${a.order.version}, '同意退费', '${row(decision)}')`)
    await eventually('the runner’s word', () => /cannot be checked: roster: signed/.test(job('last_error')))
    assert.deepEqual([job('state'), refundOf(a).state === 'failed', sent(refundOf(a).number)], ['due', false, 0], 'it waits for an operator')
  } finally {
    sql(`DELETE FROM hall.roster WHERE version = ${forged.version}`)
  }
  await eventually('a word on the refund', () => refundOf(a).state === 'failed')
  assert.match(refundOf(a).why, /签署没有通过核验/, 'by the roster that is in force, it is signed by nobody')
  assert.equal(sent(refundOf(a).number), 0)
})

test('the runner pays no 0.01 yuan once more that finance has not signed', async () => {
  const f = await clerk()
  codeProject('finance-acts', '9')
  const { a } = await paidOrder('finance-acts', '0006')
  await finauth(a, 'failed')
  const again = (decision) => `desk_payout_again('${a.order.id}', NULL, '${row(decision)}')`
  const payout = (n) => sql(`SELECT state || ' ' || coalesce(reason, '') FROM hall.payout WHERE order_id = '${a.order.id}' AND number = ${n}`)
  const offer = async () => f.offer(`/orders/${a.order.id}/payout`, { version: (await f.money(a.order.id)).money.version })
  const first = await offer(), decision = await asserted(first)
  says(first, 'certhall 1：按原账户重新打款', '打款次数：第 2 次', '打款金额：0.01 元', `收款户名：${a.order.form.unit_name}`)
  assert.match(first.statement, /收款账号：[* ]+0006\n/)
  broken(f, again(decision), `UPDATE hall.payout SET number = 3 WHERE order_id = '${a.order.id}' AND number = 2`)
  await eventually('a word on the payout', () => /签署没有通过核验/.test(payout(3)))
  const id = sql(`SELECT id FROM hall.payout WHERE order_id = '${a.order.id}' AND number = 3`)
  assert.equal(sql(`SELECT state FROM hall.outbox WHERE kind = 'payout' AND subject = '${id}'`), 'done', 'the job has ended')
  assert.equal(unpaid(id)[0].level, 'error')
  sql(`UPDATE hall.payout SET number = 2 WHERE id = '${id}'`)
  await finauth(a, 'failed')
  says(await offer(), '打款次数：第 3 次')
  const refs = () => sql(`SELECT count(*) FROM sandbox.cmb_payment WHERE yur_ref LIKE 'CH${a.order.number}%'`, 'certhall_sandbox')
  assert.equal(refs(), '1', 'the bank has heard of the first alone')
  await f.act(a.order.id, 'payout')
  await eventually('the bank’s word on the one that is signed', () => refs() === '2')
})
