// SPDX-License-Identifier: Apache-2.0
// The page at the PC follows the phone: through a failure and the next try, and when it is loaded again meanwhile.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Applicant, Phone, formFor, person } from '../lib/hall.mjs'
import { agreeToFace, chooseFace, launch, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

/** The page of the phone authentication at the PC, with all steps before it done, and the phone that its code leads to. */
async function atTheCode() {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  await a.print()
  await a.uploadAll()
  const page = await open(browser)
  await withSession(page, a)
  const [link] = await Promise.all([
    page.waitForResponse((r) => r.url().endsWith('/link') && r.status() === 201).then((r) => r.json()),
    page.goto(`/szjsgws/orders/${a.order.id}/phone`),
  ])
  return { p, a, page, phone: new Phone('szjsgws', link.url), url: link.url }
}

test('#142 a failure on the phone, and the next try: the PC goes on by itself', async () => {
  const { p, page, phone } = await atTheCode()
  await page.getByText('有效时间').waitFor()
  assert.equal(await page.getByText('手机已打开认证页面').count(), 0)
  await phone.api('POST', '/arrival')
  await page.getByText('手机已打开认证页面').waitFor()
  await phone.cards(p)
  await phone.liveness('fail')
  await page.getByRole('alert').getByText('人脸核身未通过').waitFor()
  assert.ok(await page.getByRole('button', { name: '无法扫码？复制链接发到手机' }).isVisible(), 'the code is good for another try')
  await lookWhole(page, 'phone-failed')
  await phone.liveness('pass')
  await page.waitForURL(/\/payment/)
})

test('who does not agree to the processing of their face is told what then, on the phone and on the PC, and may choose again', async () => {
  const { p, page: pc, phone: api, url } = await atTheCode()
  await api.cards(p)
  const page = await open(browser, { phone: true })
  await page.goto(url)
  const go = page.getByRole('button', { name: '开始人脸识别' })
  await page.getByRole('radio', { name: /人脸核验/ }).waitFor()
  assert.equal(await page.getByRole('radio', { checked: true }).count(), 0, 'no way is chosen beforehand')
  await chooseFace(page)
  await page.getByText('请先选择是否同意处理人脸信息').waitFor()
  assert.ok(await go.isDisabled(), 'no check before the choice')
  await lookWhole(page, 'face-asked')
  await page.getByRole('button', { name: '不同意', exact: true }).click()
  await page.getByText('您没有同意处理人脸信息').waitFor()
  await page.getByText('请在上面选择其他认证方式').waitFor()
  assert.ok(await go.isDisabled())
  await lookWhole(page, 'face-declined')
  await pc.getByRole('status').getByText(/没有同意处理人脸信息/).waitFor()
  await lookWhole(pc, 'face-declined-pc')
  await page.getByRole('button', { name: '重新选择' }).click()
  await agreeToFace(page)
  await page.getByText('您已同意《人脸信息处理同意书》').waitFor()
  await lookWhole(page, 'face-agreed')
  await go.click()
  await page.waitForURL(/127\.0\.0\.13/)
})

test('the page that is loaded again leaves the phone alone', async () => {
  const { p, page, phone } = await atTheCode()
  await phone.cards(p)
  await page.getByText('正在手机上拍摄身份证').waitFor()
  await page.reload()
  await page.getByText('正在手机上拍摄身份证').waitFor()
  assert.ok(await page.getByRole('button', { name: '重新生成二维码' }).isVisible())
  await phone.liveness('pass')
  await page.waitForURL(/\/payment/)
})

test('a code that is asked for after the phone has passed leads on', async () => {
  const { p, page, phone } = await atTheCode()
  await phone.cards(p)
  await phone.liveness('fail')
  const again = page.getByRole('button', { name: '重新生成二维码' })
  await again.waitFor()
  await page.route('**/api/identity/orders/*', (route) => route.abort()) // the page does not hear of it
  await phone.liveness('pass')
  await phone.until('passed')
  await again.click()
  await page.waitForURL(/\/payment/)
})

test('who leaves the liveness check on the phone is offered another try', async () => {
  const { p, phone: first, url, page: pc } = await atTheCode()
  await first.cards(p)
  const page = await open(browser, { phone: true })
  await page.goto(url)
  await agreeToFace(page)
  await page.getByRole('button', { name: '开始人脸识别' }).click()
  await page.waitForURL(/127\.0\.0\.13/)
  await page.getByRole('button', { name: '退出' }).click()
  await page.getByRole('alert').getByText('人脸识别没有完成').waitFor()
  await pc.getByRole('alert').getByText('人脸识别没有完成').waitFor()
  await lookWhole(page, 'phone-left')
  await page.getByRole('button', { name: '重新进行人脸识别' }).click()
  await page.waitForURL(/127\.0\.0\.13/)
  await page.getByRole('button', { name: '通过' }).first().click()
  await page.getByText('认证通过，请回到电脑继续操作').waitFor()
  await pc.waitForURL(/\/payment/)
})
