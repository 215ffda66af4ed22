// SPDX-License-Identifier: Apache-2.0
// The hall as its users meet it over HTTP: an applicant, a phone, staff, and the sandbox's pages. Used by the HTTP scenarios,
// the browser journeys and the fault tests.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import dns from 'node:dns'

export const URL_BASE = process.env.CERTHALL_URL ?? 'http://127.0.0.1:8080'
/** The origin of the back office. */
export const DESK_ORIGIN = Object.assign(new URL(URL_BASE), { hostname: 'desk.localhost' }).origin
/** The address of a path; the back office has a host of its own. */
export const addressOf = (path) => (path.startsWith('/desk/') ? DESK_ORIGIN : URL_BASE) + path

// Browsers take every name under localhost for this machine; Node.js asks the system's resolver, which need not know it.
const { lookup } = dns
dns.lookup = (name, ...rest) => lookup(/\.localhost$/.test(name) ? '127.0.0.1' : name, ...rest)

export const STATE = process.env.CERTHALL_STATE

export class Problem extends Error {
  constructor(status, body) {
    super(`${status} ${body?.code ?? ''} ${body?.detail ?? ''} ${JSON.stringify(body?.errors ?? '')}`)
    this.status = status
    this.body = body
  }
}

/** Debian's Node 18 joins Set-Cookie lines by commas and has no getSetCookie. Our cookies contain no comma. */
const cookiesOf = (res) => res.headers.getSetCookie?.() ?? (res.headers.get('set-cookie') ?? '').split(', ').filter(Boolean)

/** The cookies of a browser, and the CSRF token of its session. */
export class Client {
  cookies = new Map()
  csrf = null

