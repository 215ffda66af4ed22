// SPDX-License-Identifier: Apache-2.0
// Closing an account, and what stands at the foot of every page and where people look for help.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Applicant, eventually, messages, person, sql } from '../lib/hall.mjs'
import { launch, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

test('an account is closed when nothing is open any more, and the page says what is kept', async () => {
  const { mobile } = await person()
  const a = new Applicant('szjsgws')
  await a.loginSms(mobile)
  const { number } = await a.draft(false)
  const page = await open(browser)
  await withSession(page, a)
  await page.goto('/szjsgws/me/closing')
  await page.getByRole('heading', { name: '还有 1 份业务单没有办结' }).waitFor()
  assert.equal(await page.getByRole('button', { name: '注销账号' }).count(), 0)
  await page.getByText('电子签名法').waitFor()
  await lookWhole(page, 'closing-open')
  await page.getByRole('link', { name: new RegExp(number.slice(0, 6)) }).click()
  await page.getByRole('button', { name: '取消业务单' }).click()
  await page.getByRole('button', { name: '确定取消' }).click()
  await page.getByText('业务单已取消').first().waitFor()

  sql("UPDATE hall.sms_code SET created_at = created_at - interval '61 seconds' WHERE created_at > now() - interval '2 minutes'")
  await page.goto('/szjsgws/me/closing')
  await page.getByRole('button', { name: '获取验证码' }).click()
  const code = await eventually('the code', async () => (await messages(mobile)).find((m) => /正在注销账号/.test(m.text))?.text.match(/\d{6}/)[0])
  await page.locator('#c-code').fill(code === '000000' ? '111111' : '000000')
  await page.getByRole('button', { name: '注销账号' }).click()
  await page.getByRole('button', { name: '确定注销' }).click()
  await page.getByText('验证码不正确').waitFor()
  await lookWhole(page, 'closing-code')
  await page.locator('#c-code').fill(code)
  await page.getByRole('button', { name: '注销账号' }).click()
  await page.getByRole('button', { name: '确定注销' }).click()
  await page.waitForURL(/\/szjsgws\/login/)
  await page.getByText('账号已注销').waitFor()
  await page.goto('/szjsgws/orders')
  await page.waitForURL(/\/szjsgws\/login/)
})

for (const phone of [false, true])
  test(`the foot of a page names the filings and the licence, and help has people and an account to follow (${phone ? 'phone' : 'desktop'})`, async () => {
    const page = await open(browser, { phone })
    await page.goto('/szjsgws/help')
    const foot = page.locator('footer')
    await foot.getByText('电子认证服务许可证 ECP00000000000（示例）').waitFor()
    assert.equal(await foot.getByRole('link', { name: '示例ICP备00000000号' }).getAttribute('href'), 'https://beian.miit.gov.cn/')
    for (const name of ['示例公网安备00000000000000号', '电子认证业务规则', '隐私政策']) assert.equal(await foot.getByRole('link', { name }).count(), 1, name)
    assert.equal(await page.getByRole('link', { name: '在线客服' }).count(), 1)
    await page.getByText('关注公众号：示范CA 服务号').click()
    await page.getByRole('img', { name: '公众号“示范CA 服务号”的二维码' }).waitFor()
    await lookWhole(page, `foot-${phone ? 'narrow' : 'wide'}`)
  })
