// SPDX-License-Identifier: Apache-2.0
// Asking the server again and again.
import { onScopeDispose, ref } from 'vue'

/**
 * Calls `ask` again and again until it returns true. It goes on when a call fails: then the pause grows up to ten seconds, and
 * `failing` is true.
 */
export function usePoll(ask: () => Promise<boolean>, pause = 2000) {
  const failing = ref(false)
  let timer = 0
  let turn = 0
  let wait = pause

  async function round(mine: number) {
    let enough = false
    try {
      enough = await ask()
      failing.value = false
      wait = pause
    } catch {
      failing.value = true
      wait = Math.min(wait * 1.5, 10000)
    }
    if (mine === turn && !enough) timer = window.setTimeout(() => void round(mine), wait)
  }
  function stop() {
    turn++
    window.clearTimeout(timer)
  }
  function start() {
    stop()
    wait = pause
    void round(turn)
  }
  onScopeDispose(stop)
  return { start, stop, failing }
}
