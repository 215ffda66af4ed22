// SPDX-License-Identifier: Apache-2.0
// Goes through an application as its applicant would, over the hall's own API, with the made-up person of this browser. Nothing here is
// let in where a person would not be: codes come from the sandbox's inbox, the scan from the printed form, the money from its cashier.
import { call, credentials } from '../../common/http'
import { sandbox, type InboxMessage, type SamplePerson, type StatementEntry } from '../api'
import { storedPerson, storePerson } from '../person'
import type { Order, OrderPage, Session, Setup } from '../../common/api'

/** A password for projects that ask for one. It protects nothing but made-up data. */
const PASSWORD = 'sandbox tour 2026'
/** A branch that the search offers, at which every sample account is. */
const BRANCH = '102584000010'
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms))

/** Looks until there is an answer: the hall sends, reads and pays by itself, which takes a moment. */
async function until<T>(look: () => Promise<T | null | undefined | false>, what: string): Promise<T> {
  for (let tries = 0; tries < 120; tries++) {
    const found = await look()
    if (found) return found
    await wait(500)
  }
  throw new Error(`等不到${what}，请刷新后再试。`)
}

type Values = Record<string, unknown>
/** How many digits the code of a place has, by the levels that the field asks for. */
const digitsOf = (kind: string) => ({ region2: 4, region3: 6 })[kind] ?? 9
/** The pages of an application in their order, and what comes after the payment. */
export type Stop = 'apply' | 'form' | 'print' | 'papers' | 'phone' | 'payment' | 'paid'
export const stops: Stop[] = ['apply', 'form', 'print', 'papers', 'phone', 'payment', 'paid']

export class Filler {
  person: SamplePerson = {}
  business = ''
  setup!: Setup
  order!: Order

  constructor(
    readonly slug: string,
    readonly say: (text: string) => void = () => {},
    readonly wanted: string | null | undefined = null, // the kind of business; null: the project's first
  ) {}

  private api<T>(method: string, path: string, body?: unknown) {
    return call<T>(method, `/${this.slug}/api${path}`, body, { quiet: true })
  }
  private get at() {
    return `/${this.business}/orders/${this.order.id}`
  }

  // ---- the account ----

  private async code(purpose: string) {
    const phone = this.person.mobile
    const seen = async () => (await sandbox.get<{ messages: InboxMessage[] }>(`/inbox?phone=${phone}`)).messages
    const before = (await seen()).length
    await this.api('POST', '/gate/sms-code', { phone, purpose })
    const now = await until(async () => {
      const all = await seen()
      return all.length > before && all
    }, '验证码短信')
    return /\d{6}/.exec(now[0].text)![0]
  }

  /** Logs in as the browser's person, or goes on with the session that this person has here already. */
  async enter(): Promise<void> {
    const session = await this.api<Session>('GET', '/gate/session')
    credentials.csrf = session.csrf
    this.business = this.wanted ?? session.project!.businesses[0].code
    const known = storedPerson()
    const mine =
      session.account && known && new RegExp(`^${known.mobile.slice(0, 3)}.*${known.mobile.slice(-4)}$`).test(session.account.phone)
    this.person = mine ? known : await sandbox.get<SamplePerson>('/person')
    if (!mine) {
      storePerson(this.person)
      this.say('正在用样例手机号登录…')
      const phone = this.person.mobile
      const sms = session.project!.login_ways.includes('sms')
      const body = { phone, code: await this.code(sms ? 'login' : 'register'), ...(!sms && { password: PASSWORD }) }
      const said = await this.api<{ csrf: string }>('POST', sms ? '/gate/login-sms' : '/gate/register', body)
      credentials.csrf = said.csrf
    }
    this.setup = await this.api<Setup>('GET', `/${this.business}/setup`)
  }

  async open(id: string) {
    this.order = await this.api<Order>('GET', `/orders/${id}`)
    this.business = this.order.business
  }

  // ---- one function for each step ----

  private agreed() {
    return [...this.setup.agreements, ...this.setup.notices].map(({ code, version }) => ({ code, version }))
  }
  /** A reissue, a renewal or a change is for a certificate that the account has. */
  private async lost() {
    const { units } = await this.api<{ units: { certificates: { serial: string; state: string }[] }[] }>('GET', '/gate/units')
    const found = units.flatMap((unit) => unit.certificates).find((one) => one.state === 'valid')
    if (!found) throw new Error('这项业务需要一张已制成的证书：请先办理证书新办，把导览走到证书制成，再回到这里。')
    return found.serial
  }
  async draft() {
    this.say('正在同意协议，建立业务单…')
    const seal = this.setup.seal.mode === 'asked' ? { seal_wanted: this.setup.seal.default } : {}
    const chooses = this.setup.steps.some((step) => step.key === 'certificate')
    const begun = chooses && (await this.api<OrderPage>('GET', `/orders?business=${this.business}&state=draft`)).items[0]
    if (begun) return this.open(begun.id) // a certificate has one successor at a time
    const serial = chooses ? { serial: await this.lost() } : null
    const certificate = serial && this.business === 'renew' ? { certificates: [serial] } : serial
    const changes = this.business === 'change' ? { changes: [{ code: 'contact' }] } : {}
    this.order = await this.api<Order>('POST', `/${this.business}/orders`, {
      agreements: this.agreed(),
      ...seal,
      ...certificate,
      ...changes,
    })
  }

