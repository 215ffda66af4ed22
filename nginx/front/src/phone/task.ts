// SPDX-License-Identifier: Apache-2.0
// What is to be done on the phone, and how far it is.
import { computed, ref, shallowRef } from 'vue'
import { asApiError, credentials, http, type ApiError } from '../common/http'
import { usePoll } from '../common/use/poll'
import { openedLink, slug } from './link'
import type { CardAnswer, PhoneTask } from '../common/api'

export type Way = PhoneTask['ways'][number]['code']
const { token, wayBack } = openedLink('phone', 'phone|legal')
export { wayBack }

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
  // A transfer comes in minutes or hours: the page follows it while somebody looks.
  const follow = usePoll(async () => (await read()).step !== 'transfer', 4000, { visible: true })
  async function load() {
    if (!token) return
    loading.value = true
    try {
      await http.post('/{slug}/api/identity/phone/arrival', { slug })
      waiting.value = (await read()).checking
      if (waiting.value) poll.start()
      else if (task.value?.step === 'transfer') follow.start()
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
  async function decide(agree: boolean) {
    const face = task.value?.face
    if (!task.value || !face) return
    await http.post('/{slug}/api/identity/phone/consent', { slug }, agree ? { agree, version: face.version } : { agree })
    task.value = { ...task.value, face: { ...face, agreed: agree, declined: !agree } }
  }
  async function startTransfer() {
    await http.post('/{slug}/api/identity/phone/transfer', { slug })
    await read()
    follow.start()
  }
  const sendCard = (side: 'front' | 'back', picture: Blob) => http.put('/{slug}/api/identity/phone/card/{side}', { slug, side }, picture)
  function took(answer: CardAnswer) {
    if (task.value) task.value = { ...task.value, front: answer.front, back: answer.back, step: answer.step, reason: null }
  }
  const appointment = {
    read: (outlet?: string) => http.get('/{slug}/api/identity/phone/appointment', { slug, outlet: outlet ?? null }),
    put: (outlet: string, at: string) => http.put('/{slug}/api/identity/phone/appointment', { slug }, { outlet, at }),
    cancel: () => http.delete('/{slug}/api/identity/phone/appointment', { slug }),
  }
  const expired = computed(() => !token || error.value?.status === 401 || error.value?.status === 410 || error.value?.status === 404)
  return {
    task,
    error,
    loading,
    waiting,
    expired,
    load,
    took,
    startLiveness,
    startTransfer,
    failing: poll.failing,
    sendCard,
    decide,
    appointment,
  }
}
