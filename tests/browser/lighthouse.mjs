// SPDX-License-Identifier: Apache-2.0
// What Lighthouse says of the pages on a phone: the median of five runs of each. By hand, since its numbers depend on how busy the machine
// is, and since the package is no dependency of the hall:
//
//   npm install --ignore-scripts --prefix DIRECTORY lighthouse
//   LIGHTHOUSE=DIRECTORY node lighthouse.mjs [RUNS]     in tests/browser, against a hall with the sandbox (CERTHALL_URL, CERTHALL_STATE)
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Applicant, URL_BASE, eventually, person, submitted } from '../lib/hall.mjs'
import { FLAGS } from './lib.mjs'

const at = join(process.env.LIGHTHOUSE ?? '.', 'node_modules/lighthouse/core/index.js')
const { default: lighthouse } = await import(pathToFileURL(at).href)
const runs = Number(process.argv[2] ?? 5)
const audits = { 'interactive ms': 'interactive', 'LCP ms': 'largest-contentful-paint', 'TBT ms': 'total-blocking-time', 'FCP ms': 'first-contentful-paint' }
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
const cookies = ({ cookies: all }) => ({ Cookie: [...all].map(([name, value]) => `${name}=${value}`).join('; ') })

async function pages() {
  const drafting = new Applicant('szjsgws')
  await drafting.loginSms((await person()).mobile)
  await drafting.draft()
  const { a } = await submitted('szjsgws')
  return { home: ['/'], 'log-in': ['/szjsgws/login'], form: [`/szjsgws/orders/${drafting.order.id}/form`, cookies(drafting)],
    order: [`/szjsgws/orders/${a.order.id}`, cookies(a)] }
}

const folder = mkdtempSync(join(tmpdir(), 'lighthouse-'))
const chromium = spawn('/usr/bin/chromium', [...FLAGS, '--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank'], { stdio: 'ignore' })
try {
  const port = await eventually('the browser', () => {
    try { return Number(readFileSync(join(folder, 'DevToolsActivePort'), 'utf8').split('\n')[0]) } catch { return 0 }
  })
  const rows = {}
  for (const [name, [path, extraHeaders]] of Object.entries(await pages())) {
    const found = []
    while (found.length < runs) {
      const options = { port, extraHeaders, onlyCategories: ['performance', 'accessibility'], logLevel: 'error' }
      const { lhr } = await lighthouse(URL_BASE + path, options)
      if (lhr.runtimeError) throw new Error(`${name}: ${lhr.runtimeError.message}`)
      if (!lhr.finalDisplayedUrl.endsWith(path)) throw new Error(`${name}: ended at ${lhr.finalDisplayedUrl}`)
      found.push(lhr)
    }
    const of = (value) => median(found.map(value))
    rows[name] = Object.fromEntries([
      ...Object.entries(audits).map(([word, id]) => [word, Math.round(of((lhr) => lhr.audits[id].numericValue))]),
      ...['performance', 'accessibility'].map((id) => [id, Math.round(100 * of((lhr) => lhr.categories[id].score))]),
    ])
  }
  console.table(rows)
} finally {
  chromium.kill()
  await eventually('the end of the browser', () => chromium.exitCode !== null || chromium.signalCode !== null)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
