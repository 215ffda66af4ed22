// SPDX-License-Identifier: Apache-2.0
// How a project wants to be applied at.
import { computed, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { http, ofBusiness } from '../../common/http'
import { useSession } from './session'
import type { Setup } from '../../common/api'

/** Agreements, steps, form and papers of a project for one kind of business; read once for each visit and slug. */
export const useSetup = defineStore('setup', () => {
  const data = shallowRef<Setup | null>(null)
  let known = ''
  /** `business` is that of the order; the default is the project's first. */
  async function ensure(slug: string, business = useSession().business): Promise<Setup> {
    const wanted = `${slug} ${business}`
    if (known !== wanted || !data.value) {
      data.value = await http.get(ofBusiness('/{slug}/api/new/setup', business), { slug })
      known = wanted
    }
    return data.value
  }
  const steps = computed(() => data.value?.steps ?? [])
  return { data, steps, ensure }
})
