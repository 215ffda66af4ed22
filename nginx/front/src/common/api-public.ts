// SPDX-License-Identifier: Apache-2.0
// The shapes of what anybody may ask: signatures, and the state of certificates.

export interface Attribute { label: string; attribute: string; value: string }
/** A certificate's content in words. */
export interface CertificateText {
  subject: Attribute[]; issuer: Attribute[]; serial: string; not_before: string; not_after: string; days_left: number
  key: string; signature: string; usage: string[]; extended_usage: string[]
  extensions: { name: string; oid: string; critical: boolean; text: string }[]
  sha256: string; sm3: string
}

export type Verdict = 'valid' | 'limited' | 'unsure' | 'invalid'
export interface Finding { check: string; verdict: Verdict; text: string; advice: string | null }
export interface SealText {
  id: string; name: string; version: number; type: 'unit' | 'person' | 'other'; created: string | null
  valid_from: string | null; valid_to: string | null; width: number; height: number; picture: string | null
}
export interface SignatureReport {
  title: string; verdict: Verdict; headline: string; signed_at: string | null; type: string | null; findings: Finding[]
  certificate: CertificateText | null; chain: { subject: string; serial: string; not_after: string }[]; seal: SealText | null
}
export interface VerifyReport {
  kind: 'cms' | 'pdf' | 'seal' | 'seal_use'; kind_name: string; verdict: Verdict; headline: string; checked_at: string
  content: { bytes: number; sm3: string; sha256: string } | null; signatures: SignatureReport[]
}

export type CertificateState = 'valid' | 'hold' | 'revoked' | 'expired'
export interface CertificateFace {
  type: string; key_use: 'signature' | 'encryption'; algorithm: string; state: CertificateState
  not_before: string; not_after: string; since: string | null
}
export interface SerialStatus { serial: string; certificates: CertificateFace[] }
export interface OwnCertificate extends CertificateFace { serial: string; order: { id: string; number: string; slug: string } }
export interface OwnCertificates { units: { unit: string; certificates: OwnCertificate[] }[] }

/** What the state of a certificate is called, and what it means. */
export const stateText: Record<CertificateState | 'unknown', { label: string; tone: string; text: string }> = {
  valid: { label: '有效', tone: 'success', text: '证书在有效期内，没有被吊销，可以正常使用。' },
  hold: { label: '暂停使用', tone: 'warning', text: '证书已暂停使用（例如持有人报告介质遗失），暂停期间的签名不应采信。' },
  revoked: { label: '已吊销', tone: 'danger', text: '证书已被吊销，吊销之后的签名无效。' },
  expired: { label: '已过期', tone: 'warning', text: '证书已过有效期，不能再使用；有效期内的签名仍可验证。' },
  unknown: { label: '没有查到', tone: 'info', text: '本机构没有签发过这个序列号的证书。请核对序列号，或向证书的签发机构查询。' },
}
