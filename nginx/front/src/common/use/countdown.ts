// SPDX-License-Identifier: Apache-2.0
// Seconds that are counted down.
import { onScopeDispose, ref } from 'vue'

/** The seconds left. They are computed from the clock, so that a sleeping tab is right afterwards. */
export function useCountdown() {
  const left = ref(0)
  let timer = 0
  function stop() {
    window.clearInterval(timer)
    left.value = 0
  }
  function start(seconds: number) {
    stop()
    const end = Date.now() + seconds * 1000
    const tick = () => {
      left.value = Math.max(0, Math.ceil((end - Date.now()) / 1000))
      if (left.value === 0) window.clearInterval(timer)
    }
    tick()
    timer = window.setInterval(tick, 500)
  }
  const until = (iso: string) => start((new Date(iso).getTime() - Date.now()) / 1000)
  onScopeDispose(stop)
  return { left, start, until, stop }
}

const two = (n: number) => String(n).padStart(2, '0')
/** 4:05, or 23:04:05 from an hour on. */
export const minutes = (seconds: number) =>
  seconds < 3600
    ? `${Math.floor(seconds / 60)}:${two(seconds % 60)}`
    : `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
