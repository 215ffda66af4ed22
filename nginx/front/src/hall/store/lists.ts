// SPDX-License-Identifier: Apache-2.0
import { shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { http } from '../../common/http'
import type { OrderList } from '../../common/api'

/** The lists of orders that the personal centre has for this person at this project. */
export const useLists = defineStore('lists', () => {
  const data = shallowRef<OrderList[]>([])
  let of = ''

  /** What any page of orders brings along. */
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
      of = '' // the menu goes without them; the page itself says what is wrong
    }
  }
  return { data, set, ensure }
})
