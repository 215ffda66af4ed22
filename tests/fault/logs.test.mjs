// SPDX-License-Identifier: Apache-2.0
// Nothing that people send is found in a file of the hall in clear. Words that occur nowhere else are planted in every field, upload,
// query string, header and broken request, and in what the database refuses; programs are killed in the middle; then every file
// under the state folder is searched.
//
// Not searched: bin, www, build, nginx (made of the sources); sandbox and the sandbox's database (they play the vendors, who know the
// people); the write-ahead log, which both databases share. In the hall's own database the names of units and files lie open
// (docs/security.md, encryption at rest), nothing else.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import test, { before } from 'node:test'
import { Applicant, Client, Phone, STATE, Staff, URL_BASE, addressOf, bmp, eventually, formFor, paper, person, sql } from '../lib/hall.mjs'
import { Partner } from '../lib/partner.mjs'
import { running } from './saboteur.mjs'

/** The longest that a loaded machine may need. */
const LONG = 120000
const NO_ORDER = '00000000-0000-7000-8000-000000000000'

const words = [], open = new Set()
/** A word that is found nowhere else; it may stand in a name, an address, a password. */
function plant(what) {
  words.push(`Qx${what}${randomBytes(5).toString('hex')}`)
  return words.at(-1)
}
/** Such a word that may be the name of a member of staff. */
function plantName(what) {
  words.push(plant(what).toLowerCase())
  return words.at(-1)
}
/** A word for data that are not encrypted in the database. */
function plantOpen(what) {
  open.add(plant(what))
  return words.at(-1)
}

const tried = (promise) => promise.catch((e) => e)

/** Sends these bytes to nginx, and returns its answer. */
function raw(text) {
  const { hostname, port } = new URL(URL_BASE)
  return new Promise((resolve) => {
    let said = ''
    const socket = connect(Number(port), hostname, () => socket.end(text))
    socket.on('data', (part) => { said += part }).on('error', () => {}).on('close', () => resolve(said))
    setTimeout(() => socket.destroy(), 5000).unref()
  })
}

/** A picture with a word in it. */
function pictureWith(word, bytes = 100000) {
  const b = bmp(600, Math.floor(bytes / 1800))
  for (let at = 1000; at < b.length - 100; at += 5000) b.write(word, at)
  return b
}

const logOf = (name) => readFileSync(`${STATE}/log/${name}`, 'utf8')

let a, form, desk
before(async () => {
  desk = await new Staff().login('review')
})

test('planted: a whole application', async () => {
  const p = await person()
  words.push(p.id_no, p.account_no, p.mobile)
  a = new Applicant('jieyang')
  await a.loginSms(p.mobile)
  await a.api('PUT', '/gate/profile', { json: { name: plant('profile').slice(0, 30), email: `${plant('mail')}@example.com` } })
  await a.draft()
  form = {
    ...formFor('jieyang', p, 'holder'), unit_address: plant('address'), agent_name: plant('agent'), legal_name: plant('legal'), holder_name: plant('holder'),
    agent_email: `${plant('agentmail')}@example.com`, holder_email: `${plant('holdermail')}@example.com`, mail_address: plant('parcel'),
    invoice_title: plant('title'),
  }
  form.unit_name = form.account_name = `${plantOpen('unit')}公司`
  await a.save(form)
  await a.print()
  await a.refresh()
  for (const { code } of a.order.papers) await a.upload(code, pictureWith(plant('paper'), 1.9 * 2 ** 20), `${plantOpen('file')}.bmp`)
  assert.equal((await a.fetch('GET', `/jieyang/api/paper/orders/${a.order.id}/licence`)).status, 200)
  const link = await a.api('POST', `/identity/orders/${a.order.id}/link`), phone = new Phone('jieyang', link.url)
  words.push(phone.token)
  await tried(phone.card('front', await paper('idcard-front', p)))
  await tried(phone.card('back', pictureWith(plant('card'), 1.5 * 2 ** 20)))
})

