// SPDX-License-Identifier: Apache-2.0
// What is known is offered and not typed again: the last order's data, the number of the log-in, the unit's for the invoice, one's own
// certificates for a reissue.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Applicant, formFor, person } from '../lib/hall.mjs'
import { certified } from '../lib/reissue.mjs'
import { Journey } from './journey.mjs'
import { launch, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

for (const phone of [false, true])
  test(`the last order is carried over and taken back, at ${phone ? 390 : 1280} pixels`, async () => {
    const p = await person(), a = new Applicant('szjsgws')
    await a.loginSms(p.mobile)
    await a.draft(false)
    await a.save({ ...formFor('szjsgws', p), agent_mobile: (await person()).mobile })
    const before_ = a.order, b = Object.assign(new Applicant('jieyang'), { cookies: a.cookies, csrf: a.csrf })
    await b.draft()
    await b.save({ cert_type: 'institution', unit_name: '自己填的单位' }, false)
    const page = await open(browser, { phone })
    await withSession(page, b)
    await page.goto(`/jieyang/orders/${b.order.id}/form`)
    const value = (name) => page.locator(`#f-${name}`).inputValue()
    const carry = page.getByRole('region', { name: '带入已有信息' })
    await carry.getByText(before_.number).waitFor()
    assert.equal(await value('unit_code'), '')
    await lookWhole(page, `carry-offer-${phone ? 390 : 1280}`)
    await carry.getByRole('button', { name: '从上次办理带入' }).click()
    await carry.getByText(/已带入 \d+ 项：.*法定代表人姓名/).waitFor()
    assert.equal(await value('unit_name'), '自己填的单位', 'what was filled in stays')
    assert.deepEqual([await value('unit_code'), await value('legal_name'), await value('agent_id')], [p.unit_code, before_.form.legal_name, p.id_no])
    assert.equal(await value('agent_mobile'), p.mobile, 'the number of the log-in')
    await lookWhole(page, `carry-taken-${phone ? 390 : 1280}`)
    await page.locator('#f-agent_name').fill('改过的人')
    await carry.getByRole('button', { name: '撤销带入' }).click()
    assert.deepEqual([await value('unit_code'), await value('agent_mobile'), await value('agent_name')], ['', '', '改过的人'])
    await carry.getByRole('button', { name: '从上次办理带入' }).waitFor()
  })

test('the first order takes the number of the log-in; the invoice the name and the number of the unit', async () => {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  const page = await open(browser)
  await withSession(page, a)
  await page.goto(`/szjsgws/orders/${a.order.id}/form`)
  const value = (name) => page.locator(`#f-${name}`).inputValue()
  await page.getByRole('button', { name: '带入账号信息' }).click()
  assert.equal(await value('agent_mobile'), p.mobile)
  await page.locator('#f-unit_name').fill(p.unit_name)
  await page.locator('#f-unit_code').fill(p.unit_code)
  await page.locator('#f-invoice_wanted-row').getByText('是', { exact: true }).click()
  await page.locator('#f-invoice_kind-row').getByText('企业单位').click()
  assert.deepEqual([await value('invoice_title'), await value('invoice_tax_no')], [p.unit_name, p.unit_code])
  await page.locator('#f-invoice_title-row').getByText('已按上面填写的信息带入，可以修改。').waitFor()
  await page.locator('#f-invoice_title').fill('总公司')
  assert.equal(await page.locator('#f-invoice_title-row').getByText('已按上面填写的信息带入').count(), 0)
})

for (const phone of [false, true])
  test(`one's own certificate is picked from a list, at ${phone ? 390 : 1280} pixels`, async () => {
    const { a, p, serial } = await certified()
    const page = await open(browser, { phone })
    await withSession(page, a)
    await page.goto('/reissue')
    await new Journey(browser, page, 'reissue', 'reissue', p, 'reissue').agree()
    await page.waitForURL(/\/apply\/certificate$/)
    const list = page.getByRole('region', { name: '选择本账号的证书' })
    await list.getByText(serial, { exact: true }).waitFor()
    await lookWhole(page, `own-certificates-${phone ? 390 : 1280}`)
    await list.getByRole('button', { name: new RegExp(`补办这张\\s*：${serial}`) }).click()
    await page.getByText('证书目前仍可使用').waitFor()
    await page.getByLabel('或者输入证书序列号').fill(serial.replace(/(..)(?=.)/g, '$1:'))
    await page.getByRole('button', { name: '查询' }).click()
    await page.getByText('证书目前仍可使用').waitFor()
    await page.getByRole('button', { name: '下一步' }).waitFor()
  })
