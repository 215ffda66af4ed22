// SPDX-License-Identifier: Apache-2.0
// What is to be done on the phone, and how far it is.
import { computed, ref, shallowRef } from 'vue'
import { asApiError, credentials, http, type ApiError } from '../common/http'
import { usePoll } from '../common/use/poll'
import type { CardAnswer, PhoneTask } from '../common/api'

/** The slug is the first word of the path. The token is in the fragment, which gets into no server's log. */
const slug = location.pathname.split('/')[1]

const given = new URLSearchParams(location.hash.slice(1))
const token = kept('phone', given.get('t'))
/** The page of this very phone that waits for the outcome; a link that was sent to another phone has none. */
const back = given.has('t') ? kept('phone-back', given.get('back') ?? '') : kept('phone-back', null)
export const wayBack = new RegExp(`^/${slug}/orders/[0-9a-f-]{36}/(phone|legal)$`).test(back ?? '') ? back : null

/** The vendor's page leads back without the fragment: what it had waits for that in this tab's own storage. */
function kept(name: string, value: string | null): string | null {
  const key = `certhall.${name}.${slug}`
  try {
    if (value !== null) sessionStorage.setItem(key, value)
    return value ?? sessionStorage.getItem(key)
  } catch {
    return value
  }
}

export function usePhoneTask() {
  const task = shallowRef<PhoneTask | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const loading = ref(false)
  const waiting = ref(false)
  credentials.bearer = token

  async function read() {
    task.value = await http.get('/{slug}/api/identity/phone', { slug })
    error.value = null
    if (task.value.step === 'passed' && wayBack) location.replace(wayBack)
    return task.value
  }
  // After the return from the vendor's page the result may take a moment; the server says within seconds if there is none.
  let rounds = 0
  const poll = usePoll(async () => {
    const { checking } = await read()
    rounds++
    waiting.value = checking && rounds < 30
    return !waiting.value
  })
  async function load() {
    if (!token) return
    loading.value = true
    try {
      await http.post('/{slug}/api/identity/phone/arrival', { slug })
      waiting.value = (await read()).checking
      if (waiting.value) poll.start()
    } catch (problem) {
      error.value = asApiError(problem)
    } finally {
      loading.value = false
    }
  }
  void load()
  // When the browser goes back from the vendor's page, it may show this page as it was before.
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload()
  })

  async function startLiveness() {
    const { url } = await http.post('/{slug}/api/identity/phone/liveness', { slug })
    location.href = url
  }
  const sendCard = (side: 'front' | 'back', picture: Blob) => http.put('/{slug}/api/identity/phone/card/{side}', { slug, side }, picture)
  function took(answer: CardAnswer) {
    if (task.value) task.value = { ...task.value, front: answer.front, back: answer.back, step: answer.step, reason: null }
  }
  const expired = computed(() => !token || error.value?.status === 401 || error.value?.status === 410 || error.value?.status === 404)
  return { task, error, loading, waiting, expired, load, took, startLiveness, failing: poll.failing, sendCard }
}
