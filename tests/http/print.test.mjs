// SPDX-License-Identifier: Apache-2.0
// The contents of the paper that a person prints, signs and stamps.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { before, describe } from 'node:test'
import { Applicant, bmp, formFor, person, sealItem } from '../lib/hall.mjs'
import { oneSheet, pagesOf } from '../lib/pdf.mjs'

/** The words of a PDF without the blanks between them: a narrow column breaks a label in two. */
function wordsOf(pdf) {
  const file = join(mkdtempSync(join(tmpdir(), 'pdf-')), 'form.pdf')
  writeFileSync(file, pdf)
  return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).replace(/\s+/g, '')
}

const fieldsOf = async (a) => (await a.api('GET', `/${a.business}/setup`)).blocks.flatMap((block) => block.fields)

/** Those of these values that the project asks for. */
async function printed(slug, kind, more = {}) {
  const p = await person()
  const a = new Applicant(slug)
  await a.loginSms(p.mobile)
  await a.draft(false)
  const form = { ...formFor(slug, p, kind), ...more }, asked = await fieldsOf(a)
  form.mail_region = { region2: '4403', region3: '440305', region4: '440305007' }[asked.find((field) => field.name === 'mail_region').kind]
  await a.save(Object.fromEntries(asked.map(({ name }) => [name, form[name]])))
  const pdf = Buffer.from(await (await a.print()).arrayBuffer())
  return { a, p, pdf, words: wordsOf(pdf) }
}

const says = (words, ...all) => all.forEach((one) => assert.ok(words.includes(one), `${one} stands on the paper: ${words}`))

describe('the form of an institution', () => {
  let it
  before(async () => { it = await printed('szjsgws') })

  test('#112 #120 #D26 carries the number of the application, eighteen digits that grow with time', () => {
    assert.match(it.a.order.number, /^1[0-9]{17}$/)
    says(it.words, it.a.order.number)
    assert.ok(Math.abs(Number(it.a.order.number.slice(0, 13)) - Date.now()) < 3600_000)
  })
  test('#119 kind of business, certificate, years, amount', () => says(it.words, '业务类型', '证书新办', '机构证书', '1年', '费用', '300.00元', '介质费100.00'))
  test('#119 the unit, its agent, a place for signature, date and stamp', () =>
    says(it.words, it.p.unit_name, it.p.unit_code, it.p.agent_name ?? it.p.name, it.p.mobile, '经办人签名', '日期', '（公章）'))
  test('#114 signed by the agent and stamped by the unit', () => says(it.words, '经办人签名：', `${it.p.unit_name}（公章）`))
  test('#82 #226 the legal person entrusts the unit\'s agent, who may not hand that on; the unit promises that all is true', () =>
    says(it.words, '本单位法定代表人委托上述经办人', '无转委托权', '真实、完整', '涂改处须加盖公章'))
  test('#83 from the day of the application until all is done', () => says(it.words, '自申请之日起至委托事项办结止'))
  test('#121 #D23 the authority\'s name is that of the settings', async () => {
    const { brand } = await it.a.api('GET', '/gate/session')
    says(it.words, brand.name)
  })
})

/** A form whose printed texts have the greatest length. */
async function longest(a, form) {
  const full = { ...form }
  for (const { name, kind, max } of await fieldsOf(a)) {
    if (form[name] === undefined) continue
    if (kind === 'text' && !/^(invoice|account)/.test(name)) full[name] = '粤海街道示范科技'.repeat(16).slice(0, max)
    if (kind === 'email') full[name] = `${'long'.repeat(16)}@${'example.'.repeat(9)}`.slice(0, max - 4) + '.com'
  }
  if (full.account_name) full.account_name = full.unit_name
  return full
}

