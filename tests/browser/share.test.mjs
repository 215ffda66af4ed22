// SPDX-License-Identifier: Apache-2.0
// The page of an order that is sent to a colleague, at both widths: made, read on another browser, withdrawn; the promise on every page
// of the order, and the parcel's way with the courier's own page.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql, submitted } from '../lib/hall.mjs'
import { launch, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

/** As if the order had been made and its parcel were on its way. */
function ship(order) {
  sql(`INSERT INTO hall.parcel (order_id, courier, payment, state, waybill, routes) VALUES ('${order.id}', 'sf', 'collect', 'delivering', 'SF1400000001',
         '[{"at": "2026-11-23T18:00:00+08:00", "place": "深圳市", "text": "已揽收"}, {"at": "2026-11-24T09:00:00+08:00", "place": "揭阳市", "text": "正在派送"}]');
       UPDATE hall.orders SET state = 'shipped', paid = 'paid', courier = 'sf', tracking_no = 'SF1400000001', shipped_at = now() WHERE id = '${order.id}'`)
}

test('a colleague sees how the order stands until the applicant withdraws the link', async () => {
  const { a, p } = await submitted('szjsgws')
  const page = await open(browser)
  await withSession(page, a)
  for (const path of ['', '/payment']) {
    await page.goto(`/szjsgws/orders/${a.order.id}${path}`)
    await page.getByText(/承诺时限：支付成功后 \d 个工作日内/).waitFor()
  }
  await page.goto(`/szjsgws/orders/${a.order.id}`)
  const made = page.waitForResponse((r) => r.url().endsWith('/share') && r.status() === 201)
  await page.getByRole('button', { name: '生成进度链接' }).click()
  const { url } = await (await made).json()
  await page.getByText(url).waitFor()
  await lookWhole(page, 'share-made')

  ship(a.order)
  const colleague = await open(browser)
  await colleague.goto(url)
  await colleague.getByText('SF1400000001').waitFor()
  await colleague.getByText('揭阳市').waitFor()
  assert.equal(await colleague.getByText('正在派送').count(), 0, 'only places of the parcel')
  assert.equal(await colleague.getByText(p.unit_name).count(), 0)
  assert.equal(await colleague.getByRole('link', { name: '在顺丰速运网站查询这个运单' }).getAttribute('href'),
    'https://www.sf-express.com/chn/sc/waybill/waybill-detail/SF1400000001')
  assert.equal(await colleague.locator('main button').count(), 0, 'nothing can be done')
  await lookWhole(colleague, 'share-page')
  const phone = await open(browser, { phone: true })
  await phone.goto(url)
  await phone.getByText('SF1400000001').waitFor()
  await lookWhole(phone, 'share-page-narrow')

  await page.getByText('正在派送').first().waitFor()
  await page.getByRole('link', { name: '在顺丰速运网站查询这个运单' }).waitFor()
  await page.getByRole('button', { name: '停用链接' }).click()
  await page.getByRole('button', { name: '停用', exact: true }).click()
  await page.getByText('进度链接已停用').waitFor()
  await colleague.reload()
  await colleague.getByText('链接已失效').waitFor()
  await lookWhole(colleague, 'share-gone')
})
