// SPDX-License-Identifier: Apache-2.0
// Production as people meet it: the producer with a token (its PIN opened in the page, its request, its files), and the applicant
// with the certificate in words, its files, and the key file that nobody else may take.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate, createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Journey } from './journey.mjs'
import { launch, lookWhole as look, open, sign, signing } from './lib.mjs'
import { Staff, URL_BASE, eventually, inbox, messages, sql, submitted } from '../lib/hall.mjs'
import { publish } from '../lib/officers.mjs'

const demo = JSON.parse(readFileSync(new URL('../../sql/demo/jieyang.json', import.meta.url), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'production-'))
const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] })
const ID = ['-sigopt', 'distid:1234567812345678']
const CER = '下载证书（.cer）', P7B = '下载证书链（.p7b）', P12 = '下载证书文件（.p12）'

let browser, review, produce, token
before(async () => {
  project('shown-token', { key_origin: 'token', pair: true })
  project('shown-file', { medium: 'file' })
  browser = await launch()
  review = await new Staff().login('review')
  produce = await new Staff().login('produce')
})
after(() => browser?.close())

/** jieyang under another name, its natural persons' type changed. */
function project(slug, type) {
  const types = demo.types.map((t) => (t.cert_type === 'natural' ? { ...t, ...type } : t))
  const project_id = createHash('md5').update(slug).digest('hex')
  writeFileSync(join(folder, 'project.json'), JSON.stringify({ ...demo, slug, project_id, name: slug, types }))
  publish(join(folder, 'project.json'))
}
async function accepted(slug) {
  const { a, p } = await submitted(slug, 'natural')
  await a.pay()
  await review.act(a.order.id, 'approve')
  await a.until('accepted')
  return { a, p, id: a.order.id }
}
/** A page that is logged in as an applicant already, at the order. */
async function detail({ a, id }, options) {
  const page = await open(browser, options)
  await page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: new URL(URL_BASE).origin })))
  await page.goto(`/${a.slug}/orders/${id}`)
  return page
}
async function desk(name, id, width) {
  const page = await new Journey(browser, null, 'jieyang', 'jieyang', null).desk(name)
  if (width) await page.setViewportSize({ width, height: 844 })
  await page.goto(`/desk/orders/${id}`)
  return page
}
async function download(page, element) {
  const [file] = await Promise.all([page.waitForEvent('download'), element.click()])
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) }
}
const yes = (page) => page.locator('.el-message-box').getByRole('button').last().click()
const ledger = (id) => sql(`SELECT string_agg(purpose || ' ' || attempt, ', ' ORDER BY id) FROM hall.pin_ledger WHERE order_id = '${id}'`)

/** A request as a token's program makes it: PEM, or DER as some write it. */
function csr(name, how = ID) {
  openssl('genpkey', '-algorithm', 'SM2', '-out', `${name}.key`)
  openssl('req', '-new', '-key', `${name}.key`, '-subj', '/CN=token', '-sm3', '-out', `${name}.csr`, ...how)
  openssl('req', '-in', `${name}.csr`, '-outform', 'DER', '-out', `${name}.der`)
  return { pem: readFileSync(join(folder, `${name}.csr`), 'utf8'), der: join(folder, `${name}.der`) }
}
const publicOf = (cer) => new X509Certificate(cer).publicKey.export({ type: 'spki', format: 'der' })

test('a token: its PIN is opened in the producer\'s page, and nothing of it stays there', async () => {
  token = await accepted('shown-token')
  await eventually('the PIN', () => sql(`SELECT state FROM hall.pin WHERE order_id = '${token.id}'`) === 'made')
  const page = await desk('produce', token.id)
  const panel = page.getByRole('region', { name: 'PIN 码' })
  await panel.getByText('已生成，未开启').waitFor()
  await look(page, 'token-before')
  const shown = panel.getByRole('status').locator('strong')
  const show = async () => {
    await panel.getByRole('button', { name: '查看介质 PIN 码与解锁码' }).click()
    await page.getByText('查看会记入台账').waitFor()
    await yes(page)
    await shown.first().waitFor()
    return shown.allTextContents()
  }
  const [pin, puk] = await show()
  assert.match(pin, /^\d{8}$/)
  assert.match(puk, /^[2-9A-HJKMNP-Z]{12}$/)
  await panel.getByRole('listitem').filter({ hasText: '制证' }).first().waitFor()
  await look(page, 'token-pin')
  await panel.getByRole('button', { name: '关闭' }).click()
  assert.equal(await shown.count(), 0)
  for (const secret of [pin, puk]) assert.ok(!(await page.content()).includes(secret), 'the page forgets it')
  assert.deepEqual(await show(), [pin, puk], 'the same, as another opening')
  assert.equal(ledger(token.id), 'production 1, puk 1, production 2, puk 2')
  await panel.getByText('（第 2 次）').first().waitFor()

  const reviewer = await desk('review', token.id)
  await reviewer.getByRole('region', { name: 'PIN 码' }).getByText('（第 2 次）').first().waitFor()
  assert.equal(await reviewer.getByRole('button', { name: '查看介质 PIN 码' }).count(), 0, 'the producer\'s alone')
})

