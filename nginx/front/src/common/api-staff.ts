// SPDX-License-Identifier: Apache-2.0
// Shapes used by the back office and by the sandbox.
import type { Brand, History, Order, Page, Paper, PayWay, Tone } from './api'

export type Role = 'reviewer' | 'finance' | 'producer' | 'auditor' | 'admin' | 'outlet'
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
  papers: Paper[]
  checks: { code: string; text: string; ok: boolean }[]
  history: History[]
}
export interface AuditRow { id: number; seq: number; at: string; actor: string; action: string; detail: unknown; head: string | null }
export interface OutboxRow { id: number; kind: string; key: string; state: string; attempts: number; last_error: string | null; due_at: string | null }

export interface VendorRow {
  code: string; name: string; circuit: 'closed' | 'open' | 'trying'; good: number; bad: number
  last_good_at: string | null; last_bad_at: string | null; why: string | null
}
interface BillSide { payments: number; paid: number; refunds: number; refunded: number }
export interface BillRow {
  id: string; channel: string; channel_name: string; day: string; state: 'queued' | 'compared'; compared_at: string | null; why: string | null
  ours: BillSide; theirs: BillSide; differences: number
}
export interface BillPage extends Page<BillRow> { channels: { code: string; name: string }[] }
export interface BillDifference {
  kind: 'payment' | 'refund'; what: 'only_theirs' | 'only_ours' | 'amount' | 'twice'; number: string; refund_number: string | null
  ours: number | null; theirs: number | null; order_id: string | null; order_number: string | null
}
export interface PinOpening { generation: number; purpose: string; at: string; attempt: number; recipient: string | null }
export interface PinState {
  state: string | null; kind: 'file' | 'token' | null; generation: number | null; fulfilled: string[] | null; destroyed_at: string | null
  can_send: boolean; unsendable: string | null; can_open: boolean; unopenable: string | null; openings: PinOpening[]
}

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

/** One 0.01 yuan. `task`: why finance has to see to it. */
export interface PayoutRow {
  id: string; number: number; ref: string; state: string; carries: 'pin' | 'code'; reason: string | null; at: string; ended_at: string | null
  suspended_at: string | null; looked_at: string | null; task: 'suspended' | 'stuck' | 'returned' | 'exhausted' | null
  code: { state: 'open' | 'right' | 'void'; tries: number; expires_at: string } | null
}
export interface PayoutTask extends PayoutRow { order_id: string; order_number: string; subject: string; project_name: string; order_label: string }
export interface OrderPayouts {
  mode: string; state: string | null; payouts_max: number; can_pay: boolean; legal_person: string | null; items: PayoutRow[]
  account: { name: string; account_no: string; branch_name: string } | null
}

/** A certificate of the authority's own. */
export interface AuthorityCertificate {
  role: 'root' | 'issuing' | 'ocsp' | 'seal'
  serial: string
  subject: string
  not_before: string
  not_after: string
  warning: 'ended' | 'late' | 'soon' | 'short' | null
  sha256: string
  findings: { rule: string; sentence: string }[]
}

/** GET /desk/api/registry/authority. Counts stop at 1000. */
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

/** Members of the dimensions that were asked for are there, the others are not. */
export interface ReportRow {
  day?: string; month?: string; project?: string; project_name?: string; business_name?: string; cert_type_name?: string
  state_label?: string; channel?: string; channel_name?: string; orders: number; received: number; refunded: number
}
export interface Report { from: string; to: string; by: string[]; totals: { orders: number; received: number; refunded: number }; rows: ReportRow[] }

export interface PartnerRow {
  slug: string; project_id: string; name: string; title: string; open: boolean; revision: number; business: string[]
  login_ways: string[]; payment_ways: PayWay[]; finauth: string; review_days: number; ship_days: number | null
  keys: { id: string; created_at: string; used_at: string | null; ended_at: string | null }[]
  hook: {
    url: string; active: boolean
    events: { id: string; type: string; number: string; created_at: string; ended_at: string | null; why: string | null; attempts: number | null }[]
  } | null
}

export interface CalendarDay { day: string; working: boolean; name: string }
export interface CalendarYear { year: number; years: number[]; missing: number[]; undated: number; days: CalendarDay[] }
