// SPDX-License-Identifier: Apache-2.0
import { ref } from 'vue'

const key = 'certhall.text-size'
const large = ref(false)

// Storage may be forbidden by the browser; the switch then lasts for this page only.
function stored(): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
function store(value: string) {
  try {
    localStorage.setItem(key, value)
  } catch {
    /* see above */
  }
}
function show() {
  document.documentElement.dataset.size = large.value ? 'large' : 'normal'
}

export function applyTextSize() {
  large.value = stored() === 'large'
  show()
}
export function useTextSize() {
  function toggle() {
    large.value = !large.value
    store(large.value ? 'large' : 'normal')
    show()
  }
  return { large, toggle }
}
