// SPDX-License-Identifier: Apache-2.0
// What outside services do to an order: reports, refunds, a licence read by machine.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Applicant, STATE, Staff, URL_BASE, bmp, eventually, formFor, paidTooLate, paper, payAt, person, sandboxCall, sql, submitted } from '../lib/hall.mjs'

const numberOf = (a) => sql(`SELECT out_trade_no FROM hall.payment WHERE order_id = '${a.order.id}' ORDER BY created_at DESC LIMIT 1`)
const report = (path, body, headers = {}) => fetch(URL_BASE + path, { method: 'POST', body, headers })

/** Lets szjsgws take both ways of paying during a test. */
async function bothWays(work) {
  sql(`UPDATE hall.project SET payment_ways = '{wechatpay,alipay}' WHERE slug = 'szjsgws'`)
  try {
    await work()
  } finally {
    sql(`UPDATE hall.project SET payment_ways = '{wechatpay}' WHERE slug = 'szjsgws'`)
  }
}

test('paid by Alipay: its notification books it', () => bothWays(async () => {
  const { a } = await submitted('szjsgws')
  const opened = await a.openPayment('alipay')
  assert.match(opened.code_url, /^https:\/\/qr\.alipay\.com\//)
  assert.equal(opened.channel, 'alipay')
  await payAt(opened)
  await eventually('the payment', async () => (await a.refresh()).state !== 'unpaid')
  assert.equal(a.order.payment.channel, 'alipay')
  assert.equal(sql(`SELECT state FROM hall.payment WHERE order_id = '${a.order.id}'`), 'paid')
  assert.equal(sql(`SELECT tries FROM sandbox.notice WHERE vendor = 'alipay' AND about = '${numberOf(a)}'`, 'certhall_sandbox'), '1', 'taken at once')
}))

test('the way of paying is changed: one payment is open, and whichever is paid counts once', () => bothWays(async () => {
  const { a } = await submitted('szjsgws')
  const first = await a.openPayment('wechatpay'), second = await a.openPayment('alipay')
  assert.notEqual(first.code_url, second.code_url)
  await payAt(second)
  await eventually('the payment', async () => (await a.refresh()).state !== 'unpaid')
  assert.equal(sql(`SELECT string_agg(channel || ' ' || state, ', ' ORDER BY channel) FROM hall.payment WHERE order_id = '${a.order.id}'`), 'alipay paid, wechatpay closed')
  await eventually('closed at WeChat', () => sql(`SELECT o.state FROM sandbox.wechatpay_order o WHERE out_trade_no IN (${`'${sql(`SELECT out_trade_no FROM hall.payment WHERE order_id = '${a.order.id}' AND channel = 'wechatpay'`)}'`})`, 'certhall_sandbox') === 'CLOSED')
}))

for (const channel of ['wechatpay', 'alipay'])
  test(`money for a cancelled order goes back by itself (${channel})`, () => bothWays(async () => {
    const { a, p } = await paidTooLate(channel)
    await eventually('the refund', async () => (await a.refresh()).history.some((h) => /已原路退回 350\.00 元/.test(h.text)))
    assert.deepEqual([a.order.state, a.order.refund_due], ['cancelled', 0])
    assert.equal(sql(`SELECT p.state || ' ' || r.state || ' ' || r.amount FROM hall.payment p JOIN hall.refund r ON r.payment_id = p.id WHERE p.order_id = '${a.order.id}'`), 'refunded succeeded 35000')
    const books = channel === 'wechatpay' ? `SELECT sum(fen) FROM sandbox.wechatpay_refund WHERE out_trade_no = '${numberOf(a)}'`
      : `SELECT sum(fen) FROM sandbox.alipay_refund WHERE out_trade_no = '${numberOf(a)}'`
    assert.equal(sql(books, 'certhall_sandbox'), '35000', 'once, to the fen')
    const told = await eventually('the message', async () => (await sandboxCall('GET', `/inbox?phone=${p.mobile}`)).messages.find((m) => /原路退回/.test(m.text)))
    assert.match(told.text, /350\.00 元/)
  }))

test('a refund that cannot arrive is in sight of the applicant, and told by the vendor when it has', async () => {
  const { a } = await paidTooLate('wechatpay', ['wechatpay.refund_abnormal', 'once'])
  await eventually('the failure', async () => (await a.refresh()).history.some((h) => /未能原路退回，工作人员将与您联系/.test(h.text)))
  assert.equal(a.order.refund_due, 35000, 'still owed')
})

test('reports that nobody signed are refused and change nothing', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  assert.equal((await report('/notify/alipay', 'notify_id=forged-1&trade_status=TRADE_SUCCESS&sign=AAAA&sign_type=RSA2', form)).status, 401)
  assert.equal((await report('/notify/alipay', '', form)).status, 401)
  assert.equal((await report('/notify/sms/wrongwordwrongword', '[]')).status, 404)
  const word = readFileSync(`${STATE}/keys/notice/sms-report.key`, 'utf8').trim()
  assert.equal((await report(`/notify/sms/${word}`, 'nonsense')).status, 400)
  assert.deepEqual(await (await report(`/notify/sms/${word}`, '[{"sid":"nobody\'s","report_status":"SUCCESS","mobile":"13800138000"}]')).json(), { result: 0, errmsg: 'OK' })
  assert.equal(sql("SELECT count(*) FROM hall.payment_notice WHERE id = 'forged-1'"), '0', 'kept nowhere') // late ones of other tests may come meanwhile
})