  private value(name: string, kind: string, type: Setup['types'][number]): unknown {
    const p = this.person
    const words: Values = {
      cert_type: type.code,
      years: type.years[0]?.years,
      unit_name: p.unit_name,
      unit_code: p.unit_code,
      unit_address: p.unit_address || '科技园路 1 号',
      legal_name: p.legal_name,
      legal_id: p.legal_id,
      legal_mobile: p.legal_mobile,
      account_name: p.unit_name,
      account_branch: BRANCH,
      account_no: p.account_no,
      agent_position: '经理',
      agent_email: 'agent@example.com',
      holder_email: 'holder@example.com',
      mail_address: '科技园路 1 号 8 楼',
      mail_postcode: '518000',
      items: [{ cert_type: type.code, years: type.years[0]?.years, style: 'generated', seal_name: p.unit_name }],
    }
    if (name in words) return words[name]
    if (kind === 'bool') return false
    if (kind.startsWith('region')) return '440305007'.slice(0, digitsOf(kind))
    return { idcard: p.id_no, mobile: p.mobile, text: p.name }[kind]
  }
  async form() {
    this.say('正在填写申请信息…')
    const had = this.order.form as Values
    const type = this.setup.types.find((one) => one.code === had.cert_type) ?? this.setup.types[0]
    const form: Values = {}
    for (const field of this.setup.blocks.flatMap((block) => block.fields)) {
      if (field.types && !field.types.includes(type.code)) continue
      if (field.when && String(form[field.when.field]) !== String(field.when.equals)) continue
      const given = had[field.name]
      const empty = given === undefined || given === null || given === '' || (Array.isArray(given) && !given.length)
      // Another project's order may name a larger place.
      const unfit = field.kind.startsWith('region') && String(given).length !== digitsOf(field.kind)
      form[field.name] = empty || unfit ? (this.value(field.name, field.kind, type) ?? field.options?.[0]?.value) : given
    }
    if (this.business === 'change') for (const name of ['agent_email', 'holder_email']) if (form[name]) form[name] = 'new@example.com'
    this.order = await this.api<Order>('PUT', `${this.at}/form`, { version: this.order.version, complete: true, form })
  }

  private async pdf(name: string): Promise<Blob> {
    const answer = await fetch(`/${this.slug}/api${this.at}/${name}.pdf`)
    if (!answer.ok) throw new Error('申请表没有打印成功，请再试一次。')
    return answer.blob()
  }
  async print() {
    this.say('正在打印申请表…')
    await this.pdf('form')
    if (this.order.papers.some((paper) => paper.template === 'annex')) await this.pdf('annex')
    await this.open(this.order.id)
  }

  /** A paper as a person would hold it: a scan of what was printed, or a sample of its kind. */
  private async paper(code: string, template: string | null): Promise<Blob> {
    const facts = new URLSearchParams({ ...this.person, format: 'jpeg' })
    const kinds: [RegExp, string][] = [
      [/^licence/, 'licence'],
      [/back(-\d+)?$/, 'idcard-back'],
      [/id/, 'idcard-front'],
    ]
    const printed = /^form/.test(code) ? 'form' : template === 'annex' || template === 'collection' ? template : null
    if (printed === 'collection') facts.set('framed', '')
    const kind = printed ? 'form' : (kinds.find(([pattern]) => pattern.test(code))?.[1] ?? 'seal-form')
    const body = printed ? await this.pdf(printed) : undefined
    const answer = await fetch(`/sandbox/api/papers/${kind}?${facts}`, printed ? { method: 'POST', body } : {})
    if (!answer.ok) throw new Error('样例资料没有生成成功，请再试一次。')
    return answer.blob()
  }
  async papers() {
    for (const { code, name, template, state } of this.order.papers) {
      if (state === 'ok') continue
      this.say(`正在上传“${name}”…`)
      const scan = await this.paper(code, template)
      await this.api('PUT', `/paper/orders/${this.order.id}/${code}?name=${code}.jpg`, new Blob([scan], { type: 'image/jpeg' }))
    }
    const seals = this.order.seal_wanted ? Math.max(1, this.order.items.length) : 0
    for (let item = 1; item <= seals; item++) {
      const at = `/sealpicture/orders/${this.order.id}`
      const picture = await this.api<{ sm3: string }>('POST', `${at}/preview?item=${item}`, { style: 'generated' })
      await this.api('POST', `${at}/accept?item=${item}`, { style: 'generated', sm3: picture.sm3 })
    }
    await this.open(this.order.id)
  }

