// SPDX-License-Identifier: Apache-2.0
// What stops a person who does everything right: a covered field, a click that misses, the same message twice, a wait for nothing,
// work that is lost with a session, a page that does not tell what has happened.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Applicant, Staff, eventually, formFor, messages, person, sql } from '../lib/hall.mjs'
import { launch, look, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

/** The form of a fresh draft, as it is stored by then. */
async function atTheForm({ slug = 'jieyang', phone = false, form = {} } = {}) {
  const p = await person(), a = new Applicant(slug)
  await a.loginSms(p.mobile)
  await a.draft(slug === 'szjsgws' ? false : undefined)
  await a.save({ ...formFor(slug, p), ...form }, false)
  const page = await open(browser, { phone })
  await withSession(page, a)
  await page.goto(`/${slug}/orders/${a.order.id}/form`)
  await page.locator('#f-unit_name').waitFor()
  return { p, a, page }
}

/** Where the focus is, and whether something lies over it: the middle of the element, or of the label it belongs to, is its own. */
const focused = (page) => page.evaluate(() => {
  const it = document.activeElement, box = it.getBoundingClientRect()
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
  const low = document.elementFromPoint(box.left + box.width / 2, box.bottom - 2)
  const own = (hit) => hit !== null && (it.contains(hit) || hit.contains(it) && !hit.querySelector('header') || it.closest('label')?.contains(hit))
  return { what: it.id || it.textContent.trim() || it.tagName, form: it.closest('form') !== null, covered: !own(top) || !own(low) }
})

for (const phone of [false, true])
  test(`every field that is reached by keyboard can be seen, at ${phone ? 390 : 1280} pixels`, async () => {
    const { page } = await atTheForm({ phone })
    const fields = await page.locator('main form :is(input, select):visible').count(), seen = []
    await page.evaluate(() => scrollTo(0, 0))
    await page.locator('#main').focus()
    for (let i = 0; i < 200; i++) {
      await page.keyboard.press('Tab')
      const at = await focused(page)
      if (!at.form && seen.length) break
      if (at.form) seen.push(at)
    }
    assert.ok(seen.length > 20 && seen.length >= fields / 2, `${seen.length} of ${fields}`) // radio buttons are one stop together
    assert.deepEqual(seen.filter((at) => at.covered).map((at) => at.what), [])
  })

test('a click is taken where it was aimed at, also when the field that was left has an error to show', async () => {
  const { page } = await atTheForm()
  const field = page.locator('#f-unit_code'), below = page.locator('#f-unit_address')
  await field.fill('123')
  await below.scrollIntoViewIfNeeded()
  const box = await below.boundingBox()
  await page.mouse.move(box.x + 20, box.y + 3) // the upper edge, which an error above would push down
  await page.mouse.down()
  assert.equal(await page.locator('#f-unit_code-error').count(), 0, 'nothing moves while the button is down')
  await page.mouse.up()
  await page.locator('#f-unit_code-error').waitFor()
  assert.equal(await page.evaluate(() => document.activeElement.id), 'f-unit_address')

  await field.fill('12')
  await page.keyboard.press('Tab') // the keyboard aims at nothing: the error is there at once
  await page.locator('#f-unit_code-error').waitFor()
})

test('a change elsewhere is told once, also when the next step was asked for meanwhile on a slow line', async () => {
  const { a, page } = await atTheForm()
  await a.save({ ...a.order.form, mail_address: '另一个窗口 8 楼' }, false)
  let sent = 0, letGo
  const held = new Promise((done) => { letGo = done })
  await page.route('**/orders/*/form', async (route) => {
    sent++
    if (sent === 1) await held // the saving by itself is under way when the button is pressed
    await route.continue()
  })
  await page.locator('#f-unit_address').fill('这个窗口 1 号')
  await eventually('the form saving itself', () => sent === 1)
  await page.getByRole('button', { name: '下一步' }).click()
  letGo()
  const told = page.getByRole('dialog')
  await told.getByText('业务单有变化').waitFor()
  await told.getByRole('button', { name: '知道了' }).click()
  await told.waitFor({ state: 'detached' })
  await page.waitForLoadState('networkidle')
  assert.deepEqual([await told.count(), sent], [0, 1], 'what the dialog says was not done is not sent')
  await page.getByRole('button', { name: '下一步' }).click()
  await page.waitForURL(/\/print$/)
  assert.equal((await a.refresh()).form.unit_address, '这个窗口 1 号')
})

test('a code that was not sent is not waited for', async () => {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  const { account } = await a.api('GET', '/gate/session'), mine = `phone_hash = (SELECT phone_hash FROM hall.account WHERE id = '${account.id}')`
  sql(`UPDATE hall.sms_code SET created_at = created_at - interval '1 hour' WHERE ${mine}`)
  sql(`INSERT INTO hall.sms_code (id, phone_hash, purpose, code_hash, address, created_at)
         SELECT gen_random_uuid(), phone_hash, purpose, code_hash, '192.0.2.1', created_at FROM generate_series(1, 100), hall.sms_code WHERE ${mine}`)
  const page = await open(browser)
  await page.goto('/szjsgws/login')
  await page.locator('#sms-phone').fill(p.mobile)
  const ask = page.getByRole('button', { name: '获取验证码' })
  const [answer] = await Promise.all([page.waitForResponse('**/gate/sms-code'), ask.click()])
  assert.equal(answer.status(), 429)
  const wait = Number(answer.headers()['retry-after'])
  assert.ok(wait > 82000 && wait <= 82800, `tomorrow at this time, an hour earlier: ${wait} s`)
  await page.getByRole('alert').getByText('请明天再试').waitFor()
  assert.ok(await ask.isEnabled(), 'the button does not count down')
})

/** Logs in on the page, by a code that comes to the phone. */
async function logInBySms(page, p) {
  await page.getByRole('tab', { name: '短信验证码登录' }).click()
  await page.locator('#sms-phone').fill(p.mobile)
  sql(`UPDATE hall.sms_code SET created_at = created_at - interval '2 minutes'`)
  const before = (await messages(p.mobile)).length
  await page.locator('#sms-code-row').getByRole('button').click()
  const code = await eventually('the code', async () => {
    const all = await messages(p.mobile)
    return all.length > before && all[0].text.match(/\d{6}/)?.[0]
  })
  await page.locator('#sms-code').fill(code)
  await page.locator('form.login button[type=submit]').filter({ visible: true }).click()
}

test('a session that has ended: why, and then back to the field with all that was typed', async () => {
  const { p, a, page } = await atTheForm({ form: { agent_id: undefined } })
  const owner = sql(`SELECT account FROM hall.orders WHERE id = '${a.order.id}'`)
  sql(`DELETE FROM hall.session WHERE account = '${owner}'`)
  await page.locator('#f-agent_id').fill(p.id_no)
  await page.locator('#f-unit_address').fill('没存上的 5 号') // saves itself, and is refused
  await page.waitForURL(/\/login\?/)
  await page.getByText('登录已失效').waitFor()
  await page.getByText('没来得及保存的内容会一并恢复').waitFor()
  await look(page, 'session-ended')
  const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))
  assert.ok(kept.includes('没存上的 5 号') && !kept.includes(p.id_no), 'a number of an ID card waits nowhere')

  await logInBySms(page, p)
  await page.waitForURL(/\/form$/)
  await eventually('the field', () => page.evaluate(() => document.activeElement.id === 'f-unit_address'))
  assert.equal(await page.locator('#f-unit_address').inputValue(), '没存上的 5 号')
  assert.equal(await page.locator('#f-agent_id').inputValue(), p.id_no)
  await page.getByText(/已保存/).first().waitFor()
  const stored = await page.evaluate((at) => fetch(at).then((r) => r.json()), `/jieyang/api/orders/${a.order.id}`)
  assert.deepEqual([stored.form.unit_address, stored.form.agent_id], ['没存上的 5 号', p.id_no])
  assert.equal(await page.evaluate(() => Object.keys(sessionStorage).filter((one) => one.includes('unsaved')).length), 0)
})

