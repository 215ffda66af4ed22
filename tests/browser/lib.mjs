// SPDX-License-Identifier: Apache-2.0
// Chromium, its pictures (kept as build output), axe, and security keys.
import assert from 'node:assert/strict'
import { createHash, createPrivateKey, createPublicKey, verify } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'
import { DESK_ORIGIN, STATE, URL_BASE } from '../lib/hall.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const PICTURES = process.env.CERTHALL_PICTURES ?? '/tmp/certhall-pictures'
export const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync']

mkdirSync(PICTURES, { recursive: true })

export const launch = () => chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS })

/** The back office under its name, since security keys belong to a name and never to an IP address. */
export const DESK = DESK_ORIGIN

/** A page with a session of its own. An error in the console fails the test. */
export async function open(browser, { phone = false, base = URL_BASE, userAgent } = {}) {
  const context = await browser.newContext({
    baseURL: base, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', bypassCSP: false,
    viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 900 }, isMobile: phone, hasTouch: phone, userAgent,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(60000)
  page.faults = []
  page.on('pageerror', (e) => page.faults.push(String(e)))
  page.on('console', (m) => {
    if (m.type() === 'error' && !/status of (401|404|409|410|415|422|429)/.test(m.text())) page.faults.push(m.text())
  })
  return page
}

/** The person chooses to have their face checked. */
export const chooseFace = (phone) => phone.getByRole('radio', { name: /人脸核验/ }).check()
/** The person chooses that, reads the text about their face, and agrees. */
export async function agreeToFace(phone) {
  await chooseFace(phone)
  await phone.getByRole('region', { name: '人脸信息处理同意书' }).waitFor()
  await Promise.all([phone.waitForResponse((r) => r.url().endsWith('/consent') && r.status() === 204), phone.getByRole('button', { name: '同意', exact: true }).click()])
}

/** Gives the page the session of somebody who has logged in over HTTP. */
export const withSession = (page, a) =>
  page.context().addCookies([...a.cookies].map(([name, value]) => ({ name, value, url: new URL(URL_BASE).origin })))

/** The private key with which a member of staff signs, as the sandbox keeps it; undefined for one who has none. */
export function passkeyOf(name) {
  const file = `${STATE}/sandbox/passkeys/${name}.pem`
  return existsSync(file) ? createPrivateKey(readFileSync(file)) : undefined
}
export const sha256 = (what) => createHash('sha256').update(what).digest()
export const pointOf = (key) => createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-65)
export const credentialOf = (key) => sha256(pointOf(key))

/** Whether the key has signed that text on a page of the back office, for a user who was present and verified. */
export function assertSigned(given, key, text) {
  const [client, data, signature] = [given.client_data, given.authenticator_data, given.signature].map((part) => Buffer.from(part, 'base64url'))
  const said = JSON.parse(client), leaf = sha256(Buffer.concat([Buffer.from([0]), Buffer.from(text)])).toString('base64url')
  assert.deepEqual([said.type, said.challenge, said.origin], ['webauthn.get', leaf, DESK], 'what was read, whatever challenge the server says')
  assert.deepEqual(data.subarray(0, 32), sha256(new URL(DESK).hostname))
  assert.equal(data[32] & 5, 5, 'present and verified')
  assert.ok(verify('sha256', Buffer.concat([data, sha256(client)]), key, signature))
}

/**
 * Gives the page a security key with that passkey, or with none, whose owner is always present, in place of the sandbox's. Returns a
 * function that reads the passkeys of the security key.
 */
export async function plugIn(page, key) {
  await page.context().route('**/sandbox/authenticator.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }))
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const options = { protocol: 'ctap2', transport: 'internal', hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true }
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options })
  if (key)
    await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: {
      credentialId: credentialOf(key).toString('base64'), isResidentCredential: false, rpId: new URL(DESK).hostname, signCount: 0,
      privateKey: key.export({ format: 'der', type: 'pkcs8' }).toString('base64') } })
  return async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials
}

/** Enters a name in the log-in page, and has the security key sign. */
export async function logIn(page, name) {
  await page.getByLabel('工号').fill(name)
  await page.getByRole('button', { name: '用安全密钥登录' }).click()
}

/** What the page shows before something is signed. */
export const signing = (page) => page.getByRole('dialog', { name: '将用您的安全密钥签署以下内容' })

/** Signs what the action asks for; returns the statement as it was shown. */
export async function sign(page, action) {
  const dialog = signing(page)
  await action.click()
  const statement = await dialog.getByRole('region', { name: '签署内容' }).textContent()
  await dialog.getByRole('button', { name: '签署' }).click()
  await dialog.waitFor({ state: 'hidden' })
  return statement
}

/** Takes a picture of the page; axe must find nothing serious on it. */
export async function look(page, name) {
  await page.mouse.move(0, 0) // a notice under the mouse stays
  await page.waitForFunction(() => !document.querySelector('.el-message')) // and half faded it has no contrast
  await page.waitForTimeout(350) // transitions
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true })
  await page.evaluate(axe)
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }))
  const bad = found.violations.filter((v) => ['serious', 'critical'].includes(v.impact))
  assert.deepEqual(bad.map((v) => `${name}: ${v.id} ${v.nodes[0].html.slice(0, 160)}`), [])
  assert.deepEqual(page.faults, [], name)
}

/** The same, for a page that must not be wider than the screen. */
export async function lookWhole(page, name) {
  await look(page, name)
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), `${name}: nothing sticks out`)
}
