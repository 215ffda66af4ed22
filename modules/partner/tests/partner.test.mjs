// SPDX-License-Identifier: Apache-2.0
// A partner's platform, server to server: who may ask, tickets and links into a draft, its own orders and reports alone,
// events to its own address.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { STATE, Staff, URL_BASE, eventually, person, sql, submitted } from '../../../tests/lib/hall.mjs'
import { decide } from '../../../tests/lib/officers.mjs'
import { Partner, Visitor, admin, fitting, follow, listen, newKey, projectId, signed, webhookRight } from '../../../tests/lib/partner.mjs'

const ORDERS = '/partner/api/orders'
let hunan, other
before(() => {
  hunan = new Partner('hunan')
  other = new Partner('szjsgws')
})

const HERE = new URL(URL_BASE)
/** The status of a GET with a Host header of its own, which fetch does not allow. */
const askAs = (host, path, headers) => new Promise((done, fail) =>
  request(new URL(path, HERE), { headers: { ...headers, host } }, (res) => done(res.resume().statusCode)).on('error', fail).end())

const asksOf = (p, change) => hunan.ask('POST', '/partner/api/tickets', { cert_type: '企业证书', form: { unit_name: p.unit_name } }, change)
/** A draft out of a link's entry. */
async function draftFrom(entry, p) {
  const a = new Visitor('hunan')
  await a.begin(p, { entry })
  return a
}

describe('who may ask', () => {
  test('a right signature is let in; the same request a second time is not', async () => {
    const nonce = 'once-and-never-again'
    assert.equal((await hunan.ask('GET', ORDERS, undefined, { nonce })).status, 200)
    assert.equal((await hunan.ask('GET', ORDERS, undefined, { nonce })).status, 409)
    assert.equal((await other.ask('GET', ORDERS, undefined, { nonce })).status, 200, 'another key\'s nonces are its own')
  })

  const refusals = {
    'no signature': { headers: { 'signature-input': '', signature: '' } },
    'a signature that cannot be read': { headers: { signature: 'sig=:AAAA:' } },
    'an unknown key': { keyid: '00000000-0000-7000-8000-000000000000' },
    'a key that is no key': { keyid: 'hunan' },
    'too old': { created: Math.floor(Date.now() / 1000) - 400 },
    'of the future': { created: Math.floor(Date.now() / 1000) + 400 },
    'a short nonce': { nonce: 'short' },
    'the path not covered': { names: ['@method', '@authority', '@query'] },
    'the query not covered': { names: ['@method', '@authority', '@path'] },
    'signed for another method': { values: { '@method': 'DELETE' } },
    'signed for another path': { values: { '@path': '/partner/api/reports/orders' } },
    'signed for another query': { values: { '@query': '?page_size=2' } },
    'signed for another host': { values: { '@authority': 'elsewhere.example' } },
  }
  for (const [what, change] of Object.entries(refusals))
    test(`refused: ${what}`, async () => {
      const { status, body } = await hunan.ask('GET', ORDERS, undefined, change)
      assert.equal(status, 401)
      assert.equal(body.code, 'unauthenticated')
    })

  test('refused: signed for another host, and sent with a Host header that says so', async () => {
    const elsewhere = { '@authority': 'elsewhere.example', '@scheme': 'https', '@target-uri': `https://elsewhere.example${ORDERS}` }
    const all = ['@method', '@authority', '@path', '@query']
    const ours = { '@scheme': HERE.protocol.slice(0, -1), '@target-uri': HERE.origin + ORDERS }
    const ask = (host, names, values) => askAs(host, ORDERS, signed(hunan.key, 'GET', ORDERS, undefined, { names, values }))
    assert.equal(await ask('elsewhere.example', all, elsewhere), 401)
    for (const name of ['@scheme', '@target-uri'])
      assert.equal(await ask(HERE.host, [...all, name], { [name]: elsewhere[name] }), 401, name)
    assert.equal(await ask(HERE.host, [...all, '@scheme', '@target-uri'], ours), 200)
    assert.equal(await ask('proxy.internal', all, {}), 200, 'what stands before the hall may have a name of its own')
  })

  test('refused: another secret, a changed body, a body that is not covered', async () => {
    const p = await person()
    const thief = new Partner('hunan', { ...hunan.key, secret: other.key.secret })
    assert.equal((await thief.ask('GET', ORDERS)).status, 401)
    assert.equal((await asksOf(p, { body: JSON.stringify({ cert_type: 'natural' }) })).status, 401)
    assert.equal((await asksOf(p, { names: ['@method', '@authority', '@path', '@query'] })).status, 401)
    assert.equal((await asksOf(p)).status, 201)
  })

  test('a key that was ended lets nobody in, and a second one takes its place meanwhile', async () => {
    const old = new Partner('meigu'), fresh = new Partner('meigu')
    assert.equal((await old.ask('GET', ORDERS)).status, 200)
    admin('partner', 'key', 'end', old.key.keyid)
    assert.equal((await old.ask('GET', ORDERS)).status, 401)
    assert.equal((await fresh.ask('GET', ORDERS)).status, 200)
    assert.throws(() => newKey('no-such-project'), /没有 no-such-project/)
  })

  test('a session is no signature', async () => {
    const desk = await new Staff().login('admin')
    for (const path of [ORDERS, '/partner/api/reports/orders', '/partner/api/reports/orders.csv'])
      await assert.rejects(desk.call('GET', path), { status: 401 })
  })
})

