// SPDX-License-Identifier: Apache-2.0
// What was searched, and found. It is kept here and not in the address, which stays in the browser's history: it may be a telephone or
// ID number.
import { ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { http, type Posted } from '../common/http'

export const useSearch = defineStore('search', () => {
  const typed = ref('')
  const found = shallowRef<Posted<'/desk/api/review/search'> | null>(null)
  async function search(words: string) {
    typed.value = words
    found.value = null
    found.value = await http.post('/desk/api/review/search', {}, { typed: words })
  }
  return { typed, found, search }
})
