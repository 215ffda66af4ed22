// SPDX-License-Identifier: Apache-2.0
// The personal centre as people click it: registration, profile, password and phone, lists with their filters, devices, units,
// questions; on a screen and on a phone.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Applicant, eventually, messages, person, sql, submitted, URL_BASE } from '../lib/hall.mjs'
import { launch, look, open } from './lib.mjs'

const PASSWORD = 'correct horse 1', OTHER = 'battery staple 2'
let browser, page, mobile
before(async () => {
  browser = await launch()
  page = await open(browser)
  mobile = (await person()).mobile
})
after(() => browser.close())

const later = () => sql("UPDATE hall.sms_code SET created_at = created_at - interval '61 seconds' WHERE created_at > now() - interval '2 minutes'")
/** Presses the button beside a code's field and types what came to that phone. */
async function code(id, phone) {
  later()
  const before = (await messages(phone)).length
  await page.locator(`#${id}-row`).getByRole('button', { name: '获取验证码' }).click()
  const text = await eventually('the code', async () => (await messages(phone)).length > before && (await messages(phone))[0].text)
  await page.locator(`#${id}`).fill(text.match(/\d{6}/)[0])
}
const menu = (name) => page.getByRole('navigation', { name: '个人中心' }).getByRole('link', { name }).click()
const bring = (p, a) => p.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: new URL(URL_BASE).origin })))

test('#17 #21 #22 registers on the hall\'s own page and is greeted', async () => {
  await page.goto('/hall/login')
  await page.getByRole('tab', { name: '注册新账号' }).click()
  await page.locator('#register-phone').fill(mobile)
  await code('register-code', mobile)
  await page.locator('#register-password').fill(PASSWORD)
  await page.locator('#register-again').fill('something else 1')
  await page.getByRole('button', { name: '注册并登录' }).click()
  await page.getByText('两次填写的密码不一致').waitFor()
  await look(page, 'centre-register')
  await page.locator('#register-again').fill(PASSWORD)
  await page.getByRole('button', { name: '注册并登录' }).click()
  await page.getByRole('heading', { name: '我的业务单', level: 1 }).waitFor()
  const masked = `${mobile.slice(0, 3)}****${mobile.slice(-4)}`
  await page.getByText(`您好，${masked}`).waitFor()
  await page.getByRole('link', { name: '个人中心' }).waitFor()
  await page.getByRole('button', { name: '退出' }).waitFor()
  for (const name of ['业务办理', '大客户专区', '签名验证', '常见问题']) await page.getByRole('navigation', { name: '主菜单' }).getByRole('link', { name }).waitFor()
  await page.getByText('这里还没有业务单').waitFor()
  await look(page, 'centre-empty')
})

test('#24 profile, password and phone', async () => {
  await menu('修改个人资料')
  await page.locator('#p-name').fill('小王')
  await page.locator('#p-email').fill('wang@')
  await page.getByRole('button', { name: '保存' }).click()
  await page.locator('#p-email-error').waitFor()
  await page.locator('#p-email').fill('wang@example.com')
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByRole('heading', { name: '个人资料', level: 1 }).waitFor()
  await page.getByText('wang@example.com').waitFor()
  await look(page, 'centre-profile')

  await menu('修改密码')
  await page.locator('#w-old').fill('not the old 1')
  for (const id of ['password', 'again']) await page.locator(`#w-${id}`).fill(OTHER)
  await page.getByRole('button', { name: '保存新密码' }).click()
  await page.getByText('原密码不正确').waitFor()
  await look(page, 'centre-password')
  await page.getByText('用短信验证码验证').click()
  await code('w-code', mobile)
  await page.getByRole('button', { name: '保存新密码' }).click()
  await page.getByRole('heading', { name: '个人资料', level: 1 }).waitFor()

  await menu('更换手机号')
  await page.getByText(/原手机号已经停用/).waitFor()
  const fresh = (await person()).mobile
  await code('n-code', mobile)
  await page.locator('#n-phone').fill(fresh)
  await code('n-new_code', fresh)
  await look(page, 'centre-phone')
  await page.getByRole('button', { name: '更换手机号' }).click()
  await page.getByText(`您好，${fresh.slice(0, 3)}****${fresh.slice(-4)}`).waitFor()
  mobile = fresh
})

test('a forgotten password, from the log-in page', async () => {
  await page.getByRole('button', { name: '退出' }).click()
  await page.getByRole('tab', { name: '密码登录' }).click()
  await page.getByRole('button', { name: '忘记密码？' }).click()
  await page.locator('#reset-phone').fill(mobile)
  await code('reset-code', mobile)
  for (const id of ['password', 'again']) await page.locator(`#reset-${id}`).fill(PASSWORD)
  await look(page, 'centre-reset')
  await page.getByRole('button', { name: '重设密码并登录' }).click()
  await page.getByRole('heading', { name: '我的业务单', level: 1 }).waitFor()
})

