// SPDX-License-Identifier: Apache-2.0
// The same statements sent by a direct client: pgbench sends what capture.mjs has seen, prepared, in the same pipelines, as the module's
// role. Values that differ between persons are in the table bench.person; a client takes another person every `every` transactions.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { since, usedBy } from './cpu.mjs'
import { asHall, processes, quote, run, sql } from './hall.mjs'

/** [{ order, session, … }] for pgbench to choose from. */
export function setPeople(people) {
  const columns = Object.keys(people[0])
  const rows = people.map((p, n) => `(${n}, ${columns.map((c) => quote(p[c]))})`)
  sql(`CREATE SCHEMA IF NOT EXISTS bench; GRANT USAGE ON SCHEMA bench TO PUBLIC;
       DROP TABLE IF EXISTS bench.person;
       CREATE TABLE bench.person (n int PRIMARY KEY, ${columns.map((c) => `"${c}" text NOT NULL`)});
       INSERT INTO bench.person VALUES ${rows}; GRANT SELECT ON bench.person TO PUBLIC; ANALYZE bench.person`)
}
export const forgetPeople = () => sql('DROP SCHEMA IF EXISTS bench CASCADE')

/** For pgbench a colon before a letter begins a variable, also in a literal. */
const colons = (text) => text.replace(/'(?:[^']|'')*'/g, (literal) => (/:\w/.test(literal) ? `(${literal.replace(/:(?=\w)/g, ":'||'")})` : literal))

/** The script and its constants. Variables cannot be NULL or empty, so such values are written into the statement. */
function script(trips, { count, every, stays, versioned }) {
  const constants = []
  const parameter = (p) => {
    if (p.fact === 'encrypted') return '(CASE :p_version % 2 WHEN 0 THEN :p_encrypted_even ELSE :p_encrypted_odd END)'
    if (p.fact) return `:p_${p.fact}`
    if (!p.value) return p.value === null ? 'NULL' : "''"
    return `:c${constants.push(p.value)}`
  }
  const statement = (s) => `${colons(s.sql).replace(/\$(\d+)/g, (_, n) => parameter(s.params[n - 1]))};\n`
  const trip = (t) => {
    const body = t.statements.map(statement).join('')
    if (t.pipeline) return t.statements.length > 1 ? `\\startpipeline\n${body}\\endpipeline\n` : body
    return `BEGIN;\n${body}COMMIT;\n`
  }
  const text = `\\if :done % ${every} = 0
\\set n ${stays ? ':client_id' : `random(0, ${count - 1})`}
SELECT * FROM bench.person WHERE n = :n \\gset p_
\\endif
\\set done :done + 1
${trips.map(trip).join('')}${versioned ? '\\set p_version :p_version + 1\n' : ''}`
  return { text, constants }
}

const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))]

function latencies(folder) {
  const ms = []
  for (const name of readdirSync(folder).filter((f) => f.startsWith('latency.'))) {
    for (const line of readFileSync(`${folder}/${name}`, 'utf8').split('\n')) if (line) ms.push(Number(line.split(' ')[2]) / 1000)
    rmSync(`${folder}/${name}`)
  }
  ms.sort((a, b) => a - b)
  return { p50_us: percentile(ms, 50) * 1000, p99_us: percentile(ms, 99) * 1000 }
}

function measured(as, role, args, { clients, seconds, folder }) {
  const roots = { postgresql: processes().postgresql }
  const before = usedBy(roots)
  const out = as('pgbench', ['-n', '-M', 'prepared', '-U', role, '-c', clients, '-j', Math.min(2, clients), '-T', seconds,
    '-l', `--log-prefix=${folder}/latency`, ...args].map(String))
  const cpu = since(before, roots)
  const number = (pattern) => Number(out.match(pattern)[1])
  const done = number(/actually processed: (\d+)/)
  return { rate: number(/^tps = ([\d.]+)/m), ...latencies(folder), failed: number(/failed transactions: (\d+)/), cpu_us: { postgresql: cpu.postgresql / done } }
}

/** Runs these round trips for that many seconds. With `stays` each client keeps one person and counts up the version. */
export function pgbench(module, trips, { people, every = 50, stays = false, versioned = false, ...options }) {
  const { text, constants } = script(trips, { count: people, every: stays ? 1e9 : every, stays, versioned })
  const file = `${options.folder}/script.sql`
  writeFileSync(file, text)
  return measured(asHall, `certhall_${module}`, ['-D', 'done=0', ...constants.flatMap((c, i) => ['-D', `c${i + 1}=${c}`]), '-f', file, 'certhall'], options)
}

/** pgbench's own query of one row by its key, run as the owner, since the modules' roles may only use the hall's database. */
export const pgbenchSelect = (options) => measured(run, 'certhall_owner', ['-S', 'certhall_bench'], options)
export function makeSelect() {
  sql('DROP DATABASE IF EXISTS certhall_bench', 'postgres')
  sql('CREATE DATABASE certhall_bench', 'postgres')
  run('pgbench', ['-i', '-q', '-s', '1', '-U', 'certhall_owner', 'certhall_bench'], { stdio: 'pipe' })
}
export const dropSelect = () => sql('DROP DATABASE IF EXISTS certhall_bench', 'postgres')
