// SPDX-License-Identifier: Apache-2.0
// How a project wants to be applied at.
import { computed, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { http, ofBusiness } from '../../common/http'
import type { Setup } from '../../common/api'

/** Agreements, steps, form and papers of a project for one kind of business; read once for each visit and slug. */
export const useSetup = defineStore('setup', () => {
  const data = shallowRef<Setup | null>(null)
  let known = ''
  let coming: Promise<Setup> | null = null
  function ensure(slug: string, business: string): Promise<Setup> {
    const wanted = `${slug} ${business}`
    if (known === wanted && coming) return coming
    known = wanted
    coming = http.get(ofBusiness('/{slug}/api/new/setup', business), { slug }).then(
      (setup) => {
        if (known === wanted) data.value = setup
        return setup
      },
      (problem: unknown) => {
        if (known === wanted) coming = null // and is asked for anew
        throw problem
      },
    )
    return coming
  }
  const steps = computed(() => data.value?.steps ?? [])
  return { data, steps, ensure }
})
