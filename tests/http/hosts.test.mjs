// SPDX-License-Identifier: Apache-2.0
// The hall and the back office have hosts of their own: which paths each answers, and where a request at the wrong host is led.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BASE, DESK, newApplicant, newStaff, request, setting } from './lib.mjs'

/** Asks that host, whichever host the path belongs to. */
const at = (host, method, path, headers = {}) => request(method, path, { headers: { ...headers, host }, ...(method === 'POST' && { json: {} }) })
const atHall = (path, headers) => at(BASE.host, 'GET', path, headers)
const atDesk = (path, headers) => at(DESK.host, 'GET', path, headers)

function isPage(res, title) {
  assert.equal(res.status, 200, res.text)
  assert.match(res.headers['content-type'], /^text\/html/)
  assert.ok(res.text.includes(`<title>${title}</title>`))
}
function isProblem(res, status) {
  assert.equal(res.status, status, res.text)
  assert.match(res.headers['content-type'], /^application\/problem\+json/)
}

test('the desk\'s host is that of the setting', () => assert.equal(setting('desk_origin'), DESK.origin))

for (const path of ['/desk', '/desk/', '/desk/login', '/desk/orders/1', '/desk/keys'])
  test(`${path} is a page of the back office at its host`, async () => isPage(await atDesk(path), '业务办理后台'))

for (const path of ['/desk', '/desk/', '/desk/orders?q=%E5%BC%A0&state=paid', '/desk/orders/1?x=a/../b', '/desk/apix', '/desk/getLogin?projectId=1', '/desk/phone'])
  test(`${path} at the hall's host leads to the back office, path and query as they are`, async () => {
    const res = await atHall(path)
    assert.equal(res.status, 302)
    assert.equal(res.headers.location, DESK.origin + path)
  })

test('the root of the back office leads to its pages', async () => {
  const res = await atDesk('/')
  assert.equal(res.status, 302)
  assert.equal(res.headers.location, '/desk')
})

for (const path of ['/desk/api', '/desk/api/', '/desk/api/login/session', '/desk/api/review/orders', '/desk/api/new/setup'])
  test(`${path} at the hall's host: 404, whoever asks`, async () => {
    const auditor = await newStaff('auditor')
    isProblem(await atHall(path), 404)
    isProblem(await atHall(path, auditor.headers()), 404)
  })

test('no other way of writing its address gets at the API', async () => {
  for (const path of ['/desk//api/login/session', '//desk/api/login/session', '/x/../desk/api/login/session', '/desk/./api/login/session', '/desk/%61pi/login/session'])
    assert.equal((await atHall(path)).status, 404, path)
})

test('nobody logs in to the back office at the hall\'s host', async () => {
  isProblem(await at(BASE.host, 'POST', '/desk/api/login/challenge'), 404)
  isProblem(await at(DESK.host, 'POST', '/desk/api/login/challenge'), 422)
})

test('a session of staff is good at the desk\'s host alone', async () => {
  const auditor = await newStaff('auditor')
  assert.equal((await atDesk('/desk/api/login/session', auditor.headers())).status, 200)
  assert.equal((await atHall('/desk/api/login/session', auditor.headers())).status, 404)
})

const OF_THE_HALL = ['/jieyang/api/gate/session', '/jieyang/api/new/setup', '/jieyang/api/orders', '/hall/api/gate/home', '/partner/api/orders', '/notify/wechatpay',
  '/verify/api/check', '/ocsp/api/mine', '/ocsp', '/ocsp/MAA=', '/crl/ca-sm2.crl', '/healthz', '/sandbox/api/switches', '/sandbox/api/inbox', '/desk/api/new/setup']
for (const path of OF_THE_HALL)
  test(`${path} is not at the desk's host`, async () => {
    const applicant = await newApplicant()
    isProblem(await atDesk(path), 404)
    isProblem(await atDesk(path, applicant.headers()), 404)
  })

for (const path of ['/index.html', '/jieyang/login', '/jieyang/phone', '/jieyang/getLogin?projectId=1', '/verify', '/sandbox', '/sandbox/', '/ocsp/status', '/docs/openapi.yaml',
  '/desk.html', '/phone.html', '/sandbox.html'])
  test(`${path} is no page at the desk's host`, async () => {
    const res = await atDesk(path)
    assert.equal(res.status, 404, res.text)
  })

test('what the back office\'s pages are made of is at its host', async () => {
  const [, script] = (await atDesk('/desk')).text.match(/<script[^>]* src="(\/assets\/[^"]+)"/)
  for (const path of [script, '/mark.svg', '/sandbox/authenticator.js']) assert.equal((await atDesk(path)).status, 200, path)
  assert.equal((await at(DESK.host, 'POST', '/sandbox/api/authenticator/assert')).status, 422)
})

for (const host of ['elsewhere.example', 'localhost', `desk.localhost.evil.example`, `x.${DESK.host}`, `127.0.0.1:${BASE.port}`])
  test(`an unknown host, ${host}, is the hall`, async () => {
    isPage(await at(host, 'GET', '/'), '网上营业厅')
    assert.equal((await at(host, 'GET', '/jieyang/api/gate/session')).status, 200)
    assert.equal((await at(host, 'GET', '/desk')).headers.location, `${DESK.origin}/desk`)
    isProblem(await at(host, 'GET', '/desk/api/login/session'), 404)
  })

test('the name counts whatever its letters and port', async () => {
  for (const host of ['DESK.localhost', 'desk.localhost', `desk.localhost:${Number(BASE.port) + 1}`, 'desk.localhost.'])
    assert.equal((await at(host, 'GET', '/desk/api/login/session')).status, 401, host)
})
