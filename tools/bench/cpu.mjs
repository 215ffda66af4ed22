// SPDX-License-Identifier: Apache-2.0
// CPU time, user and system, of sets of processes, in microseconds, from /proc. Living threads are counted by schedstat, to the
// nanosecond; processes that have ended meanwhile by what their parent has inherited of them, to the clock tick.
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

const TICK_US = 1e6 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

const attempt = (f, otherwise) => { try { return f() } catch { return otherwise } }
const numbers = (dir) => attempt(() => readdirSync(dir), []).filter((n) => /^\d+$/.test(n))

/** The columns behind the name in /proc/PID/stat: state, parent, … */
const stat = (pid) => attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' '), null)

function ofLiving(pid) {
  let ns = 0
  for (const task of numbers(`/proc/${pid}/task`))
    ns += attempt(() => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]), 0)
  return ns / 1000
}

/** These processes and all below them. */
export function family(roots) {
  const children = new Map()
  for (const pid of numbers('/proc')) {
    const parent = stat(pid)?.[1]
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const all = []
  for (const todo = roots.map(String); todo.length;) {
    const pid = todo.pop()
    all.push(pid)
    todo.push(...(children.get(pid) ?? []))
  }
  return all
}

/** Microseconds that these processes and all below them have used until now. */
export function used(roots) {
  let us = 0
  for (const pid of family(roots)) {
    us += ofLiving(pid)
    const s = stat(pid)
    if (s) us += (Number(s[13]) + Number(s[14])) * TICK_US // cutime, cstime
  }
  return us
}

/** The same for several sets at once: { name: [pid…] } becomes { name: µs }. */
export const usedBy = (sets) => Object.fromEntries(Object.entries(sets).map(([name, roots]) => [name, used(roots)]))

/** What each set has used since `before`. */
export const since = (before, sets) =>
  Object.fromEntries(Object.entries(usedBy(sets)).map(([name, us]) => [name, us - before[name]]))
