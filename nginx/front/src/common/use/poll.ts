// SPDX-License-Identifier: Apache-2.0
// Asking the server again and again.
import { onScopeDispose, ref } from 'vue'

/**
 * Calls `ask` again and again until it returns true. It goes on when a call fails: then the pause grows up to ten seconds, and
 * `failing` is true. With `visible` it rests while nobody can see the page.
 */
export function usePoll(ask: () => Promise<boolean>, pause = 2000, { visible = false } = {}) {
  const failing = ref(false)
  let timer = 0
  let turn = 0
  let wait = pause
  let resting = false

  async function round(mine: number) {
    resting = visible && document.visibilityState === 'hidden'
    if (resting) return
    let enough = false
    try {
      enough = await ask()
      failing.value = false
      wait = pause
    } catch {
      failing.value = true
      wait = Math.min(wait * 1.5, Math.max(pause, 10000))
    }
    if (mine === turn && !enough) timer = window.setTimeout(() => void round(mine), wait)
  }
  const seen = () => {
    if (resting) void round(turn)
  }
  function stop() {
    turn++
    resting = false
    window.clearTimeout(timer)
  }
  function start() {
    stop()
    wait = pause
    void round(turn)
  }
  document.addEventListener('visibilitychange', seen)
  onScopeDispose(() => {
    stop()
    document.removeEventListener('visibilitychange', seen)
  })
  return { start, stop, failing }
}
