// SPDX-License-Identifier: Apache-2.0
// One whole certificate of project szjsgws, from the partner's link to the parcel, walked by HTTP as browser and phone would, and
// what it costs the database.
import { setTimeout as sleep } from 'node:timers/promises'
import { Applicant, BRANCH, Staff, eventually, formFor, person } from '../../tests/lib/hall.mjs'
import { since, used, usedBy } from './cpu.mjs'
import { jsonOf, processes, rowsOf, sql } from './hall.mjs'

const LINK = '/szjsgws/getLogin?projectId=0535cc2aee346b5dc3f9e5b852f00369'

/** The persons at the desk, logged in once: each has many orders a day. */
export const desk = async () => ({ reviewer: await new Staff().login('review'), producer: await new Staff().login('produce') })

async function apply(p) {
  const a = new Applicant('szjsgws')
  await a.fetch('GET', LINK)
  await a.loginSms(p.mobile)
  await a.draft(true)
  await a.save(formFor('szjsgws', p))
  await a.print()
  await a.uploadAll()
  const said = await a.authenticate(p)
  if (said.state !== 'passed') throw new Error(`not authenticated: ${said.reason}`)
  await a.refresh()
  await a.step('submit')
  await a.pay()
  await a.account(BRANCH, p.account_no)
  return a
}

async function issue(a, { reviewer, producer }) {
  const id = a.order.id
  await reviewer.act(id, 'approve')
  await a.until('accepted')
  await producer.act(id, 'produce')
  await eventually('the certificate', async () => (await producer.read(id)).order.state === 'produced')
  await (await producer.fetch('GET', `/desk/api/produce/orders/${id}/certificate.p12`)).arrayBuffer()
  await producer.act(id, 'ship', { courier: 'sf', tracking_no: 'SF1234567890' })
}

export async function walk(staff) {
  const a = await apply(await person())
  await issue(a, staff)
  await a.refresh()
  return a
}

/** CPU of the living backends, by role and database. */
function byRole() {
  const us = new Map()
  for (const [pid, role, database] of rowsOf("SELECT pid, usename, datname FROM pg_stat_activity WHERE backend_type = 'client backend'")) {
    const name = database === 'certhall' ? role.replace('certhall_', '') : database.replace('certhall_', '')
    us.set(name, (us.get(name) ?? 0) + used([pid]))
  }
  return us
}

const counted = () => /pg_stat_statements/.test(sql('SHOW shared_preload_libraries'))
/** The extension may be there already, in whatever schema. */
const schema = () => sql("SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'pg_stat_statements'")
function countAnew() {
  sql('CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
  sql(`SELECT ${schema()}.pg_stat_statements_reset()`)
}

/** The most expensive statements, with their cost for one certificate, if the database counts statements. */
const dearest = (n) => jsonOf(`SELECT replace(r.rolname, 'certhall_', '') AS role, left(regexp_replace(s.query, '\\s+', ' ', 'g'), 100) AS statement,
    round(s.calls / ${n}.0, 1) AS calls, round(((s.total_exec_time + s.total_plan_time) / ${n})::numeric, 2) AS ms
  FROM ${schema()}.pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid JOIN pg_database d ON d.oid = s.dbid
  WHERE d.datname = 'certhall' AND s.toplevel ORDER BY s.total_exec_time + s.total_plan_time DESC LIMIT 10`)

/** What the database uses in a second without work, µs: the median of several, so that a cleaning-up in one of them does not count. */
async function idling(roots, seconds) {
  const all = []
  for (let i = 0; i < seconds; i++) {
    const before = usedBy(roots)
    await sleep(1000)
    all.push(since(before, roots).postgresql)
  }
  return all.sort((a, b) => a - b)[Math.floor(seconds / 2)]
}

/**
 * CPU time of the database for one certificate, in milliseconds: `n` are made one after the other, and what the database uses in as much
 * time without them is subtracted. All databases of the hall count, also the sandbox's.
 */
export async function certificateCost(n, idleSeconds) {
  const roots = { postgresql: processes().postgresql }
  sql('VACUUM (ANALYZE)') // or autovacuum does it while certificates are measured. Staff log in afterwards: idle connections end meanwhile
  const staff = await desk()
  await walk(staff) // plans and caches
  const idleFrom = byRole(), idle = await idling(roots, idleSeconds), rolesFrom = byRole()
  const idleOf = (role) => ((rolesFrom.get(role) ?? 0) - (idleFrom.get(role) ?? 0)) / idleSeconds
  if (counted()) countAnew()
  const from = usedBy(roots), begun = Date.now()
  for (let i = 0; i < n; i++) await walk(staff)
  const seconds = (Date.now() - begun) / 1000
  const total = since(from, roots).postgresql
  const roles = [...byRole()].map(([role, us]) => ({ role, ms: (us - (rolesFrom.get(role) ?? 0) - idleOf(role) * seconds) / n / 1000 }))
  return {
    walked: n, seconds: seconds / n, idle_ms_per_second: idle / 1000, database_ms: (total - idle * seconds) / n / 1000,
    roles: roles.filter((r) => r.ms > 0.5).sort((a, b) => b.ms - a.ms), ...(counted() && { dearest: dearest(n) }),
  }
}
