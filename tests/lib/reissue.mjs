// SPDX-License-Identifier: Apache-2.0
// Makes a certificate, and applicants who ask for its successor.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Applicant, Staff, eventually, formFor, person, sql, submitted } from './hall.mjs'
import { publish } from './officers.mjs'

const desks = {}
export const desk = async (name) => (desks[name] ??= await new Staff().login(name))

/** A certificate made as quickly as the hall makes one: { a, p, serial, id }. */
export async function certified(slug = 'jieyang', type = 'institution', who, more) {
  const { a, p } = await submitted(slug, type, who, more)
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

  /** Of one certificate, or of several. */
  async draftFor(serial, said = {}) {
    const certificates = [serial].flat().map((serial) => ({ serial }))
    return (this.order = await this.api('POST', '/renew/orders', { json: { agreements: await this.ticked(), ...said, certificates } }))
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

/** A copy of jieyang in which certificates of a unit are renewed for one year or two, at prices of their own, and no account is proved. */
export function severalProject(slug) {
  const demo = JSON.parse(readFileSync(new URL('../../sql/demo/jieyang.json', import.meta.url), 'utf8'))
  const price = (years, fen) => ({ years, business: 'renew', parts: [{ part: 'certificate', name: '更新费', fen }, { part: 'medium', name: '介质费', fen: 6050 }] })
  const types = demo.types.map((type, at) => ({ ...type, prices: [...type.prices, price(1, 20001 + at), price(2, 39999 + at)] }))
  const folder = mkdtempSync(join(tmpdir(), 'several-'))
  writeFileSync(join(folder, 'project.json'), JSON.stringify({
    ...demo, slug, project_id: createHash('md5').update(slug).digest('hex'), name: slug, types, finauth: 'none', seal_mode: 'never',
    fields: demo.fields.filter((field) => !field.field.startsWith('account_')),
  }))
  publish(join(folder, 'project.json'))
}

/** Certificates of one unit in that project, which one account has applied for and which end after so many days: [[type, days, who], …]. */
export async function unitWith(slug, list) {
  const p = await person()
  const all = []
  for (const [type, days, who] of list) {
    const form = { mail_region: '4403', account_name: undefined, account_branch: undefined, account_no: undefined,
      ...(who && { holder_name: who.name, holder_id: who.id_no, holder_mobile: who.mobile }) }
    const one = await certified(slug, type, p, { form, as: all[0]?.a })
    sql(`UPDATE hall.certificate SET not_before = now() - interval '350 days', not_after = now() + interval '${days} days' WHERE id = '${one.id}'`)
    all.push(one)
  }
  return { p, a: all[0].a, all, serials: all.map((one) => one.serial) }
}

/** The form of a reissue for a person of the sandbox. */
export function reissueForm(p, type = 'institution') {
  const form = formFor('reissue', p, type)
  delete form.years
  delete form.publish_opt_out
  return type === 'natural' ? form : { ...form, agent_position: '经理' }
}

export { eventually, person, sql }
