// SPDX-License-Identifier: Apache-2.0
// 申请退费: the applicant asks for a refund, finance decides, the money goes back by the channel by which it came, and the order waits
// meanwhile.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Applicant, Staff, codeOf, eventually, inbox, person, sandboxCall, sql, submitted } from '../../../tests/lib/hall.mjs'
import { newStaff } from '../../../tests/http/lib.mjs'
import { clerk, refused } from './clerk.mjs'

const ask = async (a, reason = '项目取消，不再需要证书') =>
  (a.order = await a.api('POST', `/orders/${a.order.id}/refund`, { json: { version: a.order.version, reason } }))
const withdraw = async (a) =>
  (a.order = await a.api('POST', `/orders/${a.order.id}/refund/withdraw`, { json: { version: a.order.version } }))

test('G2 #173 #199 asked, withdrawn, asked, refused with words, asked again, approved: the whole amount goes back the way it came', async () => {
  const { a, p } = await submitted('szjsgws')
  await assert.rejects(ask(a), refused(409), 'what is unpaid is cancelled')
  await a.pay()
  const stock = () => Number(sql(`SELECT stock FROM hall.project_gift g JOIN hall.project j ON j.id = g.project WHERE j.slug = 'szjsgws' AND years = 1`))
  assert.match(a.order.gift.name, /充电宝/)
  assert.ok(a.order.can.includes('refund'))
  await assert.rejects(ask(a, ' '), refused(422, '/reason'))
  const version = a.order.version
  await ask(a)
  assert.deepEqual([a.order.refund.state, a.order.label, a.order.can.includes('refund_withdraw')], ['asked', '退费申请中', true])
  await assert.rejects(a.api('POST', `/orders/${a.order.id}/refund`, { json: { version, reason: '再点一次' } }), refused(409))
  assert.equal(sql(`SELECT count(*) FROM hall.refund_request WHERE order_id = '${a.order.id}' AND position(convert_to('项目取消', 'UTF8') IN reason) > 0`), '0', 'encrypted')
  const reviewer = await new Staff().login('review')
  await assert.rejects(reviewer.act(a.order.id, 'approve'), refused(409))
  await assert.rejects(reviewer.act(a.order.id, 'reject', { reasons: [{ pointer: '/', text: '不清楚' }] }), refused(409))
  await withdraw(a)
  assert.deepEqual([a.order.refund, a.order.label], [null, '待填写对公账户'])
  await assert.rejects(withdraw(a), refused(409))

  await ask(a)
  const [one, two] = [await clerk(), await clerk()]
  const seen = await one.call('GET', `/orders/${a.order.id}/money`)
  assert.ok(Object.values(seen.words).includes('项目取消，不再需要证书'), 'finance reads why')
  assert.equal((await (await newStaff('auditor')).call('GET', `/desk/api/finance/orders/${a.order.id}/money`)).status, 200)
  for (const role of ['reviewer', 'producer', 'admin'])
    assert.equal((await (await newStaff(role)).call('GET', `/desk/api/finance/orders/${a.order.id}/money`)).status, 403, role)
  await assert.rejects(one.act(a.order.id, 'refund/refuse', { why: '不' }), refused(422, '/why'))
  await one.act(a.order.id, 'refund/refuse', { why: '材料齐全，建议继续办理' })
  await inbox(p.mobile, /材料齐全，建议继续办理/)
  await a.refresh()
  assert.deepEqual([a.order.refund.state, a.order.refund.answer, a.order.state], ['refused', '材料齐全，建议继续办理', 'in_review'])

  await ask(a)
  const left = stock()
  const ends = await Promise.allSettled([one, two].map((f) => f.act(a.order.id, 'refund/approve')))
  assert.deepEqual(ends.map((r) => r.status).sort(), ['fulfilled', 'rejected'], 'two clerks at once: approved once')
  await inbox(p.mobile, /350\.00 元将退回/)
  await a.until('refunded')
  assert.deepEqual([a.order.refund.state, a.order.label, a.order.payment.channel], ['done', '已退费', 'wechatpay'])
  await inbox(p.mobile, /350\.00 元已原路退回/)
  assert.equal(stock(), left + 1, 'the gift is back on the shelf')
  const books = sql(`SELECT p.state || ' ' || r.state || ' ' || r.amount FROM hall.payment p JOIN hall.refund r ON r.payment_id = p.id WHERE p.order_id = '${a.order.id}'`)
  assert.equal(books, 'refunded succeeded 35000')
  await assert.rejects(ask(a), refused(409))
})

