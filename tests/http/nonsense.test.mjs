// SPDX-License-Identifier: Apache-2.0
// Requests that nginx refuses before any module sees them: a problem document where the API is asked, a page elsewhere, and never
// a fault of ours.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { describe, test } from 'node:test'
import { BASE, siteOf } from './lib.mjs'

/** The answer to these bytes, as { status, type, body }; the hall closes the connection. */
function raw(bytes) {
  return new Promise((done, fail) => {
    const parts = []
    const socket = net.connect(BASE.port, BASE.hostname, () => socket.write(bytes))
    socket.on('data', (part) => parts.push(part)).on('error', fail).on('close', () => {
      const text = Buffer.concat(parts).toString()
      const [head, body] = [text.slice(0, text.indexOf('\r\n\r\n')), text.slice(text.indexOf('\r\n\r\n') + 4)]
      done({ status: Number(head.split(' ')[1]), type: head.match(/content-type: (.*)/i)?.[1] ?? '', head, body })
    })
    socket.setTimeout(60000, () => socket.destroy(new Error('no answer in a minute')))
  })
}

const HOST = `Host: ${BASE.host}\r\nConnection: close\r\n`
const atItsHost = (bytes, path) => bytes.replace(`Host: ${BASE.host}\r`, `Host: ${siteOf(path).host}\r`)
const lines = (first, headers = HOST, body = '') => `${first}\r\n${headers}\r\n${body}`

/** Mistakes of a request for a path, with the statuses that are right for each. */
const nonsense = {
  'a NUL in the path': [(path) => lines(`GET ${path}%00 HTTP/1.1`), 400],
  'a cut escape': [(path) => lines(`GET ${path}%2 HTTP/1.1`), 400],
  'an escape that is none': [(path) => lines(`GET ${path}%zz HTTP/1.1`), 400],
  'a path above the root': [(path) => lines(`GET ${path}../../../../../../../etc/passwd HTTP/1.1`), 400],
  'a line that is too long': [(path) => lines(`GET ${path}${'a'.repeat(40000)} HTTP/1.1`), 400],
  'a header that is too long': [(path) => lines(`GET ${path} HTTP/1.1`, `${HOST}X-Long: ${'a'.repeat(40000)}\r\n`), 400],
  'TRACE': [(path) => lines(`TRACE ${path} HTTP/1.1`), 405],
  'a method in small letters': [(path) => lines(`get ${path} HTTP/1.1`), 400],
  'a version to come': [(path) => lines(`GET ${path} HTTP/7.1`), 400],
  'no version that can be read': [(path) => lines(`GET ${path} HTTX/1.1`), 400],
  'no host': [(path) => lines(`GET ${path} HTTP/1.1`, 'Connection: close\r\n'), 400],
  'two hosts': [(path) => lines(`GET ${path} HTTP/1.1`, `${HOST}Host: elsewhere.example\r\n`), 400],
  'a host that is none': [(path) => lines(`GET ${path} HTTP/1.1`, 'Host: a/../b\r\nConnection: close\r\n'), 400],
  'a length that is none': [(path) => lines(`POST ${path} HTTP/1.1`, `${HOST}Content-Length: -1\r\n`), 400],
  'two lengths': [(path) => lines(`POST ${path} HTTP/1.1`, `${HOST}Content-Length: 1\r\nContent-Length: 2\r\n`, 'x'), 400],
  'an unknown coding': [(path) => lines(`POST ${path} HTTP/1.1`, `${HOST}Transfer-Encoding: none-such\r\n`), 400],
  'length and coding': [(path) => lines(`POST ${path} HTTP/1.1`, `${HOST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n`, '0\r\n\r\n'), 400],
}

const API = ['/jieyang/api/new/setup', '/desk/api/login/session', '/notify/wechatpay', '/partner/api/orders', '/jieyang/api/nothing/']
const PAGES = ['/', '/jieyang/login', '/desk', '/assets/none.js']

/** Mistakes that nginx finds before it knows the path: they get a problem document everywhere. */
const UNREADABLE = ['a method in small letters', 'no version that can be read', 'a version to come']

