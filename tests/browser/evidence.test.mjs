// SPDX-License-Identifier: Apache-2.0
// An auditor has an evidence package made on the page and downloads it; and the whole signed log.
import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { after, before, test } from 'node:test'
import { submitted } from '../lib/hall.mjs'
import { Journey } from './journey.mjs'
import { launch } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

for (const phone of [false, true])
  test(`an evidence package ${phone ? 'at phone width' : 'at the desk'}: wrong entries are told beside the fields, the page follows the making`, async () => {
    const { a, p } = await submitted('jieyang', 'natural')
    const j = new Journey(browser, null, `evidence-${phone ? 'phone' : 'desk'}`, 'jieyang', p)
    const page = await j.desk('audit', { phone })
    await page.goto('/desk/evidence')
    const form = page.locator('form.ask')
    const make = form.getByRole('button', { name: '制作证据包' })
    await make.click()
    await form.getByText('请输入 18 位单号。').waitFor()
    await form.getByText(/请写明用途/).waitFor()
    await form.getByLabel('业务单号').fill('999999999999999999')
    await form.getByLabel('用途').fill('法院调取，(2026)粤03民初1号')
    await make.click()
    await form.getByText(/没有找到这个业务单/).waitFor()
    await j.see(page, 'wrong')
    await form.getByLabel('业务单号').fill(a.order.number)
    await form.getByLabel('用途').fill('法院调取，(2026)粤03民初1号')
    await make.click()
    const link = page.getByRole('link', { name: new RegExp(`下载.*${a.order.number}`) })
    await link.waitFor({ timeout: 300000 })
    await j.see(page, 'made')
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
    assert.equal(download.suggestedFilename(), `evidence-${a.order.number}.zip`)
    const [first] = await createReadStream(await download.path()).take(1).toArray()
    assert.equal(first.subarray(0, 2).toString(), 'PK')
  })

for (const phone of [false, true])
  test(`an export of the log ${phone ? 'at phone width' : 'at the desk'}: asked for with a reason, downloaded`, async () => {
    const j = new Journey(browser, null, `log-export-${phone ? 'phone' : 'desk'}`, 'jieyang', (await submitted('jieyang')).p)
    const page = await j.desk('audit', { phone })
    await page.goto('/desk/log-exports')
    const form = page.locator('form.ask')
    await form.getByRole('button', { name: '登记导出' }).click()
    await form.getByText(/请写明用途/).waitFor()
    const reason = `年度审计 ${phone ? '手机' : '电脑'} ${Date.now()}`
    await form.getByLabel('用途').fill(reason)
    await form.getByRole('button', { name: '登记导出' }).click()
    const row = page.getByRole('row').filter({ hasText: reason })
    await row.waitFor()
    await j.see(page, 'made')
    const [download] = await Promise.all([page.waitForEvent('download'), row.getByRole('link', { name: /下载/ }).click()])
    assert.match(download.suggestedFilename(), /^log-\d{8}-\d+\.jsonl$/)
    const [first] = await createReadStream(await download.path()).take(1).toArray()
    assert.match(first.toString(), /^\{"kind":"certhall log"/)
  })
