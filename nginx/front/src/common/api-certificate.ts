// SPDX-License-Identifier: Apache-2.0
// How certificates are made, and what their owners see of them.
import type { CertificateText } from './api-public'
import type { Tone } from './api'

export type CertificateState = 'valid' | 'hold' | 'revoked'
export type KeyUse = 'signature' | 'encryption'

export interface Production {
  medium: 'ukey' | 'file'; key_origin: 'file' | 'token'; profile: string; pair: boolean
  ca: string | null; algorithm: 'sm2' | 'rsa' | 'p256' | null; external: boolean; producing: boolean
  request: { state: 'new' | 'answered' | 'refused' | 'done'; reason: string | null; at: string; public_sha256: string } | null
  certificates: {
    serial: string; key_use: KeyUse; ca: string; state: CertificateState; algorithm: string
    not_before: string; not_after: string; key_file: boolean; enveloped_key: boolean
  }[]
}
export interface OrderCertificate {
  serial: string; key_use: KeyUse; state: CertificateState; reason: string | null; revoked_at: string | null; content?: CertificateText
}
export interface OrderCertificates {
  items: OrderCertificate[]
  key_file: { medium: 'ukey' | 'file'; there: boolean; left: number; until: string | null }
}

export const useName: Record<KeyUse, string> = { signature: '签名证书', encryption: '加密证书' }
export const certificateLook: Record<CertificateState, { text: string; tone: Tone }> = {
  valid: { text: '有效', tone: 'success' }, hold: { text: '已冻结', tone: 'warning' }, revoked: { text: '已吊销', tone: 'danger' },
}
