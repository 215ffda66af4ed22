// SPDX-License-Identifier: Apache-2.0
// The seal collection form, which the hall draws for every project that asks for it: number, code and version, on one sheet, under the
// name that the project gives it; and what is printed on it is what the upload is compared with.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import test from 'node:test'
import { Applicant, eventually, formFor, paper, person, scans } from '../lib/hall.mjs'

const textOf = (pdf) => execFileSync('pdftotext', ['-layout', '-', '-'], { input: pdf, encoding: 'utf8' })
const sheetsOf = (pdf) => Number(execFileSync('pdfinfo', ['-'], { input: pdf, encoding: 'utf8' }).match(/Pages:\s+(\d+)/)[1])
const collection = async (a) => Buffer.from(await (await a.print('collection')).arrayBuffer())

/** hunan asks for no account, and for the city alone. */
const ofHunan = (p, type) =>
  ({ ...formFor('hunan', p, type), auth_way: undefined, account_name: undefined, account_branch: undefined, account_no: undefined, mail_region: '4403' })

async function filled(slug, type, seal) {
  const p = await person(), a = new Applicant(slug)
  await a.loginSms(p.mobile)
  await a.draft(seal)
  await assert.rejects(a.print('collection'), (e) => e.status === 409)
  await a.save(slug === 'hunan' ? ofHunan(p, type) : formFor(slug, p, type))
  return { a, p }
}
const slotOf = (a) => a.order.papers.find((one) => one.template === 'collection')

test('#135 szjsgws: the 数字证书印模采集表 is drawn when the seal is wanted, and asked for by nobody else', async () => {
  const { a, p } = await filled('szjsgws', 'institution', true)
  assert.deepEqual([slotOf(a).code, slotOf(a).name, slotOf(a).looks], ['seal_form', '数字证书印模采集表', 'collection'])
  const pdf = await collection(a), text = textOf(pdf)
  for (const said of ['数字证书印模采集表', a.order.number, p.unit_name, '请在框内加盖公章印模']) assert.ok(text.includes(said), said)
  for (const hidden of [p.id_no, p.mobile, p.account_no]) assert.ok(!text.includes(hidden), 'no more than it is for')
  assert.equal(sheetsOf(pdf), 1)
  const without = (await filled('szjsgws', 'institution', false)).a
  assert.equal(slotOf(without), undefined)
  await assert.rejects(without.print('collection'), (e) => e.status === 404)
  const other = new Applicant('szjsgws')
  await other.loginSms((await person()).mobile)
  await assert.rejects(Object.assign(other, { order: a.order }).print('collection'), (e) => e.status === 404)
})

test('hunan: a unit presses its stamp into the frame, a person signs in it', async () => {
  const unit = await filled('hunan', 'institution'), one = await filled('hunan', 'natural')
  const [stamp, sign] = [textOf(await collection(unit.a)), textOf(await collection(one.a))]
  for (const said of ['数字证书印章采集表', unit.p.unit_name, '加盖公章印模', '经办人签名']) assert.ok(stamp.includes(said), said)
  for (const said of ['数字证书印章采集表', one.p.name, '手写签名', '申请人签名']) assert.ok(sign.includes(said), said)
  assert.ok(!/公章/.test(sign), 'nobody asks a person for a stamp')
})

test('the scan of what was drawn is known again; that of another order, or of before a change, is told', async () => {
  const { a, p } = await filled('szjsgws', 'institution', true), { a: other, p: q } = await filled('szjsgws', 'institution', true)
  await a.print()
  const scanOf = async (one, who) => (await scans(await collection(one), { ...who, framed: '', format: 'jpeg' }))[0]
  const [own, foreign] = [await scanOf(a, p), await scanOf(other, q)]
  const warningsOf = async (bytes) => {
    await a.upload('seal_form', bytes, 'scan.jpg', 'image/jpeg')
    return eventually('the machine\'s look', async () => {
      const { sheets } = (await a.refresh()).papers.find((one) => one.code === 'seal_form')
      return sheets[0].quality?.state === 'done' && sheets[0].quality.warnings.map((one) => one.code)
    })
  }
  assert.deepEqual(await warningsOf(own), [])
  const cut = await a.api('POST', `/sealpicture/orders/${a.order.id}/preview?item=1`, { json: { style: 'scan' } })
  assert.ok(cut.sm3, 'the stamp in the frame is what the seal is cut out of')
  assert.deepEqual(await warningsOf(foreign), ['order'])
  assert.deepEqual(await warningsOf(await paper('seal-form', { ...p, format: 'jpeg' })), ['no_code'])
})