test('staff see whether a message reached its phone', async () => {
  const { a } = await submitted('jieyang', 'natural')
  await a.pay()
  const review = await new Staff().login('review')
  await review.act(a.order.id, 'approve')
  const list = () => review.call('GET', `/desk/api/office/orders/${a.order.id}/messages`)
  const told = await eventually('the report', async () => (await list()).items.find((m) => m.event === 'approved' && m.state === 'delivered'))
  assert.ok(told.delivery_at)
})

async function withLicence(facts, mime = 'image/jpeg') {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  await a.print()
  const bytes = mime === 'image/bmp' ? bmp() : await paper('licence', { unit_name: p.unit_name, unit_code: p.unit_code, legal_name: p.name, format: 'jpeg', ...facts })
  await a.upload('licence', bytes, `licence.${mime.slice(6)}`, mime)
  const check = () => eventually('the reading', async () => {
    const c = (await a.refresh()).papers.find((m) => m.code === 'licence').check
    return c?.state !== 'queued' && c
  })
  return { a, p, check }
}

test('a licence is read and compared with the form: agrees, differs, differs no more', async () => {
  const right = await withLicence({})
  assert.equal((await right.check()).state, 'agrees')
  const wrong = await withLicence({ unit_name: '另一家示范有限公司' })
  const said = await wrong.check()
  assert.deepEqual([said.state, said.fields], ['differs', ['unit_name']])
  assert.match(said.text, /单位名称.*请核对申请表或更换证照/)
  const reads = () => Number(sql(`SELECT count(*) FROM hall.licence_check WHERE order_id = '${wrong.a.order.id}' AND seen IS NOT NULL`))
  assert.equal(reads(), 1)
  await wrong.a.save({ ...formFor('szjsgws', wrong.p), unit_name: '另一家示范有限公司' })
  await eventually('the comparison', async () => (await wrong.check()).state === 'agrees')
  assert.ok(!sql(`SELECT encode(seen, 'escape') FROM hall.licence_check WHERE order_id = '${wrong.a.order.id}'`).includes('另一家'), 'what was read is encrypted')
})

test('a licence that cannot be read keeps nobody from going on', async () => {
  const { a, check } = await withLicence({}, 'image/bmp')
  const said = await check()
  assert.equal(said.state, 'unreadable')
  assert.match(said.text, /人工核对/)
  assert.equal(a.order.papers.find((m) => m.code === 'licence').state, 'ok')
})

test('staff see how the services do, and so does the operator', async () => {
  const finance = await new Staff().login('finance')
  const { items } = await finance.call('GET', '/desk/api/office/vendors')
  const wechatpay = items.find((v) => v.code === 'wechatpay')
  assert.equal(wechatpay.circuit, 'closed')
  assert.ok(wechatpay.good > 0)
  const gateway = (...args) => execFileSync(`${STATE}/bin/certhall-gateway`, args, { encoding: 'utf8', env: { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` } })
  assert.match(gateway('list'), /^wechatpay +in use/m)
  for (const name of ['wechatpay', 'alipay', 'sms', 'faceid', 'ocr', 'cmb', 'nuonuo', 'sf', 'jd'])
    assert.match(gateway('check', name), /right: it answers, and knows us/, name)
  assert.match(gateway('check', 'mail', 'somebody@example.com'), /right/)
})

test('the check says in words what is wrong', () => {
  const dir = mkdtempSync(join(tmpdir(), 'conf-')), conf = join(dir, 'hall.conf')
  const check = (name, ...lines) => {
    writeFileSync(conf, `${readFileSync(`${STATE}/hall.conf`, 'utf8')}\nvendor_state =\n${lines.join('\n')}\n`)
    try {
      return execFileSync(`${STATE}/bin/certhall-gateway`, ['check', name], { encoding: 'utf8', env: { ...process.env, CERTHALL_CONF: conf } })
    } catch (e) {
      assert.equal(e.status, 1)
      return e.stdout
    }
  }
  assert.match(check('wechatpay', 'wechatpay_serial = 00'), /wrong: SIGN_ERROR[^]*wechatpay_key is not the key/)
  assert.match(check('wechatpay', 'wechatpay_key = pay/alipay-app.pem'), /wrong: SIGN_ERROR/)
  assert.match(check('wechatpay', 'wechatpay_url = http://127.0.0.1:9'), /wrong: no_answer[^]*nothing answers at this address/)
  assert.match(check('wechatpay', 'wechatpay_key = pay/nowhere.pem'), /not set up/)
  assert.match(check('alipay', 'alipay_key = pay/wechatpay-merchant.pem'), /isv\.invalid-signature[^]*alipay_key/)
  assert.match(check('sms', 'tencent_secret_key = pay/alipay-app.pem'), /AuthFailure\.SignatureFailure[^]*tencent_secret_key does not belong/)
  assert.match(check('cmb', 'cmb_key = runner/cmb-bank.pem'), /cmb/)
  assert.match(check('sf', 'sf_digest = sm3'), /A1006[^]*sf_digest/)
  assert.match(check('mail'), /say to which address/)
})

test('a production hall does not start with the sandbox', () => {
  const dir = mkdtempSync(join(tmpdir(), 'conf-')), conf = join(dir, 'hall.conf')
  writeFileSync(conf, `${readFileSync(`${STATE}/hall.conf`, 'utf8')}\nproduction = yes\n`)
  for (const name of ['gate', 'pay', 'notify', 'sandbox', 'sandbox-clock', 'runner', 'signer', 'admin', 'gateway'])
    assert.throws(() => execFileSync(`${STATE}/bin/certhall-${name}`, name === 'admin' ? ['audit', 'verify'] : [], { encoding: 'utf8', stdio: 'pipe', timeout: 10000, env: { ...process.env, CERTHALL_CONF: conf } }),
      (e) => e.status !== 0 && /production = yes and sandbox = yes exclude each other/.test(e.stderr), name)
})
