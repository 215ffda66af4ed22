// SPDX-License-Identifier: Apache-2.0
// Parcels, invoices and messages on the pages: a producer orders a courier, finance handles an invoice that failed, and the applicant
// follows both on a desktop and on a phone.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually, sql } from '../lib/hall.mjs'
import { postProject, produced } from '../lib/post.mjs'
import { Journey } from './journey.mjs'
import { launch, look, open } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

const slug = postProject('post-pages')
const { origin } = new URL(process.env.CERTHALL_URL ?? 'http://127.0.0.1:8080')
async function pageOf(a, options) {
  const page = await open(browser, options)
  await page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: origin })))
  return page
}
const desk = (name) => new Journey(browser, null, 'jieyang', 'jieyang', null).desk(name)

test('#103 #105 a parcel ordered at the desk, an invoice that finance mends, and what the applicant sees of both', async () => {
  const { a } = await produced(slug)
  const { id } = a.order

  const finance = await desk('finance')
  await eventually('the invoice', () => sql(`SELECT state FROM hall.invoice WHERE order_id = '${id}'`) === 'issued')
  sql(`UPDATE hall.invoice SET state = 'failed', why = '开票员未登录电子税务局', number = NULL, pdf = NULL WHERE order_id = '${id}'`)
  await finance.goto('/desk/invoices?state=open')
  const line = finance.locator('tr', { hasText: a.order.number.replace(/(\d{6})(?=\d)/g, '$1 ') })
  await line.getByText('开票员未登录').waitFor()
  await line.getByRole('button', { name: /办理/ }).click()
  await finance.getByLabel('抬头类型').selectOption('enterprise')
  await finance.getByLabel('发票抬头').fill('深圳市示范更正有限公司')
  await finance.getByLabel('纳税人识别号').fill('')
  await finance.getByRole('button', { name: '更改抬头并开具' }).click()
  await finance.getByText('企业单位抬头须填写纳税人识别号').waitFor()
  await look(finance, 'invoice-failed')
  await finance.getByLabel('纳税人识别号').fill('91440300MA5FABCD12')
  await finance.getByRole('button', { name: '更改抬头并开具' }).click()
  await eventually('the invoice', () => sql(`SELECT state FROM hall.invoice WHERE order_id = '${id}'`) === 'issued')
  await finance.goto('/desk/invoices?state=issued')
  await finance.getByRole('link', { name: /^\d{20}$/ }).first().waitFor()
  await look(finance, 'invoices')

  const producer = await desk('produce')
  await producer.goto(`/desk/orders/${id}`)
  await producer.getByRole('heading', { name: '快递' }).waitFor()
  await look(producer, 'parcel-to-order')
  await producer.getByRole('button', { name: '生成运单号' }).click()
  await producer.getByText('等待揽收').waitFor()
  await eventually('the number in the form', async () => /^JD/.test(await producer.getByLabel('运单号').inputValue()))
  await producer.getByRole('button', { name: '登记寄出' }).click()
  await producer.getByText('已登记寄出').waitFor()
  await a.until('done')

  const page = await pageOf(a)
  await page.goto(`/${slug}/orders/${id}`)
  await page.getByRole('heading', { name: '寄送' }).waitFor()
  await page.getByText('快件已签收').first().waitFor()
  assert.equal(await page.getByRole('link', { name: /下载 PDF/ }).count(), 1)
  await page.getByText('消息记录').click()
  await page.getByText('审核通过').first().waitFor()
  await look(page, 'post-order')
  const phone = await pageOf(a, { phone: true })
  await phone.goto(`/${slug}/orders/${id}`)
  await phone.getByRole('heading', { name: '电子发票' }).waitFor()
  assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the phone')
  await look(phone, 'post-order-phone')
})
