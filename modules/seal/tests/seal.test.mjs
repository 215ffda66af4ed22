// SPDX-License-Identifier: Apache-2.0
// Electronic seals as a product, over HTTP: the offer, what is refused, limits among orders that race, prices, papers.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Applicant, Client, Staff, bmp, eventually, formFor, paper, payAt, person, sealItem, sql } from '../../../tests/lib/hall.mjs'

const PASSWORD = 'correct-horse-7'

async function applicant(p) {
  const a = new Applicant('seal', 'seal')
  await a.register(p.mobile, PASSWORD)
  return a
}

/** A draft with these items, its form complete. */
async function draft(a, p, items = [sealItem('institution', 1, p.unit_name)], more = {}) {
  await a.draft()
  return a.save({ ...formFor('seal', p), items, ...more })
}

async function printed(a) {
  await a.print()
  await a.print('annex')
}

/** Brings an order to the payment. Steps that other tests are about are written into the database. */
async function handIn(a) {
  await printed(a)
  for (const { code, state } of a.order.papers) if (state !== 'ok') await a.upload(code, bmp())
  sql(`UPDATE hall.orders SET phone_state = 'passed' WHERE id = '${a.order.id}'`)
  await a.acceptSealPicture()
  await a.refresh()
  return a.step('submit')
}
const refused = async (promise, status, ...pointers) => {
  const e = await promise.then(() => assert.fail('not refused'), (problem) => problem)
  assert.equal(e.status, status, e.message)
  const said = (e.body.errors ?? []).map((one) => one.pointer)
  for (const pointer of pointers) assert.ok(said.includes(pointer), `${pointer} among ${said}`)
  return e
}

function textOf(bytes) {
  const file = join(mkdtempSync(join(tmpdir(), 'pdf-')), 'paper.pdf')
  writeFileSync(file, bytes)
  return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' })
}
const textOfAnswer = async (res) => textOf(Buffer.from(await res.arrayBuffer()))

test('#5 #23 #34 #35 #36 #39 the product is offered to everybody: kinds, numbers, prices of one to five years, links', async () => {
  const offer = await new Client().call('GET', '/seal/api/seal/product')
  assert.deepEqual(offer.types.map((t) => [t.code, t.person, t.most]), [['institution', 'institution', 1], ['business', 'institution', 8], ['individual', 'holder', null]])
  for (const type of offer.types) assert.deepEqual(type.years.map((y) => y.years), [1, 2, 3, 4, 5])
  assert.match(offer.entry, /^\/seal\/getLogin\?projectId=[0-9a-f]{32}$/)
  assert.deepEqual(offer.links.filter((l) => l.kind === 'link').map((l) => l.label.replace(/（.*/, '')), ['使用指引', '免费体验', '驱动和盖章工具下载', '常见问题'])
  await refused(new Client().call('GET', '/szjsgws/api/seal/product'), 404)
})

test('the home page is told the names of what is offered, and what is a product of the hall', async () => {
  const { businesses } = await new Client().call('GET', '/hall/api/gate/home')
  assert.deepEqual(businesses.map((b) => [b.code, b.name, b.product?.points.length]), [['new', '证书新办', undefined], ['reissue', '介质遗失补办', undefined], ['seal', '电子签章', 3], ['renew', '证书更新', undefined], ['change', '信息变更', undefined]])
  assert.match(businesses[2].product.text, /单位公章/)
})

test('#62 #63 #64 #65 #68 agreements in two boxes and the process guide: all of them, or no draft; each is on record', async () => {
  const p = await person()
  const a = await applicant(p)
  const { agreements, notices } = await a.api('GET', '/seal/setup')
  assert.deepEqual(agreements.map((g) => [g.code, g.box]), [['service', 1], ['policy', 1], ['privacy', 1], ['sensitive', 2]])
  assert.deepEqual(notices.map((n) => n.code), ['seal_guide'])
  const all = [...agreements, ...notices].map(({ code, version }) => ({ code, version }))
  for (const lacking of all)
    await refused(a.api('POST', '/seal/orders', { json: { agreements: all.filter((one) => one !== lacking) } }), 422, '/agreements')
  await a.draft()
  assert.equal(sql(`SELECT string_agg(code, ' ' ORDER BY code) FROM hall.consent WHERE order_id = '${a.order.id}'`), 'policy privacy seal_guide sensitive service')
})

