// SPDX-License-Identifier: Apache-2.0
// Shapes used by the back office and by the sandbox.
import type { Brand, History, Material, Order, Page, Tone } from './api'

export type Role = 'reviewer' | 'finance' | 'producer' | 'auditor' | 'admin'
export interface Staff { id: string; name: string; display_name: string; roles: Role[] }
export interface DeskSession { brand: Brand | null; staff: Staff | null; csrf: string | null }
export type Queue = 'review' | 'payout' | 'produce' | 'ship' | 'all'
export interface DeskItem {
  id: string; number: string; project_name: string; subject: string | null; cert_type_name: string | null; years: number | null
  total: number | null; state: string; label: string; tone: Tone; due_at: string | null; overdue: boolean
  updated_at: string; taken_by: string | null
}
export interface DeskPage extends Page<DeskItem> { counts: Record<Exclude<Queue, 'all'>, number> }
export interface StaffOrder extends Order {
  producing?: boolean; key_file?: boolean
  reviews?: { at: string; staff: string; approved: boolean; note: string | null }[]
}
export interface DeskOrder {
  order: StaffOrder
  form_rows: { block?: string; title: string; rows: { name: string; label: string; value: string | null }[] }[]
  materials: Material[]
  checks: { code: string; text: string; ok: boolean }[]
  history: History[]
}
export interface AuditRow { seq: number; at: string; actor: string; action: string; detail: unknown; head: string | null }
export interface OutboxRow { id: number; kind: string; key: string; state: string; attempts: number; last_error: string | null; due_at: string | null }

export interface VendorRow {
  code: string; name: string; circuit: 'closed' | 'open' | 'trying'; good: number; bad: number
  last_good_at: string | null; last_bad_at: string | null; why: string | null
}
interface BillSide { payments: number; paid: number; refunds: number; refunded: number }
export interface BillRow {
  id: string; channel: string; day: string; state: 'queued' | 'compared'; compared_at: string | null; why: string | null
  ours: BillSide; theirs: BillSide; differences: number
}
export interface BillDifference {
  kind: 'payment' | 'refund'; what: 'only_theirs' | 'only_ours' | 'amount' | 'twice'; number: string; refund_number: string | null
  ours: number | null; theirs: number | null; order_id: string | null; order_number: string | null
}
export interface PinOpening { generation: number; purpose: string; at: string; attempt: number; recipient: string | null }
export interface PinState {
  state: string | null; kind: 'file' | 'token' | null; generation: number | null; fulfilled: string[] | null; destroyed_at: string | null
  can_send: boolean; unsendable: string | null; can_open: boolean; unopenable: string | null; openings: PinOpening[]
}
export interface MessageRow { event: string; recipient: string; state: string; note: string | null; at: string; sent_at: string | null; delivery_at: string | null }

export interface InboxMessage { at: string; phone: string; sign: string; text: string; template: string }
export interface InboxMail { at: string; from: string; to: string; subject: string; text: string }
export interface ScanAnswer { kind: 'phone' | 'wechatpay' | 'alipay' | 'unknown'; url?: string | null; text?: string }
export interface CashierBill { description: string; total: number; state: string; expires_at: string; merchant: string }
export interface StatementEntry {
  at: string; payer: string; amount_fen: number; remark: string; account: string; name: string
  state: string; reason: string | null; ref: string
}
export type SamplePerson = Record<string, string>
export interface Switch { key: string; label: string; value: string; choices: (string | { value: string; label: string })[] }

/** A certificate of the authority's own. */
export interface AuthorityCertificate {
  role: 'root' | 'issuing' | 'ocsp' | 'stamp'
  serial: string
  subject: string
  not_before: string
  not_after: string
  warning: 'ended' | 'late' | 'soon' | 'short' | null
  sha256: string
  findings: { rule: string; sentence: string }[]
}

/** GET /desk/api/authority */
export interface AuthorityView {
  cas: { name: string; algorithm: string; external: boolean; certificates: AuthorityCertificate[] }[]
  lint: { night: string; started_at: string; ended_at: string | null; certificates: number } | null
  total: number
  findings: { rule: string; sentence: string; found_at: string; serial: string; ca: string; profile: string | null; order_id: string; number: string }[]
  status: {
    ca: string
    list: { number: number; this_update: string; next_update: string; entries: number; seconds: number | null } | null
    responses: { good: number; hold: number; revoked: number; missing: number; due: number; expired: number }
  }[]
}
