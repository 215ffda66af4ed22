// SPDX-License-Identifier: Apache-2.0
// Requests sent byte by byte, sessions inserted into the database, and what a request has left behind.
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import http from 'node:http'

export const BASE = new URL(process.env.CERTHALL_URL ?? 'http://127.0.0.1:8080')
export const DESK = Object.assign(new URL(BASE), { hostname: 'desk.localhost' })
/** The site that a path belongs to. */
export const siteOf = (path) => (/^\/desk(\/|$)/.test(path) ? DESK : BASE)
export const STATE = process.env.CERTHALL_STATE
const RUN = process.env.CERTHALL_RUN ?? `${STATE}/run`
const VENDORS = (process.env.CERTHALL_SANDBOX_HOSTS ?? '127.0.0.11').split(' ')

const SETTINGS = readFileSync(`${STATE}/hall.conf`, 'utf8')
export const setting = (key) => SETTINGS.match(new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*(.*)$`, 'gm')).at(-1).replace(/^.*?=\s*/, '')
export const cookieName = (audience) => `ch_${audience}_${setting('installation')}`

/** Runs a program of this installation, and returns its output and exit status. */
export function program(name, args, conf = `${STATE}/hall.conf`) {
  try {
    const out = execFileSync(`${STATE}/bin/certhall-${name}`, args, { encoding: 'utf8', env: { ...process.env, CERTHALL_CONF: conf } })
    return { status: 0, out }
  } catch (e) {
    return { status: e.status, out: `${e.stdout}${e.stderr}` }
  }
}

// ---- database ----

export const PG = { PGHOST: `${RUN}/pg`, PGUSER: 'certhall_owner', ...process.env }
export const pg = (command, args, options = {}) =>
  execFileSync(command, args, { encoding: 'utf8', env: PG, maxBuffer: 1 << 28, ...options })

/** The first column of the answer, as text. Several statements are one transaction, except in the database postgres. */
export const sql = (query, database = 'certhall') =>
  pg('psql', ['-XAtq', ...(database === 'postgres' ? [] : ['-1']), '-v', 'ON_ERROR_STOP=1', '-d', database], { input: query }).trim()
export const quote = (s) => `'${String(s).replaceAll("'", "''")}'`

// ---- requests ----

const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })
/** Requests come from an address of their own, by which their traces in the database are told from others'. */
export const ADDRESS = `127.0.${randomInt(1, 255)}.${randomInt(1, 255)}`

/**
 * Sends a request, and returns the answer as { status, headers, text, json, id }. `claim` sends a Content-Length without the bytes, since
 * a body that is too long is refused before it comes. `from` is the caller's address. A path of the back office goes to its host, unless
 * the headers name another.
 */
export function request(method, path, { headers = {}, body, json, host = BASE.hostname, claim, from = ADDRESS } = {}) {
  const h = { ...(host === BASE.hostname && { host: siteOf(path).host }), ...headers }
  if (json !== undefined) {
    h['content-type'] ??= 'application/json'
    body = JSON.stringify(json)
  }
  const bytes = body === undefined ? undefined : Buffer.from(body)
  if (bytes) h['content-length'] = bytes.length
  if (claim !== undefined) h['content-length'] = claim
  return new Promise((resolve, reject) => {
    const lone = claim !== undefined || (bytes && bytes.length > 60000)
    const req = http.request({ host, port: BASE.port, method, path, headers: h, localAddress: from, agent: lone ? false : agent })
    req.on('error', reject) // after the answer it changes nothing
    req.on('response', (res) => {
      const parts = []
      res.on('data', (p) => parts.push(p))
      res.on('error', reject)
      res.on('end', () => {
        if (lone) req.destroy()
        const text = Buffer.concat(parts).toString()
        const isJson = /json/.test(res.headers['content-type'] ?? '')
        resolve({ status: res.statusCode, headers: res.headers, text, json: isJson ? JSON.parse(text) : null, id: res.headers['x-request-id'] })
      })
    })
    if (claim !== undefined) req.flushHeaders()
    else req.end(bytes)
  })
}
export const toVendor = { host: VENDORS[0] }

