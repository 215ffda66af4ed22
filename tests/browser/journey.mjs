// SPDX-License-Identifier: Apache-2.0
// The steps of an application as a person clicks them. A picture of each page goes to the build output.
import { messages, eventually, paper, sandboxCall, scans, URL_BASE } from '../lib/hall.mjs'
import { DESK, agreeToFace, logIn, look, open, passkeyOf, plugIn } from './lib.mjs'

/** Uploads a paper, or the sheets of one, into its card. */
export async function putSheets(card, code, sheets) {
  const list = [sheets].flat()
  await card.locator('input[type=file]').setInputFiles(list.map((buffer, at) => {
    const kind = buffer[0] === 0xff ? 'jpeg' : 'png' // a JPEG is sent as it is
    return { name: `${code}-${at + 1}.${kind}`, mimeType: `image/${kind}`, buffer }
  }))
  await card.getByRole('button', { name: /更换文件/ }).nth(list.length - 1).waitFor({ timeout: 60000 })
}

export class Journey {
  constructor(browser, page, name, slug, person, business = 'new') {
    Object.assign(this, { browser, page, name, slug, person, business, at: 0 })
  }

  see(page, what) {
    return look(page, `${this.name}-${String(++this.at).padStart(2, '0')}-${what}`)
  }

  button(name) {
    return this.page.getByRole('button', { name })
  }

  async loginSms() {
    const { page, person } = this
    await page.getByLabel('手机号').filter({ visible: true }).first().fill(person.mobile)
    await this.button(/获取/).filter({ visible: true }).first().click()
    const code = await eventually('the code', async () => (await messages(person.mobile))[0]?.text.match(/\d{6}/)?.[0])
    await page.locator('input[id$=code]').filter({ visible: true }).first().fill(code)
    await this.see(page, 'login')
    await page.locator('button[type=submit]').filter({ visible: true }).first().click()
    await page.waitForURL(new RegExp(`/${this.slug}/apply(\\?|$)`))
  }

  /** Begins an application: chooses its kind where the project has several, and agrees to the texts. */
  async agree() {
    const { page } = this
    const kind = page.locator(`.kinds a[href$="business=${this.business}"]`)
    await kind.or(page.getByRole('checkbox').first()).waitFor()
    if (await kind.count()) {
      await this.see(page, 'businesses')
      await kind.click()
    }
    await page.getByRole('checkbox').first().waitFor()
    const known = page.getByRole('button', { name: '我已知悉', exact: true }) // what is read before the ticks
    if (await known.count()) await known.click()
    for (const box of await page.getByRole('checkbox').all()) await box.check({ force: true })
    await this.see(page, 'agreements')
    await this.button(/^(下一步|进入新办)$/).click()
  }

