// SPDX-License-Identifier: Apache-2.0
// The page on which a person switches messages off.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { submitted } from '../lib/hall.mjs'
import { launch, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

for (const phone of [false, true])
  test(`a message is switched off and stays off${phone ? ', on a phone' : ''}; what is needed has no switch`, async () => {
    const { a } = await submitted('jieyang')
    const page = await open(browser, { phone })
    await withSession(page, a)
    await page.goto('/jieyang/me/messages')
    const approved = page.getByLabel('审核通过通知：短信')
    await approved.waitFor()
    assert.equal(await approved.isChecked(), true)
    await approved.uncheck()
    await page.getByText('已关闭').waitFor()
    assert.equal(await page.getByLabel('证书吊销通知：短信').count(), 0)
    await page.getByText('证书能否使用，依法应当告知').first().waitFor()
    await lookWhole(page, `messages${phone ? '-phone' : ''}`)
    await page.reload()
    await approved.waitFor()
    assert.equal(await approved.isChecked(), false)
  })
