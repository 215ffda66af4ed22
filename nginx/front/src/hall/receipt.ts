// SPDX-License-Identifier: Apache-2.0
// What the receipt of an order proves, found out in the browser: the file goes nowhere. The rules are those of core/order/receipt.c,
// and tests/lib/receipts.mjs holds both against the same files. Loaded when a receipt is chosen, with the library for SM2 and SM3.
import { sm2, sm3 } from 'sm-crypto'
import { bytesOf, hex } from '../common/bytes'

export type Fault = 'none' | 'proof' | 'order' | 'text'
export interface Receipt {
  order: string
  size: number
  root: string
  signature: string
  rows: number
}
interface Row {
  subject: string
  seq: number
  leaf: number
  head: string
  text: string | null
  proof: string[]
}

const MOST_SUBJECTS = 500
const MOST_DEPTH = 8
const DIGEST = /^[0-9a-f]{64}$/i
const BASE64 = /^(?:[\w+/-]{4})*(?:[\w+/-]{2}(?:==)?|[\w+/-]{3}=?)?$/

const bytes = (digest: string) => Array.from({ length: 32 }, (_, n) => parseInt(digest.slice(2 * n, 2 * n + 2), 16))
const digestOf = (...parts: number[][]) => bytes(sm3(parts.flat()))
const isDigest = (value: unknown): value is string => typeof value === 'string' && DIGEST.test(value)
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value)

/** Whether the text, which is JSON, says everything once: a name that stands twice in an object would be read differently by others. */
function isPlain(text: string) {
  const open: (Set<string> | null)[] = []
  const tokens = text.match(/"(?:[^"\\]|\\.)*"\s*:?|[{}[\]]|-?[0-9][^\s,}\]]*/g) ?? []
  for (const token of tokens) {
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : null)
    else if (token === '}' || token === ']') open.pop()
    else if (token.endsWith(':')) {
      const name: string = JSON.parse(token.slice(0, -1))
      const names = open[open.length - 1]
      if (names?.has(name)) return false
      names?.add(name)
    } else if (token[0] !== '"' && !/^-?\d+$/.test(token)) return false
    if (open.length > MOST_DEPTH || (token[0] === '"' && token.includes('\\u0000'))) return false
  }
  return true
}

/** The JSON of a file; undefined when it is none. */
function parsed(file: Uint8Array): Record<string, unknown> | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file)
    const value: unknown = JSON.parse(text)
    return value && typeof value === 'object' && isPlain(text) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** RFC 9162, section 2.1.3.2, with SM3. */
function proves(row: Row, size: number, root: string) {
  if (row.leaf >= size) return false
  let is = digestOf([0], bytes(row.head))
  let used = 0
  for (let at = row.leaf, last = size - 1; last > 0; at = Math.floor(at / 2), last = Math.floor(last / 2)) {
    if (at === last && at % 2 === 0) continue
    if (used === row.proof.length) return false
    const other = bytes(row.proof[used++])
    is = at % 2 ? digestOf([1], other, is) : digestOf([1], is, other)
  }
  return used === row.proof.length && hex(Uint8Array.from(is)) === root.toLowerCase()
}

function rowOf(value: unknown): Row | undefined {
  if (!value || typeof value !== 'object') return undefined
  const { subject, seq, leaf, head, text, proof = [] } = value as Record<string, unknown>
  const hashes = Array.isArray(proof) ? proof : []
  if (typeof subject !== 'string' || !isWhole(seq) || !isWhole(leaf) || leaf < 0 || !isDigest(head) || !hashes.every(isDigest))
    return undefined
  return { subject, seq, leaf, head, text: typeof text === 'string' ? text : null, proof: hashes }
}

const hasDigest = (row: Row, before: Row | undefined) => {
  const place = row.text!.indexOf('|')
  if (place < 0 || !row.text!.startsWith(`|${row.subject}|${row.seq}|`, place)) return false
  const is = digestOf(before ? bytes(before.head) : [], [...new TextEncoder().encode(row.text!)])
  return hex(Uint8Array.from(is)) === row.head.toLowerCase()
}

/** Reads a receipt, and checks its rows against the root that it names: everything but the signature of that root. */
export function readReceipt(file: Uint8Array): Receipt | Fault {
  const all = parsed(file)
  const log = (all?.log ?? {}) as Record<string, unknown>
  if (
    all?.kind !== 'certhall receipt' ||
    all.version !== 1 ||
    typeof all.order !== 'string' ||
    !Array.isArray(all.rows) ||
    !all.rows.length
  )
    return 'none'
  const { size, root, signature, signed_at } = log
  if (!isWhole(size) || size < 1 || !isDigest(root) || typeof signed_at !== 'string') return 'none'
  if (typeof signature !== 'string' || !BASE64.test(signature)) return 'none'
  const last = new Map<string, Row>()
  let leaf = -1
  for (const value of all.rows) {
    const row = rowOf(value)
    if (!row) return 'none'
    if (!proves(row, size, root)) return 'proof'
    const before = last.get(row.subject)
    if ((!before && last.size === MOST_SUBJECTS) || row.leaf <= leaf || row.seq < 1 || (before && row.seq !== before.seq + 1))
      return 'order'
    // The row before a receipt's first one may be in a month that was taken away.
    if (row.text !== null && (before || row.seq === 1) && !hasDigest(row, before)) return 'text'
    last.set(row.subject, row)
    leaf = row.leaf
  }
  return { order: all.order, size, root, signature, rows: all.rows.length }
}

/** The point of a public key in PEM, in hexadecimal; null when it is no SM2 key. */
export function keyOf(pem: string): string | null {
  const body = pem.match(/-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/)?.[1].replace(/\s/g, '')
  const der = body && BASE64.test(body) ? hex(bytesOf(body)) : ''
  // SubjectPublicKeyInfo: id-ecPublicKey, the curve sm2p256v1, an uncompressed point.
  return /^3059301306072a8648ce3d020106082a811ccf5501822d034200(04[0-9a-f]{128})$/.exec(der)?.[1] ?? null
}

/** Whether the key has signed the log's head that the receipt names. */
export function isSigned(receipt: Receipt, key: string) {
  const statement = `certhall log|${receipt.size}|${receipt.root.toLowerCase()}`
  return sm2.doVerifySignature(statement, hex(bytesOf(receipt.signature)), key, { hash: true, der: true, userId: '1234567812345678' })
}

export const sm3Of = (file: Uint8Array) => sm3([...file])
