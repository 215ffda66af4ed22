// SPDX-License-Identifier: Apache-2.0
// What people and pages send: every body by its table, then the application form and the papers by their rules. Where a test
// shows a row of the inventory of the operating guides, its name says which (#98).
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import {
  BRANCH, goodForm, idNumber, newApplicant, newStaff, picture, pointers, quote, request, sql, unitCode, wrongCheck,
} from './lib.mjs'

// ---- bodies ----

const text = (min, max, ...breaks) => ({ kind: 'text', min, max, breaks })
const whole = (min, max) => ({ kind: 'int', min, max })
const PHONE = text(11, 11, '23900000000', '1390000000x', '12900000000')
const CODE = text(6, 6, '12345a')
const VERSION = { version: whole(1, 2 ** 31 - 1) }
const DAY = text(10, 10, '2026-02-30')
const ENTRY = { payer: text(1, 100), reference: text(6, 64, 'C 12345', '流水123456'), day: DAY, fen: whole(1, 2 ** 31 - 1) }
const DECISION = { decision: { kind: 'object' } }

/** Fields of each body; a name with '?' may be absent. */
const specs = {
  'POST /jieyang/api/gate/sms-code': { phone: PHONE, purpose: text(5, 8, 'other') },
  'POST /jieyang/api/gate/login-sms': { phone: PHONE, code: CODE },
  'POST /jieyang/api/gate/login-password': { phone: PHONE, password: text(1, 72) },
  'POST /jieyang/api/gate/register': { phone: PHONE, code: CODE, password: text(10, 72, 'manchester', '1234567890') },
  'POST /desk/api/login/challenge': { name: text(1, 32, 'Review', 'a b', '审核员') },
  'POST /desk/api/login/session': { name: text(1, 32, 'Review', 'a b', '审核员'), time: text(20, 32), nonce: text(64, 64), assertion: { kind: 'object' } },
  'POST /jieyang/api/new/orders': { agreements: { kind: 'list', max: 16 }, 'seal_wanted?': { kind: 'bool' }, 'ticket?': text(1, 64) },
  'PUT /jieyang/api/new/orders/{id}/form': { ...VERSION, complete: { kind: 'bool' }, form: { kind: 'object' } },
  'POST /jieyang/api/new/orders/{id}/submit': VERSION,
  'POST /jieyang/api/new/orders/{id}/edit': VERSION,
  'POST /jieyang/api/new/orders/{id}/resubmit': VERSION,
  'POST /seal/api/seal/orders': { agreements: { kind: 'list', max: 16 }, 'seal_wanted?': { kind: 'bool' }, 'ticket?': text(1, 64) },
  'PUT /seal/api/seal/orders/{id}/form': { ...VERSION, complete: { kind: 'bool' }, form: { kind: 'object' } },
  'POST /seal/api/seal/orders/{id}/submit': VERSION,
  'POST /seal/api/seal/orders/{id}/edit': VERSION,
  'POST /seal/api/seal/orders/{id}/resubmit': VERSION,
  'POST /jieyang/api/renew/certificate': { serial: text(1, 64, '0123456789abcdef', '0123456789ABCDEO') },
  'POST /jieyang/api/renew/orders': { agreements: { kind: 'list', max: 16 }, certificates: { kind: 'list', min: 1, max: 40 }, 'code?': text(1, 32), 'holder_id?': text(1, 32) },
  'PUT /jieyang/api/renew/orders/{id}/form': { ...VERSION, complete: { kind: 'bool' }, form: { kind: 'object' } },
  'PUT /jieyang/api/renew/orders/{id}/last-day': { ...VERSION, 'on?': text(10, 10, '2026-13-01', '01.01.2027') },
  'POST /jieyang/api/renew/orders/{id}/submit': VERSION,
  'POST /jieyang/api/renew/orders/{id}/edit': VERSION,
  'POST /jieyang/api/renew/orders/{id}/resubmit': VERSION,
  'POST /jieyang/api/change/certificate': { serial: text(1, 64, '0123456789abcdef', '0123456789ABCDEO') },
  'POST /jieyang/api/change/orders': { agreements: { kind: 'list', max: 16 }, serial: text(1, 64, '0123456789ABCDE'), changes: { kind: 'list', max: 16 } },
  'PUT /jieyang/api/change/orders/{id}/form': { ...VERSION, complete: { kind: 'bool' }, form: { kind: 'object' } },
  'POST /jieyang/api/change/orders/{id}/submit': VERSION,
  'POST /jieyang/api/change/orders/{id}/edit': VERSION,
  'POST /jieyang/api/change/orders/{id}/resubmit': VERSION,
  'POST /reissue/api/reissue/certificate': { serial: text(1, 64, '0123456789abcdef', '0123456789ABCDEO') },
  'POST /reissue/api/reissue/orders': { agreements: { kind: 'list', max: 16 }, serial: text(1, 64, '0123456789ABCDE'), 'code?': text(1, 32), 'holder_id?': text(1, 32) },
  'PUT /reissue/api/reissue/orders/{id}/form': { ...VERSION, complete: { kind: 'bool' }, form: { kind: 'object' } },
  'POST /reissue/api/reissue/orders/{id}/submit': VERSION,
  'POST /reissue/api/reissue/orders/{id}/edit': VERSION,
  'POST /reissue/api/reissue/orders/{id}/resubmit': VERSION,
  'POST /jieyang/api/orders/{id}/cancel': VERSION,
  'POST /jieyang/api/orders/{id}/received': VERSION,
  'POST /jieyang/api/pay/orders/{id}': { channel: text(1, 16, 'cash', 'transfer'), 'page?': { kind: 'bool' } },
  'POST /jieyang/api/pay/orders/{id}/transfer': VERSION,
  'POST /jieyang/api/orders/{id}/refund': { ...VERSION, reason: text(2, 500) },
  'POST /jieyang/api/orders/{id}/refund/withdraw': VERSION,
  'PUT /jieyang/api/finauth/orders/{id}/account': { account_branch: text(12, 12, '10258400001x'), account_no: text(8, 32, '7559 0000 0000') },
  'POST /jieyang/api/finauth/orders/{id}/code': { code: CODE },
  'POST /jieyang/api/sealpicture/orders/{id}/preview': { style: text(1, 16, 'other'), 'line?': text(0, 12, '别的文字'), 'diameter?': whole(0, 80), 'turn?': whole(-180, 180) },
  'POST /jieyang/api/sealpicture/orders/{id}/accept': { style: text(1, 16, 'other'), 'line?': text(0, 12, '别的文字'), 'diameter?': whole(0, 80), 'turn?': whole(-180, 180), sm3: text(64, 64) },
  'POST /desk/api/registry/seals/{id}/withdraw/statement': { reason: text(2, 200) },
  'POST /desk/api/registry/seals/{id}/withdraw': { reason: text(2, 200), ...DECISION },
  'POST /desk/api/finance/orders/{id}/transfer/confirm/statement': { ...VERSION, ...ENTRY, 'reason?': text(2, 200) },
  'POST /desk/api/finance/orders/{id}/transfer/confirm': { ...VERSION, ...ENTRY, 'reason?': text(2, 200), ...DECISION },
  'POST /desk/api/finance/orders/{id}/transfer/surplus/statement': { ...ENTRY, reason: text(2, 200) },
  'POST /desk/api/finance/orders/{id}/transfer/surplus': { ...ENTRY, reason: text(2, 200), ...DECISION },
  'POST /desk/api/finance/orders/{id}/transfer/refuse': { ...VERSION, why: text(4, 200) },
  'POST /desk/api/finance/orders/{id}/refund/statement': { ...VERSION, reason: text(2, 500) },
  'POST /desk/api/finance/orders/{id}/refund': { ...VERSION, reason: text(2, 500), ...DECISION },
  'POST /desk/api/finance/orders/{id}/refund/approve/statement': { ...VERSION, 'note?': text(0, 500) },
  'POST /desk/api/finance/orders/{id}/refund/approve': { ...VERSION, 'note?': text(0, 500), ...DECISION },
  'POST /desk/api/finance/orders/{id}/refund/refuse': { ...VERSION, why: text(4, 200) },
  'POST /desk/api/finance/refunds/{id}/settle/statement': { reference: text(6, 64, ' 123456'), day: DAY },
  'POST /desk/api/finance/refunds/{id}/settle': { reference: text(6, 64, ' 123456'), day: DAY, ...DECISION },
  'POST /desk/api/finance/payments/{id}/settle/statement': { note: text(4, 500) },
  'POST /desk/api/finance/payments/{id}/settle': { note: text(4, 500), ...DECISION },
  'POST /desk/api/finance/orders/{id}/payout/statement': VERSION,
  'POST /desk/api/finance/orders/{id}/payout': { ...VERSION, ...DECISION },
  'POST /desk/api/review/orders/{id}/statement': { ...VERSION },
  'POST /desk/api/review/orders/{id}/approve': { ...VERSION, 'note?': text(0, 500), ...DECISION },
  'POST /desk/api/review/orders/{id}/reject': { ...VERSION, reasons: { kind: 'list', min: 1, max: 20 } },
  'POST /desk/api/produce/orders/{id}/statement': { ...VERSION, 'csr?': text(1, 8192) },
  'POST /desk/api/produce/orders/{id}/produce': { ...VERSION, 'csr?': text(1, 8192), ...DECISION },
  'POST /desk/api/produce/orders/{id}/ship': { ...VERSION, courier: text(2, 8), tracking_no: text(8, 24, 'sf12345678', 'SF 12345678') },
  'POST /desk/api/produce/orders/{id}/parcels': { ...VERSION, courier: text(2, 8) },
  'PUT /desk/api/finance/invoices/{id}/buyer': { kind: text(1, 16, 'other'), title: text(1, 100), 'tax_no?': text(15, 20, '91440300ma5fabcd12') },
  'POST /desk/api/finance/invoices/{id}/close': { number: text(20, 20, '2444200000000000000x') },
}

