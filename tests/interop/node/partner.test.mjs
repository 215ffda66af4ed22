// SPDX-License-Identifier: Apache-2.0
// The hall checks signatures by RFC 9421 that another library made: the library makes what docs/partners.md asks for by itself, and one
// changed byte is refused.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { before, test } from 'node:test'
import { createSigner, httpbis } from 'http-message-signatures'
import { admin, newKey } from '../../lib/partner.mjs'
import { URL_BASE } from '../../lib/hall.mjs'
import { flipped, skip } from './sandbox.mjs'

let key
before(() => { if (!skip) key = newKey('hunan') })

async function ask(method, path, body, change = {}) {
  const request = { method, url: URL_BASE + path, headers: { host: new URL(URL_BASE).host } }
  if (body) request.headers['content-digest'] = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
  const { headers } = await httpbis.signMessage({
    key: createSigner(Buffer.from(key.secret, 'base64'), 'hmac-sha256', key.keyid), name: 'sig',
    fields: ['@method', '@authority', '@path', '@query', ...(body ? ['content-digest'] : [])],
    params: ['created', 'keyid', 'nonce', 'alg'], paramValues: { nonce: randomBytes(12).toString('hex') },
  }, request)
  return fetch(URL_BASE + path, { method, headers: { ...headers, ...(body && { 'content-type': 'application/json' }), ...change.headers?.(headers) }, body: change.body ?? body })
}

const body = JSON.stringify({ cert_type: '企业证书', years: 1, form: { unit_name: '示范科技有限公司' } })

test('the library signs what the hall takes, with and without a query and a body', { skip }, async () => {
  assert.equal((await ask('GET', '/partner/api/orders')).status, 200)
  assert.equal((await ask('GET', '/partner/api/orders?state=approved&page_size=1')).status, 200)
  const made = await ask('POST', '/partner/api/tickets', body)
  assert.equal(made.status, 201)
  assert.match((await made.json()).entry, /getLogin\?projectId=/)
})

test('one changed byte is refused: of the signature, its parameters, the body', { skip }, async () => {
  const tries = {
    signature: { headers: (h) => ({ Signature: h.Signature.replace(/:(.+):/, (_, mac) => `:${flipped(mac)}:`) }) },
    parameters: { headers: (h) => ({ 'Signature-Input': h['Signature-Input'].replace(/nonce="./, (s) => s.slice(0, -1) + (s.at(-1) === 'a' ? 'b' : 'a')) }) },
    body: { body: body.replace('示', '禾') },
  }
  for (const [what, change] of Object.entries(tries)) assert.equal((await ask('POST', '/partner/api/tickets', body, change)).status, 401, what)
  admin('partner', 'key', 'end', key.keyid)
  assert.equal((await ask('GET', '/partner/api/orders')).status, 401, 'an ended key')
})
