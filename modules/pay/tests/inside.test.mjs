// SPDX-License-Identifier: Apache-2.0
// Paying in WeChat's own browser: who pays comes from WeChat alone, once, and for nobody else's page; the app takes only what the
// merchant has signed; several tries, and other ways beside it, are paid once.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Applicant, eventually, payAt, sql, submitted, turn } from '../../../tests/lib/hall.mjs'
import { WeChatUser } from '../../../tests/lib/wechat.mjs'

const inside = (a, brought = {}, id = a.order.id) => a.api('POST', `/pay/orders/${id}/inside`, { json: { channel: 'wechatpay', ...brought } })
const paymentsOf = (a) => sql(`SELECT string_agg(inside || ' ' || state, ', ' ORDER BY created_at, id) FROM hall.payment WHERE order_id = '${a.order.id}'`)
const paid = (a) => eventually('the payment', async () => (await a.refresh()).payment.state === 'paid')
const wrong = (status, pointer) => (e) => {
  assert.deepEqual([e.status, e.body.errors?.[0]?.pointer], [status, pointer], e.message)
  assert.match(e.body.errors?.[0]?.detail ?? e.body.detail, /[一-鿿]{4,}/)
  return true
}

/** An order that is to be paid, and a user of WeChat in whose browser it is open. */
async function begun() {
  const { a } = await submitted('szjsgws'), user = new WeChatUser()
  return { a, user, asked: await inside(a) }
}
/** The request that the page gets when it has come back from WeChat. */
const authorized = async (a, user) => (await inside(a, await user.authorize((await inside(a)).url))).request

test('from the question who pays to the payment, which WeChat reports', async () => {
  const { a, user, asked } = await begun()
  assert.deepEqual([asked.request, asked.total], [null, 35000])
  const url = new URL(asked.url)
  assert.deepEqual([url.pathname, url.hash, url.searchParams.get('scope'), url.searchParams.get('response_type')],
    ['/connect/oauth2/authorize', '#wechat_redirect', 'snsapi_base', 'code'])
  assert.match(url.searchParams.get('state'), /^[0-9a-f]{64}$/)
  assert.equal(paymentsOf(a), '', 'a question opens nothing')
  const back = await user.follow(asked.url)
  assert.ok(back.pathname.endsWith(`/szjsgws/orders/${a.order.id}/payment`))

  const { request, url: none } = await inside(a, Object.fromEntries(back.searchParams))
  assert.equal(none, null)
  assert.deepEqual(Object.keys(request), ['appId', 'timeStamp', 'nonceStr', 'package', 'signType', 'paySign'])
  assert.deepEqual(await user.confirm(request), { err_msg: 'get_brand_wcpay_request:ok' })
  await paid(a)
  assert.equal(paymentsOf(a), 'true paid')
  assert.equal(sql(`SELECT trade_type FROM sandbox.wechatpay_order o WHERE out_trade_no = (SELECT number FROM (VALUES ('${sql(`SELECT out_trade_no FROM hall.payment WHERE order_id = '${a.order.id}'`)}')) x (number))`, 'certhall_sandbox'), 'JSAPI')
  await assert.rejects(inside(a), (e) => e.status === 409)
})

test('the app takes what the merchant has signed, from the payer who was named, and nothing else', async () => {
  const { a, user } = await begun(), request = await authorized(a, user)
  for (const change of [{ package: request.package.replace(/.$/, (c) => (c === 'a' ? 'b' : 'a')) }, { nonceStr: 'x' }, { timeStamp: `${+request.timeStamp + 1}` },
    { timeStamp: `${+request.timeStamp - 600}` }, { signType: 'MD5' }, { appId: 'wx0' }, { paySign: '' }])
    assert.equal((await user.confirm({ ...request, ...change })).err_msg, 'get_brand_wcpay_request:fail', JSON.stringify(change))
  const other = new WeChatUser()
  await other.authorize((await inside((await begun()).a)).url)
  assert.match((await other.confirm(request)).err_desc, /帐号/)
  assert.equal((await a.refresh()).payment.state, 'waiting')
  assert.equal((await user.confirm(request)).err_msg, 'get_brand_wcpay_request:ok')
  await paid(a)
})

test('asked again, the page gets a request for the same order, without WeChat being asked who pays', async () => {
  const { a, user } = await begun(), first = await authorized(a, user), again = await inside(a)
  assert.equal(again.url, null)
  assert.equal(again.request.package, first.package)
  assert.notEqual(again.request.paySign, first.paySign)
  assert.equal((await user.confirm(again.request)).err_msg, 'get_brand_wcpay_request:ok')
  assert.equal((await user.confirm(first)).err_msg, 'get_brand_wcpay_request:ok', 'it is paid already')
  await paid(a)
  assert.equal(paymentsOf(a), 'true paid', 'once')
})

