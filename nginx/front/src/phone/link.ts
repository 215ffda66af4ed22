// SPDX-License-Identifier: Apache-2.0
// What a link to a page for the phone carries. The token is in the fragment, which gets into no server's log.

/** The slug is the first word of the path. */
export const slug = location.pathname.split('/')[1]

const given = new URLSearchParams(location.hash.slice(1))

/** The vendor's page leads back without the fragment: what it had waits for that in this tab's own storage. */
function kept(name: string, value: string | null): string | null {
  const key = `certhall.${name}.${slug}`
  try {
    if (value !== null) sessionStorage.setItem(key, value)
    return value ?? sessionStorage.getItem(key)
  } catch {
    return value
  }
}

/** The token of the link, and the page of this very phone that waits for the outcome; a link to another phone has none. */
export function openedLink(page: string, steps: string) {
  const token = kept(page, given.get('t'))
  const back = given.has('t') ? kept(`${page}-back`, given.get('back') ?? '') : kept(`${page}-back`, null)
  return { token, wayBack: new RegExp(`^/${slug}/orders/[0-9a-f-]{36}(/(${steps}))?$`).test(back ?? '') ? back : null }
}