const who = {}
before(async () => {
  who.hall = await newApplicant()
  who.seal = await newApplicant('seal', 'password')
  who.review = await newStaff('reviewer')
  who.produce = await newStaff('producer')
  who.finance = await newStaff('finance')
})

const NO_ORDER = '00000000-0000-7000-8000-000000000000'
function send(row, json) {
  const [method, path] = row.split(' ')
  const v = path.startsWith('/seal/') ? who.seal : !path.startsWith('/desk') ? who.hall : /produce|ship|parcels/.test(path) ? who.produce : /invoices|transfer|refund|settle|payout/.test(path) ? who.finance : who.review
  const headers = /gate|login/.test(path) ? {} : v.headers()
  return request(method, path.replace('{id}', NO_ORDER), { json, headers })
}

const wrongKind = { text: [7, true, ['a'], {}], int: ['1', true, 1.5], bool: ['true', 0, {}], list: ['a', {}, 1], object: [[], 'a', 1] }
const kindCode = { text: 'not_text', int: 'not_integer', bool: 'not_boolean', list: 'not_list', object: 'not_object' }
const repeated = (n) => '章'.repeat(n)

/** What can be wrong with one field: [value, code]. */
function faults(f) {
  const out = [[null, 'null'], ...wrongKind[f.kind].map((v) => [v, kindCode[f.kind]])]
  if (f.kind === 'text') {
    out.push([repeated(f.max + 1), 'too_long'], ...f.breaks.map((b) => [b, 'rule']))
    if (f.min > 0) out.push([repeated(f.min - 1), 'too_short'])
  }
  if (f.kind === 'int') out.push([f.min - 1, 'out_of_range'], [f.max + 1, 'out_of_range'], [f.min - 1000, 'out_of_range'])
  if (f.kind === 'list') {
    out.push([Array.from({ length: f.max + 1 }, () => ({})), 'not_list'])
    if (f.min) out.push([[], 'not_list'])
  }
  return out
}

