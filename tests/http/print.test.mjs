// SPDX-License-Identifier: Apache-2.0
// The contents of the paper that a person prints, signs and stamps.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { before, describe } from 'node:test'
import { Applicant, formFor, person } from '../lib/hall.mjs'

/** The words of a PDF without the blanks between them: a narrow column breaks a label in two. */
function wordsOf(pdf) {
  const file = join(mkdtempSync(join(tmpdir(), 'pdf-')), 'form.pdf')
  writeFileSync(file, pdf)
  return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).replace(/\s+/g, '')
}

async function printed(slug, kind, more = {}) {
  const p = await person()
  const a = new Applicant(slug)
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save({ ...formFor(slug, p, kind), ...more })
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
  test('#82 #226 the unit entrusts its agent, who may not hand that on, and promises that all is true', () =>
    says(it.words, '委托', '无转委托权', '真实、完整', '涂改处须加盖公章'))
  test('#83 from the day of the application until all is done', () => says(it.words, '自申请之日起至委托事项办结止'))
  test('#121 #D23 the authority\'s name is that of the settings', async () => {
    const { brand } = await it.a.api('GET', '/gate/session')
    says(it.words, brand.name)
  })
})

/** Of each page, how far down its text reaches, in points of the 842 of A4. */
const pagesOf = (pdf) => execFileSync('pdftotext', ['-bbox', '-', '-'], { input: pdf, encoding: 'utf8' }).split('<page').slice(1)
  .map((page) => Math.max(...[...page.matchAll(/yMax="([\d.]+)"/g)].map(([, y]) => Number(y))))

test('a unit with long names signs one sheet, within its margins; names without end take another one', async () => {
  const long = await printed('szjsgws', 'institution', { unit_name: '广东省深圳市南山区示范电子商务与信息技术服务有限责任公司', unit_address: '粤海街道科技园社区科苑路 15 号科兴科学园 B 栋 12 楼 1201 室' })
  const [bottom, ...more] = pagesOf(long.pdf)
  assert.deepEqual(more, [], 'one page')
  assert.ok(bottom < 842 - 34, `${bottom}`)
  const longer = pagesOf((await printed('szjsgws', 'institution', { unit_name: `${'示范'.repeat(20)}有限公司`, unit_address: '深南大道一号'.repeat(15), mail_address: '深南大道一号'.repeat(15), agent_position: '经理' })).pdf)
  assert.equal(longer.length, 2)
  assert.ok(longer.every((y) => y < 842 - 34), longer.join())
})

describe('the form of a natural person', () => {
  let it
  before(async () => { it = await printed('jieyang', 'natural') })

  test('#115 #116 is signed by the applicant: no stamp, no unit, nobody entrusted', () => {
    says(it.words, '申请人签名', '申请人声明', '自然人证书')
    for (const none of ['公章', '单位名称', '委托', '经办人']) assert.ok(!it.words.includes(none), none)
  })
})
