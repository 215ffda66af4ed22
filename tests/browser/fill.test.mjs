// SPDX-License-Identifier: Apache-2.0
// The form is filled in from pictures: what was read stands beside what the form says, and only what the person takes gets into it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Applicant, formFor, paper, person, sealItem } from '../lib/hall.mjs'
import { launch, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

/** The form of a new draft, with what is in `filled` already. */
async function atTheForm(slug, phone, filled) {
  const p = await person(), a = new Applicant(slug, slug === 'seal' ? 'seal' : 'new')
  if (slug === 'seal') await a.register(p.mobile, 'correct horse 1')
  else await a.loginSms(p.mobile)
  await a.draft(slug === 'seal' ? undefined : false)
  if (filled) await a.save(filled(p), false)
  const page = await open(browser, { phone })
  await withSession(page, a)
  await page.goto(`/${slug}/orders/${a.order.id}/form`)
  const fill = page.getByRole('region', { name: '拍照自动填写' })
  const upload = async (what, buffer, mimeType = 'image/jpeg') => {
    const chooser = page.waitForEvent('filechooser')
    await fill.getByRole('button', { name: `上传${what}，自动填写` }).click()
    await (await chooser).setFiles({ name: `a.${mimeType.slice(6)}`, mimeType, buffer })
  }
  return { p, a, page, fill, upload, value: (name) => page.locator(`#f-${name}`).inputValue() }
}

for (const phone of [false, true])
  test(`a licence and an ID card fill in the form, at ${phone ? 390 : 1280} pixels`, async () => {
    const typed = '深圳市写错了的有限公司'
    const { p, a, page, fill, upload, value } = await atTheForm('szjsgws', phone, () => ({ unit_name: typed }))
    await upload('营业执照', await paper('licence', { ...p, format: 'jpeg' }))
    const row = (label) => fill.getByRole('listitem').filter({ hasText: label })
    await row('单位名称').getByText(typed).waitFor()
    await row('单位名称').getByText(p.unit_name).waitFor()
    await row('所在省市').getByText(/^\S+省 \S+市$/).waitFor()
    assert.equal(await value('unit_name'), typed, 'nothing is taken over unasked')
    assert.equal(await value('unit_code'), '')
    await lookWhole(page, `fill-licence-${phone ? 390 : 1280}`)

    await row('单位名称').getByRole('button', { name: '采用' }).click()
    assert.equal(await value('unit_name'), p.unit_name)
    await row('单位名称').getByRole('button', { name: '撤销' }).click()
    assert.equal(await value('unit_name'), typed)
    await fill.getByRole('button', { name: '全部采用' }).click()
    assert.deepEqual([await value('unit_name'), await value('unit_code'), await value('legal_name')], [p.unit_name, p.unit_code, p.legal_name])
    await fill.getByText('已全部填入表格').waitFor()
    await fill.getByText('图片已存为“营业执照扫描件”').waitFor()

    await upload('经办人身份证', await paper('idcard-front', { ...p, format: 'jpeg' }))
    await row('身份证号码').getByText(/\*{8}/).waitFor()
    assert.ok(!(await fill.textContent()).includes(p.id_no))
    await fill.getByText('图片只用于识别，没有保存。').waitFor()
    await fill.getByRole('button', { name: '全部采用' }).click()
    assert.deepEqual([await value('agent_name'), await value('agent_id')], [p.name, p.id_no])
    await lookWhole(page, `fill-card-${phone ? 390 : 1280}`)

    const { papers } = await a.refresh()
    assert.equal(papers.find((one) => one.code === 'licence').state, 'ok', 'the licence need not be uploaded again')
  })

test('a picture that nothing can be read on says so, and what to do', async () => {
  const { p, page, fill, upload, value } = await atTheForm('szjsgws', false)
  await upload('营业执照', await paper('idcard-front', { ...p, format: 'jpeg' }))
  await fill.getByText(/没有在图片中识别到营业执照.*直接填写表格/).waitFor()
  await upload('经办人身份证', await paper('idcard-back', { ...p, format: 'jpeg' }))
  await fill.getByText(/拍反了.*重新拍摄/).waitFor()
  assert.equal(await value('unit_name'), '')
  await lookWhole(page, 'fill-nothing')
})

test('the legal person\'s card fills in the legal person', async () => {
  const { p, page, fill, upload, value } = await atTheForm('szjsgws', true)
  await upload('法定代表人身份证', await paper('idcard-front', { ...p, format: 'jpeg' }))
  await fill.getByText('图片只用于识别，没有保存。').waitFor()
  await fill.getByRole('button', { name: '全部采用' }).click()
  assert.deepEqual([await value('legal_name'), await value('legal_id'), await value('agent_id')], [p.name, p.id_no, ''])
  await lookWhole(page, 'fill-legal-390')
})

for (const phone of [false, true])
  test(`each holder of a personal seal is filled in from their own card, at ${phone ? 390 : 1280} pixels`, async () => {
    const [first, second] = [await person(), await person()]
    const unnamed = (at) => ({ ...sealItem('individual', 1, `签名 ${at}`, first), holder_name: '', holder_id: '' })
    const { page, fill, upload, value } = await atTheForm('seal', phone, (who) => ({ unit_name: who.unit_name, items: [unnamed(1), unnamed(2)] }))
    const card = async (at, who) => {
      await upload(`机构个人章 ${at}持有人身份证`, await paper('idcard-front', { ...who, format: 'jpeg' }))
      await fill.getByText(`机构个人章 ${at}：`).first().waitFor()
      await fill.getByRole('button', { name: '全部采用' }).click()
      await fill.getByText('已全部填入表格').waitFor()
    }
    await card(2, second)
    assert.deepEqual(await Promise.all(['items-0-holder_id', 'items-1-holder_name', 'items-1-holder_id'].map(value)), ['', second.name, second.id_no])
    await lookWhole(page, `fill-seal-${phone ? 390 : 1280}`)
    await card(1, first)
    assert.deepEqual(await Promise.all(['items-0-holder_id', 'items-1-holder_id'].map(value)), [first.id_no, second.id_no])
  })

test('a natural person\'s card goes to its place among the papers; what agrees is not asked about', async () => {
  const { a, p, fill, upload, value } = await atTheForm('jieyang', true, (who) => ({ ...formFor('jieyang', who, 'natural'), holder_name: '' }))
  await upload('申请人身份证', await paper('idcard-front', { ...p, format: 'jpeg' }))
  await fill.getByRole('listitem').filter({ hasText: '申请人姓名' }).getByRole('button', { name: '采用' }).click()
  assert.equal(await fill.getByRole('listitem').count(), 1)
  assert.equal(await value('holder_name'), p.name)
  await fill.getByText('图片已存为“身份证人像面”').waitFor()
  const { papers } = await a.refresh()
  assert.equal(papers.find((one) => one.code === 'id_natural').state, 'ok')
})
