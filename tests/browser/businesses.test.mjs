// SPDX-License-Identifier: Apache-2.0
// A project with several kinds of business: where people choose, and that the address keeps what they chose.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { certified } from '../lib/reissue.mjs'
import { Journey } from './journey.mjs'
import { launch, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser?.close())

for (const phone of [false, true])
  test(`a reissue where one applies for new ones, at ${phone ? 390 : 1280} pixels`, async () => {
    const width = phone ? 390 : 1280
    const { a, p, serial } = await certified('jieyang')
    const page = await open(browser, { phone })
    await withSession(page, a)
    await page.goto('/jieyang')
    await page.getByRole('heading', { name: '业务办理', level: 1 }).waitFor()
    assert.deepEqual(await page.locator('.kinds strong').allInnerTexts(), ['证书新办', '证书更新', '信息变更', '介质遗失补办'])
    await lookWhole(page, `businesses-${width}`)
    await page.getByRole('link', { name: '介质遗失补办' }).click()
    await page.getByRole('heading', { name: '补办介绍' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: '补办介绍' }).waitFor() // the address says it
    await new Journey(browser, page, 'businesses', 'jieyang', p, 'reissue').agree()
    await page.waitForURL(/\/apply\/certificate\?business=reissue$/)
    await page.getByRole('region', { name: '选择本账号的证书' }).getByRole('button', { name: new RegExp(serial) }).click()
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByRole('button', { name: /已知悉|确认/ }).last().click()
    await page.waitForURL(/\/orders\/[0-9a-f-]{36}\/form$/)
    const bar = page.getByRole('navigation', { name: '办理步骤' })
    await bar.getByText('证书选择').waitFor({ state: 'attached' })
    await page.reload()
    await bar.getByText('证书选择').waitFor({ state: 'attached' })
    assert.equal(await page.locator('#f-years-row').count(), 0, 'the form of a reissue')
    await page.getByRole('button', { name: '上一步' }).click()
    await page.waitForURL(/\/apply\?business=reissue$/)
    await page.getByText('您有尚未提交的业务单').waitFor()
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })

test('a link with a kind that the project does not have leads to those that it has; one step without its kind leads to the choice', async () => {
  const { a } = await certified('jieyang')
  const page = await open(browser)
  await withSession(page, a)
  await page.goto('/jieyang/apply?business=seal')
  await page.getByText('这个项目不办理链接中指定的业务').waitFor()
  await page.goto('/jieyang/apply/certificate')
  await page.waitForURL(/\/jieyang\/apply$/)
  await page.goto('/reissue/apply/certificate') // a project with a single one needs none
  await page.waitForURL(/\/reissue\/apply$/)
  await page.getByRole('checkbox').first().waitFor()
  assert.deepEqual(page.faults, [])
})