  async fetch(method, path, { json, body, headers = {} } = {}) {
    const h = { ...headers }
    if (this.cookies.size) h.cookie = [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; ')
    if (this.csrf && method !== 'GET') h['x-csrf-token'] ??= this.csrf
    if (json !== undefined) {
      h['content-type'] ??= 'application/json'
      body = JSON.stringify(json)
    }
    const send = () => fetch(addressOf(path), { method, headers: h, body, redirect: 'manual' })
    // nginx that is configured anew closes idle connections; like a browser, a GET that met such a one is sent again on another.
    const res = await send().catch((e) => {
      if (method === 'GET' && ['ECONNRESET', 'UND_ERR_SOCKET'].includes(e.cause?.code)) return send()
      throw e
    })
    for (const line of cookiesOf(res)) {
      const [pair] = line.split(';')
      const at = pair.indexOf('=')
      this.cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return res
  }

  /** The JSON of a good answer; throws a Problem otherwise. */
  async call(method, path, options) {
    const res = await this.fetch(method, path, options)
    const text = await res.text()
    const body = text && /json/.test(res.headers.get('content-type') ?? '') ? JSON.parse(text) : text
    if (res.status >= 400) throw new Problem(res.status, body)
    if (body?.csrf) this.csrf = body.csrf
    return body
  }
}

const sandbox = new Client()

export const sandboxCall = (method, path, options) => sandbox.call(method, `/sandbox/api${path}`, options)
/** Sets a switch of the sandbox, so that its vendor misbehaves in that way. */
export const turn = (key, value) => sandboxCall('PUT', '/switches', { json: { switches: [{ key, value }] } })
export const person = () => sandboxCall('GET', '/person')

export async function paper(kind, facts) {
  const res = await sandbox.fetch('GET', `/sandbox/api/papers/${kind}?${new URLSearchParams(facts)}`)
  if (res.status !== 200) throw new Problem(res.status, await res.text())
  return Buffer.from(await res.arrayBuffer())
}

/** The sheets of a printed paper (PDF), each as the sandbox's scan of it; the last one is stamped and signed. */
export async function scans(pdf, facts) {
  const list = []
  for (;;) {
    const query = new URLSearchParams({ ...facts, sheet: list.length + 1 })
    const res = await fetch(`${URL_BASE}/sandbox/api/papers/form?${query}`, { method: 'POST', headers: { 'content-type': 'application/pdf' }, body: pdf })
    if (res.status === 404 && list.length) return list
    if (res.status !== 200) throw new Problem(res.status, await res.text())
    list.push(Buffer.from(await res.arrayBuffer()))
  }
}

/** Calls `look` every 150 ms until it returns something. */
export async function eventually(what, look, ms = 60000) {
  const end = Date.now() + ms
  for (;;) {
    const found = await look()
    if (found) return found
    if (Date.now() > end) throw new Error(`waited ${ms} ms for: ${what}`)
    await new Promise((r) => setTimeout(r, 150))
  }
}

/** The messages that have reached a phone, newest first. */
export const messages = async (phone) => (await sandboxCall('GET', `/inbox?phone=${phone}`)).messages

/** The newest message to a phone that fits. */
export const inbox = (phone, pattern) =>
  eventually(`a message to ${phone} like ${pattern}`, async () => (await messages(phone)).find((m) => pattern.test(m.text)))

/** The word by which the cashier knows an open payment: the end of WeChat's code and of Alipay's. */
export const codeOf = (opened) => opened.code_url.match(/[=/]([^=/]+)$/)[1]

/** Pays on the phone. */
export const payAt = (opened) => sandboxCall('POST', `/cashier/${codeOf(opened)}/pay`, { json: {} })

/** Money comes in on the authority's account. */
export const transferIn = (json) => sandboxCall('POST', '/transfer', { json })

export class Applicant extends Client {
  /** `business` is the module that serves the order. */
  constructor(slug, business = 'new') {
    super()
    Object.assign(this, { slug, business })
  }

  api(method, path, options) {
    return this.call(method, `/${this.slug}/api${path}`, options)
  }

  async code(phone, purpose) {
    const codes = async () => (await messages(phone)).filter((m) => m.template === '1001')
    const before = (await codes()).length
    await this.api('POST', '/gate/sms-code', { json: { phone, purpose } })
    const now = await eventually('the code', async () => (await codes()).length > before && codes())
    return now[0].text.match(/\d{6}/)[0]
  }

  async loginSms(phone) {
    return this.api('POST', '/gate/login-sms', { json: { phone, code: await this.code(phone, 'login') } })
  }

  async register(phone, password) {
    return this.api('POST', '/gate/register', { json: { phone, code: await this.code(phone, 'register'), password } })
  }

  async draft(seal) {
    const { agreements, notices, blocks } = await this.api('GET', `/${this.business}/setup`)
    const region = blocks?.flatMap(({ fields }) => fields).find(({ name }) => name === 'mail_region')
    if (region) this.regionDigits = [0, 2, 4, 6, 9][region.kind.at(-1)]
    const json = { agreements: [...agreements, ...notices].map(({ code, version }) => ({ code, version })) }
    if (seal !== undefined) json.seal_wanted = seal
    return (this.order = await this.api('POST', `/${this.business}/orders`, { json }))
  }

  async refresh() {
    return (this.order = await this.api('GET', `/orders/${this.order.id}`))
  }

  /** A place is named down to the level for which the project asks: copies of a project have its levels under another name. */
  async save(form, complete = true) {
    if (form.mail_region && this.regionDigits) form = { ...form, mail_region: form.mail_region.slice(0, this.regionDigits) }
    return (this.order = await this.api('PUT', `/${this.business}/orders/${this.order.id}/form`, {
      json: { version: this.order.version, complete, form },
    }))
  }

  async print(paper = 'form') {
    const res = await this.fetch('GET', `/${this.slug}/api/${this.business}/orders/${this.order.id}/${paper}.pdf`)
    if (res.status !== 200) throw new Problem(res.status, await res.text())
    await this.refresh()
    return res
  }

  /** `sheet`: 0 adds one. */
  upload(code, bytes, name = 'scan.bmp', type = 'image/bmp', sheet = 1) {
    const path = `/paper/orders/${this.order.id}/${code}?name=${encodeURIComponent(name)}&sheet=${sheet}`
    return this.api('PUT', path, { body: bytes, headers: { 'content-type': type } })
  }

  /** The licence of the unit in the form. */
  licence(facts = {}) {
    const { unit_name, unit_code, legal_name } = this.order.form
    return paper('licence', { unit_name, unit_code, legal_name, format: 'jpeg', ...facts })
  }

  /** Uploads all papers, and accepts the picture of the seal. */
  async uploadAll() {
    await this.refresh()
    for (const { code, state } of this.order.papers) {
      if (state === 'ok') continue
      if (code === 'licence') await this.upload(code, await this.licence(), 'licence.jpg', 'image/jpeg')
      else await this.upload(code, bmp())
    }
    await this.acceptSealPicture()
    return this.refresh()
  }

  /** Looks at the pictures of the electronic seals and accepts them, if a seal is wanted. Returns the last answer. */
  async acceptSealPicture(wish = { style: 'generated' }) {
    const path = `/sealpicture/orders/${this.order.id}`
    let last = null
    if (!this.order.seal_wanted) return last
    for (let item = 1; item <= Math.max(1, this.order.items.length); item++) {
      const picture = await this.api('POST', `${path}/preview?item=${item}`, { json: wish })
      last = { picture, state: await this.api('POST', `${path}/accept?item=${item}`, { json: { ...wish, sm3: picture.sm3 } }) }
    }
    await this.refresh()
    return last
  }

  /** A phone that has opened a new link. */
  async phone() {
    const link = await this.api('POST', `/identity/orders/${this.order.id}/link`)
    return new Phone(this.slug, link.url)
  }

  /** Does the whole phone authentication: link, both sides of the card, liveness. */
  async authenticate(who, verdict = 'pass') {
    const phone = await this.phone()
    await phone.cards(who)
    await phone.liveness(verdict).catch((e) => { if (e.status !== 422) throw e }) // the carrier may have said no already
    return eventually('the end of the authentication', async () => {
      const s = await this.api('GET', `/identity/orders/${this.order.id}`)
      return s.state !== 'pending' && s
    })
  }

  step(event) {
    return this.api('POST', `/${this.business}/orders/${this.order.id}/${event}`, { json: { version: this.order.version } })
      .then((order) => (this.order = order))
  }

  openPayment(channel = 'wechatpay') {
    return this.api('POST', `/pay/orders/${this.order.id}`, { json: { channel } })
  }

  async pay(channel) {
    await payAt(await this.openPayment(channel))
    await eventually('the payment', async () => (await this.api('GET', `/pay/orders/${this.order.id}`)).state === 'paid')
    return this.refresh()
  }

  account(cnaps, number) {
    return this.api('PUT', `/finauth/orders/${this.order.id}/account`, {
      json: { account_branch: cnaps, account_no: number },
    })
  }

  until(state) {
    return eventually(`order in state ${state}`, async () => (await this.refresh()).state === state && this.order)
  }
}

export class Phone {
  constructor(slug, url) {
    this.slug = slug
    this.token = new URL(url).hash.match(/t=(.+)/)[1]
    this.client = new Client()
  }

  api(method, path, options = {}) {
    const headers = { ...options.headers, authorization: `Bearer ${this.token}` }
    return this.client.call(method, `/${this.slug}/api/identity/phone${path}`, { ...options, headers })
  }

  card(side, bytes) {
    return this.api('PUT', `/card/${side}`, { body: bytes, headers: { 'content-type': 'image/png' } })
  }

  async cards(who) {
    await this.card('front', await paper('idcard-front', who))
    await this.card('back', await paper('idcard-back', who))
  }

  /** The person agrees to the processing of their face, as the text stands, or does not. */
  async consent(agree = true) {
    const { face } = await this.api('GET', '')
    return this.api('POST', '/consent', { json: agree ? { agree, version: face.version } : { agree } })
  }

  /** The consent to it is given as people mostly do. */
  async liveness(verdict) {
    if (!(await this.api('GET', '')).face.agreed) await this.consent()
    const { url } = await this.api('POST', '/liveness')
    const res = await fetch(`${url.replace(/\/$/, '')}/${verdict}`, { method: 'POST', redirect: 'manual' })
    if (res.status >= 400) throw new Problem(res.status, await res.text())
  }

  /** Chooses the transfer from one's own bank account, and pays it as `who`, by default as asked. Returns what the phone shows. */
  async transfer(who, { name = who.name, amount = '0.01', remark = (code) => code, account = '6222000011112222' } = {}) {
    await this.api('POST', '/transfer')
    const { transfer } = await this.api('GET', '')
    if (name !== null) await transferIn({ name, account, amount, remark: remark(transfer.code) })
    return transfer
  }

  until(step) {
    return eventually(`the phone told ${step}`, async () => (await this.api('GET', '')).step === step)
  }
}

/** The module of the back office that does this to an order. */
const moduleOf = { approve: 'review', reject: 'review', produce: 'produce', ship: 'produce', parcels: 'produce', pin: 'produce',
  payout: 'finance', refund: 'finance', transfer: 'finance' }
export const doneBy = (what) => moduleOf[what.split('/')[0]]

/** The acts of finance about an order. */
export const isAct = (what) => ['transfer/confirm', 'transfer/surplus', 'refund', 'refund/approve', 'payout'].includes(what)

/** The challenge of a text that is signed alone: its leaf (RFC 9162). */
export const leafOf = (text) => createHash('sha256').update(Buffer.concat([Buffer.from([0]), Buffer.from(text)])).digest('base64url')

/** A decision: the time, and what a page gets from navigator.credentials.get() for an offered statement, by the sandbox's authenticator. */
export async function asserted({ credentials, challenge, rp_id, time }, origin = DESK_ORIGIN) {
  return { time, ...(await sandboxCall('POST', '/authenticator/assert', { json: { credentials, challenge, origin, rp_id } })) }
}

export class Staff extends Client {
  async login(name) {
    const offer = await this.call('POST', '/desk/api/login/challenge', { json: { name } })
    const { time, ...assertion } = await asserted({ ...offer, challenge: leafOf(offer.statement) })
    await this.call('POST', '/desk/api/login/session', { json: { name, time, nonce: offer.nonce, assertion } })
    return this
  }

  read(id) {
    return this.call('GET', `/desk/api/review/orders/${id}`)
  }

  async act(id, what, json = {}) {
    const { order } = await this.read(id)
    const body = { version: order.version, ...json }
    if (isAct(what)) return this.signed(`/desk/api/finance/orders/${id}/${what}`, body)
    if (what === 'approve' || what === 'produce') body.decision = await this.sign(id, what, body)
    return this.call('POST', `/desk/api/${doneBy(what)}/orders/${id}/${what}`, { json: body })
  }

  /** The decision about an order, signed by the sandbox's authenticator. `body` is posted with it, without the note. */
  async sign(id, what, body) {
    return asserted(await this.call('POST', `/desk/api/${doneBy(what)}/orders/${id}/statement`, { json: { ...body, note: undefined } }))
  }

  /** Performs the act at that address, with its signature. */
  async signed(path, json) {
    const decision = await asserted(await this.call('POST', `${path}/statement`, json ? { json } : {}))
    return this.call('POST', path, { json: { ...json, decision } })
  }
}

/** A small BMP picture, grey with a red square as a seal. */
export function bmp(width = 32, height = 32) {
  const row = Math.ceil((width * 3) / 4) * 4
  const b = Buffer.alloc(54 + row * height, 0xdd)
  b.fill(0, 0, 54)
  b.write('BM')
  b.writeUInt32LE(b.length, 2)
  b.writeUInt32LE(54, 10)
  b.writeUInt32LE(40, 14)
  b.writeInt32LE(width, 18)
  b.writeInt32LE(height, 22)
  b.writeUInt16LE(1, 26)
  b.writeUInt16LE(24, 28)
  b.writeUInt32LE(row * height, 34)
  for (let y = 8; y < 24; y++) for (let x = 8; x < 24; x++) b.set([0x20, 0x20, 0xc8], 54 + y * row + x * 3)
  return b
}

/** A filled-in form of each demonstration project, for a person of the sandbox. */
export function formFor(slug, p, type = 'institution') {
  const unit = {
    unit_name: p.unit_name, unit_doc_type: 'uscc', unit_code: p.unit_code, unit_region: '4403',
    unit_address: '科技园路 1 号', auth_way: 'bank', legal_name: p.name, legal_id: p.id_no, legal_mobile: p.mobile,
    agent_name: p.name, agent_id: p.id_no, agent_mobile: p.mobile, agent_email: 'agent@example.com',
  }
  const holder = { holder_name: p.name, holder_id: p.id_no, holder_mobile: p.mobile, holder_email: 'holder@example.com' }
  const rest = {
    mail_region: ['hunan', 'jieyang'].includes(slug) ? '4403' : '440305', mail_address: '科技园路 1 号 8 楼', invoice_wanted: true, invoice_kind: 'enterprise',
    invoice_title: p.unit_name, invoice_tax_no: p.unit_code, invoice_purpose: 'certificate',
  }
  const account = { account_name: p.unit_name, account_branch: BRANCH, account_no: p.account_no }
  const base = { cert_type: type, years: 1 }
  if (type === 'natural')
    return { ...base, ...holder, ...rest, invoice_kind: 'person', invoice_title: p.name, invoice_tax_no: undefined }
  if (slug === 'seal') return { ...unit, agent_position: '经理', ...account, ...rest, mail_region: '440305007', items: [sealItem('institution', 1, p.unit_name)] }
  if (slug === 'szjsgws') return { ...base, ...unit, agent_position: '经理', ...rest }
  return { ...base, ...unit, ...(type === 'holder' ? holder : {}), ...account, ...rest }
}

/** One of the seals of an order; `who` is its owner. */
export const sealItem = (type, years, name, who) => ({
  cert_type: type, years, style: 'generated', seal_name: name, ...(who && { holder_name: who.name, holder_id: who.id_no }),
})

export const BRANCH = '102584000010'

/** One value of one row of the hall's database. */
export function sql(query, database = 'certhall') {
  return execFileSync('psql', ['-X', '-At', '-v', 'ON_ERROR_STOP=1', '-d', database, '-c', query], { encoding: 'utf8' }).trim()
}

/** The number of rows in which hall.report_count differs from orders, payments and refunds. */
export function reportsDiffer() {
  const kept = `SELECT day, project, business, channel, sum(orders), sum(received), sum(refunded) FROM hall.report_count
      GROUP BY 1, 2, 3, 4 HAVING (sum(orders), sum(received), sum(refunded)) <> (0, 0, 0)`
  const read = `SELECT hall.beijing_day(at), project, business, channel, sum(orders), sum(received), sum(refunded)
      FROM hall.report_rows('-infinity', 'infinity') GROUP BY 1, 2, 3, 4`
  return Number(sql(`SELECT count(*) FROM ((${kept} EXCEPT ${read}) UNION ALL (${read} EXCEPT ${kept})) d`))
}

/** A submitted order of a new person, which is to be paid; `as`: an applicant of that person who is logged in. */
export async function submitted(slug, type = 'institution', who, { seal = slug === 'szjsgws' ? true : undefined, form = {}, as } = {}) {
  const p = who ?? (await person())
  const a = new Applicant(slug)
  if (as) Object.assign(a, { cookies: as.cookies, csrf: as.csrf })
  else await a.loginSms(p.mobile)
  await a.draft(seal)
  await a.save({ ...formFor(slug, p, type), ...form })
  await a.print()
  await a.uploadAll()
  const said = await a.authenticate(p)
  if (said.state !== 'passed') throw new Error(`not authenticated: ${said.reason}`)
  await a.refresh()
  await a.step('submit')
  return { a, p }
}


/**
 * An order that is paid at the moment in which it is cancelled. On a busy machine the hall may hear of the payment first, so that the
 * order is not cancelled, or the vendor may answer too late; then it is tried with another order. `trouble` is a switch of the sandbox
 * and its value, which is set before the hall hears of the money.
 */
export async function paidTooLate(channel = 'wechatpay', trouble) {
  for (let tries = 1; ; tries++) {
    const { a, p } = await submitted('szjsgws')
    try {
      const opened = await a.openPayment(channel)
      await turn(`${channel}.late`, 'once')
      await payAt(opened)
      if (trouble) await turn(...trouble)
      await a.refresh()
      await a.api('POST', `/orders/${a.order.id}/cancel`, { json: { version: a.order.version } })
      return { a, p }
    } catch (e) {
      if (trouble) await turn(trouble[0], 'off')
      if (![409, 502].includes(e.status) || tries === 5) throw e
    }
  }
}
