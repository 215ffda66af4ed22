// SPDX-License-Identifier: Apache-2.0
import { shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { http } from '../../common/http'
import type { Setup } from '../../common/api'

/** What the project asks for (agreements, form, materials): fetched once per visit and slug. */
export const useSetup = defineStore('setup', () => {
  const data = shallowRef<Setup | null>(null)
  let slug = ''
  async function ensure(wanted: string): Promise<Setup> {
    if (slug !== wanted || !data.value) {
      data.value = await http.get<Setup>(`/${wanted}/api/new/setup`)
      slug = wanted
    }
    return data.value
  }
  return { data, ensure }
})
