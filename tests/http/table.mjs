// SPDX-License-Identifier: Apache-2.0
// The web programs of this hall and their tables of routes, as the programs print them.
import { readFileSync, readdirSync } from 'node:fs'
import { STATE, program } from './lib.mjs'

const running = readFileSync(`${STATE}/supervisord.conf`, 'utf8')
export const modules = readdirSync(`${STATE}/bin`).map((f) => f.replace(/^certhall-/, '')).filter((m) => running.includes(`[fcgi-program:${m}]`))
export const routes = modules.flatMap((m) => program(m, ['--routes']).out.trim().split('\n').filter(Boolean).map((line) => {
  const [module, method, path, op, roles, kind, cap, tx] = line.split('\t')
  return { module, method, path, op, roles: roles.split(','), kind, cap: Number(cap), tx }
}))
