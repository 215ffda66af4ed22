// SPDX-License-Identifier: Apache-2.0
// Lists that are read page by page and filtered.
import { computed, reactive, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useLoad } from './load'

/**
 * A list whose filters and place are in the address (?state=…&after=…). `query` is what the address says; `chosen` is what the filters
 * show, which people change before they apply it with `go()`.
 */
export function useList<Name extends string, T>(names: readonly Name[], request: (query: Record<Name | 'after', string>) => Promise<T>) {
  const route = useRoute()
  const router = useRouter()
  const read = (of: readonly string[]) => Object.fromEntries(of.map((name) => [name, String(route.query[name] ?? '')]))
  const query = computed(() => read([...names, 'after']) as Record<Name | 'after', string>)
  const chosen = reactive(read(names)) as Record<Name, string>
  const loaded = useLoad(() => request(query.value))
  watch(
    [...names, 'after'].map((name) => () => route.query[name]),
    () => {
      Object.assign(chosen, read(names))
      void loaded.load()
    },
    { immediate: true },
  )
  /** Shows the first page of what is chosen. */
  function go(change: Partial<Record<Name, string>> = {}) {
    Object.assign(chosen, change)
    const words = names.map((name) => [name, chosen[name].trim()])
    return router.push({ query: Object.fromEntries(words.filter(([, word]) => word)) })
  }
  return { ...loaded, query, chosen, go }
}
