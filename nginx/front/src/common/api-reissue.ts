// SPDX-License-Identifier: Apache-2.0
// The shapes of a reissue: the lost certificate as it is found, and what an order says of it.
import type { CertificateFace } from './api-public'

export interface FoundCertificate extends CertificateFace {
  serial: string
  /** Of an order of this account. */
  own: boolean
  /** Why it cannot be made again here. */
  refusal: string | null
  /** What somebody else has to say: the unit's code, also whose it is, or the person's number. */
  proof: 'none' | 'unit' | 'unit_and_holder' | 'person'
  subject: string | null
  order: { id: string; number: string; slug: string } | null
  draft: { id: string; number: string } | null
}
export interface FoundCertificates { serial: string; certificates: FoundCertificate[] }

/** Members of an order that replaces a certificate, or that an outlet makes. */
export interface Replaced extends CertificateFace { serial: string; held_by: string | null; replaced_by: string | null }
export interface ReissueMembers { replaces?: Replaced; locked?: string[]; outlet?: { name: string; place: string } }
