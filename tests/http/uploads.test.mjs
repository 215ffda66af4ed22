// SPDX-License-Identifier: Apache-2.0
// The daily limits of uploads, and what becomes of the file of a paper that is replaced or deleted.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { eventually } from '../lib/hall.mjs'
import { ADDRESS, STATE, goodForm, newApplicant, picture, sql } from './lib.mjs'

const fileOf = (id) => `${STATE}/store/${id.slice(-2)}/${id}`
let v, order
before(async () => {
  v = await newApplicant('szjsgws')
  order = (await v.save(await v.draft(), goodForm('szjsgws'))).json
})
const upload = (code = 'licence') => v.api('PUT', `/paper/orders/${order.id}/${code}?name=x.bmp`,
  { body: picture('bmp'), headers: { 'content-type': 'application/octet-stream' } })
const rows = () => sql(`SELECT count(*) FROM hall.paper WHERE order_id = '${order.id}'`)

describe('the file of a paper', () => {
  test('goes with the paper that it is replaced by, and not before', async () => {
    const first = (await upload()).json.paper.id
    assert.ok(existsSync(fileOf(first)))
    const second = (await upload()).json.paper.id
    await eventually('the first file gone', () => !existsSync(fileOf(first)))
    assert.ok(existsSync(fileOf(second)))
    assert.equal(sql(`SELECT octet_length(file_key) FROM hall.paper WHERE id = '${first}'`), '0')
    assert.equal((await v.api('GET', `/paper/orders/${order.id}/licence`)).status, 200)
  })

  test('goes when the paper is deleted', async () => {
    const id = (await upload()).json.paper.id
    assert.equal((await v.api('DELETE', `/paper/orders/${order.id}/licence`)).status, 204)
    await eventually('the file gone', () => !existsSync(fileOf(id)))
    assert.equal((await v.api('GET', `/paper/orders/${order.id}/licence`)).status, 404)
  })
})

describe('a day has its limits', () => {
  const used = (kind, who, column, most) => sql(`INSERT INTO hall.upload_count (kind, who, files, bytes) VALUES ('${kind}', '${who}', 0, 0)
    ON CONFLICT (kind, who, day) DO NOTHING; UPDATE hall.upload_count SET ${column} = ${most} WHERE kind = '${kind}' AND who = '${who}' AND day = current_date`)
  const who = { order: () => order.id, account: () => v.id, address: () => ADDRESS }
  const said = { order: /这个业务单今天上传的文件过多/, account: /您今天上传的文件过多/, address: /您所在的网络今天上传的文件过多/ }

  for (const kind of Object.keys(who))
    for (const [column, most] of [['files', 1e9], ['bytes', 1e15]])
      test(`in ${column} for one ${kind}: refused in words, and nothing is stored`, async () => {
        const before_ = rows()
        used(kind, who[kind](), column, most)
        const res = await upload()
        assert.equal(res.status, 429, res.text)
        assert.equal(res.json.code, 'too_many')
        assert.match(res.json.detail, said[kind])
        assert.equal(rows(), before_)
        sql(`DELETE FROM hall.upload_count WHERE kind = '${kind}' AND who = '${who[kind]()}'`)
        assert.equal((await upload()).status, 200, 'a fresh day')
      })
})
