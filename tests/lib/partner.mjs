// SPDX-License-Identifier: Apache-2.0
// A partner's platform: its own key, requests signed by RFC 9421, signed links, and an address that receives events of its orders.
import { execFileSync } from 'node:child_process'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { decide } from './officers.mjs'
import { Applicant, BRANCH, STATE, Staff, URL_BASE, formFor, sql } from './hall.mjs'

/** Runs certhall-admin, which shows keys and secrets once, on standard output. */
export const admin = (...words) =>
  execFileSync(`${STATE}/bin/certhall-admin`, words, { encoding: 'utf8', env: { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` }, stdio: ['ignore', 'pipe', 'pipe'] })

export function newKey(slug) {
  const said = decide(['partner', 'key'], slug)
  return { keyid: said.match(/keyid\s+(\S+)/)[1], secret: said.match(/secret\s+(\S+)/)[1] }
}

const seconds = () => Math.floor(Date.now() / 1000)
export const projectId = (slug) => sql(`SELECT project_id FROM hall.project WHERE slug = '${slug}'`)

/** Headers that sign a request; `change` may spoil any part of them. */
export function signed(key, method, path, body, change = {}) {
  const url = new URL(URL_BASE + path)
  const digest = `sha-256=:${createHash('sha256').update(body ?? '').digest('base64')}:`
  const values = { '@method': method, '@authority': url.host, '@path': url.pathname, '@query': url.search || '?', 'content-digest': digest, ...change.values }
  const names = change.names ?? ['@method', '@authority', '@path', '@query', ...(body === undefined ? [] : ['content-digest'])]
  const nonce = change.nonce ?? randomBytes(16).toString('hex')
  const list = names.map((name) => `"${name}"`).join(' ')
  const params = change.params ?? `(${list});created=${change.created ?? seconds()};keyid="${change.keyid ?? key.keyid}";nonce="${nonce}";alg="hmac-sha256"`
  const base = [...names.map((name) => `"${name}": ${values[name]}`), `"@signature-params": ${params}`].join('\n')
  const mac = createHmac('sha256', Buffer.from(key.secret, 'base64')).update(base).digest('base64')
  const headers = { 'signature-input': `sig=${params}`, signature: `sig=:${mac}:` }
  if (body !== undefined) Object.assign(headers, { 'content-digest': digest, 'content-type': 'application/json' })
  return { ...headers, ...change.headers }
}

export class Partner {
  constructor(slug, key = newKey(slug)) {
    Object.assign(this, { slug, key })
  }

  /** Status and body of a signed request. */
  async ask(method, path, json, change) {
    const body = json === undefined ? undefined : JSON.stringify(json)
    const res = await fetch(URL_BASE + path, { method, headers: signed(this.key, method, path, body, change), body: change?.body ?? body })
    const text = await res.text()
    return { status: res.status, body: /json/.test(res.headers.get('content-type') ?? '') ? JSON.parse(text) : text, res }
  }

  /** A ticket's answer: {ticket, entry, expires_at}. */
  async ticket(json) {
    const { status, body } = await this.ask('POST', '/partner/api/tickets', json)
    if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`)
    return body
  }

  /** A signed link that says type and years. */
  link({ cert_type, years = '', exp = seconds() + 600, sig, business } = {}) {
    const id = projectId(this.slug)
    const text = [this.slug, id, cert_type, years, exp, ...(business ? [business] : [])].join('\n')
    sig ??= createHmac('sha256', Buffer.from(this.key.secret, 'base64')).update(text).digest('base64url')
    return `/${this.slug}/getLogin?${new URLSearchParams({ projectId: id, cert_type, years, exp, sig, ...(business && { business }) })}`
  }
}

