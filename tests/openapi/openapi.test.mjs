// SPDX-License-Identifier: Apache-2.0
// docs/openapi.yaml is in step with the modules' tables of routes and with the compiled-in tables.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import test from 'node:test'
import { addressOf } from '../lib/hall.mjs'
import { allRoutes, table } from './tables.mjs'
import { complaints, document, operations, resolve } from './contract.mjs'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const hall = process.env.CERTHALL_URL

const [major, minor] = process.versions.node.split('.').map(Number)
const old = major < 20 || (major === 20 && minor < 19)
test('the document obeys the rules of redocly.yaml', { skip: old && 'redocly needs Node.js 20.19' }, () => {
  const run = spawnSync(here('node_modules/.bin/redocly'), ['lint', '--config', here('redocly.yaml'), here('../../docs/openapi.yaml')],
    { env: { ...process.env, REDOCLY_TELEMETRY: 'off' }, encoding: 'utf8' })
  assert.equal(run.status, 0, run.stdout + run.stderr)
})

test('method, path and operation are those of the modules', () => {
  const line = ({ method, path, op }) => `${method} ${path} ${op}`
  assert.deepEqual(operations.map(line).sort(), allRoutes().map(line).sort())
})

// The scheme of each role, and whether a request that changes something needs the CSRF token as well.
const schemeOf = { applicant: 'hallSession', phone: 'phoneLink', code: 'codeLink', papers: 'papersLink', share: 'shareLink' }
const vendorScheme = { 'notify.wechatpay': 'wechatpaySignature', 'notify.alipay': 'alipaySignature', 'notify.sms': 'smsWord', 'notify.nuonuo': 'nuonuoNumber' }
function securityOf({ roles, method, op }) {
  if (roles.includes('public')) return []
  return roles.map((role) => {
    const scheme = vendorScheme[op] ?? (op.startsWith('partner.') ? 'partnerSignature' : null) ?? schemeOf[role] ?? 'deskSession'
    return { [scheme]: [role], ...(/Session$/.test(scheme) && method !== 'GET' && { csrf: [] }) }
  })
}
const sorted = (list) => list.map((one) => JSON.stringify(one, Object.keys(one).sort())).sort()

for (const route of allRoutes()) {
  const { operation } = operations.find((one) => one.op === route.op) ?? {}

  test(`${route.op}: roles and security agree`, () => {
    // {} beside a session: the session is read if there is one, but not required.
    const demanded = operation.security.filter((one) => Object.values(one).flat().length > 0)
    assert.deepEqual(sorted(demanded.map((one) => JSON.parse(JSON.stringify(one)))), sorted(securityOf(route)))
    if (route.roles.includes('public')) assert.ok(operation.security.length === 0 || operation.security.some((one) => Object.keys(one).length === 0))
  })

  test(`${route.op}: body as the route says`, () => {
    const body = resolve(operation.requestBody)
    const types = Object.keys(body?.content ?? {})
    if (route.body === '-') assert.equal(body, undefined)
    if (route.body === 'json') {
      assert.deepEqual(types, ['application/json'])
      assert.equal(body.content['application/json'].schema.additionalProperties, false, 'unknown keys are refused')
    }
    if (route.body === 'raw') assert.ok(types.length > 0)
  })
}

test('the form has the fields of form.tbl', () => {
  const fields = table('admin', 'form')
  const { properties } = document.components.schemas.Form
  assert.deepEqual(Object.keys(properties), fields.map(([name]) => name))
  for (const [name, , , kind, max] of fields) {
    if (properties[name].maxLength !== undefined) assert.equal(properties[name].maxLength, Number(max), name)
    if (kind === 'items') assert.equal(properties[name].maxItems, Number(max), name)
    assert.equal(properties[name].type, { bool: 'boolean', years: 'integer', items: 'array' }[kind] ?? 'string', name)
  }
})

test('the words of errors are those of errors.tbl', () => {
  assert.deepEqual(document.components.schemas.Problem.properties.code.enum, table('admin', 'errors').map(([, word]) => word))
})

test('the states are those of lifecycle.tbl', () => {
  const rows = table('admin', 'lifecycle', 'sql').map(([line]) => /order_state VALUES \('([a-z_]+)'/.exec(line)?.[1])
  assert.deepEqual(document.components.schemas.State.enum, rows.filter(Boolean))
})

// Routes without a session, asked in a running hall.
const asked = [
  ['gate.health', 'GET', '/healthz', 200], ['gate.home', 'GET', '/hall/api/gate/home', 200],
  ['gate.regions', 'GET', '/hall/api/gate/regions', 200], ['gate.session', 'GET', '/szjsgws/api/gate/session', 200],
  ['gate.page', 'GET', '/szjsgws/api/gate/page', 204], ['gate.page', 'GET', '/no-such-project/api/gate/page', 403],
  ['gate.session', 'GET', '/no-such-project/api/gate/session', 404], ['gate.link', 'GET', '/szjsgws/getLogin?projectId=0', 404],
  ['gate.sms_code', 'POST', '/szjsgws/api/gate/sms-code', 422], ['login.challenge', 'POST', '/desk/api/login/challenge', 422], ['login.open', 'POST', '/desk/api/login/session', 422],
  ['orders.list', 'GET', '/szjsgws/api/orders', 401], ['login.session', 'GET', '/desk/api/login/session', 401],
  ['identity.phone', 'GET', '/szjsgws/api/identity/phone', 401], ['notify.wechatpay', 'POST', '/notify/wechatpay', 401],
  ['notify.alipay', 'POST', '/notify/alipay', 401], ['notify.sms', 'POST', '/notify/sms/not-the-secret-word', 404],
  ['status.ocsp_get', 'GET', '/ocsp/MAA=', 400], ['status.ocsp_post', 'POST', '/ocsp', 415], ['status.crl', 'GET', '/crl/ca-sm2.crl', 200],
  ['status.crl', 'GET', '/crl/none', 404], ['finance.bills', 'GET', '/desk/api/finance/bills', 401], ['office.vendors', 'GET', '/desk/api/office/vendors', 401],
]
for (const [op, method, path, status] of asked) {
  test(`${method} ${path} answers ${status} as documented`, { skip: !hall && 'CERTHALL_URL is not set' }, async () => {
    const body = method === 'POST' ? '{}' : undefined
    const answer = await fetch(addressOf(path), { method, body, headers: body && { 'content-type': 'application/json' }, redirect: 'manual' })
    const type = answer.headers.get('content-type')
    assert.equal(answer.status, status)
    assert.deepEqual(complaints(op, status, type, /json/.test(type ?? '') ? await answer.json() : undefined), [])
  })
}
