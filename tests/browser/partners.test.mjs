// SPDX-License-Identifier: Apache-2.0
// The partners with a link of their own, each to the end: entry, log-in, agreements, form and payment in Chromium. Papers, phone and
// outlet, which other journeys show, are done over HTTP.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually, inbox, person, sql } from '../lib/hall.mjs'
import { Partner, Visitor, fitting, projectId } from '../lib/partner.mjs'
import { Journey } from './journey.mjs'
import { launch, open } from './lib.mjs'

let browser, platform
before(async () => {
  platform = new Partner('hunan')
  browser = await launch()
})
after(() => browser.close())

const without = (values, names) => Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)))
const shown = (page, text) => page.getByText(text).filter({ visible: true }).first().waitFor()

/** Entry, log-in, agreements, and notices where there are some: up to the form. */
async function arrive(j, entry) {
  await j.page.goto(entry)
  await j.loginSms()
  await j.agree()
  const notice = j.button(/我已知悉/)
  await Promise.race([notice.waitFor(), j.page.waitForURL(/\/form$/)])
  if (await notice.isVisible()) {
    await j.see(j.page, 'notice')
    await notice.click()
  }
  await j.page.waitForURL(/\/form$/)
  await j.page.locator('#f-cert_type-row').waitFor()
  return new Visitor(j.slug).follow(j.page.context(), j.orderId)
}

test('#6 #7 #38 #45 #49 #67 #93 #133 #208 #230 hunan, institution: from the platform\'s ticket to the parcel', async () => {
  const page = await open(browser)
  const p = await person()
  const { entry } = await platform.ticket({ cert_type: '企业证书', years: 1, reference: `HN-${p.unit_code}`, form: { unit_name: p.unit_name, unit_code: p.unit_code } })
  const j = new Journey(browser, page, 'hunan', 'hunan', p)
  await page.goto(entry)
  await shown(page, /湖南省公共资源交易服务平台已带入/)
  assert.equal(new URL(page.url()).hash, '', 'the token does not stay in the address')
  const a = await arrive(j, page.url())
  for (const title of ['电子认证服务协议', '个人信息保护政策', '个人信息授权书', '敏感个人信息授权书'])
    assert.ok(a.setup.agreements.some((one) => one.title === title), title)
  assert.equal(a.setup.agreements[0].text.split('\n').length, 9, 'the nine clauses')
  assert.deepEqual(a.setup.notices.map((one) => one.title), ['证书办理指南'])

  assert.equal(await page.locator('#f-unit_name').inputValue(), p.unit_name)
  assert.ok(await page.locator('#f-unit_name').isDisabled())
  await shown(page, /由合作平台提供/)
  await shown(page, /招标文件/)
  assert.equal(await page.locator('#f-agent_position-row').count(), 0)
  const values = without(fitting(a.setup, p, 'institution'), ['cert_type', 'years', 'unit_name', 'unit_code', 'unit_doc_type'])
  await j.fill(values)
  await shown(page, /350\.00 元/)
  await j.next('print')
  await j.print()
  await j.next('papers')
  for (const name of ['申请表扫描件', '营业执照扫描件', '数字证书印章采集表']) await shown(page, name)
  await j.uploadAll()
  await Promise.all([j.phone(), j.button('下一步').click()])
  await j.pay()
  await page.waitForURL(/\/account$/)
  await j.branch(page.locator('main'))
  await page.locator('#account_no').fill(p.account_no)
  await j.button('提交账户信息').click()
  await eventually('the account taken', async () => (await a.refresh()).finauth.state !== 'account_wanted')
  await a.counter(p)
  await inbox(p.mobile, /湖南省公共资源交易服务平台/)
  await page.goto(`/hunan/orders/${a.order.id}`)
  await shown(page, '已完成')
  await j.see(page, 'done')
  const { body } = await platform.ask('GET', `/partner/api/orders?reference=HN-${p.unit_code}`)
  assert.equal(body.items[0].state, 'done', 'the platform knows')
})

