// SPDX-License-Identifier: Apache-2.0
// A transfer that a person hands in and finance confirms; a refund that is asked for and approved.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bmp, eventually, inbox, sql, submitted } from '../lib/hall.mjs'
import { Journey } from './journey.mjs'
import { launch, look, open, sign } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

/** A page with the session of somebody who has come so far by HTTP. */
async function pageOf(a, options) {
  const page = await open(browser, options)
  await page.goto('/')
  await page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: page.url() })))
  return page
}
const says = (box) => box.getByRole('button').last().click()

test('#137 #150 #153 a transfer: account and remark on the page, vouchers put and taken away, handed in, confirmed by finance', async () => {
  const { a, p } = await submitted('jieyang')
  const page = await pageOf(a)
  const j = new Journey(browser, page, 'transfer', 'jieyang', p)
  await page.goto(`/jieyang/orders/${a.order.id}/payment`)
  for (const said of ['订单编号', '业务服务', '业务描述', '合计']) await page.getByText(said, { exact: true }).first().waitFor()
  await page.getByText('公对公转账', { exact: true }).first().click()
  await page.getByText('收款账号').waitFor()
  assert.match(await page.locator('.way').innerText(), new RegExp(a.order.number))
  await j.see(page, 'account')
  const files = page.locator('input[type=file]')
  for (const n of [0, 1]) {
    await files.nth(n).setInputFiles({ name: `回单${n + 1}.bmp`, mimeType: 'image/bmp', buffer: bmp() })
    await page.getByRole('link', { name: `回单${n + 1}` }).waitFor()
  }
  await page.getByRole('button', { name: /删除.*凭证 2/ }).click()
  await page.getByRole('link', { name: '回单2' }).waitFor({ state: 'detached' })
  await j.see(page, 'vouchers')
  await page.getByRole('button', { name: '提交汇款凭证' }).click()
  await says(page.locator('.el-message-box'))
  await page.waitForURL(/\/result/)

  const desk = await j.desk('finance')
  await desk.getByRole('link', { name: '款项', exact: true }).click()
  await desk.getByRole('button', { name: /待确认汇款/ }).click()
  await j.see(desk, 'desk-list')
  await desk.goto(`/desk/money/${a.order.id}`)
  await desk.getByRole('link', { name: /回单1/ }).waitFor()
  await j.see(desk, 'desk-order')
  await desk.getByRole('button', { name: '确认到账' }).click()
  const dialog = desk.locator('.el-dialog').filter({ visible: true })
  await dialog.locator('#entry-payer').fill(p.unit_name)
  await dialog.locator('#entry-amount').fill('600.00')
  await dialog.locator('#entry-day').fill(new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10))
  await dialog.locator('#entry-reference').fill(`C${a.order.number}`)
  await j.see(desk, 'desk-entry')
  const signed = await sign(desk, dialog.getByRole('button', { name: '确认到账' }))
  for (const said of ['确认汇款到账', a.order.number, '到账金额：600.00 元', `付款户名：${p.unit_name}`, `银行流水号：C${a.order.number}`])
    assert.ok(signed.includes(said), `${said}: ${signed}`)
  await eventually('the money booked', () => sql(`SELECT paid FROM hall.orders WHERE id = '${a.order.id}'`) === 'paid')
  await page.goto(`/jieyang/orders/${a.order.id}`)
  await page.getByText('已确认收到汇款').first().waitFor()
  await j.see(page, 'confirmed')
  for (const one of [page, desk]) await one.context().close()
})

test('#173 #199 a refund: asked for on the phone, approved at the desk, back by itself', async () => {
  const { a, p } = await submitted('jieyang', 'natural')
  await a.pay()
  const page = await pageOf(a, { phone: true })
  const j = new Journey(browser, page, 'refund', 'jieyang', p)
  await page.goto(`/jieyang/orders/${a.order.id}`)
  await page.getByRole('button', { name: '申请退费' }).click()
  await page.locator('#refund-reason').fill('项目取消')
  await j.see(page, 'reason')
  await page.getByRole('button', { name: '提交申请' }).click()
  await page.getByText('退费申请中').first().waitFor()
  await j.see(page, 'asked')
  const desk = await j.desk('finance')
  await desk.goto(`/desk/orders/${a.order.id}`)
  await desk.getByText('项目取消').waitFor()
  await j.see(desk, 'desk')
  const signed = await sign(desk, desk.getByRole('button', { name: '批准退费', exact: true }))
  for (const said of ['批准退费', a.order.number, '退费金额：600.00 元', '退费原因：项目取消']) assert.ok(signed.includes(said), `${said}: ${signed}`)
  await inbox(p.mobile, /600\.00 元已原路退回/)
  await a.until('refunded')
  await page.reload()
  await page.getByText('已退费').first().waitFor()
  await look(page, 'refund-done')
  for (const one of [page, desk]) await one.context().close()
})
