// SPDX-License-Identifier: Apache-2.0
// The rows that are measured over HTTP, each with the module that answers, the people who ask, and the request of one of them. The
// statements of the first two people are captured. Uploads are last, since the runner checks the papers afterwards.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bmp } from '../../tests/lib/hall.mjs'
import { URL_BASE, rowsOf, run } from './hall.mjs'
import { SLUG, clerk, drafters, owners, printed, saveBody, settled, unlimited } from './people.mjs'

const DRAFTS = 96 // more than connections: an order is saved by one at a time
const ORDERS = 1000

/** Makes things that several rows need once. */
const made = {}
const once = (name, make) => (made[name] ??= make())
const drafts = () => once('drafts', () => drafters(DRAFTS))
const readers = async () => { await drafts(); return once('readers', () => owners(ORDERS)) }
const staff = (role) => () => once(role, async () => [await clerk(role), await clerk(role)])

const get = (path) => (v) => ({ method: 'GET', path: typeof path === 'function' ? path(v) : path, headers: v.cookie() })

function ocspRequest(ca, serial) {
  const dir = mkdtempSync(join(tmpdir(), 'certhall-bench-'))
  run('curl', ['-sf', '-o', `${dir}/ca.pem`, `${URL_BASE}/crl/ca-${ca}.cer.pem`])
  run('openssl', ['ocsp', '-issuer', `${dir}/ca.pem`, '-serial', `0x${serial}`, '-no_nonce', '-reqout', `${dir}/request`], { stdio: 'pipe' })
  const der = readFileSync(`${dir}/request`)
  rmSync(dir, { recursive: true })
  return encodeURIComponent(der.toString('base64'))
}

/** Certificates with a status, and one that does not exist. */
function certificates() {
  const rows = rowsOf('SELECT ca, serial FROM hall.ocsp_response WHERE der IS NOT NULL LIMIT 50')
  while (rows.length < 2) rows.push(['sm2', randomBytes(8).toString('hex').toUpperCase()])
  return rows.map(([ca, serial]) => ({ facts: { ca, serial, request: '' }, path: `/ocsp/${ocspRequest(ca, serial)}`, cookie: () => ({}) }))
}

/** A picture of just 2 MiB. */
function scan(folder) {
  const file = `${folder}/scan.bmp`
  writeFileSync(file, Buffer.concat([bmp(830, 836), randomBytes(2 << 20)]).subarray(0, 2 << 20))
  return file
}

export const ROWS = [
  { name: 'read', title: 'order read', module: 'orders', peers: true, people: readers, request: get((v) => `/${SLUG}/api/orders/${v.facts.order}`) },
  {
    name: 'save', title: 'form save', module: 'new', peers: true, versioned: true,
    people: async () => settled(await drafts()),
    request: (v) => ({
      method: 'PUT', path: `/${SLUG}/api/new/orders/${v.facts.order}/form`, headers: { ...v.headers(), 'content-type': 'application/json' },
      body: saveBody(), order: v.facts.order, version: v.facts.version,
    }),
  },
  { name: 'list', title: 'personal centre', module: 'orders', people: readers, request: get(`/${SLUG}/api/orders`) },
  { name: 'queue', title: 'desk queue', module: 'review', people: staff('reviewer'), request: get('/desk/api/review/orders') },
  { name: 'money', title: 'finance\'s list', module: 'finance', people: staff('finance'), request: get('/desk/api/finance/money') },
  {
    name: 'search', title: 'certificate search', module: 'registry',
    people: async () => {
      const [a, b] = await staff('reviewer')()
      return (await readers()).map((o, i) => Object.assign(Object.create([a, b][i % 2]), { facts: { ...[a, b][i % 2].facts, number: o.facts.number } }))
    },
    request: get((v) => `/desk/api/registry/certificates?number=${v.facts.number}`),
  },
  { name: 'ocsp', title: 'OCSP by GET', module: 'status', people: async () => certificates(), request: get((v) => v.path) },
  { name: 'report', title: 'report of 30 days', module: 'office', people: staff('admin'), request: get('/desk/api/office/reports/orders') },
  {
    name: 'upload', title: 'upload of 2 MiB', module: 'paper', people: async () => unlimited(await printed(await drafts())), seconds: 1, direct: false, // each upload has an id and a key of its own, which pgbench has not
    request: (v, folder) => ({
      method: 'PUT', path: `/${SLUG}/api/paper/orders/${v.facts.order}/form?name=scan.bmp`, headers: { ...v.headers(), 'content-type': 'image/bmp' },
      file: once('scan', () => scan(folder)),
    }),
  },
]
