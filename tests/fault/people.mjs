// SPDX-License-Identifier: Apache-2.0
// People who try again: after an error they do what the page tells them, with the order as it is now. Every refusal that they meet
// must be a sentence in Chinese; `rude` collects the others.
import { setTimeout as sleep } from 'node:timers/promises'
import { Applicant, BRANCH, bmp, Phone, Problem, Staff, codeOf, formFor, messages, paper, person, sandboxCall } from '../lib/hall.mjs'

export const rude = new Set()

/** Longer than a busy machine takes for anything; the suite's own limit is not much longer. */
const PATIENCE = 1800_000

/** How many requests of people the hall has answered. */
export const answers = { n: 0 }

/** Whether the page says "please try again": a program is away, or the database is starting. */
const passing = (e) => !(e instanceof Problem) || e.status >= 500 || e.status === 429

/** The sandbox's own pages need not be polite. */
function listen(e) {
  if (!(e instanceof Problem)) {
    if (e.name !== 'TypeError') throw e // fetch says so when there is no answer
  } else if (e.body?.detail === undefined ? !/系统繁忙/.test(e.body) : !/[一-鿿]/.test(e.body.detail)) {
    rude.add(`${e.status} ${JSON.stringify(e.body).slice(0, 200)}`)
  }
}

/** Repeats the request until there is an answer. */
export async function insist(act, { polite = true, ms = PATIENCE } = {}) {
  for (const end = Date.now() + ms; ;) {
    try {
      const answer = await act()
      if (polite) answers.n++
      return answer
    } catch (e) {
      if (polite) listen(e)
      if (!passing(e) || Date.now() > end) throw e
    }
    await sleep(700)
  }
}

const sandboxly = (act) => insist(act, { polite: false })

export class Determined extends Applicant {
  constructor(slug, { type = 'institution', channel = 'wechatpay' } = {}) {
    super(slug)
    Object.assign(this, { type, channel })
  }

  /** Repeats `act` until the order says that it is done. What the hall refuses was mostly done by the try before. */
  async until(what, done, act, { pause = 300, ms = PATIENCE } = {}) {
    for (const end = Date.now() + ms; ;) {
      await this.look()
      if (done(this.order)) return
      if (Date.now() > end)
        throw new Error(`${this.order.number} is ${this.order.state} (${this.order.finauth.state}), wanted: ${what}; last: ${this.last}`)
      try {
        await act?.()
      } catch (e) {
        listen(e)
        this.last = e.message
        if (e.status === 401) await this.logIn()
      }
      await sleep(pause)
    }
  }

  look() {
    return insist(() => this.refresh())
  }

  async begin() {
    this.who = await sandboxly(() => person())
    await this.logIn()
    await this.begun()
  }

  async logIn() {
    while (!(await this.logInOnce())) await sleep(500)
  }

  /** Asks for a code again, once a minute, if it does not come. */
  async logInOnce() {
    const { mobile } = this.who
    const codes = async () => (await sandboxly(() => messages(mobile))).filter((m) => m.template === '1001')
    const seen = (await codes()).length
    await this.api('POST', '/gate/sms-code', { json: { phone: mobile, purpose: 'login' } }).catch(listen)
    for (let i = 0; i < 40; i++) {
      const now = await codes()
      if (now.length > seen) return this.useCode(now[0].text.match(/\d{6}/)[0])
      await sleep(400)
    }
    return false
  }

  async useCode(code) {
    try {
      return await this.api('POST', '/gate/login-sms', { json: { phone: this.who.mobile, code } })
    } catch (e) {
      listen(e)
      return false
    }
  }

  /** Looks for a draft in the list, since it may have been made although the request was not answered. */
  async begun() {
    for (;;) {
      const { items } = await insist(() => this.api('GET', '/orders'))
      if (items.length) return (this.order = items[0])
      await this.draft(this.slug === 'szjsgws' ? true : undefined).catch(listen)
    }
  }

  form(more = {}) {
    return { ...formFor(this.slug, this.who, this.type), ...more }
  }

  async fillIn(more) {
    await this.until('the form complete', (o) => o.form_complete && (!more || this.saved), async () => {
      await this.save(this.form(more))
      this.saved = true
    })
    await this.until('the form printed', (o) => o.printed, () => this.print())
    await this.until('the papers there', (o) => o.papers.every((m) => m.state === 'ok') && o.next?.step !== 'papers', () => this.uploadAll())
  }

  /** Tries the phone authentication once, with a new link if the old one has expired. */
  async authenticateOnce() {
    const { url } = await this.api('POST', `/identity/orders/${this.order.id}/link`)
    const phone = new Phone(this.slug, url)
    for (const side of ['front', 'back']) {
      const card = await sandboxly(() => paper(`idcard-${side}`, this.who))
      await insist(() => phone.card(side, card))
    }
    await insist(() => phone.liveness('pass'))
    for (let i = 0; i < 240; i++) {
      const said = await insist(() => this.api('GET', `/identity/orders/${this.order.id}`))
      if (said.state !== 'pending') return
      await sleep(500)
    }
  }

