// SPDX-License-Identifier: Apache-2.0
// What a partner's link has brought along: a token in the address's fragment, kept until the draft has taken the data.
const key = (slug: string) => `certhall.entry.${slug}`

/** Takes the token out of the address, so that it is in no bookmark and no history. */
export function takeEntry(slug: string) {
  const token = location.hash.match(/^#entry=([\w-]{43})$/)?.[1]
  if (!token) return
  sessionStorage.setItem(key(slug), token)
  history.replaceState(history.state, '', location.pathname + location.search)
}
export const entryOf = (slug: string) => sessionStorage.getItem(key(slug))
export const forgetEntry = (slug: string) => sessionStorage.removeItem(key(slug))
