// SPDX-License-Identifier: Apache-2.0
// Kills programs of one hall with signal 9, in an order that follows from a seed. Between two kills the hall has answered some requests,
// so that on a slow machine, where it takes long to come back, the work goes on as well.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { STATE } from '../lib/hall.mjs'

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function dice(seed) {
  let s = seed >>> 0
  return () => {
    s = (s + 0x6d2b79f5) >>> 0
    let t = Math.imul(s ^ (s >>> 15), s | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

function lines(file) {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}

/** Processes of this hall that run a program of its own. */
export function running(program) {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '') === `${STATE}/bin/certhall-${program}`
    } catch {
      return false
    }
  }).map(Number)
}

export const postmaster = () => lines(`${STATE}/pg/postmaster.pid`).slice(0, 1).map(Number)

/** Processes of PostgreSQL that serve a client. */
export function backends() {
  const [pid] = postmaster()
  const children = lines(`/proc/${pid}/task/${pid}/children`).join(' ').trim().split(' ')
  return children.filter((child) => /^postgres: certhall_/.test(lines(`/proc/${child}/cmdline`).join(''))).map(Number)
}

/** The programs to kill, with their shares, and how to find their processes. */
const TARGETS = [
  ['runner', 4, () => running('runner')],
  ['module', 4, (pick) => running(pick(['gate', 'new', 'orders', 'paper', 'identity', 'pay', 'finauth', 'review', 'produce', 'finance']))],
  ['backend', 3, backends],
  ['postmaster', 1, postmaster],
  ['sandbox', 3, () => running('sandbox')],
  ['sandbox-clock', 2, () => running('sandbox-clock')],
  ['signer', 1, () => running('signer')],
]

export class Saboteur {
  kills = {}
  on = true

  /** `answers.n` counts the requests that the hall has answered. */
  constructor(seed, answers) {
    this.random = dice(seed)
    this.answers = answers
    this.work = this.run()
  }

  between(from, to) {
    return from + this.random() * (to - from)
  }

  /** Waits for some answers, and then a moment, so that kills do not always come right behind one. */
  async moment() {
    const enough = this.answers.n + this.between(5, 40)
    while (this.on && this.answers.n < enough) await sleep(50)
    await sleep(this.between(100, 1000))
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)]
  }

  async run() {
    const pot = TARGETS.flatMap(([name, weight, find]) => Array(weight).fill([name, find]))
    while (this.on) {
      await this.moment()
      const [name, find] = this.pick(pot)
      const pid = this.pick(find((l) => this.pick(l)))
      if (this.on && pid) this.kill(name, pid)
    }
  }

  kill(name, pid) {
    try {
      process.kill(pid, 'SIGKILL')
      this.kills[name] = (this.kills[name] ?? 0) + 1
    } catch (e) {
      if (e.code !== 'ESRCH') throw e // it has ended by itself
    }
  }

  async stop() {
    this.on = false
    await this.work
  }
}
