// SPDX-License-Identifier: Apache-2.0
// Measures how long others wait during a flood of log-ins by password: the same few requests, with and without the flood in turn.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { URL_BASE, processes } from './hall.mjs'
import { load } from './load.mjs'

const RATE = 100 // log-ins a second, ten times what two processes can compute
const CONNECTIONS = 2 // of those who wait: people at work, not another load
const PROBES = [
  { name: 'same', title: 'own session', module: 'gate', path: '/hall/api/gate/session' },
  { name: 'other', title: 'desk queue', module: 'review', path: '/desk/api/review/orders' },
]

/** Runs `act` during the flood, and returns how the log-ins were answered. */
async function flooded(phone, act) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('guess.mjs', import.meta.url)), URL_BASE, String(RATE), phone], { stdio: ['ignore', 'pipe', 'inherit'] })
  let told = ''
  child.stdout.on('data', (d) => { told += d })
  try {
    await sleep(1000) // until the queue is full
    return { ...(await act()), guesses: async () => JSON.parse(told) }
  } finally {
    child.kill()
    await once(child, 'close')
  }
}

/**
 * `interleaved`: runs contenders in turn and gives the median of each. `visitors`: one for each probe's module; `victim`: the phone of
 * an account, which the flood tries.
 */
export async function floodCost({ interleaved, seconds, folder, visitors, victim }) {
  const guesses = {}
  const contenders = {}
  for (const { name, module, path } of PROBES) {
    const ask = async () => load({
      origin: URL_BASE, connections: CONNECTIONS, seconds, folder, roots: processes(module),
      requests: [visitors[name], visitors[name]].map((v) => ({ method: 'GET', path, headers: v.cookie() })),
    })
    contenders[`${name} calm`] = ask
    contenders[`${name} flood`] = async () => {
      const { guesses: said, ...m } = await flooded(victim, ask)
      for (const [status, n] of Object.entries(await said())) guesses[status] = (guesses[status] ?? 0) + n
      return m
    }
  }
  const results = await interleaved(contenders)
  return {
    rate: RATE, connections: CONNECTIONS, guesses,
    probes: PROBES.map(({ name, title }) => ({ name, title, calm: results[`${name} calm`], flood: results[`${name} flood`] })),
  }
}
