// SPDX-License-Identifier: Apache-2.0
// Nuonuo's calls written anew with node:crypto from the vendor's description (there is no SDK on the registry): against the
// sandbox, and as the server that our own client talks to.
import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { client } from './client.mjs'
import { file, flipped, fresh, sandbox, skip, turn } from './sandbox.mjs'

const METHOD = 'nuonuo.OpeMplatform.'
const sign = (secret, { appkey, senid, nonce, timestamp }, body) =>
  createHmac('sha1', secret).update(`a=services&l=v1&p=open&k=${appkey}&i=${senid}&n=${nonce}&t=${timestamp}&f=${body}`).digest('base64')
const wait = (ms) => new Promise((done) => setTimeout(done, ms))
const tokens = skip ? '' : mkdtempSync(join(tmpdir(), 'tokens-'))
let token

async function fetchToken(secret = file('nuonuo_secret')) {
  const form = new URLSearchParams({ client_id: sandbox.nuonuo_appkey, client_secret: secret, grant_type: 'client_credentials' })
  return (await fetch(sandbox.nuonuo_token_url, { method: 'POST', body: form })).json()
}

/** Makes a call; the members of `wrong` replace the right ones after signing. */
async function call(method, content, wrong = {}) {
  const facts = {
    appkey: sandbox.nuonuo_appkey, senid: randomUUID().replaceAll('-', ''), nonce: String(10000000 + Math.floor(Math.random() * 89999999)),
    timestamp: String(Math.floor(Date.now() / 1000)), ...wrong.facts,
  }
  const body = JSON.stringify(content), signature = sign(file('nuonuo_secret'), facts, body)
  const answer = await fetch(`${sandbox.nuonuo_url}?${new URLSearchParams({ ...facts, ...wrong.query })}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json', 'X-Nuonuo-Sign': wrong.sign ?? signature, accessToken: wrong.token ?? token,
      userTax: wrong.tax ?? sandbox.nuonuo_tax_no, method: METHOD + method,
    },
    body: wrong.body ?? body,
  })
  const text = await answer.text()
  return text.startsWith('{') ? JSON.parse(text) : text
}

const line = (taxIncludedAmount, taxExcludedAmount, tax, rest = {}) => ({
  goodsName: '数字证书服务', goodsCode: '3040407040000000000', withTaxFlag: '1', taxRate: '0.06', taxIncludedAmount, taxExcludedAmount, tax,
  invoiceLineProperty: '0', ...rest,
})
const order = (orderNo, rest = {}) => ({
  order: {
    orderNo, buyerName: '示范科技有限公司', buyerTaxNum: '91440300MA5EXAMPL1', salerTaxNum: sandbox.nuonuo_tax_no, salerTel: '0755-12345678',
    salerAddress: '深圳市福田区', invoiceDate: '2026-01-31 10:20:30', clerk: '王五', pushMode: '-1', invoiceType: '1', invoiceLine: 'pc',
    invoiceDetail: [line('300.00', '283.02', '16.98'), line('20.00', '18.87', '1.13')], ...rest,
  },
})
const query = async (no) => call('queryInvoiceResult', { orderNos: [no], isOfferInvoiceDetail: '0' })

async function ended(no) {
  for (let i = 0; i < 200; i++) {
    const { result } = await query(no)
    if (['2', '22'].includes(result[0].status)) return result[0]
    await wait(100)
  }
  assert.fail(`${no} did not end`)
}

before(async () => {
  if (skip) return
  for (const mood of ['fail', 'timeout_after_taking', 'text_instead', 'bad_token', 'token_limit']) await turn(`nuonuo.${mood}`, 'off')
  token = (await fetchToken()).access_token
})
after(() => { if (tokens) rmSync(tokens, { recursive: true }) })

test('an invoice is issued, and its files answer', { skip }, async () => {
  const no = fresh('N'), taken = await call('requestBillingNew', order(no))
  assert.equal(taken.code, 'E0000')
  assert.equal((await query(no)).result[0].status, '20')
  const done = await ended(no)
  assert.deepEqual([done.status, done.serialNo, done.orderAmount, done.exTaxAmount, done.taxAmount],
    ['2', taken.result.invoiceSerialNum, '320.00', '301.89', '18.11'])
  assert.match(done.allElectronicInvoiceNumber, /^\d{20}$/)
  const [pdf, ofd, xml] = await Promise.all([done.pdfUrl, done.ofdUrl, done.xmlUrl].map(async (url) => {
    const answer = await fetch(url)
    assert.equal(answer.status, 200)
    return Buffer.from(await answer.arrayBuffer())
  }))
  assert.equal(pdf.subarray(0, 5).toString(), '%PDF-')
  assert.ok(pdf.length > 5000 && pdf.subarray(-8).includes('%%EOF'))
  assert.equal(ofd.readUInt32LE(0), 0x04034b50)
  assert.ok(ofd.includes('OFD.xml') && ofd.includes(done.allElectronicInvoiceNumber))
  assert.match(xml.toString(), new RegExp(`<EIid>${done.allElectronicInvoiceNumber}</EIid>[^]*<TotalTax-includedAmount>320.00<`))
  assert.equal((await fetch(done.pdfUrl.replace(/.{4}\/pdf$/, 'zzzz/pdf'))).status, 404)
})

test('a number counts once', { skip }, async () => {
  const no = fresh('N')
  assert.equal((await call('requestBillingNew', order(no))).code, 'E0000')
  assert.equal((await call('requestBillingNew', order(no))).code, 'E9106')
  assert.equal((await query(fresh('N'))).code, 'E9500')
})

test('one changed byte, an old time, a used senid, a wrong token, a foreign tax number are refused', { skip }, async () => {
  const no = fresh('N'), content = order(no)
  const body = JSON.stringify(content).replace('"300.00"', '"300.01"')
  assert.equal((await call('requestBillingNew', content, { body })).code, '070203')
  assert.equal((await call('requestBillingNew', content, { sign: 'x' })).code, '070203')
  assert.equal((await call('requestBillingNew', content, { query: { nonce: '12345678' } })).code, '070203')
  assert.equal((await call('requestBillingNew', content, { facts: { timestamp: String(Math.floor(Date.now() / 1000) - 1200) } })).code, '070202')
  assert.equal((await call('requestBillingNew', content, { facts: { appkey: '1' } })).code, '070101')
  assert.equal((await call('requestBillingNew', content, { token: flipped(token) })).code, '070304')
  assert.equal((await call('requestBillingNew', content, { tax: '914403000000000000' })).code, '070307')
  assert.equal((await query(no)).code, 'E9500')
  const senid = randomUUID().replaceAll('-', '')
  assert.equal((await call('queryInvoiceResult', { orderNos: [no] }, { facts: { senid } })).code, 'E9500')
  assert.equal((await call('queryInvoiceResult', { orderNos: [no] }, { facts: { senid } })).code, '070204')
})

test('sums and members are looked at', { skip }, async () => {
  const refused = async (rest) => {
    const answer = await call('requestBillingNew', order(fresh('N'), rest))
    assert.equal(answer.code, 'E9101', JSON.stringify(answer))
  }
  await refused({ invoiceDetail: [line('300.00', '283.02', '16.97')] })
  await refused({ invoiceDetail: [line('300.00', '282.95', '17.05')] }) // 0.07 off
  await refused({ invoiceDetail: [line('300.00', '283.02', '16.98', { goodsCode: '304' })] })
  await refused({ invoiceDetail: [] })
  await refused({ invoiceLine: 'bs', buyerTaxNum: '' })
  await refused({ salerTaxNum: '914403000000000000' })
  await refused({ invoiceDate: '2026-01-31' })
  await refused({ pushMode: '0' })
  await refused({ orderNo: 'x'.repeat(65) })
  assert.equal((await call('requestBillingNew', order(fresh('N'), { invoiceDetail: [line('300.00', '282.96', '17.04')] }))).code, 'E0000')
})

test('a failed invoice is issued again under its number', { skip }, async () => {
  const no = fresh('N')
  await turn('nuonuo.fail', 'once')
  const { result } = await call('requestBillingNew', order(no)), failed = await ended(no)
  assert.deepEqual([failed.status, failed.failCause], ['22', '开票员未登录电子税务局，请登录后重试'])
  assert.equal((await call('reInvoice', { fpqqlsh: result.invoiceSerialNum, orderno: no })).code, 'E0000')
  assert.equal((await call('reInvoice', { orderno: no })).code, 'E9612')
  assert.equal((await ended(no)).status, '2')
  assert.equal((await call('reInvoice', { orderno: fresh('N') })).code, 'E9500')
})

test('a red letter, once', { skip }, async () => {
  const no = fresh('N'), red = fresh('R')
  await call('requestBillingNew', order(no))
  const blue = await ended(no)
  const content = { orderNo: red, taxNum: sandbox.nuonuo_tax_no, elecInvoiceNumber: blue.allElectronicInvoiceNumber, invoiceId: blue.serialNo, invoiceLine: 'pc' }
  assert.equal((await call('fastInvoiceRed', content)).code, 'E0000')
  const done = await ended(red)
  assert.deepEqual([done.status, done.orderAmount, done.taxAmount], ['2', '-320.00', '-18.11'])
  assert.equal((await call('fastInvoiceRed', { ...content, orderNo: fresh('R') })).code, 'E9106')
  assert.equal((await call('fastInvoiceRed', { ...content, orderNo: fresh('R'), elecInvoiceNumber: done.allElectronicInvoiceNumber, invoiceId: '' })).code, 'E9101')
  assert.equal((await call('fastInvoiceRed', { ...content, orderNo: fresh('R'), elecInvoiceNumber: '1'.repeat(20) })).code, 'E9500')
})

test('tokens: a wrong secret, and one too many', { skip }, async () => {
  assert.equal((await fetchToken('x')).error, '070305')
  await turn('nuonuo.token_limit', 'once')
  assert.equal((await fetchToken()).error, '070306')
})

// --- our client against a server of this test ---

/** A server that takes calls by the vendor's description and answers what `say` returns. */
async function vendor(say) {
  const seen = [], given = []
  const server = createServer((req, res) => {
    const pieces = []
    req.on('data', (p) => pieces.push(p)).on('end', () => {
      const body = Buffer.concat(pieces).toString(), url = new URL(req.url, 'http://x')
      let answer
      if (url.pathname === '/accessToken') {
        const form = new URLSearchParams(body)
        assert.deepEqual([form.get('client_id'), form.get('client_secret'), form.get('grant_type')],
          [sandbox.nuonuo_appkey, file('nuonuo_secret'), 'client_credentials'])
        given.push(`T${given.length + 1}`)
        answer = { access_token: given.at(-1), expires_in: 86400 }
      } else {
        const facts = Object.fromEntries(url.searchParams)
        const one = { facts, body, method: req.headers.method, token: req.headers.accesstoken, tax: req.headers.usertax, signature: req.headers['x-nuonuo-sign'] }
        seen.push(one)
        answer = say(one)
      }
      res.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    })
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const at = `http://127.0.0.1:${server.address().port}`, own = mkdtempSync(join(tmpdir(), 'tokens-'))
  return { seen, given, folder: own, settings: { nuonuo_url: `${at}/open/v1/services`, nuonuo_token_url: `${at}/accessToken`, tokens: own },
    close: () => { server.close(); rmSync(own, { recursive: true }) } }
}
const invoice = (order_no, rest = {}) => ({ order_no, tax_no: '91440300MA5EXAMPL1', email: 'a@example.com', phone: '13800138000', remark: '订单 "1"\\',
  lines: [{ name: '数字证书服务 ~*', fen: 30000 }, { name: '快递', fen: 9 }], total_fen: 30009, ...rest })

test('our client signs what it sends', { skip }, async () => {
  const v = await vendor(() => ({ code: 'E0000', describe: '', result: { invoiceSerialNum: 'S1' } }))
  const answer = await client('nuonuo.request', invoice('O1'), v.settings)
  assert.deepEqual([answer.outcome, answer.serial], ['accepted', 'S1'])
  const [one] = v.seen, secret = file('nuonuo_secret')
  assert.match(one.facts.senid, /^[0-9a-f]{32}$/)
  assert.match(one.facts.nonce, /^\d{8}$/)
  assert.ok(Math.abs(one.facts.timestamp - Date.now() / 1000) < 60)
  assert.deepEqual([one.method, one.token, one.tax, answer.request_id], [METHOD + 'requestBillingNew', 'T1', sandbox.nuonuo_tax_no, one.facts.senid])
  assert.equal(one.signature, sign(secret, one.facts, one.body))
  assert.notEqual(one.signature, sign(secret, one.facts, one.body.replace('300', '301')))
  const { order: o } = JSON.parse(one.body)
  assert.deepEqual([o.orderNo, o.pushMode, o.invoiceLine, o.invoiceType, o.salerTaxNum, o.remark], ['O1', '2', 'pc', '1', sandbox.nuonuo_tax_no, '订单 "1"\\'])
  assert.deepEqual(o.invoiceDetail.map((l) => [l.taxIncludedAmount, l.taxExcludedAmount, l.tax, l.taxRate]),
    [['300.00', '283.02', '16.98', '0.06'], ['0.09', '0.08', '0.01', '0.06']])
  assert.equal(statSync(join(v.folder, 'nuonuo.json')).mode & 0o777, 0o600)
  v.close()
})

test('our client keeps its token, and renews a refused one once', { skip }, async () => {
  const v = await vendor(({ token: t }) => (t === 'T1' && v.seen.length > 2 ? { code: '070304', describe: 'x' } : { code: 'E9500', describe: 'x' }))
  const ask = () => client('nuonuo.query', { order_no: 'O1' }, v.settings)
  for (let i = 0; i < 2; i++) assert.equal((await ask()).code, 'E9500')
  assert.equal(v.given.length, 1)
  assert.equal((await ask()).code, 'E9500')
  assert.deepEqual(v.seen.map((s) => s.token), ['T1', 'T1', 'T1', 'T2'])
  assert.equal(JSON.parse(readFileSync(join(v.folder, 'nuonuo.json'))).fetched.length, 2)
  v.close()
  const never = await vendor(() => ({ code: '070304', describe: '无效' }))
  const lost = await client('nuonuo.request', invoice('O1'), never.settings)
  assert.deepEqual([lost.outcome, lost.code], ['unknown', '070304'])
  assert.deepEqual([never.seen.length, never.given.length], [2, 2])
  never.close()
})

test('what our client makes of answers', { skip }, async () => {
  let say
  const v = await vendor(() => say)
  const request = async (answer) => { say = answer; const a = await client('nuonuo.request', invoice('O1'), v.settings); return [a.outcome, a.code] }
  assert.deepEqual(await request({ code: 'E9106', describe: '重复' }), ['accepted', 'E9106'])
  assert.deepEqual(await request({ code: 'E9101', describe: '税率不正确' }), ['refused', 'E9101'])
  assert.deepEqual(await request('系统繁忙'), ['unknown', 'bad_answer'])
  assert.deepEqual(await request({ code: 'E0000', result: {} }), ['unknown', 'bad_answer'])
  assert.equal(v.seen.length, 4) // one try each
  assert.equal((await client('nuonuo.request', invoice('O1', { total_fen: 30008 }), v.settings)).outcome, 'not set up')
  say = { code: 'E0000', result: [{ orderNo: 'OTHER', status: '2' }] }
  assert.equal((await client('nuonuo.query', { order_no: 'O1' }, v.settings)).outcome, 'unknown')
  v.close()
})

// --- our client against the sandbox ---

test('our client and the sandbox: issue, fail, again, red letter', { skip }, async () => {
  const settings = { tokens }, no = fresh('C'), red = fresh('C')
  const look = (order_no) => client('nuonuo.query', { order_no }, settings)
  const until = async (order_no, state) => {
    for (let i = 0; i < 100; i++) {
      const s = await look(order_no)
      if (s.state === state) return s
      await wait(200)
    }
    assert.fail(`${order_no} is not ${state}`)
  }
  await turn('nuonuo.fail', 'once')
  const taken = await client('nuonuo.request', invoice(no, { kind: 'bs' }), settings)
  assert.equal(taken.outcome, 'accepted', JSON.stringify(taken))
  const failed = await until(no, 'failed')
  assert.match(failed.cause, /^开票员未登录/)
  assert.equal((await client('nuonuo.again', { order_no: no, serial: taken.serial }, settings)).outcome, 'accepted')
  const done = await until(no, 'done')
  assert.deepEqual([done.serial, done.total_fen, done.net_fen, done.tax_fen, done.cause], [taken.serial, 30009, 28310, 1699, ''])
  assert.equal((await client('nuonuo.request', invoice(no), settings)).code, 'E9106')
  assert.equal((await client('nuonuo.red', { order_no: red, number: done.number, serial: done.serial, kind: 'bs' }, settings)).outcome, 'accepted')
  assert.equal((await until(red, 'done')).total_fen, -30009)
  assert.deepEqual((({ outcome, code }) => [outcome, code])(await look(fresh('C'))), ['refused', 'E9500'])
})

test('taken, but no answer: the query knows', { skip }, async () => {
  const settings = { tokens }, no = fresh('C')
  await turn('nuonuo.timeout_after_taking', 'once')
  assert.equal((await client('nuonuo.request', invoice(no), settings)).outcome, 'unknown')
  assert.equal((await client('nuonuo.query', { order_no: no }, settings)).outcome, 'accepted')
  await turn('nuonuo.text_instead', 'once')
  assert.equal((await client('nuonuo.again', { order_no: no, serial: '' }, settings)).code, 'bad_answer')
  await turn('nuonuo.bad_token', 'once')
  assert.equal((await client('nuonuo.query', { order_no: no }, settings)).outcome, 'accepted')
})

test('a callback comes, and only the query is believed', { skip }, async () => {
  const settings = { tokens }, no = fresh('C'), bodies = []
  let arrived
  const first = new Promise((done) => { arrived = done })
  const server = createServer((req, res) => {
    let body = ''
    req.on('data', (p) => { body += p }).on('end', () => {
      bodies.push(body)
      if (bodies.length === 1) res.writeHead(500).end() // it is repeated
      else { res.end('{"status":"0000","message":"同步成功"}'); arrived(body) }
    })
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  await client('nuonuo.request', invoice(no), { ...settings, nuonuo_notify: `http://127.0.0.1:${server.address().port}/notify/nuonuo` })
  const form = await first, fields = new URLSearchParams(form), content = JSON.parse(fields.get('content'))
  server.close()
  assert.deepEqual([fields.get('operater'), fields.get('orderno'), content.c_orderno, content.c_status], ['callback', no, no, '1'])
  const hint = await client('nuonuo.callback', { form })
  assert.deepEqual([hint.order_no, hint.serial], [no, content.c_fpqqlsh])
  const known = await client('nuonuo.query', { order_no: hint.order_no }, settings)
  assert.deepEqual([known.state, known.number, known.serial], ['done', content.c_fphm, content.c_fpqqlsh])
  assert.equal((await client('nuonuo.callback', { form: form.replace('operater', 'operator') })).outcome, 'not set up')
})
