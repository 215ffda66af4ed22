// SPDX-License-Identifier: Apache-2.0
// What an applicant sees of a rejection, and how it is mended: on a wide screen and on a phone.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Staff, inbox, submitted } from '../lib/hall.mjs'
import { launch, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

const reasons = [
  { pointer: '/form/agent_email', text: '邮箱地址收不到邮件，请更正。' },
  { pointer: '/form/invoice_wanted', text: '请核对是否开具发票。' },
  { pointer: '/papers/licence', text: '图片不清晰，请重新扫描或拍照后上传。' },
  { pointer: '/', text: '请尽快更正。' },
]

async function rejected(phone) {
  const { a, p } = await submitted('szjsgws')
  await a.pay()
  await (await new Staff().login('review')).act(a.order.id, 'reject', { reasons })
  const page = await open(browser, { phone })
  await withSession(page, a)
  await page.goto(`/szjsgws/orders/${a.order.id}`)
  const summary = page.getByRole('region', { name: '审核未通过，请修改以下内容' })
  return { a, p, page, summary, to: (what) => summary.getByRole('link', { name: new RegExp(`去修改.*${what}`) }) }
}

/** Whether the whole element is on the screen. */
const onScreen = (part) => part.evaluate((e) => {
  const { top, bottom } = e.getBoundingClientRect()
  return top >= 0 && bottom <= innerHeight
})

for (const phone of [false, true])
  test(`#174 #175 what was rejected is named, shown and led to, ${phone ? 'on a phone' : 'on a wide screen'}`, async () => {
    const { a, page, summary, to } = await rejected(phone)
    const of = phone ? 'narrow' : 'wide'
    await summary.getByText('经办人常用邮箱：邮箱地址收不到邮件').waitFor()
    await summary.getByText('营业执照扫描件：图片不清晰').waitFor()
    await lookWhole(page, `rejected-${of}-detail`)

    await to('经办人常用邮箱').click()
    await page.waitForURL(/\/form\?at=agent_email/)
    const email = page.locator('#f-agent_email')
    await page.locator('#f-agent_email:focus').waitFor()
    assert.ok(await onScreen(page.locator('#f-agent_email-row')), 'the field is on the screen')
    assert.match(await email.getAttribute('aria-describedby'), /f-agent_email-remark/)
    await lookWhole(page, `rejected-${of}-form`)
    await email.fill('better@example.com')
    await page.locator('#f-agent_email-row').getByText('审核意见：邮箱地址收不到邮件').waitFor()

    await to('是否开具电子发票').click() // on the same page
    await page.locator('#f-invoice_wanted-row :focus').waitFor()
    assert.ok(await onScreen(page.locator('#f-invoice_wanted-row')))
    await to('是否开具电子发票').click()
    assert.ok(await onScreen(page.locator('#f-invoice_wanted-row')), 'once more from the top')

    await page.getByRole('button', { name: '下一步' }).click()
    await page.waitForURL(/\/print/)
    await a.refresh()
    await a.print()
    await a.upload('form', await a.licence(), 'form.jpg', 'image/jpeg')
    await page.goto(`/szjsgws/orders/${a.order.id}`)
    await to('营业执照扫描件').click()
    const card = page.locator('#m-licence')
    await card.getByText('审核意见：图片不清晰').waitFor()
    assert.ok(await card.evaluate((e) => e.getBoundingClientRect().top < innerHeight && e.getBoundingClientRect().bottom > 0))
    await a.upload('licence', await a.licence(), 'licence.jpg', 'image/jpeg')
    await page.goto(`/szjsgws/orders/${a.order.id}/resubmit`)
    await summary.getByText('✓ 已重新上传').waitFor()
    await lookWhole(page, `rejected-${of}-resubmit`)
    await page.getByRole('button', { name: '重新提交审核' }).click()
    await page.getByRole('heading', { name: '已重新提交审核' }).waitFor()
    await page.getByRole('region', { name: '接下来' }).getByText(/预计 .*完成审核，结果会以短信通知。/).waitFor()
    await lookWhole(page, `rejected-${of}-after`)
  })

test('#211 the message names what was rejected', async () => {
  const { p } = await rejected(false)
  await inbox(p.mobile, /原因：经办人常用邮箱：邮箱地址收不到邮件，请更正；是否开具电子发票：请核对是否开具发票；营业执照扫描件：图片不清晰，请重新扫描或拍照后上传；请尽快更正。请登录/)
})