for (const phone of [false, true])
  test(`#67 hunan: the guide comes before the ticks, at ${phone ? 390 : 1280} pixels`, async () => {
    const page = await open(browser, { phone })
    const j = new Journey(browser, page, `hunan-guide-${phone ? 390 : 1280}`, 'hunan', await person())
    await page.goto('/hunan/login')
    await j.loginSms()
    await page.locator('.kinds a[href$="business=new"]').click()
    const guide = page.getByRole('region', { name: '《证书办理指南》' }), ticks = page.getByRole('checkbox')
    await guide.waitFor()
    const texts = await page.locator('h2, input[type=checkbox]').evaluateAll((all) => all.map((one) => one.tagName))
    assert.ok(texts.indexOf('H2') < texts.indexOf('INPUT'), 'it stands above them')
    for (const tick of await ticks.all()) assert.ok(await tick.isDisabled(), 'nothing is ticked before it is read')
    await j.see(page, 'before')
    await j.button('我已知悉').click()
    for (const tick of await ticks.all()) await tick.check()
    await j.see(page, 'after')
    await j.button('下一步').click()
    await page.waitForURL(/\/form$/)
    await page.context().close()
  })

test('#37 #115 #134 hunan, natural person, on a phone: from the ticket to the parcel', async () => {
  const page = await open(browser, { phone: true })
  const p = await person()
  const { entry } = await platform.ticket({ cert_type: '个人证书', form: { holder_name: p.name, holder_id: p.id_no } })
  const j = new Journey(browser, page, 'hunan-natural', 'hunan', p)
  const a = await arrive(j, entry)
  assert.equal(await page.locator('#f-unit_name-row').count(), 0)
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'does not scroll sideways')
  await j.fill(without(fitting(a.setup, p, 'natural'), ['cert_type', 'holder_name', 'holder_id']))
  await j.next('print')
  await a.refresh()
  await a.submit(p, 'natural')
  assert.deepEqual(a.order.papers.map((one) => one.code), ['form_natural', 'seal_form_natural'])
  await a.finish(p)
  assert.equal(a.order.state, 'done')
})

const rest = [
  ['neimenggu', '内蒙古自治区政府采购电子交易', 28000],
  ['meigu', '广州梅谷科技数字证书', 28000],
  ['everbright', '光大环境内部应用', 26000],
]
for (const [slug, title, price] of rest)
  test(`#14 #16 ${slug}: in by its link, to the parcel; the legal person may not stand in`, async () => {
    const page = await open(browser)
    const p = await person()
    const j = new Journey(browser, page, slug, slug, p)
    const a = await arrive(j, `/${slug}/getLogin?projectId=${projectId(slug)}`)
    await shown(page, title)
    await j.fill(without(fitting(a.setup, p, 'institution'), ['cert_type', 'unit_doc_type']))
    await j.next('print')
    await a.refresh()
    await a.submit(p, 'institution')
    assert.equal(a.order.price.total, price)
    await page.goto(`/${slug}/orders/${a.order.id}/payment`)
    await shown(page, /微信/)
    await j.see(page, 'payment')
    await a.finish(p)
    assert.equal(a.order.state, 'done')
    assert.equal(sql(`SELECT legal_auth FROM hall.project WHERE slug = '${slug}'`), 'f')
  })

test('the desk: figures, partners, the calendar', async () => {
  const page = await new Journey(browser, null, 'desk').desk('admin')
  const j = new Journey(browser, page, 'reports', 'desk')
  for (const [path, heading, seen] of [['reports', '报表', '合计'], ['partners', '项目与合作平台', '湖南公共资源交易'], ['partners', '项目与合作平台', '承诺时限：审核和制证 2 个工作日'], ['calendar', '工作日历', '休 元旦']]) {
    await page.goto(`/desk/${path}`)
    await page.getByRole('heading', { name: heading }).waitFor()
    const written = () => page.locator('textarea').evaluateAll((all) => all.map((one) => one.value).join())
    await eventually(seen, async () => `${await page.locator('main').innerText()} ${await written()}`.includes(seen))
    await j.see(page, path)
  }
})
