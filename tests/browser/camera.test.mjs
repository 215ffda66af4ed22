// SPDX-License-Identifier: Apache-2.0
// The phone as the camera of the PC: papers are photographed askew, straightened on the phone, and shown at the PC as they arrive.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Applicant, eventually, formFor, person, scans } from '../lib/hall.mjs'
import { launch, look, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

/** The page of the papers at the PC, of an order whose form was printed, and its stamped sheets. */
async function atThePc(options) {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  const pdf = Buffer.from(await (await a.print()).arrayBuffer())
  const page = await open(browser, options)
  await withSession(page, a)
  await page.goto(`/szjsgws/orders/${a.order.id}/papers`)
  return { a, p, page, sheets: await scans(pdf, p) }
}
/** A photo of a sheet that lies askew on a table. */
const photo = (page, sheet) => page.evaluate(async (base64) => {
  const image = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]))
  const canvas = Object.assign(document.createElement('canvas'), { width: 1500, height: 2000 }), c = canvas.getContext('2d')
  c.fillStyle = '#5b4a3c'
  c.fillRect(0, 0, 1500, 2000)
  c.translate(750, 1000)
  c.rotate(0.09)
  c.drawImage(image, -580, -820, 1160, 1640)
  return canvas.toDataURL('image/jpeg', 0.9).split(',')[1]
}, sheet.toString('base64')).then((base64) => Buffer.from(base64, 'base64'))

/** Opens the way by the phone; returns the phone's page. */
async function scanned(page) {
  const [made] = await Promise.all([page.waitForResponse((r) => /\/paper\/links\//.test(r.url())), page.getByRole('button', { name: '用手机拍照上传' }).click()])
  await page.getByRole('img', { name: '手机拍照上传二维码' }).waitFor()
  const phone = await open(browser, { phone: true })
  await phone.goto((await made.json()).url)
  await phone.getByRole('heading', { name: /还需拍摄/ }).waitFor()
  return phone
}

test('a form is photographed, found, straightened and sent; the PC shows it, and that it is right', async () => {
  const { a, page, sheets } = await atThePc()
  const phone = await scanned(page)
  await lookWhole(page, 'camera-pc-1280')
  await phone.locator('#m-form summary').click()
  await phone.getByText('正确：打印的表格平整').waitFor()
  await lookWhole(phone, 'camera-phone-390')

  const shoot = phone.locator('#m-form input[capture]').last()
  await shoot.setInputFiles({ name: 'IMG_1.jpg', mimeType: 'image/jpeg', buffer: await photo(phone, sheets[0]) })
  await phone.getByText('已找到纸张边缘').waitFor()
  await lookWhole(phone, 'camera-corners-390')
  const corner = phone.getByRole('button', { name: /左上角/ }), before = await corner.boundingBox()
  await corner.press('ArrowLeft')
  await eventually('the corner moved', async () => (await corner.boundingBox()).x < before.x)
  await corner.press('ArrowRight')
  await phone.getByRole('button', { name: '裁剪并拉正' }).click()
  await phone.getByText('请核对：四角完整').waitFor()
  const size = () => phone.locator('canvas.result').evaluate((canvas) => canvas.width / canvas.height)
  assert.ok(Math.abs((await size()) - 1160 / 1640) < 0.03, 'the sheet, and not the table')
  await phone.getByRole('button', { name: '向右转' }).click()
  await eventually('turned', async () => (await size()) > 1)
  await phone.getByRole('button', { name: '向左转' }).click()
  await look(phone, 'camera-result-390')
  await phone.getByRole('button', { name: '使用这张' }).click()

  await phone.locator('#m-form').getByText('已上传', { exact: true }).waitFor()
  await page.locator('#m-form').getByText('已上传', { exact: true }).waitFor() // stamp and code are seen on the straightened picture
  assert.deepEqual((await a.refresh()).papers[0].sheets.map((one) => one.quality.warnings), [[]])
  await lookWhole(phone, 'camera-sent-390')
  await lookWhole(page, 'camera-arrived-1280')
})

test('a picture that is good is sent as it is; another sheet is added, taken again and deleted', async () => {
  const { a, page, sheets } = await atThePc()
  const phone = await scanned(page)
  const use = async (input, buffer, mimeType) => {
    await input.setInputFiles({ name: 'x.jpg', mimeType, buffer })
    await phone.getByRole('button', { name: '使用整张图片' }).click()
    await phone.getByRole('button', { name: '使用这张' }).click()
  }
  await use(phone.locator('#m-licence input[capture]').last(), await a.licence(), 'image/jpeg')
  await page.locator('#m-licence').getByText('证照内容与申请表一致').waitFor()
  const form = phone.locator('#m-form')
  const jpeg = await photo(phone, sheets[0])
  await use(form.locator('input[capture]').last(), jpeg, 'image/jpeg')
  await form.getByText('第 1 张').first().waitFor()
  await use(form.locator('input[capture]').last(), jpeg, 'image/jpeg')
  await form.getByText('第 2 张').first().waitFor()
  await page.locator('#m-form').getByText('第 2 张').first().waitFor()
  await form.getByRole('button', { name: /删除.*第 2 张/ }).click()
  await eventually('gone at the PC', async () => (await page.locator('#m-form').getByText('第 2 张').count()) === 0)
  await phone.getByRole('heading', { name: '资料已齐全' }).waitFor()

  await page.getByRole('button', { name: '结束手机上传' }).click()
  await page.getByRole('button', { name: '用手机拍照上传' }).waitFor()
  await phone.getByText('上传链接已失效').waitFor()
  await lookWhole(phone, 'camera-ended-390')
})

test('on one phone: away to the camera and back', async () => {
  const SAFARI = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'
  const { a, page } = await atThePc({ phone: true, userAgent: SAFARI })
  await page.locator('#m-licence summary').first().click()
  await page.getByText('错误：黑白复印件').first().waitFor()
  await page.getByRole('button', { name: '用相机拍摄' }).click()
  await page.getByRole('link', { name: '打开相机页面' }).waitFor()
  await lookWhole(page, 'camera-here-390')
  await page.getByRole('link', { name: '打开相机页面' }).click()
  await page.locator('#m-licence input[capture]').last().setInputFiles({ name: 'x.jpg', mimeType: 'image/jpeg', buffer: await a.licence() })
  await page.getByRole('button', { name: '使用整张图片' }).click()
  await page.getByRole('button', { name: '使用这张' }).click()
  await page.locator('#m-licence').getByText(/证照内容与申请表一致/).waitFor()
  await page.locator('#m-form input[capture]').last().setInputFiles({ name: 'x.jpg', mimeType: 'image/jpeg', buffer: await a.licence() })
  await page.getByRole('button', { name: '使用整张图片' }).click()
  await page.getByRole('button', { name: '使用这张' }).click()
  await page.getByRole('link', { name: '返回业务单继续办理' }).click()
  await page.waitForURL(/\/papers$/)
  await page.getByRole('heading', { name: '申请表扫描件' }).waitFor()
})
