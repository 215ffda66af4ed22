// SPDX-License-Identifier: Apache-2.0
// The authority's page: certificates and their lifetimes, revocation lists and statuses, and the lint's findings with their orders.
import { test, after, before } from 'node:test'
import assert from 'node:assert/strict'
import { launch, look } from './lib.mjs'
import { Journey } from './journey.mjs'
import { issued } from '../lib/authority.mjs'
import { eventually, sql } from '../lib/hall.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser?.close())

async function lint() {
  const id = sql("SELECT hall.lint_want((now() AT TIME ZONE 'Asia/Shanghai')::date)")
  await eventually('the end of the run', () => sql(`SELECT ended_at IS NOT NULL FROM hall.lint WHERE id = '${id}'`) === 't')
}

test('a reviewer sees the authority, and a finding with its order', async () => {
  const cert = await issued('sm2')
  sql(`UPDATE hall.certificate SET profile = 'institution' WHERE id = '${cert.id}'`)
  await lint()
  const page = await new Journey(browser, null, 'jieyang', 'jieyang', null).desk('review')
  await page.getByRole('link', { name: '认证中心' }).click()
  await page.getByRole('heading', { name: 'SM2 签发机构' }).waitFor()
  assert.ok(await page.getByRole('rowheader', { name: '状态签名' }).count() >= 2)
  await page.getByText('证书策略或业务规则地址与证书模板不同。').first().waitFor()
  await look(page, 'desk-authority')
  await page.setViewportSize({ width: 390, height: 844 })
  await look(page, 'narrow-authority')
  await page.getByRole('link', { name: cert.order.number }).first().click()
  await page.waitForURL(`**/desk/orders/${cert.order.id}`)
  sql(`UPDATE hall.certificate SET profile = 'natural' WHERE id = '${cert.id}'`)
  await lint()
})
