// SPDX-License-Identifier: Apache-2.0
// From the link to the receipt on one phone: 390 pixels, a phone's browser, no second device anywhere.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually, formFor, inbox, paper, person, sql } from '../lib/hall.mjs'
import { Visitor } from '../lib/partner.mjs'
import { WECHAT, confirmInApp } from '../lib/wechat.mjs'
import { Journey } from './journey.mjs'
import { agreeToFace, launch, lookWhole, open } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

const SAFARI = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'

/** The identity step, on the phone that the order is filled in on: away to the cards and the face, and back. */
async function identify(j, p) {
  const { page } = j
  const here = page.getByRole('link', { name: '在本机继续' })
  await here.waitFor()
  assert.equal(await page.getByRole('img', { name: /二维码/ }).filter({ visible: true }).count(), 0, 'no code for the device in hand')
  await lookWhole(page, `${j.name}-phone-step`)
  await here.click()
  const sides = page.locator('input[type=file]')
  for (const [i, side] of ['front', 'back'].entries())
    await Promise.all([
      page.waitForResponse((r) => r.url().endsWith(`/${side}`) && r.status() === 200),
      sides.nth(i).setInputFiles({ name: `${side}.png`, mimeType: 'image/png', buffer: await paper(`idcard-${side}`, p) }),
    ])
  await agreeToFace(page)
  const start = page.getByRole('button', { name: '开始人脸识别' })
  await eventually('both sides read', () => start.isEnabled())
  await start.click()
  await page.waitForURL(/127\.0\.0\.13/)
  await page.getByRole('button', { name: /通过/ }).first().click()
  await page.waitForURL(/\/orders\/[0-9a-f-]{36}\/phone$/) // back by itself
  await page.getByText('已通过手机认证').waitFor()
  await page.getByRole('button', { name: '下一步' }).click()
  await page.waitForURL(/\/payment/)
}

/** Up to the payment, on that phone. */
async function upToPayment(name, userAgent = SAFARI) {
  const page = await open(browser, { phone: true, userAgent }), p = await person()
  const j = new Journey(browser, page, name, 'jieyang', p)
  await page.goto('/jieyang/login')
  await page.getByRole('tab', { name: '短信验证码登录' }).click()
  await j.loginSms()
  await j.agree()
  await page.waitForURL(/\/seal\?business=new$/)
  await j.button('下一步').click()
  await page.waitForURL(/\/form$/)
  await page.locator('#f-cert_type-row').waitFor()
  await j.fill(formFor('jieyang', p, 'natural'))
  await j.next('print')
  await j.print()
  await j.next('papers')
  await j.uploadAll()
  await j.button('下一步').click()
  await page.waitForURL(/\/phone$/)
  await identify(j, p)
  const id = j.orderId
  await j.button(/确认提交/).click()
  return { page, p, j, id }
}

test('WeChat Pay: the app opens from the phone\'s browser, and the order goes on', async () => {
  const { page, p, id } = await upToPayment('one-phone')
  const go = page.getByRole('link', { name: '前往微信付款' })
  await go.waitFor()
  assert.equal(await page.getByRole('img', { name: /二维码/ }).filter({ visible: true }).count(), 0)
  await lookWhole(page, 'one-phone-pay')
  await go.click()
  await page.waitForURL(/checkmweb/)
  await page.getByRole('link', { name: '取消' }).click() // back without having paid
  await page.getByText('正在确认支付结果').waitFor()
  await lookWhole(page, 'one-phone-returned')
  await page.getByRole('button', { name: /还没有付款/ }).click()
  await go.click()
  await page.getByRole('button', { name: '立即支付' }).click()
  await page.waitForURL(/\/result\?of=payment$/, { timeout: 60000 })
  await lookWhole(page, 'one-phone-result')
  assert.equal(sql(`SELECT count(*) || ' ' || bool_and(phone) FROM hall.payment WHERE order_id = '${id}'`), '1 true')

  await page.goto(`/jieyang/orders/${id}`)
  await (await new Visitor('jieyang').follow(page.context(), id)).counter(p)
  await inbox(p.mobile, /PIN 码/)
  await page.getByText('已完成').filter({ visible: true }).first().waitFor()
  await lookWhole(page, 'one-phone-done')
})

