// SPDX-License-Identifier: Apache-2.0
// The shapes of the hall's API, written by hand from the contract. Money is integer fen, times are ISO 8601.
import type { ReissueMembers } from './api-reissue'
import type { PostMembers } from './api-post'
import type { MoneyMembers } from './api-money'

export interface Brand { name: string; short_name: string; hotline: string; site: string; version: string }
export interface FieldError { pointer: string; code?: string; detail: string }
export interface Problem {
  type?: string; title: string; status: number; detail?: string; code?: string; request_id?: string; errors?: FieldError[]
  changed?: Change[]
}
/** What a person's action rests on and has changed since the page has read it. */
export interface Change { what: 'state' | 'form' | 'price' | 'paid' | 'reasons' | 'refund' | 'production' | 'account'; text: string }

export type LoginWay = 'password' | 'sms'
export interface HomeProject {
  slug: string; project_id: string; name: string; title: string; intro: string
  business: string[]; login_ways: LoginWay[]; entry: string
}
/** A kind of business, and the words for it where it is a product of the hall's own. */
export interface Business { code: string; name: string; product: { text: string; points: { title: string; text: string }[] } | null }
export interface Home { brand: Brand; projects: HomeProject[]; businesses: Business[] }
/** before_draft: agreed to or chosen once, and not gone back to. */
export interface Step { key: string; label: string; before_draft: boolean }
export interface Project {
  slug: string; project_id: string; name: string; title: string; form_title: string; intro: string
  login_ways: LoginWay[]; self_registration: boolean; business: string[]; hotline_text: string | null
  steps: Step[]; links: { label: string; url: string }[]
  platform: string; next_button: string; confirm_type: boolean
}
export interface Account { id: string; phone: string }
export interface Session { brand: Brand; project: Project | null; account: Account | null; csrf: string | null; elsewhere: boolean }
export interface LoggedIn { account: Account; csrf: string }
export interface Region { code: string; name: string; level: number; leaf: boolean }

export interface Agreement { code: string; title: string; version: string; sha256: string; box: number; text: string }
export interface Notice { code: string; version: string; title: string; text: string }
/** with_seal: this part is owed only when the electronic seal is wanted. */
export interface PricePart { part: string; name: string; fen: number; with_seal?: boolean }
export interface Price { total: number; parts: PricePart[] }
export interface Gift { years: number; needs_seal: boolean; name: string; left: number }
export interface CertType {
  code: string; name: string; person: 'institution' | 'holder' | 'natural'; medium: 'ukey' | 'file'; most?: number | null
  years: ({ years: number } & Price)[]
}
/** One seal of an order of several; its other members are named by the field's `members`. */
export type Item = { cert_type: string; years: number } & Record<string, string | number>
export type Value = string | number | boolean | null | Item[]
export type FormValues = Record<string, Value>
export interface Option { value: string; label: string }
export interface Field {
  name: string; label: string; kind: string; required: boolean; max: number | null; hint: string | null; placeholder: string | null
  options: Option[] | null; when: { field: string; equals: Value } | null; pair: string | null
  locked_when_paid: boolean; undoes: string[]; types?: string[] | null; members?: Field[]
}
export interface Block { key: string; title: string; types: string[] | null; fields: Field[] }
export interface PaperRule {
  code: string; name: string; stamped: boolean; colour: boolean; formats: string[]; max_bytes: number
  when_text: string | null; needed: { seal: boolean | null; types: string[] | null }; note: string | null
  template?: 'form' | 'annex' | 'collection' | null; per_item?: boolean
}
export interface Setup {
  agreements: Agreement[]; notices: Notice[]
  seal: { mode: 'never' | 'always' | 'asked'; default: boolean }
  gifts: Gift[]; gift_note: string | null
  types: CertType[]; blocks: Block[]; papers: PaperRule[]; payment_ways: PayWay[]; steps: Step[]
}
/** `app`: what one pays with online (微信); `page`: or on a page of the vendor's own; `hint`: what paying this way means. */
export interface PayWay { code: string; name: string; app: string | null; page: boolean; hint: string; online: boolean }

