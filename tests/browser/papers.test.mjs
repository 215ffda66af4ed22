// SPDX-License-Identifier: Apache-2.0
// What a machine has seen on a paper stands in its card at once, with what to do; nothing doubtful is green.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { Applicant, bmp, eventually, formFor, paper, person, scans, sealItem } from '../lib/hall.mjs'
import { DESK, launch, logIn, look, lookWhole, open, passkeyOf, plugIn, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

/** The page of the papers, at which the form is filled in and printed. */
async function atThePapers(type, phone) {
  const p = await person(), a = new Applicant('jieyang')
  await a.loginSms(p.mobile)
  await a.draft()
  await a.save(formFor('jieyang', p, type))
  await a.print()
  const page = await open(browser, { phone })
  await withSession(page, a)
  await page.goto(`/jieyang/orders/${a.order.id}/papers`)
  const card = (code) => page.locator(`#m-${code}`)
  const put = (code, buffer, mimeType = 'image/jpeg') => card(code).locator('input[type=file]').setInputFiles({ name: `${code}.${mimeType.slice(6)}`, mimeType, buffer })
  return { p, a, page, card, put }
}
/** What the card says of its paper beside the name. */
const tag = (card) => card.locator('.row.spread').first()

for (const phone of [false, true])
  test(`both sides of the ID card have a place, and each is told from the other, at ${phone ? 390 : 1280} pixels`, async () => {
    const { p, page, card, put } = await atThePapers('natural', phone)
    const side = (kind) => paper(`idcard-${kind}`, { ...p, format: 'jpeg' })
    await put('id_natural', await side('back'))
    await card('id_natural').getByText('这是身份证的国徽面').waitFor()
    await tag(card('id_natural')).getByText('请核对').waitFor()
    await put('id_natural_back', await paper('licence', { ...p, format: 'jpeg' }))
    await card('id_natural_back').getByText('没有在图片中识别到身份证').waitFor()
    await put('form_natural', readFileSync(new URL('../../docs/pictures/home.png', import.meta.url)), 'image/png') // any picture
    await card('form_natural').getByText('没有识别到表格右上角的二维码').waitFor()
    await lookWhole(page, `wrong-papers-${phone ? 390 : 1280}`)

    await put('id_natural', await side('front'))
    await card('id_natural').getByText('已上传', { exact: true }).waitFor()
    await put('id_natural_back', await side('back'))
    await card('id_natural_back').getByText('已上传', { exact: true }).waitFor()
    await lookWhole(page, `right-cards-${phone ? 390 : 1280}`)
  })

test('a picture that is no licence is no green licence', async () => {
  const { p, a, card, put } = await atThePapers('institution', false)
  await put('licence', await paper('idcard-front', { ...p, format: 'jpeg' }))
  await card('licence').getByText('没有在图片中识别到营业执照').waitFor()
  await tag(card('licence')).getByText('请核对').waitFor()
  await put('licence', await a.licence())
  await card('licence').getByText('证照内容与申请表一致').waitFor()
  await tag(card('licence')).getByText('已上传').waitFor()
})

for (const phone of [false, true])
  test(`a paper of several sheets: chosen at once, one that is missing is told, and one is replaced and deleted, at ${phone ? 390 : 1280} pixels`, async () => {
    const p = await person(), a = new Applicant('seal', 'seal')
    await a.register(p.mobile, 'correct-horse-7')
    await a.draft()
    await a.save({ ...formFor('seal', p), items: [sealItem('institution', 1, p.unit_name), ...Array.from({ length: 20 }, () => sealItem('individual', 1, '手写签名', p))] })
    await a.print()
    const sheets = await scans(Buffer.from(await (await a.print('annex')).arrayBuffer()), { ...p, format: 'jpeg' })
    const page = await open(browser, { phone })
    await withSession(page, a)
    await page.goto(`/seal/orders/${a.order.id}/papers`)
    const card = page.locator('#m-annex'), replaced = card.getByRole('button', { name: /更换文件/ })
    const files = (...of) => of.map((buffer, at) => ({ name: `${at + 1}.jpg`, mimeType: 'image/jpeg', buffer }))
    await card.locator('input[type=file]').setInputFiles(files(sheets[0], sheets[0]))
    await card.getByText(/“证书附页”还差第 2.* 页/).waitFor()
    await card.getByText('请核对').waitFor()
    const whole = async (name) => { // the card alone: the page has forty others
      await card.scrollIntoViewIfNeeded()
      await look(page, `sheets-${name}-${phone ? 390 : 1280}`)
    }
    await whole('missing')
    await Promise.all([page.waitForEvent('filechooser').then((chooser) => chooser.setFiles(files(...sheets.slice(1)))), replaced.nth(1).click()])
    await eventually('all sheets', async () => (await replaced.count()) === sheets.length)
    await card.getByText('已上传', { exact: true }).waitFor()
    await whole('right')
    await card.getByRole('button', { name: /删除.*第 2 张/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: '删除' }).click()
    await card.getByText('还差第 2 页').waitFor()
    assert.deepEqual((await a.refresh()).papers.find((one) => one.code === 'annex').sheets.map((one) => one.sheet), sheets.map((_, i) => i + 1).filter((n) => n !== 2))
  })

test('the reviewer has a tab for every sheet', async () => {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  await a.print()
  await a.refresh()
  for (const { code } of a.order.papers) await a.upload(code, bmp())
  await a.upload('form', bmp(40), 'second.bmp', 'image/bmp', 0)
  await a.authenticate(p)
  await a.refresh()
  await a.step('submit')
  await a.pay()
  const desk = await open(browser, { base: DESK })
  await plugIn(desk, passkeyOf('review'))
  await desk.goto('/desk')
  await logIn(desk, 'review')
  await desk.getByRole('link', { name: /审核/ }).first().waitFor()
  await desk.goto(`/desk/orders/${a.order.id}`)
  await desk.getByRole('tab', { name: '申请表扫描件（第 2 张）' }).click()
  await desk.getByText('second.bmp').waitFor()
  await eventually('the second picture', () => desk.getByRole('img', { name: '申请表扫描件（第 2 张）' }).evaluate((img) => img.naturalWidth === 40))
  await desk.getByText('申请表扫描件（第 2 张）：没有识别到表格右上角的二维码').waitFor()
  await look(desk, 'sheets-desk-1280')
})
