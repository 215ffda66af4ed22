// SPDX-License-Identifier: Apache-2.0
// Our e-mail, accepted by smtp-server and parsed by postal-mime; and the sandbox's mail server, tested by our client and by a dialogue
// over bare sockets.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect as secured } from 'node:tls'
import { client } from './client.mjs'
import { api, file, fresh, sandbox, skip as noHall, turn } from './sandbox.mjs'

const skip = noHall || (parseInt(process.versions.node) < 20 && 'smtp-server and postal-mime need Node 20')
const { SMTPServer } = skip ? {} : (await import('smtp-server')).default
const PostalMime = skip ? null : (await import('postal-mime')).default

const folder = mkdtempSync(join(tmpdir(), 'mail-'))
after(() => rmSync(folder, { recursive: true }))

/** A server's key and certificate for an IP address. */
function certificate(name, address) {
  const key = join(folder, `${name}.pem`), cert = join(folder, `${name}.cer`)
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', `/CN=${name}`, '-addext', `subjectAltName=IP:${address}`], { stdio: 'ignore' })
  return { key: readFileSync(key), cert: readFileSync(cert), path: cert }
}
const own = skip ? null : certificate('own', '127.0.0.1'), other = skip ? null : certificate('other', '127.0.0.9')
if (!skip) writeFileSync(join(folder, 'password'), '密码:p@ss\n')

const failure = (code, text) => Object.assign(new Error(text), { responseCode: code })

/** Runs a mail server around `use`; `got` holds what reached it. */
async function withServer(options, use) {
  const got = { mails: [], logins: 0, senders: [], names: [] }
  const server = new SMTPServer({
    key: own.key, cert: own.cert, logger: false, authMethods: ['PLAIN', 'LOGIN'],
    onAuth(auth, session, done) {
      got.logins++
      got.names.push(session.hostNameAppearsAs)
      done(auth.username === 'hall' && auth.password === '密码:p@ss' ? null : failure(535, 'no'), { user: 'hall' })
    },
    onMailFrom(address, session, done) {
      got.senders.push(address.address)
      done()
    },
    onData(stream, session, done) {
      const parts = []
      stream.on('data', (part) => parts.push(part)).on('end', () => {
        got.mails.push({ raw: Buffer.concat(parts), to: session.envelope.rcptTo.map((r) => r.address) })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => {}) // a handshake that the client breaks off
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  try {
    await use(server.server.address().port, got)
  } finally {
    await new Promise((closed) => server.close(closed))
  }
}
const settings = (port, more = {}) => ({
  mail_url: `smtp://127.0.0.1:${port}`, mail_ca: own.path, mail_user: 'hall', mail_password: join(folder, 'password'), mail_from: 'hall@ca.example',
  mail_helo: 'hall.example', brand_name: '示范数字证书认证中心', vendor_timeout_ms: 3000, ...more,
})

const LETTER = {
  to: 'u1@mail.example', to_name: '张三，经办人',
  subject: '您的数字证书已经签发：请在三十日内登录业务大厅下载安装，并妥善保管介质与密码 – certificate issued 𠮷',
  text: '尊敬的用户：\r\n\r\n您的证书已签发。\r\n.\r\n..以点开头的行\r\nFrom 行首\r\n',
  html: '<p>尊敬的用户：</p><p>您的<b>证书</b>已签发。</p>',
}
const PDF = Buffer.concat([Buffer.from('%PDF-1.7\r\n.\r\n'), Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 37) & 255))])
const files = [
  { name: '电子发票 2026-11（测试）.pdf', type: 'application/pdf', base64: PDF.toString('base64') },
  { name: 'plain.txt', type: 'text/plain', base64: Buffer.from('x').toString('base64') },
]

async function readsBack(mail, id) {
  const m = await PostalMime.parse(mail.raw), headers = Object.fromEntries(m.headers.map((h) => [h.key, h.value]))
  assert.deepEqual(mail.to, [LETTER.to])
  assert.equal(m.subject, LETTER.subject)
  assert.deepEqual([m.from.name, m.from.address], ['示范数字证书认证中心', 'hall@ca.example'])
  assert.deepEqual([m.to[0].name, m.to[0].address], [LETTER.to_name, LETTER.to])
  assert.equal(m.text, LETTER.text)
  assert.equal(m.html, LETTER.html)
  assert.equal(m.messageId, `<${id}>`)
  assert.equal(headers['auto-submitted'], 'auto-generated')
  assert.ok(Math.abs(Date.parse(headers.date) - Date.now()) < 60000)
  assert.deepEqual(m.attachments.map((one) => [one.filename, one.mimeType]), files.map((one) => [one.name, one.type]))
  assert.deepEqual(Buffer.from(m.attachments[0].content), PDF)
}

/** RFC 5322: ASCII, lines of at most 998; RFC 2047: at most 76 where there is an encoded word. */
function isWellFormed(raw) {
  const text = raw.toString('latin1')
  assert.match(text, /^[\x20-\x7e\r\n]*$/)
  for (const line of text.split('\r\n')) {
    assert.ok(line.length <= 998 && !/[\r\n]/.test(line))
    if (line.includes('=?')) assert.ok(line.length <= 76, line)
  }
  for (const [word] of text.matchAll(/=\?[^ \r\n]+\?=/g)) {
    assert.ok(word.length <= 75)
    new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(word.split('?')[3], 'base64')) // whole characters
  }
}

