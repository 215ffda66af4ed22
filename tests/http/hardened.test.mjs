// SPDX-License-Identifier: Apache-2.0
// What every running program of the hall has given up, as the kernel tells it: new privileges, capabilities, core files, system
// calls that it does not need, debuggers, and the environment of whoever started it.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { describe, test } from 'node:test'
import { STATE } from './lib.mjs'

const AS_ROOT = process.getuid() === 0

/** Every process of this hall except the supervisor, which serves nobody: { pid, name, ours }. */
function processes() {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).flatMap((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      const ours = words[0].startsWith(`${STATE}/bin/certhall-`)
      if (ours) return [{ pid, name: words[0].replace(/.*certhall-/, ''), ours }]
      if (words[0].includes('nginx') && parentIs(pid, STATE)) return [{ pid, name: 'nginx', ours }]
      return /postgres/.test(words[0]) && parentIs(pid, `${STATE}/pg`) ? [{ pid, name: 'postgres', ours }] : []
    } catch {
      return [] // it has ended meanwhile
    }
  })
}

/** Whether the process or one above it names the folder in its command. */
function parentIs(pid, folder) {
  for (let at = pid; at > 1; at = statusOf(at).PPid)
    if (readFileSync(`/proc/${at}/cmdline`, 'utf8').split('\0').some((word) => word.includes(folder) && !/supervisord/.test(word))) return true
  return false
}

const statusOf = (pid) =>
  Object.fromEntries(readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n').map((line) => line.split(/:\s*/)))
/** A build with sanitizers keeps its system calls (core/base/harden.h). */
const sanitized = readFileSync(`${STATE}/bin/certhall-gate`).includes('__asan_init')

/** Calls `look` for every process; those that have ended meanwhile are left out. */
function all(which, look) {
  let n = 0
  for (const one of processes().filter(which)) {
    let seen
    try {
      seen = { ...one, status: statusOf(one.pid), limits: readFileSync(`/proc/${one.pid}/limits`, 'utf8') }
    } catch (e) {
      if (e.code === 'ENOENT' || e.code === 'ESRCH') continue
      throw e
    }
    look(seen)
    n++
  }
  return n
}
const any = () => true

describe('every process of the hall', () => {
  test('is found: modules, daemons, nginx and the database', () => {
    const names = new Set(processes().map((one) => one.name))
    const wanted = [...readFileSync(`${STATE}/supervisord.conf`, 'utf8').matchAll(/^\[(?:fcgi-)?program:([\w-]+)\]/gm)].map((found) => found[1])
    assert.ok(wanted.length > 20)
    for (const name of wanted) assert.ok(names.has(name === 'pg' ? 'postgres' : name), name)
  })

  test('cannot gain privileges, and has no capability', () => {
    all(any, ({ name, status }) => {
      assert.equal(status.NoNewPrivs, '1', name)
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) assert.match(status[set], /^0+$/, `${name} ${set}`)
      if (AS_ROOT) assert.match(status.CapBnd, /^0+$/, `${name} CapBnd`)
      if (AS_ROOT) assert.doesNotMatch(status.Uid, /\b0\b/, `${name} is not root`)
    })
  })

  test('leaves no core file', () => all(any, ({ name, limits }) => assert.match(limits, /^Max core file size +0 +0 /m, name)))
})

describe('every program of ours', () => {
  const ours = (one) => one.ours

  test('is held to a list of system calls', { skip: sanitized }, () =>
    all(ours, ({ name, status }) => assert.deepEqual([status.Seccomp, Number(status.Seccomp_filters) > 0], ['2', true], name)))

  test('has a limit of memory and of tasks', () =>
    all(ours, ({ name, limits }) => {
      if (!sanitized) assert.match(limits, /^Max data size +2147483648 +2147483648 /m, name)
      assert.match(limits, /^Max processes +\d+ +\d+ /m, name)
    }))

  test('cannot be looked into by a process of its user', () =>
    all(ours, ({ name, pid }) => assert.equal(statSync(`/proc/${pid}/status`).uid, 0, name)))

  test('has an environment of its own', { skip: !AS_ROOT }, () =>
    all(ours, ({ name, pid }) => {
      const keys = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean).map((pair) => pair.split('=')[0])
      const foreign = keys.filter((key) => !/^(CERTHALL_CONF|HOME|XDG_CACHE_HOME|LC_ALL|PATH|SUPERVISOR_\w+|[A-Z]+SAN_OPTIONS)$/.test(key))
      assert.deepEqual(foreign, [], name)
    }))

  test('holds no descriptor of the command that started it', { skip: !AS_ROOT }, () =>
    all(ours, ({ name, pid }) => {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        let to = ''
        try { to = readlinkSync(`/proc/${pid}/fd/${fd}`) } catch { continue }
        assert.ok(!to.endsWith('/lock') && !to.startsWith('/dev/pts'), `${name}: ${to}`)
      }
    }))
})
