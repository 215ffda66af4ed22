// SPDX-License-Identifier: Apache-2.0
// Who one is, proved at an outlet: the appointment at the PC and on the phone, and the clerk's page to the end.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Applicant, eventually, formFor, paper, person, sql } from '../lib/hall.mjs'
import { DESK, launch, logIn, look, lookWhole, open, sign, withSession } from './lib.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

async function applicant() {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  await a.print()
  await a.uploadAll()
  return { a, p, at: `/szjsgws/orders/${a.order.id}/phone` }
}
/** Chooses the last free half hour of the outlet by keyboard, and makes the appointment. */
async function choose(page, outlet, yes) {
  const one = page.getByRole('radio', { name: new RegExp(`^${outlet}`) })
  await one.focus()
  await page.keyboard.press('Space')
  const days = page.getByLabel('选择日期')
  await days.waitFor()
  await days.selectOption({ index: (await days.locator('option').count()) - 1 })
  const time = page.locator('input[name=at]:not([disabled])').last()
  await time.focus()
  await page.keyboard.press('Space')
  if (yes) await page.getByRole('button', { name: yes }).click()
}
const row = (id, what) => sql(`SELECT ${what} FROM hall.appointment WHERE order_id = '${id}' ORDER BY created_at DESC LIMIT 1`)

for (const phone of [false, true]) {
  const width = phone ? 'narrow' : 'wide'
  test(`the applicant makes an appointment beside the code, moves and cancels it (${width})`, async () => {
    const { a, at } = await applicant(), page = await open(browser, { phone })
    await withSession(page, a)
    await page.goto(at)
    await page.getByRole('button', { name: '不方便用手机？预约到网点当面核验' }).click()
    await page.getByText('深圳市福田区').waitFor()
    await choose(page, '福田网点')
    await lookWhole(page, `appointment-choose-${width}`)
    await page.getByRole('button', { name: '确认预约' }).click()
    await page.getByText('已预约到网点当面核验').waitFor()
    await page.getByText(row(a.order.id, 'number')).waitFor()
    await page.getByText('居民身份证原件').first().waitFor()
    await lookWhole(page, `appointment-made-${width}`)
    await page.reload()
    await page.getByText(row(a.order.id, 'number')).waitFor() // nothing makes the link of the appointment void
    await page.getByRole('button', { name: '改期' }).click()
    await choose(page, '福田网点', '确认改期')
    await page.getByRole('button', { name: '取消预约' }).waitFor()
    assert.equal(row(a.order.id, 'state'), 'open')
    await page.getByRole('button', { name: '取消预约' }).click()
    await page.locator('.el-message-box').getByRole('button', { name: '确定取消' }).click()
    await page.getByRole('button', { name: '确认预约' }).waitFor()
    assert.equal(row(a.order.id, 'state'), 'cancelled')
    await page.getByRole('button', { name: '改用手机认证' }).click()
    await page.getByText('准备好经办人本人的身份证原件').waitFor()
  })
}

test('on the phone it is one of the ways; a full outlet says so', async () => {
  const { a } = await applicant()
  const { url } = await a.api('POST', `/identity/orders/${a.order.id}/link`)
  const page = await open(browser, { phone: true })
  await page.goto(url)
  await page.getByRole('radio', { name: /^到网点当面核验/ }).check()
  await page.getByText('深圳市南山区').waitFor()
  await lookWhole(page, 'appointment-phone')
  await page.route('**/appointment?outlet=nanshan', async (route) => {
    const answer = await (await route.fetch()).json()
    await route.fulfill({ json: { ...answer, slots: answer.slots.map((slot) => ({ ...slot, free: 0 })) } })
  })
  await page.getByRole('radio', { name: /^南山网点/ }).check()
  await page.getByText('近期的时段都已约满').waitFor()
  await lookWhole(page, 'appointment-full')
  await choose(page, '福田网点', '确认预约')
  await page.getByText('已预约到网点当面核验').waitFor()
  await lookWhole(page, 'appointment-phone-made')
})

