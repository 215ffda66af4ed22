// SPDX-License-Identifier: Apache-2.0
// The proof of the account after a failure: another account is picked from the search, the company's finance person types the code in,
// the legal person uses their own phone. The orders are prepared over HTTP.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { codeOf, codeProject, ending, failedTwice, finauth, paidOrder } from '../lib/finauth.mjs'
import { eventually, paper, sql, URL_BASE } from '../lib/hall.mjs'
import { Journey } from './journey.mjs'
import { agreeToFace, launch, look, open } from './lib.mjs'

let browser
before(async () => {
  browser = await launch()
  codeProject('finauth-pages', 'b')
})
after(() => browser.close())

async function agent(a, options) {
  const page = await open(browser, options)
  await page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: new URL(URL_BASE).origin })))
  await page.goto(`/${a.slug}/orders/${a.order.id}`)
  return page
}

test('#97 #163 #165 #166 a refused account is mended, and finance types in the code on a link', async () => {
  const { a, p } = await paidOrder('finauth-pages', '0006')
  await finauth(a, 'failed')
  const page = await agent(a)
  await page.getByText('金融认证失败').first().waitFor()
  await look(page, 'finauth-failed')
  await page.getByRole('link', { name: '重新填写单位账户' }).click()
  const bank = page.getByRole('combobox', { name: '开户行' })
  await bank.click()
  await bank.fill('火星')
  await page.getByText('没有找到“火星”').waitFor()
  await bank.fill('福田 工行')
  await page.getByRole('option', { name: /中国工商银行股份有限公司深圳福田支行/ }).waitFor()
  await bank.press('Enter')
  await page.getByLabel('账号').fill(ending(p, '7777'))
  await look(page, 'finauth-account')
  await page.getByRole('button', { name: '提交账户信息' }).click()
  const field = page.getByLabel('随机码', { exact: false }).first()
  await page.getByText('请向本单位财务索取').waitFor()
  const code = await codeOf(ending(p, '7777'))
  await field.fill(code === '000000' ? '111111' : '000000')
  await page.getByRole('button', { name: '确认' }).click()
  await page.getByText(/还可以再试 2 次/).waitFor()
  await look(page, 'finauth-code')

  const made = page.waitForResponse((r) => r.url().endsWith('/code-link') && r.status() === 201)
  await page.getByRole('button', { name: '生成财务填写链接' }).click()
  const { url } = await (await made).json()
  const finance = await open(browser, { phone: true })
  await finance.goto(url)
  await finance.getByText(p.unit_name).waitFor()
  await look(finance, 'finauth-finance-narrow')
  await finance.getByLabel('随机码', { exact: false }).first().fill(code)
  await finance.getByRole('button', { name: '确认' }).click()
  await finance.getByRole('heading', { name: '随机码正确，金融认证完成' }).waitFor()
  await finance.getByText(a.order.number.replace(/(\d{6})(?=\d)/g, '$1 ')).waitFor()
  assert.match(await finance.getByRole('region', { name: '接下来' }).innerText(), /审核人员\s*预计 .*完成审核/)
  await look(finance, 'finauth-finance-done-narrow')
  await page.getByText('随机码已填写，金融认证完成').waitFor()
  assert.equal((await a.refresh()).state, 'in_review')
  await page.goto(`/finauth-pages/orders/${a.order.id}/result`) // it was not paid just now
  await page.getByRole('heading', { name: '业务单已提交', exact: true }).waitFor()
  await finance.goto('about:blank')
  await finance.goto(url)
  await finance.getByText('链接已失效').waitFor()
})

test('#168 after two failures the legal person stands in, on their own phone; finance sees what became of it', async () => {
  const { a, p } = await paidOrder('finauth-pages', '0006')
  await failedTwice(a)
  const page = await agent(a, { phone: true })
  await page.getByRole('link', { name: '改由法定代表人认证' }).click()
  await page.getByRole('heading', { name: '请法定代表人用本人手机认证' }).waitFor()
  const made = page.waitForResponse((r) => r.url().endsWith('/legal') && r.status() === 201)
  await page.getByRole('button', { name: '生成二维码' }).click()
  const { url } = await (await made).json()
  await look(page, 'finauth-legal-narrow')

  const phone = await open(browser, { phone: true })
  await phone.goto(url)
  await phone.getByRole('heading', { name: '请法定代表人本人完成认证' }).waitFor()
  const sides = phone.locator('input[type=file]')
  const card = async (side) => ({ name: `${side}.png`, mimeType: 'image/png', buffer: await paper(`idcard-${side}`, p) })
  const read = phone.waitForResponse((r) => r.url().endsWith('/front'))
  await sides.nth(0).setInputFiles(await card('front'))
  await read
  await sides.nth(1).setInputFiles(await card('back'))
  await agreeToFace(phone)
  const go = phone.getByRole('button', { name: '开始人脸识别' })
  await eventually('both sides read', () => go.isEnabled())
  await go.click()
  await phone.waitForURL(/127\.0\.0\.13/)
  await phone.getByRole('button', { name: /通过/ }).first().click()
  await phone.getByText('认证通过，经办人的业务单会自动继续办理').waitFor()
  await page.getByRole('heading', { name: '法定代表人认证通过' }).waitFor()
  await page.getByRole('region', { name: '接下来' }).getByText(/审核人员/).waitFor()
  assert.equal(sql(`SELECT state || ' ' || finauth FROM hall.orders WHERE id = '${a.order.id}'`), 'in_review replaced')

  const desk = await new Journey(browser, null, 'jieyang', 'jieyang', null).desk('finance')
  await desk.goto(`/desk/orders/${a.order.id}`)
  await desk.getByRole('heading', { name: '金融认证打款' }).waitFor()
  await desk.getByText('法定代表人认证：').waitFor()
  await look(desk, 'finauth-desk-order')
  sql(`UPDATE hall.payout SET state = 'sent', suspended_at = now() WHERE number = 2 AND order_id = '${a.order.id}'`)
  await desk.goto('/desk/payouts')
  const row = desk.getByRole('row').filter({ hasText: a.order.number })
  await row.getByText('银行三天未给出结果').waitFor()
  await look(desk, 'finauth-desk-payouts')
  await row.getByRole('button', { name: '确认未汇出' }).click()
  await desk.locator('.el-message-box').getByRole('button').last().click()
  await row.waitFor({ state: 'detached' })
})
