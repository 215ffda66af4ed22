// SPDX-License-Identifier: Apache-2.0
// The addresses of the sandbox and what its customer knows, as `./certhall sandbox --json` prints it for the hall of CERTHALL_STATE, or as
// it is in the file CERTHALL_SANDBOX_JSON. Without either the tests are skipped with a message.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const { CERTHALL_SANDBOX_JSON: path, CERTHALL_STATE: state } = process.env
const ask = () => execFileSync(`${state}/bin/certhall-sandbox-keys`, ['--json'], { env: { ...process.env, CERTHALL_CONF: `${state}/hall.conf` }, encoding: 'utf8' })
const text = path ? readFileSync(path, 'utf8') : state ? ask() : null
export const skip = text ? false : 'no hall: set CERTHALL_STATE to its folder, or CERTHALL_SANDBOX_JSON to what ./certhall sandbox --json says'

/** Turns {"sf": {"url": …}} into {sf_url: …}, the names of the settings. */
const flat = ({ origin, ...services }) => Object.fromEntries([['origin', origin],
  ...Object.entries(services).flatMap(([service, facts]) => Object.entries(facts).map(([key, value]) => [`${service}_${key}`, value]))])
export const sandbox = text ? flat(JSON.parse(text)) : {}
/** A key or secret. */
export const file = (name) => sandbox[name].trim()

/** Asks the API of the sandbox's pages. */
export async function api(method, where, body) {
  const answer = await fetch(`${sandbox.origin}/sandbox/api${where}`, {
    method,
    headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body ? JSON.stringify(body) : undefined,
  })
  if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${await answer.text()}`)
  return answer.status === 204 ? null : answer.json()
}
export const turn = (key, value) => api('PUT', '/switches', { switches: [{ key, value }] })

let count = 0
/** A number that nobody has used. */
export const fresh = (prefix) => `${prefix}${Date.now()}${process.pid % 1000}${count++}`
export const flipped = (text, at = Math.floor(text.length / 2)) =>
  text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
