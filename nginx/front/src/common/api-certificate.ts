// SPDX-License-Identifier: Apache-2.0
// How certificates are made, and what their owners see of them.
import type { CertificateText } from './api-public'
import type { Tone } from './api'

export type CertificateState = 'valid' | 'hold' | 'revoked'
export type KeyUse = 'signature' | 'encryption'

/** One certificate of an order, or a pair, on its way. */
export interface ProductionItem {
  item: number; name: string; subject: string; years: number; profile: string; pair: boolean
  state: 'waiting' | 'requested' | 'issuing' | 'made'
  request: { state: 'new' | 'answered' | 'refused' | 'done'; reason: string | null; at: string; public_sha256: string } | null
}
export interface Production {
  medium: 'ukey' | 'file'; key_origin: 'file' | 'token'
  ca: string | null; algorithm: 'sm2' | 'rsa' | 'p256' | null; external: boolean; producing: boolean
  progress: { made: number; of: number }
  items: ProductionItem[]
  certificates: {
    item: number; serial: string; key_use: KeyUse; ca: string; state: CertificateState; algorithm: string
    not_before: string; not_after: string; key_file: boolean; enveloped_key: boolean
  }[]
}
export interface OrderCertificate {
  item: number; name: string | null; serial: string; key_use: KeyUse; state: CertificateState; reason: string | null; revoked_at: string | null; content?: CertificateText
}
/** The key file of one certificate of the order. */
export interface KeyFile { item: number; subject: string; there: boolean; taken: number; left: number }
export interface OrderCertificates {
  items: OrderCertificate[]
  key_file: { medium: 'ukey' | 'file'; there: boolean; items: KeyFile[]; until: string | null }
}

export const itemState: Record<ProductionItem['state'], { text: string; tone: Tone }> = {
  waiting: { text: '待制作', tone: 'info' }, requested: { text: '已收到证书请求', tone: 'info' }, issuing: { text: '制作中', tone: 'warning' }, made: { text: '已制作', tone: 'success' },
}
export const useName: Record<KeyUse, string> = { signature: '签名证书', encryption: '加密证书' }
export const certificateLook: Record<CertificateState, { text: string; tone: Tone }> = {
  valid: { text: '有效', tone: 'success' }, hold: { text: '已冻结', tone: 'warning' }, revoked: { text: '已吊销', tone: 'danger' },
}
