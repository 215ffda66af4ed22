// SPDX-License-Identifier: Apache-2.0
// Counts the money in the books of the sandbox's vendors and in those of the hall, each from its own database and without any
// function of the hall. Prints every difference to the fen and exits with 1 if there is one.
//
//     CERTHALL_STATE=… node tests/fault/books.mjs
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const STATE = process.env.CERTHALL_STATE ?? '/var/lib/certhall'

const setting = (key) => readFileSync(`${STATE}/hall.conf`, 'utf8').match(new RegExp(`^${key} = (.*)$`, 'm'))?.[1] ?? ''
const HOST = setting('db').match(/host=(\S+)/)?.[1]

function rows(database, query) {
  const text = execFileSync('psql', ['-X', '-At', '-v', 'ON_ERROR_STOP=1', '-h', HOST, '-U', 'certhall_owner', '-d', database, '-c',
    `SELECT coalesce(json_agg(x), '[]') FROM (${query}) x`], { encoding: 'utf8', maxBuffer: 1 << 28 })
  return JSON.parse(text)
}
const hall = (query) => rows('certhall', query)
const vendor = (query) => rows('certhall_sandbox', query)
const has = (ask, table) => ask(`SELECT to_regclass('${table}') IS NOT NULL AS there`)[0].there

/** Pairs the rows of two lists by their key; one side of a pair may be missing. */
function paired(theirs, ours) {
  const both = new Map()
  const put = (side) => (row) => {
    const pair = both.get(row.key) ?? { theirs: [], ours: [] }
    pair[side].push(row)
    both.set(row.key, pair)
  }
  theirs.forEach(put('theirs'))
  ours.forEach(put('ours'))
  return [...both]
}

const sum = (list) => list.reduce((total, row) => total + Number(row.fen), 0)

// ---- what was received ----

const RECEIVED = [
  { channel: 'wechatpay', table: 'sandbox.wechatpay_order',
    query: `SELECT out_trade_no AS key, total AS fen, transaction_id AS reference FROM sandbox.wechatpay_order WHERE paid IS NOT NULL` },
  { channel: 'alipay', table: 'sandbox.alipay_trade',
    query: `SELECT out_trade_no AS key, total AS fen, trade_no AS reference FROM sandbox.alipay_trade WHERE paid IS NOT NULL` },
]

function received(channel) {
  return hall(`SELECT out_trade_no AS key, total AS fen, transaction_id AS reference, state FROM hall.payment
                WHERE channel = '${channel}' AND state NOT IN ('waiting', 'closed')`)
}

function* comparePayments({ channel, theirs, ours }) {
  for (const [key, pair] of paired(theirs, ours)) {
    const [t, o] = [pair.theirs[0], pair.ours[0]]
    const at = { account: `${channel} payment`, key, vendor: t?.fen ?? 0, hall: sum(pair.ours) }
    if (!o) yield { ...at, what: 'paid at the vendor, not booked by the hall' }
    else if (!t) yield { ...at, what: `booked as ${o.state}, not paid at the vendor` }
    else if (pair.ours.length > 1) yield { ...at, what: 'booked more than once' }
    else if (Number(t.fen) !== Number(o.fen)) yield { ...at, what: 'another amount' }
    else if (t.reference !== o.reference) yield { ...at, what: `another transaction: ${t.reference}, ${o.reference}` }
  }
}

// ---- what was given back ----

const GIVEN_BACK = [
  { channel: 'wechatpay', table: 'sandbox.wechatpay_refund',
    query: `SELECT out_refund_no AS key, fen, status AS state FROM sandbox.wechatpay_refund` },
  { channel: 'alipay', table: 'sandbox.alipay_refund',
    query: `SELECT out_request_no AS key, fen, state FROM sandbox.alipay_refund` },
]
/** The hall's words for the vendors' states. */
const REFUND = { PROCESSING: 'accepted', SUCCESS: 'succeeded', ABNORMAL: 'failed', REFUND_SUCCESS: 'succeeded' }

function givenBack(channel) {
  if (!has(hall, 'hall.refund')) return []
  return hall(`SELECT r.out_refund_no AS key, r.amount AS fen, r.state FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id
                WHERE p.channel = '${channel}'`)
}

function* compareRefunds({ channel, theirs, ours }) {
  for (const [key, pair] of paired(theirs, ours)) {
    const [t, o] = [pair.theirs[0], pair.ours[0]]
    const at = { account: `${channel} refund`, key, vendor: sum(pair.theirs), hall: sum(pair.ours) }
    if (!o) yield { ...at, what: 'given back by the vendor, not ordered by the hall' }
    else if (pair.theirs.length > 1) yield { ...at, what: 'given back more than once' }
    else if (!t && o.state !== 'queued') yield { ...at, what: `${o.state} says the hall, the vendor has never seen it` }
    else if (t && Number(t.fen) !== Number(o.fen)) yield { ...at, what: 'another amount' }
    else if (t && REFUND[t.state] !== o.state) yield { ...at, what: `the vendor says ${t.state}, the hall ${o.state}` }
  }
}