test('a token: wrong requests are told at their field, a true one brings certificates, chain and enveloped key', async () => {
  const page = await desk('produce', token.id)
  const field = page.getByLabel('或粘贴证书请求'), said = page.getByRole('region', { name: '办理' }).getByRole('alert')
  const go = page.getByRole('button', { name: '制作证书' })
  await go.click()
  await said.getByText('请选择或粘贴介质生成的证书请求').waitFor()
  await field.fill(csr('wrong', []).pem) // openssl's own default: the empty id
  await go.click()
  await said.getByText(/1234567812345678/).waitFor()
  assert.equal(await signing(page).count(), 0, 'a request that cannot be taken is not signed')
  assert.equal(await field.getAttribute('aria-invalid'), 'true')
  assert.equal(await page.locator(`#${await field.getAttribute('aria-describedby')}`).textContent(), await said.textContent())
  await look(page, 'token-refused')
  await page.setViewportSize({ width: 390, height: 844 })
  await look(page, 'token-refused-narrow')
  await page.setViewportSize({ width: 1280, height: 900 })
  const big = { name: 'big.csr', mimeType: 'text/plain', buffer: Buffer.alloc(9000, 65) }
  await page.getByLabel('证书请求文件（CSR）').setInputFiles(big)
  await said.getByText('不超过 8 KB').waitFor()
  const { der } = csr('token')
  await page.getByLabel('证书请求文件（CSR）').setInputFiles(der)
  await eventually('the file in the field', async () => (await field.inputValue()) === readFileSync(der).toString('base64'))
  assert.equal(await said.count(), 0)
  await sign(page, go)
  const link = (name) => page.getByRole('link', { name: `下载${name}` })
  await link('加密密钥（SM2 数字信封）').waitFor()
  await look(page, 'token-files')
  const signature = await download(page, link('签名证书（.cer）')), encryption = await download(page, link('加密证书（.cer）'))
  assert.deepEqual(publicOf(signature.bytes), Buffer.from(openssl('pkey', '-in', 'token.key', '-pubout', '-outform', 'DER')))
  assert.notDeepEqual(publicOf(encryption.bytes), publicOf(signature.bytes))
  writeFileSync(join(folder, 'chain.p7b'), (await download(page, link('证书链（.p7b）'))).bytes)
  assert.equal(openssl('pkcs7', '-inform', 'DER', '-in', 'chain.p7b', '-print_certs').toString().match(/BEGIN/g).length, 3)
  const envelope = await download(page, link('加密密钥（SM2 数字信封）'))
  assert.deepEqual([envelope.bytes[0], envelope.bytes.length > 150], [0x30, true])
  assert.equal(await link('密钥文件（.p12）').count(), 0, 'its key never left the token')
  token.files = { signature, encryption, envelope }
})

for (const phone of [false, true])
  test(`the applicant reads a pair in words and takes its files${phone ? ', on a phone' : ''}`, async () => {
    const page = await detail(token, { phone })
    const panel = page.getByRole('region', { name: '证书', exact: true })
    await panel.getByRole('heading', { name: '签名证书' }).waitFor()
    await panel.getByRole('heading', { name: '加密证书' }).waitFor()
    await panel.getByText('数字签名、抗抵赖', { exact: true }).first().waitFor()
    await panel.getByText(token.p.name, { exact: true }).first().waitFor()
    await panel.getByText(/（还有 36\d 天到期）/).first().waitFor()
    for (const more of await panel.getByText('更多内容').all()) await more.click()
    await panel.getByText('SM3withSM2').first().waitFor()
    await look(page, `certificate-pair${phone ? '-phone' : ''}`)
    const wide = await panel.locator('dt').evaluateAll((all) => all.filter((dt) => dt.scrollWidth > dt.clientWidth).map((dt) => dt.textContent))
    assert.deepEqual(wide, [], 'no label runs into its value')
    const cer = await download(page, panel.getByRole('link', { name: CER }).first())
    assert.match(cer.name, /\.cer$/)
    assert.deepEqual(cer.bytes, token.files.signature.bytes)
    await panel.getByText(createHash('sha256').update(cer.bytes).digest('hex')).waitFor()
    assert.deepEqual((await download(page, panel.getByRole('link', { name: CER }).last())).bytes, token.files.encryption.bytes)
    assert.match((await download(page, panel.getByRole('link', { name: P7B }).first())).name, /\.p7b$/)
    assert.equal(await page.getByRole('button', { name: P12 }).count(), 0)
    await page.context().close()
  })

