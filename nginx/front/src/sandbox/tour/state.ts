// SPDX-License-Identifier: Apache-2.0
// Whether this browser is on the tour. The back office has a host of its own, which learns it from the address that leads there.
const key = 'certhall.sandbox.tour'

export const startTour = () => localStorage.setItem(key, 'on')
export const endTour = () => localStorage.removeItem(key)
export function touring(): boolean {
  if (/[?&]tour=1/.test(decodeURIComponent(location.search))) startTour() // or in where the log-in leads
  return localStorage.getItem(key) === 'on'
}
