// SPDX-License-Identifier: Apache-2.0
// What a program that was broken into could reach: as the system user of each program every file and socket of the state folder and
// every role of the database is tried, and what opens is exactly what the program's own work needs. Only an installation by root has
// a user for each program.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, realpathSync } from 'node:fs'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { STATE, sql } from '../lib/hall.mjs'

const skip = process.getuid() === 0 ? false : 'an ordinary user runs all programs as one user'
const RUN = sql('SHOW unix_socket_directories').replace(/\/pg$/, '')
const modules = readFileSync(new URL('../../modules/LIST', import.meta.url), 'utf8').split('\n').filter(Boolean)
const foreign = ['nginx', 'logs'] // programs of others
const programs = [...modules, 'runner', 'signer', ...foreign]
const groups = (program) => (foreign.includes(program) ? [] : execFileSync(`${STATE}/bin/certhall-${program}`, ['--groups'], { encoding: 'utf8' }).split('\n').filter(Boolean))

const PROBE = readFileSync(new URL('reach.py', import.meta.url), 'utf8') // a module's user cannot read it here

/** The names in all folders, since a user may enter a folder without being able to list it. */
function listing(folder, out = {}) {
  if (/\/(store|build|pg|www|bin)$/.test(folder)) return out
  const entries = readdirSync(folder, { withFileTypes: true })
  out[folder] = entries.map((e) => e.name)
  for (const e of entries) if (e.isDirectory()) listing(`${folder}/${e.name}`, out)
  return out
}

const roles = sql("SELECT string_agg(rolname, ',' ORDER BY rolname) FROM pg_roles WHERE rolname LIKE 'certhall_%' AND rolcanlogin").split(',')
const state = realpathSync(STATE), run = realpathSync(RUN)
const folders = run.startsWith(`${state}/`) ? [state] : [state, run]
const known = folders.reduce((all, f) => listing(f, all), {})
const keyFiles = Object.entries(known).flatMap(([folder, names]) => names.map((name) => `${folder}/${name}`))
  .filter((path) => path.startsWith(`${state}/keys/`) && /\.\w+$/.test(path)).map((path) => path.slice(state.length + 1))

function reach(program) {
  const user = `certhall-${program}`
  const out = execFileSync('setpriv', [`--reuid=${user}`, `--regid=${user}`, '--init-groups', '--inh-caps=-all', '--bounding-set=-all', '--', '/usr/bin/python3', '-c', PROBE, roles.join(), ...folders],
    { input: JSON.stringify(known), encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, HOME: '/' } })
  const seen = JSON.parse(out)
  const short = (path) => (path.startsWith(`${run}/`) ? `run/${path.slice(run.length + 1)}` : path.slice(state.length + 1))
  return { ...seen, read: seen.read.map(short), write: seen.write.map(short), connect: seen.connect.map(short) }
}

/** Files that everybody may read: programs, pages, settings without secrets, the list of common passwords, the configuration of nginx. */
const OPEN = /^(bin|www|build|nginx|stamps|cmp|anchor)\/|^(hall\.conf|local\.conf|profiles\.json|common_passwords|roster\.(json|keys)|port|sbom\.cdx\.json|\.certhall|lock|supervisord\.conf)$|^run\/(supervisord\.pid|nginx\/nginx\.pid|pg\/.*\.lock)$/
const keysOf = (list) => [...new Set(list.filter((path) => path.startsWith('keys/')).map((path) => path.split('/')[1]))].sort()

