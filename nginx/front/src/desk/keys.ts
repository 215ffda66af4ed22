// SPDX-License-Identifier: Apache-2.0
// Single keys that do something on a page. They are silent while somebody types, and can be switched off, as they must be for people
// who speak to their computer (WCAG 2.1.4).
import { onBeforeUnmount, onMounted, reactive, ref } from 'vue'

export interface Key {
  key: string
  what: string
  run: () => void
}

const OFF = 'desk-keys-off'
export const keysOn = ref(localStorage.getItem(OFF) === null)
export function switchKeys(on: boolean) {
  keysOn.value = on
  if (on) localStorage.removeItem(OFF)
  else localStorage.setItem(OFF, '1')
}

/** The keys of what is on the screen: those of the frame, then those of the page, which has others. */
export const keys = reactive<Key[]>([])

/** The keys do something as long as the component is there. */
export function useKeys(...mine: Key[]) {
  onMounted(() => keys.push(...mine))
  onBeforeUnmount(() => {
    for (const one of mine) keys.splice(keys.indexOf(one), 1)
  })
}

const types = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input:not([type=checkbox], [type=radio]), textarea, select'))
/** What is asked in a dialog is answered first. */
const asked = () => [...document.querySelectorAll('[role=dialog], dialog[open]')].some((one) => one.getClientRects().length > 0)

window.addEventListener('keydown', (event) => {
  if (!keysOn.value || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || types(event.target) || asked()) return
  const pressed = keys.find((one) => one.key === event.key)
  if (!pressed) return
  event.preventDefault()
  pressed.run()
})