test('planted: what is refused', async () => {
  const refused = async (promise) => assert.ok((await promise) instanceof Error)
  for (const complete of [true, false])
    await refused(tried(a.save({ ...form, unit_code: plant('code'), legal_id: plant('id'), agent_mobile: plant('mobile'), agent_email: plant('badmail'),
      account_no: plant('account'), account_branch: plant('branch'), mail_region: plant('region'), cert_type: plant('type'), agent_name: `${plant('name')}\u200b`,
      [plant('unknown')]: plant('value') }, complete)))
  const address = `/jieyang/api/new/orders/${a.order.id}/form`, json = { 'content-type': 'application/json' }
  for (const body of [`{"form":{"agent_name":"${plant('broken')}`, `{"${plant('twice')}":1,"${words.at(-1)}":2}`, `"${plant('nobody')}"`, `{"form":"${plant('nul')}\\u0000"}`,
    `{"version":1,"complete":true,"form":{"agent_name":"${plant('large')}${'x'.repeat(70000)}"}}`, `\xff\xfe${plant('bytes')}`])
    assert.ok((await a.fetch('PUT', address, { body, headers: json })).status >= 400, body.slice(0, 40))
  assert.equal((await a.fetch('PUT', address, { body: plant('mime'), headers: { 'content-type': 'text/plain' } })).status, 415)
  await refused(tried(a.api('POST', '/gate/login-password', { json: { phone: '13900000009', password: plant('password') } })))
  await refused(tried(a.api('POST', '/gate/hand-overs', { json: { order: plant('order').padEnd(36, 'x'), whole: true, phone: '13900000009', code: '123456' } })))
  const login = (path, json) => new Client().call('POST', `/desk/api/login/${path}`, { json })
  const assertion = (of) => Object.fromEntries(['credential', 'client_data', 'authenticator_data', 'signature'].map((field) => [field, of(plant(field.replace('_', '')))]))
  const name = plantName('staff')
  const { time, nonce } = await login('challenge', { name })
  await refused(tried(login('challenge', { name: plant('noname') })))
  await refused(tried(login('session', { name, time, nonce, assertion: assertion((word) => Buffer.from(word).toString('base64url')) })))
  await refused(tried(login('session', { name: plantName('other'), time: plant('theTimeOfIt'), nonce: plant('nonce').padEnd(64, 'x'), assertion: assertion((word) => word) })))
  await refused(tried(desk.call('POST', `/desk/api/review/orders/${NO_ORDER}/approve`, { json: { version: 1, note: plant('note'), decision: { time: plant('time'), credential: plant('credential') } } })))
  const admin = await new Staff().login('admin'), day = `Qx${randomBytes(4).toString('hex')}` // as long as a date: the database refuses it
  words.push(day)
  await refused(tried(admin.call('PUT', '/desk/api/office/calendar', { json: { year: 2027, days: [{ day, working: false, name: plant('holiday') }] } })))
  const partner = new Partner('hunan')
  assert.equal((await partner.ask('POST', '/partner/api/tickets', { cert_type: '企业证书', form: { agent_name: plant('ticket') } })).status, 201)
  assert.equal((await partner.ask('POST', '/partner/api/tickets', { cert_type: plant('ticketless'), form: { [plant('ticketfield')]: 1 } })).status, 422)
  assert.equal((await partner.ask('POST', '/partner/api/tickets', { cert_type: '企业证书', form: {} }, { body: plant('unsigned') })).status, 401)
  for (const [bytes, status] of [[Buffer.from(plant('notapicture')), 415], [pictureWith(plant('toolarge'), 3 * 2 ** 20), 413], [Buffer.alloc(0), 422]]) {
    const e = await tried(a.upload('licence', bytes, `${plant('refusedfile')}.bmp`))
    assert.equal(e.status, status, e.message)
  }
  const check = await fetch(`${URL_BASE}/verify/api/check?name=${plant('checked')}`, { method: 'POST', body: pictureWith(plant('document'), 6 * 2 ** 20), headers: { 'content-type': 'application/pdf' } })
  assert.ok(check.status < 500)
})

