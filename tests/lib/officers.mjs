// SPDX-License-Identifier: Apache-2.0
// Decisions of two security officers about projects, staff, outlets and partners, prepared by an administrator and signed by the sandbox's officers.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { STATE } from './hall.mjs'

const env = { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` }
const run = (program, args, input) => execFileSync(`${STATE}/bin/${program}`, args, { encoding: 'utf8', stdio: 'pipe', env, input })
export const admin = (...args) => run('certhall-admin', args)

/** The signatures of these officers under a text, in one file as /desk/keys makes it. */
export const signatures = (text, officers = ['officer1', 'officer2']) => run('certhall-sandbox-keys', ['--sign', ...officers], text)

/** Text and signatures in files, as `put` takes them. */
export function files(text, signed = signatures(text)) {
  const folder = mkdtempSync(join(tmpdir(), 'officers-')), at = (name, content) => (writeFileSync(join(folder, name), content), join(folder, name))
  return [at('text', text), at('signatures.json', signed)]
}

/** Publishes the project of the file, and returns what the command says. */
export const publish = (file) => admin('project', 'put', ...files(admin('project', 'draft', file)), file)

/** Makes what a command drafts, as in `decide(['partner', 'key'], slug)`, and returns what the command says. */
export const decide = (command, ...what) => admin(...command, 'put', ...files(admin(...command, 'draft', ...what)), ...what)

/** Adds or changes a member of staff: name, display name, roles, and the code of the outlet of its producer. */
export const changeStaff = (...member) => admin('staff', 'put', ...files(admin('staff', 'draft', ...member)), ...member)