describe('#6 #7 #38 a ticket', () => {
  test('carries type and unit into the draft; what the project locks stays', async () => {
    const p = await person()
    const made = await hunan.ticket({ cert_type: '企业证书', years: 2, reference: 'HN-2026-0001',
      form: { unit_name: p.unit_name, unit_code: p.unit_code, agent_name: p.name } })
    assert.ok(new Date(made.expires_at) - Date.now() < 601000)
    assert.ok(!made.entry.includes(encodeURIComponent(p.unit_name)), 'nothing personal in the link')
    const at = await follow(made.entry)
    assert.equal(at.status, 302)
    assert.equal(at.page, '/hunan/login')
    const a = await draftFrom(at.entry, p)
    assert.deepEqual([a.order.cert_type, a.order.years, a.order.form.unit_name, a.order.form.agent_name],
      ['institution', 2, p.unit_name, p.name])
    assert.deepEqual(a.order.locked, ['cert_type', 'unit_code', 'unit_name'])
    assert.equal(sql(`SELECT form IS NULL FROM hall.ticket WHERE order_id = '${a.order.id}'`), 't', 'its data are gone')

    const form = { ...fitting(a.setup, p, 'institution'), years: 2 }
    await assert.rejects(a.save({ ...form, unit_name: '另一家单位' }), (e) => e.status === 422 && e.body.errors[0].pointer === '/form/unit_name')
    await assert.rejects(a.save({ ...form, unit_code: undefined }, false), { status: 422 })
    await a.save({ ...form, agent_name: '王五', years: 1 })
    assert.equal(a.order.form_complete, true)
    const { body } = await hunan.ask('GET', `${ORDERS}?reference=HN-2026-0001`)
    assert.equal(body.total, 0, 'a draft is nobody\'s business yet')
  })

  test('serves once: the link, and what the link was exchanged for', async () => {
    const p = await person()
    const { entry } = await hunan.ticket({ cert_type: 'natural', form: { holder_name: p.name, holder_id: p.id_no } })
    const first = await follow(entry)
    const second = await follow(entry)
    assert.deepEqual([first.status, second.status, second.entry], [302, 410, null])
    assert.match(second.text, /只能使用一次/)
    await draftFrom(first.entry, p)
    await assert.rejects(draftFrom(first.entry, await person()), { status: 410 })
  })

  test('runs out', async () => {
    const late = await hunan.ticket({ cert_type: 'institution' })
    const hash = createHash('sha256').update(late.ticket).digest('hex')
    sql(`UPDATE hall.ticket SET expires_at = now() - interval '1 second' WHERE token_hash = '\\x${hash}'`)
    const at = await follow(late.entry)
    assert.equal(at.status, 410)
    assert.match(at.text, /已过期/)
    sql('SELECT hall.partner_sweep()')
    assert.equal(sql(`SELECT form IS NULL FROM hall.ticket WHERE token_hash = '\\x${hash}'`), 't', 'nothing of it is kept')
  })

  test('opens at its own project alone', async () => {
    const { ticket } = await hunan.ticket({ cert_type: 'institution' })
    const elsewhere = await follow(`/szjsgws/getLogin?projectId=${projectId('szjsgws')}&ticket=${ticket}`)
    assert.equal(elsewhere.status, 410)
    assert.equal((await follow(`/hunan/getLogin?projectId=${projectId('szjsgws')}&ticket=${ticket}`)).status, 404)
    assert.equal((await follow(`/hunan/getLogin?projectId=${projectId('hunan')}&ticket=${ticket}`)).status, 302, 'and is still good there')
  })

  test('is encrypted at rest', async () => {
    const p = await person()
    await hunan.ticket({ cert_type: 'institution', form: { unit_name: p.unit_name } })
    assert.equal(sql(`SELECT count(*) FROM hall.ticket WHERE position(convert_to('${p.unit_name}', 'UTF8') IN form) > 0`), '0')
  })

  const wrong = [
    ['/cert_type', { cert_type: undefined }], ['/form/cert_type', { cert_type: '别的证书' }], ['/years', { years: 6 }],
    ['/business', { business: 'seal' }], ['/reference', { reference: '张三的申请' }], ['/form/unit_code', { form: { unit_code: '123' } }],
    ['/form/colour', { form: { colour: 'red' } }], ['/form/cert_type', { form: { cert_type: 'natural' } }], ['/other', { other: 1 }],
  ]
  for (const [pointer, part] of wrong)
    test(`refused, naming ${pointer}: ${JSON.stringify(part)}`, async () => {
      const { status, body } = await hunan.ask('POST', '/partner/api/tickets', { cert_type: '企业证书', ...part })
      assert.equal(status, 422)
      assert.equal(body.errors[0].pointer, pointer)
    })
})

