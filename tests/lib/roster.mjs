// SPDX-License-Identifier: Apache-2.0
// The roster of keys that decide: its next version, as an administrator and two security officers make it.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DESK_ORIGIN, STATE, asserted, leafOf, sql } from './hall.mjs'

const run = (program, ...args) =>
  execFileSync(`${STATE}/bin/${program}`, args, { encoding: 'utf8', stdio: 'pipe', env: { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` } })
export const roster = (...args) => run('certhall-admin', 'roster', ...args)

/**
 * The next roster and its signatures by these officers, in files. It has another key for each of `names`, and the old keys for which
 * `stays` is true. `emergency` is the reason of an emergency roster.
 */
export async function nextRoster(names, officers = ['officer1', 'officer2'], stays = () => true, emergency = undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'roster-')), at = (name) => join(folder, name)
  const { version, keys } = JSON.parse(sql('SELECT text FROM hall.roster ORDER BY version DESC LIMIT 1'))
  const added = names.map((name) => run('certhall-sandbox-keys', '--passkeys', `${name.slice(0, 20)}-${Date.now().toString(36)}`).trim().replace(/^\S+/, name))
  const lines = keys.filter(stays).map((k) => [k.name, k.credential, k.point, ...(k.roles.includes('officer') ? ['officer'] : [])].join(' '))
  writeFileSync(at('keys'), [...lines, ...added].join('\n'))
  const text = emergency ? roster('emergency', at('keys'), emergency) : roster('draft', at('keys')), signatures = []
  for (const officer of officers)
    signatures.push(await asserted({ credentials: [keys.find((k) => k.name === officer).credential], challenge: leafOf(text), rp_id: new URL(DESK_ORIGIN).hostname }))
  writeFileSync(at('roster.json'), text)
  writeFileSync(at('signatures.json'), JSON.stringify(signatures))
  return { version: version + 1, text, signatures: JSON.stringify(signatures), files: [at('roster.json'), at('signatures.json')] }
}

/** Members of staff get a key each; their roles are those of the database now. */
export async function giveKeys(...names) {
  roster('put', ...(await nextRoster(names)).files)
}
