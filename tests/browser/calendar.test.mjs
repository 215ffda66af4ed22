// SPDX-License-Identifier: Apache-2.0
// The calendar of expiry dates in the personal centre: made, copied, replaced, ended; and the days that are left.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { URL_BASE } from '../lib/hall.mjs'
import { readCalendar } from '../lib/ical.mjs'
import { certified } from '../lib/reissue.mjs'
import { launch, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

for (const phone of [false, true])
  test(`the address of the calendar is made, replaced and ended${phone ? ', on a phone' : ''}`, async () => {
    const { a, serial } = await certified()
    const page = await open(browser, { phone })
    await withSession(page, a)
    await page.goto('/jieyang/me/units')
    await page.getByText(/还有 \d+ 天到期/).waitFor()
    const panel = page.getByRole('region', { name: '把到期日放进日历' })
    const address = panel.getByLabel('日历地址（只显示这一次）')
    await panel.getByRole('button', { name: '生成日历地址' }).click()
    await address.waitFor()
    const first = await address.inputValue()
    await lookWhole(page, `calendar${phone ? '-phone' : ''}`)
    const read = async (url) => fetch(URL_BASE + url.slice(new URL(url).origin.length))
    const [{ props }] = readCalendar(Buffer.from(await (await read(first)).arrayBuffer())).parts
    assert.ok(props.SUMMARY.includes(serial.slice(-4)))
    await page.reload()
    await panel.getByText(/已有一个地址/).waitFor()
    assert.equal(await address.count(), 0, 'it is shown only once')
    await panel.getByRole('button', { name: '更换地址' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '更换', exact: true }).click()
    await address.waitFor()
    const second = await address.inputValue()
    assert.notEqual(second, first)
    assert.deepEqual([(await read(first)).status, (await read(second)).status], [404, 200])
    await panel.getByRole('button', { name: '停用地址' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '停用', exact: true }).click()
    await panel.getByRole('button', { name: '生成日历地址' }).waitFor()
    assert.equal((await read(second)).status, 404)
  })
