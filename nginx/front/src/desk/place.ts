// SPDX-License-Identifier: Apache-2.0
// The list from which an order was opened: its address, its orders in their sequence, and the one that was opened last. So an order's page
// knows the next one, and the list its place.
import { ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { useRouter } from 'vue-router'

export const usePlace = defineStore('place', () => {
  const router = useRouter()
  const list = ref('/orders')
  const ids = shallowRef<string[]>([])
  const last = ref<string | null>(null)
  function keep(address: string, found: string[]) {
    if (address !== list.value) last.value = null
    list.value = address
    ids.value = found
  }
  /** The order so many places on (or, negative, before). One that was decided has its place until the list is read again. */
  const beside = (id: string, steps: number) => {
    const at = ids.value.indexOf(id)
    return at < 0 ? null : (ids.value[at + steps] ?? null)
  }
  const back = () => router.push(list.value)
  return { list, last, keep, beside, back }
})