for (const program of programs)
  test(`the user of ${program} reaches what ${program} needs, and nothing else`, { skip }, () => {
    const wanted = groups(program), seen = reach(program)
    assert.deepEqual(seen.roles, foreign.includes(program) ? [] : [`certhall_${program}`], 'roles of the database')
    const folder = wanted.map((g) => /^key-(.*)$/.exec(g)?.[1]).filter(Boolean)
    const full = keysOf(keyFiles)
    assert.deepEqual(keysOf(seen.read), folder.filter((f) => full.includes(f)).sort(), 'keys')
    const own = [
      new RegExp(`^tmp/${program}(/|$)`),
      ...(wanted.includes('store') ? [/^store(\/|$)/] : []), ...(wanted.includes('vendors') ? [/^run\/vendors(\/|$)/] : []),
      ...({ runner: [/^tokens(\/|$)/, /^pin\//], signer: [/^signer(\/|$)/, /^anchor(\/|$)/, /^pin(\/|$)/, /^run\/signer$/], nginx: [/^log\/nginx(\/|$)/, /^run\/nginx(\/|$)/], logs: [/^log\//], sandbox: [/^sandbox(\/|$)/] }[program] ?? []),
    ]
    const mine = (path) => own.some((pattern) => pattern.test(path))
    assert.deepEqual(seen.read.filter((path) => !path.startsWith('keys/') && !OPEN.test(path) && !mine(path)), [], 'files that it reads')
    assert.deepEqual(seen.write.filter((path) => !mine(path) || (program === 'logs' && path.startsWith('log/'))), [], 'files and folders that it writes')
    const sockets = seen.connect.filter((path) => !path.startsWith('run/pg/'))
    if (program === 'nginx') assert.equal(sockets.filter((path) => path.startsWith('run/fcgi/')).length, modules.length)
    else assert.deepEqual(sockets.filter((path) => !(['runner', 'signer'].includes(program) && path === 'run/signer/signer.sock')), [], 'sockets of other programs')
  })

test('no group is taken from a user of whom another installation runs a program', () => {
  const setGroups = (program) => execFileSync('bash', ['-euc', `STATE=/hall; . "$0/tools/setup/layout.sh"
    id() { echo certhall-login certhall key-act key-session; }; pgrep() { echo 1; }; readlink() { echo ${program}; }; usermod() { echo "$*"; }
    set_groups certhall-login certhall key-session; set_groups certhall-login certhall key-act key-session`, fileURLToPath(new URL('../..', import.meta.url))], { encoding: 'utf8' })
  assert.equal(setGroups('/hall/bin/certhall-login'), '-G certhall,key-session certhall-login\n')
  assert.equal(setGroups('/other/bin/certhall-login'), '-a -G certhall,key-session certhall-login\n')
})

/** Tables that may be read, since their contents are published. */
const PUBLISHED = { gate: 'region', status: 'ca,ca_certificate,crl' }

test('no program may read a table of people, make a table or a large object, or read a file through the database', { skip }, () => {
  for (const program of [...modules.filter((m) => m !== 'sandbox'), 'runner', 'signer']) {
    const as = (statement) => {
      const user = `certhall-${program}`
      try {
        return execFileSync('setpriv', [`--reuid=${user}`, `--regid=${user}`, '--init-groups', '--', 'psql', '-XAtqw', '-U', `certhall_${program}`, '-d', 'certhall', '-c', statement], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
      } catch (e) {
        return e.stderr.trim()
      }
    }
    assert.equal(as("SELECT string_agg(c.relname, ',' ORDER BY relname) FROM pg_class c WHERE relnamespace = 'hall'::regnamespace AND relkind IN ('r', 'p') AND has_table_privilege(oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')"), PUBLISHED[program] ?? '', program)
    assert.equal(as("SELECT count(*) FROM pg_stat_activity WHERE usename <> current_user AND query <> '<insufficient privilege>'"), '0', `${program} sees nobody's statements`)
    if (!PUBLISHED[program]) assert.equal(as("SELECT count(*) FROM pg_stats WHERE schemaname = 'hall'"), '0', `${program} sees no samples of values`)
    for (const statement of ['SELECT pg_advisory_lock(1)', 'SELECT pg_try_advisory_xact_lock(1, 2)', "DO 'BEGIN END'", "SELECT pg_logical_emit_message(false, 'a', 'b')", 'SELECT pg_export_snapshot()',
      'COPY hall.orders TO STDOUT', "COPY (SELECT 1) TO '/tmp/x'", 'SELECT rolpassword FROM pg_authid', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'certhall_owner'", "LOAD 'auto_explain'",
      "SET log_statement = 'all'", "SET session_replication_role = 'replica'", "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", 'SELECT * FROM pg_largeobject', 'SELECT pg_reload_conf()', 'SELECT pg_current_logfile()'])
      assert.match(as(statement), /permission denied|must be|not allowed|does not exist/, `${program}: ${statement}`)
    for (const statement of ['CREATE TEMP TABLE t (x int)', 'CREATE TABLE public.t (x int)', 'CREATE TABLE hall.t (x int)', "SELECT lo_from_bytea(0, 'x')", "SELECT pg_read_file('PG_VERSION')",
      "COPY (SELECT 1) TO PROGRAM 'true'", 'SET ROLE certhall_owner', 'SET SESSION AUTHORIZATION certhall_owner', "SELECT secret FROM hall.caller_secret", "SELECT hall.keep('caller', 'x')", "ALTER ROLE CURRENT_USER SUPERUSER"])
      assert.match(as(statement), /permission denied|must be superuser|keine|not permitted/, `${program}: ${statement}`)
  }
})
