// SPDX-License-Identifier: Apache-2.0
// nginx's TLS listener: the protocols that it accepts and refuses, the headers and cookies of its answers, and the settings that `up`
// refuses.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'

const STATE = process.env.CERTHALL_STATE
const PORT = process.env.CERTHALL_PORT
const HSTS = 'max-age=31536000; includeSubDomains'

const freePort = () =>
  new Promise((done) => {
    const s = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address()
      s.close(() => done(port))
    })
  })
const TLS_PORT = await freePort()
// Only root may listen below port 1024. The hall has an address of its own here, so that no other program's port is in the way.
const AS_ROOT = process.getuid() === 0
const LOW = { host: `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`, port: 443 }

// ---- certificates, where nginx's user can read them ----

const folder = mkdtempSync('/tmp/certhall-tls-')
execFileSync('chmod', ['755', folder])
const file = (name) => `${folder}/${name}`
const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] })

function certificate(name) {
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=hall.example',
    '-addext', 'subjectAltName=DNS:hall.example,DNS:desk.hall.example', '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`))
  execFileSync('chmod', ['644', file(`${name}.key`)])
}

// ---- the hall ----

const GOOD = {
  tls_listen: `127.0.0.1:${TLS_PORT}${AS_ROOT ? `, ${LOW.host}:443` : ''}`, tls_certificate: file('one.pem'), tls_key: file('one.key'),
  origin: 'https://hall.example', desk_origin: 'https://desk.hall.example',
}
const hall = (...args) => execFileSync('tests/serve/hall', args, { stdio: ['ignore', 'ignore', 'inherit'] })
/** Waits for the end of the program: its exit status and output. */
function up(settings) {
  const lines = Object.entries(settings).map(([k, v]) => `${k} = ${v}`).join('\n')
  const { status, stderr } = spawnSync('tests/serve/hall', ['up'], { env: { ...process.env, CERTHALL_RATE: '100000', SERVE_SETTINGS: lines }, encoding: 'utf8' })
  return { status, said: stderr }
}

before(() => {
  certificate('one')
  certificate('two')
  const { status, said } = up(GOOD)
  assert.equal(status, 0, said)
  for (const page of ['index', 'desk', 'phone', 'sandbox']) writeFileSync(`${STATE}/www/${page}.html`, `page ${page}`)
})
after(() => {
  hall('down')
  rmSync(folder, { recursive: true })
})

const TO = { host: '127.0.0.1', port: TLS_PORT, servername: 'hall.example' }
const trusting = () => ({ ...TO, ca: readFileSync(GOOD.tls_certificate) })

function fetched(path, { method = 'GET', headers = {}, body } = {}, client = https, where = trusting()) {
  return new Promise((resolve, reject) => {
    const req = client.request({ ...where, path, method, headers: { host: 'hall.example', ...headers }, agent: false, timeout: 15000 }, (res) => {
      const parts = []
      res.on('data', (d) => parts.push(d))
      res.on('end', () => resolve({ status: res.statusCode, headers: res.headers, raw: res.rawHeaders, text: Buffer.concat(parts).toString() }))
    })
    req.on('error', reject)
    req.on('timeout', () => req.destroy(new Error('no answer')))
    req.end(body)
  })
}
const plainly = (path, more) => fetched(path, more, http, { host: '127.0.0.1', port: PORT })
/** The values of a header, one for each line with it. */
const lines = (res, name) => res.raw.flatMap((word, i) => (i % 2 === 0 && word.toLowerCase() === name ? [res.raw[i + 1]] : []))

/** Makes a handshake, and returns what was agreed upon, or the error. */
function shaken(options) {
  return new Promise((resolve) => {
    const s = tls.connect({ ...trusting(), ...options }, () => {
      resolve({ protocol: s.getProtocol(), cipher: s.getCipher().standardName, ticket: s.getTLSTicket(), alpn: s.alpnProtocol })
      s.destroy()
    })
    s.on('error', (e) => resolve({ error: e.code }))
  })
}
// Node's OpenSSL would refuse the old versions itself at its usual level.
const only = (version, ciphers = 'DEFAULT:@SECLEVEL=0') => shaken({ minVersion: version, maxVersion: version, ciphers })

