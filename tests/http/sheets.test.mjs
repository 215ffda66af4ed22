// SPDX-License-Identifier: Apache-2.0
// A paper of several sheets: each is uploaded, checked, shown, replaced and deleted for itself; the slot is as good as the worst of them.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { Applicant, Staff, bmp, eventually, formFor, person, scans, sealItem, sql } from '../lib/hall.mjs'

const slot = (a, code = 'annex') => a.order.papers.find((one) => one.code === code)
const numbers = (a, code) => slot(a, code).sheets.map((one) => one.sheet)

/** The slot, and what is doubted of its sheets, when all were looked at. */
const looked = (a, code = 'annex') => eventually('the look', async () => {
  await a.refresh()
  return slot(a, code).sheets.every((one) => one.quality.state !== 'queued') && slot(a, code).sheets.map((one) => one.quality.warnings.map((it) => it.code).join(' '))
})

/** An order of forty seals, whose annex runs to several sheets. */
async function manySeals() {
  const p = await person(), a = new Applicant('seal', 'seal')
  await a.register(p.mobile, 'correct-horse-7')
  await a.draft()
  const item = sealItem('institution', 1, p.unit_name)
  await a.save({ ...formFor('seal', p), items: [item, ...Array.from({ length: 39 }, () => sealItem('individual', 1, '手写签名', p))] })
  await a.print()
  const pdf = Buffer.from(await (await a.print('annex')).arrayBuffer())
  return { a, p, pdf, sheets: await scans(pdf, { ...p, unit_name: p.unit_name, format: 'jpeg' }) }
}

describe('the annex of many seals', () => {
  let a, p, pdf, sheets
  const add = (bytes, sheet = 0, type = 'image/jpeg') => a.upload('annex', bytes, 'scan', type, sheet)
  const read = async (sheet) => a.fetch('GET', `/seal/api/paper/orders/${a.order.id}/annex?sheet=${sheet}`)
  before(async () => { ({ a, p, pdf, sheets } = await manySeals()) })

  test('one sheet alone: the others are told by their numbers, and the stamp is not asked of it', async () => {
    assert.ok(sheets.length >= 2 && slot(a).sheets_max >= sheets.length, `${sheets.length} sheets`)
    assert.equal((await add(sheets[0])).paper.sheet, 1)
    assert.deepEqual(await looked(a), ['sheets no_stamp'])
    assert.match(slot(a).sheets[0].quality.warnings[0].text, new RegExp(`还差第 ${sheets.slice(1).map((_, i) => i + 2).join('、')} 页`))
  })
  test('with all of them nothing is doubted, in whatever order they come; the last is stamped', async () => {
    for (const sheet of sheets.slice(1)) await add(sheet)
    assert.deepEqual(await looked(a), sheets.map(() => ''))
    assert.deepEqual(numbers(a), sheets.map((_, i) => i + 1))
    assert.equal(slot(a).state, 'ok')
    for (const [i, sheet] of sheets.entries()) assert.deepEqual(Buffer.from(await (await read(i + 1)).arrayBuffer()), sheet)
    assert.equal((await read(sheets.length + 1)).status, 404)
  })
  test('a sheet twice: the one that it was taken for is missing', async () => {
    await add(sheets[0], 2)
    assert.match((await looked(a))[0], /^sheets/)
    assert.match(slot(a).sheets[0].quality.warnings[0].text, /还差第 2 页/)
    await add(sheets[1], 2)
    assert.deepEqual(await looked(a), sheets.map(() => ''))
  })
  test('a sheet of another order is told of that sheet', async () => {
    const other = await manySeals()
    await add(other.sheets[1], 2)
    assert.deepEqual((await looked(a))[1].split(' ')[0], 'order')
    await add(sheets[1], 2)
  })
  test('a sheet is deleted, and its place is the next that is free', async () => {
    await a.api('DELETE', `/paper/orders/${a.order.id}/annex?sheet=1`)
    await looked(a)
    assert.deepEqual(numbers(a), sheets.slice(1).map((_, i) => i + 2))
    await assert.rejects(a.api('DELETE', `/paper/orders/${a.order.id}/annex?sheet=1`), { status: 404 })
    assert.equal((await add(sheets[0])).paper.sheet, 1)
  })
  test('no more than the slot takes', async () => {
    const most = slot(a).sheets_max
    for (let n = sheets.length; n < most; n++) await add(sheets[0])
    await assert.rejects(add(sheets[0]), { status: 409, message: new RegExp(`最多上传 ${most} 张`) })
    assert.equal(sql(`SELECT count(*) FROM hall.paper WHERE order_id = '${a.order.id}' AND code = 'annex' AND state <> 'replaced'`), String(most))
  })
  test('a PDF has all sheets: it takes their place, and no picture comes beside it', async () => {
    const gone = slot(await a.refresh() && a).sheets.map((one) => one.id)
    assert.equal((await add(pdf, 3, 'application/pdf')).paper.sheet, 1)
    await looked(a)
    assert.deepEqual(numbers(a), [1])
    assert.deepEqual((await looked(a)), ['no_stamp'], 'all sheets are in it; the print itself bears no stamp')
    assert.equal(sql(`SELECT sum(octet_length(file_key)) FROM hall.paper WHERE id IN (${gone.map((id) => `'${id}'`)})`), '0')
    await assert.rejects(add(sheets[1]), { status: 409, message: /PDF.*全部页面/ })
    assert.equal((await add(sheets[0], 1)).paper.sheet, 1)
  })
  test('a change of the form makes all sheets stale, and the first new one takes their place', async () => {
    await add(sheets[1], 2)
    await a.save({ ...a.order.form, agent_position: '总经理' })
    assert.equal(slot(a).state, 'stale')
    await a.print()
    const again = await scans(Buffer.from(await (await a.print('annex')).arrayBuffer()), { ...p, format: 'jpeg' })
    assert.equal((await add(again[0])).paper.sheet, 1)
    await a.refresh()
    assert.deepEqual(numbers(a), [1])
    await add(again[1])
    for (const sheet of again.slice(2)) await add(sheet)
    assert.deepEqual(await looked(a), again.map(() => ''))
  })
})

