// SPDX-License-Identifier: Apache-2.0
// Who cannot see the pages, or follows a link that leads nowhere, reads what to do and whom to call.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { URL_BASE } from '../lib/hall.mjs'
import { launch, look, open } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

const called = (page) => page.locator('main').getByRole('link', { name: /^[\d-]{8,}$/ })

test('a browser without JavaScript is led to a page that says what it lacks', async () => {
  const context = await browser.newContext({ baseURL: URL_BASE, javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto('/szjsgws/login')
  await page.waitForURL('**/old-browser')
  await page.getByRole('heading', { name: '无法在这个浏览器中打开' }).waitFor()
  assert.match(await called(page).getAttribute('href'), /^tel:\d+$/)
  await context.close()
})

test('so is a browser that is too old', async () => {
  const page = await open(browser)
  await page.addInitScript(() => { delete String.prototype.replaceAll })
  await page.goto('/szjsgws/login')
  await page.waitForURL('**/old-browser')
  await look(page, 'old-browser')
})

for (const phone of [false, true])
  test(`a wrong link says so and names whom to call${phone ? ', on a phone' : ''}`, async () => {
    const page = await open(browser, { phone })
    for (const address of ['/no-such-project', '/no-such-project/apply', '/szjsgws/no-such-page']) {
      const answer = await page.goto(address)
      assert.equal(answer.status(), 404, address)
      await page.getByRole('heading', { name: /没有找到/ }).waitFor()
      await called(page).waitFor()
    }
    await look(page, `missing-page${phone ? '-phone' : ''}`)
  })
