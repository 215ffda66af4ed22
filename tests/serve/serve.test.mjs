// SPDX-License-Identifier: Apache-2.0
// The serve loop against peers that idle, stall and overrun it, over its own socket and through nginx. A healthy rate can
// hide starvation, so each test counts the requests that got no answer.
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { beginning, Connection, parameters } from './fastcgi.mjs'

const STATE = process.env.CERTHALL_STATE
const PORT = process.env.CERTHALL_PORT
const SOCKET = `${STATE}/run/fcgi/serve.sock`
const PROCESSES = 2
const PASSWORD_QUEUE = 6 // more than the setting `threads` has by default
const PARTS_PLACES = 4 // files in parts that a process sends at a time
const THREADS = 4 + PASSWORD_QUEUE + PARTS_PLACES
const STALL_MS = 5000

const hall = (...args) => execFileSync('tests/serve/hall', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
const up = (rate) =>
  execFileSync('tests/serve/hall', ['up'], {
    env: { ...process.env, CERTHALL_RATE: rate, SERVE_SETTINGS: `password_queue = ${PASSWORD_QUEUE}` }, stdio: 'inherit',
  })
const hallLater = (...args) =>
  new Promise((done) => spawn('tests/serve/hall', args, { stdio: ['ignore', 'ignore', 'inherit'] }).on('exit', done))

const echo = (text) => ({ path: '/hall/api/serve/echo', query: `text=${text}` })
const slow = (ms) => ({ path: '/hall/api/serve/slow', query: `ms=${ms}` })
const post = (bytes) => ({ method: 'POST', path: '/hall/api/serve/echo', type: 'application/octet-stream', body: Buffer.alloc(bytes, 'x') })
const times = (n, f) => Array.from({ length: n }, (_, i) => f(i))

// Sends each request on its own connection, and returns how many got no right answer, and why.
async function unanswered(asked, options) {
  const results = await Promise.allSettled(asked.map(async (a) => {
    const c = await Connection.open(SOCKET)
    try {
      const r = await c.ask(a, options)
      assert.equal(r.status, 200)
    } finally {
      c.close()
    }
  }))
  const failed = results.filter((r) => r.status === 'rejected')
  if (failed.length > 0) console.error(`${failed.length} of ${asked.length}: ${failed[0].reason}`)
  return failed.length
}

// Through nginx, on kept connections.
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
function fetched(path, { method = 'GET', body, headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const r = http.request({ host: '127.0.0.1', port: PORT, path, method, agent, headers, timeout: 15000 }, (res) => {
      const parts = []
      res.on('data', (d) => parts.push(d))
      res.on('end', () => resolve({ status: res.statusCode, headers: res.headers, text: Buffer.concat(parts).toString() }))
      res.on('error', reject)
    })
    r.on('error', reject)
    r.on('timeout', () => r.destroy(new Error('no answer')))
    r.end(body)
  })
}

before(() => up('100000'))
after(() => {
  agent.destroy()
  hall('down')
})

test('a connection given to libfcgi by hand serves one request after the other', async () => {
  const c = await Connection.open(SOCKET)
  const pids = new Set()
  for (let i = 0; i < 200; i++) {
    const r = await c.ask(echo(`n${i}`))
    assert.equal(r.json().text, `n${i}`)
    pids.add(r.json().pid)
  }
  assert.equal(pids.size, 1)
  assert.equal(c.closed, false)
  c.close()
})

test('a connection that is not to be kept is closed after its answer', async () => {
  const c = await Connection.open(SOCKET)
  const r = await c.ask(echo('last'), { keep: false })
  assert.equal(r.json().text, 'last')
  for (let i = 0; i < 30 && !c.closed; i++) await sleep(100)
  assert.equal(c.closed, true)
})

test('two kept connections used in turn', async () => {
  const [a, b] = await Promise.all([Connection.open(SOCKET), Connection.open(SOCKET)])
  for (let i = 0; i < 50; i++)
    for (const c of [a, b]) assert.equal((await c.ask(echo(i))).json().text, String(i))
  a.close()
  b.close()
})

test('64 idle kept connections starve nobody', async () => {
  const idle = await Promise.all(times(64, () => Connection.open(SOCKET)))
  await Promise.all(idle.map((c) => c.ask(echo('first'))))
  assert.equal(await unanswered(times(256, echo), { ms: 60000 }), 0)
  const again = await Promise.allSettled(idle.map((c) => c.ask(echo('again'))))
  assert.equal(again.filter((r) => r.status === 'rejected').length, 0)
  idle.forEach((c) => c.close())
})

