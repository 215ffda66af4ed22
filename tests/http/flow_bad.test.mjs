// SPDX-License-Identifier: Apache-2.0
// Bad input on the way: each gets its clear answer in Chinese and changes nothing.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import http from 'node:http'
import test from 'node:test'
import { Applicant, Phone, Staff, bmp, eventually, formFor, paper, person, sql, submitted, URL_BASE } from '../lib/hall.mjs'
import { giveKeys } from '../lib/roster.mjs'

async function ready() {
  const p = await person()
  const a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(true)
  await a.save(formFor('szjsgws', p))
  await a.print()
  return { a, p }
}

const cookieOf = (a) => [...a.cookies].map(([k, v]) => `${k}=${v}`).join('; ')

test('#124 #126 papers are judged by their bytes: executable, wrong format, 3 MiB, empty', async () => {
  const { a } = await ready()
  const papers = () => sql(`SELECT count(*) FROM hall.paper WHERE order_id = '${a.order.id}'`)
  const exe = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(2000, 7)])
  const pdf = Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n')
  await assert.rejects(a.upload('licence', exe, '执照.jpg', 'image/jpeg'), (e) => e.status === 415 && /不是可以识别/.test(e.message))
  await assert.rejects(a.upload('licence', pdf, 'a.pdf', 'application/pdf'), (e) => e.status === 415 && /只接受/.test(e.message))
  await assert.rejects(a.upload('licence', Buffer.alloc(3 * 1024 * 1024, 1)), { status: 413 })
  await assert.rejects(a.upload('licence', Buffer.alloc(0)), { status: 422 })
  await assert.rejects(a.upload('nonsense', bmp()), { status: 404 })
  assert.equal(papers(), '0')
})

test('a picture of a few bytes that announces gigabytes, frames or passes is refused before anything decodes it', async () => {
  const { a } = await ready()
  const u16 = (n) => [n & 255, n >> 8]
  const frame = [...',\0\0\0\0'].map((c) => c.charCodeAt(0)).concat(u16(1), u16(1), [0, 2, 2, 0x44, 1, 0])
  const gif = (side, frames) => Buffer.from([...Buffer.from('GIF89a'), ...u16(side), ...u16(side), 0, 0, 0, ...Array(frames).fill(frame).flat(), 0x3b])
  const large = bmp()
  large.writeInt32LE(30000, 18)
  const refusals = [[gif(12000, 1), /12000×12000 像素.*300 DPI/], [gif(100, 150), /动图.*静态图片/], [large, /像素/]]
  for (const [file, said] of refusals) {
    assert.ok(file.length < 4096 || file === large)
    await assert.rejects(a.upload('licence', file, '执照.gif', 'image/gif'), (e) => e.status === 422 && said.test(e.body.detail))
  }
  assert.equal(sql(`SELECT count(*) FROM hall.paper WHERE order_id = '${a.order.id}'`), '0')
})

test('a connection lost in the middle of an upload leaves nothing behind, and the next try works', async () => {
  const { a } = await ready()
  const u = new URL(URL_BASE)
  await new Promise((resolve) => {
    const req = http.request({ host: u.hostname, port: u.port, method: 'PUT', path: `/szjsgws/api/paper/orders/${a.order.id}/licence`,
      headers: { 'content-length': 100000, cookie: cookieOf(a), 'x-csrf-token': a.csrf } })
    req.on('error', resolve)
    req.write(Buffer.alloc(30000, 1))
    setTimeout(() => req.destroy(), 100)
  })
  const licence = async () => (await a.refresh()).papers.find((m) => m.code === 'licence').state
  assert.equal(await licence(), 'missing')
  await a.upload('licence', bmp())
  assert.equal(await licence(), 'ok')
})