  async phone() {
    this.say('正在用“手机”认证身份…')
    const at = `/${this.slug}/api/identity/phone`
    const link = await this.api<{ url: string }>('POST', `/identity/orders/${this.order.id}/link`)
    const headers = { Authorization: `Bearer ${new URL(link.url).hash.slice(3)}` }
    const phone = async (method: string, path: string, body?: Blob | string) => {
      const type = typeof body === 'string' ? 'application/json' : 'image/png'
      const answer = await fetch(at + path, { method, headers: { ...headers, 'content-type': type }, body })
      if (!answer.ok) throw new Error(((await answer.json()) as { detail: string }).detail)
      return answer
    }
    for (const side of ['front', 'back']) await phone('PUT', `/card/${side}`, await this.paper(`id_${side}`, null))
    const { face } = (await (await phone('GET', '')).json()) as { face: { version: string } }
    await phone('POST', '/consent', JSON.stringify({ agree: true, version: face.version }))
    const { url } = (await (await phone('POST', '/liveness')).json()) as { url: string }
    await sandbox.post(`/face/${new URL(url).pathname.split('/').pop()}/pass`)
    await phone('POST', '/arrival')
    await until(async () => {
      const said = await this.api<{ state: string; reason: string | null }>('GET', `/identity/orders/${this.order.id}`)
      if (said.state === 'failed') throw new Error(said.reason ?? '手机认证没有通过。')
      return said.state === 'passed'
    }, '认证结果')
    await this.open(this.order.id)
  }

  async pay() {
    this.say('正在提交并支付…')
    if (this.order.state === 'draft') this.order = await this.api<Order>('POST', `${this.at}/submit`, { version: this.order.version })
    if (this.order.state === 'unpaid') {
      const opened = await this.api<{ code_url: string }>('POST', `/pay/orders/${this.order.id}`, { channel: 'wechatpay' })
      await sandbox.post(`/cashier/${/[=/]([^=/]+)$/.exec(opened.code_url)![1]}/pay`, {})
      await until(async () => (await this.api<{ state: string }>('GET', `/pay/orders/${this.order.id}`)).state === 'paid', '支付结果')
      await this.open(this.order.id)
    }
    await this.prove()
  }

  /** What follows the payment for the proof of the account: its number, or the code of the remark. */
  async prove() {
    if (this.order.can.includes('account') && this.order.finauth.state === 'account_wanted') {
      this.say('正在填写单位账户…')
      const account = { account_branch: BRANCH, account_no: this.person.account_no }
      await this.api('PUT', `/finauth/orders/${this.order.id}/account`, account)
      await this.open(this.order.id)
    }
    if (this.order.state !== 'verifying') return
    this.say('正在等 0.01 元到账，读出附言中的随机码…')
    const code = await until(async () => {
      const { entries } = await sandbox.get<{ entries: StatementEntry[] }>(`/statement?account=${this.person.account_no}`)
      return entries.map((one) => /随机码\D*(\d{6})/.exec(one.remark)?.[1]).find(Boolean)
    }, '打款附言')
    await until(async () => {
      await this.open(this.order.id)
      return this.order.can.includes('code')
    }, '打款结果')
    await this.api('POST', `/finauth/orders/${this.order.id}/code`, { code })
    await this.open(this.order.id)
  }

  // ---- several steps ----

  /** Does all that comes before the page `stop`; returns the page's address. */
  async run(stop: Stop): Promise<string> {
    await this.enter()
    if (stop === 'apply') return `/${this.slug}/apply${this.wanted ? `?business=${this.wanted}` : ''}`
    const wanted = stops.indexOf(stop)
    const steps = [() => this.draft(), () => this.form(), () => this.print(), () => this.papers(), () => this.phone(), () => this.pay()]
    for (const step of steps.slice(0, wanted)) await step()
    return this.address(stop)
  }
  address(stop: Stop) {
    return `/${this.slug}/orders/${this.order.id}${stop === 'paid' ? '' : `/${stop}`}`
  }

  /** Does the step of the page that somebody is looking at, and returns the address of what comes next. */
  async step(stop: Stop, id: string | null): Promise<string> {
    await this.enter()
    if (id) await this.open(id)
    const work: Record<Stop, () => Promise<void>> = {
      apply: () => this.draft(),
      form: () => this.form(),
      print: () => this.print(),
      papers: () => this.papers(),
      phone: () => this.phone(),
      payment: () => this.pay(),
      paid: () => this.prove(),
    }
    await work[stop]()
    return this.address(stops[stops.indexOf(stop) + 1] ?? 'paid')
  }
}
