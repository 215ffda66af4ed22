// SPDX-License-Identifier: Apache-2.0
// An external authority: keys and certificates made by the openssl command, and OpenSSL's CMP mock server in front of them.
// That server can only listen on all addresses, so it runs for seconds, on a random port, and answers with one certificate that it is
// given.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const SECRET = 'a secret of the test alone', REFERENCE = 'hall'

const KEYS = { p256: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], rsa: ['rsa:2048'] }
const USAGE = 'keyUsage=critical,digitalSignature,nonRepudiation'
const LEAF = `basicConstraints=CA:FALSE\n${USAGE}\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n`
const CA = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n'

export const freePort = () => new Promise((resolve) => {
  const s = createServer().listen(0, '127.0.0.1', () => {
    const { port } = s.address()
    s.close(() => resolve(port))
  })
})

/** A port through which that one is reached, and all that was sent to it; { port, sent, end }. */
export async function recording(to) {
  const parts = []
  const server = createServer((from) => {
    const there = connect(to, '127.0.0.1')
    from.on('data', (b) => parts.push(b)).on('error', () => there.destroy())
    there.on('error', () => from.destroy())
    from.pipe(there).pipe(from)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: server.address().port, sent: () => Buffer.concat(parts), end: () => server.close() }
}

export class Authority {
  constructor(algorithm, folder = mkdtempSync(join(tmpdir(), 'cmp-')), prefix = '') {
    Object.assign(this, { algorithm, folder, prefix })
    this.openssl('req', '-x509', '-newkey', ...KEYS[algorithm], '-nodes', '-keyout', this.path('root.key'), '-out', this.path('root.pem'),
      '-days', '3650', '-subj', `/C=CN/O=Other ${prefix}/CN=Other Root`, '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign')
    this.certify('ca', this.csr('ca', '/C=CN/O=Other/CN=Other CA'), { by: 'root', extensions: CA, days: 3000 })
    this.issue('srv', '/C=CN/O=Other/CN=Other CMP')
    this.issue('ra', '/C=CN/O=Hall/CN=RA')
    writeFileSync(this.path('trusted.pem'), readFileSync(this.path('ca.pem'), 'utf8') + readFileSync(this.path('root.pem'), 'utf8'))
    writeFileSync(this.path('secret'), `${SECRET}\n`)
  }

  path(name) {
    return join(this.folder, this.prefix + name)
  }

  openssl(...args) {
    return execFileSync('openssl', args, { cwd: this.folder, stdio: ['pipe', 'pipe', 'pipe'] })
  }

  csr(name, subject) {
    this.openssl('req', '-new', '-newkey', ...KEYS[this.algorithm], '-nodes', '-utf8', '-keyout', this.path(`${name}.key`), '-out', this.path(`${name}.csr`), '-subj', subject)
    return this.path(`${name}.csr`)
  }

  /** Issues <name>.pem for a request, and returns its file. */
  certify(name, csr, { by = 'ca', extensions = LEAF, days = 365 } = {}) {
    writeFileSync(this.path('ext'), extensions)
    this.openssl('x509', '-req', '-in', csr, '-CA', this.path(`${by}.pem`), '-CAkey', this.path(`${by}.key`), '-CAcreateserial', '-days', String(days), '-sha256', '-extfile', this.path('ext'), '-out', this.path(`${name}.pem`))
    return this.path(`${name}.pem`)
  }

  issue(name, subject, options) {
    return this.certify(name, this.csr(name, subject), options)
  }

  /** The settings for this authority under that name, with a secret or with signatures. */
  settings(name, port, more = {}) {
    const how = more.signed
      ? { certificate: `${this.prefix}ra.pem`, key: `${this.prefix}ra.key`, server: `${this.prefix}srv.pem` }
      : { reference: REFERENCE, secret: `${this.prefix}secret` }
    const lines = { algorithm: this.algorithm, url: `http://127.0.0.1:${port}/pkix/`, trusted: `${this.prefix}trusted.pem`, ...how, ...more }
    delete lines.signed
    writeFileSync(join(this.folder, `${name}.conf`), Object.entries(lines).map(([k, v]) => `${k} = ${v}\n`).join(''))
  }

  /** Starts the mock server, which answers with the certificate of that file; { port, end }. */
  async serve(certificate, { port, options = [] } = {}) {
    port ??= await freePort()
    const child = spawn('timeout', ['60', 'openssl', 'cmp', '-port', String(port), '-srv_ref', REFERENCE, '-srv_secret', `pass:${SECRET}`,
      '-srv_cert', this.path('srv.pem'), '-srv_key', this.path('srv.key'), '-srv_trusted', this.path('root.pem'), '-srv_untrusted', this.path('ca.pem'),
      '-rsp_cert', certificate, '-max_msgs', '100', ...options], { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    await new Promise((resolve, reject) => {
      const hear = (b) => {
        said += b
        if (/ACCEPT/.test(said)) resolve()
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.on('exit', (code) => reject(new Error(`the mock server ended with ${code}: ${said}`)))
    })
    const gone = new Promise((resolve) => child.on('exit', resolve))
    return { port, end: () => (child.kill(), gone) } // timeout hands the signal on
  }
}
