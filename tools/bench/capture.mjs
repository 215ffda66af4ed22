// SPDX-License-Identifier: Apache-2.0
// Finds the statements that a request sends: the request is made for two persons, and PostgreSQL logs what comes from the module's role.
// Values that differ between the two must be known facts about them; pgbench and the peers use those of other persons in their place.
import { readFileSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { STATE, quote, run, sql } from './hall.mjs'

const LOG = `${STATE}/log/pg.log`
const MARK = 'bench-capture'
const BACKGROUND = /^keys_all$/ // the ring of keys is looked after beside the requests

/** Ends the connections of the role, so that the module opens others with the role's new settings. */
async function reconnect(role) {
  sql(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = ${quote(role)}`)
  await sleep(200)
}

/** Settings for logging values. The hall's PostgreSQL does not log them, since they may be personal; the bench's people are invented. */
const TELLING = { log_statement: 'all', log_parameter_max_length: -1, log_error_verbosity: 'default' }

/** Runs `act` while everything that `role` sends is logged. %v is the transaction; statements of one pipeline have the same. */
async function logged(role, act) {
  for (const [key, value] of Object.entries(TELLING)) sql(`ALTER ROLE ${role} SET ${key} = '${value}'`)
  sql(`ALTER SYSTEM SET log_line_prefix = '${MARK} %p %v %u '`)
  sql('SELECT pg_reload_conf()')
  await sleep(200)
  await reconnect(role)
  try {
    return await act()
  } finally {
    for (const key of Object.keys(TELLING)) sql(`ALTER ROLE ${role} RESET ${key}`)
    sql('ALTER SYSTEM RESET log_line_prefix')
    sql('SELECT pg_reload_conf()')
    await reconnect(role)
  }
}

/** The values of "$1 = 'it''s', $2 = NULL"; NULL becomes null. */
const values = (line) =>
  [...line.matchAll(/\$\d+ = (?:(NULL)|'((?:[^']|'')*)')/g)].map(([, none, text]) => (none ? null : text.replaceAll("''", "'")))

/** Round trips, in order: { pipeline, statements: [{ name, sql, values }] }; outside a pipeline each statement waits for the last. */
function roundTrips(text, role) {
  const trips = new Map()
  let statement
  for (const entry of text.split(new RegExp(`^${MARK} `, 'm')).slice(1)) {
    const m = entry.match(/^(\d+) (\S*) (\S+) (LOG|DETAIL): +(.*)$/s)
    if (!m || m[3] !== role) continue
    const said = m[5].trimEnd().replaceAll('\n\t', '\n')
    const execute = said.match(/^execute (\S+): (.*)$/s), simple = said.match(/^statement: (.*)$/s)
    if (m[4] === 'DETAIL') {
      if (statement) statement.values = values(said)
    } else if (execute || simple) {
      const key = `${m[1]} ${m[2]}`
      const trip = trips.get(key) ?? trips.set(key, { pipeline: true, statements: [] }).get(key)
      if (simple) trip.pipeline = false
      statement = execute ? { name: execute[1], sql: execute[2].trim(), values: [] } : undefined
      if (execute && !BACKGROUND.test(execute[1])) trip.statements.push(statement)
    }
  }
  return [...trips.values()].filter((t) => t.statements.length > 0)
}

/** The log since `from`, read when nothing has been added for a while. */
async function logSince(from) {
  for (let last = -1; ;) {
    const size = statSync(LOG).size
    if (size === last && size > from) return readFileSync(LOG).subarray(from).toString()
    last = size
    await sleep(150)
  }
}

const count = (trips) => trips.flatMap((t) => t.statements).length

/** The statements of one request, without those that are sent only now and then (the project, every two seconds). */
async function sentBy(role, make) {
  let least
  for (let i = 0; i < 4; i++) {
    for (let warm = 0; warm < 6; warm++) await make()
    await sleep(100)
    const from = statSync(LOG).size
    const facts = await make(), trips = roundTrips(await logSince(from), role)
    if (!least || count(trips) < count(least.trips)) least = { trips, facts }
  }
  return least
}

/** The parameter types and the text of each statement of a module, as the module prints them. */
function declared(module) {
  const env = { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` }
  const text = run(`${STATE}/bin/certhall-${module}`, ['--statements'], { env, timeout: 10000, stdio: 'pipe' })
  return new Map([...text.matchAll(/^-- name: (\S+)\n-- params: *(.*)\n([^]*?)\n\n/gm)].map(([, name, params, sql]) => [name, { types: params.split(/, */), sql }]))
}

/** The same statement for clients that do not send the types of parameters. */
const typed = (text, types) => text.replace(/\$(\d+)(?!\d|::)/g, (dollar, n) => (types?.[n - 1] ? `${dollar}::${types[n - 1]}` : dollar))

/** A statement of a module that is not sent with every request: { name, sql }. */
export function statementOf(module, name) {
  const { sql, types } = declared(module).get(name)
  return { name, sql: typed(sql, types) }
}

/** A parameter: a value that is the same for everybody, or the name of a fact; `encrypted` is a value that the program has encrypted.
 * Clients that cannot encrypt send a value that was encrypted before. */
function parameter(name, n, [a, b], facts) {
  if (a === b) return { value: a }
  const fact = Object.keys(facts[0]).find((f) => facts[0][f] === a && facts[1][f] === b)
  if (fact) return { fact }
  if (/^\\x01/.test(a) && /^\\x01/.test(b)) return { fact: 'encrypted' }
  throw new Error(`${name}: nothing is known of parameter $${n + 1}, ${a} and ${b}`)
}

/**
 * The round trips of a request to `module`. `makes` are two functions that make it, each for a person of its own, and answer with
 * what is known of that person and that request: { order, session, version, request, … }, as PostgreSQL would write them.
 */
export async function capture(module, makes) {
  const role = `certhall_${module}`
  const both = await logged(role, async () => [await sentBy(role, makes[0]), await sentBy(role, makes[1])])
  const facts = both.map((one) => one.facts)
  const shape = both.map(({ trips }) => trips.map((t) => t.statements.map((s) => s.name).join(' + ')).join('; '))
  if (shape[0] !== shape[1] || shape[0] === '') throw new Error(`two requests sent different statements: ${shape.join(' / ')}`)
  const statements = declared(module)
  return both[0].trips.map((trip, t) => ({
    pipeline: trip.pipeline,
    statements: trip.statements.map((s, i) => ({
      name: s.name, sql: typed(s.sql, statements.get(s.name)?.types),
      params: s.values.map((v, n) => parameter(s.name, n, [v, both[1].trips[t].statements[i].values[n]], facts)),
    })),
  }))
}
