// SPDX-License-Identifier: Apache-2.0
// The sandbox's answers. The sandbox is no part of the hall's API, so docs/openapi.yaml does not describe them.
import { call } from '../common/http'

const base = '/sandbox/api'
export const sandbox = {
  get: <T>(path: string) => call<T>('GET', base + path),
  post: <T>(path: string, body?: unknown) => call<T>('POST', base + path, body),
  put: <T>(path: string, body: unknown) => call<T>('PUT', base + path, body),
}

export interface InboxMessage {
  at: string
  phone: string
  sign: string
  text: string
  template: string
}
export interface InboxMail {
  at: string
  from: string
  to: string
  subject: string
  text: string
}
export interface ScanAnswer {
  kind: 'phone' | 'wechatpay' | 'alipay' | 'unknown'
  url?: string | null
  text?: string
}
export interface CashierBill {
  description: string
  total: number
  state: string
  expires_at: string
  merchant: string
}
export interface StatementEntry {
  at: string
  payer: string
  amount_fen: number
  remark: string
  account: string
  name: string
  state: string
  reason: string | null
  ref: string
}
export type SamplePerson = Record<string, string>
export interface Switch {
  key: string
  label: string
  value: string
  choices: (string | { value: string; label: string })[]
}
