// SPDX-License-Identifier: Apache-2.0
// The member of staff who is logged in.
import { computed, ref, shallowRef, watch } from 'vue'
import { defineStore } from 'pinia'
import { asApiError, credentials, http, type ApiError } from '../common/http'
import { loadTour, loadTourUnknown } from '../common/tour'
import type { DeskSession, Role } from '../common/api'

/** The answer of the server; all members are null when nobody is logged in. */
type Here = { [Member in keyof DeskSession]: DeskSession[Member] | null }

export const useDesk = defineStore('desk', () => {
  const session = shallowRef<Here | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const loading = ref(false)
  watch(session, (here) => (here && !here.brand ? loadTourUnknown() : loadTour(here?.brand)))
  const staff = computed(() => session.value?.staff ?? null)
  const has = (...roles: Role[]) => roles.some((role) => staff.value?.roles.includes(role))

  /** Whether the person works on orders; auditors and administrators only oversee. */
  const works = computed(() => has('reviewer', 'finance', 'producer', 'outlet'))
  /** Whether the person makes certificates: a producer of the CA or of an outlet. */
  const makes = computed(() => has('producer', 'outlet'))

  /** The queue that is the person's own work; null: they only oversee. */
  const queue = computed(() => (has('reviewer') ? 'review' : has('finance') ? 'payout' : makes.value ? 'produce' : null))

  async function load() {
    loading.value = true
    try {
      session.value = await http.get('/desk/api/login/session', {}, { quiet: true })
      credentials.csrf = session.value.csrf
      error.value = null
    } catch (problem) {
      // The server says by 401, too, that nobody is logged in.
      if (asApiError(problem).status === 401) session.value = { brand: null, staff: null, csrf: null, idle: null }
      else error.value = asApiError(problem)
    } finally {
      loading.value = false
    }
  }
  const ensure = async () => {
    if (!session.value) await load()
  }
  function loggedIn(answer: DeskSession) {
    credentials.csrf = answer.csrf
    if (session.value) session.value = { ...session.value, ...answer }
  }
  function forget() {
    credentials.csrf = null
    if (session.value) session.value = { ...session.value, staff: null, csrf: null }
  }
  async function logout() {
    await http.post('/desk/api/login/logout', {}, undefined, { quiet: true })
    forget()
  }
  return { session, error, loading, staff, works, makes, queue, has, load, ensure, loggedIn, forget, logout }
})
