// SPDX-License-Identifier: Apache-2.0
// #73 The holder's choice whether strangers see what is in the certificate: on the form, afterwards on the order's page, and what the
// page of states shows, at both widths.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { issued } from '../lib/authority.mjs'
import { launch, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

for (const phone of [false, true])
  test(`chosen on the form, changed on the order's page, seen by a stranger, at ${phone ? 390 : 1280} pixels`, async () => {
    const size = phone ? 390 : 1280
    const cert = await issued('sm2', { publish_opt_out: true })
    const page = await open(browser, { phone }), stranger = await open(browser, { phone })
    await withSession(page, cert.a)
    await stranger.goto(`/ocsp/status?serial=${cert.serial}`)
    await stranger.getByText('证书在有效期内').waitFor()
    await stranger.getByText('持有人没有公开这张证书的类型和有效期，这里只告知它是否有效。').waitFor()
    assert.equal(await stranger.getByText('自然人证书').count(), 0)
    await lookWhole(stranger, `publication-stranger-${size}`)

    await page.goto(`/${cert.a.slug}/orders/${cert.order.id}`)
    const panel = page.getByRole('region', { name: '证书信息公开' })
    await panel.getByText('不公开', { exact: true }).waitFor()
    await lookWhole(page, `publication-holder-${size}`)
    await panel.getByRole('button', { name: '改为公开' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '改为公开' }).click()
    await panel.getByRole('button', { name: '改为不公开' }).waitFor()
    await stranger.reload()
    await stranger.getByText('自然人证书').waitFor()

    await page.goto(`/${cert.a.slug}/me/units`)
    const row = page.getByRole('listitem').filter({ hasText: cert.serial })
    await row.waitFor()
    assert.equal(await row.getByText('不公开').count(), 0)
  })
