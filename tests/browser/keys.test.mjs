// SPDX-License-Identifier: Apache-2.0
// The page for security keys: it makes a key and signs rosters without an account and without asking the server anything. Whether the
// hall accepts a roster is tested in tests/http; this test checks by itself everything that the page gives out.
import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { URL_BASE } from '../lib/hall.mjs'
import { DESK, assertSigned, launch, lookWhole as look, open, plugIn, pointOf, sha256 } from './lib.mjs'

const HOST = new URL(DESK).hostname
const SPKI = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex') // of P-256, before the point
const bytes = (text) => Buffer.from(text, 'base64url')
const keyOf = (point) => createPublicKey({ key: Buffer.concat([SPKI, bytes(point)]), format: 'der', type: 'spki' })

let browser
before(async () => {
  browser = await launch()
})
after(() => browser?.close())

/** The page, with a security key that is empty. */
async function atKeys(options) {
  const page = await open(browser, { base: DESK, ...options })
  page.asked = []
  page.on('request', (request) => /\/api\//.test(request.url()) && page.asked.push(request.url()))
  page.holds = await plugIn(page)
  await page.goto('/desk/keys')
  return page
}

/** Leaves the page, which has asked the server nothing. */
async function leave(page) {
  assert.deepEqual([page.asked, page.faults], [[], []])
  await page.context().close()
}

/** Makes a key; returns the line that the page shows. */
async function make(page, name) {
  await page.getByLabel('工号').fill(name)
  await page.getByRole('button', { name: '生成密钥' }).click()
  const line = await page.getByRole('region', { name: '登记内容' }).textContent()
  const [who, credential, point] = line.split(' ')
  assert.equal(line, `${who} ${credential} ${point}`)
  return { who, credential, point }
}

const rowOf = ({ who, credential, point }, roles, n) =>
  ({ person: `00000000-0000-7000-8000-00000000000${n}`, name: who, roles, credential, point })
const rosterOf = (...keys) => JSON.stringify({ certhall: 'roster', version: 7, previous: sha256('before').toString('hex'), keys })
const fileOf = (name, text) => ({ name, mimeType: 'application/json', buffer: Buffer.from(text) })

const choose = (page, text) => page.getByLabel('名册文件或待签署的文本').setInputFiles(fileOf('roster.json', text))
const merge = (page, ...texts) => page.getByLabel('各人的签名文件').setInputFiles(texts.map((text, i) => fileOf(`signature-${i}.json`, text)))
const says = (page, sentence) => page.getByRole('alert').getByText(sentence).waitFor()

/** The file that the page hands out when this is done. */
async function taken(page, act) {
  const [download] = await Promise.all([page.waitForEvent('download'), act()])
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') }
}

const sign = (page) => taken(page, () => page.getByRole('button', { name: '签署', exact: true }).click())

/** A file with a signature of that key under the roster. */
function assertSignatureFile(text, key, roster) {
  const signature = JSON.parse(text)
  assert.deepEqual(Object.keys(signature).sort(), ['authenticator_data', 'client_data', 'credential', 'signature'])
  assert.equal(signature.credential, key.credential)
  assertSigned(signature, keyOf(key.point), roster)
}

for (const phone of [false, true])
  test(`a key is made${phone ? ' on a phone' : ''}: its line has the name, the credential and the point`, async () => {
    const page = await atKeys({ phone }), name = phone ? 'keys-phone' : 'keys'
    await page.getByRole('heading', { name: '登记安全密钥' }).waitFor()
    await look(page, name)
    const key = await make(page, 'li.si')
    assert.equal(key.who, 'li.si')
    assert.ok(keyOf(key.point).asymmetricKeyDetails.namedCurve === 'prime256v1' && bytes(key.point).length === 65)
    const [held, ...more] = await page.holds()
    assert.deepEqual([held.rpId, Buffer.from(held.credentialId, 'base64').toString('base64url'), more], [HOST, key.credential, []])
    const own = createPrivateKey({ key: Buffer.from(held.privateKey, 'base64'), format: 'der', type: 'pkcs8' })
    assert.deepEqual(pointOf(own), bytes(key.point))
    await page.getByText('请把下面这一行当面交给安全员').waitFor()
    await look(page, `${name}-made`)
    await leave(page)
  })

test('the line can be copied', async () => {
  const page = await atKeys()
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  const { who, credential, point } = await make(page, 'review')
  await page.getByRole('button', { name: '复制' }).click()
  await page.getByText('已复制').waitFor()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${who} ${credential} ${point}`)
  await leave(page)
})

test('what is no name makes no key', async () => {
  const page = await atKeys()
  for (const name of ['', 'Li', 'li si', '李四']) {
    await page.getByLabel('工号').fill(name)
    await page.getByRole('button', { name: '生成密钥' }).click()
    await says(page, '请填写工号')
  }
  assert.deepEqual(await page.holds(), [])
  await leave(page)
})

test('two officers sign a roster, and their signatures make one file', async () => {
  const officers = [await atKeys(), await atKeys({ phone: true })]
  const keys = [await make(officers[0], 'officer1'), await make(officers[1], 'officer2')]
  const staff = { who: 'review', credential: bytes(keys[0].credential).reverse().toString('base64url'), point: keys[0].point }
  const roster = rosterOf(rowOf(staff, ['reviewer', 'producer'], 1), rowOf(keys[0], ['officer'], 2), rowOf(keys[1], ['auditor', 'officer'], 3))
  const signatures = []
  for (const [i, page] of officers.entries()) {
    await choose(page, roster)
    const rows = page.getByRole('region', { name: '名册中的密钥' }).locator('tbody tr')
    await rows.first().waitFor()
    const cells = await rows.evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent.trim())))
    assert.deepEqual(cells, [[staff, '审核员、制证员'], [keys[0], '安全员'], [keys[1], '审计员、安全员']].map(([key, roles]) =>
      [key.who, roles, key.credential.slice(0, 12), key.point.slice(-12)]))
    assert.deepEqual(await page.getByRole('definition').allInnerTexts(), ['7', sha256(roster).toString('hex')])
    const { name, text } = await sign(page)
    assert.equal(name, 'signature-7.json')
    assertSignatureFile(text, keys[i], roster)
    signatures.push(text)
    await page.getByText('已签署').waitFor()
    await look(page, i ? 'keys-roster-phone' : 'keys-roster')
  }
  const both = await taken(officers[0], () => merge(officers[0], ...signatures))
  assert.equal(both.name, 'signatures.json')
  assert.deepEqual(JSON.parse(both.text), signatures.map((one) => JSON.parse(one)))

  await merge(officers[0], signatures[0], signatures[0])
  await says(officers[0], '两份签名出自同一个安全密钥')
  await merge(officers[0], signatures[0])
  await says(officers[0], '请同时选择两位安全员的两份签名文件')
  await merge(officers[0], signatures[0], roster)
  await says(officers[0], '“signature-1.json”不是签名文件')
  await choose(officers[0], `${roster}\n`)
  await merge(officers[0], signatures[1], (await sign(officers[0])).text)
  await says(officers[0], '两份签名签署的不是同一份文件')
  for (const page of officers) await leave(page)
})

const resolutionOf = (officers, more = '改动：1 处\n审核天数（review_days）：2 → 1\n') =>
  `certhall 1：发布项目\n时间：2026-11-23T10:00:00+08:00\n名册：第 7 版 ${'0'.repeat(64)}\n${officers.map((k) => `安全员：${k.who} ${k.credential}\n`).join('')}${more}`

test('an officer reads the text of a resolution, and signs it', async () => {
  for (const phone of [false, true]) {
    const page = await atKeys({ phone }), key = await make(page, 'officer1')
    const other = { who: 'officer2', credential: sha256('another').toString('base64url') }
    const resolution = resolutionOf([other, key])
    await choose(page, resolution)
    const shown = page.getByRole('region', { name: '签署内容' })
    assert.equal(await shown.textContent(), resolution)
    assert.equal(await page.getByRole('definition').innerText(), sha256(resolution).toString('hex'))
    const { name, text } = await sign(page)
    assert.equal(name, `signature-${sha256(resolution).toString('hex').slice(0, 8)}.json`)
    assertSignatureFile(text, key, resolution)
    await page.getByText('已签署').waitFor()
    await look(page, phone ? 'keys-resolution-phone' : 'keys-resolution')
    await choose(page, resolutionOf([other]))
    await page.getByRole('button', { name: '签署', exact: true }).click()
    await says(page, /没有完成签署.*请插好登记的安全密钥/)
    await leave(page)
  }
})

test('whoever is in an emergency roster signs it, and three signatures make one file', async () => {
  const people = [], signatures = []
  for (const name of ['review', 'produce', 'finance']) {
    const page = await atKeys()
    people.push({ page, key: await make(page, name) })
  }
  const keys = people.map(({ key }, i) => rowOf(key, [['reviewer', 'producer', 'finance'][i]], i + 1))
  const roster = JSON.stringify({ ...JSON.parse(rosterOf(...keys)), emergency: '两位安全员的密钥都已遗失' })
  for (const { page, key } of people) {
    await choose(page, roster)
    await page.getByText('原因：两位安全员的密钥都已遗失').waitFor()
    const { text } = await sign(page)
    assertSignatureFile(text, key, roster)
    signatures.push(text)
  }
  const [{ page }] = people, all = await taken(page, () => merge(page, ...signatures))
  assert.deepEqual(JSON.parse(all.text), signatures.map((one) => JSON.parse(one)))
  await look(page, 'keys-emergency')
  await merge(page, signatures[0], signatures[1], signatures[0])
  await says(page, '两份签名出自同一个安全密钥')
  for (const one of people) await leave(one.page)
})

test('only an officer\'s key signs', async () => {
  const page = await atKeys(), key = await make(page, 'review')
  const officer = { ...key, who: 'officer1', credential: sha256('another').toString('base64url') }
  await choose(page, rosterOf(rowOf(key, ['reviewer'], 1), rowOf(officer, ['officer'], 2)))
  await page.getByRole('button', { name: '签署', exact: true }).click()
  await says(page, /没有完成签署.*请插好登记的安全密钥/)
  await choose(page, rosterOf(rowOf(key, ['reviewer'], 1)))
  await says(page, '这份名册里没有安全员')
  assert.equal(await page.getByRole('button', { name: '签署', exact: true }).count(), 0)
  await leave(page)
})

test('a file that is neither a roster nor a resolution is not signed', async () => {
  const page = await atKeys(), made = await make(page, 'officer1'), key = rowOf(made, ['officer'], 1), good = resolutionOf([made])
  const with_ = (change) => JSON.stringify({ ...JSON.parse(rosterOf(key)), ...change })
  const none = ['', 'no JSON', '\ufeff' + rosterOf(key), '[]', 'null', with_({ certhall: 'order' }), with_({ version: 0 }), with_({ version: '1' }), with_({ emergency: true }), with_({ emergency: '' }), with_({ emergency: '\u202e' }),
    with_({ keys: {} }), with_({ keys: [null] }), rosterOf({ ...key, name: 'officer\u202e1' }), rosterOf({ ...key, roles: [] }),
    rosterOf({ ...key, roles: ['officer<'] }), rosterOf({ ...key, credential: 'a=' }), rosterOf({ ...key, point: 'BA' }), rosterOf(key) + ' '.repeat(64 * 1024),
    good.replace('发布项目', '登录后台'), good.replace('发布项目', '审核通过，同意签发'), good.slice(0, -1), `\n${good}`, `\ufeff${good}`, resolutionOf([]),
    resolutionOf([made], '改动：\u202e1\n'), resolutionOf([made], '改动：1\u2028处\n'), resolutionOf([made], '改动：1\r\n')]
  for (const text of none) {
    await choose(page, rosterOf(key)) // so that a sentence is none of the file before
    await page.getByRole('button', { name: '签署', exact: true }).waitFor()
    await choose(page, text)
    await says(page, '“roster.json”不是名册文件，也不是待签署的文本')
    assert.equal(await page.getByRole('button', { name: '签署', exact: true }).count(), 0, text.slice(0, 80))
  }
  await leave(page)
})

test('who looks for the page at the hall\'s address is led to the back office', async () => {
  const page = await atKeys({ base: URL_BASE })
  assert.equal(page.url(), `${DESK}/desk/keys`)
  await page.getByRole('button', { name: '生成密钥' }).waitFor()
  await leave(page)
})
