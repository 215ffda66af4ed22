// SPDX-License-Identifier: Apache-2.0
// The people who send the requests: invented applicants with a draft each, applicants of existing orders, staff. Their sessions are
// inserted into the database. What is known of each ({ order, session, … }) is written as PostgreSQL writes it.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Visitor, freshToken, goodForm, hashOf, newApplicant, newStaff, openSession } from '../../tests/http/lib.mjs'
import { Applicant, person } from '../../tests/lib/hall.mjs'
import { rowsOf, sql } from './hall.mjs'
import { dataKeys } from './peers.mjs'

export const SLUG = 'szjsgws'

const asBytea = (literal) => literal.slice(1, -1) // of hashOf, which writes a literal

const known = (v, more) => Object.assign(v, { facts: { session: asBytea(hashOf(v.token)), account: v.id, request: randomUUID().replaceAll('-', ''), ...more } })

/** A session for the account of each order. */
function sessions(rows) {
  const people = rows.map(([order, account, version, number, subject]) => {
    const v = Object.assign(new Visitor('hall', freshToken(), account), { slug: SLUG })
    return known(v, { order, version, number, subject })
  })
  sql(people.map((v) => openSession('account', v.id, v.token)).join('\n'))
  return people
}

/** All people fill in the same, so that what is computed from it is known for all. */
const FORM = goodForm(SLUG)

/** The body of a request that saves the form, in which #V# stands for the order's version. Each body changes the address, except one for a known version. */
export const saveBody = (version) => JSON.stringify({ version: '#V#', complete: true, form: { ...FORM, unit_address: version ? '科技园路 1 号' : '科技园路 #V# 号' } })
  .replace('"#V#"', version ?? '#V#')

async function drafter() {
  const v = await newApplicant(SLUG)
  const draft = await v.draft({ seal_wanted: false })
  const res = await v.save(draft, FORM)
  if (res.status !== 200) throw new Error(`a draft is refused: ${res.text}`)
}

/** The people of an earlier run, whose accounts nobody can log in to. */
const left = (n) => sessions(rowsOf(`SELECT o.id, o.account, o.version, o.number, o.subject
  FROM hall.orders o JOIN hall.project p ON p.id = o.project JOIN hall.account a ON a.id = o.account
  WHERE p.slug = '${SLUG}' AND o.state = 'draft' AND o.form_complete AND a.phone_encrypted = '' ORDER BY o.id LIMIT ${n}`))

/** Applicants with a draft whose form is complete. Missing ones are made, some at a time. */
export async function drafters(n) {
  for (let there = left(n); ; there = left(n)) {
    if (there.length === n) return Promise.all(there.map((v) => v.withCsrf()))
    await Promise.all(Array.from({ length: Math.min(8, n - there.length) }, drafter))
  }
}

/** Marks their forms as printed, without which no stamped form is taken. */
export async function printed(people) {
  for (const v of people) {
    const res = await v.api('GET', `/new/orders/${v.facts.order}/form.pdf`)
    if (res.status !== 200) throw new Error(`a form is not printed: ${res.text}`)
  }
  return people
}

/** Lifts the daily limits of uploads: the counts begin far below zero. */
export function unlimited(people) {
  const who = people.flatMap((v) => [['order', v.facts.order], ['account', v.id]]).concat([['address', '127.0.0.1']])
  sql(`INSERT INTO hall.upload_count (kind, who, files, bytes) VALUES ${who.map(([kind, id]) => `('${kind}', '${id}', -1e9, -1e15)`)}
       ON CONFLICT (kind, who, day) DO UPDATE SET (files, bytes) = (excluded.files, excluded.bytes)`)
  return people
}

const versionsOf = (people) => rowsOf(`SELECT id, version, form FROM hall.orders WHERE id IN (${people.map((p) => `'${p.facts.order}'`)})`)

process.env.BENCH_KEYS = dataKeys()
const { encrypt, decrypt } = await import('./peers/fastify/ring.mjs')

/** Encrypted forms that pgbench saves in turn, since a form that does not change makes no version. Each can be decrypted for its own order only. */
function encryptedForms(order, version, now) {
  const again = `\\x${encrypt('order.form', order, decrypt('order.form', order, Buffer.from(now.slice(2), 'hex'))).toString('hex')}`
  const [even, odd] = version % 2 === 0 ? [again, now] : [now, again]
  return { encrypted_even: even, encrypted_odd: odd }
}

/** The versions and forms of their orders, read when nothing changes them any more. */
export async function settled(people) {
  for (let last; ;) {
    const versions = versionsOf(people)
    const quiet = sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'certhall_new' AND state <> 'idle'") === '0'
    if (quiet && last === String(versions)) {
      for (const [order, version, encrypted] of versions)
        Object.assign(people.find((p) => p.facts.order === order).facts, { version, ...encryptedForms(order, version, encrypted) })
      return people
    }
    last = String(versions)
    await sleep(300)
  }
}

/** The applicants of up to `n` random orders with a form. */
export const owners = (n) => sessions(rowsOf(`SELECT o.id, o.account, o.version, o.number, o.subject FROM hall.orders o JOIN hall.project p ON p.id = o.project
  WHERE p.slug = '${SLUG}' AND o.form IS NOT NULL AND o.erased_at IS NULL ORDER BY random() LIMIT ${n}`))

/** The phone of somebody who has a password. */
export async function registered() {
  const { mobile } = await person()
  await new Applicant('hall').register(mobile, 'correct horse 1')
  return mobile
}

/** Somebody at the desk. */
export const clerk = async (role) => known(await newStaff(role), {})
