// SPDX-License-Identifier: Apache-2.0
// The main job, many times at once, while somebody kills programs. Afterwards the money is counted, and nobody waits in vain.
//
// FAULT_ORDERS: how many orders; FAULT_SEED: what the saboteur's choices follow from (the order of events in the hall is
// another matter: the same seed does not give the same run, only the same kills).
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { STATE, eventually, sql } from '../lib/hall.mjs'
import { compare } from './books.mjs'
import { Desk, Determined, Finance, answers, rude } from './people.mjs'
import { Saboteur, backends, postmaster, running } from './saboteur.mjs'
import { drained, forsaken, givenUp, offerAllWays } from './standing.mjs'

const ORDERS = Number(process.env.FAULT_ORDERS ?? 60)
const SEED = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 1e9))
const AT_ONCE = Number(process.env.FAULT_AT_ONCE ?? 24)

/** The subjects whose orders the reviewer has rejected once. */
const toReject = new Set()
/** Orders that their applicants give up before the reviewer comes to them. */
const toRefund = new Set()

/** Brings an order from the log-in to the payment. */
async function paidBy(a, settle = () => a.settle()) {
  await a.begin()
  await a.handIn()
  await settle()
  return a
}

/** The ways that people go, which are taken in turn. */
const WAYS = [
  async function institution() {
    const a = await paidBy(new Determined('szjsgws'))
    await a.giveAccount()
    return a
  },
  function natural() {
    return paidBy(new Determined('jieyang', { type: 'natural', channel: 'alipay' }))
  },
  function accountInTheForm() {
    return paidBy(new Determined('jieyang'))
  },
  async function wrongAccount() {
    const a = await paidBy(new Determined('szjsgws', { channel: 'alipay' }))
    await a.giveAccount(a.who.account_no.slice(0, -4) + '0001')
    return a
  },
  async function rejected() {
    const a = new Determined('szjsgws')
    await paidBy(a, async () => {
      toReject.add(a.order.id)
      await a.settle()
    })
    await a.giveAccount()
    return a
  },
  async function takenBack() {
    const a = new Determined('szjsgws')
    await paidBy(a, () => a.payTwice())
    await a.giveAccount()
    return a
  },
  async function bothWays() {
    const a = new Determined('szjsgws')
    await paidBy(a, () => a.payBothWays())
    await a.giveAccount()
    return a
  },
  function transferred() {
    const a = new Determined('jieyang')
    return paidBy(a, () => a.transfer())
  },
  async function givenUp() {
    const a = new Determined('jieyang', { type: 'natural', channel: 'alipay' })
    await paidBy(a, async () => {
      toRefund.add(a.order.id)
      await a.settle()
    })
    await a.giveUp()
    return a
  },
  async function transferredAndGivenUp() {
    const a = new Determined('jieyang')
    await paidBy(a, async () => {
      toRefund.add(a.order.id)
      await a.transfer()
    })
    await a.giveUp()
    return a
  },
]

const reviewing = async (staff, { id }) => {
  if (toRefund.has(id)) return
  if (!toReject.has(id)) return staff.act(id, 'approve')
  await staff.act(id, 'reject', { reasons: [{ pointer: '/form/unit_address', text: '地址与执照不符' }] })
  toReject.delete(id)
}
const producing = (staff, { id, taken_by }) => taken_by ?? staff.act(id, 'produce')
const shipping = (staff, { id }) => staff.act(id, 'ship', { courier: 'sf', tracking_no: `SF${Date.now()}` })

/** An entry of the bank's statement, which is the same however often it is copied. */
const day = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
const money = {
  voucher: (staff, { order_id, fen, subject, number }, version) =>
    staff.signed(`/desk/api/finance/orders/${order_id}/transfer/confirm`, { version, payer: subject, fen, day, reference: `IN-${number}` }),
  refund_asked: (staff, { order_id }, version) => staff.signed(`/desk/api/finance/orders/${order_id}/refund/approve`, { version }),
  refund_by_hand: (staff, { id, number }) => staff.signed(`/desk/api/finance/refunds/${id}/settle`, { reference: `OUT-${number}`, day }),
}