test('64 silent peers starve nobody', async () => {
  const silent = await Promise.all(times(64, () => Connection.open(SOCKET)))
  assert.equal(await unanswered(times(256, echo), { ms: 60000 }), 0)
  assert.equal(silent.filter((c) => c.closed).length, 0, 'none waits for a silent one, until it is dropped')
  silent.forEach((c) => c.close())
})

// A request that stops in the middle of its parameters.
async function stall() {
  const c = await Connection.open(SOCKET)
  const cut = parameters(echo('never')).subarray(0, 20)
  const head = Buffer.from([1, 4, 0, 1, 1, 0, 0, 0]) // announces 256 bytes
  c.send(Buffer.concat([beginning(true), head, cut]))
  return c
}

test('peers that stall inside PARAMS leave the other threads free', async () => {
  const stalled = await Promise.all(times(THREADS - 1, stall))
  await sleep(100)
  assert.equal(await unanswered(times(128, echo), { ms: 3000 }), 0)
  for (let i = 0; i < 600 && stalled.some((c) => !c.closed); i++) await sleep(100)
  assert.equal(stalled.filter((c) => !c.closed).length, 0, 'dropped after the time-out')
})

test('more stalled peers than threads are dropped, and whoever waited is answered', async () => {
  hall('stop', 'serve:serve_1')
  const stalled = await Promise.all(times(THREADS + 2, stall))
  await sleep(100)
  const began = Date.now()
  assert.equal(await unanswered(times(64, echo), { ms: 4 * STALL_MS }), 0)
  assert.ok(Date.now() - began > 1000, 'every thread was held')
  stalled.forEach((c) => c.close())
  hall('start', 'serve:serve_1')
})

test('a body that stops half way frees its thread', async () => {
  const c = await Connection.open(SOCKET)
  const params = parameters(post(900))
  c.send(Buffer.concat([beginning(true), Buffer.from([1, 4, 0, 1, params.length >> 8, params.length & 255, 0, 0]), params,
    Buffer.from([1, 4, 0, 1, 0, 0, 0, 0]), Buffer.from([1, 5, 0, 1, 3, 132, 0, 0]), Buffer.alloc(100)]))
  const r = await c.next(STALL_MS + 3000).catch((e) => e)
  assert.ok(r instanceof Error || r.status === 400)
  assert.equal(await unanswered(times(16, echo)), 0)
  c.close()
})

for (const [what, asked, status] of [
  ['a body over its cap', post(100_000), 413],
  ['a body of 3 MB over the largest cap', { ...post(3_000_000), method: 'PUT', path: '/hall/api/serve/upload' }, 413],
  ['a body where none is taken', { ...post(100_000), method: 'GET' }, 413],
  ['a body for an address that is not there', { ...post(100_000), path: '/hall/api/serve/none' }, 404],
  ['a body for a method that is not there', { ...post(100_000), method: 'PATCH' }, 405],
  ['1 kB over its cap', post(2048), 413],
])
  test(`after ${what} the next request on the connection is answered right`, async () => {
    const c = await Connection.open(SOCKET)
    for (let i = 0; i < 5; i++) {
      const refused = await c.ask(asked)
      assert.equal(refused.status, status)
      assert.equal(refused.json().status, status)
      assert.equal((await c.ask(echo(`after${i}`))).json().text, `after${i}`)
      assert.equal((await c.ask(post(1000))).json().bytes, 1000)
    }
    c.close()
  })

test('an upload arrives whole, a large answer too', async () => {
  const c = await Connection.open(SOCKET)
  const put = { ...post(2_000_000), method: 'PUT', path: '/hall/api/serve/upload' }
  assert.equal((await c.ask(put)).json().bytes, 2_000_000)
  const got = await c.ask({ path: '/hall/api/serve/large', query: 'n=3500000' })
  assert.equal(got.body.length, 3_500_000)
  assert.equal((await c.ask(echo('then'))).json().text, 'then')
  c.close()
})

