// SPDX-License-Identifier: Apache-2.0
// What each statement costs on a filled hall: all HTTP tests run against it while PostgreSQL counts what they call, also inside
// functions. Blocks and plannings are counted, never times: those are the same on a busy machine.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { before, test } from 'node:test'
import { STATE, Staff, eventually, sql } from '../lib/hall.mjs'

const TOP = process.env.CERTHALL_TOP
const rows = (query) => JSON.parse(sql(`SELECT coalesce(json_agg(x), '[]') FROM (${query}) x`))

/** The number of orders that are added before the measurement. */
const ORDERS = Number(process.env.COST_ORDERS ?? 10000)
/** Blocks of 8 kB that a call may look at on average: a table of so many orders has more. */
const BLOCKS = 1000
/** Certificates of copies have findings that no certificate of the hall's has: the nightly check writes them down. */
const OF_COPIES = /lint_found|lint_finding/
/** Statements of which a call may read a thousand rows: a page of an export. */
const EXPORTED = /hall\.(invoices|revocations)_json|page\(jsonb_agg\((invoice|revocation)_row\(/
/** `decisions verify` reads everything that was decided, as it is asked to. */
const VERIFIED = /d\.credential, d\.client_data|id, number, order_id, erased, what, staff/
/** `certhall-admin` publishes a project: its rows are written and read again, whatever the number of orders. */
const PUBLISHED = /hall\.project_(facts|take)|project_write\(d\)/
/** The number of calls from which on the average counts, since the first calls of each connection read the catalogue and make the plan. */
const SOME = 40
/** After so many calls a statement keeps its plan, unless it is planned every time: each connection of a program plans the first five
 * calls of a statement inside a function. */
const OFTEN = 250
/** Statements that may be planned each time: those of the import of a project, with its foreign keys, and assignments, of which only
 * those count as calls that PL/pgSQL does not evaluate by itself. */
const PLANNED = [/jsonb_populate_record/, /FROM pg_attribute/, /^SELECT \$\d FROM ONLY "hall"/, /FROM project_list/, /FROM unnest\(named\)/, /^NEW\.\w+ := /]

/** The supervisor starts the database again, with the counting library in it. */
async function countStatements() {
  sql("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
  process.kill(Number(readFileSync(`${STATE}/pg/postmaster.pid`, 'utf8').split('\n')[0]), 'SIGINT')
  await eventually('the database', () => { try { return sql('SHOW shared_preload_libraries') } catch { return null } })
  await eventually('the desk', async () => { try { return await new Staff().login('review') } catch { return null } })
  sql('CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public')
  for (const set of ["track = 'all'", 'track_planning = on', 'track_utility = off']) sql(`ALTER SYSTEM SET pg_stat_statements.${set}`)
  sql('SELECT pg_reload_conf()')
  sql('VACUUM (ANALYZE)')
  sql('SELECT public.pg_stat_statements_reset()')
}

const testsIn = (folder) => readdirSync(`${TOP}/${folder}`).filter((name) => name.endsWith('.test.mjs')).map((name) => `${TOP}/${folder}/${name}`)
const foldersOf = (floor) => readdirSync(`${TOP}/${floor}`, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(`${TOP}/${floor}/${entry.name}`).includes('tests')).map((entry) => `${floor}/${entry.name}/tests`)

/** Runs the HTTP tests for the statements that they call. Whether they pass is only told here. The one that verifies copies of the trail is left out. */
async function callEverything() {
  const files = ['tests/http', ...foldersOf('modules'), ...foldersOf('programs')].flatMap(testsIn).filter((file) => !file.endsWith('/audit.test.mjs'))
  const env = { ...process.env }
  delete env.NODE_TEST_CONTEXT // or the tests inside would speak to the runner of these
  const inside = spawn(process.execPath, ['--test', '--test-reporter=tap', ...files], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  inside.stdout.on('data', (text) => { said += text })
  await new Promise((done) => inside.on('close', done))
  console.log(said.match(/^# (tests|pass|fail) \d+/gm)?.join(', '))
}

/** The statements that the hall's programs called, and those that the functions of the owner called inside, the most expensive first. */
const costs = () => rows(`SELECT replace(r.rolname, 'certhall_', '') AS role, s.toplevel, s.query, sum(s.calls) AS calls, sum(s.plans) AS plans,
    round((sum(s.shared_blks_hit + s.shared_blks_read) / sum(s.calls))::numeric) AS blocks,
    round((sum(s.total_exec_time + s.total_plan_time) / sum(s.calls))::numeric, 2) AS ms
  FROM public.pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
  WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = 'certhall') AND s.calls > 0
    AND (r.rolname <> 'certhall_owner' OR NOT s.toplevel)
  GROUP BY 1, 2, 3 ORDER BY blocks DESC`).map((row) => ({ ...row, query: row.query.replace(/\s+/g, ' ') }))

const table = (list) => list.map(({ calls, plans, blocks, ms, role, query }) =>
  `${String(calls).padStart(7)} ${String(plans).padStart(7)} ${String(blocks).padStart(7)} ${String(ms).padStart(9)}  ${role.padEnd(9)} ${query.slice(0, 150)}`).join('\n')

let all
before(async () => {
  if (ORDERS > 0) execFileSync('./certhall', ['bench', 'fill', String(ORDERS)], { cwd: TOP, env: { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` } })
  await countStatements()
  await callEverything()
  all = costs()
  console.log(`  calls   plans  blocks        ms  role      statement\n${table(all.slice(0, 60))}`)
})

test('no statement reads more the more orders there are', () => {
  const dear = all.filter(({ calls, blocks, query }) => calls >= SOME && blocks > BLOCKS && ![OF_COPIES, EXPORTED, VERIFIED, PUBLISHED].some((kind) => kind.test(query)))
  assert.deepEqual(dear, [], table(dear))
})

test('a statement that is called often has its plan', () => {
  const again = all.filter(({ role, calls, plans, query }) => role !== 'admin' && calls >= OFTEN && plans > calls / 2 && !PLANNED.some((kind) => kind.test(query)))
  assert.deepEqual(again, [], table(again))
})
