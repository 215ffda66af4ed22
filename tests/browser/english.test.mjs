// SPDX-License-Identifier: Apache-2.0
// The hall in English: whoever chooses it finds no Chinese on any page, but for what people typed, names of places and banks, and the
// texts that hold in Chinese alone.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { Applicant, formFor, person, sql, submitted } from '../lib/hall.mjs'
import { launch, look, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

/** What is Chinese on the page: texts, and what is said of controls and pictures. Elements that say so themselves (lang) are left out. */
const chinese = (page) =>
  page.evaluate(() => {
    const found = new Set(), note = (text) => /\p{Script=Han}/u.test(text ?? '') && found.add(text.trim())
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
      node.nodeType === 1 && (node.closest('[lang]')?.lang.startsWith('zh') || node.matches('script, style')) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT)
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      if (node.nodeType === 3) note(node.data)
      else for (const name of ['aria-label', 'placeholder', 'title', 'alt']) note(node.getAttribute(name))
    return [...found]
  })

/** Opens each address and compares; `own` is what the person typed; stars mask somebody's name. */
async function readThrough(page, addresses, own = []) {
  const left = {}
  for (const address of addresses) {
    await page.goto(address, { waitUntil: 'networkidle' })
    assert.equal(await page.locator('html').getAttribute('lang'), 'en', address)
    const said = (await chinese(page)).filter((text) => !text.includes('**') && !own.some((word) => text.includes(word) || word.includes(text)))
    if (said.length) left[address.replace(/[0-9a-f-]{36}/, '…')] = said
  }
  assert.deepEqual(left, {})
}

const typedIn = (...forms) => [...forms.flatMap((form) => Object.values(form).map(String)), '广东省', '电子签章专用']

/** A visitor who has chosen English. The page is there only with its button; the document says its language before that. */
async function english(options) {
  const page = await open(browser, options)
  await page.goto('/', { waitUntil: 'networkidle' })
  if (options?.phone) await page.getByRole('button', { name: '菜单' }).click()
  await page.getByRole('button', { name: 'English' }).click()
  await page.locator('html[lang=en]').waitFor({ state: 'attached' })
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.getByRole('button', { name: options?.phone ? 'Menu' : '中文' }).waitFor()
  return page
}

/** What other tests call the projects that they have made. */
const strangers = () => {
  const own = readdirSync(new URL('../../sql/demo', import.meta.url)).map((file) => `'${file.replace('.json', '')}'`)
  return sql(`SELECT unnest(ARRAY[name, title, intro]) FROM hall.project WHERE slug NOT IN (${own.join()})`).split('\n').filter(Boolean)
}

test('pages that everybody may see', async () => {
  const page = await english()
  await look(page, 'english-home')
  await readThrough(page, ['/', '/hall/login', '/szjsgws/login', '/jieyang/login', '/hall/products', '/hall/key-accounts', '/verify', '/ocsp/status', '/ocsp/ocspList',
    '/szjsgws/loss', '/szjsgws/lost-phone', '/szjsgws/help', '/szjsgws/code'], strangers())
  await page.getByRole('button', { name: '中文' }).click()
  await page.locator('html[lang=zh-CN]').waitFor({ state: 'attached' })
})

test('an application, from the agreements to the payment', async () => {
  const page = await english({ phone: true })
  const p = await person(), a = new Applicant('szjsgws'), form = formFor('szjsgws', p)
  await a.loginSms(p.mobile)
  await a.draft(true)
  await a.save(form)
  await a.print()
  await withSession(page, a)
  const order = `/szjsgws/orders/${a.order.id}`
  const own = typedIn(p, form)
  await readThrough(page, ['/szjsgws/apply', '/szjsgws/apply?business=new', ...['form', 'print', 'papers', 'phone', 'payment'].map((step) => `${order}/${step}`), order], own)
  const camera = new URL((await a.api('POST', `/paper/links/${a.order.id}`)).url), phone = await a.phone()
  await readThrough(page, [`${camera.pathname}${camera.hash}`, `/szjsgws/phone#t=${phone.token}`], own)
  await page.getByRole('heading', { name: /complete the verification/ }).waitFor()
  await look(page, 'english-phone')
})

test('an order after it was submitted, and the personal centre', async () => {
  const page = await english()
  const { a, p } = await submitted('szjsgws')
  await withSession(page, a)
  await readThrough(page, [`/szjsgws/orders/${a.order.id}`, '/szjsgws/orders', '/szjsgws/me', '/szjsgws/me/edit', '/szjsgws/me/password', '/szjsgws/me/phone', '/szjsgws/me/sessions', '/szjsgws/me/messages',
    '/szjsgws/me/privacy', '/szjsgws/me/units', '/szjsgws/me/closing'], typedIn(p, formFor('szjsgws', p)))
  const colleagues = new URL((await a.api('POST', `/orders/${a.order.id}/share`)).url)
  await readThrough(page, [`${colleagues.pathname}${colleagues.hash}`])
  await page.getByText(a.order.number.replace(/(\d{6})(?=\d)/g, '$1 ')).waitFor()
})
