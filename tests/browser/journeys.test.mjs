// SPDX-License-Identifier: Apache-2.0
// The two demonstration projects in Chromium, each to the end, with axe on every page and pictures kept.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Applicant, URL_BASE, eventually, formFor, inbox, person } from '../lib/hall.mjs'
import { Visitor } from '../lib/partner.mjs'
import { Journey } from './journey.mjs'
import { launch, look, open, sign } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

const forForm = (values, drop) => Object.fromEntries(Object.entries(values).filter(([k]) => !drop.includes(k)))

test('#59 #122 #139 #140 #145 #146 szjsgws: from the partner\'s link to a key file that opens', async () => {
  const page = await open(browser)
  const p = await person()
  const j = new Journey(browser, page, 'szjsgws', 'szjsgws', p)
  await page.goto('/szjsgws/getLogin?projectId=0535cc2aee346b5dc3f9e5b852f00369')
  await j.loginSms()
  await j.agree()
  await page.waitForURL(/\/seal(\?|$)/)
  await j.see(page, 'seal')
  await j.button('下一步').click()
  await j.button(/我已知悉/).waitFor()
  await j.see(page, 'gift')
  await j.button(/我已知悉/).click()
  await page.waitForURL(/\/form$/)

  await page.locator('#f-unit_name').waitFor()
  await j.button('下一步').click() // nothing filled in: every field says what it wants
  await page.locator('#f-unit_name-error').waitFor()
  await j.see(page, 'form-errors')
  await j.fill(forForm(formFor('szjsgws', p), ['cert_type', 'unit_doc_type', 'auth_way']))
  await j.next('print')
  await j.print()
  await j.next('papers')
  await j.uploadAll()
  await Promise.all([j.phone(), j.button('下一步').click()])
  await j.pay()
  await page.waitForURL(/\/account$/)
  await j.branch(page.locator('main'))
  await page.locator('#account_no').fill(p.account_no)
  await j.see(page, 'account')
  await j.button('提交账户信息').click()
  const id = j.orderId
  await page.goto(`/szjsgws/orders/${id}`)
  await page.getByText('待审核').filter({ visible: true }).first().waitFor()
  await j.see(page, 'detail')

  const reviewer = await j.desk('review')
  await j.see(reviewer, 'desk-queue')
  await j.deskOrder(reviewer, id)
  await reviewer.getByRole('button', { name: '审核通过' }).waitFor()
  await j.see(reviewer, 'desk-review')
  await sign(reviewer, reviewer.getByRole('button', { name: '审核通过' }))
  await inbox(p.mobile, /审核通过/)
  const pin = await j.statementPin()

  const statement = await open(browser)
  await statement.goto(`/sandbox/statement?account=${p.account_no}`)
  await j.see(statement, 'bank-statement')
  await page.getByText('成功受理', { exact: true }).first().waitFor() // the open page hears of it

  const producer = await j.desk('produce')
  await j.deskOrder(producer, id)
  await sign(producer, producer.getByRole('button', { name: '制作证书' }))
  const link = producer.getByRole('link', { name: /密钥文件/ })
  await link.waitFor({ timeout: 30000 })
  await j.see(producer, 'desk-produced')
  const [download] = await Promise.all([producer.waitForEvent('download'), link.click()])
  const file = join(mkdtempSync(join(tmpdir(), 'p12-')), 'key.p12')
  await download.saveAs(file)
  assert.match(execFileSync('openssl', ['pkcs12', '-in', file, '-passin', `pass:${pin}`, '-nokeys', '-clcerts'], { encoding: 'utf8' }), /BEGIN CERT/)
  await producer.locator('#tracking').fill('SF9876543210')
  await producer.getByRole('button', { name: '登记寄出' }).click()
  await inbox(p.mobile, /SF9876543210/)
  await page.getByText('SF9876543210').first().waitFor()
  await j.see(page, 'detail-shipped')
  await j.agreeTo(page, j.button('确认签收'))
  await page.getByText('已完成').first().waitFor()
})