test('#39 #51 #52 #54 #103 #154 a price of named parts: items by their years, courier by the address', async () => {
  const p = await person()
  const other = await person()
  const a = await applicant(p)
  await draft(a, p)
  assert.equal(a.order.price.total, 104800)
  assert.equal(a.order.price.parts.find((part) => part.part === 'courier').fen, 1300)
  assert.match(a.order.delivery.text, /寄付/)
  await a.save({ ...formFor('seal', p), mail_region: '540121100' }, false)
  assert.equal(a.order.price.total, 103500, 'where the prepaid courier does not go, the fee is paid at the door')
  assert.match(a.order.delivery.text, /到付/)
  await a.save({ ...formFor('seal', p), items: [sealItem('institution', 2, p.unit_name), sealItem('business', 1, '合同专用章'), sealItem('business', 1, '财务专用章'),
    sealItem('individual', 3, '手写签名', other)] })
  const parts = Object.fromEntries(a.order.price.parts.map((part) => [part.part, part.fen]))
  assert.deepEqual(parts, { certificate: 80000 + 2 * 30000 + 60000, medium: 4 * 10000, seal: 107000 + 2 * 20000 + 30000, courier: 1300 })
  assert.deepEqual(a.order.items.map((i) => [i.item, i.name, i.years]), [[1, '机构章', 2], [2, '机构业务章', 1], [3, '机构业务章', 1], [4, '机构个人章', 3]])
})

test('#34 #35 #43 #95 each wrong item is named by its place', async () => {
  const p = await person()
  const a = await applicant(p)
  await a.draft()
  const good = { institution: sealItem('institution', 1, p.unit_name), business: sealItem('business', 1, '合同专用章'), individual: sealItem('individual', 1, '签名', p) }
  const without = (item, name) => Object.fromEntries(Object.entries(item).filter(([key]) => key !== name))
  const cases = [
    [[], '/form/items'],
    [[good.institution, good.institution], '/form/items/1'],
    [Array(9).fill(good.business), '/form/items/8'],
    [[good.business, { ...good.business, years: 2 }], '/form/items/1/years'],
    [[{ ...good.institution, years: 6 }], '/form/items/0/years'],
    [[without(good.institution, 'years')], '/form/items/0/years'],
    [[{ ...good.institution, cert_type: 'natural' }], '/form/items/0/cert_type'],
    [[good.institution, good.business, { ...good.individual, holder_id: '440305199001010010' }], '/form/items/2/holder_id'],
    [[without(good.individual, 'holder_name')], '/form/items/0/holder_name'],
    [[{ ...good.institution, holder_id: p.id_no }], '/form/items/0/holder_id'],
    [[{ ...good.institution, style: 'painted' }], '/form/items/0/style'],
    [[without(good.institution, 'style')], '/form/items/0/style'],
    [[without(good.institution, 'seal_name')], '/form/items/0/seal_name'],
    [[{ ...good.institution, seal_name: '章'.repeat(41) }], '/form/items/0/seal_name'],
    [[{ ...good.institution, colour: 'red' }], '/form/items/0/colour'],
    [['institution'], '/form/items/0'],
    [{ 0: good.institution }, '/form/items'],
    [Array(41).fill(good.individual), '/form/items'],
  ]
  for (const [items, pointer] of cases) await refused(a.save({ ...formFor('seal', p), items }), 422, pointer)
  await a.save({ items: [without(good.individual, 'holder_id')] }, false) // a draft may lack what people type in later
  await refused(a.save({ items: [without(good.individual, 'years')] }, false), 422, '/form/items/0/years')
  await a.save({ ...formFor('seal', p), items: [good.institution, ...Array(8).fill(good.business), good.individual, { ...good.individual, years: 5 }] })
  assert.equal(a.order.items.length, 11)
  assert.equal(sql(`SELECT count(*) FROM hall.order_item WHERE order_id = '${a.order.id}' AND (subject LIKE '%${p.name}%' OR seal_name = '签名')`), '0',
    'names of persons are encrypted or masked')
})

test('#39 #84 to #92 #96 #97 #100 #101 #104 #105 #106 #109 #110 the form asks for what the guide asks for, and says how', async () => {
  const a = await applicant(await person())
  const { blocks, steps } = await a.api('GET', '/seal/setup')
  assert.deepEqual(steps.map((s) => s.label), ['选择应用', '录入信息', '打印申请表', '上传资料', '在线认证', '在线支付'])
  const fields = Object.fromEntries(blocks.flatMap((b) => b.fields).map((f) => [f.name, f]))
  assert.deepEqual(blocks.map((b) => b.key), ['items', 'unit', 'legal', 'agent', 'account', 'mailing', 'invoice', 'publish'])
  assert.deepEqual(Object.values(fields).filter((f) => !f.required).map((f) => f.name), ['mail_postcode', 'publish_opt_out'])
  assert.equal(fields.unit_region.kind, 'region2')
  assert.equal(fields.mail_region.kind, 'region4')
  for (const [name, hint] of [['auth_way', /0\.01 元.*随机码/], ['agent_mobile', /实名/], ['agent_email', /发票/], ['unit_region', /证件上的省市/], ['mail_address', /详细地址/]])
    assert.match(fields[name].hint, hint)
  assert.deepEqual(fields.items.members.map((m) => m.name), ['cert_type', 'years', 'holder_name', 'holder_id', 'style', 'seal_name'])
  assert.deepEqual(fields.items.members.find((m) => m.name === 'style').options.map((o) => o.label), ['根据印模样式抠图制作', '工具自动生成'])
  assert.ok(fields.items.locked_when_paid)
})

