// SPDX-License-Identifier: Apache-2.0
// Load by wrk, and what the processes that answer spend on it.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { since, usedBy } from './cpu.mjs'
import { DESK_HOST, run } from './hall.mjs'

const LUA = fileURLToPath(new URL('load.lua', import.meta.url))

/** A value as Lua writes it; strings are bytes, so that a body may be a picture. */
function lua(v) {
  if (Buffer.isBuffer(v)) return `"${[...v].map((b) => `\\${String(b).padStart(3, '0')}`).join('')}"`
  if (typeof v === 'string') return lua(Buffer.from(v))
  if (Array.isArray(v)) return `{${v.map(lua)}}`
  if (v && typeof v === 'object') return `{${Object.entries(v).filter(([, x]) => x !== undefined).map(([k, x]) => `[${lua(k)}]=${lua(x)}`)}}`
  return String(v)
}

/** Requests to the back office carry its host name. */
const named = (one) => (one.path.startsWith('/desk/') ? { ...one, headers: { ...one.headers, Host: DESK_HOST } } : one)

/**
 * Sends these requests ({ method, path, headers, body, order, version }) to `origin` for that many seconds over that many connections.
 * `roots` are the processes that answer. Starved connections show in `busy`, the average share of connections that were at work: a good
 * rate and median can hide connections that get no answer.
 */
export function load({ origin, requests, connections, seconds, roots, folder }) {
  const threads = connections > 1 ? 2 : 1
  const file = `${folder}/requests.lua`
  writeFileSync(file, `return {threads=${threads},${requests.map(named).map(lua)}}`)
  const before = usedBy(roots)
  const out = run('wrk', ['-t', String(threads), '-c', String(connections), '-d', `${seconds}s`, '-s', LUA, '--latency', origin],
    { env: { ...process.env, BENCH_REQUESTS: file } })
  const cpu = since(before, roots)
  const said = out.match(/^BENCH (.*)$/m)
  if (!said) throw new Error(`wrk broke off: ${out}`)
  const { requests: n, seconds: s, mean_us, ...rest } = JSON.parse(said[1])
  return {
    rate: n / s, ...rest, busy: (n / s) * mean_us / 1e6 / connections,
    cpu_us: Object.fromEntries(Object.entries(cpu).map(([name, us]) => [name, us / Math.max(n, 1)])),
  }
}
