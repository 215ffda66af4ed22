// SPDX-License-Identifier: Apache-2.0
// What a program that was broken into could reach: as the system user of each program every file and socket of the state folder and
// every role of the database is tried, and what opens is exactly what the program's own work needs. Only an installation by root has
// a user for each program.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { STATE, URL_BASE, sql } from '../lib/hall.mjs'

const skip = process.getuid() === 0 ? false : 'an ordinary user runs all programs as one user'
const RUN = sql('SHOW unix_socket_directories').replace(/\/pg$/, '')
const modules = readFileSync(new URL('../../modules/LIST', import.meta.url), 'utf8').split('\n').filter(Boolean)
const foreign = ['nginx', 'logs'] // programs of others
const programs = [...modules, 'runner', 'signer', ...foreign]
const groups = (program) => (foreign.includes(program) ? [] : execFileSync(`${STATE}/bin/certhall-${program}`, ['--groups'], { encoding: 'utf8' }).split('\n').filter(Boolean))

// A module's user cannot read them here.
const PROBE = readFileSync(new URL('reach.py', import.meta.url), 'utf8')
const ATTACK = readFileSync(new URL('attack.py', import.meta.url), 'utf8')

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

/** The command line with which a command is run as the program's user. */
const as = (program, ...command) => [`--reuid=certhall-${program}`, `--regid=certhall-${program}`, '--init-groups', '--inh-caps=-all', '--bounding-set=-all', '--', ...command]
const probed = (program, script, words, input = '') =>
  JSON.parse(execFileSync('setpriv', as(program, '/usr/bin/python3', '-c', script, ...words), { input, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, HOME: '/' } }))

function reach(program) {
  const seen = probed(program, PROBE, [roles.join(), ...folders], JSON.stringify(known))
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

/** Every process of this hall: supervisor, and what it has started. */
function processes() {
  const parents = new Map(), found = [readFileSync(`${run}/supervisord.pid`, 'utf8').trim()]
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /, '').split(' ')[1])
    if (parent) parents.set(parent, [...(parents.get(parent) ?? []), pid])
  }
  for (const pid of found) found.push(...(parents.get(pid) ?? []))
  return found.flatMap((pid) => unlessGone(() => [{ pid, user: Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^Uid:\s+(\d+)/m)[1]), exe: readlinkSync(`/proc/${pid}/exe`) }]) ?? [])
}
function unlessGone(look) {
  try {
    return look()
  } catch (e) {
    if (['ENOENT', 'ESRCH'].includes(e.code)) return null
    throw e
  }
}

// Processes that end meanwhile open to nobody, so a probe of them is right, too.
for (const program of programs)
  test(`the user of ${program} gets nothing of other users' processes, and of its own hardened ones nothing but their end`, { skip }, () => {
    const user = Number(execFileSync('id', ['-u', `certhall-${program}`], { encoding: 'utf8' }))
    const all = processes(), hardened = all.filter((one) => one.user === user && one.exe.startsWith(`${state}/bin/certhall-`)).map((one) => one.pid)
    assert.ok(all.length > 60)
    const seen = probed(program, ATTACK, all.filter((one) => one.user !== user || hardened.includes(one.pid)).map((one) => one.pid))
    assert.deepEqual(seen.filter((what) => !hardened.includes(what.split(' ')[0]) || !/^\d+ (signal|limits|priority|processors)$/.test(what)), [])
  })

test('no folder of the hall lets everybody in who could wait there for a name', { skip }, () => {
  const open = Object.keys(known).filter((folder) => statSync(folder).mode & 0o002)
  assert.deepEqual(open, [])
})

test('a program has its own connections to the database, and takes nobody else\'s', { skip, timeout: 120000 }, async () => {
  const limits = sql("SELECT string_agg(rolname || ' ' || rolconnlimit, ',') FROM pg_roles WHERE rolname LIKE 'certhall_%' AND rolname <> 'certhall_owner'").split(',').map((row) => row.split(' '))
  assert.deepEqual(limits.filter(([, limit]) => limit < 4 || limit > 60), [], 'every role has a limit')
  assert.ok(Number(sql('SHOW max_connections')) >= limits.reduce((sum, [, limit]) => sum + Number(limit), 0) + 10, 'all of them at their limits leave the owner some')
  const limit = Number(limits.find(([role]) => role === 'certhall_verify')[1]), sessions = []
  /** A session that stays open; `said`: what it answers, or why it was refused. */
  const session = () => new Promise((resolve) => {
    const child = spawn('setpriv', as('verify', 'psql', '-XAtqw', '-U', 'certhall_verify', '-d', 'certhall'))
    sessions.push(child)
    let wrong = ''
    child.stdout.on('data', (said) => resolve(String(said).trim()))
    child.stderr.on('data', (said) => { wrong += said })
    child.on('close', () => resolve(wrong))
    child.stdin.on('error', () => {}) // one that was refused
    child.stdin.write('SELECT 1;\n')
  })
  try {
    let said = '1', n = 0
    for (; said === '1' && n <= limit; n++) said = await session()
    assert.match(said, /too many connections for role "certhall_verify"/, `${n} of ${limit}`)
    assert.equal((await fetch(`${URL_BASE}/healthz`)).status, 200)
    assert.equal((await fetch(`${URL_BASE}/hall/api/gate/home`)).status, 200)
    assert.equal(sql('SELECT 1'), '1')
  } finally {
    for (const child of sessions) child.kill()
  }
})

