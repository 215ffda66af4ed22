// SPDX-License-Identifier: Apache-2.0
// What a first visit costs, in bytes and requests as they go over the wire, heads included, with an empty cache; and that nothing that is
// there already moves while the rest arrives.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Applicant, person, sql, submitted } from '../lib/hall.mjs'
import { launch, open, withSession } from './lib.mjs'

const projects = JSON.parse(sql("SELECT json_agg(json_build_object('slug', slug, 'url', format('/%s/getLogin?projectId=%s', slug, project_id))) FROM hall.project WHERE open"))
let browser
before(async () => { browser = await launch() })
after(() => browser.close())

/** Opens an address in a browser that has nothing of the hall yet, and weighs all that comes until nothing more does. */
async function weigh(address, { account, ready } = {}) {
  const page = await open(browser, { phone: true }), cdp = await page.context().newCDPSession(page)
  if (account) await withSession(page, account)
  // The guide of the demonstration is no part of the hall.
  await page.route('**/sandbox/tour.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }))
  let bytes = 0
  const sent = new Set()
  cdp.on('Network.requestWillBeSent', ({ requestId, request }) => { if (/^http(?!.*\/sandbox\/)/.test(request.url)) sent.add(requestId) })
  cdp.on('Network.requestServedFromCache', ({ requestId }) => { sent.delete(requestId) })
  cdp.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength })
  await cdp.send('Network.enable')
  await page.addInitScript(watchShift)
  await page.goto(address, { waitUntil: 'networkidle' })
  await page.locator(ready).first().waitFor()
  await page.waitForLoadState('networkidle')
  const shift = await page.evaluate(() => globalThis.shift)
  await page.context().close()
  return { bytes, requests: sent.size, shift }
}

/** Adds up by how much of the window what is shown has moved by itself (layout shift, https://web.dev/cls). */
function watchShift() {
  globalThis.shift = 0
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) globalThis.shift += one.value
  }).observe({ type: 'layout-shift', buffered: true })
}

function within(weight, bytes, requests) {
  console.log(`# ${(weight.bytes / 1000).toFixed(1)} kB in ${weight.requests} requests, moved by ${weight.shift.toFixed(3)}`)
  assert.ok(weight.bytes > 50000, 'the files themselves were counted')
  assert.ok(weight.bytes <= bytes, `${weight.bytes} bytes, at most ${bytes}`)
  assert.ok(weight.requests <= requests, `${weight.requests} requests, at most ${requests}`)
  assert.ok(weight.shift <= 0.1, `moved by ${weight.shift}`)
}

test('the home page', async () => within(await weigh('/', { ready: 'main h2' }), 120000, 20))

for (const { slug, url } of projects)
  test(`the log-in, by the link of ${slug}`, async () => within(await weigh(url, { ready: '.el-input' }), 120000, 20))

test("an order's form", async () => {
  const a = new Applicant('szjsgws')
  await a.loginSms((await person()).mobile)
  await a.draft()
  within(await weigh(`/szjsgws/orders/${a.order.id}/form`, { account: a, ready: '#f-unit_name' }), 200000, 20)
})

test("an order's page", async () => {
  const { a } = await submitted('szjsgws')
  within(await weigh(`/szjsgws/orders/${a.order.id}`, { account: a, ready: '.lead .state' }), 220000, 32)
})
