// SPDX-License-Identifier: Apache-2.0
// The tray: decisions that a person has laid aside, to sign them together. The server keeps it; every page shows how many there are.
import { computed, reactive } from 'vue'
import { defineStore } from 'pinia'
import { http } from '../common/http'
import { useDesk } from './session'

export const useTray = defineStore('tray', () => {
  const desk = useDesk()
  const counts = reactive({ approve: 0, produce: 0 })
  const count = computed(() => counts.approve + counts.produce)

  /** Reads the number. A failure is not shown, since the next action asks again. */
  async function load() {
    const none = { count: 0 }
    const [approve, produce] = await Promise.all([
      desk.has('reviewer') ? http.get('/desk/api/review/tray', {}, { quiet: true }).catch(() => none) : none,
      desk.makes ? http.get('/desk/api/produce/tray', {}, { quiet: true }).catch(() => none) : none,
    ])
    Object.assign(counts, { approve: approve.count, produce: produce.count })
  }
  return { counts, count, load }
})
