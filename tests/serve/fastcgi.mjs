// SPDX-License-Identifier: Apache-2.0
// A FastCGI client over a Unix socket that can also misbehave: it sends exactly what it is told, in pieces if wanted.
import net from 'node:net'

const VERSION = 1
const BEGIN_REQUEST = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6
const RESPONDER = 1, KEEP_CONN = 1

function record(type, content, id = 1) {
  const head = Buffer.alloc(8)
  head[0] = VERSION
  head[1] = type
  head.writeUInt16BE(id, 2)
  head.writeUInt16BE(content.length, 4)
  return Buffer.concat([head, content])
}

const length = (n) => (n < 128 ? Buffer.from([n]) : Buffer.from([(n >> 24) | 128, (n >> 16) & 255, (n >> 8) & 255, n & 255]))

const pair = ([name, value]) =>
  Buffer.concat([length(Buffer.byteLength(name)), length(Buffer.byteLength(value)), Buffer.from(name), Buffer.from(value)])

function stream(type, content) {
  const out = []
  for (let at = 0; at < content.length; at += 65535) out.push(record(type, content.subarray(at, at + 65535)))
  out.push(record(type, Buffer.alloc(0)))
  return Buffer.concat(out)
}

export function beginning(keep) {
  return record(BEGIN_REQUEST, Buffer.from([0, RESPONDER, keep ? KEEP_CONN : 0, 0, 0, 0, 0, 0]))
}

export function parameters({ method = 'GET', path, query = '', type = '', body = Buffer.alloc(0), more = {} }) {
  const params = {
    REQUEST_METHOD: method, DOCUMENT_URI: path, QUERY_STRING: query, CONTENT_TYPE: type, CONTENT_LENGTH: String(body.length),
    REMOTE_ADDR: '127.0.0.1', ...more,
  }
  return Buffer.concat(Object.entries(params).map(pair))
}

export function request(asked, keep) {
  const body = asked.body ?? Buffer.alloc(0)
  return Buffer.concat([beginning(keep), stream(PARAMS, parameters(asked)), stream(STDIN, body)])
}

// An answer as { status, headers, body }, of the bytes of STDOUT.
function answer(out) {
  const text = Buffer.concat(out)
  const end = text.indexOf('\r\n\r\n')
  const headers = Object.fromEntries(
    text.subarray(0, end).toString().split('\r\n').map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const body = text.subarray(end + 4)
  return { status: parseInt(headers.status), headers, body, json: () => JSON.parse(body.toString()) }
}

export class Connection {
  closed = false
  #pending = Buffer.alloc(0)
  #out = []
  #waiting = []

  // Resolves when connected; a full backlog rejects.
  static open(path) {
    return new Promise((resolve, reject) => {
      const c = new Connection()
      c.socket = net.connect(path)
      c.socket.once('connect', () => resolve(c))
      c.socket.on('error', (e) => { c.#end(e); reject(e) })
      c.socket.on('close', () => c.#end(new Error('closed')))
      c.socket.on('data', (data) => c.#take(data))
    })
  }

  send(bytes) {
    this.socket.write(bytes)
  }

  // Sends a request and resolves with its answer; rejects when the connection ends before, or after `ms`.
  ask(asked, { keep = true, ms = 4000 } = {}) {
    const answered = this.next(ms)
    this.send(request(asked, keep))
    return answered
  }

  next(ms = 4000) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
      this.#waiting.push({
        resolve: (v) => { clearTimeout(timer); resolve(v) },
        reject: (e) => { clearTimeout(timer); reject(e) },
      })
      if (this.closed) this.#end(new Error('closed'))
    })
  }

  close() {
    this.socket.destroy()
  }

  #end(error) {
    this.closed = true
    for (const w of this.#waiting.splice(0)) w.reject(error)
  }

  #take(data) {
    this.#pending = Buffer.concat([this.#pending, data])
    for (;;) {
      const p = this.#pending
      if (p.length < 8) return
      const size = p.readUInt16BE(4), whole = 8 + size + p[6]
      if (p.length < whole) return
      if (p[1] === STDOUT) this.#out.push(p.subarray(8, 8 + size))
      if (p[1] === END_REQUEST) {
        const out = this.#out
        this.#out = []
        this.#waiting.shift()?.resolve(answer(out))
      }
      this.#pending = p.subarray(whole)
    }
  }
}
