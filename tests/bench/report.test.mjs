// SPDX-License-Identifier: Apache-2.0
// The report of ./certhall bench has every row, and every row was answered. Speed is not asserted.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { FIGURES } from '../../tools/bench/figures.mjs'

const report = JSON.parse(readFileSync(process.env.CERTHALL_BENCH_JSON, 'utf8'))
const { measured } = report

const answered = (m) => {
  assert.ok(m.rate > 0 && m.p50_us > 0 && m.p99_us >= m.p50_us, JSON.stringify(m))
  for (const [what, us] of Object.entries(m.cpu_us)) assert.ok(us >= 0, what)
}

describe('each row over HTTP, at both numbers of connections', () => {
  for (const name of ['read', 'save', 'list', 'queue', 'money', 'search', 'upload', 'ocsp', 'report']) {
    test(`${name}: answers, nothing refused`, () => {
      for (const level of [16, 64]) {
        answered(measured[name].hall[level])
        assert.equal(measured[name].hall[level].refused, 0)
        assert.deepEqual(Object.keys(measured[name].hall[level].cpu_us), ['nginx', 'module', 'postgresql'])
      }
    })
  }
})

describe('beside them', () => {
  for (const name of ['read', 'save', 'list', 'queue', 'money', 'search', 'ocsp', 'report'])
    test(`${name}: the same statements by pgbench`, () => {
      assert.ok(measured[name].statements.flat().length > 0)
      for (const direct of [measured[name].pgbench, measured[name].database]) {
        answered(direct)
        assert.equal(direct.failed, 0)
      }
    })
  for (const name of ['read', 'save'])
    for (const peer of ['php', 'fastify'])
      test(`${name}: ${peer}`, () => {
        for (const level of [16, 64]) {
          answered(measured[name][peer][level])
          assert.equal(measured[name][peer][level].refused, 0)
        }
      })
  test('one row by its key', () => answered(measured.select))
})

test('requests of two modules without and with a flood of log-ins', () => {
  const { probes, guesses } = measured.flood
  for (const { calm, flood } of probes) {
    for (const m of [calm, flood]) {
      answered(m)
      assert.equal(m.refused, 0)
    }
  }
  assert.ok(guesses[422] > 0)
})

test('a whole certificate, by role', () => {
  assert.ok(measured.certificate.database_ms > 0)
  assert.ok(measured.certificate.roles.some((r) => r.role === 'orders'))
})

test('every figure has a value; machine and versions stand beside them', () => {
  assert.deepEqual(report.figures.map((f) => f.name), FIGURES.map((f) => f.name))
  for (const key of ['postgresql', 'nginx', 'node', 'wrk', 'php', 'fastify', 'pg']) assert.ok(report.software[key], key)
  assert.ok(report.machine.cores > 0)
})