async function inTurn(n, atOnce, act) {
  let next = 0
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < n) await act(next++)
  }))
}

const supervisor = (order) => execFileSync('sh', ['-c', `supervisorctl -c '${STATE}/supervisord.conf' ${order}; true`], { encoding: 'utf8' })
const status = () => supervisor('status').trim().split('\n')
const told = (what) => console.log(`# ${what}`)

/** Walks all orders, until the runner has done everything. */
async function work(saboteur) {
  const begun = Date.now()
  const failures = []
  let done = 0
  const seconds = () => Math.round((Date.now() - begun) / 1000)
  await inTurn(ORDERS, AT_ONCE, async (i) => {
    try {
      const a = await WAYS[i % WAYS.length]()
      await a.followUp()
    } catch (e) {
      failures.push(`${WAYS[i % WAYS.length].name}: ${e.stack}`)
    }
    done++
    if (done === ORDERS - AT_ONCE + 1) await saboteur.stop() // the last ones find a hall at peace
    if (done % 20 === 0) told(`${done} orders after ${seconds()} s`)
  })
  await saboteur.stop()
  told(`${seconds()} s, killed: ${JSON.stringify(saboteur.kills)}`)
  await drained(1800_000)
  told(`drained after ${seconds()} s; given up: ${JSON.stringify(givenUp())}`)
  assert.deepEqual(failures, [])
}

test(`${ORDERS} orders while programs are killed: seed ${SEED}`, async () => {
  offerAllWays()
  const desks = [new Desk('review', { review: reviewing }), new Desk('produce', { produce: producing, ship: shipping }), new Finance('finance', money)]
  const saboteur = new Saboteur(SEED, answers)
  try {
    await work(saboteur)
  } finally { // whatever came of it: nothing goes on behind the test
    await saboteur.stop()
    await Promise.all(desks.map((d) => d.stop()))
  }
})

test('every program runs, and supervisor has given none up', async () => {
  await eventually('all programs running', () => status().every((line) => /RUNNING/.test(line)), 300000)
  assert.doesNotMatch(readFileSync(`${STATE}/log/supervisord.log`, 'utf8'), /gave up|FATAL/)
})

test('the books of both sides are equal to the fen', () => {
  const { totals, differences } = compare()
  console.table(totals)
  if (differences.length) console.table(differences)
  assert.deepEqual(differences, [])
})

test('nobody waits for something that nobody does', () => assert.deepEqual(forsaken(), []))

test('every refusal was a sentence that people can read', () => assert.deepEqual([...rude], []))

const comesBack = () => eventually('the database', () => {
  try {
    return sql('SELECT 1') === '1'
  } catch {
    return false
  }
}, 300000)

test('the database comes back although a process that a killed one has left never ends', async () => {
  const [before] = postmaster()
  process.kill(backends()[0], 'SIGSTOP')
  process.kill(before, 'SIGKILL')
  await comesBack()
  assert.notEqual(postmaster()[0], before)
})

test('programs that start while the database is away wait for it, however long that is', async () => {
  const programs = ['gate', 'runner', 'signer', 'sandbox', 'sandbox-clock'], all = () => programs.flatMap(running)
  const old = all()
  supervisor('stop pg')
  for (const pid of old) process.kill(pid, 'SIGKILL')
  await eventually('new processes', () => all().length === old.length && !all().some((pid) => old.includes(pid)), 300000)
  const waiting = all()
  await sleep(4000) // one that ends would have ended; where the machine is slower, this sees less
  supervisor('start pg')
  await comesBack()
  assert.deepEqual(all(), waiting)
  await eventually('the hall', async () => (await fetch(`${process.env.CERTHALL_URL}/jieyang/api/gate/session`).catch(() => null))?.status === 200, 300000)
  await eventually('all programs running', () => status().every((line) => /RUNNING/.test(line)), 300000)
})
