// SPDX-License-Identifier: Apache-2.0
// Ways to break a fact in a running hall with the sandbox, and to mend it: { breakIt, mend }. A change has a meaning of its own (another
// price, label, limit, order of steps); it is an error when what shall be replaced is not there exactly once.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publish } from '../lib/officers.mjs'

const TOP = fileURLToPath(new URL('../..', import.meta.url))
const read = (path) => readFileSync(join(TOP, path), 'utf8')

const psql = (text) => execFileSync('psql', ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-1'], { encoding: 'utf8', input: text, stdio: 'pipe' }).trim()
const quote = (text) => `'${text.replaceAll("'", "''")}'`

function replaced(text, from, to, where) {
  const times = text.split(from).length - 1
  if (times !== 1) throw new Error(`“${from}” stands ${times} times in ${where}, not once`)
  return text.replace(from, () => to)
}

/** A project's document of sql/demo, changed by a function on it, and published by two officers. */
export const project = (slug, change) => {
  const file = join(TOP, `sql/demo/${slug}.json`)
  return {
    breakIt() {
      const document = JSON.parse(read(`sql/demo/${slug}.json`)), before = JSON.stringify(document)
      change(document)
      if (JSON.stringify(document) === before) throw new Error(`nothing of ${slug} is changed`)
      const changed = join(mkdtempSync(join(tmpdir(), 'broken-')), 'project.json')
      writeFileSync(changed, JSON.stringify(document))
      publish(changed)
    },
    mend: () => publish(file),
  }
}

/** A file of sql/data, run with a text replaced. */
export const data = (name, from, to) => ({
  breakIt: () => psql(replaced(read(`sql/data/${name}.sql`), from, to, name)),
  mend: () => psql(read(`sql/data/${name}.sql`)),
})

/** A function of sql/code, put again with a text replaced. */
export const code = (name, from, to) => {
  const all = readdirSync(join(TOP, 'sql/code')).map((file) => read(`sql/code/${file}`)).join('\n')
  const [text] = all.split(/^(?=CREATE )/m).filter((one) => one.startsWith(`CREATE OR REPLACE FUNCTION hall.${name}(`))
  return { breakIt: () => psql(replaced(text ?? '', from, to, `hall.${name}`)), mend: () => psql(text) }
}

/** A text in one row of the database: what sql/data writes once and never again, as agreements. */
export const row = (table, where, column, from, to) => {
  const put = (text) => psql(`UPDATE hall.${table} SET ${column} = ${quote(text)} WHERE ${where}`)
  let before
  return {
    breakIt() {
      const [text, ...more] = JSON.parse(psql(`SELECT json_agg(${column}) FROM hall.${table} WHERE ${where}`) || 'null') ?? []
      if (text === undefined || more.length) throw new Error(`${table} WHERE ${where} is not one row`)
      put(replaced(String(text), from, to, table))
      before = String(text)
    },
    mend: () => put(before),
  }
}
