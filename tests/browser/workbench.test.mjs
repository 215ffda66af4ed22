// SPDX-License-Identifier: Apache-2.0
// The frame of the back office: the day begins with what waits, the side shows what one's roles are for, keys do what is done all day,
// an order leads to the next one and back to its place, and a search keeps what was typed out of the address.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Staff, sql, submitted } from '../lib/hall.mjs'
import { DESK, launch, logIn, look, lookWhole, open, passkeyOf, plugIn } from './lib.mjs'

let browser, made
before(async () => {
  browser = await launch()
  made = []
  for (let n = 0; n < 3; n++) {
    const one = await submitted('szjsgws')
    await one.a.pay()
    await one.a.until('in_review')
    made.push(one)
  }
  // They are late, and so the first of the queue.
  sql(`UPDATE hall.orders SET due_at = now() - interval '1 day' WHERE id IN (${made.map(({ a }) => `'${a.order.id}'`).join()})`)
})
after(() => browser.close())

async function desk(name, width = 1280) {
  const page = await open(browser, { base: DESK, phone: width === 390 })
  if (width !== 390) await page.setViewportSize({ width, height: 900 })
  await plugIn(page, passkeyOf(name))
  await page.goto('/desk')
  await logIn(page, name)
  await page.getByRole('heading', { level: 1, name: /好，/ }).waitFor()
  return page
}
const side = (page) => page.getByRole('navigation', { name: '功能列表' })
const shown = (page) => side(page).getByRole('link').allInnerTexts()
/** The page of an order, whose number is shown in groups. */
const heading = (page, number) => page.getByRole('heading', { level: 1, name: new RegExp([...number].join('\\s*')) }).waitFor()
const press = (page, ...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve())

test('each role sees what it is for, and begins with what waits', async () => {
  const waits = {
    review: [['工作台', '业务单', '印章', '吊销与冻结', '证书查询', '认证中心'], /待审核/],
    finance: [['工作台', '业务单', '吊销与冻结', '证书查询', '发票', '账单核对', '款项', '打款跟进', '认证转账', '外部服务'], /待确认汇款/],
    produce: [['工作台', '业务单', '印章', '吊销与冻结', '证书查询'], /待制证/],
    audit: [['工作台', '印章', '吊销与冻结', '证书查询', '认证中心', '发票', '账单核对', '款项', '打款跟进', '认证转账', '报表', '审计记录', '证据包', '日志导出', '待处理任务', '外部服务', '项目与合作平台', '工作日历'], /没有做成的后台任务/],
  }
  for (const [role, [pages, task]] of Object.entries(waits)) {
    const page = await desk(role, role === 'finance' ? 1600 : role === 'audit' ? 2560 : 1280)
    await page.getByRole('list', { name: '待办' }).getByText(task).first().waitFor()
    const here = (await shown(page)).filter((one) => !/待签清单/.test(one))
    assert.deepEqual([...here].sort(), [...pages].sort(), role)
    assert.equal(await page.getByRole('searchbox').count(), role === 'audit' ? 0 : 1)
    await lookWhole(page, `workbench-${role}`)
    await page.context().close()
  }
  const outlet = await desk('outlet')
  assert.deepEqual(await shown(outlet), ['工作台', '业务单', '到店核验'])
  await outlet.getByText('今天到店核验').waitFor()
  assert.ok(!(await shown(outlet)).some((one) => /款项|证书查询|审计/.test(one)))
  await outlet.goto('/desk/money')
  await outlet.getByRole('heading', { level: 1, name: /好，/ }).waitFor()
  assert.equal(new URL(outlet.url()).pathname, '/desk/', 'a page of others leads home')
})

test('from the home page through the queue with keys alone; the list keeps its place', async () => {
  const page = await desk('review')
  await page.getByRole('link', { name: /待审核/ }).click()
  await page.waitForURL('**/desk/orders?queue=review')
  const rows = page.getByRole('region', { name: '业务单列表' }).getByRole('link')
  await rows.nth(1).waitFor()
  const second = await rows.nth(1).innerText(), third = await rows.nth(2).innerText()
  await press(page, 'j', 'j', 'j', 'k')
  assert.equal(await page.evaluate(() => document.activeElement.textContent), second)
  await press(page, 'Enter')
  await heading(page, second)
  await press(page, 'n')
  await heading(page, third)
  await press(page, 'p')
  await heading(page, second)
  await press(page, '?')
  const help = page.getByRole('dialog', { name: '快捷键' })
  await help.getByText('下一个业务单').waitFor()
  await look(page, 'workbench-keys')
  await press(page, 'n', 'Escape')
  await help.waitFor({ state: 'hidden' })
  await heading(page, second)
  await press(page, 'u')
  await page.waitForURL('**/desk/orders?queue=review')
  await page.waitForFunction((text) => document.activeElement?.textContent === text, second)
})

