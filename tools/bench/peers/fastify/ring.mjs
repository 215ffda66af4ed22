// SPDX-License-Identifier: Apache-2.0
// Encrypts and decrypts as core/crypto/ring.c does: version 1 | key id | nonce | cipher text | tag, bound to place and row. The data
// keys come as "id:base64,…" in the environment, the active one first.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const keys = new Map((process.env.BENCH_KEYS ?? '').split(',').map((one) => one.split(':')).map(([id, key]) => [Number(id), Buffer.from(key ?? '', 'base64')]))
const [active] = keys.keys()

export function encrypt(place, row, plain) {
  const head = Buffer.alloc(5, 1), nonce = randomBytes(12)
  head.writeUInt32BE(active, 1)
  const cipher = createCipheriv('aes-256-gcm', keys.get(active), nonce).setAAD(Buffer.from(`${place}|${row}`))
  return Buffer.concat([head, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

export function decrypt(place, row, encrypted) {
  const cipher = createDecipheriv('aes-256-gcm', keys.get(encrypted.readUInt32BE(1)), encrypted.subarray(5, 17))
  cipher.setAAD(Buffer.from(`${place}|${row}`)).setAuthTag(encrypted.subarray(-16))
  return cipher.update(encrypted.subarray(17, -16), undefined, 'utf8') + cipher.final('utf8')
}
