// SPDX-License-Identifier: Apache-2.0
// From the link to the receipt on one phone: 390 pixels, a phone's browser, no second device anywhere.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually, formFor, inbox, paper, person, sql } from '../lib/hall.mjs'
import { Visitor } from '../lib/partner.mjs'
import { Journey } from './journey.mjs'
import { launch, lookWhole, open } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

const SAFARI = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'
const WECHAT = `${SAFARI} MicroMessenger/8.0.50(0x1800323d) NetType/WIFI Language/zh_CN`

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
async function upToPayment(name) {
  const page = await open(browser, { phone: true, userAgent: SAFARI }), p = await person()
  const j = new Journey(browser, page, name, 'jieyang', p)
  await page.goto('/jieyang/login')
  await page.getByRole('tab', { name: '短信验证码登录' }).click()
  await j.loginSms()
  await j.agree()
  await page.waitForURL(/\/seal$/)
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

test('in WeChat\'s own browser: how to get out of it', async () => {
  const { page: first, id } = await upToPayment('one-phone-wechat')
  const page = await open(browser, { phone: true, userAgent: WECHAT })
  await page.context().addCookies(await first.context().cookies())
  const opened = []
  page.on('request', (r) => { if (r.method() === 'POST' && /\/api\/pay\//.test(r.url())) opened.push(r.url()) })
  await page.goto(`/jieyang/orders/${id}/payment`)
  await page.getByText('在浏览器中打开').waitFor()
  await page.getByRole('button', { name: '复制本页地址' }).waitFor()
  await lookWhole(page, 'in-wechat')
  assert.deepEqual(opened, [])
})