test('finance asks once the order is accepted: another clerk approves, nothing is produced meanwhile, the PIN is destroyed', async () => {
  const { a, p } = await submitted('jieyang', 'natural')
  await a.pay('alipay')
  const both = await clerk('reviewer')
  await both.approve(a.order.id)
  await a.until('accepted')
  await assert.rejects(ask(a), refused(409))
  const [one, two] = [await clerk(), await clerk()]
  await one.act(a.order.id, 'refund', { reason: '申请人来函要求退费' })
  await assert.rejects(one.act(a.order.id, 'refund/approve'), refused(403), 'who asked does not approve')
  await assert.rejects(both.act(a.order.id, 'refund/approve'), refused(403), 'nor who reviewed')
  await assert.rejects((await new Staff().login('produce')).act(a.order.id, 'produce'), refused(409))
  await assert.rejects(a.api('POST', `/orders/${a.order.id}/refund/withdraw`, { json: { version: (await a.refresh()).version } }), refused(409))
  await two.act(a.order.id, 'refund/approve', { note: '同意' })
  await a.until('refunded')
  await inbox(p.mobile, /600\.00 元已原路退回/)
  assert.equal(sql(`SELECT count(*) FROM hall.pin WHERE order_id = '${a.order.id}' AND encrypted IS NOT NULL`), '0')
  assert.equal(sql(`SELECT count(*) FROM hall.certificate WHERE order_id = '${a.order.id}'`), '0')
})

test('#148 Alipay\'s own page for a desktop; who changes to the code closes the page, and money on both comes back once', async () => {
  const { a } = await submitted('jieyang')
  const opened = await a.api('POST', `/pay/orders/${a.order.id}`, { json: { channel: 'alipay', page: true } })
  assert.equal(opened.page, true)
  assert.match(opened.code_url, /method=alipay\.trade\.page\.pay/)
  assert.deepEqual((await a.api('POST', `/pay/orders/${a.order.id}`, { json: { channel: 'alipay', page: true } })).code_url, opened.code_url, 'the open one is handed out')
  await assert.rejects(a.api('POST', `/pay/orders/${a.order.id}`, { json: { channel: 'wechatpay', page: true } }), (e) => e.status === 422)
  await assert.rejects(a.api('POST', `/pay/orders/${a.order.id}`, { json: { channel: 'transfer' } }), (e) => e.status === 422)
  const page = await fetch(opened.code_url, { redirect: 'manual' })
  assert.ok(page.status < 400, `Alipay takes the signed address: ${page.status}`)
  const code = await a.openPayment('alipay')
  assert.notEqual(codeOf(code), codeOf(opened))
  assert.equal(sql(`SELECT string_agg(state || ' ' || page, ',' ORDER BY created_at) FROM hall.payment WHERE order_id = '${a.order.id}'`), 'closed true,waiting false')
  await sandboxCall('POST', `/cashier/${codeOf(code)}/pay`, { json: {} })
  await eventually('paid', async () => (await a.refresh()).payment.state === 'paid')
})

test('G18 a rejected order can be given up, and its money comes back; nobody else\'s can', async () => {
  const { a } = await submitted('jieyang', 'natural')
  await a.pay()
  await (await new Staff().login('review')).act(a.order.id, 'reject', { reasons: [{ pointer: '/', text: '资料不符合要求' }] })
  await a.refresh()
  const stranger = new Applicant('jieyang')
  await stranger.loginSms((await person()).mobile)
  await assert.rejects(stranger.api('POST', `/orders/${a.order.id}/refund`, { json: { version: a.order.version, reason: '冒充' } }), refused(404))
  await ask(a)
  await assert.rejects(a.step('resubmit'), (e) => [409, 422].includes(e.status))
  await (await clerk()).act(a.order.id, 'refund/approve')
  await a.until('refunded')
})
