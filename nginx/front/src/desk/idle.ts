// SPDX-License-Identifier: Apache-2.0
// Finds out that nobody is at the screen any more. The server cannot, since pages ask it by themselves. All windows of a browser count
// together.
const SEEN = 'desk-seen'
const LOOK = 10_000 // how often, in milliseconds

const now = () => Date.now()
const seen = () => Number(localStorage.getItem(SEEN)) || now()

/** Calls `left` when nobody has used mouse, keyboard or touch for `seconds`. The function that it returns ends this. */
export function watchIdle(seconds: number, left: () => void): () => void {
  const here = () => localStorage.setItem(SEEN, String(now()))
  const late = () => now() - seen() >= seconds * 1000
  const signs = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const
  let noted = 0
  /** Notes that somebody is there. They may have come too late, as a computer that slept has run no timer. */
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
