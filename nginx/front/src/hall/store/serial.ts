// SPDX-License-Identifier: Apache-2.0
// The serial number with which somebody comes from a reminder, over the log-in and the agreements to the choice of the certificate.
const key = (slug: string) => `certhall.serial.${slug}`

export const keepSerial = (slug: string, serial: string) => sessionStorage.setItem(key(slug), serial)
export function takeSerial(slug: string): string | null {
  const serial = sessionStorage.getItem(key(slug))
  sessionStorage.removeItem(key(slug))
  return serial
}
