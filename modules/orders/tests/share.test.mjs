// SPDX-License-Identifier: Apache-2.0
// The page of an order for colleagues: what it shows without a log-in, and that nothing else opens with its token.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Applicant, Client, sql, submitted, URL_BASE } from '../../../tests/lib/hall.mjs'

const tokenOf = (url) => new URL(url).hash.slice(3)
const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } })
const share = (a, method) => a.api(method, `/orders/${a.order.id}/share`)
const seen = (slug, token) => new Client().call('GET', `/${slug}/api/orders/shared/page`, bearer(token))

test('a link made by the applicant shows how the order stands, masked and without papers', async () => {
  const { a, p } = await submitted('szjsgws')
  assert.equal((await share(a, 'GET')).link, null)
  const made = await share(a, 'POST')
  assert.match(made.url, /\/szjsgws\/progress#t=/)
  assert.ok(Date.parse(made.expires_at) - Date.now() > 29 * 86400000)
  assert.equal((await share(a, 'GET')).link.expires_at, made.expires_at)
  const page = await seen('szjsgws', tokenOf(made.url))
  assert.equal(page.number, a.order.number)
  assert.match(page.subject, /^.{2}\*{4}.{2}$/)
  assert.match(page.promise.text, /支付/)
  assert.match(page.waits_for, /^等待经办人办理：/)
  assert.deepEqual(page.course.map((line) => line.text), ['提交申请'])
  for (const personal of [p.unit_name, p.unit_code, p.agent_name, p.agent_id, p.mobile, p.account_no].filter(Boolean))
    assert.ok(!JSON.stringify(page).includes(personal), 'nothing personal')
})

test('the token opens this page alone, and only while the link is good', async () => {
  const { a } = await submitted('szjsgws')
  const old = tokenOf((await share(a, 'POST')).url), token = tokenOf((await share(a, 'POST')).url)
  await assert.rejects(seen('szjsgws', old), { status: 410 }, 'a new link makes the old one void')
  await assert.rejects(seen('seal', token), { status: 410 }, "under another project's path")
  await assert.rejects(seen('szjsgws', 'x'.repeat(43)), (e) => [401, 410].includes(e.status), 'an invented token')
  await assert.rejects(new Client().call('GET', '/szjsgws/api/orders/shared/page'), (e) => [401, 410].includes(e.status), 'no token')
  const other = new Client()
  for (const [method, path] of [['GET', ''], ['GET', '/course'], ['GET', '/messages'], ['GET', '/share'], ['POST', '/share'], ['DELETE', '/share'], ['POST', '/cancel']])
    await assert.rejects(other.call(method, `/szjsgws/api/orders/${a.order.id}${path}`, { ...bearer(token), ...(path === '/cancel' && { json: { version: 1 } }) }),
      (e) => [401, 403].includes(e.status), `${method} ${path}`)
  await assert.rejects(other.call('GET', '/szjsgws/api/finauth/code', bearer(token)), { status: 410 }, 'it is no code link')
  await assert.rejects(other.call('GET', '/szjsgws/api/identity/phone', bearer(token)), { status: 410 }, 'nor a phone link')

  const stranger = new Applicant('szjsgws')
  await stranger.loginSms((await submitted('szjsgws')).p.mobile).catch(() => {})
  for (const method of ['GET', 'POST', 'DELETE'])
    await assert.rejects(stranger.api(method, `/orders/${a.order.id}/share`), (e) => [401, 403, 404].includes(e.status), `${method} by another account`)
  assert.equal((await seen('szjsgws', token)).number, a.order.number, 'which changed nothing')

  sql(`UPDATE hall.link SET expires_at = now() WHERE purpose = 'share' AND subject = '${a.order.id}'`)
  await assert.rejects(seen('szjsgws', token), { status: 410 }, 'expired')
  const last = tokenOf((await share(a, 'POST')).url)
  await share(a, 'DELETE')
  await assert.rejects(seen('szjsgws', last), { status: 410 }, 'withdrawn')
  assert.equal((await share(a, 'GET')).link, null)
  assert.equal(sql(`SELECT string_agg(detail ->> 'share', ' ' ORDER BY seq) FROM hall.audit WHERE subject = '${a.order.id}' AND detail ? 'share'`),
    'made made made withdrawn')
})

test('a draft has no page for colleagues, and search engines leave the page alone', async () => {
  const { a } = await submitted('szjsgws')
  await a.api('POST', `/new/orders/${a.order.id}/edit`, { json: { version: a.order.version } })
  await assert.rejects(share(a, 'POST'), { status: 409 })
  const page = await fetch(`${URL_BASE}/szjsgws/progress`)
  assert.equal(page.status, 200)
  assert.match(page.headers.get('x-robots-tag'), /noindex/)
  assert.equal(page.headers.get('referrer-policy'), 'same-origin')
  assert.match(page.headers.get('content-security-policy'), /default-src 'self'/)
})