export type Tone = 'info' | 'success' | 'warning' | 'danger'
export interface Paper {
  code: string; name: string; needed: boolean; state: 'missing' | 'ok' | 'stale' | 'rejected'
  id: string | null; file_name: string | null; bytes: number | null; mime: string | null
  uploaded_at: string | null; reason: string | null; check?: LicenceCheck | null; quality?: PaperQuality | null
}
/** What a machine found on a paper: seal, sharpness, which form it is. Warnings may be overruled (`kept`). */
export interface PaperQuality { state: 'queued' | 'done' | 'unchecked'; warnings: { code: string; text: string }[]; kept: { at: string; by: string | null } | null }
/** What a machine read of a paper, compared with the form: a hint. */
export interface LicenceCheck { state: 'queued' | 'agrees' | 'differs' | 'unreadable'; fields: string[]; text: string }
export interface Reason { pointer: string; text: string }
export interface Finauth {
  mode: 'pin' | 'code' | 'none'; state: string | null; reason: string | null
  account_asked: 'form' | 'after_payment' | null; payouts: number; payouts_max: number
  code: { left: number; expires_at: string } | null; legal_auth: 'open' | 'later' | 'closed'
}
export interface History { at: string; text: string; actor?: string | null }
export interface Order extends ReissueMembers, MoneyMembers, PostMembers {
  id: string; number: string; slug: string; business: string; business_name: string; version: number; state: string; label: string; tone: Tone
  next: { step: string; text: string } | null
  created_at: string; updated_at: string; due_at: string | null; ship_due_at: string | null; due_note: string | null
  cert_type: string | null; cert_type_name: string | null; years: number | null; seal_wanted: boolean | null
  price: Price | null; gift: { name: string; state: string } | null
  form: FormValues | null; form_complete: boolean; printed: boolean; papers: Paper[]
  /** Certificate annex: null where none is wanted. */
  annex_printed: boolean | null
  items: { item: number; cert_type: string; name: string; years: number; subject: string; style: string | null; seal_name: string | null }[]
  phone: { state: 'none' | 'pending' | 'passed' | 'failed'; reason: string | null; person: 'agent' | 'applicant' }
  payment: { state: 'none' | 'waiting' | 'voucher' | 'paid'; channel: string | null; channel_name: string | null; paid_at: string | null; total: number | null }
  finauth: Finauth
  rejection: { at: string; reasons: Reason[] } | null
  certificate: { serial: string; not_before: string; not_after: string; subject: string } | null
  seal_note: string | null; can: string[]; history: History[]; subject?: string | null; project_name?: string
}
export interface OrderItem {
  id: string; number: string; slug: string; project_name: string; business: string; business_name: string
  subject: string | null; total: number | null; state: string; label: string; tone: Tone
  created_at: string; updated_at: string; due_at: string | null
}
/** `next`: the cursor to what follows; `total`: of the first page, counted up to 1000. */
export interface Page<T> { items: T[]; next: string | null; total: number | null }

export interface PhoneLink { url: string; expires_at: string }
export interface IdentityState { state: Order['phone']['state']; step: 'opened' | 'card' | 'liveness' | null; reason: string | null }
/** What came of a loss report, and of which certificate; told to whoever has passed. */
export interface LossOutcome {
  word: 'held' | 'released' | 'held_before' | 'revoked' | 'not_held' | 'other_way' | 'late' | 'expired'
  serial: string; subject: string; undo_until: string | null
}
export interface PhoneTask {
  project_name: string | null; brand: Brand; purpose: 'phone' | 'loss' | 'legal'; kind: 'hold' | 'release' | null
  person_label: string; name: string | null; id_no: string | null
  step: 'card' | 'liveness' | 'passed' | 'failed'; front: boolean; back: boolean; reason: string | null; outcome: LossOutcome | null
}
export interface CardAnswer { front: boolean; back: boolean; step: PhoneTask['step']; name?: string | null; id_no?: string | null }
export interface PayOpened { code_url: string; page: boolean; total: number; expires_at: string; channel: string }
export interface PayState { state: 'none' | 'waiting' | 'voucher' | 'paid' | 'closed'; total: number | null; channel: string | null; paid_at: string | null }
export interface Bank { cnaps: string; name: string; bank: string }
/** `words`: what was looked for, after abbreviations were put out in full. */
export interface BankAnswer { banks: Bank[]; words?: string[]; near?: boolean }
/** What a finance person's link shows. */
export interface CodeTask {
  project_name: string; unit: string; number: string; account_no: string; branch_name: string; sent_at: string; arrived: boolean
  left: number; expires_at: string
}
export interface LegalView {
  asked: boolean; person: string | null
  progress: {
    legal_auth: Finauth['legal_auth']; state: 'none' | 'pending' | 'passed' | 'failed'; step: IdentityState['step']
    reason: string | null; person: string | null; expires_at: string | null; expired: boolean
  }
}
export interface FinauthView extends Finauth {
  can: string[]
  account: { name: string; branch_name: string | null; account_no: string | null } | null
}
