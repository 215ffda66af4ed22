// SPDX-License-Identifier: Apache-2.0
// Electronic seals bought from the front page: the product, three kinds of seals in one form, two papers printed, the random code
// entered before the review, production and parcel.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { codeOf } from '../lib/finauth.mjs'
import { Applicant, URL_BASE, eventually, formFor, inbox, messages, paper, person, scans, sealItem } from '../lib/hall.mjs'
import { Journey, putSheets } from './journey.mjs'
import { launch, look, open, sign } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

const PASSWORD = 'correct-horse-7'
const without = (values, names) => Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)))

class SealJourney extends Journey {
  /** The project only has log-in by password, so a new applicant registers first. */
  async register() {
    const { page, person: p } = this
    await page.getByRole('tab', { name: /注册/ }).click()
    const visible = (selector) => page.locator(selector).filter({ visible: true }).first()
    await visible('input[id$=phone]').fill(p.mobile)
    await this.button(/获取/).filter({ visible: true }).first().click()
    await visible('input[id$=code]').fill(await eventually('the code', async () => (await messages(p.mobile))[0]?.text.match(/\d{6}/)?.[0]))
    await visible('input[id$=password]').fill(PASSWORD)
    await visible('input[id$=again]').fill(PASSWORD)
    await this.see(page, 'register')
    await visible('button[type=submit]').click()
    await page.waitForURL('**/seal/apply')
  }

  kind(name) {
    return this.page.locator('fieldset.kind').filter({ has: this.page.locator('legend', { hasText: new RegExp(`^${name}`) }) })
  }

  seal(name) {
    return this.page.getByRole('region', { name, exact: true })
  }

  /** Institution seal for one year, two business seals, one personal seal; another one is added and deleted again. */
  async chooseSeals(holder) {
    const { page } = this
    const years = (box, label) => box.locator('label.choice', { hasText: label }).first().getByRole('radio').check({ force: true })
    await years(this.kind('机构章'), '1 年')
    await years(this.kind('机构业务章'), '3 年')
    await this.kind('机构业务章').getByRole('button', { name: '取消' }).click()
    await this.seal('机构业务章').waitFor({ state: 'detached' })
    await years(this.kind('机构业务章'), '1 年')
    await this.kind('机构业务章').getByRole('spinbutton').fill('2')
    await this.kind('机构业务章').getByRole('spinbutton').press('Enter')
    await this.button('添加机构个人章').click()
    await this.button('添加机构个人章').click()
    await this.seal('机构个人章 2').getByRole('button', { name: '删除' }).click()
    await years(this.seal('机构个人章'), '2 年')
    await this.seal('机构章').getByLabel('印章名称').fill(this.person.unit_name)
    await this.seal('机构业务章 1').getByLabel('印章名称').fill('合同专用章')
    await this.seal('机构业务章 2').getByLabel('印章名称').fill('财务专用章')
    await this.seal('机构个人章').getByLabel('姓名').fill(holder.name)
    await this.seal('机构个人章').getByLabel('身份证号').fill('440305199001010011')
    await this.button('下一步').click()
    await page.getByText('身份证号码不正确').first().waitFor()
    await this.see(page, 'form-errors')
    await this.seal('机构个人章').getByLabel('身份证号').fill(holder.id_no)
    assert.equal(await this.seal('机构个人章').getByLabel('印章名称').inputValue(), holder.name, 'a person\'s seal bears the name')
  }

  /** Form and annex, each opened once; only then does the next step open. */
  async printBoth() {
    const { page } = this
    for (const name of [/打开申请表/, /打开证书附页/]) {
      assert.ok(await this.button('下一步').isDisabled(), 'both are wanted')
      const [pdf] = await Promise.all([page.context().waitForEvent('page').catch(() => null), page.getByRole('link', { name }).click()])
      await pdf?.close()
      await page.getByText(name.source === '打开申请表' ? '已打开当前版本的申请表' : '已打开当前版本的证书附页').waitFor()
    }
    await eventually('the next step open', () => this.button('下一步').isEnabled())
    await this.see(page, 'print')
  }

  /** The hall's print, stamped by the sandbox's unit. */
  async stamped(file) {
    const cookie = (await this.page.context().cookies()).map((c) => `${c.name}=${c.value}`).join('; ')
    const pdf = await fetch(`${URL_BASE}/seal/api/seal/orders/${this.orderId}/${file}`, { headers: { cookie } })
    return scans(Buffer.from(await pdf.arrayBuffer()), this.person)
  }

  async upload(holder) {
    const { page, person: p } = this
    const papers = { 'holder_id-4': await paper('idcard-front', holder), 'holder_id_back-4': await paper('idcard-back', holder), form: await this.stamped('form.pdf'), licence: await paper('licence', p),
      agent_id: await paper('idcard-front', p), agent_id_back: await paper('idcard-back', p), seal_form: await paper('seal-form', p), annex: await this.stamped('annex.pdf') }
    const cards = await page.locator('li[id^="m-"]').all()
    const codes = await Promise.all(cards.map(async (card) => (await card.getAttribute('id')).slice(2)))
    assert.deepEqual(codes, Object.keys(papers), 'scans of persons come first')
    await page.getByRole('link', { name: /模板下载/ }).waitFor()
    for (const [at, card] of cards.entries()) {
      await putSheets(card, codes[at], papers[codes[at]])
    }
    await this.acceptAllSealPictures()
    await this.see(page, 'papers')
  }

