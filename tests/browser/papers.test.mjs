// SPDX-License-Identifier: Apache-2.0
// What a machine has seen on a paper stands in its card at once, with what to do; nothing doubtful is green.
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { Applicant, formFor, paper, person } from '../lib/hall.mjs'
import { launch, lookWhole, open, withSession } from './lib.mjs'

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