test('#1 #4 #20 jieyang, natural person: from the front page to the receipt', async () => {
  const page = await open(browser)
  const p = await person()
  const j = new Journey(browser, page, 'jieyang', 'jieyang', p)
  await page.goto('/')
  await page.getByText('揭阳公共资源').first().waitFor()
  await j.see(page, 'home')
  await page.locator('a.project[href*="/jieyang/"]').first().click()
  await page.waitForURL(/\/jieyang\/login/)
  await page.getByRole('tab', { name: '短信验证码登录' }).click()
  await j.loginSms()
  await j.agree()
  await page.waitForURL(/\/seal(\?|$)/) // asked, and not wanted unless one says so
  await j.button('下一步').click()
  await page.waitForURL(/\/form$/)
  await page.locator('#f-cert_type-row').waitFor()
  await j.fill(forForm(formFor('jieyang', p, 'natural'), []))
  await j.next('print')
  assert.equal(await page.getByText('公章').count(), 0, 'a natural person has none')
  await j.print()
  await j.next('papers')
  await j.uploadAll()
  await Promise.all([j.phone(), j.button('下一步').click()])
  await j.pay()
  await page.getByRole('heading', { name: '缴费成功，业务单已提交' }).waitFor()
  await j.see(page, 'result')
  const id = j.orderId
  await page.goto('/jieyang/orders')
  await page.getByText('待审核').filter({ visible: true }).first().waitFor()
  await j.see(page, 'orders')
  await (await new Visitor('jieyang').follow(page.context(), id)).counter(p)
  await inbox(p.mobile, /PIN 码/)
  await page.goto(`/jieyang/orders/${id}`)
  await page.getByText('已完成').filter({ visible: true }).first().waitFor()
})

test('#31 #32 #105 the form leads to the questions, back to the agreements, where the saved draft is offered, and on to the notice about invoices', async () => {
  const a = new Applicant('szjsgws'), p = await person()
  await a.loginSms(p.mobile)
  await a.draft(true)
  const page = await open(browser)
  await page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: new URL(URL_BASE).origin })))
  await page.goto(`/szjsgws/orders/${a.order.id}/form`)
  await page.getByRole('button', { name: '下一步' }).waitFor()
  assert.equal(await page.locator('main').getByRole('link', { name: '常见问题' }).first().getAttribute('href'), '/szjsgws/help')
  const shown = page.context().waitForEvent('page')
  await page.getByRole('link', { name: '实行电子发票公告' }).click()
  const notice = await shown
  await notice.getByText('不再开具纸质发票').waitFor()
  await notice.close()
  await page.locator('#f-unit_name').fill(p.unit_name)
  await page.getByRole('button', { name: '上一步' }).click()
  await page.waitForURL(/\/szjsgws\/apply\?business=new$/)
  await page.getByRole('link', { name: p.unit_name }).click()
  await page.waitForURL(`**/orders/${a.order.id}`)
})

test('a draft that is opened again: its places are chosen, and read in words', async () => {
  const a = new Applicant('szjsgws')
  const p = await person()
  await a.loginSms(p.mobile)
  await a.draft(true)
  await a.save(formFor('szjsgws', p))
  const page = await open(browser)
  await page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: new URL(URL_BASE).origin })))
  await page.goto(`/szjsgws/orders/${a.order.id}/form`)
  const lists = page.locator('#f-mail_region-row select')
  await eventually('the three places chosen', async () =>
    (await lists.evaluateAll((all) => all.map((one) => one.value))).join() === '44,4403,440305')
  await page.goto(`/szjsgws/orders/${a.order.id}/print`)
  await page.getByText('广东省 深圳市 南山区').waitFor()
})

test('the pages at phone width, and the sandbox', async () => {
  const page = await open(browser, { phone: true })
  for (const [path, name] of [['/', 'home'], ['/szjsgws/login', 'login'], ['/jieyang/login', 'login-jieyang'], ['/desk', 'desk'],
    ['/sandbox', 'sandbox'], ['/sandbox/inbox', 'inbox'], ['/sandbox/papers', 'papers'], ['/sandbox/scan', 'scan'], ['/sandbox/switches', 'switches']]) {
    await page.goto(path)
    await page.waitForLoadState('networkidle')
    await look(page, `narrow-${name}`)
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} does not scroll sideways`)
  }
})
