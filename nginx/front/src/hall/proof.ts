// SPDX-License-Identifier: Apache-2.0
// What a person of an order proves by phone about one of its certificates: a panel of the order's page asks for it, shows the link, and
// waits until the phone is through.
import { ref, shallowRef, watch } from 'vue'
import { useLoad } from '../common/use/load'
import { usePoll } from '../common/use/poll'
import { fail } from '../common/notify'
import { useOrder } from './store/order'
import type { Link, Order, Revocables, Unlocks } from '../common/api'

/** `read` gets the certificates, each with how far its last request is; `passed` is told what came of one. */
export function useProof<Data extends Unlocks | Revocables>(
  order: () => Order,
  read: () => Promise<Data>,
  passed: (outcome: string | null) => void,
) {
  const orders = useOrder()
  const { data, error, loading, load } = useLoad(read)
  watch(order, () => void load(), { immediate: true }) // what is done in another panel shows here, too

  const open = ref('') // the serial number of the certificate that it is about
  const link = shallowRef<Link | null>(null)
  const busy = ref(false)
  const poll = usePoll(async () => {
    await load()
    const asked = data.value?.items.find((one) => one.serial === open.value)?.asked
    if (asked?.state !== 'passed') return !asked || asked.expired
    open.value = ''
    link.value = null
    passed(asked.outcome)
    await orders.reload() // the order's history has a new line
    return true
  })
  async function ask(serial: string, request: () => Promise<Link>) {
    busy.value = true
    try {
      link.value = await request()
      open.value = serial
      poll.start()
    } catch (problem) {
      fail(problem)
      await load()
    } finally {
      busy.value = false
    }
  }
  return { data, error, loading, load, open, link, busy, failing: poll.failing, ask }
}
