// SPDX-License-Identifier: Apache-2.0
// Chromium, its pictures (kept as build output) and axe.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'
import { URL_BASE } from '../lib/hall.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const PICTURES = process.env.CERTHALL_PICTURES ?? '/tmp/certhall-pictures'
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync']

mkdirSync(PICTURES, { recursive: true })

export const launch = () => chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS })

/** A page of its own session. What the console calls an error fails the journey. */
export async function open(browser, { phone = false } = {}) {
  const context = await browser.newContext({
    baseURL: URL_BASE, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', bypassCSP: false,
    viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 900 }, isMobile: phone, hasTouch: phone,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20000)
  page.faults = []
  page.on('pageerror', (e) => page.faults.push(String(e)))
  page.on('console', (m) => {
    if (m.type() === 'error' && !/status of (401|404|409|410|415|422|429)/.test(m.text())) page.faults.push(m.text())
  })
  return page
}

/** A picture of the page, and axe's word on it: nothing serious. */
export async function look(page, name) {
  await page.mouse.move(0, 0) // a notice under the mouse stays
  await page.waitForFunction(() => !document.querySelector('.el-message')) // and half faded it has no contrast
  await page.waitForTimeout(350) // transitions
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true })
  await page.evaluate(axe)
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }))
  const bad = found.violations.filter((v) => ['serious', 'critical'].includes(v.impact))
  assert.deepEqual(bad.map((v) => `${name}: ${v.id} ${v.nodes[0].html.slice(0, 160)}`), [])
  assert.deepEqual(page.faults, [], name)
}
