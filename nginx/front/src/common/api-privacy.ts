// SPDX-License-Identifier: Apache-2.0
// The shapes of the ledger of consents.
export interface Consent {
  id: number; code: string; version: string; title: string; sha256: string; at: string; address: string
  withdrawn_at: string | null
  /** What a withdrawal would do to the order now. */
  follows: 'cancel' | 'refund' | 'nothing' | null
  order: { id: string; number: string; project_name: string; slug: string; state: string; label: string }
}
export interface ConsentText { code: string; version: string; title: string; text: string; sha256: string }
export interface ConsentLedger { items: Consent[]; texts: ConsentText[] }
