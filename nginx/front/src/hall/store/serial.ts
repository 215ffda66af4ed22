// SPDX-License-Identifier: Apache-2.0
// The serial numbers with which somebody comes from a reminder or the list of a unit's certificates, over the log-in and the agreements to
// the choice of the certificate.
const key = (slug: string) => `certhall.serial.${slug}`

export const keepSerials = (slug: string, ...serials: string[]) => sessionStorage.setItem(key(slug), serials.join(' '))
export function takeSerials(slug: string): string[] {
  const serials = sessionStorage.getItem(key(slug))
  sessionStorage.removeItem(key(slug))
  return serials ? serials.split(' ') : []
}
