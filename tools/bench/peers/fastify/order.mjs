// SPDX-License-Identifier: Apache-2.0
// Writes the order as the module does in core/order/order.c, from the rows of its statements (rows[statement][row]) and the copy of the
// project.
import { decrypt } from './ring.mjs'

const HOURS_8 = 8 * 3600 * 1000
/** A time as the hall writes it: in Beijing time, to the second. */
const time = (date) => (date === null ? null : `${new Date(date.getTime() + HOURS_8).toISOString().slice(0, 19)}+08:00`)
const big = (v) => (v === null ? null : Number(v))
/** A member that is left out if it is null. */
const there = (members) => Object.fromEntries(Object.entries(members).filter(([, v]) => v !== null))

const price = (parts) => (parts === null ? null : { total: parts.reduce((sum, p) => sum + p.fen, 0), parts })

function annexPrinted(row, papers) {
  return papers.some((p) => p.template === 'annex') ? row.annex_printed : null
}

const certificate = (row) => (row.serial === null ? null : {
  serial: row.serial, not_before: time(row.not_before), not_after: time(row.not_after), subject: row.certificate_subject, algorithm: row.algorithm,
})

export function order(rows, id, spec) {
  const [row] = rows.own_page, papers = rows.own_papers
  const typeOf = (code) => spec.types.find((t) => t.code === code)
  return {
    id: row.id, number: row.number, slug: spec.project.slug, project_name: spec.project.name, form_title: spec.project.form_title,
    business: row.business, business_name: spec.businesses[row.business] ?? null, version: row.version, state: row.state, label: row.label,
    tone: row.tone, next: row.step === null ? null : { step: row.step, text: row.step_text }, can: row.can,
    created_at: time(row.created_at), updated_at: time(row.updated_at), due_at: time(row.due_at), ship_due_at: time(row.ship_due_at),
    due_note: row.due_note, cert_type: row.cert_type, cert_type_name: typeOf(row.cert_type)?.name ?? null, years: row.years,
    seal_wanted: row.seal_wanted, seal_note: row.seal_wanted ? '电子签章将在证书制作后另行制作，届时短信通知。' : null, subject: row.subject,
    price: price(row.price), gift: row.gift, form_complete: row.form_complete, printed: row.printed, annex_printed: annexPrinted(row, papers),
    items: row.items.map((i) => ({ ...i, name: typeOf(i.cert_type)?.name ?? null })),
    papers: papers.map((p) => ({
      code: p.code, name: p.name, needed: true, state: p.state, id: p.id, file_name: p.file_name, bytes: p.bytes, mime: p.mime,
      uploaded_at: time(p.uploaded_at), reason: p.reason, check: p.check, stamped: p.stamped, formats: p.formats, note: p.note,
      template: p.template, quality: p.quality,
    })),
    phone: { state: row.phone_state, person: typeOf(row.cert_type)?.person === 'natural' ? 'applicant' : 'agent', reason: row.phone_reason, way: row.phone_way },
    payment: { state: row.payment_state, channel: row.payment_channel, channel_name: row.payment_channel_name, paid_at: time(row.paid_at), total: row.total },
    pay_ways: row.pay_ways, refund_due: big(row.refund_due), refund: row.refund, transfer: row.transfer,
    finauth: {
      mode: row.proof, state: row.finauth, reason: row.finauth_text, account_asked: spec.project.account_asked, payouts: row.payouts,
      payouts_max: row.payouts_max, code: row.code, legal_auth: row.legal_auth,
    },
    rejection: row.rejection, delivery: row.delivery, parcel: row.parcel, invoice: row.invoice, certificate: certificate(row),
    ...there({ outlet: row.outlet, replaces: row.replaces, locked: row.locked }),
    history: rows.own_lines.map((h) => ({ at: time(h.at), text: h.text })),
    form: row.form === null ? {} : JSON.parse(decrypt('order.form', id, row.form)),
  }
}