for (const [row, spec] of Object.entries(specs)) {
  describe(row, () => {
    const fields = Object.entries(spec).map(([name, f]) => ({ name: name.replace('?', ''), required: !name.endsWith('?'), ...f }))

    test('nothing of what is required: all named at once', async () => {
      const res = await send(row, {})
      assert.equal(res.status, 422, res.text)
      assert.deepEqual(pointers(res), Object.fromEntries(fields.filter((f) => f.required).map((f) => [`/${f.name}`, 'required'])))
    })

    // Round n holds the n-th fault of every field, so each answer must name all of them.
    const rounds = Math.max(...fields.map((f) => faults(f).length))
    for (let n = 0; n < rounds; n++) {
      const wrong = Object.fromEntries(fields.map((f) => [f.name, faults(f)[n % faults(f).length]]))
      const shown = Object.entries(wrong).map(([k, [v]]) => `${k}=${JSON.stringify(v).slice(0, 14)}`).join(' ')
      test(`all fields wrong at once: ${shown}`, async () => {
        const res = await send(row, Object.fromEntries(Object.entries(wrong).map(([k, [v]]) => [k, v])))
        assert.equal(res.status, 422, res.text)
        assert.deepEqual(pointers(res), Object.fromEntries(Object.entries(wrong).map(([k, [, code]]) => [`/${k}`, code])))
        for (const e of res.json.errors) assert.match(e.detail, /。$/, 'a sentence for the person')
      })
    }
  })
}

test('a wrong item of a list is named by its place', async () => {
  const res = await send('POST /desk/api/review/orders/{id}/reject', {
    version: 1,
    reasons: [{ pointer: '/', text: '不清楚' }, { pointer: 'unit', text: '' }, { pointer: '/form/unit_name', text: ' x', more: 1 }, 7],
  })
  assert.deepEqual(pointers(res), {
    '/reasons/1/pointer': 'rule', '/reasons/1/text': 'too_short', '/reasons/2/text': 'rule', '/reasons/2/more': 'unknown',
    '/reasons/3': 'not_object',
  })
})

test('an integer beyond 64 bits is refused, not wrapped', async () => {
  const res = await request('POST', `/jieyang/api/orders/${NO_ORDER}/cancel`, {
    body: '{"version":18446744073709551617}', headers: who.hall.headers({ 'content-type': 'application/json' }),
  })
  assert.deepEqual(pointers(res), { '/version': 'not_integer' })
})

// ---- a draft ----