  async handIn() {
    await this.fillIn()
    await this.until('the phone authenticated', (o) => o.phone.state === 'passed', () => this.authenticateOnce())
    await this.until('handed in', (o) => o.state !== 'draft', () => this.step('submit'))
  }

  /** Asks for the code of the open payment until there is one. */
  code(channel = this.channel) {
    return insist(() => this.openPayment(channel)).then(codeOf)
  }

  /** The state that the cashier of the sandbox shows, or that the code is not valid any more. */
  payCode(code) {
    return sandboxly(() => sandboxCall('POST', `/cashier/${code}/pay`, { json: {} })).catch(() => null)
  }

  async settle() {
    await this.until('the payment', (o) => o.payment.state === 'paid', async () => {
      const code = await this.code()
      await this.payCode(code)
      for (let i = 0; i < 20 && (await this.look()).payment.state === 'waiting'; i++) await sleep(500)
    })
  }

  async giveAccount(number = this.who.account_no) {
    await this.until('the account given', (o) => !['account_wanted', 'failed', 'returned'].includes(o.finauth.state),
      () => this.account(BRANCH, number))
  }

  /** Takes the order back while somebody else pays with the open code, and then pays what is not paid. */
  async payTwice() {
    const old = this.payCode(await this.code())
    await this.until('taken back, or paid already', (o) => o.state !== 'unpaid', () => this.step('edit'))
    await old
    await this.until('handed in', (o) => o.state !== 'draft', () => this.step('submit'))
    await this.settle()
  }

  /** Two people pay at once, each in their own way. */
  async payBothWays() {
    const codes = [await this.code('wechatpay'), await this.code('alipay')]
    await Promise.all(codes.map((code) => this.payCode(code)))
    await this.settle()
  }

  /** Hands in the voucher of a transfer, which finance then checks. */
  async transfer() {
    const path = `/pay/orders/${this.order.id}/transfer`
    await this.until('the voucher handed in', (o) => o.state !== 'unpaid', async () => {
      await this.api('PUT', `/paper/vouchers/${this.order.id}/1?name=slip.bmp`, { body: bmp(), headers: { 'content-type': 'image/bmp' } })
      await this.api('POST', path, { json: { version: this.order.version } })
    })
  }

  /** Asks for a refund, which finance approves. */
  async giveUp() {
    await this.until('a refund asked for', (o) => o.refund !== null, () =>
      this.api('POST', `/orders/${this.order.id}/refund`, { json: { version: this.order.version, reason: '不再需要' } }))
    await this.until('refunded', (o) => o.state === 'refunded', undefined, { pause: 900 })
  }

  async mend() {
    this.saved = false
    await this.fillIn({ unit_address: '科技园路 2 号' })
    await this.until('handed in again', (o) => o.state !== 'rejected', () => this.step('resubmit'))
  }

  /** Brings an order from the payment to the parcel by doing what the page asks for. */
  async followUp() {
    const deeds = {
      rejected: () => this.mend(),
      shipped: () => this.api('POST', `/orders/${this.order.id}/received`, { json: { version: this.order.version } }),
    }
    await this.until('the parcel received, or the money', (o) => ['done', 'refunded'].includes(o.state), async () => {
      const { state, finauth } = this.order
      if (['failed', 'returned'].includes(finauth.state) && state === 'approved') await this.giveAccount()
      else await deeds[state]?.()
    }, { pause: 900 })
  }
}

/** Staff do what waits in their queue until they are told to stop. */
export class Desk {
  staff = null
  on = true

  constructor(name, queues) {
    this.name = name
    this.queues = queues
    this.work = this.run()
  }

  async run() {
    while (this.on) {
      try {
        this.staff ??= await new Staff().login(this.name)
        for (const [queue, deed] of Object.entries(this.queues)) await this.clear(queue, deed)
      } catch (e) {
        listen(e)
        if (e.status === 401) this.staff = null
      }
      await sleep(500)
    }
  }

  async clear(queue, deed) {
    const { items } = await this.staff.call('GET', `/desk/api/review/orders?queue=${queue}&page_size=50`)
    for (const item of items) {
      try {
        await deed(this.staff, item)
      } catch (e) {
        if (e.status === 401) throw e
        listen(e)
      }
    }
  }

  async stop() {
    this.on = false
    await this.work
  }
}

/** Finance, whose queues are kinds of money. */
export class Finance extends Desk {
  async clear(kind, deed) {
    const { items } = await this.staff.call('GET', `/desk/api/finance/money?kind=${kind}&page_size=100`)
    for (const item of items) {
      try {
        const { money } = await this.staff.call('GET', `/desk/api/finance/orders/${item.order_id}/money`)
        await deed(this.staff, item, money.version)
      } catch (e) {
        if (e.status === 401) throw e
        listen(e)
      }
    }
  }
}
