// SPDX-License-Identifier: Apache-2.0
// In place of the face: a transfer from one's own bank account, from the choice on the phone, by the bank's page of the sandbox, to the step that
// follows at the PC; what a wrong name leads to; and the list of finance.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Applicant, eventually, formFor, paper, person, sql, transferIn } from '../lib/hall.mjs'
import { DESK, launch, logIn, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

/** The PC waits, and the phone has read both sides of the card. */
async function atTheChoice() {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  await a.print()
  await a.uploadAll()
  const pc = await open(browser), phone = await open(browser, { phone: true })
  await withSession(pc, a)
  const [link] = await Promise.all([
    pc.waitForResponse((r) => r.url().endsWith('/link') && r.status() === 201).then((r) => r.json()),
    pc.goto(`/szjsgws/orders/${a.order.id}/phone`),
  ])
  await phone.goto(link.url)
  const sides = phone.locator('input[type=file]')
  for (const [i, side] of ['front', 'back'].entries())
    await Promise.all([
      phone.waitForResponse((r) => r.url().endsWith(`/${side}`) && r.status() === 200),
      sides.nth(i).setInputFiles({ name: `${side}.png`, mimeType: 'image/png', buffer: await paper(`idcard-${side}`, p) }),
    ])
  await eventually('the carrier', () => sql(`SELECT carrier FROM hall.identity WHERE order_id = '${a.order.id}'`) === 't')
  return { p, a, pc, phone }
}

test('from the choice to the next step, with the sandbox’s bank', async () => {
  const { p, pc, phone } = await atTheChoice()
  const ways = phone.getByRole('radio')
  assert.ok((await ways.count()) >= 2)
  assert.equal(await phone.getByRole('radio', { checked: true }).count(), 0, 'no way is chosen beforehand')
  await lookWhole(phone, 'ways')
  await ways.nth(0).focus()
  await phone.keyboard.press('ArrowDown') // with the keyboard
  await phone.getByText('这 0.01 元用于核验，不退还').waitFor()
  await lookWhole(phone, 'transfer-chosen')
  await phone.getByRole('button', { name: '获取收款账户和验证码' }).click()
  const code = (await phone.getByText(/^[A-HJ-NP-Z2-9]{8}$/).textContent()).trim()
  await phone.getByRole('status').getByText(/正在等待到账/).waitFor()
  await lookWhole(phone, 'transfer-code')
  await pc.getByRole('status').getByText(/已选择转账，等待到账/).waitFor()
  await pc.getByText(/有效时间 23:\d\d:\d\d/).waitFor()
  await lookWhole(pc, 'transfer-pc')

  const bank = await open(browser)
  await bank.goto('/sandbox/transfer')
  await bank.getByLabel('付款户名').fill(p.name)
  await bank.getByLabel('附言').fill(code)
  await bank.getByRole('button', { name: '转账' }).click()
  await bank.getByText(/已转出，银行流水号 C\d{14}/).waitFor()
  await lookWhole(bank, 'transfer-bank')
  await phone.getByRole('heading', { name: '认证通过' }).waitFor()
  await lookWhole(phone, 'transfer-passed')
  await pc.waitForURL(/\/payment/)
  for (const page of [pc, phone, bank]) assert.deepEqual(page.faults, [])
})

test('another name: the phone says what to do, and a new code is there at once; finance sees the transfer', async () => {
  const { p, pc, phone } = await atTheChoice()
  await phone.getByRole('radio', { name: /本人银行账户转账/ }).check()
  await phone.getByRole('button', { name: '获取收款账户和验证码' }).click()
  const shown = () => phone.getByText(/^[A-HJ-NP-Z2-9]{8}$/).textContent()
  const code = (await shown()).trim()
  await transferIn({ name: '王小明', account: '6222000011112222', amount: '0.01', remark: code })
  await phone.getByRole('alert').getByText(/户名与身份证上的姓名不一致/).waitFor()
  await lookWhole(phone, 'transfer-other-name')
  await pc.getByRole('alert').getByText(/户名与身份证上的姓名不一致/).waitFor()
  await phone.getByRole('button', { name: '获取新的验证码' }).click()
  await eventually('another code', async () => (await shown()).trim() !== code)
  await transferIn({ name: p.name, account: '6222000011112222', amount: '0.01', remark: (await shown()).trim() })
  await phone.getByRole('heading', { name: '认证通过' }).waitFor()

  const desk = await open(browser, { base: DESK })
  await desk.goto('/desk/entries')
  await logIn(desk, 'finance')
  await desk.getByRole('cell', { name: '户名不符' }).first().waitFor()
  assert.equal(await desk.getByText('王小明').count(), 0, 'masked')
  await lookWhole(desk, 'entries')
  const small = await open(browser, { base: DESK, phone: true })
  await small.goto('/desk/entries')
  await logIn(small, 'finance')
  await small.getByText('户名不符').first().waitFor()
  await lookWhole(small, 'entries-390')
  for (const page of [pc, phone, desk, small]) assert.deepEqual(page.faults, [])
})
