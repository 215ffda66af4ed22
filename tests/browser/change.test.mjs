// SPDX-License-Identifier: Apache-2.0
// A change as its applicant meets it: from the personal centre to the choice of what changes, a form in which only that can be changed, the
// papers that follow from it, and the end; and the reviewer's page with the old values beside the new ones.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { person } from '../lib/hall.mjs'
import { certified, desk, sql } from '../lib/reissue.mjs'
import { Journey } from './journey.mjs'
import { DESK, launch, logIn, lookWhole, open, passkeyOf, plugIn, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser?.close())

for (const phone of [false, true])
  test(`from the personal centre to the data on file, at ${phone ? 390 : 1280} pixels`, async () => {
    const width = phone ? 390 : 1280
    const { a, p, serial } = await certified('jieyang'), next = await person()
    const page = await open(browser, { phone })
    await withSession(page, a)
    await page.goto('/jieyang/me/units')
    await page.getByRole('link', { name: '信息变更' }).click()
    await page.waitForURL(/\/jieyang\/apply\?business=change$/)
    await new Journey(browser, page, `change-${width}`, 'jieyang', p, 'change').agree()
    await page.waitForURL(/\/apply\/certificate\?business=change$/)
    await page.getByRole('region', { name: '证书列表' }).getByText(serial, { exact: true }).waitFor() // it was found by itself
    const further = page.getByRole('button', { name: '下一步' })
    assert.ok(await further.isDisabled(), 'something has to change')
    const tick = (name) => page.getByRole('group', { name: '要变更的内容' }).getByText(name, { exact: true }).click()
    await tick('单位名称')
    await page.getByText('换发新证书和介质，有效期截止日不变').waitFor()
    await lookWhole(page, `change-certificate-${width}`)
    await tick('单位名称')
    await tick('经办人')
    await page.getByText('审核通过后登记信息即变更，证书不换，没有快递').waitFor()
    await further.click()
    await page.waitForURL(/\/orders\/[0-9a-f-]{36}\/form$/)
    assert.equal(await page.locator('#f-unit_name').inputValue(), a.order.form.unit_name)
    const open_ = (name) => page.locator(`#f-${name}`).evaluate((e) => !e.disabled && !e.readOnly)
    assert.deepEqual(await Promise.all(['unit_name', 'legal_name', 'unit_address', 'agent_name', 'agent_mobile'].map(open_)), [false, false, false, true, true])
    await page.getByLabel('经办人姓名').fill(next.name)
    await lookWhole(page, `change-form-${width}`)

    const id = page.url().match(/orders\/([0-9a-f-]{36})/)[1]
    await page.goto(`/jieyang/orders/${id}`)
    await page.getByRole('heading', { name: '变更', exact: true }).waitFor()
    await page.getByText('证书不换：审核通过后登记信息即变更。').waitFor()
    await lookWhole(page, `change-order-${width}`)
    Object.assign(a, { business: 'change', order: { id } })
    await a.refresh()
    await a.save({ ...a.order.form, agent_name: next.name, agent_id: next.id_no, agent_mobile: next.mobile })
    await a.print()
    await page.goto(`/jieyang/orders/${id}/papers`)
    await page.getByText('经办人授权委托书').first().waitFor()
    assert.equal(await page.getByText('变更登记证明').count(), 0, 'only what follows from what changes')
    await lookWhole(page, `change-papers-${width}`)
    await a.uploadAll()
    assert.equal((await a.authenticate(next)).state, 'passed')
    await a.refresh()
    await a.step('submit')

    if (!phone) {
      const review = await open(browser, { base: DESK })
      await plugIn(review, await passkeyOf('review'))
      await review.goto('/desk/login')
      await logIn(review, 'review')
      await review.waitForURL((url) => !/login/.test(url.pathname))
      await review.goto(`/desk/orders/${id}`)
      await review.getByRole('heading', { name: '变更', exact: true }).waitFor()
      assert.deepEqual(await review.locator('del').allInnerTexts().then((all) => all.slice(0, 3).map((x) => x.replace('原为', '').trim())), [p.name, p.id_no, p.mobile])
      await lookWhole(review, 'change-desk')
      assert.deepEqual(review.faults, [])
      await review.context().close()
    }
    await (await desk('review')).act(id, 'approve')
    await a.until('done')
    await page.goto(`/jieyang/orders/${id}`)
    await page.getByText('登记信息已变更，证书继续使用。').waitFor()
    assert.equal(await page.getByText(/制证|PIN|运单|寄出/).filter({ visible: true }).count(), 0, 'nothing of what is not made')
    await lookWhole(page, `change-done-${width}`)
    assert.equal(sql(`SELECT state FROM hall.certificate WHERE serial = '${serial}'`), 'valid')
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })
