// SPDX-License-Identifier: Apache-2.0
// A press of a button that asks the server for something: the button waits meanwhile, and what went wrong is told.
import { ref } from 'vue'
import { fail } from '../notify'

export function useBusy() {
  const busy = ref(false)
  async function act(work: () => Promise<unknown>) {
    busy.value = true
    try {
      await work()
    } catch (problem) {
      fail(problem)
    } finally {
      busy.value = false
    }
  }
  return { busy, act }
}