// ---- what was paid out ----

const ENDS = { S: ['succeeded'], F: ['failed'], B: ['returned'], U: ['sent'], '': ['sent'] }

const bankPayments = () =>
  vendor(`SELECT yur_ref AS key, fen, rtn_flg AS flag, account FROM sandbox.cmb_payment`)
const payouts = () =>
  hall(`SELECT y.yur_ref AS key, 1 AS fen, y.state, o.number FROM hall.payout y JOIN hall.orders o ON o.id = y.order_id`)

function* comparePayouts({ theirs, ours }) {
  for (const [key, pair] of paired(theirs, ours)) {
    const [t, o] = [pair.theirs[0], pair.ours[0]]
    const at = { account: 'cmb payout', key, vendor: t?.fen ?? 0, hall: sum(pair.ours) }
    if (!o) yield { ...at, what: 'paid by the bank, not ordered by the hall' }
    else if (!t && o.state !== 'failed') yield { ...at, what: `${o.state} says the hall, the bank has never seen it` }
    else if (t && Number(t.fen) !== Number(o.fen)) yield { ...at, what: 'another amount' }
    else if (t && !ENDS[t.flag].includes(o.state)) yield { ...at, what: `the bank says "${t.flag}", the hall ${o.state}` }
  }
}

/** An order's account is paid again only after the bank failed, or gave the money back. */
function* paidTwice({ theirs, ours }) {
  const orderOf = new Map(ours.map((o) => [o.key, o.number]))
  const good = new Map()
  for (const t of theirs.filter((x) => x.flag !== 'F' && x.flag !== 'B')) {
    const order = orderOf.get(t.key) ?? t.key
    good.set(order, [...(good.get(order) ?? []), t])
  }
  for (const [order, list] of good)
    if (list.length > 1)
      yield { account: 'cmb payout', key: order, vendor: sum(list), hall: 1, what: `paid ${list.length} times: ${list.map((t) => t.key)}` }
}

function* bankBalance({ theirs }) {
  const [account] = vendor(`SELECT account AS key, fen FROM sandbox.cmb_account`)
  const gone = sum(theirs.filter((t) => t.flag !== 'F' && t.flag !== 'B'))
  if (account && Number(account.fen) + gone !== 100000000)
    yield { account: 'cmb balance', key: account.key, vendor: 100000000 - account.fen, hall: gone, what: 'the account is short of another sum' }
}

// ---- what the hall says of itself ----

