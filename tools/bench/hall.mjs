// SPDX-License-Identifier: Apache-2.0
// The hall that is measured: its database as the owner sees it, its processes, its settings.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const { CERTHALL_STATE: STATE, CERTHALL_RUN: RUN, CERTHALL_URL: URL_BASE } = process.env
export { STATE, RUN, URL_BASE }

export const run = (command, args, options = {}) =>
  execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'inherit'], ...options })

/** The beginning of a command that runs as the bench's user, who may use the modules' database roles; empty if there is only one user. */
export const AS_HALL = (process.env.BENCH_AS_HALL ?? '').split(' ').filter(Boolean)
export const asHall = (command, args, options) => {
  const [first, ...rest] = [...AS_HALL, command, ...args]
  return run(first, rest, options)
}
/** Gives that user a folder with all that is in it. */
export const giveToHall = (folder) => { if (AS_HALL.length > 0) run('chown', ['-R', 'certhall-bench:', folder]) }

/** The answer of psql: a line for each row, with columns separated by '|'. */
export const sql = (query, database = 'certhall') =>
  run('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', database], { input: query, env: { ...process.env, PGOPTIONS: '-c client_min_messages=warning' } }).trim()
export const rowsOf = (query) => sql(query).split('\n').filter(Boolean).map((line) => line.split('|'))
export const jsonOf = (query) => JSON.parse(sql(`SELECT coalesce(json_agg(x), '[]') FROM (${query}) AS x`))
export const quote = (s) => `'${String(s).replaceAll("'", "''")}'`

const conf = readFileSync(`${STATE}/hall.conf`, 'utf8')
const defaults = readFileSync(new URL('../../core/base/config.tbl', import.meta.url), 'utf8')
/** A setting of this hall, or its default. */
export const setting = (key) =>
  (conf.match(new RegExp(`^[ \\t]*${key}[ \\t]*=.*$`, 'gm'))?.at(-1) ?? defaults.match(new RegExp(`"${key}", *CH_CONF_[A-Z]+, *"(.*?)"`))[1])
    .replace(/^[^=]*=\s*/, '')

export const DESK_HOST = new URL(setting('desk_origin')).host

const pidIn = (file) => readFileSync(file, 'utf8').split('\n')[0]
const children = (name) =>
  run('supervisorctl', ['-c', `${STATE}/supervisord.conf`, 'pid', `${name}:${name}_0`, `${name}:${name}_1`]).trim().split('\n')

/** Roots of the processes that answer for a module; every connection of every program ends in `postgresql`. */
export const processes = (module) => ({
  nginx: [pidIn(`${RUN}/nginx/nginx.pid`)],
  ...(module && { module: children(module) }),
  postgresql: [pidIn(`${STATE}/pg/postmaster.pid`)],
})

/** Connections to the database that a module keeps: two processes, each with its pool. */
export const CONNECTIONS = 2 * Number(setting('db_pool'))
export const THREADS = 2 * Number(setting('threads'))
