// SPDX-License-Identifier: Apache-2.0
// Breaks the facts of docs/inventory.md on purpose, one after the other, and looks whether the test that names the row notices: it must fail
// by an assertion of its own, not by a crash, a timeout or a hook. Runs against a hall with the sandbox whose data it changes and mends:
//   tools/check-inventory --mutate [ROW…]
// MUTATE says which rows, "all" or "ten": ten that follow one another in the table, others each day of the year.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sql } from '../lib/hall.mjs'
import { mutations } from './mutations.mjs'

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url))

function chosen(which = 'all') {
  if (which === 'all') return mutations
  if (which !== 'ten') return mutations.filter(([row]) => which.split(/[ ,]+/).includes(row))
  const day = Math.floor(Date.now() / 86_400_000)
  return Array.from({ length: 10 }, (_, i) => mutations[(10 * day + i) % mutations.length])
}

/** The rows that a title names; and a range names all of its rows. */
function rowsOf(title) {
  const rows = [...title.matchAll(/#(D?\d+)/g)].map((m) => m[1])
  for (const [, from, to] of title.matchAll(/#(\d+) to #(\d+)/g)) for (let n = Number(from) + 1; n < Number(to); n++) rows.push(String(n))
  return rows
}

const env = { ...process.env, NODE_OPTIONS: '' }
delete env.NODE_TEST_CONTEXT // this is a test itself
const output = async (program, args) => (await promisify(execFile)(program, args, { env, timeout: 300_000, maxBuffer: 1 << 26 }).catch((e) => e)).stdout

/** The outcome of node's tests of a file, of those that name one of these rows. */
async function nodeTests(file, rows) {
  const ranges = [...readFileSync(path(file), 'utf8').matchAll(/#\d+ to #\d+/g)].map(([range]) => range)
    .filter((range) => rowsOf(range).some((one) => rows.includes(one)))
  const patterns = [...rows.map((row) => `#${row}(?![0-9])`), ...ranges].flatMap((one) => ['--test-name-pattern', one])
  const said = await output(process.execPath, ['--test', ...patterns, '--test-reporter', path('tests/inventory/outcome.mjs'), path(file)])
  return said.split('\n').filter(Boolean).map((line) => JSON.parse(line))
}

/** The outcome of pgTAP's tests of a file. */
const databaseTests = async (file) => [...(await output('psql', ['-X', '-q', '-At', '-f', path(file)])).matchAll(/^(not )?ok \d+ - (.*)((?:\n#.*)*)/gm)]
  .map(([, not, name, message]) => ({ name, ok: !not, message, asserted: true }))

/** What became of each test of a file that names one of these rows: { name, ok, asserted, message }. */
async function run(file, rows) {
  const seen = await (file.endsWith('.sql') ? databaseTests : nodeTests)(file, rows)
  return seen.filter(({ name }) => rowsOf(name).some((one) => rows.includes(one)))
}

const files = chosen(process.env.MUTATE).reduce((all, one) => all.set(one[1], [...(all.get(one[1]) ?? []), one]), new Map())

before(() => sql('CREATE EXTENSION IF NOT EXISTS pgtap'))

for (const [file, all] of files) {
  let right = false
  test(`${file}: right as it is`, async () => {
    const rows = all.map(([row]) => row), seen = await run(file, rows)
    for (const row of rows) assert.ok(seen.some(({ name }) => rowsOf(name).includes(row)), `no test names #${row}`)
    assert.deepEqual(seen.filter(({ ok }) => !ok), [])
    right = true
  })
  for (const [row, , what, { breakIt, mend }] of all)
    test(`#${row} ${what}`, async (t) => {
      assert.ok(right, 'its tests fail as it is')
      breakIt()
      const look = async () => {
        const first = await run(file, [row])
        return first.every(({ ok }) => ok) ? new Promise((done) => setTimeout(done, 3000)).then(() => run(file, [row])) : first // forms are cached (core/order/project.c)
      }
      const seen = await look().finally(mend)
      assert.ok(seen.length, 'no test ran')
      const failed = seen.filter(({ ok }) => !ok), own = failed.find(({ asserted }) => asserted)
      assert.ok(own, failed.length ? `it fails, and not by an assertion: ${JSON.stringify(failed)}` : 'nobody notices')
      t.diagnostic(`${own.name}: ${own.message.split('\n').slice(0, 12).join(' ').slice(0, 300)}`)
    })
}
