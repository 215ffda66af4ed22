// SPDX-License-Identifier: Apache-2.0
// Measures the rows that are named (all without a name) and prints them; tools/bench/run prepares and calls it.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { newApplicant, request } from '../../tests/http/lib.mjs'
import { capture, statementOf } from './capture.mjs'
import { certificateCost } from './certificate.mjs'
import { figures } from './figures.mjs'
import { floodCost } from './flood.mjs'
import { CONNECTIONS, STATE, THREADS, URL_BASE, giveToHall, processes, run, sql } from './hall.mjs'
import { load } from './load.mjs'
import { PEERS, startPeers, versions } from './peers.mjs'
import { clerk, registered, saveBody } from './people.mjs'
import { dropSelect, forgetPeople, makeSelect, pgbench, pgbenchSelect, setPeople } from './pgbench.mjs'
import { print } from './print.mjs'
import { ROWS } from './rows.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 3)
const LEVELS = [16, 64]
const FOLDER = `${STATE}/tmp/bench`
const names = process.argv.slice(2)
const wanted = (name) => names.length === 0 || names.includes(name)

/** The median of several rounds, for each member. */
function median(rounds) {
  if (typeof rounds[0] === 'object') return Object.fromEntries(Object.keys(rounds[0]).map((k) => [k, median(rounds.map((r) => r[k]))]))
  return rounds.sort((a, b) => a - b)[Math.floor(rounds.length / 2)]
}

/**
 * Measures all contenders in turn in each round, so that a disturbance concerns all of them. Another program makes the load while this one
 * stands still, so it first notices which connections nginx has closed meanwhile.
 */
async function interleaved(contenders) {
  const results = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, act] of Object.entries(contenders)) {
      results[name].push(await act())
      await sleep(20)
    }
  return Object.fromEntries(Object.entries(results).map(([name, rounds]) => [name, median(rounds)]))
}

/** Sends a request of a person through the hall or a peer, and returns the facts about it. */
function asker(row, v) {
  return async (host) => {
    const { method, path, headers, body } = row.request(v, FOLDER)
    const res = await request(method, path, { headers, body: row.versioned ? saveBody(v.facts.version) : body, ...(host && { host }) })
    if (res.status !== 200) throw new Error(`${row.title}: ${res.status} ${res.text.slice(0, 300)}`)
    const facts = { ...v.facts, ...(res.id && { request: res.id }) }
    if (row.versioned) v.facts.version = String(res.json.version)
    return { facts, json: res.json }
  }
}

/** Two different versions, so that they can be told from other small numbers. */
async function statementsOf(row, people) {
  const [a, b] = people.map((v) => asker(row, v))
  if (row.versioned) for (let i = 0; i < 3; i++) await b()
  return capture(row.module, [a, b].map((make) => async () => (await make()).facts))
}

/** An answer without what changes with every saving, and with its members sorted. */
const comparable = (json) => JSON.stringify(json, (key, v) =>
  key === 'version' || /_at$/.test(key) ? undefined
    : key === 'unit_address' ? '' : v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort(([x], [y]) => (x < y ? -1 : 1))) : v)

/** The peers must give the same answer as the module. */
async function sameAnswers(rows, people) {
  for (const row of rows) {
    const ask = asker(row, people[row.name][0])
    const own = comparable((await ask()).json)
    for (const peer of PEERS) {
      const theirs = comparable((await ask(new URL(peer.origin).hostname)).json)
      if (theirs !== own) throw new Error(`${row.title}: ${peer.title} answers\n${theirs}\nand the module\n${own}`)
    }
  }
}

/** The contenders of a row, by name. */
function contenders(row, people, trips, peers) {
  const options = { seconds: Math.min(SECONDS, row.seconds ?? SECONDS), folder: FOLDER }
  const current = async () => (row.versioned ? row.people() : people) // versions as the last one has left them
  const http = (origin, roots, connections) => async () =>
    load({ ...options, origin, connections, roots, requests: (await current()).map((v) => row.request(v, FOLDER)) })
  const direct = (clients, every) => async () => {
    setPeople((await current()).map((v) => v.facts))
    return pgbench(row.module, trips, { ...options, clients, every, people: people.length, stays: row.versioned, versioned: row.versioned })
  }
  const all = {}
  for (const n of LEVELS) {
    all[`hall ${n}`] = http(URL_BASE, processes(row.module), n)
    if (row.peers && peers)
      for (const p of PEERS) all[`${p.name} ${n}`] = http(p.origin, { ...peers.roots(p.name), postgresql: processes().postgresql }, n)
  }
  if (trips) Object.assign(all, { pgbench: direct(CONNECTIONS, 50), database: direct(1, 1) })
  if (row.name === 'read') all.select = () => pgbenchSelect({ clients: CONNECTIONS, ...options })
  return all
}

