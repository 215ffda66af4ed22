// SPDX-License-Identifier: Apache-2.0
// What leaves the house: parcels, invoices, messages.
export interface RouteStep { at: string | null; place: string; text: string }
export interface Delivery { courier: string | null; courier_name: string; payment: string; payment_name: string; fee: number; text: string }
export interface Parcel {
  courier: string; courier_name: string; payment_name: string; tracking_no: string; shipped_at: string; state_name: string; routes: RouteStep[]
}
export interface InvoiceFace {
  state: 'asked' | 'issuing' | 'issued' | 'failed' | 'red' | 'dropped' | null; text: string; total: number | null; number: string | null
  pdf: string | null; ofd: string | null; xml: string | null; issued_at: string | null
}
/** What an order tells of them. */
export interface PostMembers { delivery: Delivery | null; parcel: Parcel | null; invoice: InvoiceFace | null }

export interface MessageFace {
  id: string; event: string; channel: 'sms' | 'email'; recipient: string; state: string; at: string; sent_at: string | null; delivery_at: string | null
}
export interface MessageRow extends MessageFace { note: string | null; can_send: boolean }

export interface ParcelRow {
  courier: string; courier_name: string; payment_name: string; number: string | null; waybill: string | null; state: string; state_name: string
  why: string | null; routes: RouteStep[]; created_at: string; checked_at: string | null
}
export interface Parcels {
  delivery: Delivery | null; can_ask: boolean; can_cancel: boolean; couriers: { code: string; name: string; orders: boolean }[]; items: ParcelRow[]
}
export interface InvoiceRow {
  id: string; order_id: string; order_number: string; order_label: string; project_name: string; subject: string; red: boolean; request_no: string
  state: string; state_name: string; total: number; number: string | null; pdf: string | null; why: string | null; by_hand: boolean
  asked_at: string; issued_at: string | null
}
export interface Invoice extends InvoiceRow {
  kind: string | null; title: string | null; tax_no: string | null; parts: { part: string; name: string; fen: number }[]
}
