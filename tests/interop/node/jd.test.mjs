// SPDX-License-Identifier: Apache-2.0
// JD Logistics written anew with node:crypto from the platform's description (its SDKs are not on the registry): against the
// sandbox, and as the server that our own client talks to.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { client } from './client.mjs'
import { file, flipped, fresh, sandbox, skip } from './sandbox.mjs'

const md5 = (text) => createHash('md5').update(text).digest('hex')
const sign = (secret, { access_token, app_key, timestamp }, path, body) =>
  md5(`${secret}access_token${access_token}app_key${app_key}method${path}param_json${body}timestamp${timestamp}v2.0${secret}`)
const beijing = (ms = Date.now()) => new Date(ms + 8 * 3600e3).toISOString().slice(0, 19).replace('T', ' ')
const wait = (ms) => new Promise((done) => setTimeout(done, ms))

async function call(what, content, { timestamp = beijing(), change = (t) => t, token = file('jd_token') } = {}) {
  const path = `/ecap/v1/orders/${what}`, body = JSON.stringify([{ orderOrigin: 1, customerCode: sandbox.jd_customer, ...content }])
  const query = { 'LOP-DN': 'ECAP', app_key: sandbox.jd_appkey, access_token: token, timestamp, v: '2.0', algorithm: 'md5-salt' }
  query.sign = sign(file('jd_secret'), query, path, body)
  const answer = await fetch(`${sandbox.jd_url}${path}?${new URLSearchParams(query)}`,
    { method: 'POST', headers: { 'Content-Type': 'application/json', 'lop-tz': '8' }, body: change(body) })
  return answer.json()
}
const order = (orderId, rest = {}) => ({
  orderId, senderContact: { name: '王五', mobile: '13800138001', fullAddress: '广东省深圳市南山区科技园 1 号' },
  receiverContact: { name: '张三', mobile: '13900139002', fullAddress: '广东省广州市天河区体育西路 2 号' },
  productsReq: { productCode: 'ed-m-0001' }, settleType: 3, cargoes: [{ name: '文件', quantity: 1, weight: 1, volume: 1 }],
  commonChannelInfo: { channelCode: '0030001' }, ...rest,
})

test('the computed example', () => {
  const facts = { access_token: 'TOK', app_key: 'KEY', timestamp: '2026-01-01 00:00:00' }
  assert.equal(sign('SECRET', facts, '/ecap/v1/orders/create', '[{"a":1}]'), '539b55170fb5f2d04624d7fbfc97934d')
})

test('a parcel is announced, and walks to its end', { skip }, async () => {
  const id = fresh('JDT'), made = await call('create', order(id))
  assert.equal(made.code, 0)
  const { waybillCode } = made.data
  assert.match(waybillCode, /^JDVA\d{11}$/)
  assert.equal((await call('create', order(id))).data.waybillCode, waybillCode)
  assert.equal((await call('create', order(id, { settleType: 2 }))).code, 1005)
  let list = []
  for (let i = 0; i < 300 && list.length < 4; i++) {
    await wait(200)
    list = (await call('trace/query', { waybillCode })).data.traceDetails
  }
  assert.deepEqual(list.map((t) => t.categoryName), ['已签收', '派送中', '运输中', '已揽收'])
  assert.equal((await call('cancel', { customerOrderId: id, cancelReason: 'x' })).code, 1004)
})

test('one changed byte, an old time, a wrong token are refused', { skip }, async () => {
  const id = fresh('JDT')
  assert.equal((await call('create', order(id), { change: (t) => t.replace('2 号', '3 号') })).error_response.code, 15)
  assert.equal((await call('create', order(id), { timestamp: beijing(Date.now() - 3600e3) })).error_response.code, 14)
  assert.equal((await call('create', order(id), { token: flipped(file('jd_token')) })).error_response.code, 19)
  assert.equal((await call('cancel', { customerOrderId: id, cancelReason: 'x' })).code, 1003)
})

