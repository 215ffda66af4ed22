// SPDX-License-Identifier: Apache-2.0
// The checks that the reviewer sees beside an order's papers.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Staff, eventually, submitted } from '../../../tests/lib/hall.mjs'

test('the reviewer sees what the machine has read', async () => {
  const { a } = await submitted('szjsgws')
  await a.pay()
  const reviewer = await new Staff().login('review')
  const [check] = await eventually('the reading', async () => {
    const found = (await reviewer.read(a.order.id)).checks.filter((c) => c.code === 'licence')
    return found.length && found
  })
  assert.deepEqual(check, { code: 'licence', text: '证照内容（机器识别）与申请表一致', ok: true })
})
