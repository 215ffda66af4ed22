// SPDX-License-Identifier: Apache-2.0
// A person revokes the certificate of an order: told first what it means, asked for a reason, proved on the phone, done.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Staff, eventually, paper, sql, submitted, URL_BASE } from '../lib/hall.mjs'
import { agreeToFace, launch, look, open } from './lib.mjs'

let browser, a, p
before(async () => {
  browser = await launch()
  ;({ a, p } = await submitted('jieyang', 'natural'))
  await a.pay()
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  await a.until('accepted')
  const produce = await new Staff().login('produce')
  await produce.act(a.order.id, 'produce')
  await a.until('produced')
  await produce.act(a.order.id, 'ship', { courier: 'sf', tracking_no: 'SF1234567890' })
})
after(() => browser.close())

const yes = (page) => page.locator('.el-message-box').getByRole('button').last().click()
async function chosen(options) {
  const page = await open(browser, options)
  await page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: new URL(URL_BASE).origin })))
  await page.goto(`/jieyang/orders/${a.order.id}`)
  const panel = page.getByRole('region', { name: '注销证书' })
  await panel.getByRole('button', { name: '申请注销' }).click()
  await panel.getByText('不能撤销，不退还费用').waitFor()
  return { page, panel }
}

test('at phone width: what it means is read before, and somebody who does not want it any more leaves it', async () => {
  const { page, panel } = await chosen({ phone: true })
  await look(page, 'revoke-effect-narrow')
  assert.equal(await panel.getByRole('button', { name: '下一步，手机认证' }).isEnabled(), false, 'not without a reason')
  await panel.getByRole('button', { name: '不注销了' }).click()
  await panel.getByRole('button', { name: '申请注销' }).waitFor()
  assert.equal(sql(`SELECT count(*) FROM hall.identity i JOIN hall.certificate c ON c.id = i.certificate WHERE c.order_id = '${a.order.id}'`), '0')
})

test('a reason, the phone, and the certificate is revoked', async () => {
  const { page, panel } = await chosen()
  await panel.getByLabel('注销原因').selectOption('cessation')
  await look(page, 'revoke-effect')
  const asked = page.waitForResponse((r) => r.url().endsWith('/revoke') && r.request().method() === 'POST')
  await panel.getByRole('button', { name: '下一步，手机认证' }).click()
  await page.getByText('注销后不能恢复').waitFor()
  await yes(page)
  const { url } = await (await asked).json()
  await panel.getByText(/有效时间/).waitFor()
  await look(page, 'revoke-qr')
  const phone = await open(browser, { phone: true })
  await phone.goto(url)
  await phone.getByText('注销证书').first().waitFor()
  const sides = phone.locator('input[type=file]')
  const card = async (side) => ({ name: `${side}.png`, mimeType: 'image/png', buffer: await paper(`idcard-${side}`, p) })
  const front = await card('front'), read = phone.waitForResponse((r) => r.url().endsWith('/front'))
  await sides.nth(0).setInputFiles(front)
  await read
  await sides.nth(1).setInputFiles(await card('back'))
  await agreeToFace(phone)
  const go = phone.getByRole('button', { name: '开始人脸识别' })
  await eventually('both sides read', () => go.isEnabled())
  await go.click()
  await phone.waitForURL(/127\.0\.0\.13/)
  await phone.getByRole('button', { name: '通过', exact: true }).click()
  await phone.getByRole('heading', { name: '认证通过：证书已注销' }).waitFor()
  await look(phone, 'revoke-phone-passed')
  await page.getByText(/原因：不再使用/).first().waitFor()
  assert.equal(await page.getByRole('heading', { name: '注销证书' }).count(), 0, 'nothing is left to revoke')
  assert.equal(await page.getByRole('heading', { name: '介质解锁' }).count(), 0, 'or to unlock')
  await look(page, 'revoke-done')
})
