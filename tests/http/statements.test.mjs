// SPDX-License-Identifier: Apache-2.0
// Every named statement of every program is prepared and planned as the database role of that program: preparing shows that it is
// valid, planning that the role may call what it uses. Nothing is executed.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { sql } from './lib.mjs'

const top = new URL('../../', import.meta.url).pathname
const read = (path) => readFileSync(top + path, 'utf8')
const listed = read('modules/LIST').trim().split('\n').filter((m) => m !== 'sandbox')

/** The statements of a file: [{ name, types, text }]. */
const statements = (path) => read(path).split(/^-- name: /m).slice(1).map((part) => {
  const [, name, types, text] = part.match(/^(\S+)\n-- params:[ \t]*(.*)\n([^]*)$/) ?? assert.fail(`${path}: ${part}`)
  return { name, types: types.trim(), text: text.replace(/^\s*--.*$/gm, '').trim() } // as tools/sqlgen leaves comments out
})

const programs = [
  ...listed.map((m) => ({ program: m, folder: `modules/${m}` })),
  ...readdirSync(`${top}programs`).map((p) => ({ program: p, folder: `programs/${p}` })),
].flatMap(({ program, folder }) => {
  const files = readdirSync(top + folder)
  const own = files.filter((f) => f.endsWith('.sql') && f !== 'schema.sql').map((f) => `${folder}/${f}`)
  const shared = ['form', 'flow', 'own'].filter((list) =>
    files.some((f) => f.endsWith('.c') && new RegExp(`\\b${list}_statements\\b`).test(read(`${folder}/${f}`))))
  return { program, files: [...own, ...shared.map((list) => `core/order/${list}.sql`)] }
})

for (const { program, files } of programs)
  for (const file of files)
    for (const s of statements(file))
      test(`certhall_${program}: ${file} ${s.name}`, () => {
        const types = s.types ? `(${s.types})` : ''
        const values = s.types ? `(${s.types.split(',').map(() => 'NULL').join(', ')})` : ''
        const plan = sql(`SET ROLE certhall_${program}; SET plan_cache_mode = force_generic_plan;
                          PREPARE s ${types} AS ${s.text}; EXPLAIN EXECUTE s ${values}`)
        assert.match(plan, /cost=/)
      })
