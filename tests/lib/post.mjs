// SPDX-License-Identifier: Apache-2.0
// A project for tests of parcels and messages: natural persons, no proof of an account, no papers on the phone, prepaid couriers. Like
// every project it is only data.
import { execFileSync } from 'node:child_process'
import { Applicant, Staff, bmp, eventually, formFor, person, sql, turn } from './hall.mjs'


/** Runs `act` while a vendor misbehaves in this way. */
export async function withSwitch(key, act) {
  await turn(key, 'always')
  try {
    return await act()
  } finally {
    await turn(key, 'off')
  }
}

const project = (slug, id, more) => ({
  slug, project_id: id, name: '寄送测试', title: '寄送测试平台', form_title: '数字证书申请表', business: ['new'], login_ways: ['sms'],
  self_registration: true, seal_mode: 'never', payment_ways: ['wechatpay'], finauth: 'none', account_asked: 'form', review_days: 1, ship_days: 2,
  couriers: ['jd', 'sf', 'ems'], courier_payment: 'prepaid', invoice_by: ['sms', 'email'],
  agreements: [{ code: 'service', version: '2026-01', box: 1 }],
  steps: ['agreements', 'form', 'print', 'papers', 'phone', 'payment'].map((step) => ({ step, label: step })),
  types: [{ cert_type: 'natural', name: '自然人证书', person: 'natural', medium: 'ukey',
    prices: [{ years: 1, parts: [{ part: 'certificate', name: '证书费', fen: 20000 }, { part: 'medium', name: '介质费', fen: 10000 }] }] }],
  fields: ['cert_type', 'years', 'holder_name', 'holder_id', 'holder_mobile', 'holder_email', 'mail_region', 'mail_address', 'invoice_wanted',
    'invoice_kind', 'invoice_title'].map((field) => ({ field, ...(field === 'mail_region' ? { levels: 3 } : {}) }))
    .concat([{ field: 'invoice_tax_no', required: false }, { field: 'invoice_purpose', options: ['介质服务费', 'certificate'] }]),
  papers: [{ code: 'form', name: '申请表扫描件', stamped: false, formats: ['jpeg', 'bmp'], of_form: true }],
  ...more,
})

/** Imports the project under a slug of the test; `more` replaces members. */
export function postProject(slug, more = {}) {
  const id = Buffer.from(slug.padEnd(16, '-').slice(0, 16)).toString('hex')
  const document = JSON.stringify(project(slug, id, more)).replaceAll("'", "''")
  execFileSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', 'certhall', '-f', '-'], { input: `SELECT hall.project_import('${document}'::jsonb)`, stdio: ['pipe', 'ignore', 'inherit'] })
  return slug
}

/** An order whose form is filled in. */
export async function saved(slug, form = {}) {
  const p = await person()
  const a = new Applicant(slug)
  await a.loginSms(p.mobile)
  await a.draft()
  await a.save({ ...formFor(slug, p, 'natural'), invoice_purpose: '介质服务费', ...form })
  return { a, p }
}

/** An order that is paid, approved and accepted. */
export async function accepted(slug, form = {}) {
  const { a, p } = await saved(slug, form)
  await a.print()
  for (const { code } of a.order.papers) await a.upload(code, bmp())
  const said = await a.authenticate(p)
  if (said.state !== 'passed') throw new Error(`not authenticated: ${said.reason}`)
  await a.refresh()
  await a.step('submit')
  if (a.order.price.total > 0) await a.pay()
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  await a.until('accepted')
  return { a, p }
}

/** An order whose certificate is made, and which waits for its parcel. */
export async function produced(slug, form = {}) {
  const { a, p } = await accepted(slug, form)
  const producer = await new Staff().login('produce')
  await producer.act(a.order.id, 'produce')
  await eventually('the certificate', async () => (await producer.read(a.order.id)).order.state === 'produced')
  return { a, p, producer }
}

/** One row of the hall's database as JSON. */
export const row = (query) => JSON.parse(sql(`SELECT row_to_json(x) FROM (${query}) x`) || 'null')
