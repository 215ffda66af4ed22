// SPDX-License-Identifier: Apache-2.0
// Logs that are sent to another machine (setting log_server): by syslog over TLS, only to the host with the right certificate. What is
// logged while that host is down is sent later.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import tls from 'node:tls'
import { STATE, addressOf, eventually } from '../lib/hall.mjs'

const folder = mkdtempSync(join(tmpdir(), 'logs-')), at = (name) => join(folder, name)
chmodSync(folder, 0o755)
const before = readFileSync(`${STATE}/local.conf`, 'utf8')

/** A certificate for localhost, signed by itself. */
function certificate(name) {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost', '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)], { stdio: 'pipe' })
  chmodSync(at(`${name}.pem`), 0o644)
  return { key: readFileSync(at(`${name}.key`)), cert: readFileSync(at(`${name}.pem`)) }
}

/** What came to the server, as { app, text }; RFC 6587: each message has its length before it. */
class Server {
  messages = []
  refused = 0
  sockets = new Set()

  constructor(certificate) {
    this.server = tls.createServer(certificate, (socket) => {
      let bytes = Buffer.alloc(0)
      socket.on('error', () => {}).on('data', (more) => {
        bytes = Buffer.concat([bytes, more])
        for (let space; (space = bytes.indexOf(' ')) > 0;) {
          const n = Number(bytes.subarray(0, space)), end = space + 1 + n
          if (bytes.length < end) break
          const [, app, text] = bytes.subarray(space + 1, end).toString().match(/^<\d+>1 \d{4}-\d\d-\d\dT\S+ \S+ (\S+) \S+ \S+ (?:-|\[.*?\]) (.*)$/s)
          this.messages.push({ app, text })
          bytes = bytes.subarray(end)
        }
      })
    }).on('tlsClientError', () => this.refused++).on('connection', (socket) => this.sockets.add(socket))
  }

  listen = (port = 0) => new Promise((done) => this.server.listen(port, '127.0.0.1', () => done(this.server.address().port)))
  close = () => new Promise((done) => {
    this.server.close(done)
    for (const socket of this.sockets) socket.destroy()
  })
  has = (app, word) => this.messages.some((m) => app.test(m.app) && m.text.includes(word))
}

const up = (...settings) => new Promise((done) => {
  writeFileSync(`${STATE}/local.conf`, [before, ...settings, ''].join('\n'))
  execFile('./certhall', ['up'], { cwd: process.env.CERTHALL_TOP, encoding: 'utf8' }, (error, out, err) => done({ status: error ? error.code : 0, text: out + err }))
})
/** Something that stands in nginx's log. */
async function visited() {
  const word = randomBytes(8).toString('hex')
  await fetch(addressOf(`/v${word}/getLogin`))
  return word
}

const right = certificate('right'), wrong = certificate('wrong')
let server
after(async () => {
  await server?.close()
  await up()
  rmSync(folder, { recursive: true })
})

test('a server that is no host and port, and a CA that is none, are refused by up', async () => {
  for (const [settings, said] of [[['log_server = nowhere'], /log_server = nowhere is not a host and a port/], [['log_server = a:1', `log_server_ca = ${at('none')}`], /log_server_ca: .* reads no certificate/]]) {
    const { status, text } = await up(...settings)
    assert.notEqual(status, 0)
    assert.match(text, said)
  }
})

test('nothing is sent to a host whose certificate another has signed; the right one gets all of it', async () => {
  server = new Server(wrong)
  const port = await server.listen()
  const { status, text } = await up(`log_server = localhost:${port}`, `log_server_ca = ${at('right.pem')}`)
  assert.equal(status, 0, text)
  const word = await visited()
  await eventually('the refusal of the certificate', () => server.refused > 0)
  assert.deepEqual(server.messages, [])
  await server.close()

  server = new Server(right)
  await server.listen(port)
  await eventually('what was visited', () => server.has(/^access\.log$/, word), 120000)
  await eventually('what a module says when it starts', () => server.has(/^gate\.\d\.log$/, '"program":"gate"'))
  const told = readFileSync(`${STATE}/log/logs.log`, 'utf8').length
  await server.close()

  // What is sent first on a connection that the other side has just closed is lost; only then it is known that the side is gone.
  let meanwhile
  await eventually('the loss of the connection', async () => {
    meanwhile = await visited()
    return /connection broken|connection failed/i.test(readFileSync(`${STATE}/log/logs.log`, 'utf8').slice(told))
  }, 120000)
  server = new Server(right)
  await server.listen(port)
  await eventually('what was visited while nobody listened', () => server.has(/^access\.log$/, meanwhile), 120000)
})
