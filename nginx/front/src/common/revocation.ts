// SPDX-License-Identifier: Apache-2.0
// Holds, releases and revocations: shapes of the API, and what its words are called on every page.
import type { Page, Tone } from './api'

export type CertificateState = 'valid' | 'hold' | 'revoked'
export type Kind = 'revoke' | 'hold' | 'release'
export type Way = 'staff' | 'account' | 'link' | 'system'
export type RequestState = 'asked' | 'done' | 'refused' | 'withdrawn'

export interface HeldCertificate {
  id: string; serial: string; ca: string; item: number; key_use: 'signature' | 'encryption'; state: CertificateState; reason: string | null
  not_before: string; not_after: string; revoked_at: string | null; held_by: Way | null; undo_until: string | null; replaced_by: string | null
}
export interface LossCertificate extends HeldCertificate {
  can: ('report' | 'undo')[]; history: { at: string; kind: Kind; way: Way; reason: string | null }[]
}
export interface RevocationRow {
  id: string; number: number; certificate: string; serial: string; certificate_state: CertificateState; order_id: string; order_number: string
  subject: string; kind: Kind; reason: string | null; way: Way; role: string | null; state: RequestState; asked_by: string | null; asked_at: string
  decided_by: string | null; ended_at: string | null; has_note: boolean; can: ('confirm' | 'refuse' | 'withdraw')[]
}
export interface Revocation extends RevocationRow { role_label: string | null; note: string | null; answer: string | null }
export interface RevocationPage extends Page<RevocationRow> { waiting: number }
export interface DeskCertificate extends HeldCertificate { requests: RevocationRow[] }
export interface FoundCertificate extends HeldCertificate { order_id: string; order_number: string; subject: string; cert_type_name: string | null }

export const kindName: Record<Kind, string> = { revoke: '吊销', hold: '冻结', release: '解除冻结' }
export const wayName: Record<Way, string> = { staff: '工作人员', account: '业务单账号', link: '手机认证', system: '系统' }
export const requestLook: Record<RequestState, { tone: Tone; text: string }> = {
  asked: { tone: 'warning', text: '待确认' }, done: { tone: 'success', text: '已办结' }, refused: { tone: 'danger', text: '未同意' }, withdrawn: { tone: 'info', text: '已撤回' },
}
export const certificateLook: Record<CertificateState, { tone: Tone; text: string }> = {
  valid: { tone: 'success', text: '有效' }, hold: { tone: 'warning', text: '已冻结' }, revoked: { tone: 'danger', text: '已吊销' },
}
/** In the order in which they are offered. */
export const reasonName: Record<string, string> = {
  key_compromise: '介质遗失或密钥泄露', affiliation_changed: '证书信息变更', superseded: '已由新证书替换', cessation: '不再使用',
  privilege_withdrawn: '资格被取消', unspecified: '其他',
}
/** What was done, by which way: 冻结（手机认证） */
export const doneText = (row: { kind: Kind; way: Way; reason: string | null }) =>
  kindName[row.kind] + (row.reason ? `：${reasonName[row.reason] ?? row.reason}` : '') + `（${wayName[row.way]}）`