test('planted: query strings, headers, and requests that are none', async () => {
  for (const path of [`/healthz?q=${plant('health')}`, `/jieyang/getLogin?projectId=${plant('link')}`, `/jieyang/api/orders?number=${plant('list')}&after=${plant('after')}`,
    `/nowhere/api/none?q=${plant('none')}`, `/?q=${plant('page')}`, `/desk/api/registry/certificates?number=${plant('search')}`])
    await fetch(addressOf(path), { redirect: 'manual' })
  const headers = ['cookie', 'authorization', 'referer', 'user-agent', 'x-forwarded-for', 'x-csrf-token', 'origin', 'accept-language', 'content-disposition']
  await fetch(`${URL_BASE}/jieyang/api/orders`, { headers: Object.fromEntries(headers.map((h) => [h, plant(h.replaceAll('-', ''))])) })
  const head = `GET /healthz?q=${plant('rawquery')} HTTP/1.1\r\nhost: x\r\n`
  for (const text of [`${plant('verb')} ${plant('target')}\r\n\r\n`, `${head}${plant('header')}\r\n\r\n`, `${head}x: ${'y'.repeat(20000)}${plant('long')}\r\n\r\n`,
    `PUT /jieyang/api/new/orders/${NO_ORDER}/form?q=${plant('chunkquery')} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${plant('chunk')}\r\n`,
    `POST /jieyang/api/gate/login-sms?q=${plant('half')} HTTP/1.1\r\nhost: ${plant('host')}\r\nreferer: http://x/?q=${plant('referer')}\r\ncontent-length: 100\r\n\r\n${plant('cut')}`,
    `PUT /jieyang/api/paper/orders/${NO_ORDER}/x?name=${plant('claimed')} HTTP/1.1\r\nhost: x\r\ncontent-length: 9000000\r\n\r\n`])
    await raw(text)
})

test('planted: what the database itself refuses', () => {
  const refused = (query) => assert.throws(() => execFileSync('psql', ['-X', '-d', 'certhall', '-c', query], { stdio: 'pipe' }))
  refused(`INSERT INTO hall.paper (id, order_id, code, file_name, mime, bytes, sha256, file_key)
           VALUES (gen_random_uuid(), '${a.order.id}', 'x', '${plant('row')}', 'x', 0, sha256(''), '')`)
  refused(`INSERT INTO hall.account (id, phone_hash, phone_encrypted, phone_mask) SELECT gen_random_uuid(), phone_hash, '', '${plantOpen('duplicate')}' FROM hall.account`) // it was in the table for a moment
  refused(`SELECT '${plant('syntax')}'::uuid`)
  refused(`DO $$ BEGIN RAISE EXCEPTION 'x' USING DETAIL = '${plant('detail')}'; END $$`)
  refused(`SELECT pg_sleep(1), '${plant('cancelled')}' FROM pg_terminate_backend(pg_backend_pid())`)
})

