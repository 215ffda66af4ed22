// SPDX-License-Identifier: Apache-2.0
// The ticks of the agreements page, which are kept over a reload until the draft exists.
import type { Agreement } from '../../common/api'

type Consent = { code: string; version: string }[]
const key = (slug: string) => `certhall.consent.${slug}`

export function rememberConsent(slug: string, agreements: Agreement[]) {
  const consent: Consent = agreements.map(({ code, version }) => ({ code, version }))
  sessionStorage.setItem(key(slug), JSON.stringify(consent))
}

/** The consent, if it is to the versions that are in force now. */
export function consentTo(slug: string, agreements: Agreement[]): Consent | null {
  let stored: Consent = []
  try {
    stored = JSON.parse(sessionStorage.getItem(key(slug)) ?? '[]') as Consent
  } catch {
    return null
  }
  const whole = agreements.every((one) => stored.some((it) => it.code === one.code && it.version === one.version))
  return whole ? stored : null
}

export const forgetConsent = (slug: string) => sessionStorage.removeItem(key(slug))