test('a PIN that the phone never got is sent again from the desk', async () => {
  const order = await accepted('jieyang')
  await produce.act(order.id, 'produce')
  await inbox(order.p.mobile, /PIN 码为/)
  await eventually('the confirmation', () => sql(`SELECT state FROM hall.pin WHERE order_id = '${order.id}'`) === 'confirmed')
  sql(`UPDATE hall.message SET delivery = 'undelivered', delivery_at = now() WHERE order_id = '${order.id}' AND event = 'pin'`)
  const page = await desk('review', order.id)
  const panel = page.getByRole('region', { name: 'PIN 码' }), again = panel.getByRole('button', { name: '重新发送短信' })
  await again.click()
  await page.getByText('将向同一手机号再次发送').waitFor()
  await look(page, 'pin-again')
  await yes(page)
  await panel.getByText(/短信（第 2 次）/).waitFor()
  await eventually('both messages', async () => (await messages(order.p.mobile)).filter((m) => /PIN 码为/.test(m.text)).length === 2)
  await again.waitFor({ state: 'detached' })
  await look(page, 'pin-sent')
})

for (const phone of [false, true])
  test(`a certificate kept in a file: taken by the applicant alone, not while it is held${phone ? ', on a phone' : ''}`, async () => {
    const order = await accepted('shown-file'), width = phone ? '-phone' : ''
    await produce.act(order.id, 'produce')
    await order.a.until('produced')
    const { text } = await inbox(order.p.mobile, /PIN 码为/)
    const staff = await desk('produce', order.id, phone && 390)
    await staff.getByText('这类证书由申请人自行下载，不需要寄送').waitFor()
    assert.equal(await staff.getByRole('link', { name: /\.p12/ }).count(), 0)
    await staff.getByText('证书下载通知').waitFor()
    await look(staff, `file-desk${width}`)

    const page = await detail(order, { phone })
    const panel = page.getByRole('region', { name: '证书', exact: true })
    await panel.getByText('全部下载后一天内可以重复下载').waitFor()
    await look(page, `file-before${width}`)
    await panel.getByRole('button', { name: P12 }).click()
    await page.getByText('证书文件含有您的私钥').waitFor()
    const { name, bytes } = await download(page, page.locator('.el-message-box').getByRole('button').last())
    assert.equal(name, `${order.a.order.number}.p12`)
    writeFileSync(join(folder, 'key.p12'), bytes)
    const env = { ...process.env, PIN: text.match(/PIN 码为 ([2-9A-Z]{12})/)[1] }
    const reading = ['pkcs12', '-in', 'key.p12', '-passin', 'env:PIN', '-nodes', '-nocerts']
    assert.match(execFileSync('openssl', reading, { cwd: folder, env, encoding: 'utf8' }), /BEGIN PRIVATE KEY/)
    await panel.getByText(/之前还可以下载 4 次/).waitFor()
    await look(page, `file-taken${width}`)
    await download(page, panel.getByRole('button', { name: P12 })) // asks only the first time
    await panel.getByText(/之前还可以下载 3 次/).waitFor()

    await page.getByRole('button', { name: '报失并冻结' }).click()
    await yes(page)
    await panel.getByText('证书冻结期间不能下载证书文件').waitFor()
    await panel.getByText('已冻结').waitFor()
    await look(page, `file-held${width}`)
    await page.getByRole('button', { name: '已找回，解除冻结' }).click()
    await yes(page)
    await panel.getByRole('button', { name: P12 }).waitFor()
    sql(`DELETE FROM hall.outbox WHERE kind = 'key_file_end' AND subject = '${order.id}'; SELECT hall.key_file_end('${order.id}')`)
    await page.reload()
    await panel.getByText('证书文件已按规定销毁').waitFor()
    await page.context().close()
  })
