// SPDX-License-Identifier: Apache-2.0
// Every page as a screen reader hears it: names that tell controls apart, headings in order, tables with heads, fields with names and
// with the reason why they are wrong, one main part.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { heard, listenIn, openEars, said } from './heard.mjs'
import { DESK, launch, logIn, open, withSession } from './lib.mjs'
import { Applicant, Phone, eventually, formFor, person, sealItem, submitted } from '../lib/hall.mjs'
import { certified } from '../lib/reissue.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

/** Projects that other tests have made in this hall may share a name, which is no fault of a page that lists them. */
const namesakes = (path, one) => ['/', '/hall/key-accounts'].includes(path) && /^twice: link/.test(one)

/** Listens to each page once it has come to rest. */
async function listen(page, paths, prepare = async () => {}) {
  const wrong = []
  for (const path of paths) {
    await page.goto(path)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await page.waitForLoadState('networkidle')
    await prepare(path)
    for (const one of await heard(page)) if (!namesakes(path, one)) wrong.push(`${path.replace(/[0-9a-f-]{36}/, ':id')}: ${one}`)
  }
  assert.deepEqual(wrong, [])
}

for (const phone of [false, true]) {
  const wide = phone ? 390 : 1280
  test(`pages for everybody, at ${wide} pixels`, async () => {
    const page = await open(browser, { phone })
    await listen(page, ['/', '/verify', '/ocsp/status', '/ocsp/ocspList', '/hall/products/seal', '/hall/key-accounts', '/szjsgws/login', '/jieyang/login',
      '/szjsgws/lost-phone', '/szjsgws/loss', '/szjsgws/help', '/nowhere/at/all'])
  })

  test(`an application, page by page, at ${wide} pixels`, async () => {
    const page = await open(browser, { phone })
    const a = new Applicant('szjsgws'), p = await person()
    await a.loginSms(p.mobile)
    await withSession(page, a)
    await listen(page, ['/szjsgws/apply'])
    await a.draft(true)
    const at = `/szjsgws/orders/${a.order.id}`
    await listen(page, [`${at}/form`])
    await page.getByRole('button', { name: '下一步' }).click()
    await page.locator('[aria-invalid=true]').first().waitFor()
    assert.deepEqual(await heard(page), [], 'with everything missing')
    await a.save(formFor('szjsgws', p))
    await listen(page, [`${at}/form`, `${at}/print`])
    await a.print()
    await listen(page, [`${at}/papers`])
    await a.uploadAll()
    await listen(page, [`${at}/papers`, `${at}/phone`])
    await a.authenticate(p)
    await listen(page, [`${at}/payment`])
    await a.refresh()
    await a.step('submit')
    await listen(page, [`${at}/payment`, at, '/szjsgws/orders'])
    await a.pay()
    await listen(page, [`${at}/result`, at])
  })

  test(`a person's own pages, at ${wide} pixels`, async () => {
    const page = await open(browser, { phone })
    const { a } = await certified()
    await withSession(page, a)
    await listen(page, ['', '/edit', '/password', '/phone', '/sessions', '/privacy', '/units', '/closing'].map((path) => `/${a.slug}/me${path}`))
    await listen(page, [`/${a.slug}/orders`, `/${a.slug}/orders/${a.order.id}`, '/reissue/apply'])
  })
}

test('a seal order with several certificates', async () => {
  const page = await open(browser)
  const a = new Applicant('seal', 'seal'), p = await person()
  await a.register(p.mobile, 'heard and not seen 2026')
  await a.draft()
  await a.save({ ...formFor('seal', p), items: [sealItem('institution', 1, p.unit_name), sealItem('business', 1, '合同专用章')] })
  await withSession(page, a)
  const at = `/seal/orders/${a.order.id}`
  await listen(page, [`${at}/form`, `${at}/papers`, at])
})

test('the back office', async () => {
  const page = await open(browser, { base: DESK })
  await listen(page, ['/desk/login', '/desk/keys'])
  const { a } = await submitted('szjsgws')
  await a.pay()
  for (const [name, paths] of Object.entries({
    review: ['/desk/orders', `/desk/orders/${a.order.id}`, '/desk/tray', '/desk/seals', '/desk/revocations', '/desk/certificates', '/desk/authority'],
    finance: ['/desk/orders', '/desk/money', `/desk/money/${a.order.id}`, '/desk/invoices', '/desk/bills', '/desk/payouts', '/desk/entries', '/desk/vendors'],
    audit: ['/desk/audit', '/desk/reports', '/desk/partners', '/desk/calendar', '/desk/outbox'],
  })) {
    await page.goto('/desk/login')
    await logIn(page, name)
    await eventually('the desk', () => !/login/.test(page.url()))
    await listen(page, paths)
    await page.getByRole('button', { name: '退出' }).click()
    await page.waitForURL(/\/login/)
  }
})