for (const phone of [false, true]) {
  const width = phone ? 'narrow' : 'wide'
  test(`the clerk opens the appointment, takes the pictures, compares and signs; the applicant's page goes on (${width})`, async () => {
    const { a, p, at } = await applicant(), pc = await open(browser)
    await withSession(pc, a)
    await pc.goto(at)
    await pc.getByRole('button', { name: '不方便用手机？预约到网点当面核验' }).click()
    await choose(pc, '福田网点', '确认预约')
    await pc.getByText('已预约到网点当面核验').waitFor()
    sql(`UPDATE hall.appointment SET starts_at = current_date, seat = (SELECT count(*) + 100 FROM hall.appointment) WHERE order_id = '${a.order.id}'`)
    await eventually('the carrier', () => sql(`SELECT carrier FROM hall.identity WHERE order_id = '${a.order.id}' AND state <> 'void'`) === 't')
    const number = row(a.order.id, 'number')

    const page = await open(browser, { phone, base: DESK })
    await page.goto('/desk/login')
    await logIn(page, 'outlet')
    await page.waitForURL((at) => !at.pathname.endsWith('/login'))
    await page.goto('/desk/counter')
    await page.getByRole('heading', { name: '到店核验' }).waitFor()
    const open_ = page.getByRole('link', { name: new RegExp(number) })
    await open_.waitFor()
    assert.equal(await page.getByText(p.name, { exact: true }).count(), 0, 'masked')
    await look(page, `counter-list-${width}`)
    await open_.click()
    await page.getByText(p.id_no).first().waitFor()
    const yes = page.getByRole('button', { name: '核验通过并签署' })
    assert.equal(await yes.isEnabled(), false, 'nothing is signed before the pictures')
    const inputs = page.locator('section[aria-labelledby=pictures] input[type=file]')
    for (const [nth, side] of ['idcard-front', 'idcard-back', 'idcard-back'].entries()) {
      await inputs.nth(nth).setInputFiles({ name: `${side}.png`, mimeType: 'image/png', buffer: await paper(side, p) })
      await page.locator('section[aria-labelledby=pictures] img').nth(nth).waitFor()
    }
    await page.getByLabel('身份证上的姓名').fill(p.name)
    await page.getByLabel('身份证号码').fill(`${p.id_no.slice(0, 17)}${p.id_no[17] === '1' ? '2' : '1'}`)
    await page.getByLabel('长期').check()
    await page.getByLabel('我查看了身份证原件').check()
    await yes.click()
    await page.getByRole('alert').getByText(/身份证/).waitFor()
    await page.getByLabel('身份证号码').fill(p.id_no)
    await look(page, `counter-visit-${width}`)
    const statement = await sign(page, yes)
    assert.ok(statement.startsWith('certhall 1：当面核验通过\n') && statement.includes(`核验对象：${p.name}`), statement)
    await page.getByText('这个预约已经办结：核验通过').waitFor()
    await look(page, `counter-passed-${width}`)
    await pc.waitForURL(/\/payment/)
    assert.equal((await a.refresh()).phone.way, '到网点当面核验')
    await a.step('submit')
    await a.pay()
    const reviewer = await open(browser, { phone, base: DESK })
    await reviewer.goto('/desk/login')
    await logIn(reviewer, 'review')
    await reviewer.waitForURL((at) => !at.pathname.endsWith('/login'))
    await reviewer.goto(`/desk/orders/${a.order.id}`)
    await reviewer.getByText(`福田网点 网点制证员小吴`).waitFor()
    await reviewer.getByRole('tab', { name: '当面核验：身份证人像面' }).click()
    await reviewer.getByRole('img', { name: '当面核验：身份证人像面' }).waitFor()
    await look(reviewer, `counter-review-${width}`)
  })
}

test('the clerk refuses with a reason, and the applicant reads it', async () => {
  const { a, at } = await applicant(), pc = await open(browser)
  await withSession(pc, a)
  await pc.goto(at)
  await pc.getByRole('button', { name: '不方便用手机？预约到网点当面核验' }).click()
  await choose(pc, '福田网点', '确认预约')
  await pc.getByText('已预约到网点当面核验').waitFor()
  sql(`UPDATE hall.appointment SET starts_at = current_date, seat = (SELECT count(*) + 100 FROM hall.appointment) WHERE order_id = '${a.order.id}'`)
  const page = await open(browser, { base: DESK })
  await page.goto('/desk/login')
  await logIn(page, 'outlet')
  await page.getByRole('link', { name: '到店核验' }).waitFor()
  await page.goto(`/desk/counter/${row(a.order.id, 'id')}`)
  await page.getByLabel('原因（本人会看到）').selectOption({ label: '没有带身份证原件，或已过有效期' })
  assert.match(await sign(page, page.getByRole('button', { name: '不通过并签署' })), /^certhall 1：当面核验不通过\n[^]*不通过的原因：没有带身份证原件/)
  await page.getByText('这个预约已经办结：核验未通过').waitFor()
  await pc.getByRole('alert').getByText('没有带身份证原件').waitFor()
  await lookWhole(pc, 'appointment-refused')
})
