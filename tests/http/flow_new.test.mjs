// SPDX-License-Identifier: Apache-2.0
// The main job from end to end over HTTP: from the partner's link to a key file that opens with the PIN on the company's bank
// statement.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { Applicant, BRANCH, Staff, eventually, formFor, inbox, person, sandboxCall, sql, STATE, submitted, URL_BASE } from '../lib/hall.mjs'

const pinOf = (account) =>
  eventually('the payout on the bank statement', async () => {
    const { entries } = await sandboxCall('GET', `/statement?account=${account}`)
    return entries.map((e) => e.remark?.match(/PIN码[:：]\s*([2-9A-Z]{12})/)?.[1]).find(Boolean)
  })

const payouts = async (account) => (await sandboxCall('GET', `/statement?account=${account}`)).entries.map((e) => e.amount_fen)

function openKeyFile(bytes, pin) {
  const file = join(mkdtempSync(join(tmpdir(), 'p12-')), 'key.p12')
  writeFileSync(file, bytes)
  return execFileSync('openssl', ['pkcs12', '-in', file, '-passin', `pass:${pin}`, '-nokeys', '-clcerts'], { encoding: 'utf8', stdio: 'pipe' })
}

function textOf(pdf) {
  const file = join(mkdtempSync(join(tmpdir(), 'pdf-')), 'form.pdf')
  writeFileSync(file, pdf)
  return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' })
}

