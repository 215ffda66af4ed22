// SPDX-License-Identifier: Apache-2.0
// Orders whose account is proved by a random code, in projects that a test makes for itself.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Applicant, eventually, formFor, person, sandboxCall } from './hall.mjs'
import { publish } from './officers.mjs'

const folder = mkdtempSync(join(tmpdir(), 'finauth-'))
const model = JSON.parse(readFileSync(new URL('../../sql/demo/jieyang.json', import.meta.url)))
export const LEGAL = ['legal_name', 'legal_id', 'legal_mobile']

/** A project like jieyang, but with the code, with these changes, and without these fields. `digit` makes its id. */
export function codeProject(slug, digit, more = {}, without = []) {
  const fields = model.fields.filter((f) => !without.includes(f.field))
  const file = join(folder, `${slug}.json`)
  writeFileSync(file, JSON.stringify({ ...model, slug, project_id: digit.repeat(32), name: `认证测试 ${digit}`, fields, login_ways: ['sms'], finauth: 'code', ...more }))
  publish(file)
}

export const ending = (p, digits) => p.account_no.slice(0, -4) + digits

/** A paid order whose account ends in these digits (modules/sandbox/README.md), without the fields `without` in its form. */
export async function paidOrder(slug, digits, without = []) {
  const p = await person()
  if (digits) p.account_no = ending(p, digits)
  const form = formFor('jieyang', p)
  for (const field of without) delete form[field]
  const a = new Applicant(slug)
  await a.loginSms(p.mobile)
  await a.draft()
  await a.save(form)
  await a.print()
  await a.uploadAll()
  const said = await a.authenticate(p)
  if (said.state !== 'passed') throw new Error(`not authenticated: ${said.reason}`)
  await a.refresh()
  await a.step('submit')
  await a.pay()
  return { a, p }
}

/** The codes on an account's statement, newest first. */
export const codesOf = async (account) =>
  (await sandboxCall('GET', `/statement?account=${account}`)).entries.map((e) => e.remark?.match(/随机码:(\d{6})$/)?.[1]).filter(Boolean)

export const codeOf = async (account, n = 1) =>
  (await eventually(`code ${n} on the statement`, async () => {
    const codes = await codesOf(account)
    return codes.length >= n && codes
  }))[0]

export const finauth = (a, state) => eventually(`finauth ${state}`, async () => (await a.refresh()).finauth.state === state && a.order)

/** Makes two payouts fail, after which the legal person may authenticate. */
export async function failedTwice(a) {
  await finauth(a, 'failed')
  await a.api('POST', `/finauth/orders/${a.order.id}/payout`)
  await eventually('the second failure', async () => (await a.refresh()).finauth.payouts === 2 && a.order.finauth.state === 'failed')
}
