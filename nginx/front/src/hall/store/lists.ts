// SPDX-License-Identifier: Apache-2.0
import { shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { http } from '../../common/http'
import type { OrderList, OrderPage } from '../../common/api-centre'

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
      set(slug, (await http.get<OrderPage>(`/${slug}/api/orders?page_size=1`)).lists)
    } catch {
      of = '' // the menu goes without them; the page itself says what is wrong
    }
  }
  return { data, set, ensure }
})
