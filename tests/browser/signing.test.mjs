// SPDX-License-Identifier: Apache-2.0
// How the back office has a decision signed: what it shows and sends, and what people are told when nothing can be signed. The
// statement and the answer to the decision are the test's own, so that it tests the page alone; tests/http tests what the hall does
// with signatures, and every journey signs for real.
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { Staff, eventually, sql, submitted } from '../lib/hall.mjs'
import { Journey } from './journey.mjs'
import { DESK, assertSigned, credentialOf, launch, lookWhole as look, passkeyOf, plugIn, sha256, sign, signing } from './lib.mjs'

const HOST = new URL(DESK).hostname
const strange = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const key = passkeyOf('review')
const lines = ['certhall 1：审核通过，同意签发', '业务单：202611230000000001', `form ${sha256('form').toString('hex')}`, 'subject 示范云帆信息技术有限公司',
  ...Array.from({ length: 30 }, (_, i) => `paper licence-${i} ${sha256(String(i)).toString('hex')}`), 'time 2026-11-23T12:00:00+08:00', 'last line']

let browser, order, version
before(async () => {
  browser = await launch()
  const { a } = await submitted('jieyang')
  await a.pay()
  await a.until('in_review')
  order = a.order
  version = (await (await new Staff().login('review')).read(order.id)).order.version
})
after(() => browser?.close())

const desk = (options) => new Journey(browser, null, 'jieyang', 'jieyang', null).desk('review', options)

/** Opens the order at the desk. `asked` and `sent` keep what the page sends; `change` changes the statement. */
async function atOrder(page, change = {}) {
  const statement = { statement: lines.join('\n'), time: '2026-11-23T12:00:00+08:00', challenge: randomBytes(32).toString('base64url'),
    credentials: [randomBytes(32).toString('base64url'), credentialOf(key).toString('base64url')], rp_id: HOST, ...change }
  const seen = { page, statement, asked: [], sent: [] }
  await page.route(`**/desk/api/review/orders/${order.id}/statement`, (route) => {
    seen.asked.push(route.request().postDataJSON())
    return route.fulfill({ json: statement })
  })
  await page.route(`**/desk/api/review/orders/${order.id}/approve`, (route) => {
    seen.sent.push(route.request().postDataJSON())
    return route.fulfill({ status: 204 })
  })
  await page.goto(`/desk/orders/${order.id}`)
  seen.approve = page.getByRole('button', { name: '审核通过' })
  await seen.approve.waitFor()
  return seen
}

for (const software of [false, true])
  test(`the statement is shown as it is, and signed by ${software ? 'the sandbox\'s authenticator' : 'a security key'}`, async () => {
    const page = await desk({ software })
    const seen = await atOrder(page)
    await page.locator('#note').fill('已核对')
    assert.equal(await sign(page, seen.approve), lines.join('\n'))
    await page.getByText('已通过审核').waitFor()
    assert.deepEqual(seen.asked, [{ version }])
    const [{ decision, ...rest }] = seen.sent
    assert.deepEqual(rest, { version, note: '已核对' })
    assert.deepEqual(Object.keys(decision).sort(), ['authenticator_data', 'client_data', 'credential', 'signature', 'time'])
    assert.deepEqual([decision.time, decision.credential], [seen.statement.time, credentialOf(key).toString('base64url')])
    assertSigned(decision, key, seen.statement.statement)
    await page.context().close()
  })

