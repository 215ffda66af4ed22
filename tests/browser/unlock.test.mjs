// SPDX-License-Identifier: Apache-2.0
// A locked token as its holder meets it: asked for in the order, proved on the phone, the code by SMS, once.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Staff, eventually, messages, paper, sql, submitted, URL_BASE } from '../lib/hall.mjs'
import { agreeToFace, launch, look, open } from './lib.mjs'

let browser, a, p, produce
before(async () => {
  browser = await launch()
  ;({ a, p } = await submitted('jieyang', 'natural'))
  await a.pay()
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  await a.until('accepted')
  produce = await new Staff().login('produce')
  await produce.act(a.order.id, 'produce')
  await a.until('produced')
})
after(() => browser.close())

const detail = async (options) => {
  const page = await open(browser, options)
  await page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: new URL(URL_BASE).origin })))
  await page.goto(`/jieyang/orders/${a.order.id}`)
  return page
}

test('before the token has left there is nothing to unlock', async () => {
  const page = await detail()
  await page.getByRole('heading', { name: '证书状态与报失' }).waitFor()
  assert.equal(await page.getByRole('heading', { name: '介质解锁' }).count(), 0)
  await produce.act(a.order.id, 'ship', { courier: 'sf', tracking_no: 'SF1234567890' })
  await page.context().close()
})

test('the owner asks, the person proves himself on the phone, and the page tells what was sent', async () => {
  const page = await detail()
  const panel = page.getByRole('region', { name: '介质解锁' })
  await panel.getByRole('button', { name: '申请解锁' }).waitFor()
  await look(page, 'unlock-before')
  const asked = page.waitForResponse((r) => r.url().endsWith('/unlock') && r.request().method() === 'POST')
  await panel.getByRole('button', { name: '申请解锁' }).click()
  const { url } = await (await asked).json()
  await panel.getByText(/有效时间/).waitFor()
  await look(page, 'unlock-qr')

  const phone = await open(browser, { phone: true })
  await phone.goto(url)
  await phone.getByText('介质解锁').first().waitFor()
  await phone.getByRole('heading', { name: '请申请人本人完成认证' }).waitFor()
  await panel.getByText('手机已打开认证页面').waitFor()
  const sides = phone.locator('input[type=file]')
  const card = async (side) => ({ name: `${side}.png`, mimeType: 'image/png', buffer: await paper(`idcard-${side}`, p) })
  const front = await card('front'), read = phone.waitForResponse((r) => r.url().endsWith('/front'))
  await sides.nth(0).setInputFiles(front)
  await read
  await sides.nth(1).setInputFiles(await card('back'))
  await agreeToFace(phone)
  const go = phone.getByRole('button', { name: '开始人脸识别' })
  await eventually('both sides read', () => go.isEnabled())
  await look(phone, 'unlock-phone')
  await eventually('the carrier', () => sql(`SELECT i.carrier FROM hall.identity i JOIN hall.certificate c ON c.id = i.certificate WHERE c.order_id = '${a.order.id}'`) === 't')
  await go.click()
  await phone.waitForURL(/127\.0\.0\.13/)
  await phone.getByRole('button', { name: '通过', exact: true }).click()
  await phone.getByRole('heading', { name: '认证通过：解锁码已发送' }).waitFor()
  await look(phone, 'unlock-phone-passed')
  await panel.getByText(/解锁码已于 .* 发放，每个介质只发放一次/).or(panel.getByText('解锁码短信正在发送')).first().waitFor()
  await eventually('the SMS', async () => (await messages(p.mobile)).some((m) => /解锁码（PUK）为 [2-9A-HJKMNP-Z]{12}，/.test(m.text)))
  await eventually('the release', () => sql(`SELECT state FROM hall.puk WHERE order_id = '${a.order.id}'`) === 'released')
  await page.reload()
  await panel.getByText(/解锁码已于 .* 发放，每个介质只发放一次/).waitFor()
  await page.getByText('本人身份认证通过，介质解锁码以短信发送').first().waitFor()
  assert.equal(await panel.getByRole('button').count(), 0, 'nothing more to ask for')
  await look(page, 'unlock-released')
})

test('the same at phone width', async () => {
  sql(`UPDATE hall.message SET delivery = 'undelivered', delivery_at = now() WHERE order_id = '${a.order.id}' AND event = 'puk'`)
  const page = await detail({ phone: true, userAgent: 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36' })
  const panel = page.getByRole('region', { name: '介质解锁' })
  await panel.getByRole('button', { name: '申请解锁' }).click()
  await panel.getByRole('link', { name: '在本机继续' }).waitFor()
  await look(page, 'unlock-narrow')
})