test('a code is good once, and nobody can make one up', async () => {
  const { a, user, asked } = await begun(), brought = await user.authorize(asked.url)
  await inside(a, brought)
  await assert.rejects(inside(a, brought), wrong(422, '/code'))
  await assert.rejects(inside(a, { ...brought, code: 'made-up' }), wrong(422, '/code'))
  await assert.rejects(inside(a, { ...brought, code: 'with blank' }), wrong(422, '/code'))
  assert.equal(paymentsOf(a), 'true waiting', 'a code that is refused opens nothing and closes nothing')
})

test('a code that comes with another state is not looked at: of another order, another session, or none', async () => {
  const { a, user, asked } = await begun(), { code, state } = await user.authorize(asked.url), { a: b, asked: foreign } = await begun()
  for (const bad of [undefined, '0'.repeat(64), new URL(foreign.url).searchParams.get('state')])
    await assert.rejects(inside(a, { code, ...(bad && { state: bad }) }), wrong(422, '/state'))
  await assert.rejects(inside(b, { code, state }), wrong(422, '/state'), 'what somebody else has brought')
  assert.equal(paymentsOf(a) + paymentsOf(b), '')
  assert.ok((await inside(a, { code, state })).request, 'it is good where it belongs')
})

test('somebody else\'s order, an order that is not to be paid, a way that is not paid online', async () => {
  const { a } = await begun(), { a: b } = await begun()
  await assert.rejects(inside(b, {}, a.order.id), (e) => e.status === 404)
  const { a: draft } = await submitted('szjsgws')
  await draft.step('edit')
  await assert.rejects(inside(draft), (e) => e.status === 409)
  await assert.rejects(inside(a, { channel: 'transfer' }), wrong(422, '/channel'))
  const nobody = new Applicant('szjsgws')
  await assert.rejects(inside(Object.assign(nobody, { order: a.order })), (e) => e.status === 401)
})

test('WeChat sends nobody back who is not in it, nor to another site', async () => {
  const { user, asked } = await begun()
  await assert.rejects(user.follow(asked.url, 'Mozilla/5.0 (iPhone) Safari'), /请在微信客户端打开/)
  const with_ = (key, value) => { const url = new URL(asked.url); url.searchParams.set(key, value); return url.href }
  await assert.rejects(user.follow(with_('redirect_uri', 'https://elsewhere.example/')), /10003/)
  await assert.rejects(user.follow(with_('scope', 'snsapi_userinfo')), /10005/)
  await assert.rejects(user.follow(with_('appid', 'wx0')), /appid/)
  await assert.rejects(user.follow(with_('state', 'a b')), /state/)
})

test('an answer of WeChat without the openid pays nothing, and is told', async () => {
  const { a, user, asked } = await begun()
  await turn('wechatpay.no_openid', 'once')
  await assert.rejects(inside(a, await user.authorize(asked.url)), wrong(502, undefined))
  assert.equal(paymentsOf(a), '')
  assert.equal((await user.confirm(await authorized(a, user))).err_msg, 'get_brand_wcpay_request:ok')
  await paid(a)
})

test('another payer has another number; the QR code closes what was open in the app; who pays both ways gets one back', async () => {
  const { a, user } = await begun(), first = await authorized(a, user)
  const second = new WeChatUser()
  const url = new URL((await begun()).asked.url) // any question of this hall; the state is that of our own page
  const own = await eventually('the question', async () => {
    sql(`UPDATE hall.payment SET expires_at = now() WHERE order_id = '${a.order.id}' AND state = 'waiting'`)
    return (await inside(a)).url
  })
  url.searchParams.set('state', new URL(own).searchParams.get('state'))
  url.searchParams.set('redirect_uri', new URL(own).searchParams.get('redirect_uri'))
  const theirs = await inside(a, await second.authorize(url.href))
  assert.notEqual(theirs.request.package, first.package)
  assert.match(paymentsOf(a), /^true closed, true waiting$/)

  const code = await a.openPayment('wechatpay')
  assert.match(code.code_url, /^weixin:/)
  assert.match(paymentsOf(a), /^true closed, true closed, false waiting$/)
  // The app may have shown its cashier meanwhile: whichever payment comes first counts.
  const late = (await second.confirm(theirs.request)).err_msg
  await payAt(code)
  await paid(a)
  if (late.endsWith(':ok'))
    await eventually('the surplus to go back', () => /refunded/.test(paymentsOf(a)) && !/waiting/.test(paymentsOf(a)))
  assert.equal(sql(`SELECT count(*) FROM hall.payment WHERE order_id = '${a.order.id}' AND state = 'paid'`), '1')
})
