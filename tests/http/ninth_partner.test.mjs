// SPDX-License-Identifier: Apache-2.0
// A partner added as data: one document is imported while the hall runs, and a person completes an order there. Also what a wrong
// document is refused with, and what an import reports as changed.
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { URL_BASE, eventually, inbox, person, sql } from '../lib/hall.mjs'
import { Partner, Visitor, follow } from '../lib/partner.mjs'
import { publish } from '../lib/officers.mjs'

const slug = `ninth-${Date.now() % 1000000}`
const pictures = ['jpeg', 'bmp', 'gif']
const ninth = {
  slug, project_id: Buffer.from(slug.padEnd(16, '0')).toString('hex').slice(0, 32), name: '示范港口', title: '示范港口电子采购平台', platform: '示范港口采购网',
  form_title: '港口供应商证书申请表', next_button: '同意并办理', business: ['new'], login_ways: ['sms'], self_registration: true, seal_mode: 'never',
  payment_ways: ['wechatpay'], finauth: 'pin', account_asked: 'after_payment', review_days: 2, ship_days: 4, couriers: ['ems'], courier_payment: 'collect',
  gift_note: '数量有限，送完即止。',
  agreements: [{ code: 'service', version: '2026-02', box: 1 }, { code: 'sensitive', version: '2026-01', box: 2 }],
  notices: [{ code: 'guide', version: '2026-01' }],
  steps: ['agreements', 'form', 'print', 'papers', 'phone', 'payment'].map((step) => ({ step, label: `第${step}步` })),
  types: [{ cert_type: 'port', name: '港口机构证书', partner_name: '供应商证书', person: 'institution', medium: 'ukey',
    prices: [{ years: 1, parts: [{ part: 'certificate', name: '证书费', fen: 12300 }, { part: 'medium', name: '介质费', fen: 4500 }] }] }],
  fields: [{ field: 'cert_type' }, { field: 'years' }, { field: 'unit_name', locked: true }, { field: 'unit_doc_type' }, { field: 'unit_code' },
    { field: 'unit_region', levels: 3 }, { field: 'legal_name' }, { field: 'agent_name' }, { field: 'agent_id' }, { field: 'agent_mobile' },
    { field: 'agent_email', required: false }, { field: 'mail_region', levels: 4 }, { field: 'mail_address' }],
  papers: [{ code: 'form', name: '港口申请表', stamped: true, formats: pictures, of_form: true }, { code: 'licence', name: '执照', stamped: true, formats: pictures }],
  gifts: [{ years: 1, name: '港口雨伞', needs_seal: false, stock: 1 }],
  links: [{ label: '港口办理说明', url: 'https://port.example/help' }],
  messages: [{ event: 'approved', vendor_id: '1002', body: '示范港口：您的申请（单号 {order}）已审核通过。', parameters: ['order'] }],
}
const dir = mkdtempSync(join(tmpdir(), 'ninth-'))
function take(document) {
  const file = join(dir, 'project.json')
  writeFileSync(file, JSON.stringify(document))
  return publish(file)
}
after(() => sql(`UPDATE hall.project SET open = false WHERE slug = '${slug}'`))

