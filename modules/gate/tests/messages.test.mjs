// SPDX-License-Identifier: Apache-2.0
// The messages that a person switches off are not sent, those of others are, and those that are needed stay on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Applicant, Staff, sql, submitted } from '../../../tests/lib/hall.mjs'

const find = ({ items }, name) => items.find((one) => one.name === name)
const put = (a, name, on, channel = 'sms') => a.api('PUT', '/gate/messages', { json: { name, channel, on } })
const told = (a, event) => Number(sql(`SELECT count(*) FROM hall.message WHERE order_id = '${a.order.id}' AND event = '${event}'`))
async function approved(change) {
  const { a } = await submitted('jieyang')
  await change?.(a)
  await a.pay()
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  return a
}

test('everything is on at first; what the law or safety needs says why', async () => {
  const { a } = await submitted('jieyang')
  const choices = await a.api('GET', '/gate/messages')
  assert.ok(choices.items.every((one) => one.ways.length && one.ways.every((way) => way.on)))
  assert.deepEqual([find(choices, '审核通过通知').needed, find(choices, '证书吊销通知').needed], [null, '证书能否使用，依法应当告知'])
  assert.equal(new Set(choices.items.map((one) => one.name)).size, choices.items.length, 'each name once')
  assert.deepEqual(find(choices, '电子发票').ways.map((way) => way.channel), ['sms', 'email'])
})

test('what is switched off is not sent, until it is switched on again; others get it', async () => {
  const quiet = await approved(async (a) => {
    const after = await put(a, '审核通过通知', false)
    assert.equal(find(after, '审核通过通知').ways[0].on, false)
  })
  assert.equal(told(quiet, 'approved'), 0)
  assert.equal(told(await approved(), 'approved'), 1)
  assert.equal(told(await approved(async (a) => {
    await put(a, '审核通过通知', false)
    await put(a, '审核通过通知', true)
  }), 'approved'), 1)
  assert.match(sql(`SELECT string_agg(detail::text, '') FROM hall.audit WHERE subject = (SELECT account FROM hall.orders WHERE id = '${quiet.order.id}') AND detail ? 'messages'`), /approved.*false|false.*approved/)
})

test('kinds of one name are one choice, and each way is its own', async () => {
  const { a } = await submitted('jieyang')
  await put(a, '证书到期提醒', false)
  assert.equal(sql(`SELECT string_agg(event, ' ' ORDER BY event) FROM hall.message_off WHERE account = (SELECT account FROM hall.orders WHERE id = '${a.order.id}')`), 'expiring renewable')
  const { ways } = find(await put(a, '电子发票', false, 'email'), '电子发票')
  assert.deepEqual(ways.map((way) => way.on), [true, false])
})

test('what is needed, what is no message, and what is no way is refused; so is a stranger', async () => {
  const { a } = await submitted('jieyang')
  for (const name of ['证书 PIN 码', '退款通知', '业务单移交通知', '没有'])
    await assert.rejects(put(a, name, false), (e) => e.status === 422 && e.body.errors[0].pointer === '/name', name)
  await assert.rejects(put(a, '审核通过通知', false, 'post'), (e) => e.status === 422 && e.body.errors[0].pointer === '/channel')
  await assert.rejects(new Applicant('jieyang').api('GET', '/gate/messages'), { status: 401 })
})

test('a choice about what has become needed since counts no more', async () => {
  const a = await approved(async (one) => {
    sql(`INSERT INTO hall.message_off (account, event, channel) SELECT account, 'certificate_revoked', 'sms' FROM hall.orders WHERE id = '${one.order.id}'`)
    assert.equal(find(await one.api('GET', '/gate/messages'), '证书吊销通知').ways[0].on, true)
  })
  sql(`SELECT hall.tell('${a.order.id}', 'certificate_revoked', 'agent', 'test')`)
  assert.equal(told(a, 'certificate_revoked'), 1)
})
