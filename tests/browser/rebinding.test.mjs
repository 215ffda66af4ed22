// SPDX-License-Identifier: Apache-2.0
// A number that is lost: from the log-in page to the phone and back, and the banner for whoever still has the old number; on a screen and
// at a phone's width.
import { after, before, test } from 'node:test'
import { Applicant, Phone, eventually, formFor, messages, person, sql } from '../lib/hall.mjs'
import { launch, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

const later = () => sql("UPDATE hall.sms_code SET created_at = created_at - interval '61 seconds' WHERE created_at > now() - interval '2 minutes'")

/** Whoever has an account, with an order for which they have authenticated. */
async function known() {
  const p = await person(), a = new Applicant('jieyang')
  later()
  await a.loginSms(p.mobile)
  await a.draft()
  await a.save(formFor('jieyang', p))
  await a.authenticate(p)
  return { p, a }
}

for (const phone of [false, true]) {
  const name = (what) => `rebinding-${what}${phone ? '-narrow' : ''}`
  test(`the account's person asks for a new number, and whoever has the old one stops it${phone ? ', at a phone\'s width' : ''}`, async () => {
    const { p, a } = await known(), fresh = (await person()).mobile
    const page = await open(browser, { phone })
    await page.goto('/jieyang/login')
    await page.getByRole('link', { name: '手机号已停用？' }).click()
    await page.getByRole('heading', { name: '换绑手机号', level: 1 }).waitFor()
    await page.getByRole('button', { name: '下一步，手机认证' }).click()
    for (const id of ['old', 'phone', 'code']) await page.locator(`#l-${id}-error`).waitFor()
    await lookWhole(page, name('mistyped'))
    await page.locator('#l-old').fill(p.mobile)
    await page.locator('#l-phone').fill(p.mobile)
    await page.locator('#l-code').fill('000000')
    await page.getByRole('button', { name: '下一步，手机认证' }).click()
    await page.locator('#l-phone-error').getByText('新手机号与原手机号相同').waitFor()
    await page.locator('#l-phone').fill(fresh)
    later()
    await page.getByRole('button', { name: '获取验证码' }).click()
    const text = await eventually('the code', async () => (await messages(fresh))[0]?.text)
    await page.locator('#l-code').fill(text.match(/\d{6}/)[0])
    const started = page.waitForResponse((r) => r.url().endsWith('/gate/rebinding') && r.status() === 201)
    await page.getByRole('button', { name: '下一步，手机认证' }).click()
    const { url } = await (await started).json()
    await page.getByText('有效时间').waitFor()
    await lookWhole(page, name('qr'))

    const scanned = await open(browser, { phone: true })
    await scanned.goto(url)
    await scanned.getByRole('heading', { name: '请账号持有人本人完成认证' }).waitFor()
    await lookWhole(scanned, name('phone'))
    const device = new Phone('jieyang', url)
    await device.cards(p)
    await device.liveness('pass')
    await page.getByRole('heading', { name: '换绑申请已受理' }).waitFor()
    await lookWhole(page, name('asked'))
    await scanned.reload()
    await scanned.getByRole('heading', { name: '认证通过：换绑申请已受理' }).waitFor()
    await lookWhole(scanned, name('phone-done'))

    const old = await open(browser, { phone })
    await withSession(old, a)
    await old.goto('/jieyang/orders')
    await old.getByText('申请把您的账号换绑到手机号').waitFor()
    await lookWhole(old, name('banner'))
    await old.getByRole('button', { name: '不是我申请的，立即停止' }).click()
    await old.getByText('申请把您的账号换绑到手机号').waitFor({ state: 'detached' })
    await lookWhole(old, name('stopped'))
    await old.goto('/jieyang/me/phone')
    await old.getByRole('link', { name: '经身份认证换绑手机号' }).waitFor()
  })
}

test('who logs in with the old number meanwhile sees the banner at once', async () => {
  const { p, a } = await known()
  sql(`WITH i AS (INSERT INTO hall.identity (id, purpose, state, way, address, expires_at) VALUES (gen_random_uuid(), 'rebind', 'passed', 'face', '', now()) RETURNING id)
    INSERT INTO hall.rebinding (id, account, order_id, old_hash, phone_hash, phone_mask, phones, wait, state, due_at)
    SELECT i.id, o.account, o.id, c.phone_hash, sha256(i.id::text::bytea), '138****0009', '', '1 day', 'waiting', now() + interval '1 day'
      FROM i, hall.orders o JOIN hall.account c ON c.id = o.account WHERE o.id = '${a.order.id}'`)
  const page = await open(browser)
  await page.goto('/jieyang/login')
  await page.getByRole('tab', { name: '短信验证码登录' }).click()
  await page.locator('#sms-phone').fill(p.mobile)
  later()
  const before_ = (await messages(p.mobile)).length
  await page.getByRole('button', { name: '获取验证码' }).click()
  const text = await eventually('the code', async () => (await messages(p.mobile)).length > before_ && (await messages(p.mobile))[0].text)
  await page.locator('#sms-code').fill(text.match(/\d{6}/)[0])
  await page.locator('form.login').getByRole('button', { name: '登录' }).click()
  await page.getByText('申请把您的账号换绑到手机号').waitFor()
})