describe('a ninth partner', () => {
  test('is there as soon as its document is in, and its applicant gets a certificate', async () => {
    assert.equal((await fetch(`${URL_BASE}/${slug}/api/gate/session`)).status, 404)
    assert.match(take(ninth), /imported, \d+ changes/)
    const face = (await (await fetch(`${URL_BASE}/${slug}/api/gate/session`)).json()).project
    assert.deepEqual([face.title, face.next_button, face.platform, face.links[0].label], [ninth.title, '同意并办理', '示范港口采购网', '港口办理说明'])

    const p = await person()
    const { entry } = await new Partner(slug).ticket({ cert_type: '供应商证书', years: 1, reference: 'P-1', form: { unit_name: p.unit_name } })
    const a = new Visitor(slug)
    await a.begin(p, { entry: (await follow(entry)).entry })
    assert.deepEqual(a.setup.gifts, [{ years: 1, needs_seal: false, name: '港口雨伞', left: 1 }])
    await a.submit(p, 'port')
    assert.equal(a.order.price.total, 16800)
    assert.equal(a.order.form_title, '港口供应商证书申请表')
    await a.finish(p, 'ems')
    assert.equal(a.order.state, 'done')
    assert.equal(a.order.gift.name, '港口雨伞')
    await inbox(p.mobile, /审核通过/)
    await inbox(p.mobile, /EMS/)
  })

  test('an import says what it changes, and the next person meets it', async () => {
    const changed = structuredClone(ninth)
    changed.review_days = 1
    changed.types[0].prices[0].parts[0].fen = 20000
    changed.fields.push({ field: 'agent_position', hint: '如实填写' })
    const said = take(changed)
    assert.match(said, /审核天数（review_days）：2 → 1\n/)
    assert.match(said, /价格（prices）去掉：.*金额 123\.00 元/)
    assert.match(said, /价格（prices）增加：.*金额 200\.00 元/)
    assert.match(said, /申请表项目（fields）增加：.*agent_position/)
    assert.match(take(changed), /imported, 0 changes/)
    const p = await person()
    const a = new Visitor(slug)
    await a.begin(p)
    await eventually('the new field', async () => {
      a.setup = await a.api('GET', '/new/setup')
      return a.setup.blocks.some((b) => b.fields.some((f) => f.name === 'agent_position'))
    })
    await a.submit(p, 'port')
    assert.equal(a.order.price.total, 24500)
    assert.equal(a.setup.gifts[0].left, 0, 'out of stock is said before paying')
  })

  test('names no steps, and has those of its kind of business', async () => {
    take({ ...ninth, steps: [] })
    const { project } = await (await fetch(`${URL_BASE}/${slug}/api/gate/session`)).json()
    const { steps } = project.businesses[0]
    assert.deepEqual(steps.map((s) => s.label), ['阅读协议', '填写信息', '打印申请表', '上传资料', '手机认证', '在线支付'])
    assert.deepEqual(steps.map((s) => s.before_draft), [true, false, false, false, false, false])
  })

  test('is paid by a way that is nothing but a row: pages are told its name and what it means', async () => {
    sql(`INSERT INTO hall.payment_channel (code, pos, name, app, hint) VALUES ('ninth', 9, '港口支付', '港口通', '用港口通扫码付款。')`)
    try {
      take({ ...ninth, payment_ways: ['ninth', 'wechatpay'] })
      const a = new Visitor(slug)
      await a.begin(await person())
      const { payment_ways } = await a.api('GET', '/new/setup')
      assert.deepEqual(payment_ways.map((way) => way.name), ['港口支付', '微信支付'])
      assert.deepEqual(payment_ways[0], { code: 'ninth', name: '港口支付', app: '港口通', page: false, phone: false, hint: '用港口通扫码付款。', online: true })
    } finally {
      take(ninth)
      sql(`DELETE FROM hall.payment_channel WHERE code = 'ninth'`)
    }
  })

  const broken = [
    ['/colour', (d) => { d.colour = 'red' }],
    ['/login_ways', (d) => { d.login_ways = ['pigeon'] }],
    ['/finauth', (d) => { d.finauth = 'maybe' }],
    ['/review_days', (d) => { d.review_days = 'two' }],
    ['/slug', (d) => { d.slug = 'desk' }],
    ['/project_id', (d) => { d.project_id = 'xyz' }],
    ['/business', (d) => { d.business = ['sell'] }],
    ['/business', (d) => { d.business = [] }],
    ['/payment_ways', (d) => { d.payment_ways = ['wechatpay', 'cash'] }],
    ['/couriers', (d) => { d.couriers = ['pigeon'] }],
    ['/steps/1/step', (d) => { d.steps[1].step = 'dance' }],
    ['/agreements/0/code', (d) => { d.agreements[0].code = 'nothing' }],
    ['/agreements', (d) => { d.agreements = [] }],
    ['/types/0/person', (d) => { d.types[0].person = 'robot' }],
    ['/types/0/colour', (d) => { d.types[0].colour = 'red' }],
    ['/types', (d) => { d.types[0].prices = [] }],
    ['/types/prices', (d) => { d.types[0].prices[0].years = 9 }],
    ['/fields/3/field', (d) => { d.fields[3].field = 'shoe_size' }],
    ['/fields/5/levels', (d) => { d.fields[5].levels = 7 }],
    ['/fields', (d) => { d.fields[3].cert_types = ['unheard'] }],
    ['/papers/0/stamped', (d) => { delete d.papers[0].stamped }],
    ['/steps', (d) => { d.seal_mode = 'asked' }],
    ['/account_asked', (d) => { d.account_asked = 'form' }],
    ['/title', (d) => { d.title += '\u200b' }],
    ['/links/0/label', (d) => { d.links[0].label = '\u202e南指' }],
  ]
  for (const [pointer, spoil] of broken)
    test(`a wrong document changes nothing and is told where: ${pointer}`, () => {
      const before = sql('SELECT string_agg(slug || revision, \',\' ORDER BY slug) FROM hall.project')
      const bad = structuredClone(ninth)
      spoil(bad)
      assert.throws(() => take(bad), (e) => e.status === 1 && new RegExp(`${pointer}\\b`).test(e.stderr))
      assert.equal(sql('SELECT string_agg(slug || revision, \',\' ORDER BY slug) FROM hall.project'), before)
    })

  test('a project that is closed lets nobody in any more, and keeps its pages for the orders that go on', async () => {
    sql(`UPDATE hall.project SET open = false WHERE slug = '${slug}'`)
    try {
      assert.equal((await fetch(`${URL_BASE}/${slug}/getLogin?projectId=${ninth.project_id}`)).status, 404)
      assert.equal((await fetch(`${URL_BASE}/${slug}/orders`)).status, 200)
    } finally {
      sql(`UPDATE hall.project SET open = true WHERE slug = '${slug}'`)
    }
  })

  test('what is no JSON is refused', () => {
    const file = join(dir, 'not.json')
    for (const text of ['', '{', '{"slug": "a", "slug": "b"}', '[]']) {
      writeFileSync(file, text)
      assert.throws(() => publish(file), { status: 1 })
    }
  })
})
