// SPDX-License-Identifier: Apache-2.0
// The electronic seal through Chromium: both ways to its picture, the panel on the order's page, the desk's list, at full and at
// phone width.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Journey } from './journey.mjs'
import { launch, lookWhole as look, open, sign } from './lib.mjs'
import { Applicant, bmp, formFor, paper, person } from '../lib/hall.mjs'
import { withSeal } from '../lib/seal.mjs'

let browser
before(async () => { browser = await launch() })
after(async () => { await browser?.close() })

/** A page that is logged in as an applicant already. */
async function as(a, options) {
  const page = await open(browser, options)
  const { hostname } = new URL(process.env.CERTHALL_URL)
  await page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, domain: hostname, path: '/' })))
  return page
}
async function atPapers() {
  const p = await person()
  const a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(true)
  await a.save(formFor('szjsgws', p))
  await a.print()
  for (const code of ['form', 'licence']) await a.upload(code, bmp())
  await a.upload('seal_form', await paper('seal-form', { unit_name: p.unit_name, unit_code: p.unit_code, format: 'jpeg' }), 'seal.jpg', 'image/jpeg')
  await a.refresh()
  return a
}

test('the picture: drawn, with a line, cut out of the scan, accepted', async () => {
  const a = await atPapers()
  const page = await as(a)
  await page.goto(`/szjsgws/orders/${a.order.id}/papers`)
  const preview = page.getByRole('img', { name: '印章样式预览' })
  await preview.waitFor()
  assert.equal(await page.getByRole('button', { name: '下一步' }).isEnabled(), false, 'the way on waits for the picture')
  await look(page, 'sealpicture-drawn')
  const drawn = await preview.getAttribute('src')
  await page.getByLabel('印章下方文字').selectOption('电子签章专用')
  await page.waitForFunction((before) => document.querySelector('#m-sealpicture img.big')?.src !== before, drawn)
  await look(page, 'sealpicture-line')
  const lined = await preview.getAttribute('src')
  await page.getByText('截取盖章扫描件中的印章').click()
  await page.waitForFunction((before) => ![null, undefined, before].includes(document.querySelector('#m-sealpicture img.big')?.src), lined)
  await look(page, 'sealpicture-scan')
  const cut = await preview.getAttribute('src')
  await page.getByRole('button', { name: '向右转' }).click()
  await page.waitForFunction((before) => ![null, undefined, before].includes(document.querySelector('#m-sealpicture img.big')?.src), cut)
  await page.getByRole('button', { name: '确认使用此样式' }).click()
  await page.getByRole('button', { name: '已确认此样式' }).waitFor()
  await page.getByRole('button', { name: '下一步' }).click()
  await page.waitForURL(/\/phone$/)
  const phone = await as(a, { phone: true })
  await phone.goto(`/szjsgws/orders/${a.order.id}/papers`)
  await phone.getByRole('img', { name: '印章样式预览' }).waitFor()
  await look(phone, 'sealpicture-phone')
})

test('the seal on the order\'s page and on the desk', async () => {
  const { a, state } = await withSeal('szjsgws')
  for (const options of [{}, { phone: true }]) {
    const page = await as(a, options)
    await page.goto(`/szjsgws/orders/${a.order.id}`)
    await page.getByText(state.seal.es_id).waitFor()
    await page.getByRole('link', { name: '下载电子印章（.esl）' }).waitFor()
    await look(page, options.phone ? 'seal-detail-phone' : 'seal-detail')
  }
  const desk = await new Journey(browser, null, 'szjsgws', 'szjsgws', null).desk('review')
  await desk.goto(`/desk/orders/${a.order.id}`)
  await desk.getByRole('img', { name: '申请人确认的印章样式' }).waitFor()
  await desk.goto(`/desk/seals?q=${state.seal.es_id}`)
  await desk.getByRole('rowheader', { name: state.seal.es_id }).waitFor()
  await look(desk, 'desk-seals')
  await desk.getByRole('button', { name: '查看' }).click()
  await desk.getByRole('img', { name: /的图像/ }).waitFor()
  await look(desk, 'desk-seal')
  await desk.keyboard.press('Escape')
  await desk.getByRole('button', { name: /^注销/ }).click()
  await desk.getByLabel('注销原因').fill('单位更名')
  const said = await sign(desk, desk.getByRole('button', { name: '确定注销' }))
  for (const word of ['注销电子印章', state.seal.es_id, '注销原因：单位更名']) assert.ok(said.includes(word), `${word}: ${said}`)
  await desk.getByText('已注销').filter({ visible: true }).first().waitFor()
  const link = await desk.getByRole('link', { name: '导出备案记录' }).getAttribute('href')
  assert.equal(link, '/desk/api/registry/seals/filing.csv')
})
