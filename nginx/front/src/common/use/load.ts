// SPDX-License-Identifier: Apache-2.0
// Reading from the server, with the states that a page shows meanwhile.
import { ref, shallowRef, type Ref } from 'vue'
import { asApiError, type ApiError } from '../http'

/** Data, error and progress of a request. The answer of a call is dropped when a newer call was made meanwhile. */
export function useLoad<T>(request: () => Promise<T>) {
  const data = shallowRef(null) as Ref<T | null>
  const error = shallowRef<ApiError | null>(null)
  const loading = ref(false)
  let turn = 0

  async function load() {
    const mine = ++turn
    loading.value = true
    try {
      const answer = await request()
      if (mine !== turn) return
      data.value = answer
      error.value = null
    } catch (problem) {
      if (mine === turn) error.value = asApiError(problem)
    } finally {
      if (mine === turn) loading.value = false
    }
  }
  return { data, error, loading, load }
}