// ---- what is spoken ----

test('TLS 1.3 and 1.2 with forward secrecy, the strongest cipher first', async () => {
  assert.equal((await only('TLSv1.3', tls.DEFAULT_CIPHERS)).cipher, 'TLS_AES_256_GCM_SHA384')
  assert.equal((await only('TLSv1.2')).cipher, 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384')
  const weakFirst = await only('TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384')
  assert.equal(weakFirst.cipher, 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'the server chooses')
})

for (const version of ['TLSv1.1', 'TLSv1'])
  test(`${version} is refused`, async () => assert.deepEqual(await only(version), { error: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' }))

for (const cipher of ['ECDHE-ECDSA-AES256-SHA384', 'ECDHE-ECDSA-AES128-SHA', 'AES256-GCM-SHA384'])
  test(`TLS 1.2 with ${cipher} is refused`, async () =>
    assert.match((await only('TLSv1.2', `${cipher}:@SECLEVEL=0`)).error ?? 'spoken', /HANDSHAKE_FAILURE/))

test('no session ticket is given', async () => assert.equal((await only('TLSv1.2')).ticket, undefined))

test('HTTP/2 is spoken with whoever asks for it', async () => {
  assert.equal((await shaken({ ALPNProtocols: ['h2', 'http/1.1'] })).alpn, 'h2')
  const client = http2.connect('https://hall.example', { createConnection: () => tls.connect({ ...trusting(), ALPNProtocols: ['h2'] }) })
  const headers = await new Promise((resolve, reject) => {
    client.on('error', reject)
    const req = client.request({ ':path': '/hall/api/serve/echo' })
    req.on('error', reject).on('response', resolve).resume()
  })
  client.close()
  assert.equal(headers[':status'], 200)
  assert.equal(headers['strict-transport-security'], HSTS)
})

test('http at the port of https is refused', async () => {
  const res = await plainly('/')
  assert.equal(res.status, 200, 'http has a port of its own')
  assert.equal((await fetched('/', {}, http, { host: '127.0.0.1', port: TLS_PORT })).status, 400)
})

test('at port 443 nginx listens with that right and no other', { skip: !AS_ROOT && 'only root can give it' }, async () => {
  assert.equal((await fetched('/', {}, https, { ...trusting(), ...LOW })).status, 200)
  const status = readFileSync(`/proc/${readFileSync(`${STATE}/run/nginx/nginx.pid`, 'utf8').trim()}/status`, 'utf8')
  for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb']) assert.match(status, new RegExp(`^Cap${set}:\\t0000000000000400$`, 'm'), 'net_bind_service')
  assert.match(status, /^NoNewPrivs:\t1$/m)
})

// ---- what every answer says ----

for (const [what, path, status, options] of [
  ['a page', '/', 200],
  ['another page', '/verify', 200],
  ['a page of a project, for which there is no module gate here', '/jieyang/apply', 503],
  ['a page that is not there', '/assets/none.js', 404],
  ['the way to the back office', '/desk/orders?q=1', 302],
  ['a page of the back office', '/desk', 200, { headers: { host: 'desk.hall.example' } }],
  ['what is not in the back office', '/jieyang/apply', 404, { headers: { host: 'desk.hall.example' } }],
  ['an answer of a module', '/hall/api/serve/echo', 200],
  ['a module\'s 404', '/hall/api/serve/none', 404],
  ['a module\'s 405', '/hall/api/serve/enter', 405],
  ['nginx\'s 404 for an address of the API', '/hall/api/none', 404],
  ['nginx\'s 404 for the API\'s description', '/docs/openapi.yaml', 404],
  ['nginx\'s 413', '/hall/api/serve/echo', 413, { method: 'POST', body: 'x'.repeat(100_000) }],
  ['nginx\'s 400', '/', 400, { headers: { 'content-length': 'x' } }],
  ['nginx\'s 405', '/', 405, { method: 'TRACE' }],
])
  test(`HSTS stands once on ${what}: ${status}`, async () => {
    const res = await fetched(path, options)
    assert.equal(res.status, status, res.text)
    assert.deepEqual(lines(res, 'strict-transport-security'), [HSTS])
  })

test('HSTS stands on the refusal of a module that is down', async () => {
  hall('stop', 'serve:*')
  const res = await fetched('/hall/api/serve/echo')
  hall('start', 'serve:*')
  assert.equal(res.status, 503)
  assert.deepEqual(lines(res, 'strict-transport-security'), [HSTS])
})

test('over http it is not sent', async () => {
  for (const path of ['/', '/hall/api/serve/echo', '/hall/api/none']) assert.deepEqual(lines(await plainly(path), 'strict-transport-security'), [])
})

test('a session\'s cookie is Secure and of this host alone', async () => {
  const [cookie, ...others] = lines(await fetched('/hall/api/serve/enter', { method: 'POST' }), 'set-cookie')
  assert.match(cookie, /^__Host-ch_hall_[^=;]+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=60; Secure$/)
  assert.deepEqual(others, [])
})

// ---- what `up` says of the settings ----

const without = (key) => Object.fromEntries(Object.entries(GOOD).filter(([k]) => k !== key))
writeFileSync(file('no.pem'), 'no certificate\n')

for (const [what, settings, sentence] of [
  ['a certificate without a key', without('tls_key'), /tls_key is empty: .* are set together or not at all/],
  ['a key without a certificate', without('tls_certificate'), /tls_certificate is empty/],
  ['files without an address', without('tls_listen'), /tls_listen is empty/],
  ['an address without a port', { ...GOOD, tls_listen: 'hall.example' }, /tls_listen: 'hall.example' is not an address and a port/],
  ['more than an address', { ...GOOD, tls_listen: `127.0.0.1:${TLS_PORT} http2; root /` }, /tls_listen: .* is not an address and a port/],
  ['an origin without https', { ...GOOD, origin: 'http://hall.example' }, /origin = http:\/\/hall.example: .* https/],
  ['a desk\'s origin without https', { ...GOOD, desk_origin: 'http://desk.hall.example' }, /desk_origin = http:\/\/desk.hall.example: .* https/],
  ['a back office at the hall\'s host', { ...GOOD, desk_origin: 'https://hall.example:8443' }, /desk_origin = .*: the back office needs a host of its own/],
  ['a back office at an address', { ...GOOD, desk_origin: 'https://192.0.2.1' }, /desk_origin = .*: scheme, a name in small letters/],
  ['a back office at more than a name', { ...GOOD, desk_origin: 'https://desk.hall.example/; root /' }, /desk_origin = .*: scheme, a name/],
  ['a key that is not there', { ...GOOD, tls_key: file('none.key') }, /cannot read .*none\.key, which tls_certificate or tls_key names/],
  ['a path that is not absolute', { ...GOOD, tls_key: 'one.key' }, /one\.key, .* is not an absolute path/],
  ['a file that is no certificate', { ...GOOD, tls_certificate: file('no.pem') }, /tls_certificate: .*no\.pem has no certificate in PEM/],
  ['a file that is no key', { ...GOOD, tls_key: file('no.pem') }, /tls_key: .*no\.pem has no key in PEM/],
  ['the key of another certificate', { ...GOOD, tls_key: file('two.key') }, /tls_key: the key in .*two\.key does not belong to the certificate in .*one\.pem/],
])
  test(`up refuses ${what}, and the old listener goes on`, async () => {
    const { status, said } = up(settings)
    assert.equal(status, 1)
    assert.match(said, sentence)
    assert.equal((await fetched('/')).status, 200)
  })

test('up refuses a key that nginx\'s user cannot read', () => {
  execFileSync('install', ['-m', AS_ROOT ? '400' : '000', file('one.key'), file('closed.key')])
  const { status, said } = up({ ...GOOD, tls_key: file('closed.key') })
  assert.equal(status, 1)
  assert.match(said, /user \S+ cannot read .*closed\.key/)
})

test('up puts a new certificate in force', async () => {
  execFileSync('cp', [file('two.pem'), file('one.pem')])
  execFileSync('cp', [file('two.key'), file('one.key')])
  assert.equal(up(GOOD).status, 0)
  for (let res; res?.status !== 200; await sleep(100)) res = await fetched('/').catch((e) => e) // the workers of before answer for a moment
})