/** An order of which all is done before the papers, at the page of that step. */
async function atStep(step, { papers } = {}) {
  const p = await person(), a = new Applicant('szjsgws'), page = await open(browser)
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  await a.print()
  if (papers) await a.uploadAll()
  await withSession(page, a)
  await openEars(page)
  const made = page.waitForResponse((r) => /\/link$|\/paper\/links\//.test(r.url()) && r.status() === 201).then((r) => r.json())
  await page.goto(`/szjsgws/orders/${a.order.id}/${step}`)
  return { a, p, page, made }
}

test('the phone authentication, on the phone and at the PC', async () => {
  const { p, page, made } = await atStep('phone', { papers: true })
  const { url } = await made
  const hand = new Phone('szjsgws', url), phone = await open(browser, { phone: true })
  await openEars(phone)
  await page.getByText('有效时间').waitFor()
  await listenIn(page)
  await phone.goto(url)
  await phone.getByRole('heading', { name: /本人完成认证/ }).waitFor()
  assert.deepEqual(await heard(phone), [])
  await said(page, '手机已打开认证页面')
  await hand.cards(p)
  await said(page, '正在手机上拍摄身份证')
  await phone.reload()
  await phone.getByText('已识别').first().waitFor()
  await listenIn(phone)
  await hand.liveness('fail')
  await said(page, '人脸核身未通过')
  await phone.reload()
  await phone.getByRole('alert').waitFor()
  assert.deepEqual(await heard(phone), [], 'after a failure')
  await listenIn(page)
  await hand.liveness('pass')
  await said(page, '认证通过')
  await said(page, '缴费')
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main', 'the keyboard goes on at the beginning of the next page')
  await phone.reload()
  await phone.getByRole('heading', { name: /认证通过/ }).waitFor()
  assert.deepEqual(await heard(phone), [], 'at the end')
})

test('the phone as a camera', async () => {
  const { a, page, made } = await atStep('papers')
  await page.getByRole('button', { name: '用手机拍照上传' }).click()
  const phone = await open(browser, { phone: true })
  await openEars(phone)
  await phone.goto((await made).url)
  await phone.getByRole('heading', { name: /还需拍摄/ }).waitFor()
  assert.deepEqual(await heard(phone), [])
  await listenIn(page)
  await listenIn(phone)
  await phone.locator('#m-licence input[capture]').last().setInputFiles({ name: 'x.jpg', mimeType: 'image/jpeg', buffer: await a.licence() })
  await phone.getByRole('button', { name: '使用整张图片' }).waitFor()
  assert.deepEqual(await heard(phone), [], 'with the edges of a paper')
  await phone.getByRole('button', { name: '使用整张图片' }).click()
  await phone.getByRole('button', { name: '使用这张' }).click()
  await said(phone, '证照内容与申请表一致')
  await said(page, '证照内容与申请表一致')
  assert.deepEqual(await heard(phone), [], 'with a paper sent')
})

test('what changes by itself on the page of an order, and in a form', async () => {
  const { a } = await submitted('szjsgws')
  const page = await open(browser)
  await openEars(page)
  await withSession(page, a)
  await page.goto(`/szjsgws/orders/${a.order.id}`)
  await a.refresh()
  await page.getByRole('heading', { name: a.order.label, exact: true }).waitFor()
  await listenIn(page)
  await a.pay()
  await said(page, a.order.label)
  const drafting = new Applicant('szjsgws')
  await drafting.loginSms((await person()).mobile)
  await drafting.draft()
  const form = await open(browser)
  await openEars(form)
  await withSession(form, drafting)
  await form.goto(`/szjsgws/orders/${drafting.order.id}/form`)
  await form.getByRole('button', { name: '下一步' }).waitFor()
  await listenIn(form)
  await form.getByLabel('单位名称').first().fill('听得见的单位')
  await said(form, '已保存')
})