/** Chain and key file by BouncyCastle, which shares no code with OpenSSL. */
function verifyElsewhere(leaf, keyFile, pin) {
  const dir = mkdtempSync(join(tmpdir(), 'chain-'))
  const pem = execFileSync(`${STATE}/bin/certhall-signer`, ['certificates'], { encoding: 'utf8', env: { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` } })
  const [root, ca] = pem.match(/-----BEGIN[^]+?END CERTIFICATE-----\n/g)
  const files = { 'root.cer': root, 'ca.cer': ca, 'leaf.cer': leaf, 'key.p12': keyFile }
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(dir, name), bytes)
  const check = fileURLToPath(new URL('../interop/java/run', import.meta.url))
  return execFileSync('sh', [check, 'Verify', ...Object.keys(files).map((f) => join(dir, f))], { encoding: 'utf8', env: { ...process.env, PIN: pin } })
}

async function producedFile(id) {
  const producer = await new Staff().login('produce')
  await producer.act(id, 'produce')
  await eventually('the certificate', async () => (await producer.read(id)).order.state === 'produced')
  const res = await producer.fetch('GET', `/desk/api/produce/orders/${id}/certificate.p12`)
  assert.equal(res.status, 200)
  return { producer, bytes: Buffer.from(await res.arrayBuffer()) }
}

test('#9 #10 #D22 the link of szjsgws leads to its log-in; a foreign ID or slug to a page that says what is wrong', async () => {
  const get = (path) => fetch(URL_BASE + path, { redirect: 'manual' })
  const good = await get('/szjsgws/getLogin?projectId=0535cc2aee346b5dc3f9e5b852f00369')
  assert.equal(good.status, 302)
  assert.equal(good.headers.get('location'), '/szjsgws/login')
  for (const bad of ['/szjsgws/getLogin', '/szjsgws/getLogin?projectId=7c1f0b6a9de54b21a7e3c2d4f5069b18',
    '/nobody/getLogin?projectId=0535cc2aee346b5dc3f9e5b852f00369']) {
    const res = await get(bad)
    assert.equal(res.status, 404, bad)
    assert.match(await res.text(), /链接无法打开/)
  }
})

test('#19 #41 #61 #112 #120 #155 #157 #160 #171 #173 #176 #180 #188 #224 #228 #D2 #D26 szjsgws from log-in to the parcel, the PIN on the bank statement after the approval', async () => {
  const p = await person()
  const a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(true)
  assert.equal(a.order.state, 'draft')
  assert.match(a.order.number, /^\d{18}$/)
  await a.save({ unit_name: p.unit_name }, false)
  const elsewhere = new Applicant('szjsgws') // another machine takes the draft up
  Object.assign(elsewhere, { cookies: a.cookies, csrf: a.csrf, order: a.order })
  assert.equal((await elsewhere.refresh()).form.unit_name, p.unit_name)
  await a.save({ ...formFor('szjsgws', p), unit_address: '𠮷祥路 1 号' })
  const pdf = await a.print()
  assert.equal(pdf.headers.get('content-type'), 'application/pdf')
  const printed = textOf(Buffer.from(await pdf.arrayBuffer()))
  for (const said of [a.order.number, p.unit_name, p.unit_code, '𠮷祥路 1 号', '公章', '广东省深圳市']) assert.ok(printed.includes(said), said)
  assert.equal(printed.split('\f').length - 1, 1, 'one page')
  assert.deepEqual(a.order.papers.map((m) => m.code), ['form', 'licence', 'seal_form'])
  await a.uploadAll()
  assert.equal((await a.authenticate(p)).state, 'passed')
  await a.refresh()
  await a.step('submit')
  assert.equal(a.order.state, 'unpaid')
  assert.equal(a.order.price.total, 35000)
  await a.pay()
  assert.equal(a.order.state, 'in_review')
  assert.match(a.order.gift.name, /充电宝/)
  assert.ok(a.order.due_at)
  assert.equal(a.order.finauth.state, 'account_wanted')
  await a.account(BRANCH, p.account_no)
  await a.refresh()
  assert.equal(a.order.label, '待审核')
  assert.ok(a.order.can.includes('refund'))

  const reviewer = await new Staff().login('review')
  const seen = await reviewer.read(a.order.id)
  assert.deepEqual(await payouts(p.account_no), [], 'no PIN leaves before the approval')
  assert.deepEqual(seen.checks.filter((c) => !c.ok && !c.code.startsWith('paper_')), []) // its papers are no scans: quality.test.mjs
  await reviewer.act(a.order.id, 'approve')
  await inbox(p.mobile, /审核通过/)
  const pin = await pinOf(p.account_no)
  const told = await inbox(p.mobile, /已向单位账户汇出 0\.01 元，附言为证书 PIN 码，请向本单位财务索取/)
  assert.ok(!told.text.includes(pin), 'the message asks for the PIN and does not have it')
  assert.deepEqual(await payouts(p.account_no), [1], 'one of 0.01 yuan')
  await a.until('accepted')
  assert.equal(a.order.label, '成功受理')
  assert.ok(a.order.ship_due_at)

  const { producer, bytes } = await producedFile(a.order.id)
  assert.match(openKeyFile(bytes, pin), /BEGIN CERTIFICATE/)
  assert.throws(() => openKeyFile(bytes, 'AAAAAAAAAAAA'))
  const leaf = await producer.fetch('GET', `/desk/api/produce/orders/${a.order.id}/certificate.cer`)
  const said = verifyElsewhere(Buffer.from(await leaf.arrayBuffer()), bytes, pin)
  assert.match(said, /ok - /)
  assert.doesNotMatch(said, /not ok/)
  await producer.act(a.order.id, 'ship', { courier: 'sf', tracking_no: 'SF1234567890' })
  await inbox(p.mobile, /SF1234567890/)
  await a.refresh()
  assert.equal(a.order.parcel.tracking_no, 'SF1234567890')
  assert.match(a.order.certificate.serial, /^[0-9A-F]{16}$/)
  const gone = await producer.fetch('GET', `/desk/api/produce/orders/${a.order.id}/certificate.p12`)
  assert.equal(gone.status, 404, 'the key file is destroyed when the parcel leaves')
  await a.api('POST', `/orders/${a.order.id}/received`, { json: { version: a.order.version } })
  assert.equal((await a.refresh()).state, 'done')
})

test('#48 #115 #144 #191 #214 #225 #D6 jieyang, natural person: no unit, no account, no stamp; the PIN comes by SMS after production', async () => {
  const { a, p } = await submitted('jieyang', 'natural')
  assert.deepEqual(a.order.papers.map((m) => m.code), ['form_natural', 'id_natural', 'id_natural_back'])
  assert.equal(a.order.price.total, 60000)
  await a.pay()
  assert.equal(a.order.finauth.state, null)
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  await a.until('accepted')
  const { bytes } = await producedFile(a.order.id)
  const pin = (await inbox(p.mobile, /PIN/)).text.match(/PIN 码为 ([2-9A-Z]{12})/)[1]
  assert.match(openKeyFile(bytes, pin), /BEGIN CERTIFICATE/)
})

test('#17 #18 #98 jieyang, institution: registration with a password; the account stands in the form', async () => {
  const p = await person()
  const a = new Applicant('jieyang')
  await a.register(p.mobile, 'correct-horse-7')
  await a.api('POST', '/gate/logout')
  await assert.rejects(a.api('POST', '/gate/login-password', { json: { phone: p.mobile, password: 'wrong-horse-7' } }), { status: 422 })
  await a.api('POST', '/gate/login-password', { json: { phone: p.mobile, password: 'correct-horse-7' } })
  await a.draft()
  await a.save(formFor('jieyang', p))
  await a.print()
  await a.uploadAll()
  assert.equal((await a.authenticate(p)).state, 'passed')
  await a.refresh()
  await a.step('submit')
  await a.pay()
  assert.equal(a.order.finauth.state, 'queued')
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  await pinOf(p.account_no)
  await a.until('accepted')
})

test('#174 #175 #180 #211 rejection pinned to a field and a paper: mended and handed in again, payment and authentication kept', async () => {
  const { a, p } = await submitted('szjsgws')
  await a.pay()
  const reviewer = await new Staff().login('review')
  await reviewer.act(a.order.id, 'reject', {
    reasons: [{ pointer: '/papers/licence', text: '营业执照未加盖公章' }, { pointer: '/form/unit_address', text: '地址与执照不符' }],
  })
  await inbox(p.mobile, /原因：营业执照扫描件：营业执照未加盖公章；单位地址：地址与执照不符。/)
  await a.refresh()
  assert.equal(a.order.state, 'rejected')
  assert.deepEqual(['resubmit', 'refund'].filter((word) => a.order.can.includes(word)), ['resubmit', 'refund'], 'to be edited, or refunded')
  assert.match(a.order.next.text, /请按驳回原因修改后重新提交/)
  assert.deepEqual(a.order.rejection.reasons.map((reason) => reason.label), ['营业执照扫描件', '单位地址'])
  assert.equal(a.order.papers.find((m) => m.code === 'licence').state, 'rejected')
  await assert.rejects(a.step('resubmit'), { status: 422 })
  await a.save({ ...formFor('szjsgws', p), unit_address: '科技园路 2 号' })
  assert.equal(a.order.printed, false, 'what stands on the form has changed')
  assert.equal(a.order.papers.find((m) => m.code === 'form').state, 'stale')
  assert.equal(a.order.phone.state, 'passed')
  assert.equal(a.order.payment.state, 'paid')
  await assert.rejects(a.save({ ...formFor('szjsgws', p), years: 3 }), (e) => e.status === 422 && /已支付/.test(e.message))
  await a.print()
  await a.uploadAll()
  await a.step('resubmit')
  assert.equal(a.order.state, 'in_review')
})

test('#165 #166 #167 a payout that the bank refuses is shown with its reason; the mended account gets a fresh PIN', async () => {
  const { a, p } = await submitted('szjsgws')
  await a.pay()
  await a.account(BRANCH, p.account_no.slice(0, -4) + '0001')
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  await eventually('the refusal', async () => (await a.refresh()).finauth.state === 'failed')
  assert.equal(a.order.label, '金融认证失败')
  assert.ok(a.order.can.includes('account'), 'which is the button 金融认证')
  assert.ok(a.order.finauth.reason)
  await inbox(p.mobile, /金融认证/)
  await a.account(BRANCH, p.account_no)
  await pinOf(p.account_no)
  await a.until('accepted')
  const pins = sql(`SELECT string_agg(generation || state, ' ' ORDER BY generation) FROM hall.pin WHERE order_id = '${a.order.id}'`)
  assert.equal(pins, '1void 2opened')
})
