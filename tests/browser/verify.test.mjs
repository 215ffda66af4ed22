// SPDX-License-Identifier: Apache-2.0
// The three pages that anybody may use: verification of signatures, state by serial number, one's own serial numbers.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { folder, issued, java, setState } from '../lib/authority.mjs'
import { STATE, Staff, URL_BASE, eventually, inbox, person, sql, submitted } from '../lib/hall.mjs'
import { otherKey, receiptFiles } from '../lib/receipts.mjs'
import { launch, look, lookWhole, open, withSession } from './lib.mjs'

let browser, cert, signed
const content = Buffer.from('采购合同\n')

before(async () => {
  browser = await launch()
  cert = await issued('sm2')
  const { text } = await inbox(cert.order.form.holder_mobile, /PIN 码为/)
  process.env.PIN = text.match(/PIN 码为 ([2-9A-Z]{12})/)[1]
  const res = await (await new Staff().login('produce')).fetch('GET', `/desk/api/produce/orders/${cert.order.id}/certificate.p12`)
  writeFileSync(join(folder, 'key.p12'), Buffer.from(await res.arrayBuffer()))
  writeFileSync(join(folder, 'contract.txt'), content)
  const made = java('Cms', 'sign', join(folder, 'key.p12'), join(folder, 'contract.txt'), join(folder, 'contract.p7s'))
  assert.ok(made.ok, made.out)
  signed = { name: '合同.p7s', mimeType: 'application/pkcs7-signature', buffer: readFileSync(join(folder, 'contract.p7s')) }
})
after(() => browser.close())

const original = (buffer = content) => ({ name: '合同.txt', mimeType: 'text/plain', buffer })
async function verify(page, ...files) {
  await page.goto('/verify')
  await page.locator('input[type=file]').setInputFiles(files)
  await page.getByRole('button', { name: '开始验证' }).click()
}

test('signature verification: valid, another content, nothing signed; at phone width and in print', async () => {
  const page = await open(browser)
  await page.goto('/')
  await page.getByRole('heading', { name: '签名验证' }).click()
  await page.waitForURL('/verify')
  await look(page, 'verify-empty')
  await verify(page, signed, original())
  await page.getByRole('heading', { name: '签名有效', exact: true }).waitFor()
  await page.getByText('证书没有被吊销').waitFor()
  await page.getByText('证书详细信息').click()
  await look(page, 'verify-valid')
  await verify(page, original(Buffer.from('另一份合同')), signed)
  await page.getByRole('heading', { name: '签名无效' }).waitFor()
  await page.getByText(/内容与签名时不一致/).waitFor()
  await look(page, 'verify-invalid')
  await verify(page, original())
  await page.getByText(/没有在文件里找到签名/).waitFor()
  await verify(page, signed)
  await page.getByText(/请把原文件和签名文件一起选上/).waitFor()
  const phone = await open(browser, { phone: true })
  await verify(phone, signed, original())
  await phone.getByRole('heading', { name: '签名有效', exact: true }).waitFor()
  await look(phone, 'verify-phone')
  assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing to push sideways')
  await phone.emulateMedia({ media: 'print' })
  assert.ok(!(await phone.getByRole('button', { name: '开始验证' }).isVisible()))
})

for (const phone of [false, true])
  test(`the receipt of an order is downloaded and verified${phone ? ', on a phone' : ''}`, async () => {
    const { a } = await submitted('jieyang')
    await eventually('the log', async () => (await a.api('GET', `/orders/${a.order.id}/receipt.json`).catch(() => null))?.rows.find((row) => row.text?.includes('new.create')))
    const page = await open(browser, { phone })
    await withSession(page, a)
    await page.goto(`/jieyang/orders/${a.order.id}`)
    const section = page.getByRole('region', { name: '办理记录回执' }), take = section.getByRole('button', { name: '下载回执' })
    const early = '办理记录还没有写入签名日志，请稍后再下载回执。'
    await page.route('**/receipt.json', (route) => route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ status: 409, code: 'conflict', title: early, detail: early }) }), { times: 1 })
    await take.click()
    await page.getByText(early).waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), take.click()])
    assert.equal(download.suggestedFilename(), `receipt-${a.order.number}.json`)
    const receipt = readFileSync(await download.path())
    await section.getByRole('link', { name: '签名验证' }).click()
    await page.waitForURL('/verify')
    await verify(page, { name: '回执.json', mimeType: 'application/json', buffer: receipt })
    await page.getByRole('heading', { name: '回执有效', exact: true }).first().waitFor()
    await page.getByText(/日志由持有这把公钥的机构签署/).waitFor()
    await page.getByRole('button', { name: '与本机构的记录核对' }).click()
    await page.getByText('本机构的记录里有这份日志。').waitFor()
    await lookWhole(page, `verify-receipt${phone ? '-phone' : ''}`)
    const changed = Buffer.from(receipt.toString().replace('new.create', 'new.submit'))
    await verify(page, { name: '回执.json', mimeType: 'application/json', buffer: changed })
    await page.getByRole('heading', { name: '回执无效', exact: true }).first().waitFor()
    await page.getByText('回执中的办理记录被改动过').waitFor()
  })