describe('a draft', () => {
  let agreements
  const create = (json) => who.hall.api('POST', '/new/orders', { json })
  before(async () => {
    agreements = (await who.hall.api('GET', '/new/setup')).json.agreements.map(({ code, version }) => ({ code, version }))
  })

  test('#62 #64 begins when every agreement was ticked', async () => {
    const res = await create({ agreements })
    assert.equal(res.status, 201, res.text)
    assert.match(res.json.number, /^\d{18}$/)
    assert.equal(res.json.state, 'draft')
    const kept = sql(`SELECT string_agg(code || ' ' || version || ' ' || length(sha256), ',' ORDER BY id) FROM hall.consent
                      WHERE order_id = ${quote(res.json.id)}`)
    assert.equal(kept, agreements.map((a) => `${a.code} ${a.version} 64`).join(','))
  })

  for (const [what, tick] of [
    ['none', () => []],
    ['#65 all but that on sensitive data', () => agreements.filter((a) => a.code !== 'sensitive')],
    ['#80 an old version', () => agreements.map((a) => ({ ...a, version: '2025-01' }))],
    ['one of another name', () => agreements.map((a) => ({ ...a, code: `${a.code}x` }))],
  ])
    test(`does not begin with ${what}`, async () => {
      const res = await create({ agreements: tick() })
      assert.equal(res.status, 422, res.text)
      assert.deepEqual(pointers(res), { '/agreements': 'invalid' })
    })

  test('#41 a seal is wanted unless one says no, and #135 changes the papers', async () => {
    const v = await newApplicant('szjsgws')
    const papers = async (more) => (await v.draft(more)).papers.map((m) => m.code)
    assert.deepEqual(await papers(), ['form', 'licence', 'seal_form'])
    assert.deepEqual(await papers({ seal_wanted: true }), ['form', 'licence', 'seal_form'])
    assert.deepEqual(await papers({ seal_wanted: false }), ['form', 'licence'])
  })

  test('jieyang asks for it and takes silence for no', async () => {
    assert.equal((await who.hall.draft()).seal_wanted, false)
    assert.equal((await who.hall.draft({ seal_wanted: true })).seal_wanted, true)
  })
})

// ---- the form ----

