// SPDX-License-Identifier: Apache-2.0
// A flood of log-ins by password, at a given rate and from as many addresses, with one known phone and with invented ones, until the
// program is ended. It prints the numbers of answers by kind, as JSON.
import { randomInt } from 'node:crypto'
import http from 'node:http'

const [origin, rate, phone] = process.argv.slice(2)
const { hostname, port } = new URL(origin)
const answers = {}
const count = (what) => { answers[what] = (answers[what] ?? 0) + 1 }
const invented = () => `19${String(randomInt(1e9)).padStart(9, '0')}`
const somewhere = () => `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`
const agent = new http.Agent({ keepAlive: false, maxSockets: Infinity })

function guess() {
  const body = JSON.stringify({ phone: randomInt(2) ? phone : invented(), password: 'wrong wrong 9' })
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  const req = http.request({ host: hostname, port, method: 'POST', path: '/hall/api/gate/login-password', headers, localAddress: somewhere(), agent })
  req.on('response', (res) => { count(res.statusCode); res.resume() })
  req.on('error', () => count('lost'))
  req.end(body)
}

setInterval(guess, 1000 / Number(rate))
process.on('SIGTERM', () => { console.log(JSON.stringify(answers)); process.exit() })
