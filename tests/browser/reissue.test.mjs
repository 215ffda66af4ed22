// SPDX-License-Identifier: Apache-2.0
// The reissue in Chromium: the certificate is found and held, the form is filled in already, and the outlet has its own desk. The
// sandbox's authenticator signs for reviewer and outlet; everywhere else Chromium has a security key.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { URL_BASE, eventually, inbox } from '../lib/hall.mjs'
import { certified, sql } from '../lib/reissue.mjs'
import { Journey } from './journey.mjs'
import { launch, open, sign } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

test('#13 #20 #30 #69 #200 to #207 介质遗失补办: from the partner\'s link to the parcel of the outlet', async () => {
  const { a, p, serial } = await certified()
  const page = await open(browser)
  const j = new Journey(browser, page, 'reissue', 'reissue', p, 'reissue')
  await page.goto('/reissue/getLogin?projectId=5b0e2f7c94d148a3b6c1d8e7f2a90354')
  await page.getByRole('tab', { name: '短信验证码登录' }).waitFor() // either way, as the project says
  await page.getByRole('tab', { name: '密码登录' }).waitFor()
  await page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: URL_BASE }))) // who made the old order
  await page.goto('/reissue')
  await page.getByRole('heading', { name: '介质遗失补办介绍' }).waitFor()
  const steps = await page.getByRole('navigation', { name: '办理步骤' }).getByRole('listitem').allInnerTexts()
  assert.deepEqual(steps.map((text) => text.match(/[一-龥]+/)[0]), ['介质遗失补办介绍', '证书选择', '录入信息', '打印申请表', '上传资料', '身份认证', '在线支付'])
  await j.agree()

  await page.waitForURL(/\/apply\/certificate$/)
  const number = page.locator('#serial'), ask = j.button('查询')
  await number.fill(serial.slice(1))
  await ask.click()
  await page.getByText(/通常为 16 位/).waitFor()
  await j.see(page, 'serial-mistyped')
  assert.equal(await page.getByRole('link', { name: '证书序列号查询' }).first().getAttribute('href'), '/ocsp/ocspList')
  await number.fill(serial)
  await ask.click()
  await page.getByRole('region', { name: '证书列表' }).getByText(serial, { exact: true }).waitFor()
  await page.getByText(/^..\*\*\*\*..$/).waitFor() // the unit, masked
  await j.see(page, 'certificate')
  await j.agreeTo(page, j.button('报失并冻结'))
  await page.getByText('证书已冻结，他人不能使用').waitFor()
  assert.equal(sql(`SELECT state FROM hall.certificate WHERE serial = '${serial}'`), 'hold')
  await j.button('下一步').click()
  await page.getByText('操作提示信息').waitFor()
  await j.see(page, 'notice')
  await j.button(/我已知悉/).click()
  await page.waitForURL(/\/form$/)

  await page.locator('#f-unit_name').waitFor()
  assert.equal(await page.locator('#f-unit_name').inputValue(), a.order.form.unit_name)
  assert.equal(await page.locator('#f-unit_name').isDisabled(), true)
  assert.equal(await page.locator('#f-agent_name').inputValue(), p.name)
  await j.fill({ agent_position: '经理', mail_region: '440305' }) // the old order's parcel went to a city
  await j.next('print')
  await j.print()
  await j.next('papers')
  await j.uploadAll()
  await Promise.all([j.phone(), j.button('下一步').click()])
  await page.getByText('介质费').first().waitFor()
  await j.pay()
  await page.waitForURL(/\/(result(\?.*)?|orders\/[0-9a-f-]{36})$/)
  const id = j.orderId
  await page.goto(`/reissue/orders/${id}`)
  await page.getByText('福田网点').first().waitFor()
  await j.see(page, 'detail')

  const reviewer = await j.desk('review', { software: true })
  await j.deskOrder(reviewer, id)
  await sign(reviewer, reviewer.getByRole('button', { name: '审核通过' }))
  await eventually('the order accepted', async () => {
    await page.reload()
    return page.getByText('成功受理', { exact: true }).first().isVisible()
  })

  const outlet = await j.desk('outlet', { software: true })
  await outlet.getByRole('link', { name: '业务单', exact: true }).click()
  await outlet.getByRole('heading', { name: '业务单' }).waitFor()
  assert.equal(await outlet.getByRole('link', { name: '证书查询' }).count(), 0)
  await j.see(outlet, 'outlet-queue')
  await j.deskOrder(outlet, id)
  await outlet.getByText(`${serial}（暂停使用）`).waitFor()
  assert.ok(await outlet.locator('div[style*="data:image/png"]').count(), 'the screen carries a watermark')
  await sign(outlet, outlet.getByRole('button', { name: '制作证书' }))
  await outlet.getByRole('link', { name: /密钥文件/ }).waitFor({ timeout: 40000 })
  await j.see(outlet, 'outlet-produced')
  assert.equal(sql(`SELECT state || ' ' || reason FROM hall.certificate WHERE serial = '${serial}'`), 'revoked key_compromise')
  await outlet.locator('#tracking').fill('SF2023042800')
  await outlet.getByRole('button', { name: '登记寄出' }).click()
  await inbox(p.mobile, /SF2023042800/)
  await page.reload()
  await page.getByText('SF2023042800').first().waitFor()
  await page.getByText(/已由新证书 [0-9A-F]{16} 替换/).waitFor()
  await j.see(page, 'detail-shipped')
  await j.agreeTo(page, j.button('确认签收'))
  await page.getByText('已完成').first().waitFor()

  await page.goto('/reissue/me/privacy') // what was agreed to on the way, and how to take it back
  await page.getByRole('button', { name: '《操作提示信息》', exact: true }).waitFor()
  await j.see(page, 'privacy')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '导出数据文件' }).click()])
  const mine = JSON.parse(readFileSync(await download.path()))
  assert.equal(mine.orders.find((order) => order.id === id).replaces.certificates[0].serial, serial)
})
