// SPDX-License-Identifier: Apache-2.0
// What changes by itself, for those who do not see it. A screen reader says what changes within a region that it knows, but not the
// first words of one that comes with them, nor that a page has given way to another: both are said here, in a region that is always there.
import { nextTick } from 'vue'
import { START_LOCATION, type Router } from 'vue-router'

// It has a closed tree of its own: whoever searches the page finds each text once.
const host = document.createElement('div')
const region = document.createElement('div')
host.className = 'visually-hidden'
region.setAttribute('role', 'status')
host.attachShadow({ mode: 'closed' }).append(region)
let waiting: string[] = []

function say(text: string) {
  if (!waiting.length)
    window.setTimeout(() => {
      region.textContent = waiting.join('。')
      waiting = []
    }, 100)
  region.textContent = ''
  waiting.push(text)
}

/** An element that came alone is news; one that came with its page is read with it. */
function listen(changes: MutationRecord[]) {
  for (const { target, addedNodes } of changes)
    for (const node of addedNodes) {
      const news = node instanceof HTMLElement && node.matches('[role="status"]')
      const known = target instanceof Element && target.closest('[role="status"], [role="alert"], [aria-live]')
      if (news && !known && node.innerText) say(node.innerText)
    }
}

/** Starts with the app. After a step to another page its title is said, and the keyboard goes on from its beginning. */
export function sayChanges(router?: Router) {
  document.body.append(host)
  new MutationObserver(listen).observe(document.body, { childList: true, subtree: true })
  router?.afterEach(async (to, from) => {
    if (from === START_LOCATION || to.path === from.path) return
    await nextTick()
    say(document.title)
    if (document.activeElement === document.body) document.getElementById('main')?.focus({ preventScroll: true })
  })
}