test('a receipt stays in the browser, and the page ends as certhall-verify-receipt does', async () => {
  const { a } = await submitted('jieyang')
  const receipt = await eventually('the log', async () => {
    const now = await a.api('GET', `/orders/${a.order.id}/receipt.json`).catch(() => null)
    return now?.rows.filter((row) => row.text).length > 2 && now
  })
  const key = Buffer.from(await (await fetch(`${URL_BASE}/log-sm2.pub`)).arrayBuffer())
  writeFileSync(join(folder, 'log-sm2.pub'), key)
  const page = await open(browser), asked = []
  await page.goto('/verify')
  page.on('request', (request) => asked.push(`${request.method()} ${request.url()}`))
  const endings = ['回执有效', '回执无效', '这个文件不是办理记录回执，或者内容不完整。']
  const outcome = page.getByRole('heading', { level: 2, name: /^回执/ }).or(page.getByRole('alert'))
  for (const [what, status, buffer] of receiptFiles(receipt)) {
    writeFileSync(join(folder, 'receipt.json'), buffer)
    const tool = spawnSync(`${STATE}/bin/certhall-verify-receipt`, [join(folder, 'log-sm2.pub'), join(folder, 'receipt.json')])
    await page.locator('input[type=file]').setInputFiles([{ name: 'receipt.json', mimeType: 'application/json', buffer }])
    await page.getByRole('button', { name: '开始验证' }).click()
    assert.deepEqual([tool.status, await outcome.first().innerText()], [status, endings[status]], what)
    await page.getByRole('button', { name: '移除 receipt.json' }).first().click()
  }
  const files = (own) => [{ name: 'receipt.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(receipt)) },
    { name: 'key.pub', mimeType: 'application/x-pem-file', buffer: own }]
  for (const [own, said] of [[key, endings[0]], [Buffer.from(otherKey()), endings[1]], [Buffer.from('-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n'), '所选的公钥文件不是日志公钥。']]) {
    await page.locator('input[type=file]').setInputFiles(files(own))
    await page.getByRole('button', { name: '开始验证' }).click()
    assert.equal(await outcome.first().innerText(), said)
    for (const name of ['key.pub', 'receipt.json']) await page.getByRole('button', { name: `移除 ${name}` }).click()
  }
  assert.ok(asked.some((one) => one.endsWith('/log-sm2.pub')), 'the key is fetched')
  assert.deepEqual(asked.filter((one) => !/^GET [^?]+$/.test(one)), [], 'and nothing is sent')
})

test('state by serial number: valid, revoked, not there, no number', async () => {
  const page = await open(browser)
  await page.goto('/ocsp/status')
  const ask = async (number) => {
    await page.getByLabel('证书序列号').fill(number)
    await page.getByRole('button', { name: '查询' }).click()
  }
  await ask(cert.serial.toLowerCase().match(/../g).join(':'))
  await page.getByText('证书在有效期内').waitFor()
  await look(page, 'serial-valid')
  setState(cert, 'revoked', 'superseded')
  await page.reload()
  await page.getByText('已吊销').waitFor()
  await page.getByText('吊销时间').waitFor()
  await ask('0123456789ABCDEF')
  await page.getByText('没有查到').waitFor()
  await ask('hello')
  await page.getByText(/请输入证书序列号/).waitFor()
  const phone = await open(browser, { phone: true })
  await phone.goto(`/ocsp/status?serial=${cert.serial}`)
  await phone.getByText('已吊销').waitFor()
  await look(phone, 'serial-phone')
})

test("one's own serial numbers: asked for, listed after log-in", async () => {
  const page = await open(browser)
  const who = await person()
  await page.goto('/ocsp/ocspList')
  await page.getByLabel('单位名称').fill(who.unit_name)
  await page.getByLabel('统一社会信用代码').fill(`${who.unit_code.slice(0, -1)}${who.unit_code.endsWith('1') ? '2' : '1'}`)
  await page.getByRole('button', { name: '发送短信' }).click()
  await page.locator('#unit-code-error').waitFor()
  await page.getByLabel('统一社会信用代码').fill(who.unit_code.toLowerCase())
  await page.getByRole('button', { name: '发送短信' }).click()
  await page.getByText(/已收到查询/).waitFor()
  await look(page, 'find-asked')
  const { a } = await submitted('jieyang')
  const { origin } = new URL(process.env.CERTHALL_URL ?? 'http://127.0.0.1:8080')
  await page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: origin })))
  await page.reload()
  await page.getByText('您的账号下还没有已签发的证书').waitFor()
  const account = sql(`SELECT account FROM hall.orders WHERE id = '${cert.order.id}'`)
  sql(`UPDATE hall.session SET account = '${account}' WHERE account = (SELECT account FROM hall.orders WHERE id = '${a.order.id}')`)
  await page.reload()
  await page.getByRole('link', { name: cert.serial }).waitFor()
  await look(page, 'find-own')
  const phone = await open(browser, { phone: true })
  await phone.goto('/ocsp/ocspList')
  await phone.getByRole('heading', { name: '登录后直接查看' }).waitFor()
  await look(phone, 'find-phone')
})
