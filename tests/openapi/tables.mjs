// SPDX-License-Identifier: Apache-2.0
// What the programs print about themselves, and the documents that repeat it. CERTHALL_BIN names the folder of the programs; without
// it they are taken from the state folder.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

export const top = fileURLToPath(new URL('../../', import.meta.url))
const state = process.env.CERTHALL_STATE ?? (process.getuid() === 0 ? '/var/lib/certhall' : join(process.env.HOME, '.local/state/certhall'))
const bin = process.env.CERTHALL_BIN ?? join(state, 'bin')

export const text = (path) => readFileSync(join(top, path), 'utf8')
export const isThere = (path) => existsSync(join(top, path))

/** The lines of a program's table, split at tabs. */
export function table(program, ...words) {
  const out = execFileSync(join(bin, `certhall-${program}`), words, { encoding: 'utf8' })
  return out.split('\n').filter((line) => line !== '').map((line) => line.split('\t'))
}

/** The names of all programs behind certhall-. */
export const programs = readdirSync(bin).map((name) => /^certhall-(.+)$/.exec(name)?.[1]).filter(Boolean)

/** The modules that are documented: all but the sandbox, which is no part of a production hall. */
export const modules = text('modules/LIST').split('\n').filter((name) => name !== '' && name !== 'sandbox')

/** {module, method, path, op, roles, body, cap, tx} of every route of a module. */
export const routes = (module) => table(module, '--routes').map(([name, method, path, op, roles, body, cap, tx]) =>
  ({ module: name, method, path, op, roles: roles.split(',').sort(), body, cap: Number(cap), tx }))

export const allRoutes = () => modules.flatMap(routes)
