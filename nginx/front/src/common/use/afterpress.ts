// SPDX-License-Identifier: Apache-2.0
// A press of the mouse or a finger takes the focus from a field before the click arrives. What the page does about the field that
// was left may move what the person is aiming at, and the click would miss it: it waits until the click is through.
let pressed = false
const waiting: (() => void)[] = []

function release() {
  pressed = false
  for (const work of waiting.splice(0)) work()
}
document.addEventListener('mousedown', () => (pressed = true), true)
// The click follows the release of the button in the same task. A menu or a drag may swallow the release.
for (const end of ['mouseup', 'dragend', 'contextmenu', 'keydown']) document.addEventListener(end, () => window.setTimeout(release), true)

/** Does it now, or when the press that is going on is over. */
export function afterPress(work: () => void) {
  if (pressed) waiting.push(work)
  else work()
}
