// SPDX-License-Identifier: Apache-2.0
// Reading an order and saving a form in Fastify with pg: two processes, with the captured statements prepared and sent one after the
// other. Unlike the module, it checks neither the rules of the form nor the CSRF token.
import cluster from 'node:cluster'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fastify from 'fastify'
import pg from 'pg'
import { order } from './order.mjs'
import { project } from './project.mjs'
import { encrypt } from './ring.mjs'

const PROCESSES = 2
const { BENCH_STATEMENTS, BENCH_SOCKET, BENCH_CONNECTIONS, BENCH_PG } = process.env
const statements = JSON.parse(readFileSync(BENCH_STATEMENTS, 'utf8'))
const pools = {}
/** Each module has a role of its own. */
const poolOf = (what) =>
  (pools[what] ??= new pg.Pool({ host: BENCH_PG, database: 'certhall', user: statements[what].role, max: Number(BENCH_CONNECTIONS) / PROCESSES }))

/** The answers of the statements by their names. Statements of one round trip are one transaction. */
async function ask(what, facts) {
  const client = await poolOf(what).connect(), rows = {}
  try {
    for (const trip of statements[what].trips) {
      const several = trip.statements.length > 1
      if (several) await client.query('BEGIN')
      for (const s of trip.statements) {
        const values = s.params.map((p) => (p.fact ? facts[p.fact] : p.value))
        rows[s.name] = (await client.query({ name: s.name, text: s.sql, values })).rows
        facts.account ??= rows[s.name][0]?.who // whose session it is, as hall.enter says
      }
      if (several) await client.query('COMMIT')
    }
  } catch (e) {
    client.release(e)
    throw e
  }
  client.release()
  return rows
}

async function readProject(what, slug) {
  const { name, sql: text } = statements[what].project
  const { rows } = await poolOf(what).query({ name, text, values: [slug] })
  return JSON.parse(rows[0].out)
}

async function answer(what, req, facts) {
  const rows = await ask(what, facts)
  return order(rows, req.params.id, await project(req.params.slug, () => readProject(what, req.params.slug)))
}

const factsOf = (req) => ({
  order: req.params.id,
  session: createHash('sha256').update(req.headers.cookie.match(/=([\w-]{43})/)[1]).digest(),
  request: req.headers['x-request-id'],
})

async function serve() {
  const app = fastify()
  app.addHook('onRequest', async (req, reply) => { reply.header('cache-control', 'no-store') })
  app.get('/:slug/api/orders/:id', async (req) => answer('read', req, factsOf(req)))
  app.put('/:slug/api/new/orders/:id/form', async (req) => {
    const { version, form } = req.body
    return answer('save', req, { ...factsOf(req), version, encrypted: encrypt('order.form', req.params.id, JSON.stringify(form)) })
  })
  await app.listen({ path: BENCH_SOCKET })
}

if (cluster.isPrimary) {
  for (let i = 0; i < PROCESSES; i++) cluster.fork()
} else {
  await serve()
}
