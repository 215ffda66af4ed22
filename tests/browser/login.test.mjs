// SPDX-License-Identifier: Apache-2.0
// The log-in of staff: what the page has signed, and what it tells people. Most answers are the test's own, so that it tests the page
// alone; tests/http tests whom the hall lets in, and every journey logs in for real.
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { Journey } from './journey.mjs'
import { DESK, assertSigned, credentialOf, launch, logIn, lookWhole, open, passkeyOf, plugIn } from './lib.mjs'

const HOST = new URL(DESK).hostname
const PORT = new URL(DESK).port
const key = passkeyOf('review')
const strange = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const beijing = (ms) => new Date(Date.now() + 8 * 3600_000 + ms).toISOString().replace(/\.\d+Z$/, '+08:00')
const time = beijing(0)
const statementOf = (name, at = time) => `certhall 1：登录后台\n人员：${name}\n时间：${at}\n随机数：b25jZQ\n`
const statement = statementOf('review')
const missing = '没有完成登录：操作已取消、超时，或者没有找到这个工号的安全密钥。请核对工号，插好登记的安全密钥后再试。'
const unsigned = '要求签署的不是登录内容，可能有人想冒用您的安全密钥。请不要继续登录，并立即告诉管理员。'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser?.close())

/** The page. Its member `signings` counts what the browser is asked to sign. */
async function atLogin({ plugged = key, ...options } = {}) {
  const page = await open(browser, { base: DESK, ...options })
  if (plugged) await plugIn(page, plugged)
  page.signings = 0
  await page.exposeFunction('countSigning', () => page.signings++)
  await page.addInitScript(() => {
    const get = CredentialsContainer.prototype.get
    CredentialsContainer.prototype.get = function (asked) {
      globalThis.countSigning()
      return get.call(this, asked)
    }
  })
  await page.goto('/desk/login')
  return page
}

/** Offers the page that statement with these changes, and keeps what the page asks and sends. */
async function offered(page, change = {}) {
  const seen = { page, asked: [], sent: [], offer: { statement, time, nonce: 'b25jZQ',
    credentials: [randomBytes(32).toString('base64url'), credentialOf(key).toString('base64url')], rp_id: HOST, ...change } }
  await page.route('**/desk/api/login/challenge', (route) => {
    seen.asked.push(route.request().postDataJSON())
    return route.fulfill({ json: seen.offer })
  })
  await page.route('**/desk/api/login/session', (route) => {
    if (route.request().method() === 'GET') return route.continue()
    seen.sent.push(route.request().postDataJSON())
    return route.fulfill({ status: 422, contentType: 'application/problem+json',
      json: { status: 422, code: 'invalid', errors: [{ pointer: '/assertion', code: 'late', detail: '登录页面打开过久，请重新登录。' }] } })
  })
  return seen
}

const says = (page, sentence) => page.getByRole('alert').getByText(sentence).waitFor()

/** Somebody tries to log in and reads that sentence; the hall has been sent nothing. */
async function refused({ page, sent }, sentence) {
  await logIn(page, 'review')
  await says(page, sentence)
  assert.deepEqual(sent, [])
  assert.equal(new URL(page.url()).pathname, '/desk/login')
}

for (const phone of [false, true])
  test(`the page asks for a name and a security key, for no password${phone ? ', also on a phone' : ''}`, async () => {
    const page = await atLogin({ phone }), name = phone ? 'login-phone' : 'login'
    await page.getByRole('heading', { name: '工作人员登录' }).waitFor()
    assert.deepEqual(await page.locator('form input').evaluateAll((all) => all.map(({ id, type }) => [id, type])), [['name', 'text']])
    await lookWhole(page, name)
    await refused(await offered(page, { statement: 'certhall 1：审核通过，同意签发\n' }), unsigned)
    await lookWhole(page, `${name}-refused`)
    await page.getByRole('link', { name: '没有安全密钥？在这里登记' }).click()
    await page.getByRole('heading', { name: '登记安全密钥' }).waitFor()
    await page.context().close()
  })

test('what the key has signed is sent with what was offered, and what the hall says of it is told', async () => {
  const page = await atLogin(), seen = await offered(page)
  await logIn(page, ' review ')
  await says(page, '登录页面打开过久，请重新登录。')
  assert.deepEqual(seen.asked, [{ name: 'review' }])
  const [{ assertion, ...rest }] = seen.sent
  assert.deepEqual(rest, { name: 'review', time: seen.offer.time, nonce: seen.offer.nonce })
  assert.deepEqual(Object.keys(assertion).sort(), ['authenticator_data', 'client_data', 'credential', 'signature'])
  assert.equal(assertion.credential, credentialOf(key).toString('base64url'))
  assertSigned(assertion, key, statement)
  assert.equal(page.signings, 1)
  await page.context().close()
})

test('a statement that is none of a log-in is not signed', async () => {
  const page = await atLogin(), seen = await offered(page)
  for (const other of ['', 'certhall 1：审核通过，同意签发\n业务单：1\n', `\n${statement}`, ` ${statement}`, `\ufeff${statement}`, 'certhall 1：登录后台',
    statement.replace('\n', '，并同意签发\n'), statement.replace('\n', '\r\n'), statement.replace('1', '2'), statement.replace('：', ':'), `${statement}同意签发\n`, statementOf('review2'), statementOf('review', beijing(1000))]) {
    seen.offer.statement = other
    await refused(seen, unsigned)
    await page.reload() // so that a sentence is none of the time before
  }
  assert.equal(seen.asked.length, 13)
  assert.equal(page.signings, 0)
  seen.offer.statement = statement
  await logIn(page, 'review')
  await says(page, '登录页面打开过久') // so that it was the statement that was refused
  await page.context().close()
})