  async acceptAllSealPictures() {
    const { page } = this, next = this.button('下一步'), accepts = page.getByRole('button', { name: '确认使用此样式' })
    for (;;) {
      await eventually('a picture to accept, or all accepted', async () => (await next.isEnabled()) || (await accepts.count()) > 0)
      if (await next.isEnabled()) return
      const one = await accepts.first().elementHandle()
      await one.click()
      await page.waitForFunction((button) => !button.isConnected || !/使用/.test(button.textContent), one)
    }
  }
}

test('#5 #23 #28 #39 #43 #68 #95 #100 #103 #113 #117 #129 #154 #158 #163 #184 #192 seal: from the front page to the receipt', async () => {
  const page = await open(browser)
  const [p, holder] = [await person(), await person()]
  const j = new SealJourney(browser, page, 'seal', 'seal', p, 'seal')
  await page.goto('/')
  await page.getByRole('region', { name: '产品方案' }).getByRole('link', { name: /电子签章/ }).click()
  await page.getByRole('link', { name: '立即购买' }).waitFor()
  for (const link of ['使用指引（签章已办理成功）', '免费体验', '驱动和盖章工具下载', '常见问题']) await page.getByRole('link', { name: link }).first().waitFor()
  await j.see(page, 'product')
  await page.getByRole('link', { name: '立即购买' }).click()
  await page.waitForURL(/\/seal\/login/)
  await j.register()
  await j.agree()
  await page.getByRole('heading', { name: '签章办理流程指引' }).waitFor()
  await j.see(page, 'notice')
  await j.button(/我已知悉/).click()
  await page.waitForURL(/\/form$/)

  await page.locator('#f-items').waitFor()
  await j.chooseSeals(holder)
  await j.fill(without(formFor('seal', p), ['items', 'unit_doc_type', 'auth_way', 'invoice_purpose']))
  await page.locator('.delivery').getByText('13.00').first().waitFor()
  await page.locator('.delivery').getByText('寄付').first().waitFor()
  await j.see(page, 'form-filled')
  await j.next('print')
  await j.printBoth()
  await j.next('papers')
  await j.upload(holder)
  await Promise.all([j.phone(), j.button('下一步').click()])
  await page.getByText('2,948.00').or(page.getByText('2948.00')).first().waitFor()
  const id = j.orderId
  await j.pay()
  const detail = async () => {
    await page.goto(`/seal/orders/${id}`)
    await page.getByRole('heading', { name: '签章（4 枚）' }).waitFor()
  }
  const code = await codeOf(p.account_no)
  const toCode = page.getByRole('link', { name: '填写随机码' })
  await eventually('the code wanted', async () => {
    await detail()
    return toCode.isVisible()
  })
  await j.see(page, 'verifying')
  await toCode.click()
  await page.getByLabel('随机码', { exact: false }).first().fill(code)
  await j.see(page, 'code')
  await page.getByRole('button', { name: '确认' }).click()
  await page.getByRole('heading', { name: '随机码正确，业务单已提交审核' }).waitFor()
  await j.see(page, 'result')
  await j.button('查看办理进度').click()
  await page.getByText('待审核').filter({ visible: true }).first().waitFor()
  await j.see(page, 'detail')

  const reviewer = await j.desk('review')
  await j.deskOrder(reviewer, id)
  await reviewer.getByText('合同专用章').first().waitFor()
  await j.see(reviewer, 'desk-review')
  await sign(reviewer, reviewer.getByRole('button', { name: '审核通过' }))
  await inbox(p.mobile, /审核通过/)
  await eventually('the order accepted', async () => {
    await detail()
    return page.getByText('成功受理', { exact: true }).first().isVisible()
  })

  const producer = await j.desk('produce')
  await j.deskOrder(producer, id)
  await sign(producer, producer.getByRole('button', { name: '制作证书' }))
  await producer.locator('#tracking').waitFor({ timeout: 60000 })
  await j.see(producer, 'desk-produced')
  const pin = await inbox(p.mobile, /PIN 码为/)
  assert.ok(pin, 'the PIN goes to the agent after production')
  await producer.locator('#tracking').fill('JDX0001234567')
  await producer.getByRole('button', { name: '登记寄出' }).click()
  await inbox(p.mobile, /JDX0001234567/)
  await detail()
  await page.getByText('JDX0001234567').first().waitFor()
  await j.see(page, 'detail-shipped')
  await j.agreeTo(page, j.button('确认签收'))
  await page.getByText('已完成').first().waitFor()
  for (const one of [page, reviewer, producer]) await one.context().close()
})

test('product and editor of seals at phone width', async () => {
  const p = await person()
  const a = new Applicant('seal', 'seal')
  await a.register(p.mobile, PASSWORD)
  await a.draft()
  await a.save({ items: [sealItem('institution', 1, p.unit_name), sealItem('business', 1, '合同专用章'), sealItem('individual', 2, p.name, p)] }, false)
  const page = await open(browser, { phone: true })
  await page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: new URL(URL_BASE).origin })))
  for (const [path, sign, name] of [['/hall/products/seal', page.getByRole('link', { name: '立即购买' }), 'product'],
    ['/hall/products', page.getByRole('heading', { name: '处处可验' }), 'products'],
    [`/seal/orders/${a.order.id}/form`, page.getByRole('button', { name: '添加机构个人章' }), 'form']]) {
    await page.goto(path)
    await sign.waitFor()
    await look(page, `seal-narrow-${name}`)
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} does not scroll sideways`)
  }
  await page.context().close()
})