test('reviewers see every sheet, a rejection is of the whole paper, and one new sheet answers it', async () => {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  await a.print()
  await a.refresh()
  for (const { code } of a.order.papers) await a.upload(code, bmp())
  await a.upload('form', bmp(40), 'b.bmp', 'image/bmp', 0)
  await a.refresh()
  assert.deepEqual(numbers(a, 'form'), [1, 2])
  await assert.rejects(a.upload('form', bmp(), 'c.bmp', 'image/bmp', 5), { status: 409, message: /最多上传 4 张/ })
  await a.upload('licence', bmp(), 'c.bmp', 'image/bmp', 0)
  assert.deepEqual((await a.refresh()) && numbers(a, 'licence'), [1], 'a paper of one sheet has one')
  assert.equal((await a.authenticate(p)).state, 'passed')
  await a.refresh()
  await a.step('submit')
  await a.pay()
  const review = await new Staff().login('review')
  const seen = await review.read(a.order.id)
  assert.deepEqual(seen.papers.find((one) => one.code === 'form').sheets.map((one) => one.sheet), [1, 2])
  const at = (sheet) => review.fetch('GET', `/desk/api/review/orders/${a.order.id}/papers/form?sheet=${sheet}`)
  assert.deepEqual(Buffer.from(await (await at(2)).arrayBuffer()), bmp(40))
  assert.equal((await at(3)).status, 404)
  assert.ok(sql(`SELECT count(*) FROM hall.audit WHERE subject = '${a.order.id}' AND detail ->> 'read' = 'paper/form/2'`) !== '0')
  await review.act(a.order.id, 'reject', { reasons: [{ pointer: '/papers/form', text: '第二页不清晰' }] })
  await a.refresh()
  assert.deepEqual([slot(a, 'form').state, slot(a, 'form').reason], ['rejected', '第二页不清晰'])
  await a.upload('form', bmp(48), 'b.bmp', 'image/bmp', 2)
  await a.refresh()
  assert.deepEqual([slot(a, 'form').state, slot(a, 'form').reason, numbers(a, 'form').length], ['ok', null, 2])
})
