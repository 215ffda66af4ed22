// SPDX-License-Identifier: Apache-2.0
// Who acts next on an order. The rule of the fault tests: there is always somebody, and whoever waits for a machine has a job
// in the outbox that will be done.
import { eventually, sql } from '../lib/hall.mjs'

/** Who acts on an order in a state; approved orders and those in production wait for the machine, see `actor`. */
const ACTS = {
  draft: 'applicant', unpaid: 'applicant', rejected: 'applicant', in_review: 'reviewer', produced: 'producer', shipped: 'applicant',
  done: 'nobody needs to', refunded: 'nobody needs to', cancelled: 'nobody needs to',
}
const ACCOUNT_NEEDED = ['account_wanted', 'failed', 'returned']

/** For an approved order the applicant enters the account, or the system proves it. A producer has an accepted one made; the page then
 *  says that it is being made and has no button. */
function actor(o) {
  if (o.state === 'approved' && ACCOUNT_NEEDED.includes(o.finauth)) return 'applicant'
  if (o.state === 'verifying' && o.finauth !== 'queued') return 'applicant'
  if (o.state === 'accepted' && !o.producing) return 'producer'
  return ACTS[o.state] ?? (o.at_work ? 'the runner' : null)
}

/** Jobs that wait for a certain day. */
const TIMERS = `('payout_watch', 'unpaid_end', 'account_reminder', 'code_end', 'signed_for', 'bill')`

const list = (query) => JSON.parse(sql(`SELECT coalesce(json_agg(x), '[]') FROM (${query}) x`))

const AT_WORK = `EXISTS (SELECT FROM hall.outbox b WHERE b.state = 'due' AND b.kind IN ('pin', 'payout', 'payout_query', 'issue')
    AND (b.subject = o.id OR b.subject IN (SELECT id FROM hall.payout y WHERE y.order_id = o.id)))`

const forsakenOrders = () =>
  list(`SELECT o.number, o.state, o.finauth, o.producer IS NOT NULL AS producing, ${AT_WORK} AS at_work FROM hall.orders o`)
    .filter((o) => !actor(o)).map((o) => `order ${o.number}: ${o.state}, ${o.finauth}, and no job`)

/** Rows that wait for the system, with the kinds of jobs of which one must be due. */
const WAITING = [
  ['payment', `SELECT id, out_trade_no AS name FROM hall.payment WHERE state = 'waiting' AND channel <> 'transfer'`, `'payment_query', 'payment_close'`],
  ['refund', `SELECT r.id, r.out_refund_no AS name FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id
      WHERE r.state IN ('queued', 'accepted') AND p.channel <> 'transfer'`, `'refund', 'refund_query'`],
  ['licence', `SELECT c.paper_id AS id, c.paper_id AS name FROM hall.licence_check c JOIN hall.paper m ON m.id = c.paper_id
      WHERE c.state = 'queued' AND m.state <> 'replaced'`, `'licence'`],
  ['payout', `SELECT id, yur_ref || ' ' || state AS name FROM hall.payout WHERE state IN ('queued', 'sent') AND suspended_at IS NULL`, `'payout', 'payout_query'`],
  ['PIN', `SELECT order_id AS id, order_id || '/' || generation AS name FROM hall.pin WHERE state = 'wanted'`, `'pin'`],
  ['carrier check', `SELECT id, id AS name FROM hall.identity WHERE state = 'pending' AND front AND back AND carrier IS NULL`, `'carrier'`],
  ['liveness check', `SELECT id, id AS name FROM hall.identity WHERE state = 'pending' AND biz_token IS NOT NULL`, `'liveness'`],
  ['message', `SELECT id, event AS name FROM hall.message WHERE state = 'queued' AND event <> 'login_code'`, `'message'`],
  ['certificate', `SELECT o.id, c.serial AS name FROM hall.certificate c JOIN hall.orders o ON o.id = c.order_id
      WHERE c.state = 'issuing' AND o.state = 'accepted'`, `'issue'`],
]

export function forsaken() {
  return WAITING.flatMap(([what, waiting, kinds]) =>
    list(`SELECT w.name FROM (${waiting}) w
           WHERE NOT EXISTS (SELECT FROM hall.outbox b WHERE b.subject = w.id AND b.state = 'due' AND b.kind IN (${kinds}))`)
      .map((row) => `${what} ${row.name} waits, and no job is due for it`)).concat(forsakenOrders())
}

/** Jobs that were given up, with the reason for operators. */
export const givenUp = () =>
  list(`SELECT kind || ' ' || coalesce(last_error, '-') AS job FROM hall.outbox WHERE state = 'failed' ORDER BY id`).map((row) => row.job)

/** Waits until the runner has done all jobs except those that wait for a certain day, and the last queries about settled payments. */
export function drained(ms) {
  const left = `SELECT count(*) FROM hall.outbox b WHERE state = 'due' AND kind NOT IN ${TIMERS}
    AND NOT (kind = 'payment_query' AND EXISTS (SELECT FROM hall.payment p WHERE p.id = b.subject AND p.state <> 'waiting'))`
  return eventually('an empty outbox', () => sql(left) === '0', ms)
}

/** All ways of paying, whatever the demonstration's projects offer. */
export const offerAllWays = () => sql(`UPDATE hall.project SET payment_ways = '{wechatpay,alipay,transfer}' WHERE slug <> 'hall'`)