test('a link sends ten pictures to text recognition; the next is refused with what to do, and a new link goes on', async () => {
  const { a, p } = await ready()
  const link = async () => new Phone('szjsgws', (await a.api('POST', `/identity/orders/${a.order.id}/link`)).url)
  const phone = await link(), wrong = await paper('licence', p)
  await assert.rejects(phone.card('front', bmp()), { status: 415 }, 'is not sent, and not counted')
  for (let i = 0; i < 10; i++) await assert.rejects(phone.card('front', wrong), { status: 422 })
  await assert.rejects(phone.card('front', await paper('idcard-front', p)), (e) => e.status === 429 && /请在电脑上重新生成二维码/.test(e.message))
  assert.equal((await phone.api('GET', '')).front, false)
  assert.equal((await (await link()).card('front', await paper('idcard-front', p))).front, true)
})

test('#141 #143 #D24 another person\'s ID card, a swapped side and no card at all are refused on the phone', async () => {
  const { a, p } = await ready()
  const { url } = await a.api('POST', `/identity/orders/${a.order.id}/link`)
  const phone = new Phone('szjsgws', url)
  await assert.rejects(phone.card('front', await paper('idcard-front', await person())), (e) => e.status === 422 && /不一致/.test(e.message))
  await assert.rejects(phone.card('front', await paper('idcard-back', p)), { status: 422 })
  await assert.rejects(phone.card('front', await paper('licence', p)), { status: 422 })
  await assert.rejects(phone.card('front', bmp()), { status: 415 })
  await assert.rejects(phone.api('POST', '/liveness'), { status: 409 })
  assert.ok(!JSON.stringify(await phone.api('GET', '')).includes(p.id_no), 'the phone sees masked data alone')
})

test('#142 a failed liveness check is told, and a new link makes the old one void', async () => {
  const { a, p } = await ready()
  const said = await a.authenticate(p, 'fail')
  assert.equal(said.state, 'failed')
  assert.match(said.reason, /未通过/)
  const first = await a.api('POST', `/identity/orders/${a.order.id}/link`)
  await a.api('POST', `/identity/orders/${a.order.id}/link`)
  await assert.rejects(new Phone('szjsgws', first.url).api('GET', ''), { status: 410 })
})

test('#138 the carrier\'s refusal says what to do', async () => {
  const p = await person()
  const a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  p.mobile = p.mobile.slice(0, 7) + '0000'
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  const said = await a.authenticate(p)
  assert.equal(said.state, 'failed')
  assert.match(said.reason, /运营商/)
})

test('#113 submission before everything is there names the first thing that lacks', async () => {
  const p = await person()
  const a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(true)
  const pointer = () => a.step('submit').then(() => null, (e) => e.body.errors[0].pointer)
  assert.equal(await pointer(), '/form')
  await a.save(formFor('szjsgws', p))
  assert.equal(await pointer(), '/print')
  await assert.rejects(a.upload('form', bmp()), (e) => e.status === 409 && /先打印/.test(e.message))
  await a.print()
  assert.equal(await pointer(), '/papers/form')
  await a.uploadAll()
  assert.equal(await pointer(), '/phone')
})

test('a forged payment notification is refused', async () => {
  const res = await fetch(`${URL_BASE}/notify/wechatpay`, { method: 'POST', body: '{"id":"x"}',
    headers: { 'content-type': 'application/json', 'wechatpay-timestamp': String(Math.floor(Date.now() / 1000)), 'wechatpay-nonce': 'n',
      'wechatpay-signature': 'WECHATPAY/SIGNTEST/AAAA', 'wechatpay-serial': 'PUB_KEY_ID_0' } })
  assert.equal(res.status, 401)
})

test('money that comes after the order was cancelled stays in sight and moves nothing', async () => {
  const { a } = await submitted('szjsgws')
  const { code_url } = await a.openPayment()
  assert.equal((await a.openPayment()).code_url, code_url, 'asked again, the same payment')
  const number = sql(`SELECT out_trade_no FROM hall.payment WHERE order_id = '${a.order.id}'`)
  await a.refresh()
  await a.api('POST', `/orders/${a.order.id}/cancel`, { json: { version: a.order.version } })
  const word = (amount, transaction) => sql(`SELECT hall.payment_paid('${number}', '${transaction}', ${amount}, now())`)
  assert.equal(word(1, 'T1' + number), 'wrong_amount')
  assert.equal(word(35000, 'T2' + number), 'refund_due')
  assert.equal(word(35000, 'T2' + number), 'again')
  await a.refresh()
  assert.equal(a.order.state, 'cancelled')
  assert.equal(a.order.refund_due, 35000)
})