// The record that ends a request may be split between two reads of libfcgi; its rest must not be taken for the next request.
for (const [what, asked, from, to] of [
  ['bodies', (n) => ({ ...post(n), method: 'PUT', path: '/hall/api/serve/upload' }), 7900, 8300],
  ['bodies of two reads', (n) => ({ ...post(n), method: 'PUT', path: '/hall/api/serve/upload' }), 16100, 16500],
  ['headers', (n) => ({ ...echo('x'), more: { HTTP_COOKIE: 'c'.repeat(n) } }), 7800, 8200],
])
  test(`${what} of ${from} to ${to} bytes: the next request on the connection is answered right`, async () => {
    let c = await Connection.open(SOCKET), lost = 0
    for (let n = from; n <= to; n++) {
      const answers = await Promise.allSettled([c.ask(asked(n), { ms: 1000 })])
      const next = await c.ask(echo(`n${n}`), { ms: 1000 }).catch(() => null)
      if (answers[0].value?.status === 200 && next?.json().text === `n${n}`) continue
      lost++
      c.close()
      c = await Connection.open(SOCKET)
    }
    c.close()
    assert.equal(lost, 0)
  })

test('after a refused body that is too long to be read off, the connection is closed', async () => {
  const c = await Connection.open(SOCKET)
  const refused = await c.ask(post(9 * 1024 * 1024), { ms: 8000 }).catch(() => null)
  assert.ok(refused === null || refused.status === 413)
  const next = await c.ask(echo('next'), { ms: 2000 }).catch(() => null)
  assert.ok(next === null || next.json().text === 'next', 'closed or right, never wrong')
  assert.ok(c.closed || next !== null)
  c.close()
})

test('of 256 simultaneous connections to busy threads none is refused', async () => {
  const busy = unanswered(times(PROCESSES * THREADS * 2, () => slow(700)), { ms: 8000 })
  await sleep(200)
  assert.equal(await unanswered(times(256, echo), { ms: 8000 }), 0)
  assert.equal(await busy, 0)
})

test('through nginx 64 clients at once, four times, are all answered', async () => {
  for (let round = 0; round < 4; round++) {
    const got = await Promise.allSettled(times(64, (i) => fetched(`/hall/api/serve/echo?text=${i}`)))
    assert.equal(got.filter((r) => r.value?.status !== 200).length, 0)
    await sleep(round * 500) // some on kept connections, some just after nginx has closed them
  }
})

// Clients that ask without a pause until told to stop; every third request changes something.
function load(clients) {
  const count = { asked: 0, lost: [], pids: new Set() }
  let on = true
  const one = async (n) => {
    for (let i = n; on; i++) {
      count.asked++
      const r = await (i % 3 === 0
        ? fetched('/hall/api/serve/echo', { method: 'POST', body: 'x'.repeat(300), headers: { 'Content-Type': 'text/plain' } })
        : fetched(i % 3 === 1 ? '/hall/api/serve/slow?ms=20' : `/hall/api/serve/echo?text=${i}`)).catch((e) => e)
      if (r.status === 200) count.pids.add(JSON.parse(r.text).pid)
      else count.lost.push(r.status ?? r.message)
    }
  }
  const all = times(clients, one)
  return { count, stop: async () => { on = false; await Promise.all(all) } }
}

test('a restart of one process after the other under load loses no request', async () => {
  const clients = load(16)
  await sleep(300)
  for (const process of ['serve:serve_0', 'serve:serve_1', 'serve:serve_0']) await hallLater('restart', process)
  await sleep(300)
  await clients.stop()
  const { asked, lost, pids } = clients.count
  console.log(`# ${asked} requests, ${lost.length} lost, ${pids.size} processes`)
  assert.deepEqual(lost, [])
  assert.ok(pids.size === 5, `${pids.size} processes answered, of two and three restarts`)
  assert.ok(asked > 1000)
})

test('SIGTERM under load: what is in flight is answered, and the process ends by itself', async () => {
  const clients = load(32)
  await sleep(300)
  const began = Date.now()
  const pid = parseInt(hall('pid', 'serve:serve_0'))
  process.kill(pid, 'SIGTERM')
  let ended = 0
  while (!ended && Date.now() - began < 60000) {
    await sleep(20)
    try { process.kill(pid, 0) } catch { ended = Date.now() - began }
  }
  await sleep(1500)
  await clients.stop()
  console.log(`# ${clients.count.asked} requests, ${clients.count.lost.length} lost, ended after ${ended} ms`)
  assert.deepEqual(clients.count.lost, [])
  assert.ok(ended > 0, 'it did not end')
})

test('a process that is killed is started anew, and the other goes on', async () => {
  const pid = parseInt(hall('pid', 'serve:serve_1'))
  process.kill(pid, 'SIGKILL')
  assert.equal(await unanswered(times(64, echo), { ms: 5000 }), 0)
  await sleep(2500)
  assert.notEqual(parseInt(hall('pid', 'serve:serve_1')), pid)
})

