// SPDX-License-Identifier: Apache-2.0
// Every way in which the vendors can misbehave, switched on permanently: a journey goes as far as it can, and ends where a person can
// act and is told so in Chinese, with nothing counted twice. Then the vendor works again, and the journey is completed.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Applicant, BRANCH, Staff, eventually, inbox, messages, paidTooLate, payAt, person, sandboxCall, sql, submitted, turn } from '../lib/hall.mjs'
import { WeChatUser } from '../lib/wechat.mjs'
import { compare } from './books.mjs'
import { forsaken, offerAllWays } from './standing.mjs'

/** Switches without a journey of their own in this file. */
const WITHOUT_JOURNEY = [[/^cmb\.(entries_|short_pages)/, 'modules/identity/tests/transfer.test.mjs turns them on'], [/^(nuonuo|courier|sf|jd|mail)\./, 'post.test.mjs turns them on'], [/^tsa\./, 'modules/evidence/tests turns them on']]

const CHINESE = /[一-鿿]{4,}/

async function withSwitch(key, act) {
  await turn(key, 'always')
  try {
    return await act()
  } finally {
    await turn(key, 'off')
  }
}

const vendorSays = (query) => sql(query, 'certhall_sandbox')

/** Makes all waiting jobs due. */
const hasten = (kind, subjects) => sql(`UPDATE hall.outbox SET due_at = now() WHERE kind = '${kind}' AND state = 'due' AND subject IN (${subjects})`)
const paymentsOf = (id) => `SELECT id FROM hall.payment WHERE order_id = '${id}'`
const payoutsOf = (id) => `SELECT id FROM hall.payout WHERE order_id = '${id}'`

const inWords = (e) => {
  assert.ok([502, 503].includes(e.status), e.message)
  assert.match(e.body.detail, CHINESE)
  return true
}

/** There is somebody who acts next, and the page says in Chinese who. */
function standsWell(a) {
  assert.match(a.order.next?.text ?? a.order.label, /[一-鿿]/)
  assert.deepEqual(forsaken(), [])
}

const paidOnce = async (a) => {
  await a.refresh()
  assert.equal(a.order.payment.state, 'paid')
  assert.equal(a.order.history.filter((h) => /支付成功/.test(h.text)).length, 1)
  assert.equal(sql(`SELECT count(*) || '/' || sum(total) FROM hall.payment WHERE order_id = '${a.order.id}' AND state = 'paid'`), '1/35000')
}

const paid = (a) => eventually('the payment', async () => (await a.refresh()).payment.state === 'paid')

// ---- ways of paying ----

const VENDOR_TABLE = { wechatpay: 'sandbox.wechatpay_order', alipay: 'sandbox.alipay_trade' }
const numberOf = (a) => sql(`SELECT out_trade_no FROM hall.payment WHERE order_id = '${a.order.id}'`)

/** The payment is not opened, or it is not known whether it is; a repetition with the same number opens it. */
const noCode = (channel, key) => async () => {
  const { a } = await submitted('szjsgws')
  await withSwitch(key, async () => {
    await assert.rejects(a.openPayment(channel), inWords)
    await assert.rejects(a.openPayment(channel), inWords)
    await a.refresh()
    assert.equal(a.order.state, 'unpaid')
    assert.equal(a.order.next.step, 'payment')
    standsWell(a)
  })
  await eventually('the vendor again', () => a.openPayment(channel).catch(() => null))
  await a.pay(channel)
  await paidOnce(a)
  const number = numberOf(a)
  assert.match(number, /^CH\w+$/, 'one number')
  assert.equal(vendorSays(`SELECT count(*) FROM ${VENDOR_TABLE[channel]} WHERE out_trade_no = '${number}'`), '1')
}

/** WeChat does not say whose browser it is: nothing is opened, and the page may ask again. */
async function nobodyToPay() {
  const { a } = await submitted('szjsgws'), user = new WeChatUser()
  const inside = (brought) => a.api('POST', `/pay/orders/${a.order.id}/inside`, { json: { channel: 'wechatpay', ...brought } })
  const comesBack = async () => inside(await user.authorize((await inside()).url))
  await withSwitch('wechatpay.no_openid', async () => {
    await assert.rejects(comesBack(), inWords)
    assert.equal(sql(`SELECT count(*) FROM hall.payment WHERE order_id = '${a.order.id}'`), '0')
    standsWell(a)
  })
  const { request } = await eventually('WeChat to say it', () => comesBack().catch(() => null))
  assert.equal((await user.confirm(request)).err_msg, 'get_brand_wcpay_request:ok')
  await paid(a)
  await paidOnce(a)
}

