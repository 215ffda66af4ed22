// SPDX-License-Identifier: Apache-2.0
// Loaded before tests (node --import), it checks every answer that they get by fetch against docs/openapi.yaml. A file whose answers
// differ from it fails, with a list by operation.
import { DESK_ORIGIN } from '../lib/hall.mjs'
import { complaints, operationOf } from './contract.mjs'

const hall = process.env.CERTHALL_URL
const wrong = new Map()
const plain = globalThis.fetch

async function judge(method, path, answer) {
  const op = operationOf(method, path)
  if (!op) return
  const type = answer.headers.get('content-type')
  const body = /json/.test(type ?? '') ? await answer.json() : undefined
  for (const line of complaints(op, answer.status, type, body)) {
    const rule = line.replace(/\/\d+(?=[/ ])/g, '/N') // the same of every row of a list is said once
    if (!wrong.has(rule)) wrong.set(rule, `${method} ${path}`)
  }
}

globalThis.fetch = async (input, init) => {
  const answer = await plain(input, init)
  const address = input instanceof Request ? input.url : String(input)
  // A body that is not JSON, or was broken off, is left to the test.
  if (hall && [hall, DESK_ORIGIN].includes(new URL(address).origin)) await judge((init?.method ?? 'GET').toUpperCase(), new URL(address).pathname, answer.clone()).catch(() => {})
  return answer
}

process.on('exit', () => {
  for (const [rule, where] of wrong) console.error(`not as in docs/openapi.yaml: ${rule} (${where})`)
  if (wrong.size) process.exitCode = 1
})
