// SPDX-License-Identifier: Apache-2.0
// Whether this browser is on the tour. The back office has a host of its own, which learns it from the address that leads there; before
// the log-in it looks for the same key (src/common/tour.ts).
const key = 'certhall.sandbox.tour'
const orderKey = 'certhall.sandbox.tour.order'

export const startTour = () => localStorage.setItem(key, 'on')
export function endTour() {
  localStorage.removeItem(key)
  localStorage.removeItem(orderKey)
}
/** The order that staff work on in the tour: the pages between two members of staff do not name it. */
export const rememberOrder = (id: string) => localStorage.setItem(orderKey, id)
export const rememberedOrder = () => localStorage.getItem(orderKey)
export function touring(): boolean {
  if (/[?&]tour=1/.test(decodeURIComponent(location.search))) startTour() // or in where the log-in leads
  return localStorage.getItem(key) === 'on'
}