test('a log-in of another time is not signed', async () => {
  const page = await atLogin()
  for (const at of [beijing(-660_000), beijing(660_000), 'soon'])
    await refused(await offered(page, { time: at, statement: statementOf('review', at) }), /时间与服务器相差超过 10 分钟/)
  assert.equal(page.signings, 0)
  await page.context().close()
})

test('the server does not choose the script that signs', async () => {
  const page = await atLogin(), scripts = []
  page.on('request', (request) => /other\.js/.test(request.url()) && scripts.push(request.url()))
  const seen = await offered(page, { authenticator: '/desk/api/login/other.js' })
  await logIn(page, 'review')
  await says(page, '登录页面打开过久')
  assert.deepEqual([scripts, seen.sent.length], [[], 1])
  await page.context().close()
})

test('without a name nothing is asked', async () => {
  const page = await atLogin(), seen = await offered(page)
  for (const name of ['', '  ']) {
    await logIn(page, name)
    await says(page, '请填写工号。')
    await page.reload()
  }
  assert.deepEqual([seen.asked, seen.sent], [[], []])
  await page.context().close()
})

test('who cancels is told what to do', async () => {
  const page = await atLogin()
  await page.evaluate(() => {
    CredentialsContainer.prototype.get = () => Promise.reject(new DOMException('', 'NotAllowedError'))
  })
  await refused(await offered(page), missing)
  await page.context().close()
})

test('a key of somebody else signs nothing', async () => {
  const page = await atLogin({ plugged: strange() })
  await refused(await offered(page), missing)
  assert.equal(page.signings, 1)
  await page.context().close()
})

test('under another name the page says where to go', async () => {
  for (const [rp_id, address] of [['desk.ca.example', 'https://desk.ca.example'], ['localhost', `http://localhost:${PORT}`]]) { // the last one is for the browser to refuse
    const page = await atLogin()
    await refused(await offered(page, { rp_id }), `安全密钥不能在当前地址使用，请用地址 ${address}/desk 打开后台登录。`)
    await page.context().close()
  }
})

test('a browser without passkeys is told to be replaced', async () => {
  const page = await atLogin()
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'credentials', { value: undefined }))
  await page.reload()
  await refused(await offered(page), /浏览器不支持安全密钥，请换用/)
  await page.context().close()
})

test('in earnest: a name that nobody has, a name that is none, somebody else\'s name', async () => {
  const page = await atLogin()
  await logIn(page, '李四')
  await says(page, /请填写工号：小写字母/)
  for (const name of ['nobody', 'review2']) {
    await page.reload()
    await logIn(page, name)
    await says(page, missing)
  }
  await page.context().close()
})

for (const software of [false, true])
  test(`in earnest, by ${software ? 'the sandbox\'s authenticator' : 'a security key'}: staff come to where they were going, and log out`, async () => {
    const page = await new Journey(browser, null, 'login', 'jieyang', null).desk('audit', { software })
    const leave = async () => {
      await page.getByRole('button', { name: '退出' }).click()
      await page.waitForURL('**/desk/login')
    }
    await leave()
    for (const elsewhere of ['https://ca.example/', '//ca.example/']) {
      await page.goto(`/desk/login?next=${encodeURIComponent(elsewhere)}`)
      await logIn(page, 'audit')
      await page.waitForURL((url) => url.origin === DESK && /^\/desk\/?$/.test(url.pathname))
      await leave()
    }
    for (const path of ['/desk/reports', '/desk/audit']) {
      await page.goto(path)
      await page.waitForURL((url) => url.pathname === '/desk/login' && url.searchParams.get('next') === path.slice('/desk'.length))
      await logIn(page, 'audit')
      await page.waitForURL(`**${path}`)
      await leave()
    }
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })

test('a computer that slept has left, too: whoever wakes it sees nothing', async () => {
  const page = await open(browser, { base: DESK })
  await page.clock.install()
  await plugIn(page, passkeyOf('audit'))
  await page.goto('/desk/calendar')
  await logIn(page, 'audit')
  await page.getByRole('heading', { name: '工作日历' }).waitFor()
  await page.clock.setSystemTime(Date.now() + 31 * 60_000) // no timer runs
  await page.mouse.move(300, 300)
  await page.getByText('您离开已久，系统已自动退出').waitFor()
  await page.context().close()
})

test('a screen that was left is cleared, and the next log-in leads back', async () => {
  const page = await open(browser, { base: DESK })
  await page.clock.install()
  await plugIn(page, passkeyOf('audit'))
  await page.goto('/desk/calendar')
  await logIn(page, 'audit')
  await page.getByRole('heading', { name: '工作日历' }).waitFor()
  await page.clock.fastForward('29:00')
  await page.mouse.move(300, 300) // somebody is there
  await page.clock.fastForward('29:00')
  assert.ok(await page.getByRole('heading', { name: '工作日历' }).isVisible())
  await page.clock.fastForward('02:00')
  await page.getByText('您离开已久，系统已自动退出').waitFor()
  assert.equal(await page.getByRole('heading', { name: '工作日历' }).count(), 0)
  assert.equal(await page.evaluate(() => fetch('/desk/api/login/session').then((r) => r.status)), 401, 'the session is closed')
  await lookWhole(page, 'login-left')
  await page.clock.setSystemTime(Date.now())
  await logIn(page, 'audit')
  await page.getByRole('heading', { name: '工作日历' }).waitFor()
  await page.context().close()
})