// Then nginx has connections to both processes, and could choose either for a second try.
const keepConnections = () => Promise.all(times(32, () => fetched('/hall/api/serve/slow?ms=50')))
const running = () => (spawnSync('tests/serve/hall', ['status', 'serve:*'], { encoding: 'utf8' }).stdout.match(/RUNNING/g) ?? []).length
const bothRun = async () => { while (running() < PROCESSES) await sleep(100) }

test('a request that its process dies of is sent to no other', async () => {
  const trace = `${STATE}/tmp/serve/crash` // where the module may write
  for (let round = 1; round <= 4; round++) {
    await keepConnections()
    isProblem(await fetched(`/hall/api/serve/crash?trace=${trace}`), 503, 'unavailable')
    assert.equal(readFileSync(trace, 'utf8').length, round, 'as many deaths as requests')
    await bothRun()
  }
  rmSync(trace)
  assert.equal((await fetched('/hall/api/serve/echo')).status, 200)
})

test('those who wait for a password\'s hash hold up nobody else; one more is told at once to come again', async () => {
  hall('stop', 'serve:serve_1')
  const until = `${STATE}/tmp/hold`
  writeFileSync(until, '')
  const hold = { path: '/hall/api/serve/hold', query: `until=${until}` }
  const held = times(PASSWORD_QUEUE, async () => (await Connection.open(SOCKET)).ask(hold, { ms: 120000 }))
  let refused
  do { // until all places are taken
    await sleep(50)
    const asked = Connection.open(SOCKET).then((c) => c.ask(hold, { ms: 120000 }))
    refused = await Promise.race([asked, sleep(1000)])
    if (!refused) held.push(asked)
  } while (!refused)
  assert.equal(refused.status, 429)
  assert.equal(refused.headers['retry-after'], '5')
  assert.equal(refused.json().detail, '现在办理的人较多，请稍等几秒再试。')
  assert.equal(await unanswered(times(64, echo), { ms: 60000 }), 0, 'others are answered')
  rmSync(until)
  const answers = await Promise.all(held)
  assert.equal(answers.filter((r) => r.status === 200).length, PASSWORD_QUEUE)
  assert.equal((await (await Connection.open(SOCKET)).ask(hold)).status, 200, 'the places are free again')
  hall('start', 'serve:serve_1')
})

const MIB = 1024 * 1024
const partsOf = (query) => `/hall/api/serve/parts?${query}`
/** Reads a file that is sent in parts: its length, and whether it was complete. `pause` is called at the first bytes. */
const readParts = (query, pause = async () => {}) =>
  new Promise((resolve, reject) => {
    const r = http.get({ host: '127.0.0.1', port: PORT, path: partsOf(query), agent: false }, async (res) => {
      let length = 0, right = true
      res.on('data', (d) => {
        for (const at of [0, d.length - 1]) right &&= d[at] === 97 + (Math.floor((length + at) / MIB) % 26)
        length += d.length
      })
      res.on('close', () => resolve({ status: res.statusCode, headers: res.headers, length, right, whole: res.complete }))
      res.on('error', () => {}) // `whole` tells
      res.pause()
      await pause(r)
      res.resume()
    })
    r.on('error', reject)
  })