const noticeOf = (a, what) => vendorSays(`SELECT ${what} FROM sandbox.notice WHERE about = '${numberOf(a)}'`)

const badNotice = (channel, key, look) => async () => {
  const { a } = await submitted('szjsgws')
  await withSwitch(key, async () => {
    await payAt(await a.openPayment(channel))
    await look(a)
  })
  await paid(a)
  await paidOnce(a)
  standsWell(a)
}

async function wrongAmount(a) {
  const auditor = await new Staff().login('audit')
  const seen = async () => (await auditor.call('GET', `/desk/api/office/audit?subject=${a.order.id}&page_size=50`)).items
  const wrong = await eventually('the auditor to see it', async () => (await seen()).map((row) => row.detail.wrong_amount).find(Boolean))
  assert.notEqual(wrong, 35000)
  await a.refresh()
  assert.equal(a.order.state, 'unpaid', 'a wrong amount moves nothing')
  standsWell(a)
  hasten('payment_query', paymentsOf(a.order.id)) // the vendor's answer to our question is right
}

async function duplicate(a) {
  await paid(a)
  await eventually('both notices taken', () => noticeOf(a, 'count(*) FILTER (WHERE accepted IS NOT NULL)') === '2')
}

async function probed(a) {
  await paid(a)
  assert.ok(Number(noticeOf(a, 'max(tries)')) > 1, 'the probe was refused')
}

// ---- money that goes back ----

const REFUNDS = { wechatpay: ['sandbox.wechatpay_refund', 'out_refund_no'], alipay: ['sandbox.alipay_refund', 'out_request_no'] }
const refundsOf = (id) => `SELECT r.id FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id WHERE p.order_id = '${id}'`
const refundState = (a) => sql(`SELECT r.state FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id WHERE p.order_id = '${a.order.id}'`)
const goneBack = (a) => eventually('the money back', () => {
  hasten('refund', refundsOf(a.order.id))
  hasten('refund_query', refundsOf(a.order.id))
  return refundState(a) === 'succeeded'
})
const vendorRefunds = (channel, a) => {
  const [table, column] = REFUNDS[channel]
  return vendorSays(`SELECT count(*) || '/' || coalesce(sum(fen), 0) FROM ${table} WHERE ${column} = 'R${numberOf(a)}'`)
}

/** An order that was cancelled, and for which the hall then gets money. */
async function seenTooLate(channel, trouble) {
  const { a } = await paidTooLate(channel, trouble)
  await eventually('the money seen', () => refundState(a) !== '')
  return a
}

async function backOnce(channel, a) {
  await goneBack(a)
  await a.refresh()
  assert.equal(a.order.state, 'cancelled')
  assert.equal(a.order.history.filter((h) => /已原路退回/.test(h.text)).length, 1)
  assert.equal(vendorRefunds(channel, a), '1/35000')
  standsWell(a)
}

const tried = (a) => Number(sql(`SELECT coalesce(max(attempts), 0) FROM hall.outbox WHERE kind = 'refund' AND subject IN (${refundsOf(a.order.id)})`))

/** The vendor refuses for now, or does not answer: operators see the job, and the money goes back when the vendor works again. */
const notYet = (channel, key) => async () => {
  try {
    const a = await seenTooLate(channel, [key, 'always'])
    await eventually('a second try, or the end', () => {
      hasten('refund', refundsOf(a.order.id))
      return tried(a) > 1 || refundState(a) === 'succeeded'
    })
    standsWell(a)
    await turn(key, 'off')
    await backOnce(channel, a)
  } finally {
    await turn(key, 'off')
  }
}

/** The refund does not reach the payer: the applicant reads that staff will call, and the books say so. */
async function abnormal() {
  await withSwitch('wechatpay.refund_abnormal', async () => {
    const a = await seenTooLate('wechatpay')
    await eventually('the end of it', () => {
      hasten('refund_query', refundsOf(a.order.id))
      return refundState(a) === 'failed'
    })
    await a.refresh()
    assert.ok(a.order.history.some((h) => /工作人员将与您联系/.test(h.text)))
    assert.equal(a.order.refund_due, 35000)
    standsWell(a)
  })
}

// ---- the bank ----

/** Paid orders for the journeys with the bank, which are made before any vendor misbehaves. */
const shelf = []

async function paidOrder() {
  const { a, p } = await submitted('szjsgws')
  await a.pay()
  shelf.push({ a, p })
}

async function approvedWith(ending) {
  const { a, p } = shelf.pop()
  await a.account(BRANCH, ending ? p.account_no.slice(0, -4) + ending : p.account_no)
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  return { a, p }
}

