// SPDX-License-Identifier: Apache-2.0
// Good and bad files out of one genuine receipt, for every program that checks receipts: what is wrong with each, and whether the
// file is genuine (0), a receipt that is not (1), or no receipt (2), as certhall-verify-receipt ends.
import { generateKeyPairSync } from 'node:crypto'

/** Another authority's key. */
export const otherKey = () => generateKeyPairSync('ec', { namedCurve: 'SM2' }).publicKey.export({ type: 'spki', format: 'pem' })

const swapped = (digest) => (digest[0] === '0' ? '1' : '0') + digest.slice(1)
const ofJson = {
  'a row is left out': [1, (r) => r.rows.splice(1, 1)],
  'a row stands twice': [1, (r) => r.rows.splice(1, 0, r.rows[0])],
  'two rows change places': [1, (r) => r.rows.unshift(...r.rows.splice(1, 1))],
  'a row has another number': [1, (r) => { r.rows[1].seq += 1 }],
  'a row is of somebody else': [1, (r) => { r.rows[0].subject = '00000000-0000-7000-8000-000000000000' }],
  'a text says something else': [1, (r) => { r.rows[0].text = r.rows[0].text.replace('new.create', 'new.submit') }],
  'a text is that of another row': [1, (r) => { r.rows[0].text = r.rows.findLast((row) => row.text).text }],
  'a digest is another': [1, (r) => { r.rows[1].head = r.rows[0].head }],
  'a digit of a digest is another': [1, (r) => { r.rows[0].head = swapped(r.rows[0].head) }],
  'a hash of a proof is another': [1, (r) => { r.rows[0].proof[0] = swapped(r.rows[0].proof[0]) }],
  'a proof is too short': [1, (r) => r.rows[0].proof.pop()],
  'a proof is too long': [1, (r) => r.rows[0].proof.push(r.log.root)],
  'a proof is missing': [1, (r) => delete r.rows[0].proof],
  'a leaf is another': [1, (r) => { r.rows[0].leaf += 1 }],
  'a leaf is not in the log': [1, (r) => { r.rows[0].leaf = r.log.size }],
  'the head is for another size': [1, (r) => { r.log.size += 1 }],
  'the head is for half the size': [1, (r) => { r.log.size = Math.ceil(r.log.size / 2) }],
  'the root is another': [1, (r) => { r.log.root = r.rows[0].head }],
  'the signature is cut off': [1, (r) => { r.log.signature = Buffer.from(r.log.signature, 'base64').subarray(0, -1).toString('base64') }],
  'the signature has a byte more': [1, (r) => { r.log.signature = Buffer.concat([Buffer.from(r.log.signature, 'base64'), Buffer.of(0)]).toString('base64') }],
  'the signature is another': [1, (r) => {
    const bytes = Buffer.from(r.log.signature, 'base64')
    bytes[bytes.length - 1] ^= 1
    r.log.signature = bytes.toString('base64')
  }],
  'the signature is empty': [1, (r) => { r.log.signature = '' }],
  'the order is told otherwise, which nothing covers': [0, (r) => { r.order = '179524800012345678' }],
  'a text is kept back': [0, (r) => { r.rows[0].text = null }],
  'digests are written in capitals': [0, (r) => { r.log.root = r.log.root.toUpperCase(); r.rows[0].head = r.rows[0].head.toUpperCase() }],
  'it has a member more': [0, (r) => { r.note = 'mine' }],
  'there is no row': [2, (r) => { r.rows = [] }],
  'a version of tomorrow': [2, (r) => { r.version = 2 }],
  'another kind': [2, (r) => { r.kind = 'certhall' }],
  'no head': [2, (r) => delete r.log],
  'no signature': [2, (r) => delete r.log.signature],
  'a signature that is no Base64': [2, (r) => { r.log.signature = '!' + r.log.signature.slice(1) }],
  'a negative leaf': [2, (r) => { r.rows[0].leaf = -1 }],
  'a number as a text': [2, (r) => { r.rows[0].seq = '1' }],
  'a digest of 31 bytes': [2, (r) => { r.rows[0].head = r.rows[0].head.slice(2) }],
  'no size': [2, (r) => { r.log.size = 0 }],
}
const ofText = {
  'as it was downloaded': [0, (t) => t],
  'spaces between': [0, (t) => JSON.stringify(JSON.parse(t), null, 2)],
  'cut off': [2, (t) => t.slice(0, -10)],
  'a name twice': [2, (t) => t.replace('"kind":', '"kind":"certhall receipt","kind":')],
  'rows twice': [2, (t) => t.replace('"rows":', '"rows":[],"rows":')],
  'something after the end': [2, (t) => `${t}{}`],
  'a fraction': [2, (t) => t.replace(/"seq":1\b/, '"seq":1.0')],
  'bytes that are no text': [2, (t) => Buffer.concat([Buffer.from(t.slice(0, 40)), Buffer.of(0xff), Buffer.from(t.slice(40))])],
}

/** [what is done to it, how it must end, the file]. */
export function receiptFiles(receipt) {
  const text = JSON.stringify(receipt)
  const changed = Object.entries(ofJson).map(([what, [status, change]]) => {
    const r = structuredClone(receipt)
    change(r)
    return [what, status, Buffer.from(JSON.stringify(r))]
  })
  return [...Object.entries(ofText).map(([what, [status, change]]) => [what, status, Buffer.from(change(text))]), ...changed]
}
