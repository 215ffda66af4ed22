// SPDX-License-Identifier: Apache-2.0
// The partner's link: what it opens, and what people read when it opens nothing.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import test, { before } from 'node:test'
import { request, sql } from '../../../tests/http/lib.mjs'
import { publish } from '../../../tests/lib/officers.mjs'

const SLUG = 'link-closed', ID = createHash('md5').update(SLUG).digest('hex')
const open = (slug, id) => request('GET', `/${slug}/getLogin?projectId=${id}`)

before(() => {
  const file = `${tmpdir()}/${SLUG}-${process.pid}.json`
  const demo = JSON.parse(readFileSync(new URL('../../../sql/demo/jieyang.json', import.meta.url), 'utf8'))
  writeFileSync(file, JSON.stringify({ ...demo, slug: SLUG, project_id: ID, name: SLUG }))
  publish(file)
})

test('a link opens its project while that is open', async () => {
  assert.equal((await open(SLUG, ID)).status, 302)
  const wrong = await open(SLUG, ID.replace(/.$/, (c) => (c === '0' ? '1' : '0')))
  assert.equal(wrong.status, 404)
  assert.match(wrong.text, /项目编号不正确/)
  const unknown = await open('nobody-knows', ID)
  assert.equal(unknown.status, 404)
  assert.match(unknown.text, /没有这个办理入口/)
})

test('the link of a closed project is refused with a page, and the module goes on', async () => {
  sql(`UPDATE hall.project SET open = false WHERE slug = '${SLUG}'`)
  for (let n = 0; n < 8; n++) { // each of its processes, several times
    const closed = await open(SLUG, ID)
    assert.equal(closed.status, 404)
    assert.match(closed.text, /停止办理/)
  }
  sql(`UPDATE hall.project SET open = true WHERE slug = '${SLUG}'`)
  assert.equal((await open(SLUG, ID)).status, 302)
})