describe('one sheet, which is signed and stamped', () => {
  const kinds = [['szjsgws', 'institution'], ['hunan', 'institution'], ['hunan', 'natural'], ['jieyang', 'institution'], ['jieyang', 'holder'],
    ['jieyang', 'natural'], ['neimenggu', 'institution'], ['meigu', 'institution'], ['everbright', 'institution']]
  for (const [slug, kind] of kinds)
    test(`${slug}, ${kind}: with everything filled in, and with texts without end`, async () => {
      const unit = kind !== 'natural' && { agent_position: '经理' }
      const { a, pdf } = await printed(slug, kind, { mail_postcode: '518000', publish_opt_out: true, ...unit })
      oneSheet(pdf, 'filled in')
      await a.save(await longest(a, a.order.form))
      oneSheet(Buffer.from(await (await a.print()).arrayBuffer()), 'as long as can be')
    })
})

test('seals: a few stand on the form, many in the annex, each sheet of which says what it belongs to', async () => {
  const p = await person(), a = new Applicant('seal', 'seal')
  await a.register(p.mobile, 'correct-horse-7')
  await a.draft()
  const print = async (kind) => Buffer.from(await (await a.print(kind)).arrayBuffer())
  const who = { ...p, name: '粤海街道示范科技'.repeat(7) }
  const seals = (n) => [sealItem('institution', 1, '粤海街道示范科技'.repeat(5)), ...Array.from({ length: n - 1 }, () => sealItem('individual', 1, '手写签名', who))]
  await a.save(await longest(a, { ...formFor('seal', p), items: seals(3) }))
  const few = await print('form')
  oneSheet(few, 'three seals')
  says(wordsOf(few), '机构章1', '机构个人章2')
  await a.save({ ...a.order.form, items: seals(40) })
  const many = await print('form')
  oneSheet(many, 'forty seals')
  says(wordsOf(many), '共40项，见证书附页')
  const sheets = pagesOf(await print('annex'))
  assert.ok(sheets.length > 1)
  const version = sheets[0].words.match(/版本([0-9a-f]{8})/)[1]
  for (const [i, { words, bottom }] of sheets.entries()) {
    says(words, a.order.number, `版本${version}`, `第${i + 1}页，共${sheets.length}页`)
    assert.ok(bottom < 842 - 34, `${bottom}`)
  }
  says(sheets.map((sheet) => sheet.words).join(''), '机构个人章39', '经办人签名')
})

test('#113 what a change alters on the paper asks for a new print, and nothing else does', async () => {
  for (const [slug, kind] of [['szjsgws', 'institution'], ['jieyang', 'holder']]) {
    const it = await printed(slug, kind), { a, p } = it, other = await person()
    const values = { text: '另一个', idcard: other.id_no, mobile: other.mobile, uscc: other.unit_code, email: 'other@example.com', account: other.account_no,
      bool: true, region2: '4401', region3: '440106', postcode: '518001' }
    let { words } = it
    for (const { name, kind: of } of await fieldsOf(a)) {
      const now = a.order.form[name], value = of === 'bool' ? !now : values[of]
      if (value === undefined || (now === undefined && of !== 'bool' && !/postcode|position/.test(name)) || /^(invoice|account)_/.test(name)) continue
      await a.save({ ...a.order.form, [name]: value, ...(name === 'unit_name' && a.order.form.account_name && { account_name: value }) })
      const asked = !a.order.printed
      const next = wordsOf(Buffer.from(await (await a.print()).arrayBuffer()))
      assert.equal(asked, next !== words, `${slug}: ${name}`)
      words = next
    }
    assert.ok(!words.includes(p.account_no), 'the bank account is not on it')
  }
})

test('#113 a new position of the agent: the old scan does not count any more', async () => {
  const { a } = await printed('szjsgws')
  await a.upload('form', bmp())
  await a.save({ ...a.order.form, agent_position: '总经理' })
  assert.equal(a.order.papers.find((one) => one.code === 'form').state, 'stale')
  await assert.rejects(a.upload('form', bmp()), { status: 409 })
})

describe('the form of a natural person', () => {
  let it
  before(async () => { it = await printed('jieyang', 'natural') })

  test('#115 #116 is signed by the applicant: no stamp, no unit, nobody entrusted', () => {
    says(it.words, '申请人签名', '申请人声明', '自然人证书')
    for (const none of ['公章', '单位名称', '委托', '经办人']) assert.ok(!it.words.includes(none), none)
  })
})
