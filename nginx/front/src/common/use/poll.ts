// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref } from 'vue'

/**
 * Asks again and again until the callback says it has seen enough (returns true). A lost connection does not end it:
 * the pause grows to ten seconds and `failing` lets the page say so.
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