/** The pointers of a refusal with their machine words: { '/phone': 'rule' }. */
export const pointers = (res) => Object.fromEntries((res.json?.errors ?? []).map((e) => [e.pointer, e.code]))

/** Somebody with a session of that audience. */
export class Visitor {
  constructor(audience, token, id) {
    Object.assign(this, { audience, token, id, slug: 'jieyang' })
  }

  /** The cookie of the session's audience, or the session's token in the cookie of another audience. */
  cookie(audience = this.audience) {
    return { cookie: `${cookieName(audience)}=${this.token}` }
  }

  async withCsrf() {
    const path = this.audience === 'desk' ? '/desk/api/login/session' : '/jieyang/api/gate/session'
    this.csrf = (await request('GET', path, { headers: this.cookie() })).json.csrf
    return this
  }

  headers(more = {}) {
    return { ...this.cookie(), 'x-csrf-token': this.csrf, ...more }
  }

  call(method, path, options = {}) {
    return request(method, path, { ...options, headers: this.headers(options.headers) })
  }

  /** A request below the project's path. */
  api(method, path, options) {
    return this.call(method, `/${this.slug}/api${path}`, options)
  }

  /** A draft with all agreements ticked. */
  async draft(more = {}) {
    const setup = (await this.api('GET', '/new/setup')).json
    const agreements = setup.agreements.map(({ code, version }) => ({ code, version }))
    const res = await this.api('POST', '/new/orders', { json: { agreements, ...more } })
    if (res.status !== 201) throw new Error(res.text)
    return res.json
  }

  save(order, form, complete = true) {
    return this.api('PUT', `/new/orders/${order.id}/form`, { json: { version: order.version, complete, form } })
  }
}

export const freshToken = () => randomBytes(32).toString('base64url')
const bytea = (b) => `'\\x${b.toString('hex')}'`
export const hashOf = (token) => bytea(createHash('sha256').update(token).digest())

export function openSession(column, id, token, madeBy = column === 'staff' ? 'passkey' : 'sms') {
  const [audience, idle] = column === 'staff' ? ['desk', 1800] : ['hall', 7200]
  return `INSERT INTO hall.session (token_hash, audience, ${column}, made_by, address, expires_at, idle)
          VALUES (${hashOf(token)}, '${audience}', '${id}', '${madeBy}', 'fixture', now() + interval '1 hour', ${idle});`
}

/** `madeBy` is the way in which the session was opened; a project may accept only some ways. */
export async function newApplicant(slug = 'jieyang', madeBy = 'sms') {
  const v = new Visitor('hall', freshToken(), randomUUID())
  v.slug = slug
  sql(`INSERT INTO hall.account (id, phone_hash, phone_encrypted, phone_mask)
       VALUES ('${v.id}', ${bytea(randomBytes(32))}, '', '139****0000'); ${openSession('account', v.id, v.token, madeBy)}`)
  return v.withCsrf()
}

export async function newStaff(...roles) {
  const v = new Visitor('desk', freshToken(), randomUUID())
  v.name = `test${randomBytes(6).toString('hex')}`
  sql(`INSERT INTO hall.staff (id, name, display_name, roles, outlet)
       VALUES ('${v.id}', '${v.name}', '测试', '{${roles}}', ${roles.includes('outlet') ? "'futian'" : 'NULL'});
       ${openSession('staff', v.id, v.token)}`)
  return v.withCsrf()
}

/** The bearer token of a link for the phone authentication of an order. */
export function newPhoneLink(order) {
  const token = freshToken(), id = randomUUID()
  sql(`INSERT INTO hall.identity (id, order_id, expires_at) VALUES ('${id}', '${order}', now() + interval '1 hour');
       INSERT INTO hall.link (token_hash, purpose, subject, expires_at) VALUES (${hashOf(token)}, 'phone', '${id}', now() + interval '1 hour')`)
  return { token, id, headers: { authorization: `Bearer ${token}` } }
}

