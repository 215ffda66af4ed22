// SPDX-License-Identifier: Apache-2.0
// The shapes of the personal centre.
import type { OrderItem, Page } from './api'
import type { CertificateFace } from './api-public'

export interface Profile { phone: string; name: string; email: string; password: boolean; created_at: string }
export interface OwnSession { id: string; way: 'sms' | 'password'; device: string; address: string; created_at: string; seen_at: string; current: boolean }
export interface HandOver {
  id: string; mine: boolean; state: 'asked' | 'accepted' | 'refused' | 'withdrawn' | 'expired'; phone: string; unit: string
  order: string | null; moved: number | null; created_at: string; expires_at: string
}
/** The server's word on a deadline; null when no clock runs. */
export interface Promised { text: string; due_at: string | null; days: number; overdue: boolean }
export interface ListedOrder extends OrderItem {
  cert_type_name: string | null; next: { step: string; text: string } | null; can: string[]; promise: Promised | null
}
export interface OrderList { list: string; name: string; orders: number }
export interface OrderPage extends Page<ListedOrder> { lists: OrderList[]; labels: string[]; businesses: { code: string; name: string }[] }
export interface Course { promise: Promised | null; items: { at: string; kind: string; text: string }[] }
export interface UnitCertificate extends CertificateFace {
  serial: string; item: number; seals: number; renewal: { from: string; open: boolean; days_left: number } | null
  order: { id: string; number: string; slug: string; project_name: string }
}
export interface Unit { name: string; orders: number; order: string | null; certificates: UnitCertificate[] }
export interface Help {
  faq: { topic: string; question: string; answer: string }[]; downloads: { name: string; url: string; note: string }[]
}