test('two windows: the second to save is told, and loses nothing', async () => {
  const { a, p } = await ready()
  const other = new Applicant('szjsgws')
  Object.assign(other, { cookies: a.cookies, csrf: a.csrf, order: { ...a.order } })
  await a.save({ ...formFor('szjsgws', p), mail_address: '甲地址' }, false)
  await assert.rejects(other.save({ ...formFor('szjsgws', p), mail_address: '乙地址' }, false), (e) => e.status === 409 && /别的窗口/.test(e.message))
  assert.equal((await a.refresh()).form.mail_address, '甲地址')
})

test('the back button: an unpaid order goes back to the draft, its open payment is closed', async () => {
  const { a } = await submitted('szjsgws')
  await a.openPayment()
  await a.refresh()
  await a.step('edit')
  assert.equal(a.order.state, 'draft')
  await eventually('the payment closed', () => sql(`SELECT state FROM hall.payment WHERE order_id = '${a.order.id}'`) === 'closed')
  await a.refresh()
  await a.step('submit')
  await a.pay()
  assert.equal(a.order.state, 'in_review')
})

test('who reviewed an order cannot make its certificate, whatever roles they hold', async () => {
  const { a } = await submitted('jieyang', 'natural')
  await a.pay()
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  await a.until('accepted')
  sql(`UPDATE hall.staff SET roles = '{reviewer,producer}' WHERE name = 'review'`)
  await giveKeys()
  try {
    const both = await new Staff().login('review')
    await assert.rejects(both.act(a.order.id, 'produce'), (e) => e.status === 403 && /审核人/.test(e.message))
  } finally {
    sql(`UPDATE hall.staff SET roles = '{reviewer}' WHERE name = 'review'`)
    await giveKeys()
  }
})

test('#21 #216 codes by SMS: one a minute, three tries, a masked greeting', async () => {
  const p = await person()
  const a = new Applicant('szjsgws')
  const code = await a.code(p.mobile, 'login')
  await assert.rejects(a.api('POST', '/gate/sms-code', { json: { phone: p.mobile, purpose: 'login' } }), { status: 429 })
  const wrong = code === '111111' ? '222222' : '111111'
  for (let i = 0; i < 3; i++)
    await assert.rejects(a.api('POST', '/gate/login-sms', { json: { phone: p.mobile, code: wrong } }), { status: 422 })
  await assert.rejects(a.api('POST', '/gate/login-sms', { json: { phone: p.mobile, code } }), (e) => /过多/.test(e.message))
  sql(`UPDATE hall.sms_code SET created_at = created_at - interval '2 minutes'`)
  const me = await a.loginSms(p.mobile)
  assert.equal(me.account.phone, `${p.mobile.slice(0, 3)}****${p.mobile.slice(-4)}`)
})

test('no personal data in any log', async () => {
  const { a, p } = await submitted('szjsgws')
  await a.pay()
  for (const mark of [p.id_no, p.mobile, p.account_no, p.unit_code]) {
    const hits = execFileSync('bash', ['-c', `grep -rl -- '${mark}' "$CERTHALL_STATE/log" || true`], { encoding: 'utf8' })
    assert.equal(hits, '', mark)
  }
})

test('#97 branches are found by words in any order, by their number, and with a typing error', async () => {
  const a = new Applicant('szjsgws')
  await a.loginSms((await person()).mobile)
  const find = async (q) => (await a.api('GET', `/finauth/banks?q=${encodeURIComponent(q)}`)).banks.map((b) => b.cnaps)
  assert.deepEqual(await find('福田 深圳 工商'), ['102584000010'])
  assert.deepEqual(await find('102584000010'), ['102584000010'])
  assert.ok((await find('工伤 深圳福田')).includes('102584000010'))
  assert.deepEqual(await find('%%'), [])
})