describe('a signed link', () => {
  test('says type and years, and may be used again', async () => {
    const p = await person()
    const link = hunan.link({ cert_type: 'natural', years: 3 })
    await follow(link)
    const a = await draftFrom((await follow(link)).entry, p)
    assert.deepEqual([a.order.cert_type, a.order.years], ['natural', 3])
  })

  test('leads to the kind of business that it names, or to the first', async () => {
    assert.equal((await follow(hunan.link({ cert_type: 'natural' }))).business, 'new')
    const named = hunan.link({ cert_type: 'natural', business: 'reissue' })
    assert.equal((await follow(named)).business, 'reissue')
    assert.equal((await follow(named.replace('business=reissue', 'business=new'))).status, 403, 'it is signed with the rest')
    assert.equal((await follow(hunan.link({ cert_type: 'natural', business: 'seal' }))).status, 404)
    assert.equal((await follow((await hunan.ticket({ cert_type: 'institution' })).entry)).business, 'new', 'a ticket says it, too')
  })

  test('refused: changed, of another project\'s key, past its time', async () => {
    assert.equal((await follow(hunan.link({ cert_type: 'natural', years: 3 }).replace('years=3', 'years=5'))).status, 403)
    assert.equal((await follow(hunan.link({ cert_type: 'natural', sig: 'AAAA' }))).status, 403)
    const foreign = new Partner('hunan', other.key)
    assert.equal((await follow(foreign.link({ cert_type: 'natural' }))).status, 403)
    assert.equal((await follow(hunan.link({ cert_type: 'natural', exp: 1 }))).status, 410)
  })

  test('#10 without anything it is the plain link', async () => {
    const at = await follow(`/hunan/getLogin?projectId=${projectId('hunan')}`)
    assert.deepEqual([at.status, at.page, at.entry, at.business], [302, '/hunan/login', null, null])
  })

  test('a plain link may name a kind of business that the project has', async () => {
    const plain = `/hunan/getLogin?projectId=${projectId('hunan')}&business=`
    assert.equal((await follow(`${plain}reissue`)).business, 'reissue')
    for (const wrong of ['seal', 'magic', '', '%22'])
      assert.match((await follow(plain + wrong)).text, /不办理链接中指定的业务/, wrong)
  })
})