test('a database that takes long to start is waited for, one that has ended is not', () => {
  const start = (runs) => execFileSync('bash', ['-euc', `STATE=/hall RUN=$(mktemp -d) n=0; . "$0/tools/setup/database.sh"
    pg_bin() { echo "$RUN"; }; program_runs() { n=$((n + 1)); [ $n -le ${runs} ]; }; sleep() { :; }; ctl() { :; }; die() { echo "$*"; rm -r "$RUN"; exit 0; }
    printf '#!/bin/sh\necho >>"$RUN/tries"; [ $(wc -l <"$RUN/tries") -gt 300 ]\n' >"$RUN/pg_isready"; chmod +x "$RUN/pg_isready"; export RUN
    start_database; rm -r "$RUN"; echo ready`, fileURLToPath(new URL('../..', import.meta.url))], { encoding: 'utf8' })
  assert.equal(start(1000), 'ready\n')
  assert.match(start(10), /does not start/)
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
    const say = (statement) => {
      try {
        return execFileSync('setpriv', as(program, 'psql', '-XAtqw', '-U', `certhall_${program}`, '-d', 'certhall', '-c', statement), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
      } catch (e) {
        return e.stderr.trim()
      }
    }
    assert.equal(say("SELECT string_agg(c.relname, ',' ORDER BY relname) FROM pg_class c WHERE relnamespace = 'hall'::regnamespace AND relkind IN ('r', 'p') AND has_table_privilege(oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')"), PUBLISHED[program] ?? '', program)
    assert.equal(say("SELECT count(*) FROM pg_stat_activity WHERE usename <> current_user AND query <> '<insufficient privilege>'"), '0', `${program} sees nobody's statements`)
    if (!PUBLISHED[program]) assert.equal(say("SELECT count(*) FROM pg_stats WHERE schemaname = 'hall'"), '0', `${program} sees no samples of values`)
    for (const statement of ['SELECT pg_advisory_lock(1)', 'SELECT pg_try_advisory_xact_lock(1, 2)', "DO 'BEGIN END'", "SELECT pg_logical_emit_message(false, 'a', 'b')", 'SELECT pg_export_snapshot()',
      'COPY hall.orders TO STDOUT', "COPY (SELECT 1) TO '/tmp/x'", 'SELECT rolpassword FROM pg_authid', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'certhall_owner'", "LOAD 'auto_explain'",
      "SET log_statement = 'all'", "SET session_replication_role = 'replica'", "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", 'SELECT * FROM pg_largeobject', 'SELECT pg_reload_conf()', 'SELECT pg_current_logfile()',
      "SELECT pg_notify('outbox', '')", 'SELECT txid_current()', 'SELECT pg_current_xact_id()', 'SET temp_file_limit = -1', 'ALTER ROLE CURRENT_USER CONNECTION LIMIT 1000', 'SELECT pg_stat_reset()', 'SELECT * FROM pg_hba_file_rules',
      "SELECT lo_import('/etc/passwd')", "SELECT lo_export(1, '/tmp/x')", "SELECT pg_ls_dir('.')", "SELECT pg_stat_file('PG_VERSION')", "COPY hall.region FROM PROGRAM 'true'", 'CREATE SCHEMA x', 'CREATE EXTENSION dblink SCHEMA hall',
      'CREATE FUNCTION public.lower(text) RETURNS text LANGUAGE sql AS $$ SELECT $1 $$', 'CREATE OPERATOR public.= (leftarg = text, rightarg = text, function = texteq)', 'CREATE VIEW pg_temp.orders AS SELECT 1', 'CREATE CAST (text AS int) WITH INOUT',
      'CHECKPOINT', 'LOCK TABLE hall.orders; SELECT 1', "CREATE PUBLICATION x", "SELECT pg_create_physical_replication_slot('x')", 'ALTER SYSTEM SET jit = on'])
      assert.match(say(statement), /permission denied|must be|not allowed|does not exist/, `${program}: ${statement}`)
    assert.equal(say('SELECT count(*) FROM pg_prepared_statements'), '0', `${program} sees no statements that others have prepared`)
    assert.equal(say('SHOW temp_file_limit'), '256MB', `${program} fills no disk by sorting`)
    if (program === 'verify') assert.match(say('SELECT g FROM generate_series(1, 500000) g ORDER BY repeat(g::text, 150) OFFSET 499999'), /temporary file size exceeds/)
    assert.match(say("SET hall.caller = 'x'; SELECT set_config('hall.note', 'x', false) || coalesce(current_setting('hall.caller', true), '')"), /xx/) // anybody may set them; what they say is not believed (sql/test/caller.sql)
    for (const statement of ['CREATE TEMP TABLE t (x int)', 'CREATE TABLE public.t (x int)', 'CREATE TABLE hall.t (x int)', "SELECT lo_from_bytea(0, 'x')", "SELECT pg_read_file('PG_VERSION')",
      "COPY (SELECT 1) TO PROGRAM 'true'", 'SET ROLE certhall_owner', 'SET SESSION AUTHORIZATION certhall_owner', "SELECT secret FROM hall.caller_secret", "SELECT hall.keep('caller', 'x')", "ALTER ROLE CURRENT_USER SUPERUSER"])
      assert.match(say(statement), /permission denied|must be superuser|keine|not permitted/, `${program}: ${statement}`)
  }
})
