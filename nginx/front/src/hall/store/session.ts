// SPDX-License-Identifier: Apache-2.0
// The session of the applicant, and the project at which they are.
import { computed, ref, shallowRef, watch } from 'vue'
import { defineStore } from 'pinia'
import { asApiError, credentials, http, type ApiError } from '../../common/http'
import { loadTour } from '../../common/tour'
import type { Brand, LoggedIn, ProjectLink, Session } from '../../common/api'

/** The account that is logged in. It is the same at all projects; what it may see differs by project (slug). */
export const useSession = defineStore('session', () => {
  const slug = ref('')
  const data = shallowRef<Session | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const loading = ref(false)
  const homeBrand = shallowRef<Brand | null>(null)

  const project = computed(() => data.value?.project ?? null)
  /** The kinds of business that the project offers, in its order. */
  const businesses = computed(() => project.value?.businesses ?? [])
  /** The project's links of a kind. */
  const links = (kind: ProjectLink['kind']) => project.value?.links.filter((link) => link.kind === kind) ?? []
  const account = computed(() => data.value?.account ?? null)
  const brand = computed(() => data.value?.brand ?? homeBrand.value)
  watch(brand, loadTour)

  async function load() {
    loading.value = true
    try {
      data.value = await http.get('/{slug}/api/gate/session', { slug: slug.value }, { quiet: true })
      credentials.csrf = data.value.csrf
      error.value = null
    } catch (problem) {
      data.value = null
      error.value = asApiError(problem)
    } finally {
      loading.value = false
    }
  }
  async function ensure(wanted: string) {
    if (wanted === slug.value && data.value) return
    slug.value = wanted
    await load()
  }
  function loggedIn(answer: LoggedIn) {
    credentials.csrf = answer.csrf
    if (data.value) data.value = { ...data.value, account: answer.account, csrf: answer.csrf }
    void load() // whether a rebinding waits
  }
  /** Takes over the account's new phone number. */
  function rename(phone: string) {
    if (data.value?.account) data.value = { ...data.value, account: { ...data.value.account, phone } }
  }
  function forget() {
    credentials.csrf = null
    if (data.value) data.value = { ...data.value, account: null, rebinding: null, csrf: null }
  }
  async function logout() {
    await http.post('/{slug}/api/gate/logout', { slug: slug.value }, undefined, { quiet: true })
    forget()
  }
  return {
    slug,
    data,
    error,
    loading,
    homeBrand,
    project,
    businesses,
    links,
    account,
    brand,
    load,
    ensure,
    loggedIn,
    rename,
    forget,
    logout,
  }
})