describe('the form of jieyang', () => {
  let order
  before(async () => {
    order = await who.hall.draft()
  })
  /** Saves the right form into the same draft, with some fields changed or (undefined) left out. */
  async function save(changes = {}, { complete = true, type } = {}) {
    const res = await who.hall.save(order, { ...goodForm('jieyang', type), ...changes }, complete)
    if (res.status === 200) order = res.json
    return res
  }
  async function good(changes, options) {
    const res = await save(changes, options)
    assert.equal(res.status, 200, res.text)
    return res.json
  }
  async function bad(changes, wrong, options) {
    const res = await save(changes, options)
    assert.equal(res.status, 422, res.text)
    const named = Object.fromEntries(Object.entries(wrong).map(([k, v]) => [`/form/${k}`, v]))
    assert.deepEqual(pointers(res), named)
  }

  test('#84 to #97 a right form of an institution is whole', async () => {
    const o = await good()
    assert.equal(o.form_complete, true)
    assert.equal(o.cert_type_name, '机构证书')
    assert.equal(o.price.total, 60000)
    assert.equal(o.form.unit_name, o.subject)
  })

  test('#109 an empty form: every required field is named at once', async () => {
    const res = await who.hall.save(order, { cert_type: 'holder' })
    const wanted = Object.keys(goodForm('jieyang', 'holder')).filter((f) => f !== 'cert_type' && !f.startsWith('invoice_'))
    assert.deepEqual(pointers(res), Object.fromEntries([...wanted, 'invoice_wanted'].map((f) => [`/form/${f}`, 'required'])))
  })

  test('fields of only blanks, null or nothing lack', () =>
    bad({ unit_name: '', unit_code: null, unit_address: undefined, account_name: undefined },
      { unit_name: 'required', unit_code: 'required', unit_address: 'required', account_name: 'required' }))

  const code = unitCode()
  for (const [what, value, word] of [
    ['a wrong check character', wrongCheck(code), 'rule'],
    ['two digits exchanged', code.slice(0, 8) + '10' + unitCode(`${code.slice(0, 8)}01${code.slice(10, 17)}`).slice(10), 'rule'],
    ['17 characters', code.slice(0, 17), 'rule'],
    ['19 characters', `${code}0`, 'shape'],
    ['a letter that GB 32100 leaves out', `${code.slice(0, 17)}I`, 'rule'],
    ['small letters', unitCode('91440300MA5ABCDE0').toLowerCase(), 'rule'],
    ['a number instead of text', 91440300, 'shape'],
  ])
    test(`#86 a unit code with ${what}`, () => bad({ unit_code: value }, { unit_code: word }))
  test('#86 a unit code with letters is right', () => good({ unit_code: unitCode('91440300MA5ABCDE0') }))

  for (const field of ['legal_id', 'agent_id', 'holder_id']) {
    const id = idNumber()
    for (const [what, value, word] of [
      ['a wrong check digit', wrongCheck(id), 'rule'],
      ['the 30th of February', idNumber('44030519800230123'), 'rule'],
      ['the 29th of February of 1900', idNumber('44030519000229123'), 'rule'],
      ['a 13th month', idNumber('44030519801301123'), 'rule'],
      ['15 digits', '440305800101123', 'rule'],
      ['a letter inside', `${id.slice(0, 5)}A${id.slice(6)}`, 'rule'],
    ])
      test(`#90 #92 #94 ${field} with ${what}`, () => bad({ [field]: value }, { [field]: word }, { type: 'holder' }))
    test(`${field} of a leap day, and with an X at its end, is right`, async () => {
      await good({ [field]: idNumber('44030520000229123') }, { type: 'holder' })
      const x = Array.from({ length: 1000 }, (_, i) => idNumber(`44030519800101${String(i).padStart(3, '0')}`)).find((s) => s.endsWith('X'))
      await good({ [field]: x }, { type: 'holder' })
      await bad({ [field]: x.toLowerCase() }, { [field]: 'rule' }, { type: 'holder' })
    })
  }

  for (const [row, field, value, word] of [
    ['#92', 'agent_mobile', '12345678901', 'rule'], ['#92', 'agent_mobile', '139000000', 'rule'],
    ['#92', 'agent_mobile', '139000000011', 'shape'], ['#90', 'legal_mobile', '+8613900000', 'rule'],
    ['#92', 'agent_email', 'li.example.com', 'rule'], ['#92', 'agent_email', 'li@example', 'rule'],
    ['#92', 'agent_email', 'li@@example.com', 'rule'], ['#92', 'agent_email', 'li @example.com', 'rule'],
    ['#84', 'unit_address', 'x'.repeat(121), 'shape'], ['#84', 'unit_address', ' 测试路', 'rule'], ['#88', 'unit_address', '测试路\n1 号', 'rule'],
    ['#85', 'unit_doc_type', 'passport', 'rule'], ['#89', 'auth_way', 'none', 'rule'],
    ['#96', 'account_no', '1234567', 'rule'], ['#96', 'account_no', '7559 0000 0000', 'rule'], ['#96', 'account_no', '7'.repeat(33), 'shape'],
    ['#97', 'account_branch', '工商', 'rule'], ['#97', 'account_branch', '1025840000100', 'shape'],
    ['#102', 'mail_postcode', '51800', 'rule'], ['#102', 'mail_postcode', 'ABCDEF', 'rule'], ['#102', 'mail_postcode', '5180000', 'shape'],
    ['#105', 'invoice_wanted', 'yes', 'shape'], ['#108', 'invoice_purpose', 'fun', 'rule'],
    ['#39', 'years', 0, 'shape'], ['#39', 'years', 6, 'shape'], ['#39', 'years', '1', 'shape'], ['#39', 'years', 1.5, 'shape'],
    ['#73', 'publish_opt_out', 1, 'shape'],
  ])
    test(`${row} ${field} = ${JSON.stringify(value).slice(0, 24)}`, () => bad({ [field]: value }, { [field]: word }))

  test('#73 the opt-out of publication and #102 the postcode may be given or left out', async () => {
    const o = await good({ publish_opt_out: true, mail_postcode: '518000' })
    assert.equal(o.form.publish_opt_out, true)
    await good()
  })

  test("#98 the account's name equals the unit's", async () => {
    await bad({ account_name: '别的有限公司' }, { account_name: 'differs' })
    await bad({ account_name: goodForm().unit_name.replace('（', '(') }, { account_name: 'differs' })
    await good()
  })

  test('#87 #100 a region is chosen to its last level', async () => {
    await bad({ unit_region: '44' }, { unit_region: 'rule' })
    await bad({ unit_region: '440305' }, { unit_region: 'rule' })
    await bad({ mail_region: '44' }, { mail_region: 'rule' })
    await bad({ mail_region: '440305' }, { mail_region: 'rule' })
    await bad({ mail_region: '广东' }, { mail_region: 'rule' })
  })

  test('#107 a tax number is required of enterprises alone', async () => {
    await bad({ invoice_tax_no: undefined }, { invoice_tax_no: 'required' })
    await bad({ invoice_tax_no: '123' }, { invoice_tax_no: 'rule' })
    await bad({ invoice_tax_no: 'abcdefghijklmnop' }, { invoice_tax_no: 'rule' })
    for (const kind of ['government', 'person']) await good({ invoice_kind: kind, invoice_tax_no: undefined })
    const o = await good({ invoice_kind: 'government' })
    assert.equal('invoice_tax_no' in o.form, false, 'not asked for, so not kept')
  })

  test('#105 #106 no invoice: nothing more is asked, nothing is kept', async () => {
    await bad({ invoice_title: undefined, invoice_purpose: undefined }, { invoice_title: 'required', invoice_purpose: 'required' })
    const o = await good({ invoice_wanted: false, invoice_kind: undefined, invoice_title: undefined, invoice_purpose: undefined })
    assert.deepEqual(Object.keys(o.form).filter((k) => k.startsWith('invoice_')), ['invoice_wanted'])
  })

  test('#94 a holder certificate asks for the holder, #111 a natural person for neither unit nor agent', async () => {
    await bad({ holder_name: undefined, holder_mobile: undefined }, { holder_name: 'required', holder_mobile: 'required' }, { type: 'holder' })
    const o = await good({ unit_name: '不保留有限公司', agent_name: '不保留' }, { type: 'natural' })
    assert.deepEqual(Object.keys(o.form).filter((k) => /^(unit|legal|agent|account)_/.test(k)), [])
    assert.equal(o.subject, '王*', 'lists show a person masked')
    assert.deepEqual(o.papers.map((m) => m.code), ['form_natural', 'id_natural', 'id_natural_back'])
    assert.deepEqual((await good({}, { type: 'holder' })).papers.map((m) => m.code), ['form', 'licence', 'holder_id', 'holder_id_back'])
  })

  test('#93 #99 fields that this project does not show are unknown to it', () =>
    bad({ agent_position: '经理', seal_wanted: true, nonsense: 1 },
      { agent_position: 'unknown', seal_wanted: 'unknown', nonsense: 'unknown' }))

  test('#40 certificate type and years come from the project', async () => {
    await bad({ cert_type: 'server' }, { cert_type: 'rule' })
    await bad({ years: 3 }, { years: 'invalid' })
  })

  test('many faults: all in one answer, and nothing is saved', async () => {
    const before_ = (await who.hall.api('GET', `/orders/${order.id}`)).json
    await bad({ unit_code: '1', legal_id: '1', agent_email: '1', account_name: 'x', mail_region: '', nonsense: 1 },
      { unit_code: 'rule', legal_id: 'rule', agent_email: 'rule', account_name: 'differs', mail_region: 'required', nonsense: 'unknown' })
    assert.deepEqual((await who.hall.api('GET', `/orders/${order.id}`)).json, before_)
  })

  test('a draft keeps what there is, wrong as it may be', async () => {
    const partial = { cert_type: 'institution', unit_name: '半个单位', unit_code: '123', mail_region: '44' }
    const saved = await who.hall.save(order, partial, false)
    assert.equal(saved.status, 200, saved.text)
    order = saved.json
    const again = (await who.hall.api('GET', `/orders/${order.id}`)).json
    assert.deepEqual(again.form, partial)
    assert.equal(again.form_complete, false)
    assert.equal(again.next.step, 'form')
  })

  test('even a draft takes no unknown field and no value of another type', async () => {
    const res = await who.hall.save(order, { cert_type: 'institution', unit_name: 7, nonsense: 1 }, false)
    assert.deepEqual(pointers(res), { '/form/unit_name': 'shape', '/form/nonsense': 'unknown' })
  })

  test('a second tab with an old version: 409, and the first keeps its word', async () => {
    const seen = { ...order }
    await good({ unit_address: '第一个窗口' })
    const late = await who.hall.save(seen, { ...goodForm(), unit_address: '第二个窗口' })
    assert.equal(late.status, 409, late.text)
    assert.equal(late.json.code, 'conflict')
    const now = (await who.hall.api('GET', `/orders/${order.id}`)).json
    assert.equal(now.form.unit_address, '第一个窗口')
    assert.equal(now.version, seen.version + 1)
  })

  test('#113 the form is printed when it is whole, and again after a change of what stands on it', async () => {
    const print = () => request('GET', `/jieyang/api/new/orders/${order.id}/form.pdf`, { headers: who.hall.cookie() })
    await who.hall.save(order, { unit_name: '半个单位' }, false).then((r) => (order = r.json))
    assert.equal((await print()).status, 409)
    const form = goodForm()
    await good(form)
    const pdf = await print()
    assert.equal(pdf.status, 200)
    assert.match(pdf.text, /^%PDF-1\./)
    assert.equal((await good({ ...form, mail_address: '别处 2 号' })).printed, true, 'the address of the parcel is not printed')
    assert.equal((await good({ ...form, unit_address: '别处 2 号' })).printed, false)
  })

  test('the form is encrypted in the database', () => {
    const bytes = sql(`SELECT encode(form, 'escape') FROM hall.orders WHERE id = ${quote(order.id)}`)
    assert.ok(bytes.length > 100)
    assert.doesNotMatch(bytes, /unit_name|13900000002/)
  })
})