function isProblem({ type, body }, status) {
  assert.match(type, /^application\/problem\+json/)
  const said = JSON.parse(body)
  assert.deepEqual([said.status, said.type], [status, `about:blank#${said.code}`])
  assert.match(said.request_id, /^[0-9a-f]{32}$/)
  assert.match(said.title + said.detail, /\p{Script=Han}/u)
}

function isPage({ type, body }) {
  assert.match(type, /^text\/html; charset=utf-8/)
  assert.match(body, /<html lang="zh-CN">[^]*<h1>[^<]*\p{Script=Han}/u)
  assert.doesNotMatch(body, /nginx/)
}

for (const [what, [made, status]] of Object.entries(nonsense))
  describe(what, () => {
    for (const path of API)
      test(`${path}: a problem document`, async () => {
        const answer = await raw(atItsHost(made(path), path))
        assert.equal(answer.status, status, answer.head)
        isProblem(answer, status)
      })
    for (const path of PAGES)
      test(`${path}: a page`, async () => {
        const answer = await raw(atItsHost(made(path), path))
        assert.equal(answer.status, status, answer.head)
        if (!UNREADABLE.includes(what)) isPage(answer)
      })
  })

test('what is no request at all is answered as one that cannot be read', async () => {
  for (const bytes of ['\r\n\r\n\r\nnonsense\r\n\r\n', `${'x'.repeat(50000)}\r\n\r\n`, '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n'])
    assert.equal((await raw(bytes)).status, 400)
})

test('a page that is not there, and a method that pages do not have, are told as pages; files come whole', async () => {
  const missing = await raw(lines('GET /assets/none.js HTTP/1.1'))
  assert.equal(missing.status, 404)
  isPage(missing)
  const posted = await raw(lines('POST /jieyang/login HTTP/1.1', `${HOST}Content-Length: 0\r\n`))
  assert.equal(posted.status, 405)
  assert.match(posted.head, /^allow: GET, HEAD/im)
  isPage(posted)
  assert.equal((await raw(lines('GET / HTTP/1.1', `${HOST}Range: bytes=99999999-\r\n`))).status, 200)
})

test('nobody gets at the pages of refusals themselves', async () => {
  for (const path of ['/.problem/not_found', '/.problem/not_found.html', '/.problem/unavailable.html'])
    assert.equal((await raw(lines(`GET ${path} HTTP/1.1`))).status, 404)
})

// The pages are those of the router: what it adds must be known to nginx as well.
test('a page of the router is there, any other address is told as missing', async () => {
  const router = readFileSync(new URL('../../nginx/front/src/hall/router.ts', import.meta.url), 'utf8')
  const within = [...router.matchAll(/^ {6}(?:step\('(\w+)'|\{ path: '(\w*)')/gm)].map(([, step, path]) => `/:slug/orders/:id/${step ?? path}`)
  const paths = [...[...router.matchAll(/path: '(\/(?!:rest)[^']*)'/g)].map(([, path]) => path), ...within]
  assert.ok(within.length > 9 && paths.length > 30)
  const asked = (path) => path.replace(':slug', 'szjsgws').replace(':id', '01935e60-1cc6-7029-9d8d-b1a690f3bfec').replace('/:business?', '/new')
  for (const path of paths) {
    const page = await raw(lines(`GET ${asked(path)}?a=b HTTP/1.1`))
    assert.equal(page.status, 200, path)
    assert.match(page.body, /<div id="app">/)
  }
  for (const path of ['/nobody', '/nobody/', ...paths.filter((path) => path.includes(':slug')).map((path) => asked(path.replace(':slug', 'nobody'))), '/szjsgws/nothing', '/hall/products/new/more', '/szjsgws/orders/1', `${asked('/:slug/orders/:id')}/nothing`, '/no.php', '/a/b/c/d']) {
    const page = await raw(lines(`GET ${path} HTTP/1.1`))
    assert.equal(page.status, 404, path)
    isPage(page)
    assert.match(page.body, /服务热线 <a href="tel:\d+">[\d-]+</)
  }
})
