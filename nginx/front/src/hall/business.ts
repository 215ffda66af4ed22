// SPDX-License-Identifier: Apache-2.0
// The kind of business that the pages before the draft are about. Their address names it where the project has several; afterwards it
// is that of the order.
import { computed } from 'vue'
import { useRoute, type RouteLocationRaw } from 'vue-router'
import { useSession } from './store/session'

/** The address of a page before the draft: `apply`, or that of a step. */
export const pageOf = (name: string, slug: string, business: string): RouteLocationRaw => ({
  name,
  params: { slug },
  query: useSession().businesses.length > 1 ? { business } : {},
})

export function useBusiness() {
  const route = useRoute()
  const session = useSession()
  const named = computed(() => String(route.query.business ?? ''))
  /** The kind that the address names, or the project's only one; null: none, or one that the project does not have. */
  const business = computed(() => {
    const all = session.businesses
    return all.find((one) => one.code === named.value) ?? (named.value === '' && all.length === 1 ? all[0] : null)
  })
  return { named, business }
}
