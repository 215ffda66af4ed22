// SPDX-License-Identifier: Apache-2.0
// The papers that the link is for, as they are at the server.
import { computed, shallowRef } from 'vue'
import { asApiError, credentials, http, type ApiError } from '../common/http'
import { usePoll } from '../common/use/poll'
import { openedLink, slug } from '../phone/link'
import type { CameraPage, PaperSheet } from '../common/api'

const { token, wayBack } = openedLink('camera', 'papers')
export { slug, wayBack }

export function usePapers() {
  const page = shallowRef<CameraPage | null>(null)
  const error = shallowRef<ApiError | null>(null)
  credentials.bearer = token

  async function load() {
    if (!token) return
    try {
      page.value = await http.get('/{slug}/api/paper/phone', { slug })
      error.value = null
    } catch (problem) {
      error.value = asApiError(problem)
    }
  }
  const expired = computed(() => !token || [401, 404, 410].includes(error.value?.status ?? 0))
  /** What the machine finds, and what is changed at the PC, comes by itself. */
  const poll = usePoll(
    async () => {
      await load()
      return expired.value
    },
    3000,
    { visible: true },
  )
  poll.start()

  async function remove(code: string, { sheet }: PaperSheet) {
    await http.delete('/{slug}/api/paper/phone/{code}', { slug, code, sheet })
    await load()
  }
  return { page, error, expired, load, remove }
}
