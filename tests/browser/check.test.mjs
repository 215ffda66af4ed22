// SPDX-License-Identifier: Apache-2.0
// Before it is submitted, the whole form is shown with a way back to each section; numbers that people need elsewhere can be copied; the
// last page says what was done and who does what next.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Applicant, formFor, person, submitted } from '../lib/hall.mjs'
import { launch, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

/** What is in the clipboard, which plain http has not, so that the page asks people to copy by hand. */
const copied = (page) => new Promise((done) => page.once('dialog', async (dialog) => { await dialog.dismiss(); done(dialog.defaultValue()) }))

/** A draft of which only the submission is left. */
async function ready() {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  await a.print()
  await a.uploadAll()
  assert.equal((await a.authenticate(p)).state, 'passed')
  await a.refresh()
  return { a, p }
}

for (const phone of [false, true])
  test(`the form is checked before it is submitted, each section leads back, at ${phone ? 390 : 1280} pixels`, async () => {
    const { a, p } = await ready()
    const page = await open(browser, { phone })
    await withSession(page, a)
    await page.goto(`/szjsgws/orders/${a.order.id}/payment`)
    const check = page.getByRole('region', { name: '核对申请信息' })
    await check.getByText(p.unit_name).first().waitFor()
    await check.getByText(p.id_no).first().waitFor()
    await page.getByText('合计', { exact: true }).waitFor()
    await lookWhole(page, `check-${phone ? 390 : 1280}`)
    assert.equal(await check.getByRole('link').count(), await check.getByRole('heading', { level: 3 }).count(), 'one for each section')
    await check.getByRole('link', { name: /修改\s*经办人信息/ }).click()
    await page.waitForURL(/\/form\?at=agent_name$/)
    await page.waitForFunction(() => document.activeElement?.id === 'f-agent_name')
    await page.goBack()
    await page.getByRole('button', { name: '确认提交，去缴费' }).click()
    await check.waitFor({ state: 'detached' })
  })

for (const phone of [false, true])
  test(`the last page tells number, amount and who does what until when, at ${phone ? 390 : 1280} pixels`, async () => {
    const { a } = await submitted('szjsgws')
    await a.pay()
    const page = await open(browser, { phone })
    await withSession(page, a)
    await page.goto(`/szjsgws/orders/${a.order.id}/result?of=payment`)
    await page.getByText(a.order.number.replace(/(\d{6})(?=\d)/g, '$1 ')).first().waitFor()
    await page.getByText(/已缴费 [\d,]+\.00 元/).waitFor()
    const next = page.getByRole('region', { name: '接下来' })
    assert.match(await next.innerText(), /审核人员\s*预计 \d+ 月 \d+ 日（1 个工作日内）完成审核，结果会以短信通知。\s*制证人员\s*审核通过后制作证书并寄出/)
    await lookWhole(page, `result-${phone ? 390 : 1280}`)
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
    const asked = copied(page)
    await page.getByRole('button', { name: '复制业务单号' }).click()
    assert.equal(await asked, a.order.number, 'without the blanks')
  })

test('the account to pay to is copied number by number', async () => {
  const { a } = await submitted('jieyang')
  const page = await open(browser)
  await withSession(page, a)
  await page.goto(`/jieyang/orders/${a.order.id}/payment`)
  await page.getByText('公对公转账', { exact: true }).first().click()
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
  for (const label of ['收款户名', '收款账号', '开户行', '汇款附言', '订单编号']) {
    const asked = copied(page)
    await page.getByRole('button', { name: `复制${label}` }).click()
    assert.ok((await asked).length >= 4, label)
  }
})