const bankRows = (a) => vendorSays(`SELECT string_agg(rtn_flg, '' ORDER BY req_nbr) FROM sandbox.cmb_payment
  WHERE yur_ref LIKE 'CH${a.order.number}%'`)
const finauth = (a, state) => eventually(`finauth ${state}`, async () => (await a.refresh()).finauth.state === state)

/** The page asks for the account again and says why; the right one brings the order on. */
async function corrected(a, p, state) {
  assert.match(a.order.finauth.reason, CHINESE)
  assert.equal(a.order.next.step, 'account')
  assert.match(a.order.next.text, CHINESE)
  assert.ok(a.order.can.includes('account'))
  await inbox(p.mobile, /金融认证/)
  standsWell(a)
  await a.account(BRANCH, p.account_no)
  await a.until('accepted')
  assert.equal(bankRows(a).at(-1), 'S', state)
}

async function refused() {
  const { a, p } = await withSwitch('cmb.refuse', async () => {
    const { a, p } = await approvedWith()
    await finauth(a, 'failed')
    return { a, p }
  })
  assert.equal(bankRows(a), '')
  await corrected(a, p)
  assert.equal(bankRows(a), 'S')
}

async function taken() {
  await withSwitch('cmb.timeout_after_taking', async () => {
    const { a } = await approvedWith()
    await a.until('accepted')
    assert.equal(bankRows(a), 'S')
  })
}

const tries = (a) => Number(sql(`SELECT coalesce(max(attempts), 0) FROM hall.outbox WHERE kind = 'payout' AND subject IN (${payoutsOf(a.order.id)})`))

/** After a text in place of an answer it is not known whether the bank pays, and a later refusal does not settle that. */
async function doubted() {
  const { a } = await withSwitch('cmb.text_instead', async () => {
    const { a } = await approvedWith()
    await eventually('a second try', () => tries(a) > 1)
    await a.refresh()
    assert.equal(a.order.finauth.state, 'queued')
    assert.match(a.order.label, CHINESE)
    standsWell(a)
    await turn('cmb.refuse', 'always')
    return { a }
  })
  hasten('payout', payoutsOf(a.order.id))
  const before = tries(a)
  await eventually('a refusal while in doubt', () => tries(a) > before)
  await turn('cmb.refuse', 'off')
  const [outbox] = (await (await new Staff().login('audit')).call('GET', '/desk/api/office/outbox')).items.filter((j) => j.kind === 'payout')
  assert.ok(outbox?.last_error, 'operators see the job and why')
  hasten('payout', payoutsOf(a.order.id))
  await a.until('accepted')
  assert.equal(bankRows(a), 'S')
}

async function returned(a) {
  await eventually('the bank to give it back', () => bankRows(a) === 'B')
  hasten('payout_watch', payoutsOf(a.order.id))
  await finauth(a, 'returned')
  assert.equal(a.order.state, 'approved')
}

async function returnedBeforeProduction() {
  const { a, p } = await approvedWith('0002')
  await a.until('accepted')
  await returned(a)
  await corrected(a, p)
}

async function made(a) {
  const producer = await new Staff().login('produce')
  await producer.act(a.order.id, 'produce')
  await a.until('produced')
}

async function returnedAfterProduction() {
  const { a, p } = await approvedWith('0002')
  await a.until('accepted')
  await made(a)
  await returned(a)
  await corrected(a, p)
  standsWell(a)
  await made(a)
}

async function failedAtOnce() {
  const { a, p } = await approvedWith('0006')
  await finauth(a, 'failed')
  await corrected(a, p)
}

/** The bank's staff look into it, which takes days: the page says that the money is on its way. */
async function suspended() {
  const { a } = await approvedWith('0005')
  await finauth(a, 'sent')
  assert.match(a.order.label, /待银行确认/)
  standsWell(a)
}

// ---- messages ----

const aMinuteLater = () => sql(`UPDATE hall.sms_code SET created_at = created_at - interval '2 minutes'`)

async function undelivered() {
  const p = await person()
  const a = new Applicant('szjsgws')
  await withSwitch('sms.undeliverable', async () => {
    await a.api('POST', '/gate/sms-code', { json: { phone: p.mobile, purpose: 'login' } })
    await eventually('the refusal', () => sql(`SELECT count(*) FROM hall.message WHERE state = 'refused' AND event = 'login_code'`) !== '0')
    assert.deepEqual(await messages(p.mobile), [])
    await assert.rejects(a.api('POST', '/gate/sms-code', { json: { phone: p.mobile, purpose: 'login' } }),
      (e) => e.status === 429 && /1 分钟后再获取/.test(e.body.detail))
  })
  aMinuteLater()
  assert.ok((await a.loginSms(p.mobile)).csrf)
}