test('devices: one is made to leave, and is out at its next step', async () => {
  const other = await open(browser, { phone: true })
  await other.goto('/hall/login')
  await other.getByRole('tab', { name: '密码登录' }).click()
  await other.locator('#password-phone').fill(mobile)
  await other.locator('#password-password').fill(PASSWORD)
  await other.locator('#password-password').press('Enter')
  await other.getByRole('heading', { name: '我的业务单', level: 1 }).waitFor()
  await look(other, 'centre-empty-narrow')
  await menu('登录设备')
  await page.getByText('本次登录').waitFor()
  await look(page, 'centre-sessions')
  await page.getByRole('button', { name: '退出这台设备' }).click()
  await code('s-code', mobile)
  await look(page, 'centre-sessions-end')
  await page.getByRole('button', { name: '确认退出' }).click()
  await page.getByRole('button', { name: '退出这台设备' }).waitFor({ state: 'detached' })
  await other.getByRole('link', { name: '个人资料', exact: true }).click()
  await other.waitForURL(/\/hall\/login/)
  await other.context().close()
})

test('#25 #26 #27 #173 lists: filters, actions, pages; the whole course of an order; on a phone too', async () => {
  const { a, p } = await submitted('jieyang')
  const b = new Applicant('jieyang') // the same account has many more
  Object.assign(b, { cookies: a.cookies, csrf: a.csrf })
  await b.draft()
  sql(`UPDATE hall.orders SET state = 'in_review', paid = 'paid', due_at = '2099-11-25 17:00+08' WHERE id = '${a.order.id}'`)
  sql(`INSERT INTO hall.orders (id, number, project, account, business, state, seal_wanted, subject, audit_seq, audit_head, created_at)
       SELECT gen_random_uuid(), lpad((floor(random() * 1e15) + n)::bigint::text, 18, '8'), project, account, business, 'cancelled', false, '旧业务单', 0, '', now() - interval '1 year'
         FROM hall.orders, generate_series(1, 25) n WHERE id = '${b.order.id}'`)
  for (const phone of [false, true]) {
    const list = await open(browser, { phone }), end = phone ? '-narrow' : ''
    await bring(list, a)
    await list.goto('/jieyang/orders')
    const row = list.getByRole('row').filter({ hasText: a.order.number })
    await row.getByText('待审核').waitFor()
    await row.getByText(/预计 11 月 25 日（\d 个工作日内）完成审核/).waitFor()
    for (const name of [/申请退费/, /打印/, /查看/]) await row.getByRole('link', { name }).waitFor()
    await list.getByRole('row').filter({ hasText: b.order.number }).getByRole('link', { name: /编辑/ }).waitFor()
    await look(list, `centre-orders${end}`)
    if (!phone) // where it is narrow, each order is a card
      assert.deepEqual(await list.getByRole('columnheader').allInnerTexts(), ['序号', '申请单号', '业务类型', '主题', '金额', '创建日期', '更新日期', '状态', '操作'])
    for (const filter of ['业务单号', '业务类型', '主题', '状态', '开始时间', '结束时间']) await list.getByLabel(filter).waitFor()
    await list.getByLabel('跳转到第').fill('2')
    await list.getByRole('button', { name: '确定' }).click()
    await list.waitForURL(/page=2/)
    await list.getByText(/第 2 \/ 2 页，共 27 条/).waitFor()
    await list.getByRole('button', { name: '上一页' }).click()
    await list.getByText(/第 1 \/ 2 页/).waitFor()
    await list.getByLabel('状态').selectOption('待审核')
    await list.getByLabel('主题').fill(p.unit_name.slice(0, 4))
    await list.getByRole('button', { name: '查询' }).click()
    await list.waitForURL(/label=/)
    await eventually('one row', async () => (await list.getByRole('row').filter({ hasText: '待审核' }).count()) === 1 && (await list.getByRole('row').filter({ hasText: '已取消' }).count()) === 0)
    await list.getByRole('button', { name: '清空' }).first().click()
    await list.getByText(/第 1 \/ 2 页/).waitFor()
    await list.getByRole('row').filter({ hasText: a.order.number }).getByRole('link', { name: /查看/ }).click()
    await list.getByRole('heading', { name: '办理进度' }).waitFor()
    await list.getByText(/预计 11 月 25 日/).waitFor()
    await list.getByRole('button', { name: /查看全部经过/ }).click()
    await list.getByText('上传资料：', { exact: false }).first().waitFor()
    await look(list, `centre-course${end}`)
    await list.goto('/jieyang/me/units')
    await list.getByRole('heading', { name: p.unit_name }).waitFor()
    await list.getByRole('button', { name: '移交给其他经办人' }).click()
    await list.getByLabel('新经办人手机号').waitFor()
    await look(list, `centre-units${end}`)
    await list.context().close()
  }
})

test('questions and downloads, key accounts; for anybody', async () => {
  for (const phone of [false, true]) {
    const guest = await open(browser, { phone })
    await guest.goto('/')
    const follow = async (name) => {
      if (phone) await guest.getByRole('button', { name: '菜单' }).click() // behind a button where the screen is narrow
      await guest.getByRole('navigation', { name: '主菜单' }).getByRole('link', { name }).click()
      if (phone) await guest.getByRole('button', { name: '菜单' }).waitFor() // and again, once one of them was followed
    }
    await follow('常见问题')
    await guest.getByText('证书的 PIN 码怎么拿到？').click()
    await guest.getByText(/工作人员看不到您的 PIN 码/).waitFor()
    await guest.getByRole('link', { name: '证书介质驱动程序' }).waitFor()
    await guest.getByText('电脑需要满足什么条件？').waitFor()
    await look(guest, `centre-help${phone ? '-narrow' : ''}`)
    await follow('大客户专区')
    await guest.getByRole('link', { name: /揭阳/ }).waitFor()
    await look(guest, `centre-key-accounts${phone ? '-narrow' : ''}`)
    await guest.context().close()
  }
})