  /** Fills the form by its fields' ids, whatever blocks the project shows. */
  async fill(values) {
    const { page } = this
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) continue
      const row = page.locator(`#f-${name}-row`)
      await row.waitFor()
      if (/region$/.test(name)) await this.region(row, value)
      else if (name === 'account_branch') await this.branch(row)
      else if (await row.getByRole('radio').count()) await this.choose(row, value)
      else await page.locator(`#f-${name}`).fill(String(value))
    }
    await this.see(page, 'form')
  }

  async region(row, code) {
    const lists = row.locator('select')
    for (const [i, length] of [2, 4, 6, 9].filter((n) => n <= code.length).entries()) {
      const wanted = code.slice(0, length)
      await lists.nth(i).locator(`option[value="${wanted}"]`).waitFor({ state: 'attached' })
      await lists.nth(i).selectOption(wanted)
    }
  }

  async branch(row, words = '工商 深圳 福田') {
    await row.getByRole('combobox').fill(words)
    await this.page.getByRole('option', { name: /福田支行/ }).first().click()
  }

  async choose(row, value) {
    const words = { true: '是', false: '否', enterprise: '企业单位', person: '个人', certificate: '数字证书服务费', natural: '自然人证书',
      institution: '机构证书', uscc: '统一社会信用代码证', bank: '银行金融认证', 1: '1 年' }
    const name = new RegExp(`^${words[String(value)]}`)
    await row.locator('label.choice', { hasText: name }).first().click()
  }

  async next(step) {
    await this.button('下一步').click()
    await this.page.waitForURL(new RegExp(`/${step}(\\?|$)`))
  }

  get orderId() {
    return this.page.url().match(/orders\/([0-9a-f-]{36})/)[1]
  }

  async print() {
    const { page } = this
    await page.getByText(/核对下方信息/).waitFor()
    const [pdf] = await Promise.all([
      page.context().waitForEvent('page').catch(() => null),
      page.getByRole('link', { name: /打开申请表/ }).click(),
    ])
    await pdf?.close()
    await eventually('the next step open', () => this.button('下一步').isEnabled())
    await this.see(page, 'print')
  }

  /** The papers a person would hold: the stamped scan of the very form just printed, licence, seal form. */
  async uploadAll() {
    const { page, person } = this
    const cookie = (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join('; ')
    const form = await fetch(`${URL_BASE}/${this.slug}/api/${this.business}/orders/${this.orderId}/form.pdf`, { headers: { cookie } })
    const papers = { form: await scans(Buffer.from(await form.arrayBuffer()), person), licence: await paper('licence', person), seal_form: await paper('seal-form', person),
      id_natural: await paper('idcard-front', { ...person, format: 'jpeg' }), id_natural_back: await paper('idcard-back', { ...person, format: 'jpeg' }) }
    if (await page.locator('#m-seal_form').getByRole('link', { name: /模板下载/ }).count()) {
      const collection = await fetch(`${URL_BASE}/${this.slug}/api/${this.business}/orders/${this.orderId}/collection.pdf`, { headers: { cookie } })
      papers.seal_form = await scans(Buffer.from(await collection.arrayBuffer()), { ...person, framed: '' })
    }
    papers.form_natural = papers.form
    papers.seal_form_natural = papers.seal_form
    for (const card of await page.locator('li[id^="m-"]').all()) {
      const code = (await card.getAttribute('id')).slice(2)
      await putSheets(card, code, papers[code])
    }
    await this.acceptSealPicture()
    await this.see(page, 'papers')
  }

  /** The picture of the electronic seal, where one is wanted. */
  async acceptSealPicture() {
    const { page } = this
    if (!(await page.locator('#m-sealpicture').count())) return
    await page.getByRole('img', { name: '印章样式预览' }).waitFor()
    await this.button('确认使用此样式').click()
    await this.button('已确认此样式').waitFor()
  }

  async phone() {
    const { page, person } = this
    const link = await page.waitForResponse((r) => r.url().endsWith('/link') && r.status() === 201).then((r) => r.json())
    await this.see(page, 'phone-qr')
    const phone = await open(this.browser, { phone: true })
    await phone.goto(link.url)
    const sides = phone.locator('input[type=file]')
    await sides.nth(0).waitFor({ state: 'attached' })
    await this.see(phone, 'phone-start')
    const front = { name: 'front.png', mimeType: 'image/png', buffer: await paper('idcard-front', person) }
    await Promise.all([phone.waitForResponse((r) => r.url().endsWith('/front')), sides.nth(0).setInputFiles(front)])
    await sides.nth(1).setInputFiles({ name: 'back.png', mimeType: 'image/png', buffer: await paper('idcard-back', person) })
    await agreeToFace(phone)
    const start = phone.getByRole('button', { name: '开始人脸识别' })
    await eventually('both sides read', () => start.isEnabled())
    await this.see(phone, 'phone-cards')
    await start.click()
    await phone.waitForURL(/127\.0\.0\.13/)
    await phone.getByRole('button', { name: /通过/ }).first().click()
    await phone.getByText(/认证通过/).first().waitFor()
    await this.see(phone, 'phone-done')
    await phone.context().close()
    await page.waitForURL(/\/payment/)
  }

  async pay() {
    const { page } = this
    await this.see(page, 'payment')
    const opened = page.waitForResponse((r) => /\/api\/pay\/orders\//.test(r.url()) && r.request().method() === 'POST')
    await this.button(/确认提交/).click()
    const { code_url } = await (await opened).json()
    await page.locator('svg, canvas, img').first().waitFor()
    await this.see(page, 'payment-qr')
    const till = await open(this.browser, { phone: true })
    await till.goto(`/sandbox/cashier/${code_url.match(/pr=([^&]+)/)[1]}`)
    await till.getByRole('button', { name: /确认支付/ }).click()
    await till.getByText(/支付成功|已支付/).first().waitFor()
    await this.see(till, 'cashier')
    await till.context().close()
  }

  /** Says yes to the question that the action asks first. */
  async agreeTo(page, action) {
    await action.click()
    await page.locator('.el-message-box').getByRole('button').last().click()
  }

  /** The back office of that member of staff, whose security key is plugged in; with `software` the sandbox's own is used. */
  async desk(name, { software = false, ...options } = {}) {
    const page = await open(this.browser, { ...options, base: DESK })
    if (!software) await plugIn(page, passkeyOf(name))
    await page.goto('/desk')
    await logIn(page, name)
    await page.waitForURL((u) => !/login/.test(u.pathname))
    return page
  }

  async deskOrder(page, id) {
    await page.goto(`/desk/orders/${id}`)
    await page.getByRole('heading', { level: 1, name: /^[\d ]+$/ }).waitFor() // its number
  }

  statementPin() {
    return eventually('the payout', async () => {
      const { entries } = await sandboxCall('GET', `/statement?account=${this.person.account_no}`)
      return entries.map((e) => e.remark?.match(/PIN码[:：]\s*([2-9A-Z]{12})/)?.[1]).find(Boolean)
    })
  }
}