test('#107 #D16 the tax number: an enterprise must give it, a person or a government body need not', async () => {
  const p = await person()
  const a = await applicant(p)
  await a.draft()
  const form = { ...formFor('seal', p), invoice_tax_no: undefined }
  await refused(a.save(form), 422, '/form/invoice_tax_no')
  for (const invoice_kind of ['person', 'government']) assert.ok((await a.save({ ...form, invoice_kind })).form_complete)
})

test('#53 #112 #117 #131 form, annex and collection form: what they say, and that both are printed before anything else', async () => {
  const p = await person()
  const other = await person()
  const a = await applicant(p)
  await a.draft()
  await refused(a.print('annex'), 409)
  await refused(a.print('collection'), 409)
  await a.save({ ...formFor('seal', p), items: [sealItem('institution', 1, p.unit_name), sealItem('individual', 2, '手写签名', other)] })
  const form = await textOfAnswer(await a.print())
  assert.equal(a.order.next.text, '请打印证书附页。')
  await refused(a.upload('annex', bmp()), 409)
  const annex = await textOfAnswer(await a.print('annex'))
  const collection = await textOfAnswer(await a.print('collection'))
  for (const said of ['机构章', '机构个人章', other.name, other.id_no, '2 年', '公章']) for (const text of [form, annex]) assert.ok(text.includes(said), said)
  for (const said of ['证书附页', a.order.number]) assert.ok(annex.includes(said), said)
  for (const said of ['电子签章采集表', '加盖公章印模', '手写签名', other.name, p.unit_name]) assert.ok(collection.includes(said), said)
  assert.ok(!annex.includes(p.account_no) && !collection.includes(other.id_no), 'no more than each is for')
  assert.equal(a.order.next.step, 'papers')
  await a.save({ ...formFor('seal', p), items: [sealItem('institution', 1, p.unit_name)] })
  assert.deepEqual([a.order.printed, a.order.annex_printed], [false, false], 'another seal: both are printed anew')
  const stranger = await applicant(await person())
  for (const paper of ['form', 'annex', 'collection']) await refused(Object.assign(stranger, { order: a.order }).print(paper), 404)
})

test('#125 #126 #128 #129 #130 #132 papers, each in its formats; scans of persons come first, and go with them', async () => {
  const p = await person()
  const [x, y] = [await person(), await person()]
  const a = await applicant(p)
  const of = (...who) => [sealItem('institution', 1, p.unit_name), ...who.map((one) => sealItem('individual', 1, '签名', one))]
  await draft(a, p, of(x, y))
  await printed(a)
  assert.deepEqual(a.order.papers.map((m) => m.code), ['holder_id-2', 'holder_id-3', 'holder_id_back-2', 'holder_id_back-3', 'form', 'licence',
    'agent_id', 'agent_id_back', 'seal_form', 'annex'])
  assert.ok(a.order.papers.filter((m) => m.code !== 'seal_form').every((m) => m.stamped))
  assert.match(a.order.papers.find((m) => m.code === 'licence').note, /新版/)
  const pdf = Buffer.from(await (await a.print('collection')).arrayBuffer())
  for (const { code } of a.order.papers) {
    const sent = a.upload(code, pdf, 'scan.pdf', 'application/pdf')
    if (['form', 'licence'].includes(code)) await refused(sent, 415)
    else await sent
  }
  await refused(a.upload('holder_id-4', bmp()), 404)
  await refused(a.upload('holder_id', bmp()), 404)
  await a.save({ ...formFor('seal', p), items: of(y) })
  const states = () => Object.fromEntries(a.order.papers.map((m) => [m.code, m.state]))
  assert.deepEqual(states(), { 'holder_id-2': 'ok', 'holder_id_back-2': 'ok', form: 'missing', licence: 'missing', agent_id: 'ok', agent_id_back: 'ok',
    seal_form: 'stale', annex: 'stale' })
  await a.api('DELETE', `/paper/orders/${a.order.id}/holder_id-2`)
  await a.refresh()
  assert.equal(states()['holder_id-2'], 'missing')
})