describe('the form of szjsgws', () => {
  let v, order
  before(async () => {
    v = await newApplicant('szjsgws')
    order = await v.draft({ seal_wanted: true })
  })

  test('#92 asks for the position of the agent, #99 for no account', async () => {
    const res = await v.save(order, { ...goodForm('szjsgws'), agent_position: undefined, account_no: '755900000000001' })
    assert.deepEqual(pointers(res), { '/form/agent_position': 'required', '/form/account_no': 'unknown' })
  })

  test('#39 one to five years, each with its price', async () => {
    for (const [years, total] of [[1, 35000], [2, 60000], [3, 85000], [4, 110000], [5, 135000]]) {
      order = (await v.save(order, { ...goodForm('szjsgws'), years })).json
      assert.equal(order.price.total, total)
    }
  })
})

describe('a paid order', () => {
  let order
  const form = goodForm('szjsgws')
  let v
  before(async () => {
    v = await newApplicant('szjsgws')
    order = (await v.save(await v.draft(), form)).json
  })
  const put = (state, paid) => { // the page has seen it
    order.version = Number(sql(`UPDATE hall.orders SET state = '${state}', paid = '${paid}', refund = CASE '${state}' WHEN 'refunded' THEN 'done' END WHERE id = ${quote(order.id)} RETURNING version`))
  }

  test('is not changed while it waits or is reviewed', async () => {
    for (const state of ['unpaid', 'in_review', 'approved', 'accepted', 'produced', 'shipped', 'done', 'cancelled', 'refunded']) {
      put(state, 'none')
      assert.equal((await v.save(order, form)).status, 409, state)
    }
  })

  test('keeps its price when it was rejected', async () => {
    put('rejected', 'paid')
    const dearer = await v.save(order, { ...form, years: 2 })
    assert.equal(dearer.status, 422, dearer.text)
    assert.deepEqual(pointers(dearer), { '/form/cert_type': 'invalid' })
    const same = await v.save(order, { ...form, unit_address: '更正后的地址' })
    assert.equal(same.status, 200, same.text)
  })
})

