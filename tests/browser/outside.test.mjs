// SPDX-License-Identifier: Apache-2.0
// What people see of the outside services: two ways of paying, a licence read by machine, bills, circuits, e-mail.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { Applicant, STATE, Staff, eventually, formFor, paper, person, sql, submitted } from '../lib/hall.mjs'
import { Journey } from './journey.mjs'
import { launch, look, open } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

/** A page in which this applicant is logged in. */
async function pageOf(a) {
  const page = await open(browser)
  const { origin } = new URL(process.env.CERTHALL_URL ?? 'http://127.0.0.1:8080')
  await page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: origin })))
  return page
}

test('an order is paid by Alipay: the way is chosen on the page, the phone pays, the page goes on', async () => {
  sql(`UPDATE hall.project SET payment_ways = '{wechatpay,alipay}' WHERE slug = 'szjsgws'`)
  try {
    const { a } = await submitted('szjsgws')
    const page = await pageOf(a)
    await page.goto(`/szjsgws/orders/${a.order.id}/payment`)
    await page.getByRole('heading', { name: '微信扫码支付' }).waitFor()
    const opened = page.waitForResponse((r) => /\/api\/pay\/orders\//.test(r.url()) && r.request().postDataJSON()?.channel === 'alipay')
    await page.getByText('支付宝', { exact: true }).click()
    const { code_url } = await (await opened).json()
    await page.getByRole('heading', { name: '支付宝扫码支付' }).waitFor()
    await look(page, 'alipay-payment')
    const till = await open(browser, { phone: true })
    await till.goto('/sandbox/scan')
    await till.locator('#text').fill(code_url)
    await till.getByRole('button', { name: '扫一扫' }).click()
    await till.waitForURL(/\/cashier\//)
    await till.getByRole('button', { name: /确认支付/ }).click()
    await till.getByText(/支付成功/).first().waitFor()
    await page.waitForURL(/\/(account|result)$/)
    await page.goto(`/szjsgws/orders/${a.order.id}`)
    await page.getByText('支付宝').first().waitFor()
    await look(page, 'alipay-paid')
  } finally {
    sql(`UPDATE hall.project SET payment_ways = '{wechatpay}' WHERE slug = 'szjsgws'`)
  }
})

test('a licence of another unit: the card says what differs, and lets people go on', async () => {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  await a.print()
  const page = await pageOf(a)
  await page.goto(`/szjsgws/orders/${a.order.id}/papers`)
  const card = page.locator('#m-licence')
  const upload = async (facts) => card.locator('input[type=file]').setInputFiles({ name: 'licence.jpg', mimeType: 'image/jpeg', buffer: await paper('licence', { ...facts, format: 'jpeg' }) })
  await upload({ unit_name: '另一家示范有限公司', unit_code: p.unit_code, legal_name: p.name })
  await card.getByText(/证照内容与申请表不一致：单位名称/).waitFor()
  await look(page, 'licence-differs')
  await upload({ unit_name: p.unit_name, unit_code: p.unit_code, legal_name: p.name })
  await card.getByText('证照内容与申请表一致。').waitFor()
  await look(page, 'licence-agrees')
})

test('finance compares a bill, and sees how the services do', async () => {
  const { a } = await submitted('jieyang', 'natural')
  await a.pay()
  const wrong = await submitted('jieyang', 'natural')
  await wrong.a.openPayment()
  const invented = sql(`SELECT out_trade_no FROM hall.payment WHERE order_id = '${wrong.a.order.id}'`)
  sql(`SELECT hall.enter_system('runner', 'test'); SELECT hall.payment_paid('${invented}', 'X${invented}', (SELECT total FROM hall.payment WHERE out_trade_no = '${invented}'), now())`)
  const finance = await new Staff().login('finance')
  const today = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10)
  await finance.call('POST', '/desk/api/finance/bills', { json: { channel: 'wechatpay', day: today } })
  await eventually('the comparison', async () => (await finance.call('GET', '/desk/api/finance/bills')).items.find((b) => b.day === today && b.channel === 'wechatpay' && b.state === 'compared'))

  const page = await new Journey(browser, null, 'jieyang', 'jieyang', null).desk('finance')
  await page.getByRole('link', { name: '账单核对' }).click()
  await page.getByRole('button', { name: '查看差异' }).first().click()
  await page.getByText(invented).waitFor()
  await look(page, 'desk-bills')
  const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /导出差异/ }).click()])
  assert.equal(csv.suggestedFilename(), 'differences.csv')
  await page.getByRole('link', { name: '外部服务' }).click()
  await page.getByRole('rowheader', { name: '微信支付' }).waitFor()
  await look(page, 'desk-vendors')
})

test('e-mail lies in the letter box of the demonstration', async () => {
  execFileSync(`${STATE}/bin/certhall-gateway`, ['check', 'mail', 'somebody@example.com'], { env: { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` } })
  const page = await open(browser, { phone: true })
  await page.goto('/sandbox/mails')
  await page.getByText('网上营业厅邮件连接测试').first().waitFor()
  await look(page, 'narrow-mails')
})
