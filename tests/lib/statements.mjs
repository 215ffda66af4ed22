// SPDX-License-Identifier: Apache-2.0
// The named statements of every program, out of the tree, and how PostgreSQL plans one as the role of its program. Nothing is executed.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { sql } from './hall.mjs'

const top = new URL('../../', import.meta.url).pathname
const read = (path) => readFileSync(top + path, 'utf8')
const listed = read('modules/LIST').trim().split('\n').filter((m) => m !== 'sandbox')

/** The statements of a file: [{ name, types, text }]. */
const inFile = (path) => read(path).split(/^-- name: /m).slice(1).map((part) => {
  const [, name, types, text] = part.match(/^(\S+)\n-- params:[ \t]*(.*)\n([^]*)$/) ?? assert.fail(`${path}: ${part}`)
  return { name, types: types.trim(), text: text.replace(/^\s*--.*$/gm, '').trim() } // as tools/sqlgen leaves comments out
})

/** All of them: [{ program, file, name, types, text }]; the lists of core/order for each program that has them. */
export const statements = [
  ...listed.map((m) => ({ program: m, folder: `modules/${m}` })),
  ...readdirSync(`${top}programs`).map((p) => ({ program: p, folder: `programs/${p}` })),
].flatMap(({ program, folder }) => {
  const files = readdirSync(top + folder)
  const own = files.filter((f) => f.endsWith('.sql') && f !== 'schema.sql').map((f) => `${folder}/${f}`)
  const shared = ['form', 'flow', 'own'].filter((list) =>
    files.some((f) => f.endsWith('.c') && new RegExp(`\\b${list}_statements\\b`).test(read(`${folder}/${f}`))))
  return [...own, ...shared.map((list) => `core/order/${list}.sql`)].flatMap((file) => inFile(file).map((s) => ({ program, file, ...s })))
})

/** The root of a statement's plan, as EXPLAIN (FORMAT JSON) has it; `before` is SQL of the same transaction, which is rolled back. */
export function planOf({ program, types, text }, before = '') {
  const values = types ? `(${types.split(',').map(() => 'NULL').join(', ')})` : ''
  const said = sql(`BEGIN; ${before}; SET LOCAL ROLE certhall_${program}; SET LOCAL plan_cache_mode = force_generic_plan;
    PREPARE s ${types && `(${types})`} AS ${text}; EXPLAIN (FORMAT JSON) EXECUTE s ${values}; ROLLBACK`)
  return JSON.parse(said.slice(said.indexOf('['), said.lastIndexOf(']') + 1))[0].Plan
}