/** Follows a link as a browser does, up to the log-in page: status, the kind of business and the token that the page is given. */
export async function follow(entry) {
  const res = await fetch(entry.startsWith('/') ? URL_BASE + entry : entry, { redirect: 'manual' })
  const to = res.headers.get('location') ?? ''
  const business = to.match(/\?business=(\w+)/)?.[1] ?? null
  return { status: res.status, page: to.split(/[?#]/)[0], business, entry: to.match(/#entry=([\w-]{43})$/)?.[1] ?? null, text: await res.text() }
}

/** The address of a platform. It keeps what is sent to it, in its order; `answer` decides the status of each answer. */
export function listen(answer = () => 204) {
  const got = []
  const server = createServer((req, res) => {
    const parts = []
    req.on('data', (part) => parts.push(part))
    req.on('end', () => {
      const body = Buffer.concat(parts).toString()
      got.push({ headers: req.headers, body })
      res.writeHead(answer(got.length)).end()
    })
  })
  return new Promise((ready) => server.listen(0, '127.0.0.1', () =>
    ready({ url: `http://127.0.0.1:${server.address().port}/hook`, got, close: () => server.close() })))
}

/** The text that Standard Webhooks signs. */
export const webhookRight = (secret, { headers, body }) => {
  const mac = createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
    .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64')
  return headers['webhook-signature'].split(' ').includes(`v1,${mac}`)
}

/** The values of a sandbox person for the fields of a project's form; regions have as many levels as the project wants. */
export function fitting(setup, p, type) {
  const natural = type === 'natural'
  const all = {
    ...formFor('jieyang', p, natural ? 'natural' : 'institution'), cert_type: type, agent_position: '经理', unit_region: '440305001', mail_region: '440305001',
  }
  const fits = (types) => !types || types.includes(type)
  const fields = setup.blocks.filter((b) => fits(b.types)).flatMap((b) => b.fields).filter((f) => fits(f.types) && all[f.name] !== undefined)
  const value = (f) => (/^region\d$/.test(f.kind) ? all[f.name].slice(0, [0, 2, 4, 6, 9][f.kind.at(-1)]) : all[f.name])
  return Object.fromEntries(fields.map((f) => [f.name, value(f)]))
}

/** An applicant who does everything that a project asks for, from the log-in to the parcel. */
export class Visitor extends Applicant {
  async begin(p, { entry, seal } = {}) {
    await this.loginSms(p.mobile)
    this.setup = await this.api('GET', '/new/setup')
    const agreements = [...this.setup.agreements, ...this.setup.notices].map(({ code, version }) => ({ code, version }))
    const json = { agreements, ...(entry && { ticket: entry }), ...(seal !== undefined && { seal_wanted: seal }) }
    return (this.order = await this.api('POST', '/new/orders', { json }))
  }

  async submit(p, type) {
    await this.save(fitting(this.setup, p, type))
    await this.print()
    await this.uploadAll()
    const said = await this.authenticate(p)
    if (said.state !== 'passed') throw new Error(`not authenticated: ${said.reason}`)
    await this.refresh()
    return this.step('submit')
  }

  /** Continues with the session and the order of a browser. */
  async follow(context, id) {
    for (const { name, value } of await context.cookies()) this.cookies.set(name, value)
    await this.api('GET', '/gate/session')
    this.setup = await this.api('GET', '/new/setup')
    if (id) this.order = await this.api('GET', `/orders/${id}`)
    return this
  }

  async finish(p, courier) {
    await this.pay()
    return this.counter(p, courier)
  }

  /** Review, proof of the account, production, parcel: everything that staff do after the payment. */
  async counter(p, courier = 'sf') {
    await this.refresh()
    if (this.order.finauth.state === 'account_wanted') await this.account(BRANCH, p.account_no)
    await (await new Staff().login('review')).act(this.order.id, 'approve')
    await this.until('accepted')
    const producer = await new Staff().login('produce')
    await producer.act(this.order.id, 'produce')
    await this.until('produced')
    await producer.act(this.order.id, 'ship', { courier, tracking_no: `SF${this.order.number.slice(-10)}` })
    await this.refresh()
    await this.api('POST', `/orders/${this.order.id}/received`, { json: { version: this.order.version } })
    return this.refresh()
  }
}
