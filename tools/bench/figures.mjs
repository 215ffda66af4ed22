// SPDX-License-Identifier: Apache-2.0
// The figures of docs/performance.md: how each is computed, and its bound. A figure whose rows were not measured is left out.

const front = (m) => m.cpu_us.nginx + m.cpu_us.module
const at64 = (row) => row.hall[64]

const BEFORE_CERTIFICATE_MS = 1814 // docs/performance.md, "before"

export const FIGURES = [
  { name: 'order read: database CPU, µs', most: 500, of: ({ read }) => at64(read).cpu_us.postgresql },
  { name: 'order read: CPU of nginx and module, µs', most: 200, of: ({ read }) => front(at64(read)) },
  { name: 'order read / pgbench, same pipeline', least: 0.6, of: ({ read }) => at64(read).rate / read.pgbench.rate },
  { name: 'order read / pgbench -S', least: 0.03, of: ({ read, select }) => at64(read).rate / select.rate },
  { name: 'order read / PHP-FPM, same statements', least: 1.5, of: ({ read }) => at64(read).rate / read.php[64].rate },
  { name: 'order read / Fastify, same statements', least: 1.5, of: ({ read }) => at64(read).rate / read.fastify[64].rate },
  { name: 'order read: p99 / median', most: 4, of: ({ read }) => at64(read).p99_us / at64(read).p50_us },
  { name: 'form save: database CPU, µs', most: 1500, of: ({ save }) => at64(save).cpu_us.postgresql },
  { name: 'form save: CPU of nginx and module, µs', most: 260, of: ({ save }) => front(at64(save)) },
  { name: 'form save / pgbench, same statements', least: 0.85, of: ({ save }) => at64(save).rate / save.pgbench.rate },
  { name: 'form save / PHP-FPM, same statements', of: ({ save }) => at64(save).rate / save.php[64].rate },
  { name: 'form save / Fastify, same statements', of: ({ save }) => at64(save).rate / save.fastify[64].rate },
  ...['list', 'queue', 'money', 'search'].flatMap((row) => [
    { name: `${row}: database time, median, ms`, most: 10, of: (m) => m[row].database.p50_us / 1000 },
    { name: `${row}: database time, p99, ms`, most: 30, of: (m) => m[row].database.p99_us / 1000 },
  ]),
  ...['list', 'queue', 'ocsp', 'report'].map((row) => ({ name: `${row} / pgbench, same statements`, of: (m) => at64(m[row]).rate / m[row].pgbench.rate })),
  ...['same', 'other'].map((probe) => ({
    name: `flood of log-ins: p99 of ${probe === 'same' ? 'the same module' : 'another module'} / without`, most: 1.5,
    of: ({ flood }) => { const { calm, flood: under } = flood.probes.find((p) => p.name === probe); return under.p99_us / calm.p99_us },
  })),
  { name: 'a whole certificate: database CPU, ms', most: BEFORE_CERTIFICATE_MS / 5, of: ({ certificate }) => certificate.database_ms },
]

/** [{ name, value, least or most, reached }] of what was measured. */
export function figures(measured) {
  return FIGURES.flatMap(({ name, of, least, most }) => {
    let value
    try { value = of(measured) } catch { return [] }
    if (!Number.isFinite(value)) return []
    const bound = least ?? most
    return [{ name, value, least, most, reached: bound === undefined ? undefined : least === undefined ? value <= most : value >= least }]
  })
}