test('a file in parts comes whole, whatever its size, and takes no more memory than a small one', async () => {
  const small = await readParts('parts=1')
  assert.deepEqual([small.length, small.whole, small.headers['content-length']], [MIB, true, String(MIB)])
  hall('stop', 'serve:serve_1')
  const memory = () => Number(readFileSync(`/proc/${hall('pid', 'serve:serve_0').trim()}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1])
  await readParts('parts=3')
  const before_ = memory()
  const large = await readParts('parts=300')
  assert.deepEqual([large.status, large.length, large.right, large.whole], [200, 300 * MIB, true, true])
  assert.match(large.headers['content-disposition'], /attachment.*parts\.txt/)
  assert.ok(memory() - before_ < 16 * 1024, `${memory() - before_} kB more`)
  hall('start', 'serve:serve_1')
  const c = await Connection.open(SOCKET)
  assert.equal((await c.ask({ path: '/hall/api/serve/parts', query: 'parts=5' }, { ms: 60000 })).body.length, 5 * MIB)
  assert.equal((await c.ask(echo('then'))).json().text, 'then', 'the connection is as good as before')
  c.close()
})

test('a file in parts that fails half way does not look whole; one that fails at once is a refusal', async () => {
  const broken = await readParts('parts=20&fail=10')
  assert.equal(broken.whole, false)
  assert.ok(broken.length < 10 * MIB)
  isProblem(await fetched(partsOf('parts=20&fail=1')), 503, 'unavailable')
  assert.equal((await fetched('/hall/api/serve/echo')).status, 200)
})

test('whoever reads slowly gets the file whole, in a place of his own; whoever goes away stops it', async () => {
  hall('stop', 'serve:serve_1')
  const trace = `${STATE}/tmp/serve/parts`
  let goOn
  const waiting = new Promise((resolve) => { goOn = resolve })
  const reading = []
  for (let i = 0; i < PARTS_PLACES; i++)
    await new Promise((begun) => {
      const query = i === 0 ? `parts=400&trace=${trace}` : 'parts=60'
      reading.push(readParts(query, async (r) => { begun(); await waiting; if (i === 0) r.destroy() }))
    })
  const refused = await fetched(partsOf('parts=2'))
  isProblem(refused, 429, 'too_many')
  assert.match(JSON.parse(refused.text).detail, /缩小导出范围/)
  assert.equal((await fetched(partsOf('parts=1'))).status, 200, 'a single part needs no place')
  assert.equal(await unanswered(times(64, echo), { ms: 60000 }), 0, 'others are answered')
  await sleep(STALL_MS + 3000) // longer than a peer may stall elsewhere
  goOn()
  const [gone, ...whole] = await Promise.all(reading)
  assert.equal(gone.whole, false)
  assert.deepEqual(whole.map((w) => [w.length, w.right, w.whole]), times(PARTS_PLACES - 1, () => [60 * MIB, true, true]))
  let again
  do again = await readParts('parts=2'); while (again.status === 429) // until the process has seen that he is gone
  assert.equal(again.whole, true)
  assert.ok(readFileSync(trace, 'utf8').length < 400, 'it was not made to its end')
  hall('start', 'serve:serve_1')
})

test('nginx hands on what a module needs', async () => {
  const r = await fetched('/hall/api/serve/echo?text=%E5%BC%A0&x=1')
  const told = JSON.parse(r.text)
  assert.equal(told.text, '张')
  assert.equal(told.address, '127.0.0.1')
  assert.match(told.request_id, /^[0-9a-f]{32}$/)
  assert.equal(r.headers['x-request-id'], told.request_id)
  assert.equal(r.headers['x-content-type-options'], 'nosniff')
})

const isProblem = (r, status, code) => {
  assert.equal(r.status, status)
  assert.match(r.headers['content-type'], /^application\/problem\+json/)
  const told = JSON.parse(r.text)
  assert.equal(told.status, status)
  assert.equal(told.code, code)
  assert.ok(told.title && told.detail && told.request_id)
}

test('what nginx refuses is a problem document as well', async () => {
  isProblem(await fetched('/hall/api/none/at-all'), 404, 'not_found')
  isProblem(await fetched('/hall/api/serve/echo', { method: 'POST', body: 'x'.repeat(100_000) }), 413, 'too_large')
  isProblem(await fetched('/hall/api/serve/none'), 404, 'not_found')
})

test('a module that is down is told as such, to a program and to a person', async () => {
  hall('stop', 'serve:*')
  isProblem(await fetched('/hall/api/serve/echo'), 503, 'unavailable')
  const page = await fetched('/hall/api/serve/echo', { headers: { Accept: 'text/html,*/*' } })
  assert.match(page.headers['content-type'], /^text\/html/)
  assert.match(page.text, /系统繁忙/)
  assert.ok(page.status >= 500)
  hall('start', 'serve:*')
  assert.equal((await fetched('/hall/api/serve/echo')).status, 200)
})

test('who asks too often is told when to come back', async () => {
  up('5')
  agent.destroy() // what is kept belongs to workers of the old settings
  await sleep(500)
  const got = await Promise.all(times(64, (i) => fetched(`/hall/api/serve/echo?text=${i}`)))
  const refused = got.filter((r) => r.status === 429)
  assert.ok(refused.length > 20 && got.some((r) => r.status === 200))
  isProblem(refused[0], 429, 'too_many')
  assert.ok(refused[0].headers['retry-after'] > 0)
})

test('the access log holds no query', async () => {
  await sleep(1200) // it is buffered
  const log = readFileSync(`${STATE}/log/nginx/access.log`, 'utf8')
  assert.equal(log.includes('"/hall/api/serve/echo"'), true)
  assert.equal(log.includes('text='), false)
})