// ---- papers ----

describe('papers', () => {
  let v, order
  before(async () => {
    v = await newApplicant()
    order = (await v.save(await v.draft(), goodForm('jieyang', 'holder'))).json
  })
  const put = (code, body, type = 'image/bmp', name = 'a.bmp') =>
    v.api('PUT', `/paper/orders/${order.id}/${code}?name=${encodeURIComponent(name)}`, { body, headers: { 'content-type': type } })

  test('#113 the scan of the form comes after printing', async () => {
    const res = await put('form', picture('bmp'))
    assert.equal(res.status, 409, res.text)
    assert.deepEqual(pointers(res), { '/print': 'conflict' })
  })

  test('#126 a licence is a picture, #125 an ID card may be a PDF', async () => {
    for (const format of ['bmp', 'gif']) assert.equal((await put('licence', picture(format))).status, 200)
    const refused = await put('licence', picture('pdf'))
    assert.equal(refused.status, 415, refused.text)
    assert.match(refused.json.detail, /jpeg、bmp、gif/)
    assert.equal((await put('holder_id', picture('pdf'))).status, 200)
  })

  test('the content counts, not what it is called', async () => {
    const res = await put('licence', 'MZ this is a program', 'image/bmp', 'licence.bmp')
    assert.equal(res.status, 415, res.text)
    assert.equal((await put('licence', '<svg onload="alert(1)"/>', 'image/svg+xml')).status, 415)
    assert.equal((await put('licence', picture('gif'), 'text/html', 'x.html')).status, 200)
    const shown = await v.api('GET', `/paper/orders/${order.id}/licence`)
    assert.equal(shown.headers['content-type'], 'image/gif')
    assert.equal(shown.headers['x-content-type-options'], 'nosniff')
  })

  test('an empty file', async () => {
    const res = await put('licence', '')
    assert.equal(res.status, 422, res.text)
  })

  test('#124 two MiB, not a byte more', async () => {
    const most = Buffer.concat([picture('bmp'), Buffer.alloc(2 * 1024 * 1024)]).subarray(0, 2 * 1024 * 1024)
    assert.equal((await put('licence', most)).status, 200)
    const more = await put('licence', Buffer.concat([most, Buffer.from('x')]))
    assert.equal(more.status, 413)
  })

  test('a paper that this order does not need: 404', async () => {
    assert.equal((await put('seal_form', picture('bmp'))).status, 404)
    assert.equal((await put('..', picture('bmp'))).status, 404)
  })

  test('what is put again replaces, what is taken away is gone', async () => {
    await put('licence', picture('gif'))
    await put('licence', picture('bmp'))
    const now = (await v.api('GET', `/orders/${order.id}`)).json.papers.find((m) => m.code === 'licence')
    assert.deepEqual(now.sheets.map((sheet) => sheet.mime), ['image/bmp'])
    assert.equal((await v.api('DELETE', `/paper/orders/${order.id}/licence`)).status, 204)
    assert.equal((await v.api('DELETE', `/paper/orders/${order.id}/licence`)).status, 404)
    assert.equal((await v.api('GET', `/paper/orders/${order.id}/licence`)).status, 404)
  })

  test('a name with a path in it is not believed', async () => {
    const res = await put('licence', picture('bmp'), 'image/bmp', '../../etc/passwd')
    assert.equal(res.json.paper.file_name, '未命名')
  })
})