test('the address of an order, opened without a log-in, leads to the order behind it', async () => {
  const p = await person(), a = new Applicant('jieyang')
  await a.loginSms(p.mobile)
  await a.draft()
  const page = await open(browser)
  await page.goto(`/jieyang/orders/${a.order.id}`)
  await page.waitForURL(/\/login\?/)
  await logInBySms(page, p)
  await page.waitForURL(new RegExp(`/orders/${a.order.id}$`))
  await page.getByText(a.order.number.replace(/(\d{6})(?=\d)/g, '$1 ')).first().waitFor()
})

test('another person at the same browser finds nothing of it', async () => {
  const { a, page } = await atTheForm()
  sql(`DELETE FROM hall.session WHERE account = (SELECT account FROM hall.orders WHERE id = '${a.order.id}')`)
  await page.locator('#f-unit_address').fill('没存上的 5 号')
  await page.waitForURL(/\/login\?/)
  const other = await atTheForm()
  await withSession(page, other.a)
  await page.goto(`/jieyang/orders/${other.a.order.id}/form`)
  await page.locator('#f-unit_address').waitFor()
  assert.equal(await page.evaluate(() => Object.keys(sessionStorage).filter((one) => one.includes('unsaved')).length), 0)
})

test('the page of an order tells what happens to it, asks only while it is seen, and no longer than something may come', async () => {
  const { a, page } = await atTheForm()
  const asked = []
  page.on('response', (r) => { if (/\/orders\/[0-9a-f-]{36}(\/version)?$/.test(r.url()) && /\/api\//.test(r.url())) asked.push([r.url().endsWith('version'), r.status()]) })
  await page.clock.install()
  await page.goto(`/jieyang/orders/${a.order.id}`)
  await page.getByText('草稿').first().waitFor()
  await eventually('nothing new', () => asked.some(([version, status]) => version && status === 304))
  assert.equal(asked.filter(([version]) => !version).length, 1, 'the order is read once')

  const hide = (state) => page.evaluate((to) => {
    Object.defineProperty(document, 'visibilityState', { value: to, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, state)
  await hide('hidden')
  await a.refresh()
  await a.api('POST', `/orders/${a.order.id}/cancel`, { json: { version: a.order.version } })
  let sum = asked.length
  await page.clock.runFor(60000)
  assert.deepEqual([asked.length, await page.getByText('已取消').count()], [sum, 0], 'nobody asks while nobody sees it')
  await hide('visible')
  await page.getByText('已取消').first().waitFor()
  sum = asked.length
  await page.clock.runFor(60000)
  assert.equal(asked.length, sum, 'nothing more can come of a cancelled order')
})

test('a decision of the reviewer shows on the open page', async () => {
  const { a, page } = await atTheForm({ slug: 'szjsgws' })
  await page.goto(`/szjsgws/orders/${a.order.id}`)
  await page.getByText('草稿').first().waitFor()
  const who = await person()
  await a.save(formFor('szjsgws', who))
  await a.print()
  await a.uploadAll()
  await a.authenticate(who)
  await a.refresh()
  await a.step('submit')
  await page.getByText('待支付').first().waitFor()
  await a.pay('wechatpay')
  await a.account('102584000010', who.account_no)
  await a.until('in_review')
  await page.getByText('待审核').first().waitFor()
  await (await new Staff().login('review')).act(a.order.id, 'reject', { reasons: [{ pointer: '/form/unit_name', text: '请写全称' }] })
  await page.getByText('请写全称').first().waitFor()
})

test('a link under the mouse can still be read', async () => {
  const { page } = await atTheForm()
  await page.goto('/jieyang/apply?business=new')
  const link = page.getByRole('button', { name: /^查看全文/ }).first()
  await link.hover()
  const colour = (of) => of.evaluate((it) => getComputedStyle(it).color)
  await eventually('the colour under the mouse', async () => (await colour(link)) !== 'rgb(31, 95, 191)')
  const light = (await colour(link)).match(/\d+/g).map((part) => ((part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  const luminance = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
  assert.ok(1.05 / (luminance + 0.05) >= 4.5, 'WCAG 1.4.3, on white')
})