test('what JD does not take', { skip }, async () => {
  const code = async (rest) => (await call('create', order(fresh('JDT'), rest))).code
  assert.equal(await code({ customerCode: 'X' }), 1001)
  assert.equal(await code({ cargoes: [] }), 1002)
  assert.equal(await code({ receiverContact: { name: '张三', mobile: '1', fullAddress: 'x' } }), 1002)
  assert.equal(await code({ receiverContact: { name: '张三', mobile: '13900139002', fullAddress: '无法送达' } }), 1010)
})

test('our client signs what it sends', { skip }, async () => {
  const seen = []
  let say = { code: 0, requestId: 'R1', data: { waybillCode: 'JDVA1' } }
  const server = createServer((req, res) => {
    let body = ''
    req.setEncoding('utf8').on('data', (p) => { body += p }).on('end', () => {
      seen.push({ url: new URL(req.url, 'http://x'), tz: req.headers['lop-tz'], body })
      res.end(typeof say === 'string' ? say : JSON.stringify(say))
    })
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const settings = { jd_url: `http://127.0.0.1:${server.address().port}` }
  const ask = async (operation = 'jd.order') => client(operation, { order_id: 'O1', waybill: 'W1' }, settings)
  const answer = await ask(), [{ url, tz, body }] = seen
  assert.deepEqual([answer.outcome, answer.waybill, answer.request_id, tz], ['accepted', 'JDVA1', 'R1', '8'])
  const query = Object.fromEntries(url.searchParams)
  assert.deepEqual([url.pathname, query['LOP-DN'], query.app_key, query.access_token, query.v, query.algorithm],
    ['/ecap/v1/orders/create', 'ECAP', sandbox.jd_appkey, file('jd_token'), '2.0', 'md5-salt'])
  assert.equal(query.sign, sign(file('jd_secret'), query, url.pathname, body))
  assert.notEqual(query.sign, sign(file('jd_secret'), query, url.pathname, body.replace('O1', 'O2')))
  assert.ok(Math.abs(new Date(`${query.timestamp.replace(' ', 'T')}+08:00`) - Date.now()) < 60e3)
  const [sent] = JSON.parse(body)
  assert.deepEqual([sent.orderId, sent.settleType, sent.receiverContact.fullAddress], ['O1', 3, '广东省广州市天河区体育西路 2 号'])
  say = { code: 1010, msg: '超区' }
  assert.equal((await ask()).outcome, 'refused')
  say = { error_response: { code: 19, zh_desc: 'token' } }
  assert.equal((await ask()).outcome, 'unknown')
  say = '系统繁忙'
  assert.equal((await ask()).code, 'bad_answer')
  assert.equal(seen.length, 4) // one try each
  say = { code: 0, data: { traceDetails: [{ operationTime: '2026-01-01 08:00:00', categoryName: '已揽收', operationRemark: 'x' }] } }
  assert.deepEqual((await ask('jd.routes')).routes, [{ time: 1767225600, place: '', remark: 'x', state: 'collected' }])
  server.close()
})

test('our client and the sandbox: order, repeat, trace, cancel', { skip }, async () => {
  const order_id = fresh('JDC'), made = await client('jd.order', { order_id }), again = await client('jd.order', { order_id })
  assert.deepEqual([made.outcome, again.waybill], ['accepted', made.waybill])
  let seen = []
  for (let i = 0; i < 300 && seen.length < 4; i++) {
    await wait(200)
    seen = (await client('jd.routes', { waybill: made.waybill })).routes
  }
  assert.deepEqual(seen.map((r) => r.state), ['collected', 'moving', 'delivering', 'signed'])
  assert.equal((await client('jd.cancel', { order_id })).outcome, 'refused')
  const other = fresh('JDC')
  await client('jd.order', { order_id: other, pay: 'collect' })
  assert.equal((await client('jd.cancel', { order_id: other })).outcome, 'accepted')
  assert.equal((await client('jd.order', { order_id: fresh('JDC'), address: '无法送达' })).code, '1010')
})