test('Alipay: the same with its page for phones', async () => {
  const { page } = await upToPayment('one-phone-alipay')
  const way = page.getByText('支付宝', { exact: true }).first()
  await way.click()
  await page.getByRole('link', { name: '前往支付宝付款' }).click()
  await page.waitForURL(/\/cashier\//)
  await page.getByRole('button', { name: '确认付款' }).click()
  await page.waitForURL(/\/result\?of=payment$/, { timeout: 60000 })
})

/** The page gets WeChat's bridge some time after it was loaded; the app answers as `app` says. */
async function bridged(page, app) {
  await page.exposeFunction('askApp', app)
  await page.addInitScript(() => {
    setTimeout(() => {
      window.WeixinJSBridge = { invoke: (what, request, said) => void window.askApp(what, request).then((err_msg) => said({ err_msg })) }
      document.dispatchEvent(new Event('WeixinJSBridgeReady'))
    }, 300)
  })
}

test('in WeChat\'s own browser: from the link to the receipt', async () => {
  const { page, p, id } = await upToPayment('in-wechat', WECHAT)
  const go = page.getByRole('button', { name: '微信付款', exact: true })
  await go.waitFor()
  assert.equal(await page.getByRole('img', { name: /二维码/ }).filter({ visible: true }).count(), 0)
  await lookWhole(page, 'in-wechat-pay')

  const asked = []
  let confirms = false
  await bridged(page, async (what, request) => {
    asked.push([what, request])
    if (!confirms) return 'get_brand_wcpay_request:cancel'
    const cookies = await page.context().cookies('http://127.0.0.11')
    const { origin } = new URL(process.env.CERTHALL_URL)
    return (await confirmInApp(request, cookies.map((c) => `${c.name}=${c.value}`).join('; '), origin.replace('127.0.0.1', '127.0.0.11'))).err_msg
  })
  await go.click() // to WeChat and back, which nobody sees, and the app's cashier is cancelled
  await eventually('the app to be asked', () => asked.length === 1)
  await go.waitFor()
  assert.equal(new URL(page.url()).search, '', 'the code is not left in the address')
  assert.equal(sql(`SELECT count(*) || ' ' || bool_and(inside) || ' ' || min(state) FROM hall.payment WHERE order_id = '${id}'`), '1 true waiting', 'what the app says proves nothing')
  await page.reload()
  await go.click()
  await eventually('the app to be asked again', () => asked.length === 2)
  assert.deepEqual(asked.map(([what]) => what), ['getBrandWCPayRequest', 'getBrandWCPayRequest'])
  assert.equal(asked[0][1].package, asked[1][1].package, 'the same order')
  await go.waitFor()
  confirms = true
  await go.click()
  await page.waitForURL(/\/result\?of=payment$/, { timeout: 60000 })
  await lookWhole(page, 'in-wechat-result')
  assert.equal(sql(`SELECT count(*) || ' ' || bool_and(inside) || ' ' || min(state) FROM hall.payment WHERE order_id = '${id}'`), '1 true paid')

  await page.goto(`/jieyang/orders/${id}`)
  await (await new Visitor('jieyang').follow(page.context(), id)).counter(p)
  await inbox(p.mobile, /PIN 码/)
  await page.getByText('已完成').filter({ visible: true }).first().waitFor()
  await lookWhole(page, 'in-wechat-done')
})

test('in WeChat\'s own browser: a way that does not work there, and a code that is no longer good', async () => {
  const { page } = await upToPayment('in-wechat-alipay', WECHAT)
  await page.getByText('支付宝', { exact: true }).first().click()
  await page.getByText('在浏览器中打开').waitFor()
  await page.getByRole('button', { name: '复制本页地址' }).waitFor()
  await lookWhole(page, 'in-wechat-leave')
  await page.goto(`${page.url()}?code=made-up&state=made-up`)
  await page.getByText('微信支付', { exact: true }).first().click()
  await page.getByRole('button', { name: '微信付款', exact: true }).waitFor()
})

test('in WeChat\'s own browser, where the hall has no service account: how to get out of it', async () => {
  const { page, id } = await upToPayment('no-account', SAFARI)
  const inside = await open(browser, { phone: true, userAgent: WECHAT })
  await inside.context().addCookies(await page.context().cookies())
  await inside.route(/\/api\/pay\/.*\/inside$/, (route) => route.fulfill({ json: { url: null, request: null, total: 1 } }))
  await inside.goto(`/jieyang/orders/${id}/payment`)
  await inside.getByText('在浏览器中打开').waitFor()
  await lookWhole(inside, 'in-wechat-without')
})