test('two keys put an approval on the tray and open the next order', async () => {
  const page = await desk('review')
  const [first] = made.slice(-1)
  await page.goto('/desk/orders?queue=review')
  const row = page.getByRole('link', { name: first.a.order.number })
  await row.waitFor()
  const all = await page.getByRole('region', { name: '业务单列表' }).getByRole('link').allInnerTexts(), at = all.indexOf(first.a.order.number)
  await row.click()
  await page.getByRole('button', { name: '放入待签清单' }).waitFor()
  await press(page, 'a')
  const doubt = page.getByRole('button', { name: '仍要放入' }), told = page.getByText('已放入待签清单')
  await doubt.or(told).first().waitFor()
  if (await doubt.isVisible()) await doubt.click()
  await told.waitFor()
  await doubt.waitFor({ state: 'hidden' }) // keys are silent while a dialog is there
  await press(page, 'n')
  if (all[at + 1]) await heading(page, all[at + 1])
  else await page.waitForURL('**/desk/orders?queue=review')
  await side(page).getByRole('link', { name: /待签清单/ }).waitFor()
  const review = await new Staff().login('review')
  await review.call('DELETE', `/desk/api/review/orders/${first.a.order.id}/tray`)
})

test('a paper that is turned stays whole within its frame', async () => {
  const page = await desk('review')
  await page.goto(`/desk/orders/${made[0].a.order.id}`)
  const stage = page.getByRole('region', { name: /图片，可滚动/ }), picture = stage.locator('img')
  await page.waitForFunction(() => document.querySelector('.stage img')?.naturalWidth > 0)
  const upright = await picture.boundingBox()
  for (const degrees of [90, 180, 270, 0]) {
    await page.getByRole('button', { name: '旋转' }).click()
    const [box, frame] = [await picture.boundingBox(), await stage.boundingBox()]
    assert.ok(Math.abs(box.x - upright.x) < 2 && Math.abs(box.width - upright.width) < 2, `${degrees}: as wide as before`)
    assert.ok(Math.abs(box.y - frame.y) < 3, `${degrees}: from the top`)
    assert.equal(await stage.evaluate((one) => one.scrollLeft + one.scrollTop), 0)
    assert.ok(Math.abs(box.width / box.height - (degrees % 180 ? upright.height / upright.width : upright.width / upright.height)) < 0.05, `${degrees}: not squeezed`)
    if (degrees === 90) await look(page, 'workbench-turned')
  }
})

test('a search finds by what a caller says, opens the only one, and leaves nothing in the address', async () => {
  const page = await desk('review'), { a, p } = made[0]
  const box = page.getByRole('searchbox', { name: '查找业务单' })
  await press(page, '/')
  await page.keyboard.type(p.mobile)
  await press(page, 'Enter')
  await page.waitForURL(`**/desk/orders/${a.order.id}`)
  await box.fill('示范')
  await press(page, 'Enter')
  await page.waitForURL('**/desk/search')
  await page.getByText(/找到 \d+ 个业务单/).waitFor()
  await page.getByText('名称相符').first().waitFor()
  await lookWhole(page, 'workbench-search')
  await page.getByRole('heading', { level: 1 }).click()
  await press(page, 'j', 'Enter')
  await page.waitForURL('**/desk/orders/*')
  await page.getByRole('link', { name: '返回列表' }).waitFor()
  await press(page, 'u')
  await page.waitForURL('**/desk/search')
  await page.getByText(/找到 \d+ 个业务单/).waitFor()
  await box.fill('没有这个单位的名称')
  await press(page, 'Enter')
  await page.getByText(/没有找到。/).waitFor()
  await box.fill('x')
  await press(page, 'Enter')
  await page.getByText('请输入至少两个字再查找。').waitFor()
  assert.ok(!page.url().includes(p.mobile))
})

test('keys can be switched off, and are silent while somebody types', async () => {
  const page = await desk('review')
  await press(page, '?')
  const help = page.getByRole('dialog', { name: '快捷键' })
  await help.getByText('使用快捷键').click()
  await press(page, 'Escape')
  await help.waitFor({ state: 'hidden' })
  await press(page, 'q')
  await page.reload()
  await page.getByRole('heading', { level: 1, name: /好，/ }).waitFor()
  await press(page, 'q')
  await page.getByRole('button', { name: '快捷键' }).click()
  await help.getByText('使用快捷键').click()
  await press(page, 'Escape')
  await help.waitFor({ state: 'hidden' })
  assert.match(new URL(page.url()).pathname, /^\/desk\/?$/, 'they stayed off')
  await page.getByRole('searchbox').fill('qqq')
  await page.getByRole('searchbox').press('q')
  assert.equal(await page.getByRole('searchbox').inputValue(), 'qqqq')
  await page.getByRole('heading', { level: 1 }).click()
  await press(page, 'q')
  await page.waitForURL('**/desk/orders')
})

test('on a phone the pages are behind a button', async () => {
  const page = await desk('review', 390)
  assert.ok(!(await side(page).isVisible()))
  await page.getByRole('button', { name: '功能列表' }).click()
  await lookWhole(page, 'workbench-phone')
  await side(page).getByRole('link', { name: '业务单' }).click()
  await page.getByRole('heading', { level: 1, name: '业务单' }).waitFor()
  assert.ok(!(await side(page).isVisible()), 'and fold away again')
})