for (const phone of [false, true])
  test(`the dialog${phone ? ' at phone width' : ''}: the whole statement is within reach, and nothing is sent without a signature`, async () => {
    const page = await desk({ phone }), name = phone ? 'signing-phone' : 'signing'
    const seen = await atOrder(page), dialog = signing(page)
    await seen.approve.click()
    const box = dialog.getByRole('region', { name: '签署内容' })
    await box.waitFor()
    await look(page, name)
    assert.ok(await box.evaluate((e) => e.scrollHeight > e.clientHeight && e.scrollWidth <= e.clientWidth), 'it scrolls, downwards only')
    await box.focus()
    await page.keyboard.press('End')
    await eventually('its end', () => box.evaluate((e) => Math.abs(e.scrollHeight - e.clientHeight - e.scrollTop) < 2))
    await dialog.getByRole('button', { name: '取消' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await seen.approve.click()
    await box.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await eventually('the button free again', () => seen.approve.isEnabled())
    assert.deepEqual([seen.asked.length, seen.sent.length], [2, 0])
    await page.context().close()
  })

/** The page says that sentence and sends nothing; with `before` it shows no statement either. */
async function refused(seen, sentence, before) {
  const { page } = seen
  await seen.approve.click()
  if (!before) await signing(page).getByRole('button', { name: '签署' }).click()
  await page.getByRole('alert').getByText(sentence).waitFor()
  if (before) assert.equal(await signing(page).count(), 0)
  assert.deepEqual(seen.sent, [])
  await page.context().close()
}

test('nobody who has registered no key reads a statement', async () => {
  await refused(await atOrder(await desk(), { credentials: [] }), /您还没有登记安全密钥.*在“安全密钥”页登记/, true)
})

for (const statement of ['certhall 1：登录后台\n人员：review\n', 'certhall 1：制作证书\n', 'certhall 1：审核通过，同意签发吊销\n', '{"certhall":"roster"}'])
  test(`only an approval is signed as one, and not: ${statement.trim().replace('\n', ' ')}`, async () => {
    await refused(await atOrder(await desk(), { statement }), /要求签署的不是这项决定/, true)
  })

test('under another name the page says where to go', async () => {
  await refused(await atOrder(await desk(), { rp_id: 'desk.ca.example' }), /请用地址 https:\/\/desk\.ca\.example\/desk 打开后台/, true)
})

test('under another name on this machine, the address has the port', async () => {
  const sentence = new RegExp(`请用地址 http://other\\.localhost:${new URL(DESK).port}/desk 打开后台`)
  await refused(await atOrder(await desk(), { rp_id: 'other.localhost' }), sentence, true)
})

test('a browser without passkeys is told to be replaced', async () => {
  const page = await desk()
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'credentials', { value: undefined }))
  await refused(await atOrder(page), /浏览器不支持安全密钥，请换用/, true)
})

test('a name that the browser does not take for a key\'s', async () => {
  await refused(await atOrder(await desk(), { rp_id: 'localhost' }), /请用地址 http:\/\/localhost:\d+\/desk 打开后台/)
})

test('another person\'s security key signs nothing', async () => {
  const page = await desk({ software: true })
  await plugIn(page, strange())
  await refused(await atOrder(page), /没有完成签署.*请插好登记的安全密钥后重新办理/)
})

test('the sandbox has none of the keys', async () => {
  const page = await desk({ software: true })
  await refused(await atOrder(page, { credentials: [randomBytes(32).toString('base64url')] }), /没有完成签署.*请插好登记的安全密钥后重新办理/)
})

test('a decision that the signer does not carry out: the page of the order says why', async () => {
  const { a } = await submitted('jieyang', 'natural'), [reviewer, producer] = [await new Staff().login('review'), await new Staff().login('produce')]
  await a.pay()
  await reviewer.act(a.order.id, 'approve')
  await a.until('accepted')
  sql(`UPDATE hall.orders SET years = 3 WHERE id = '${a.order.id}'`)
  await producer.act(a.order.id, 'produce')
  await a.until('in_review')
  const page = await desk()
  await page.goto(`/desk/orders/${a.order.id}`)
  await page.getByRole('alert').getByText(/签发系统没有执行上次的审核决定：签署之后.*有改动。请核对后重新办理。/).waitFor()
  await page.getByText('需要重新审核').waitFor()
  await look(page, 'decision-refused')
  await page.context().close()
})