for (const [how, options, scheme] of [['STARTTLS', {}, 'smtp'], ['TLS from the first byte', { secure: true }, 'smtps']])
  test(`a whole letter over ${how}`, { skip }, () => withServer(options, async (port, got) => {
    const id = `${fresh('m')}@hall.example`
    const sent = await client('mail.send', { ...LETTER, files, message_id: id }, settings(port, { mail_url: `${scheme}://127.0.0.1:${port}` }))
    assert.deepEqual([sent.outcome, sent.code], ['accepted', '250'])
    assert.deepEqual(got.names, ['hall.example'])
    assert.deepEqual(got.senders, ['hall@ca.example'])
    isWellFormed(got.mails[0].raw)
    await readsBack(got.mails[0], id)
  }))

test('AUTH LOGIN, when the server knows nothing else', { skip }, () => withServer({ authMethods: ['LOGIN'] }, async (port, got) => {
  assert.equal((await client('mail.send', LETTER, settings(port))).outcome, 'accepted')
  assert.equal(got.mails.length, 1)
}))

/** Nobody has logged in, named an address, or sent a message. */
const heardNothing = (got) => assert.deepEqual(got, { mails: [], logins: 0, senders: [], names: [] })

test('a server without STARTTLS hears neither password nor letter', { skip }, () => withServer({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true }, async (port, got) => {
  const sent = await client('mail.send', LETTER, settings(port))
  assert.deepEqual([sent.outcome, sent.code], ['unknown', 'no_starttls'])
  heardNothing(got)
}))

test('a certificate that nobody vouches for, or of another host', { skip }, () => withServer({ key: other.key, cert: other.cert }, async (port, got) => {
  for (const ca of [own.path, other.path]) {
    const sent = await client('mail.send', LETTER, settings(port, { mail_ca: ca }))
    assert.deepEqual([sent.outcome, sent.code], ['unknown', 'tls_untrusted'])
  }
  heardNothing(got)
}))

test('a wrong password', { skip }, () => withServer({}, async (port, got) => {
  const sent = await client('mail.send', LETTER, settings(port, { mail_user: 'somebody' }))
  assert.deepEqual([sent.outcome, sent.code], ['refused', '535'])
  assert.deepEqual([got.senders, got.mails], [[], []])
}))

test('what the server says about recipient and letter', { skip }, async () => {
  const at = (event, code) => ({ [event](x, session, done) { event === 'onData' ? x.on('end', () => done(failure(code, 'said'))).resume() : done(failure(code, 'said')) } })
  for (const [event, code, outcome] of [['onRcptTo', 550, 'refused'], ['onRcptTo', 451, 'unknown'], ['onMailFrom', 421, 'unknown'], ['onData', 552, 'refused'], ['onData', 452, 'unknown']])
    await withServer(at(event, code), async (port, got) => {
      const sent = await client('mail.send', LETTER, settings(port))
      assert.deepEqual([sent.outcome, sent.code], [outcome, String(code)], event)
      assert.deepEqual(got.mails, [])
    })
})

test('a connection that ends, or stays silent, after the data', { skip }, async () => {
  const then = (what) => ({ onData(stream) { stream.on('end', () => what(this)).resume() } })
  const after = async (what) => withServer(then(what), async (port) => {
    const sent = await client('mail.send', LETTER, settings(port, { vendor_timeout_ms: 1000 }))
    assert.equal(sent.outcome, 'unknown')
    codes.push(sent.code)
  })
  const codes = []
  await after((server) => server.connections.forEach((one) => one._socket.destroy()))
  await after(() => {})
  assert.deepEqual(codes, ['no_answer', 'timeout'])
})

test('nobody listens; not an address; not set up', { skip }, async () => {
  assert.equal((await client('mail.send', LETTER, settings(9))).code, 'no_connection')
  assert.equal((await client('mail.send', { ...LETTER, to: 'a@b\r\nRCPT TO:<c@d>' }, settings(9))).code, 'bad_address')
  assert.equal((await client('mail.send', LETTER, settings(9, { mail_url: 'http://127.0.0.1:9' }))).outcome, 'not set up')
})

// --- the sandbox's server ---

const box = () => `u${fresh('')}@mail.example`
const mails = async (address) => (await api('GET', `/mails?address=${address}`)).mails
const send = (to, more = {}) => client('mail.send', { ...LETTER, ...more, to })

test('the sandbox takes a letter and shows it', { skip }, async () => {
  const to = box(), id = `${fresh('m')}@hall.example`
  assert.deepEqual((({ outcome, code }) => [outcome, code])(await send(to, { message_id: id, files })), ['accepted', '250'])
  const [m] = await mails(to.toUpperCase())
  assert.deepEqual([m.to, m.subject, m.text, m.message_id], [to, LETTER.subject, LETTER.text, `<${id}>`])
  assert.match(m.from, / <hall@ca\.example>$/)
})

