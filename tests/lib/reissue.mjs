// SPDX-License-Identifier: Apache-2.0
// Makes a certificate, and applicants who ask for its successor.
import { Applicant, Staff, eventually, formFor, person, sql, submitted } from './hall.mjs'

const desks = {}
export const desk = async (name) => (desks[name] ??= await new Staff().login(name))

/** A certificate made as quickly as the hall makes one: { a, p, serial, id }. */
export async function certified(slug = 'jieyang', type = 'institution', who) {
  const { a, p } = await submitted(slug, type, who)
  await a.pay()
  await (await desk('review')).act(a.order.id, 'approve')
  await a.until('accepted')
  await (await desk('produce')).act(a.order.id, 'produce')
  await a.until('produced')
  const { serial } = a.order.certificate
  return { a, p, serial, id: sql(`SELECT id FROM hall.certificate WHERE serial = '${serial}'`) }
}

/** Asks module reissue, with the session of somebody who is logged in or as that person. */
export class Reissuer extends Applicant {
  constructor(session, slug = 'reissue') {
    super(slug, 'reissue')
    if (session) Object.assign(this, { cookies: session.cookies, csrf: session.csrf })
  }

  find(serial) {
    return this.api('POST', '/reissue/certificate', { json: { serial } })
  }

  async ticked() {
    const { agreements, notices } = await this.api('GET', '/reissue/setup')
    return [...agreements, ...notices].map(({ code, version }) => ({ code, version }))
  }

  async draftFor(serial, said = {}) {
    const agreements = said.agreements ?? (await this.ticked())
    return (this.order = await this.api('POST', '/reissue/orders', { json: { ...said, agreements, serial } }))
  }

  /** Brings the draft to the submission. */
  async handIn(p, form) {
    await this.save(form)
    await this.print()
    await this.uploadAll()
    const said = await this.authenticate(p)
    if (said.state !== 'passed') throw new Error(`not authenticated: ${said.reason}`)
    await this.refresh()
    return this.step('submit')
  }
}

/** Asks module renew. */
export class Renewer extends Reissuer {
  constructor(session, slug = 'jieyang') {
    super(session, slug)
    this.business = 'renew'
  }

  find(serial) {
    return this.api('POST', '/renew/certificate', { json: { serial } })
  }

  async ticked() {
    const { agreements, notices } = await this.api('GET', '/renew/setup')
    return [...agreements, ...notices].map(({ code, version }) => ({ code, version }))
  }

  async draftFor(serial, said = {}) {
    return (this.order = await this.api('POST', '/renew/orders', { json: { agreements: await this.ticked(), ...said, serial } }))
  }

  /** Until the papers of the earlier order are there. */
  carried(...codes) {
    return eventually('the papers', async () => codes.every((code) => this.order.papers.find((m) => m.code === code)?.state === 'ok') || void (await this.refresh()))
  }
}

let looks = 0
/** The runner's daily look at certificates, as many times as wanted. */
export async function daily() {
  const key = `expiry/test-${process.pid}-${++looks}`
  sql(`SELECT hall.enqueue('expiry', '${key}', NULL)`)
  await eventually('the daily look', () => sql(`SELECT state FROM hall.outbox WHERE key = '${key}'`) === 'done')
}

/** The form of a reissue for a person of the sandbox. */
export function reissueForm(p, type = 'institution') {
  const form = formFor('reissue', p, type)
  delete form.years
  delete form.publish_opt_out
  return type === 'natural' ? form : { ...form, agent_position: '经理' }
}

export { eventually, person, sql }