/** The vendor takes the message and reports it as not delivered: staff see that at the order. */
async function reported() {
  await withSwitch('sms.report_fail', async () => {
    const { a } = await submitted('jieyang', 'natural')
    await a.pay()
    const reviewer = await new Staff().login('review')
    await reviewer.act(a.order.id, 'approve')
    const told = async () => (await reviewer.call('GET', `/desk/api/office/orders/${a.order.id}/messages`)).items
    const message = await eventually('the report', async () => (await told()).find((m) => m.event === 'approved' && m.state === 'undelivered'))
    assert.match(message.note, /空号/)
  })
}

// ---- all of them ----

const paying = (channel) => ({
  [`${channel}.bad_signature`]: noCode(channel, `${channel}.bad_signature`),
  [`${channel}.error_after_taking`]: noCode(channel, `${channel}.error_after_taking`),
  [`${channel}.timeout_after_taking`]: noCode(channel, `${channel}.timeout_after_taking`),
  [`${channel}.text_instead`]: noCode(channel, `${channel}.text_instead`),
  [`${channel}.wrong_amount`]: badNotice(channel, `${channel}.wrong_amount`, wrongAmount),
  [`${channel}.duplicate`]: badNotice(channel, `${channel}.duplicate`, duplicate),
  [`${channel}.late`]: badNotice(channel, `${channel}.late`, paid),
  'a refund': async () => backOnce(channel, await seenTooLate(channel)),
  'a refund, 500 after taking it': notYet(channel, `${channel}.error_after_taking`),
  'a refund, no answer after taking it': notYet(channel, `${channel}.timeout_after_taking`),
})

const LANES = {
  'WeChat Pay': {
    ...paying('wechatpay'),
    'wechatpay.signtest': badNotice('wechatpay', 'wechatpay.signtest', probed),
    'wechatpay.not_enough': notYet('wechatpay', 'wechatpay.not_enough'),
    'wechatpay.no_openid': nobodyToPay,
    'wechatpay.refund_abnormal': abnormal,
  },
  Alipay: {
    ...paying('alipay'),
    'alipay.escapes': badNotice('alipay', 'alipay.escapes', paid),
    'alipay.no_balance': notYet('alipay', 'alipay.no_balance'),
  },
  'the bank': {
    'cmb.refuse': refused,
    'cmb.timeout_after_taking': taken,
    'cmb.text_instead': doubted,
    'a branch number that is wrong': failedAtOnce,
    'a payment that comes back': returnedBeforeProduction,
    'a payment that comes back after production': returnedAfterProduction,
    'a payment that stays suspended': suspended,
  },
}

/** A switch that concerns every journey, since every log-in needs a code, is tested alone. */
const ALONE = { 'sms.undeliverable': undelivered, 'sms.report_fail': reported }

test('every switch of the sandbox has a journey, or a reason for having none', async () => {
  const { switches } = await sandboxCall('GET', '/switches')
  const known = [...Object.values(LANES).flatMap((cases) => Object.keys(cases)), ...Object.keys(ALONE)]
  const excused = (key) => WITHOUT_JOURNEY.some(([pattern]) => pattern.test(key))
  assert.deepEqual(switches.map((s) => s.key).filter((key) => !known.includes(key) && !excused(key)), [])
})

test('vendors that misbehave, each on its lane', { concurrency: 4 }, async (t) => {
  offerAllWays()
  await Promise.all(Object.keys(LANES['the bank']).map(paidOrder))
  await Promise.all(Object.entries(LANES).map(([lane, cases]) => t.test(lane, async (of) => {
    for (const [name, run] of Object.entries(cases)) await of.test(name, run)
  })))
})

for (const [name, run] of Object.entries(ALONE)) test(name, run)

test('the books of both sides are equal to the fen, and they would tell one that is wrong', () => {
  const { totals, differences } = compare()
  console.table(totals)
  assert.deepEqual(differences, [])
  const spoiled = (change, undo) => {
    sql(change)
    try {
      return compare().differences.length
    } finally {
      sql(undo)
    }
  }
  const one = sql(`SELECT id FROM hall.payment WHERE state = 'paid' ORDER BY id LIMIT 1`)
  assert.ok(spoiled(`UPDATE hall.payment SET total = total + 1 WHERE id = '${one}'`, `UPDATE hall.payment SET total = total - 1 WHERE id = '${one}'`) > 0)
  assert.ok(spoiled(`UPDATE hall.payment SET state = 'closed' WHERE id = '${one}'`, `UPDATE hall.payment SET state = 'paid' WHERE id = '${one}'`) > 0)
})