/** "hall 16" becomes hall[16]. */
function nested(results) {
  const out = {}
  for (const [key, value] of Object.entries(results)) {
    const [name, level] = key.split(' ')
    if (level) (out[name] ??= {})[level] = value
    else out[name] = value
  }
  return out
}

/** The statements of a peer: the round trips, and the reading of the project every two seconds, which is in no capture. */
const statementsOfPeer = (row, trips) => ({ role: `certhall_${row.module}`, trips, project: statementOf(row.module, 'form_spec') })

async function measureHttp(rows) {
  const people = {}, trips = {}, measured = {}
  for (const row of rows) {
    if (row.direct === false) continue
    people[row.name] = await row.people()
    trips[row.name] = await statementsOf(row, people[row.name])
  }
  const withPeers = rows.filter((r) => r.peers)
  const peers = withPeers.length > 0
    ? await startPeers(`${FOLDER}/peers`, Object.fromEntries(withPeers.map((r) => [r.name, statementsOfPeer(r, trips[r.name])]))) : null
  try {
    if (peers) await sameAnswers(withPeers, people)
    if (rows.some((r) => r.name === 'read')) makeSelect()
    for (const row of rows) {
      process.stderr.write(`  ${row.title}\n`)
      people[row.name] ??= await row.people() // what was done to them by the rows before may matter
      const { select, ...results } = await interleaved(contenders(row, people[row.name], trips[row.name], peers))
      const statements = trips[row.name]?.map((t) => t.statements.map((s) => s.name))
      measured[row.name] = { title: row.title, statements, ...nested(results) }
      if (select) measured.select = select
    }
  } finally {
    await peers?.stop()
    forgetPeople()
    dropSelect()
  }
  return measured
}

const machine = () => ({ cpu: os.cpus()[0].model, cores: os.cpus().length, memory_gib: Math.round(os.totalmem() / 2 ** 30), kernel: os.release() })
const software = (withPeers) => ({
  commit: process.env.BENCH_COMMIT, postgresql: sql('SHOW server_version'), nginx: run('/usr/sbin/nginx', ['-v'], { stdio: 'pipe' }) || process.env.BENCH_NGINX,
  node: process.version, wrk: process.env.BENCH_WRK, ...(withPeers && versions()),
})

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1)) // which ends the peers
process.once('uncaughtException', (e) => { console.error(e); process.exit(1) })
rmSync(FOLDER, { recursive: true, force: true })
mkdirSync(`${FOLDER}/peers`, { recursive: true })
giveToHall(FOLDER)
const rows = ROWS.filter((r) => wanted(r.name))
const all = [...ROWS.map((r) => r.name), 'flood', 'certificate']
const unknown = names.filter((n) => !all.includes(n))
if (unknown.length > 0) throw new Error(`no row ${unknown}; there are: ${all.join(' ')}`)
const measured = {}
if (wanted('certificate')) {
  process.stderr.write('  a whole certificate\n')
  measured.certificate = await certificateCost(Number(process.env.BENCH_WALKS ?? 10), Number(process.env.BENCH_IDLE ?? 10))
}
if (wanted('flood')) {
  process.stderr.write('  a flood of log-ins\n')
  const visitors = { same: await newApplicant(), other: await clerk('reviewer') }
  measured.flood = await floodCost({ interleaved, seconds: SECONDS, folder: FOLDER, visitors, victim: await registered() })
}
if (rows.length > 0) Object.assign(measured, await measureHttp(rows))
const report = {
  at: new Date().toISOString(), machine: machine(), software: software(rows.some((r) => r.peers)),
  hall: { orders: Number(sql('SELECT count(*) FROM hall.orders')), connections: CONNECTIONS, threads: THREADS },
  rounds: ROUNDS, seconds: SECONDS, measured, figures: figures(measured),
}
if (process.env.BENCH_JSON) writeFileSync(process.env.BENCH_JSON, `${JSON.stringify(report, null, 1)}\n`)
print(report)
rmSync(FOLDER, { recursive: true, force: true })
process.exit() // kept connections of the requests above