test('planted: a request whose module is killed', async () => {
  const psql = spawn('psql', ['-X', '-At', '-d', 'certhall'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const locked = new Promise((resolve) => psql.stdout.on('data', resolve))
  psql.stdin.write(`BEGIN; SELECT 'locked' FROM hall.orders WHERE id = '${a.order.id}' FOR UPDATE;\n`)
  await locked
  const answer = tried(a.upload('licence', pictureWith(plant('killed')), `${plantOpen('killedfile')}.bmp`))
  await eventually('the row waited for', () => sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'certhall_paper' AND wait_event_type = 'Lock'") === '1', LONG)
  for (const pid of running('paper')) process.kill(pid, 'SIGKILL')
  assert.ok((await answer) instanceof Error)
  await new Promise((gone) => psql.on('close', gone).stdin.end('ROLLBACK;\n'))
  await eventually('the module again', () => running('paper').length > 0, LONG)
})

const NOT_SEARCHED = new Set(['bin', 'www', 'build', 'nginx', 'sandbox', 'pg'].map((name) => `${STATE}/${name}`))

/** The files below a folder. */
const under = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((e) => {
  const path = `${folder}/${e.name}`
  if (NOT_SEARCHED.has(path)) return []
  return e.isDirectory() ? under(path) : e.isFile() ? [path] : []
})

/** [file, word] for each planted word in a file. */
function found(files, wanted) {
  const patterns = `${STATE}/tmp/words`
  writeFileSync(patterns, wanted.join('\n'))
  try {
    const out = execFileSync('xargs', ['-0', 'grep', '-aoHFf', patterns, '--'], { input: files.join('\0'), encoding: 'utf8', maxBuffer: 1 << 26 })
    return [...new Set(out.trim().split('\n'))]
  } catch (e) {
    if (e.status === 123 && !e.stdout) return [] // xargs: grep has found nothing in some of them
    return [...new Set(e.stdout.trim().split('\n'))]
  } finally {
    rmSync(patterns)
  }
}

test('the search finds what is there', () => {
  const control = `${STATE}/log/control.log`, word = plant('control')
  writeFileSync(control, `{"msg":"${word}"}`)
  assert.deepEqual(found(under(STATE), [word]), [`${control}:${word}`])
  rmSync(control)
  words.pop()
})

test('no log, no temporary file and no other file has a planted word', async () => {
  const busy = "SELECT count(*) FROM hall.outbox WHERE state = 'due' AND due_at <= now()"
  await eventually('the runner has seen all of it', () => sql(busy) === '0', LONG)
  const last = (await fetch(`${URL_BASE}/jieyang/api/orders`)).headers.get('x-request-id')
  await eventually('the access log is written', () => logOf('nginx/access.log').includes(last), LONG)
  const files = under(STATE)
  for (const log of ['nginx.log', 'pg.log', 'paper.0.log', 'runner.log', 'nginx/access.log']) assert.ok(files.includes(`${STATE}/log/${log}`), log)
  assert.deepEqual(found(files, words), [])
})

test('the database has the names of units and files in clear, and nothing else', () => {
  sql('CHECKPOINT')
  const base = `${STATE}/pg/base/${sql("SELECT oid FROM pg_database WHERE datname = 'certhall'")}`
  const files = readdirSync(base).map((name) => `${base}/${name}`)
  const there = found(files, words).map((line) => line.split(':').at(-1))
  assert.deepEqual(there.filter((word) => !open.has(word)), [])
  assert.ok(there.length > 0, 'the search looks at the right files')
})

test('nginx tells of requests without what stands behind the question mark, and writes no body and no answer to a file', () => {
  const said = logOf('nginx.log')
  assert.match(said, /upstream prematurely closed connection.*request: "PUT \/jieyang\/api\/paper\/orders\/[0-9a-f-]+\/licence"$/m)
  assert.match(said, /client intended to send too large body: \d+ bytes.*request: "PUT [^"?]*"$/m)
  assert.doesNotMatch(said, /temporary file/)
  assert.doesNotMatch(said, /request: "[^"]*\?/)
})

test('the filter of these messages keeps method and path, whatever stands in the rest', () => {
  const filtered = (line) => execFileSync('sed', ['-uE', '-f', `${STATE}/nginx/log.sed`], { input: `${line}\n`, encoding: 'utf8' }).trim()
  for (const [said, kept] of [
    ['open() failed, client: 192.0.2.1, server: _, request: "GET /a/b?q=x"y" HTTP/1.1", host: "h", referrer: "http://h/?q=x"', 'open() failed, client: 192.0.2.1, server: _, request: "GET /a/b"'],
    ['refused, client: 192.0.2.1, server: _, request: "POST /notify/sms/secretword HTTP/1.1", upstream: "fastcgi://unix:/notify/sms/secretword:", host: "h"',
      'refused, client: 192.0.2.1, server: _, request: "POST /notify/sms/..."'],
    ['bad, client: 192.0.2.1, server: _, request: "x y z"', 'bad, client: 192.0.2.1, server: _'],
    ['bad, client: 192.0.2.1, server: _, host: "x", referrer: "y"', 'bad, client: 192.0.2.1, server: _'],
    ['signal process started', 'signal process started'],
  ]) assert.equal(filtered(said), kept)
})

test('PostgreSQL logs no statement, no value and no row', () => {
  assert.ok(existsSync(`${STATE}/log/pg.log`))
  assert.doesNotMatch(logOf('pg.log'), /STATEMENT:|DETAIL:|CONTEXT:|Failing row|Key \(/)
})
