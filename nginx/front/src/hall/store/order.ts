// SPDX-License-Identifier: Apache-2.0
// The order that is open.
import { shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { http, ofBusiness } from '../../common/http'
import type { Order } from '../../common/api'

/** The open order. All steps share one copy, so that none of them has an old version. */
export const useOrder = defineStore('order', () => {
  const current = shallowRef<Order | null>(null)
  /** The address of a file to be printed, which the module of the order's business draws. */
  const print = (file: string) => `/${current.value?.slug}/api/${current.value?.business}/orders/${current.value?.id}/${file}`

  let begun: { id: string; order: Promise<Order> } | null = null

  /** Begins to load an order before anybody is known to be logged in; the next `load` takes what comes, and asks again if nothing did. */
  function ahead(slug: string, id: string): Promise<Order> {
    const order = http.get('/{slug}/api/orders/{id}', { slug, id }, { quiet: true })
    begun = { id, order }
    return order
  }
  async function load(slug: string, id: string): Promise<Order> {
    const fresh = () => http.get('/{slug}/api/orders/{id}', { slug, id })
    const early = begun?.id === id ? begun.order : null
    begun = null
    const order = await (early ? early.catch(fresh) : fresh())
    // The answer to an action may have overtaken it.
    if (current.value?.id !== order.id || current.value.version <= order.version) current.value = order
    return current.value
  }
  const reload = () => (current.value ? load(current.value.slug, current.value.id) : Promise.resolve(null))
  function set(order: Order) {
    current.value = order
  }

  /** Performs an action that takes the version and answers with the order. */
  async function act(action: 'submit' | 'edit' | 'resubmit'): Promise<Order> {
    const { slug, id, business, version } = current.value!
    const order = await http.post(ofBusiness(`/{slug}/api/new/orders/{id}/${action}`, business), { slug, id }, { version })
    set(order)
    return order
  }
  async function close(action: 'cancel' | 'received') {
    if (!current.value) return
    const { slug, id, version } = current.value
    await http.post(`/{slug}/api/orders/{id}/${action}`, { slug, id }, { version })
    await reload()
  }
  const cancel = () => close('cancel')
  const received = () => close('received')
  return { current, print, ahead, load, reload, set, act, cancel, received }
})
