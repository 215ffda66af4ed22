// SPDX-License-Identifier: Apache-2.0
// The report as tables for a person.

const whole = (n) => (n === undefined ? '' : n.toFixed(0))
const ms = (us) => (us / 1000).toFixed(us < 10000 ? 2 : 0)

function line(title, by, connections, m) {
  const cpu = m.cpu_us
  const cells = [title.padEnd(20), by.padEnd(9), String(connections).padStart(5), whole(m.rate).padStart(8), ms(m.p50_us).padStart(8), ms(m.p99_us).padStart(8),
    whole(cpu.nginx).padStart(7), whole(cpu.module).padStart(7), whole(cpu.postgresql).padStart(7),
    m.refused === undefined ? '' : String(m.refused).padStart(8), m.lost === undefined ? '' : String(m.lost).padStart(6), m.busy === undefined ? '' : m.busy.toFixed(2).padStart(5)]
  console.log(cells.join(' ').trimEnd())
}

function printRow(row, connections) {
  for (const by of ['hall', 'php', 'fastify']) for (const [n, m] of Object.entries(row[by] ?? {})) line(row.title, by, n, m)
  if (row.pgbench) line(row.title, 'pgbench', connections, row.pgbench)
  if (row.database) line(row.title, 'database', 1, row.database)
}

function printCertificate(c) {
  console.log(`\na whole certificate: ${c.database_ms.toFixed(0)} ms of database CPU (${c.walked} walked, ${c.seconds.toFixed(1)} s each; idle ${c.idle_ms_per_second.toFixed(1)} ms a second, taken off)`)
  console.log(c.roles.map((r) => `${r.role} ${r.ms.toFixed(0)}`).join(', '))
  for (const d of c.dearest ?? []) console.log(`${String(d.ms).padStart(9)} ms ${String(d.calls).padStart(6)} times  ${d.role.padEnd(9)} ${d.statement}`)
}

function printFlood(f) {
  for (const p of f.probes) for (const by of ['calm', 'flood']) line(p.title, by, f.connections, p[by])
  console.log(`the flood, ${f.rate} log-ins a second, was answered: ${Object.entries(f.guesses).map(([status, n]) => `${n} times ${status}`).join(', ')}`)
}

export function print({ machine, software, hall, measured, figures }) {
  console.log(`${machine.cores} × ${machine.cpu}, ${machine.memory_gib} GiB; ${Object.entries(software).map(([k, v]) => `${k} ${v}`).join(', ')}`)
  console.log(`${hall.orders} orders; ${hall.connections} connections to the database for module, pgbench and Fastify, ${hall.threads} for PHP-FPM\n`)
  console.log(`${'row'.padEnd(20)} ${'by'.padEnd(9)}  conn  per s    median     p99  CPU µs: nginx module  postgres  refused  lost  busy`)
  const { certificate, flood, select, ...rows } = measured
  for (const row of Object.values(rows)) printRow(row, hall.connections)
  if (select) line('one row by its key', 'pgbench', hall.connections, select)
  if (flood) printFlood(flood)
  if (certificate) printCertificate(certificate)
  console.log()
  for (const f of figures) {
    const bound = f.least !== undefined ? `at least ${f.least}` : f.most !== undefined ? `at most ${f.most}` : ''
    console.log(`${f.name.padEnd(46)} ${f.value.toFixed(f.value < 10 ? 2 : 0).padStart(8)}   ${bound.padEnd(16)} ${f.reached === undefined ? '' : f.reached ? 'reached' : 'not reached'}`.trimEnd())
  }
}