test('the sandbox refuses by name, by switch and by password', { skip }, async () => {
  const to = box()
  const outcome = async (sent) => (({ outcome: o, code }) => [o, code])(await sent)
  assert.deepEqual(await outcome(send('nobody@mail.example')), ['refused', '550'])
  await turn('mail.undeliverable', 'once')
  assert.deepEqual(await outcome(send(to)), ['refused', '550'])
  await turn('mail.later', 'once')
  assert.deepEqual(await outcome(send(to)), ['unknown', '451'])
  assert.deepEqual(await outcome(client('mail.send', { ...LETTER, to }, { mail_user: 'somebody' })), ['refused', '535'])
  assert.deepEqual(await mails(to), [])
  await turn('mail.drop_after_data', 'once')
  assert.deepEqual(await outcome(send(to)), ['unknown', 'no_answer'])
  assert.equal((await mails(to)).length, 1)
})

/** Sends lines and reads whole replies ("250 …" with the "250-…" lines before it). */
class Dialogue {
  constructor(socket) {
    this.socket = socket
    this.text = ''
    this.closed = new Promise((done) => socket.on('close', done))
    socket.on('data', (part) => { this.text += part; this.wake?.() }).on('error', () => {}).on('close', () => this.wake?.())
  }
  async reply() {
    for (;;) {
      const found = /^(?:\d{3}-[^\n]*\n)*\d{3} [^\n]*\n/.exec(this.text)
      if (found) {
        this.text = this.text.slice(found[0].length)
        return found[0]
      }
      if (this.socket.destroyed) return ''
      await new Promise((wake) => { this.wake = wake })
    }
  }
  say(line, end = '\r\n') {
    this.socket.write(line + end)
    return this.reply()
  }
}
async function plainDialogue() {
  const { hostname, port } = new URL(sandbox.mail_url), d = new Dialogue(connect(port, hostname))
  assert.match(await d.reply(), /^220 /)
  return d
}
async function securedDialogue() {
  const d = await plainDialogue()
  await d.say('EHLO interop')
  assert.match(await d.say('STARTTLS'), /^220 /)
  d.socket.removeAllListeners('data')
  const tls = secured({ socket: d.socket, ca: file('mail_ca'), host: '127.0.0.20', checkServerIdentity: () => undefined })
  await new Promise((ready, failed) => tls.once('secureConnect', ready).once('error', failed))
  assert.equal(tls.authorized, true)
  assert.match(tls.getPeerCertificate().subjectaltname, /127\.0\.0\.20/)
  return new Dialogue(tls)
}
const login = (user = sandbox.mail_user, password = file('mail_password')) => `AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`

test('nothing but STARTTLS before TLS', { skip: noHall }, async () => {
  const d = await plainDialogue(), features = await d.say('EHLO interop')
  assert.match(features, /STARTTLS/)
  assert.doesNotMatch(features, /AUTH/)
  assert.match(await d.say(login()), /^530 /)
  assert.match(await d.say('MAIL FROM:<hall@ca.example>'), /^530 /)
  assert.match(await d.say('QUIT'), /^221 /)
  const injecting = await plainDialogue()
  await injecting.say('EHLO interop')
  assert.match(await injecting.say('STARTTLS\r\nMAIL FROM:<hall@ca.example>'), /^554 /)
  await injecting.closed
})

test('log-in, envelope and data under TLS', { skip: noHall }, async () => {
  const to = box(), d = await securedDialogue()
  assert.match(await d.say('EHLO interop'), /AUTH PLAIN LOGIN/)
  assert.match(await d.say('MAIL FROM:<hall@ca.example>'), /^530 /)
  assert.match(await d.say(login(undefined, `${file('mail_password')}x`)), /^535 /)
  assert.match(await d.say('AUTH LOGIN'), /^334 VXNlcm5hbWU6/)
  assert.match(await d.say(Buffer.from(sandbox.mail_user).toString('base64')), /^334 UGFzc3dvcmQ6/)
  assert.match(await d.say(Buffer.from(file('mail_password')).toString('base64')), /^235 /)
  assert.match(await d.say('MAIL FROM:<hall@ca.example> SIZE=99999999'), /^552 /)
  assert.match(await d.say('MAIL FROM:<hall@ca.example>'), /^250 /)
  assert.match(await d.say(`RCPT TO:<${to}>`), /^250 /)
  assert.match(await d.say('DATA'), /^354 /)
  const smuggling = 'Date: x\r\nFrom: <a@b>\r\nMessage-ID: <1@b>\r\n\r\nx\n.\nMAIL FROM:<evil@b>\n.\r\n.'
  assert.match(await d.say(smuggling), /^554 /)
  assert.match(await d.say(`NOOP ${'x'.repeat(3000)}`), /^500 /)
  assert.match(await d.reply(), /^421 /) // the fifth error of this connection
  await d.closed
  assert.deepEqual(await mails(to), [])
})
