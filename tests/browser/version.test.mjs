// SPDX-License-Identifier: Apache-2.0
// Somebody else changes the order while a page is open: the page says what has changed, once, and keeps what was typed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Applicant, URL_BASE, formFor, person } from '../lib/hall.mjs'
import { launch, look, open } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

test('a form that was changed in another window: told once, nothing typed is lost', async () => {
  const p = await person(), a = new Applicant('jieyang')
  await a.loginSms(p.mobile)
  await a.draft()
  const form = formFor('jieyang', p)
  await a.save(form, false)
  const page = await open(browser)
  await page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: new URL(URL_BASE).origin })))
  await page.goto(`/jieyang/orders/${a.order.id}/form`)
  await page.locator('#f-unit_address').waitFor()
  await a.save({ ...form, mail_address: '另一个窗口 8 楼' }, false)

  await page.locator('#f-unit_address').fill('这个窗口 1 号') // saves itself, and is refused
  const told = page.getByRole('dialog')
  await told.getByText('业务单有变化').waitFor()
  await told.getByText('申请信息').waitFor()
  assert.equal(await page.getByRole('dialog').count(), 1)
  await look(page, 'changed-elsewhere')
  await told.getByRole('button', { name: '知道了' }).click()
  await told.waitFor({ state: 'detached' })
  assert.equal(await page.locator('#f-unit_address').inputValue(), '这个窗口 1 号')
  assert.equal(await page.locator('#f-mail_address').inputValue(), '另一个窗口 8 楼')

  await page.locator('#f-unit_address').fill('这个窗口 2 号')
  await page.getByText(/已保存/).first().waitFor()
  const now = await a.refresh()
  assert.deepEqual([now.form.unit_address, now.form.mail_address], ['这个窗口 2 号', '另一个窗口 8 楼'])
  assert.equal(await page.getByRole('dialog').count(), 0)
})