/** The bearer token of a link on which the code of an order's payout is typed in. */
export function newCodeLink(order) {
  const token = freshToken(), id = randomUUID()
  sql(`INSERT INTO hall.payout (id, order_id, number, yur_ref, state) VALUES ('${id}', '${order}', 1, 'TEST${id.slice(0, 8)}', 'failed');
       INSERT INTO hall.link (token_hash, purpose, subject, expires_at) VALUES (${hashOf(token)}, 'code', '${id}', now() + interval '1 hour')`)
  return { token, id, headers: { authorization: `Bearer ${token}` } }
}

/** The bearer token of a link with which a phone uploads an order's papers. */
export function newPapersLink(order) {
  const token = freshToken()
  sql(`INSERT INTO hall.link (token_hash, purpose, subject, expires_at) VALUES (${hashOf(token)}, 'papers', '${order}', now() + interval '1 hour')`)
  return { token, id: order, headers: { authorization: `Bearer ${token}` } }
}

/** The bearer token of a link to the page of an order that colleagues see. */
export function newShareLink(order) {
  const token = freshToken()
  sql(`INSERT INTO hall.link (token_hash, purpose, subject, expires_at) VALUES (${hashOf(token)}, 'share', '${order}', now() + interval '1 hour')`)
  return { token, id: order, headers: { authorization: `Bearer ${token}` } }
}

// ---- a form that is right ----

const digits = (n) => Array.from({ length: n }, () => randomInt(10)).join('')

export function idNumber(body = `440305198${randomInt(10)}0${1 + randomInt(9)}1${randomInt(10)}${digits(3)}`) {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  return body + '10X98765432'[weights.reduce((s, w, i) => s + w * Number(body[i]), 0) % 11]
}

const CODE = '0123456789ABCDEFGHJKLMNPQRTUWXY'
export function unitCode(body = `91440300${digits(8)}0`) {
  const weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
  return body + CODE[(31 - (weights.reduce((s, w, i) => s + w * CODE.indexOf(body[i]), 0) % 31)) % 31]
}

/** The same text with its last character changed to another one that the alphabet allows. */
export const wrongCheck = (s) => s.slice(0, -1) + (s.at(-1) === '1' ? '2' : '1')

export const BRANCH = '102584000010'

export function goodForm(slug = 'jieyang', type = 'institution') {
  const unit = '测试（虚构）有限公司', code = unitCode(), id = idNumber()
  const ofUnit = {
    unit_name: unit, unit_doc_type: 'uscc', unit_code: code, unit_region: '4403', unit_address: '测试路 1 号', auth_way: 'bank',
    legal_name: '张三', legal_id: idNumber(), legal_mobile: '13900000001',
    agent_name: '李四', agent_id: id, agent_mobile: '13900000002', agent_email: 'li@example.com',
  }
  const holder = { holder_name: '王五', holder_id: id, holder_mobile: '13900000003', holder_email: 'wang@example.com' }
  const account = { account_name: unit, account_branch: BRANCH, account_no: '755900000000001' }
  const rest = {
    mail_region: slug === 'szjsgws' ? '440305' : '4403', mail_address: '测试路 1 号 2 楼', invoice_wanted: true, invoice_kind: 'enterprise',
    invoice_title: unit, invoice_tax_no: code, invoice_purpose: 'certificate',
  }
  const base = { cert_type: type, years: 1, ...rest }
  if (type === 'natural') return { ...base, ...holder, invoice_kind: 'person', invoice_title: '王五', invoice_tax_no: undefined }
  if (slug === 'szjsgws') return { ...base, ...ofUnit, agent_position: '经理' }
  return { ...base, ...ofUnit, ...account, ...(type === 'holder' ? holder : {}) }
}

/** A small picture in the format of that name. */
export function picture(format) {
  const heads = { bmp: 'BM', gif: 'GIF89a', pdf: '%PDF-1.4\n' }
  if (format !== 'bmp') return Buffer.concat([Buffer.from(heads[format]), Buffer.alloc(64, 1)])
  const b = Buffer.alloc(54 + 4 * 4 * 3, 0xdd)
  b.fill(0, 0, 54)
  b.write('BM')
  for (const [at, v] of [[2, b.length], [10, 54], [14, 40], [18, 4], [22, 4], [34, 48]]) b.writeUInt32LE(v, at)
  b.writeUInt16LE(1, 26)
  b.writeUInt16LE(24, 28)
  return b
}