// ---- submitting ----

describe('submitting', () => {
  test('#147 names the first thing that lacks', async () => {
    const v = await newApplicant()
    let order = await v.draft()
    const submit = () => v.api('POST', `/new/orders/${order.id}/submit`, { json: { version: order.version } })
    const lacks = async (pointer) => {
      const res = await submit()
      assert.equal(res.status, 422, res.text)
      assert.deepEqual(pointers(res), { [pointer]: 'invalid' })
    }
    await lacks('/form')
    order = (await v.save(order, goodForm())).json
    await lacks('/print')
    await v.api('GET', `/new/orders/${order.id}/form.pdf`)
    await lacks('/papers/form')
    for (const code of ['form', 'licence'])
      await v.api('PUT', `/paper/orders/${order.id}/${code}`, { body: picture('bmp') })
    await lacks('/phone')
    sql(`UPDATE hall.orders SET phone_state = 'passed' WHERE id = ${quote(order.id)}`)
    assert.equal((await submit()).json.state, 'unpaid')
  })

  test('#97 an opening branch that is not in the list is refused, and named', async () => {
    const v = await newApplicant()
    let order = await v.draft()
    order = (await v.save(order, { ...goodForm(), account_branch: '999999999999' })).json
    if (!order.id) return assert.deepEqual(order.errors.map((e) => e.pointer), ['/form/account_branch'])
    sql(`UPDATE hall.orders SET phone_state = 'passed', printed = true WHERE id = ${quote(order.id)}`)
    for (const code of ['form', 'licence'])
      await v.api('PUT', `/paper/orders/${order.id}/${code}`, { body: picture('bmp') })
    const res = await v.api('POST', `/new/orders/${order.id}/submit`, { json: { version: order.version } })
    assert.equal(res.status, 422, res.text)
    assert.deepEqual(pointers(res), { '/form/account_branch': 'invalid' })
  })

  test('#97 branches are found by words of their names', async () => {
    const { json } = await who.hall.api('GET', `/finauth/banks?q=${encodeURIComponent('工商 福田')}`)
    assert.equal(json.banks[0].cnaps, BRANCH)
    assert.deepEqual((await who.hall.api('GET', '/finauth/banks?q=')).json, { banks: [] })
    const odd = await who.hall.api('GET', `/finauth/banks?q=${encodeURIComponent("%_' \\")}`)
    assert.equal(odd.status, 200, odd.text)
  })
})

// ---- queries ----

describe('queries', () => {
  test('#25 own orders are found by number and state; nonsense in a query does no harm', async () => {
    const v = await newApplicant()
    const a = await v.draft(), b = await v.draft()
    const list = async (q) => (await v.api('GET', `/orders?${q}`)).json
    assert.deepEqual((await list('')).items.map((o) => o.id).sort(), [a.id, b.id].sort())
    assert.deepEqual((await list(`number=${a.number.slice(4)}`)).items.map((o) => o.id), [a.id])
    assert.equal((await list('state=done')).total, 0)
    const { next } = await list('page_size=1')
    assert.equal((await list(`page_size=1&after=${next}`)).items.length, 1)
    for (const q of ['after=&page_size=100000', 'page_size=-1', 'page=abc', 'number=%00', 'number=%ff', 'number=%', "number=';--", 'state=%E4%B8'])
      assert.equal((await v.api('GET', `/orders?${q}`)).status, 200, q)
    for (const after of ['x', next.slice(1), `${next}AAAA`, Buffer.from("'; --|x").toString('base64url'), Buffer.from('now|1').toString('base64url')]) {
      const res = await v.api('GET', `/orders?after=${after}`)
      assert.equal(res.status, 422, `${after} ${res.text}`)
      assert.equal(res.json.errors[0].pointer, '/after')
    }
  })

  test('#10 #11 a partner link with a wrong or missing project ID leads nowhere', async () => {
    const link = (q) => request('GET', `/szjsgws/getLogin${q}`)
    const ok = await link('?projectId=0535cc2aee346b5dc3f9e5b852f00369')
    assert.equal(ok.status, 302)
    assert.equal(ok.headers.location, '/szjsgws/login')
    for (const q of ['', '?projectId=', '?projectId=0535cc2aee346b5dc3f9e5b852f00360', '?projectId=7c1f0b6a9de54b21a7e3c2d4f5069b18',
      '?projectId=0535cc2aee346b5dc3f9e5b852f0036']) {
      const res = await link(q)
      assert.equal(res.status, 404, q)
      assert.match(res.headers['content-type'], /^text\/html/)
    }
  })
})
