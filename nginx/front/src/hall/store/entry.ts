// SPDX-License-Identifier: Apache-2.0
// The token that a partner's link carries in its fragment. It is kept until the draft has taken the partner's data.
const key = (slug: string) => `certhall.entry.${slug}`

/** Removes the token from the address, so that it gets into no bookmark and no history. */
export function takeEntry(slug: string) {
  const token = location.hash.match(/^#entry=([\w-]{43})$/)?.[1]
  if (!token) return
  sessionStorage.setItem(key(slug), token)
  history.replaceState(history.state, '', location.pathname + location.search)
}
export const entryOf = (slug: string) => sessionStorage.getItem(key(slug))
export const forgetEntry = (slug: string) => sessionStorage.removeItem(key(slug))