describe('orders, reports, events', () => {
  const addresses = [
    ['http://hooks.example.com/', /必须以 https/], ['ftp://127.0.0.1/', /必须以 https/], ['https://u:p@127.0.0.1/', /用户名或密码/],
    ['https://169.254.169.254/latest/meta-data', /169\.254\.169\.254 是本机、内网或保留地址/], ['https://10.0.0.1/', /内网/], ['https://[fd00::1]/', /内网/],
    ['https://name.invalid/', /无法解析/], ['not an address', /无法识别/],
  ]
  test('an address for events that must not be called is refused when it is entered, and the old one stays', () => {
    const stored = () => sql(`SELECT md5(string_agg(h::text, '')) FROM hall.partner_hook h`)
    const before = stored()
    for (const [url, said] of addresses)
      assert.throws(() => admin('partner', 'webhook', 'draft', 'szjsgws', url), (e) => e.status === 1 && said.test(e.stderr), url)
    assert.equal(stored(), before)
  })

  test('its own project\'s alone, without a word about persons', async () => {
    const hook = await listen((n) => (n === 1 ? 503 : 204))
    const secret = decide(['partner', 'webhook'], 'szjsgws', hook.url).match(/whsec_\S+/)[0]
    try {
      const { a, p } = await submitted('szjsgws')
      const mine = await other.ask('GET', `${ORDERS}?page_size=200&from=2026-01-01`)
      const row = mine.body.items.find((one) => one.number === a.order.number)
      assert.deepEqual([row.state, row.business, row.cert_type, row.years], ['unpaid', 'new', 'institution', 1])
      for (const secretOf of [p.name, p.unit_name, p.unit_code, p.mobile, p.id_no])
        assert.ok(!JSON.stringify(mine.body).includes(secretOf))
      const theirs = await hunan.ask('GET', `${ORDERS}?page_size=200`)
      assert.ok(!theirs.body.items.some((one) => one.number === a.order.number), 'another partner does not see it')

      const event = await eventually('the event again after a refusal', () => hook.got.length > 1 && hook.got[1])
      assert.equal(hook.got[0].headers['webhook-id'], event.headers['webhook-id'], 'the same event has the same id')
      assert.ok(webhookRight(secret, event))
      assert.deepEqual([JSON.parse(event.body).type, JSON.parse(event.body).data.number], ['order.unpaid', a.order.number])
      assert.ok(!event.body.includes(p.unit_name))
      const desk = await new Staff().login('audit')
      const shown = (await desk.call('GET', '/desk/api/office/partners')).items.find((one) => one.slug === 'szjsgws')
      await eventually('the delivery on record', async () =>
        (await desk.call('GET', '/desk/api/office/partners')).items.find((one) => one.slug === 'szjsgws').hook.events.some((e) => e.ended_at && !e.why))
      assert.ok(shown.keys.some((key) => key.id === other.key.keyid && key.used_at))
    } finally {
      hook.close()
      sql(`UPDATE hall.partner_hook SET active = false`)
    }
  })

  test('the receipt of an own order is genuine and tells no text; that of another project, of a draft or of no order is refused', async () => {
    const { a } = await submitted('szjsgws')
    const path = `${ORDERS}/${a.order.number}/receipt.json`
    const { body } = await eventually('the log', async () => {
      const answer = await other.ask('GET', path)
      return answer.status === 200 && answer
    })
    assert.deepEqual([body.kind, body.order], ['certhall receipt', a.order.number])
    assert.ok(body.rows.length > 1 && body.rows.every((row) => row.text === null), 'digests alone')
    const key = await fetch(`${URL_BASE}/log-sm2.pub`)
    const folder = mkdtempSync(join(tmpdir(), 'receipt-'))
    writeFileSync(join(folder, 'key.pem'), Buffer.from(await key.arrayBuffer()))
    writeFileSync(join(folder, 'receipt.json'), JSON.stringify(body))
    assert.equal(spawnSync(`${STATE}/bin/certhall-verify-receipt`, [join(folder, 'key.pem'), join(folder, 'receipt.json')]).status, 0)

    assert.equal((await hunan.ask('GET', path)).status, 404, 'another project\'s')
    const draft = new Visitor('szjsgws')
    await draft.begin(await person())
    assert.equal((await other.ask('GET', `${ORDERS}/${draft.order.number}/receipt.json`)).status, 404)
    for (const number of ['000000000000000000', 'x', encodeURIComponent("' OR 1=1")])
      assert.equal((await other.ask('GET', `${ORDERS}/${number}/receipt.json`)).status, 404)
    assert.equal((await fetch(URL_BASE + path)).status, 401, 'without a signature')
    const nonce = 'the-receipt-s-own-nonce'
    assert.deepEqual([(await other.ask('GET', path, undefined, { nonce })).status, (await other.ask('GET', path, undefined, { nonce })).status], [200, 409])
  })

  test('wrong filters are named', async () => {
    for (const [query, pointer] of [['from=2026-13-01', '/from'], ['to=gestern', '/to'], ['after=2', '/after']]) {
      const { status, body } = await hunan.ask('GET', `${ORDERS}?${query}`)
      assert.deepEqual([status, body.errors[0].pointer], [422, pointer])
    }
  })

  test('a report of money and orders: by project for the CA, its own for the partner', async () => {
    const before = (await other.ask('GET', '/partner/api/reports/orders?by=state')).body.totals
    const { a } = await submitted('szjsgws')
    await a.pay('wechatpay')
    const { body } = await other.ask('GET', '/partner/api/reports/orders?by=day,state,channel')
    assert.deepEqual([body.totals.orders, body.totals.received], [before.orders + 1, before.received + a.order.price.total])
    assert.ok(body.rows.some((row) => row.channel === 'wechatpay' && row.received > 0))
    const admin_ = await new Staff().login('admin')
    const all = await admin_.call('GET', '/desk/api/office/reports/orders?by=project')
    assert.equal(all.rows.find((row) => row.project === 'szjsgws').received, body.totals.received)
    const one = await admin_.call('GET', '/desk/api/office/reports/orders?by=business,cert_type&project=hunan')
    assert.ok(one.rows.every((row) => !row.project))

    const csv = await admin_.fetch('GET', '/desk/api/office/reports/orders.csv?by=project,business')
    assert.match(csv.headers.get('content-type'), /text\/csv/)
    const bytes = Buffer.from(await csv.arrayBuffer())
    assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf])
    assert.match(bytes.toString(), /"项目标识","项目","业务","业务单数","收款（元）","退款（元）"\r\n/)
    const own = await other.ask('GET', '/partner/api/reports/orders.csv?by=project')
    assert.match(own.body, /szjsgws/)
    assert.ok(!/hunan|jieyang/.test(own.body))
  })
})
