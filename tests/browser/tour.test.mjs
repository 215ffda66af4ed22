// SPDX-License-Identifier: Apache-2.0
// The tour of the demonstration: every project is filled in up to each of its pages, and a newcomer who does what the guide says sees a
// certificate.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { certified } from '../lib/reissue.mjs'
import { launch, logIn, lookWhole, open, sign, withSession } from './lib.mjs'

const PROJECTS = ['everbright', 'hunan', 'jieyang', 'meigu', 'neimenggu', 'seal', 'szjsgws', 'reissue']
const STOPS = ['form', 'print', 'papers', 'phone', 'payment']
let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

const guide = (page) => page.getByRole('complementary', { name: '导览' })

/** The browser of somebody who has opened the tour and chosen a project. A reissue is for a certificate that its owner has. */
async function newcomer(slug, options) {
  const page = await open(browser, options)
  if (slug === 'reissue') {
    const { a, p } = await certified('jieyang')
    await withSession(page, a)
    await page.goto('/sandbox/inbox')
    await page.evaluate((person) => localStorage.setItem('certhall.sandbox.person', JSON.stringify(person)), p)
  }
  await page.goto('/sandbox')
  await page.waitForURL('**/sandbox/tour')
  await page.locator(`input[name=project][value="${slug}"]`).check()
  return page
}
/** Many steps are done in one go, which takes as long as it takes; the page says when something went wrong. */
const LONG = 300000
async function fillUpTo(page, place, address) {
  await page.getByRole('button', { name: new RegExp(`：${place}$`) }).click()
  const alert = page.getByRole('alert')
  await Promise.race([page.waitForURL(address, { timeout: LONG }),
    alert.waitFor({ timeout: LONG }).then(async () => assert.fail(await alert.textContent()), () => {})])
}
/** The label of the project's page, as the tour shows it. */
const labelOf = (page, at) => page.locator('.starts li').nth(at).locator('span').nth(1).textContent()

for (const [n, slug] of PROJECTS.entries())
  test(`${slug}: filled in up to a page by the tour, and every page after another by the guide`, async () => {
    const page = await newcomer(slug, { phone: n % 2 === 1 })
    const at = 1 + (n % STOPS.length)
    const label = await labelOf(page, at)
    if (n < 2) await lookWhole(page, `tour-${n ? 'narrow' : 'wide'}`)
    await fillUpTo(page, label, new RegExp(`/${slug}/orders/[0-9a-f-]{36}/${STOPS[at - 1]}$`))
    await guide(page).getByText('替我完成这一步').waitFor()

    await page.goto('/sandbox/tour')
    await page.locator(`input[name=project][value="${slug}"]`).check()
    await fillUpTo(page, '从头开始', new RegExp(`/${slug}/apply`))
    for (const stop of STOPS) {
      await guide(page).getByRole('button', { name: '替我完成这一步' }).click()
      await page.waitForURL(new RegExp(`/${slug}/orders/[0-9a-f-]{36}/${stop}$`), { timeout: LONG })
      await guide(page).getByText('替我完成这一步').waitFor()
      if (n < 2) await lookWhole(page, `tour-${slug}-${stop}`)
    }
    await guide(page).getByRole('button', { name: '替我完成这一步' }).click()
    await page.waitForURL(new RegExp(`/${slug}/orders/[0-9a-f-]{36}$`), { timeout: LONG })
    await guide(page).getByText('轮到审核员').waitFor()
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })

/** Opens the back office by the guide's link, as the same person in the same browser. */
async function toDesk(page) {
  const [desk] = await Promise.all([page.context().waitForEvent('page'), guide(page).getByRole('link', { name: '打开业务后台' }).click()])
  desk.setDefaultTimeout(60000)
  desk.faults = []
  desk.on('pageerror', (e) => desk.faults.push(String(e)))
  return desk
}
const staffSays = (desk, words) => guide(desk).getByText(words).waitFor({ timeout: LONG })

for (const slug of ['szjsgws', 'jieyang'])
  test(`${slug}: whoever does what the guide says, beside the pages of the back office as well, sees a certificate`, async () => {
    const page = await newcomer(slug)
    await fillUpTo(page, '已支付，等待审核', new RegExp(`/${slug}/orders/[0-9a-f-]{36}$`))
    const desk = await toDesk(page)
    await staffSays(desk, '工号填 review')
    await logIn(desk, 'review')
    await staffSays(desk, '由审核员办理')
    await lookWhole(desk, `tour-${slug}-review`)
    await sign(desk, desk.getByRole('button', { name: '审核通过' }))
    await staffSays(desk, '由另一个人制证')
    await guide(page).getByText('轮到制证员').waitFor({ timeout: LONG })
    await desk.getByRole('button', { name: '退出' }).click()
    await staffSays(desk, '工号填 review')
    await logIn(desk, 'produce')
    await staffSays(desk, '打开导览中的那份业务单')
    await lookWhole(desk, `tour-${slug}-queue`)
    await guide(desk).getByRole('link', { name: '打开导览中的业务单' }).click()
    await staffSays(desk, '由另一个人制证')
    await sign(desk, desk.getByRole('button', { name: '制作证书' }))
    await staffSays(desk, '证书已经制成')
    await guide(page).getByText('证书已经制成').waitFor()
    await page.getByRole('heading', { name: '证书', exact: true }).waitFor()
    await lookWhole(page, `tour-${slug}-certificate`)
    await desk.getByRole('button', { name: '生成运单号' }).click()
    await desk.waitForFunction(() => document.querySelector('#tracking')?.value, null, { timeout: LONG })
    await desk.getByRole('button', { name: '登记寄出' }).click()
    await staffSays(desk, '后台的工作到此结束')
    await page.getByRole('button', { name: '确认签收' }).waitFor()
    assert.deepEqual([...page.faults, ...desk.faults], [])
    for (const one of [desk, page]) await guide(one).getByRole('button', { name: '结束导览' }).click()
    await Promise.all([page.reload(), desk.reload()])
    await page.getByRole('heading', { name: '证书', exact: true }).waitFor()
    await desk.getByRole('heading', { level: 1 }).waitFor()
    for (const one of [desk, page]) {
      assert.equal(await guide(one).count(), 0, 'the guide comes no more')
      assert.deepEqual(await one.evaluate(() => Object.keys(localStorage).filter((key) => /tour/.test(key))), [], 'and leaves nothing')
    }
    await page.context().close()
  })

test('whoever is on no tour sees no guide', async () => {
  const page = await open(browser)
  const asked = []
  page.on('request', (r) => asked.push(new URL(r.url()).pathname))
  await page.goto('/szjsgws/login')
  await page.getByRole('button', { name: /获取/ }).first().waitFor()
  await page.waitForLoadState('networkidle')
  assert.ok(asked.includes('/sandbox/tour.js'))
  assert.ok(!asked.some((path) => /panel|fill/.test(path)), 'nor loads it')
  assert.equal(await guide(page).count(), 0)
})
