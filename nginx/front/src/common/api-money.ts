// SPDX-License-Identifier: Apache-2.0
// Money in the eyes of applicants and of finance: transfers, refunds, what is not settled.
import type { Page, PricePart, Tone } from './api'

export interface Voucher { id: string; slot: number; file_name: string; mime: string; bytes: number; uploaded_at: string }
export interface Transfer {
  state: 'waiting' | 'confirmed' | 'refused' | null; at: string | null; decided_at: string | null; why: string | null
  total: number | null; remark: string; files: number; drafts: Voucher[]; vouchers: Voucher[]
}
export interface TransferView { account: { name: string; number: string; bank: string }; transfer: Transfer }
export interface Refund {
  state: 'asked' | 'refused' | 'sending' | 'done'; asked_at: string | null; by_staff: boolean; answer: string | null
  ended_at: string | null; amount: number | null; channel: string | null; channel_name: string | null
}
/** What an order says of its money. */
export interface MoneyMembers { pay_ways: string[]; transfer: Transfer | null; refund: Refund | null }

export interface MoneyRow {
  kind: string; name: string; next: string; id: string; order_id: string; order_number: string; project_name: string; subject: string
  label: string; tone: Tone; channel: string | null; channel_name: string | null; fen: number; since: string; number: string | null; due_at: string | null
}
export interface MoneyPage extends Page<MoneyRow> { kinds: { kind: string; name: string; count: number }[] }

export interface DeskPayment {
  id: string; channel: string; channel_name: string; number: string; fen: number; state: 'waiting' | 'paid' | 'closed' | 'refund_due' | 'refunded'
  odd_fen: number | null; reference: string | null; paid_at: string | null; created_at: string
  transfer: {
    state: 'waiting' | 'confirmed' | 'refused' | 'surplus'; staff: string | null; decided_at: string | null; why: string | null
    day: string | null; payer_matches: boolean | null; vouchers: Voucher[]
  } | null
  refund: {
    id: string; number: string; fen: number; state: 'queued' | 'accepted' | 'succeeded' | 'failed'; by_hand: boolean; why: string | null
    reference: string | null; staff: string | null; created_at: string; ended_at: string | null
  } | null
}
export interface DeskRequest {
  id: string; state: 'asked' | 'withdrawn' | 'refused' | 'approved'; by: 'applicant' | 'staff'; staff: string | null
  decided_by: string | null; answer: string | null; asked_at: string; ended_at: string | null
}
export interface OrderMoney {
  order_id: string; number: string; version: number; subject: string; label: string; tone: Tone; total: number | null; paid: string
  parts: PricePart[] | null; refund: string | null; can: string[]; payments: DeskPayment[]; requests: DeskRequest[]
}
/** `words`: what people wrote, by place and row ("transfer.payer/<id>"). */
export interface OrderMoneyView { money: OrderMoney; words: Record<string, string> }
