// SPDX-License-Identifier: Apache-2.0
import { computed, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { http } from '../../common/http'
import type { Order } from '../../common/api'

/** The order that is open: one copy for all its steps, so that its version is never out of date in one of them. */
export const useOrder = defineStore('order', () => {
  const current = shallowRef<Order | null>(null)
  /** Where the module of the order's business serves it. */
  const base = computed(() => `/${current.value?.slug}/api/${current.value?.business}/orders/${current.value?.id}`)

  async function load(slug: string, id: string): Promise<Order> {
    current.value = await http.get<Order>(`/${slug}/api/orders/${id}`)
    return current.value
  }
  const reload = () => (current.value ? load(current.value.slug, current.value.id) : Promise.resolve(null))
  function set(order: Order) { current.value = order }

  /** submit, edit, resubmit: all take the version and answer the order. */
  async function act(action: 'submit' | 'edit' | 'resubmit'): Promise<Order> {
    const order = await http.post<Order>(`${base.value}/${action}`, { version: current.value?.version })
    set(order)
    return order
  }
  async function close(action: 'cancel' | 'received') {
    const order = current.value
    if (!order) return
    await http.post(`/${order.slug}/api/orders/${order.id}/${action}`, { version: order.version })
    await reload()
  }
  const cancel = () => close('cancel')
  const received = () => close('received')
  return { current, base, load, reload, set, act, cancel, received }
})
