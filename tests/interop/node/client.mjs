// SPDX-License-Identifier: Apache-2.0
// Our own gateways, called through tests/interop/client, so that a server of the test can inspect what they send.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const { CERTHALL_STATE: state, CERTHALL_CLIENT: program = `${state}/build/plain/tests/interop/client/client` } = process.env

/** One call with the hall's settings, and `settings` in place of some of them. What it says on standard error is `log`. */
export function client(operation, input = {}, settings = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'client-')), conf = join(folder, 'hall.conf')
  const lines = { vendor_state: '', tokens: folder, ...settings }
  writeFileSync(conf, `${readFileSync(`${state}/hall.conf`, 'utf8')}\n${Object.entries(lines).map(([k, v]) => `${k} = ${v}`).join('\n')}\n`)
  return new Promise((resolve, reject) => {
    const child = execFile(program, [operation], { env: { ...process.env, CERTHALL_CONF: conf }, encoding: 'utf8', timeout: 60000 }, (error, stdout, stderr) => {
      rmSync(folder, { recursive: true })
      if (error) reject(new Error(`${operation}: ${error.message} ${stderr}`))
      else resolve({ ...JSON.parse(stdout), log: stderr })
    })
    child.stdin.end(JSON.stringify(input))
  })
}
