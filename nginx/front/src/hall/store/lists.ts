// SPDX-License-Identifier: Apache-2.0
// The lists of orders in the personal centre.
import { shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { http } from '../../common/http'
import type { OrderList } from '../../common/api'

/** The lists of orders that this person has in the personal centre of this project. */
export const useLists = defineStore('lists', () => {
  const data = shallowRef<OrderList[]>([])
  let of = ''

  /** Takes the lists that came with a page of orders. */
  function set(slug: string, lists: OrderList[]) {
    of = slug
    data.value = lists
  }
  async function ensure(slug: string) {
    if (of === slug) return
    of = slug
    try {
      set(slug, (await http.get('/{slug}/api/orders', { slug, page_size: 1 })).lists)
    } catch {
      of = '' // the menu does without them; the page itself says what is wrong
    }
  }
  return { data, set, ensure }
})
