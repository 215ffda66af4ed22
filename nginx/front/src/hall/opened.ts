// SPDX-License-Identifier: Apache-2.0
// A page that a link opens for people without an account: the token of the link is the only credential. It is in the fragment of the
// address, which gets into no server's log.
import { onMounted, onScopeDispose, ref, shallowRef } from 'vue'
import { asApiError, credentials, type ApiError } from '../common/http'

/** What `read` gives with the link's token; `gone` when the link leads nowhere, or no longer. */
export function useOpenedLink<T>(read: () => Promise<T>) {
  const token = new URLSearchParams(location.hash.slice(1)).get('t')
  const data = shallowRef<T | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const loading = ref(false)
  const gone = ref(!token)

  async function load() {
    loading.value = true
    error.value = null
    try {
      data.value = await read()
    } catch (problem) {
      const failed = asApiError(problem)
      gone.value = [401, 403, 404, 410].includes(failed.status)
      error.value = gone.value ? null : failed
    } finally {
      loading.value = false
    }
  }
  onMounted(() => {
    credentials.bearer = token
    if (token) void load()
  })
  onScopeDispose(() => {
    credentials.bearer = null
  })
  return { data, error, loading, gone, load }
}
