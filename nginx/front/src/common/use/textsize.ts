// SPDX-License-Identifier: Apache-2.0
// The size of the text, which visitors may enlarge. The browser remembers it.
import { ref } from 'vue'

const key = 'certhall.text-size'
const large = ref(false)

// The browser may forbid storage; then the choice is forgotten with the page.
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