test('#34 one unit, one institution seal: two orders of it race for the limit, and money that came is not lost', async () => {
  const p = await person()
  const q = { ...(await person()), unit_name: p.unit_name, unit_code: p.unit_code }
  const [a, b, c] = [await applicant(p), await applicant(q), await applicant(await person())]
  for (const [who, of] of [[a, p], [b, q]]) {
    await draft(who, of)
    await handIn(who)
    assert.equal(who.order.state, 'unpaid', 'nobody has paid yet: neither is in the way')
  }
  const opened = await Promise.all([a.openPayment(), b.openPayment()])
  await Promise.all(opened.map(payAt))
  for (const who of [a, b]) await eventually('the payment', async () => (await who.refresh()).payment.state === 'paid')
  const orders = `('${a.order.id}', '${b.order.id}')`
  assert.equal(sql(`SELECT count(DISTINCT counts_from) FROM hall.orders WHERE id IN ${orders}`), '2', 'one was first')
  sql(`UPDATE hall.orders SET state = 'in_review', finauth = 'verified' WHERE id IN ${orders}`)
  const reviewer = await new Staff().login('review')
  const verdicts = await Promise.allSettled([a, b].map((who) => reviewer.act(who.order.id, 'approve')))
  assert.deepEqual(verdicts.map((v) => v.status).sort(), ['fulfilled', 'rejected'])
  const lost = verdicts.find((v) => v.status === 'rejected').reason
  assert.equal(lost.status, 409)
  assert.match(lost.body.detail, /最多可持有 1 枚“机构章”/)
  assert.equal(sql(`SELECT count(*) FROM hall.orders WHERE id IN ${orders} AND paid = 'paid'`), '2')

  // A third order of the unit cannot be submitted; one of another unit can.
  await draft(c, q)
  await refused(handIn(c), 409)
  const another = await person()
  await draft(c, another)
  await handIn(c)
  assert.equal(c.order.state, 'unpaid')
})

test('paid items stand: another kind or other years are a refund and a new order; a name may be mended', async () => {
  const p = await person()
  const a = await applicant(p)
  await draft(a, p)
  await handIn(a)
  await a.pay()
  sql(`UPDATE hall.orders SET state = 'in_review', finauth = 'verified' WHERE id = '${a.order.id}'`)
  await (await new Staff().login('review')).act(a.order.id, 'reject', { reasons: [{ pointer: '/form/items/0', text: '印章名称与执照不一致' }] })
  await a.refresh()
  assert.equal(a.order.state, 'rejected')
  assert.deepEqual(a.order.rejection.reasons, [{ pointer: '/form/items/0', label: '第 1 张证书', text: '印章名称与执照不一致' }])
  await refused(a.save({ ...formFor('seal', p), items: [sealItem('institution', 2, p.unit_name)] }), 422, '/form/items')
  await refused(a.save({ ...formFor('seal', p), items: [sealItem('institution', 1, p.unit_name), sealItem('business', 1, '合同专用章')] }), 422, '/form/items')
  await a.save({ ...formFor('seal', p), items: [sealItem('institution', 1, `${p.unit_name}（公章）`)] })
  assert.equal(a.order.items[0].seal_name, `${p.unit_name}（公章）`)
})

test('#73 a certificate that shall not be published: the wish goes with the order', async () => {
  const p = await person()
  const a = await applicant(p)
  await draft(a, p, undefined, { publish_opt_out: true })
  assert.equal(a.order.form.publish_opt_out, true)
  assert.ok(/不公开我的/.test(await textOfAnswer(await a.print())))
})

test('a picture is cut out of the sheet of the collection form that has the impression', async () => {
  const p = await person(), a = await applicant(p)
  await draft(a, p)
  await printed(a)
  const cut = () => a.api('POST', `/sealpicture/orders/${a.order.id}/preview`, { json: { style: 'scan' } })
  const scan = await paper('seal-form', { unit_name: p.unit_name, unit_code: p.unit_code, format: 'jpeg' })
  await a.upload('seal_form', bmp()) // a red square of a few dots is no impression
  await assert.rejects(cut(), { status: 422 })
  await a.upload('seal_form', scan, 'seal.jpg', 'image/jpeg', 0)
  const second = await cut()
  await a.upload('seal_form', scan, 'seal.jpg', 'image/jpeg')
  await a.api('DELETE', `/paper/orders/${a.order.id}/seal_form?sheet=2`)
  assert.equal((await cut()).sm3, second.sm3)
})
