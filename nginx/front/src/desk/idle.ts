// SPDX-License-Identifier: Apache-2.0
// A screen that was left: pages ask the server by themselves, so it cannot tell whether somebody is there. This can, for all the
// windows of a browser together.
const SEEN = 'desk-seen'
const LOOK = 10_000 // how often, in milliseconds

const now = () => Date.now()
const seen = () => Number(localStorage.getItem(SEEN)) || now()

/** Calls `left` when nobody has used mouse, keyboard or touch for `seconds`. Ends with the function that it returns. */
export function watchIdle(seconds: number, left: () => void): () => void {
  const here = () => localStorage.setItem(SEEN, String(now()))
  const late = () => now() - seen() >= seconds * 1000
  const signs = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const
  let noted = 0
  /** Somebody is there, but may have come too late: a computer that slept has run no timer. */
  const note = () => {
    if (now() - noted < LOOK) return
    noted = now()
    if (late()) left()
    else here()
  }
  const timer = window.setInterval(() => {
    if (late()) left()
  }, LOOK)
  here()
  for (const sign of signs) window.addEventListener(sign, note, { passive: true })
  return () => {
    window.clearInterval(timer)
    for (const sign of signs) window.removeEventListener(sign, note)
  }
}
