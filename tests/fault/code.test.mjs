// SPDX-License-Identifier: Apache-2.0
// The database's code is loaded over another version of it and back, while orders are walked: no order is disturbed, and the result is
// the same as a fresh installation.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { Staff, sql, submitted } from '../lib/hall.mjs'

const top = fileURLToPath(new URL('../..', import.meta.url))
const setup = (script) => execFileSync('bash', ['-c', `set -euo pipefail; shopt -s nullglob; cd '${top}'
  for part in common packages build layout database services installation; do . "tools/setup/$part.sh"; done
  ${script}`], { encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 26, env: { ...process.env, CERTHALL_BUILD: '' } })
const load = (folder, database = 'certhall') => setup(`load_code ${database} '${folder}'`)
const structure = (database) => setup(`"$(pg_bin)/pg_dump" -h "$RUN/pg" -U certhall_owner -d ${database} --schema-only --schema=hall`)
  .split('\n').filter((line) => line.trim() && !/^(--|\\(un)?restrict)/.test(line))
/** The lines that only one of them has; grants are printed in any order. */
const apart = (a, b) => [...a.filter((line) => !b.includes(line)).map((line) => `- ${line}`), ...b.filter((line) => !a.includes(line)).map((line) => `+ ${line}`)]
const names = () => sql(`SELECT string_agg(proname || '/' || pronargs, ' ' ORDER BY 1) FROM pg_proc WHERE pronamespace = 'hall'::regnamespace AND proname ~ '^older|^iso$'`)

/** The code as an older version might have had it, with every kind of difference that loading must remove. */
function older() {
  const folder = mkdtempSync(join(tmpdir(), 'code-'))
  cpSync(join(top, 'sql/code'), folder, { recursive: true })
  const change = (file, from, to) => {
    const text = readFileSync(join(folder, file), 'utf8')
    assert.ok(text.includes(from), `${file} has ${from}`)
    writeFileSync(join(folder, file), text.replaceAll(from, to))
  }
  change('caller.sql', 'FUNCTION hall.iso(t timestamptz)', 'FUNCTION hall.iso(moment timestamptz)')
  change('caller.sql', 'to_char(t AT TIME ZONE', 'to_char(moment AT TIME ZONE')
  change('order_page.sql', 'y.created_at\n  FROM hall.payout y JOIN hall.desk_read', 'y.created_at, 1 AS older\n  FROM hall.payout y JOIN hall.desk_read')
  change('refund.sql', 'FUNCTION hall.refundable(o hall.orders, accepted bool DEFAULT false) RETURNS bool',
    'FUNCTION hall.refundable(o hall.orders, accepted bool DEFAULT false, older bool DEFAULT true) RETURNS bool')
  change('lifecycle.sql', 'BEGIN', 'BEGIN -- an older word')
  writeFileSync(join(folder, 'older.sql'), `-- What is no more.
CREATE OR REPLACE FUNCTION hall.older() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE OR REPLACE TRIGGER older BEFORE UPDATE ON hall.faq FOR EACH ROW EXECUTE FUNCTION hall.older();
CREATE OR REPLACE VIEW hall.older_view AS SELECT id FROM hall.desk_order;
`)
  return folder
}

test('code is loaded over an older version and back while orders are walked', async () => {
  const before = structure('certhall'), was = older(), now = join(top, 'sql/code')
  const review = await new Staff().login('review')
  let over = false
  const walk = async () => { // one after the other, until the loading is through
    let walked = 0
    do {
      const o = await submitted('szjsgws')
      await o.a.pay()
      await o.a.refresh()
      assert.equal(o.a.order.state, 'in_review')
      assert.equal((await review.read(o.a.order.id)).order.number, o.a.order.number)
      walked++
    } while (!over)
    return walked
  }
  const walkers = [walk(), walk()]
  for (let n = 0; n < 3; n++) {
    load(was)
    assert.match(names(), /older/)
    await new Promise((done) => setTimeout(done, 1000))
    load(now)
    await new Promise((done) => setTimeout(done, 1000))
  }
  over = true
  for (const walked of await Promise.all(walkers)) assert.ok(walked > 0)
  assert.doesNotMatch(names(), /older/)
  assert.deepEqual(apart(before, structure('certhall')), [], 'as it was')
})

test('and what is there is what a fresh installation has', () => {
  setup(`sql postgres -c 'CREATE DATABASE certhall_fresh'; cd "$TOP/sql/schema"
    SQITCH_FULLNAME=certhall SQITCH_EMAIL=certhall@ca.example SQITCH_USER_CONFIG=/nonexistent \\
      sqitch deploy "db:pg://certhall_owner@/certhall_fresh?host=$RUN/pg"
    load_code certhall_fresh; sql certhall_fresh -c 'SELECT hall.months_make()' >/dev/null`)
  assert.deepEqual(apart(structure('certhall'), structure('certhall_fresh')), [])
  setup(`sql postgres -c 'DROP DATABASE certhall_fresh'`)
})