const RULES = [
  ['an outbox job failed without a reason', `SELECT key FROM hall.outbox WHERE state = 'failed' AND coalesce(last_error, '') = ''`],
  ['paid, in a state before payment', `SELECT number AS key, total AS hall FROM hall.orders
      WHERE paid IN ('paid', 'zero') AND state IN ('draft', 'unpaid', 'cancelled')`],
  ['in a state after payment, not paid', `SELECT number AS key, 0 AS hall FROM hall.orders
      WHERE paid NOT IN ('paid', 'zero') AND state NOT IN ('draft', 'unpaid', 'cancelled', 'verifying')
        AND NOT (paid = 'voucher' AND state IN ('in_review', 'rejected', 'approved'))`],
  ['paid by other than one payment of its price', `SELECT o.number AS key, coalesce(sum(p.total), 0) AS hall, o.total AS vendor
      FROM hall.orders o LEFT JOIN hall.payment p ON p.order_id = o.id AND p.state = 'paid' WHERE o.paid = 'paid'
      AND coalesce(o.refund, '') NOT IN ('sending', 'done') GROUP BY o.id HAVING count(p.id) <> 1 OR sum(p.total) <> o.total`],
  ['given back on request by other than one payment of its price', `SELECT o.number AS key, coalesce(sum(p.total), 0) AS hall, o.total AS vendor
      FROM hall.orders o LEFT JOIN hall.refund_request q ON q.order_id = o.id AND q.state = 'approved'
      LEFT JOIN hall.payment p ON p.id = q.payment_id AND p.state = CASE o.refund WHEN 'done' THEN 'refunded' ELSE 'refund_due' END
      WHERE o.refund IN ('sending', 'done') AND o.paid = 'paid' GROUP BY o.id HAVING count(p.id) <> 1 OR sum(p.total) <> o.total`],
  ['refunded without a refund, or the other way round', `SELECT number AS key FROM hall.orders WHERE (state = 'refunded') <> (refund IS NOT DISTINCT FROM 'done')`],
  ['counted after the money was to go back', `SELECT o.number AS key, p.total AS hall FROM hall.orders o JOIN hall.payment p ON p.order_id = o.id AND p.state = 'paid'
      WHERE o.state IN ('draft', 'unpaid', 'cancelled', 'refunded') OR o.refund IN ('sending', 'done')`],
  ['a voucher that nobody looks for, or a transfer without one', `SELECT o.number AS key, o.total AS vendor, coalesce(sum(p.total), 0) AS hall FROM hall.orders o
      LEFT JOIN hall.transfer t ON t.order_id = o.id AND t.state = 'waiting'
      LEFT JOIN hall.payment p ON p.id = t.payment_id AND p.state = 'waiting' AND EXISTS (SELECT FROM hall.voucher v WHERE v.payment_id = p.id)
      WHERE o.paid = 'voucher' OR t.payment_id IS NOT NULL
      GROUP BY o.id HAVING o.paid <> 'voucher' OR count(p.id) <> 1 OR sum(p.total) <> o.total`],
  ['a transfer booked without an entry of the bank, or the other way round', `SELECT p.out_trade_no AS key, p.total AS hall FROM hall.payment p
      LEFT JOIN hall.transfer t ON t.payment_id = p.id WHERE p.channel = 'transfer'
        AND (p.state IN ('paid', 'refund_due', 'refunded')) <> (coalesce(t.state, '') IN ('confirmed', 'surplus') AND p.transaction_id IS NOT NULL)`],
  ['money that has to go back, and nobody sends it', `SELECT p.out_trade_no AS key, p.total AS hall FROM hall.payment p
      WHERE p.state = 'refund_due' AND NOT EXISTS (SELECT FROM hall.refund r WHERE r.payment_id = p.id AND r.amount = p.total)`],
  ['reviewed and paid for by the same person', `SELECT o.number AS key FROM hall.orders o JOIN hall.review v ON v.order_id = o.id
      WHERE v.staff IN (SELECT staff FROM hall.transfer WHERE order_id = o.id UNION SELECT decided_by FROM hall.refund_request WHERE order_id = o.id)`],
  ['given back, and not marked so, or the other way round', `SELECT p.out_trade_no AS key, p.total AS hall FROM hall.payment p
      LEFT JOIN hall.refund r ON r.payment_id = p.id WHERE (p.state = 'refunded') <> (coalesce(r.state, '') = 'succeeded')`],
  ['more than one certificate in force', `SELECT o.number AS key FROM hall.certificate c JOIN hall.orders o ON o.id = c.order_id
      WHERE c.state IN ('issuing', 'valid') GROUP BY o.number HAVING count(*) > 1`],
  ['a certificate without payment', `SELECT DISTINCT o.number AS key FROM hall.certificate c JOIN hall.orders o ON o.id = c.order_id
      WHERE o.paid NOT IN ('paid', 'zero')`],
  ['produced, and there is no certificate', `SELECT number AS key FROM hall.orders o WHERE state IN ('produced', 'shipped', 'done')
      AND NOT EXISTS (SELECT FROM hall.certificate c WHERE c.order_id = o.id AND c.state = 'valid')`],
]

function* broken() {
  for (const [what, query] of RULES)
    for (const row of hall(query)) yield { account: 'hall', vendor: '', hall: '', ...row, what }
}

function verified() {
  try {
    return execFileSync(`${STATE}/bin/certhall-admin`, ['audit', 'verify'], { encoding: 'utf8', stdio: 'pipe',
      env: { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` } }).trim()
  } catch (e) {
    return `${e.stdout}${e.stderr}`.trim()
  }
}

function* auditTrail() {
  const said = verified()
  if (!/, 0 wrong$/.test(said)) yield { account: 'audit', key: '', vendor: '', hall: '', what: said }
}

/** Both sides' books: totals for people, and the differences. */
export function compare() {
  const payments = RECEIVED.filter((r) => has(vendor, r.table))
    .map((r) => ({ channel: r.channel, theirs: vendor(r.query), ours: received(r.channel) }))
  const refunds = GIVEN_BACK.filter((r) => has(vendor, r.table))
    .map((r) => ({ channel: r.channel, theirs: vendor(r.query), ours: givenBack(r.channel) }))
  const bank = { theirs: bankPayments(), ours: payouts() }
  const line = (account, theirs, ours) =>
    ({ account, 'vendor n': theirs.length, 'vendor fen': sum(theirs), 'hall n': ours.length, 'hall fen': sum(ours) })
  return {
    totals: [
      ...payments.map((p) => line(`${p.channel} payments`, p.theirs, p.ours)),
      ...refunds.map((r) => line(`${r.channel} refunds`, r.theirs, r.ours.filter((o) => o.state !== 'queued'))),
      line('cmb payouts', bank.theirs, bank.ours.filter((o) => o.state !== 'failed' || bank.theirs.some((t) => t.key === o.key))),
    ],
    differences: [...payments.flatMap((p) => [...comparePayments(p)]),
      ...refunds.flatMap((r) => [...compareRefunds(r)]), ...comparePayouts(bank), ...paidTwice(bank), ...bankBalance(bank),
      ...broken(), ...auditTrail()],
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { totals, differences } = compare()
  console.table(totals)
  if (differences.length) console.table(differences)
  console.log(differences.length ? `${differences.length} differences` : 'no difference')
  process.exitCode = differences.length ? 1 : 0
}
