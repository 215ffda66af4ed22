// SPDX-License-Identifier: Apache-2.0
// Each page that ends something tells of which order it was, and who does what next until when.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Applicant, eventually, messages, person, sql, submitted } from '../lib/hall.mjs'
import { launch, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

const grouped = (number) => number.replace(/(\d{6})(?=\d)/g, '$1 ')
const ahead = (page) => page.getByRole('region', { name: '接下来' })
/** Presses the button beside the code's field and types what came to that phone. */
async function code(page, phone) {
  sql("UPDATE hall.sms_code SET created_at = created_at - interval '61 seconds' WHERE created_at > now() - interval '2 minutes'")
  const before = (await messages(phone)).length
  await page.getByRole('button', { name: '获取验证码' }).click()
  const text = await eventually('the code', async () => (await messages(phone)).length > before && (await messages(phone))[0].text)
  await page.locator('#h-code').fill(text.match(/\d{6}/)[0])
}

for (const phone of [false, true])
  test(`a unit is handed over and taken over, at ${phone ? 390 : 1280} pixels`, async () => {
    const { a, p } = await submitted('szjsgws')
    await a.pay()
    const taker = await person(), b = new Applicant('szjsgws')
    await b.loginSms(taker.mobile)
    const page = await open(browser, { phone })
    await withSession(page, a)
    await page.goto('/szjsgws/me/units')
    await page.getByRole('button', { name: '移交给其他经办人' }).click()
    await page.locator('#h-phone').fill(taker.mobile)
    await code(page, p.mobile)
    await page.getByRole('button', { name: '发起移交' }).click()
    await page.getByRole('heading', { name: `已把“${p.unit_name}”的业务单移交给 ${taker.mobile}，等待接收` }).waitFor()
    assert.match(await ahead(page).innerText(), /新经办人\s*7 天内登录.*\s*您\s*对方接收前，可以/)
    await lookWhole(page, `hand-over-asked-${phone ? 390 : 1280}`)
    await page.context().close()

    const other = await open(browser, { phone })
    await withSession(other, b)
    await other.goto('/szjsgws/me/units')
    await other.getByRole('button', { name: '接收', exact: true }).click()
    await code(other, taker.mobile)
    await other.getByRole('button', { name: '确认接收' }).click()
    await other.getByRole('heading', { name: `已接收“${p.unit_name}”的业务单：待填写对公账户` }).waitFor()
    await other.getByText(grouped(a.order.number)).waitFor()
    await other.getByRole('button', { name: '复制业务单号' }).waitFor()
    assert.match(await ahead(other).innerText(), /您\s*请填写单位对公账户[^]*审核人员\s*预计 .*完成审核/)
    await lookWhole(other, `hand-over-taken-${phone ? 390 : 1280}`)
    await other.getByRole('button', { name: '查看办理进度' }).click()
    await other.waitForURL(`**/orders/${a.order.id}`)
    await other.context().close()
  })
