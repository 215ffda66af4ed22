// SPDX-License-Identifier: Apache-2.0
// What a producer sets on tokens, as the producer's page asks for it and opens it (core/crypto/box.h).
import { createHash, webcrypto } from 'node:crypto'
import { eventually } from './hall.mjs'

/** Opens a box as the producer's page does, with a key pair of its own. */
export class Page {
  async begin() {
    this.pair = await webcrypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits'])
    this.public = Buffer.from(await webcrypto.subtle.exportKey('raw', this.pair.publicKey))
    return this
  }

  async ask(staff, order) {
    this.box = (await staff.call('POST', `/desk/api/produce/orders/${order}/pin/box`, { json: { public_key: this.public.toString('base64url') } })).id
    return this.box
  }

  take = (staff, order) => staff.call('POST', `/desk/api/produce/orders/${order}/pin/box/${this.box}`)

  async open(text) {
    const { subtle } = webcrypto, box = Buffer.from(text, 'base64'), sender = box.subarray(0, 65)
    const hex = (b) => createHash('sha256').update(b).digest('hex')
    const bound = Buffer.from(`certhall pin|${this.box}|${hex(sender)}|${hex(this.public)}`)
    const theirs = await subtle.importKey('raw', sender, { name: 'ECDH', namedCurve: 'P-256' }, false, [])
    const secret = await subtle.deriveBits({ name: 'ECDH', public: theirs }, this.pair.privateKey, 256)
    const base = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
    const key = await subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: bound }, base, { name: 'AES-GCM', length: 256 }, false, ['decrypt'])
    return JSON.parse(Buffer.from(await subtle.decrypt({ name: 'AES-GCM', iv: box.subarray(65, 77), additionalData: bound }, key, box.subarray(77))).toString())
  }
}

/** { pin, puks } of an order, for its producer. */
export async function tokenSecrets(staff, order) {
  const page = await new Page().begin()
  await page.ask(staff, order)
  const { box } = await eventually('the box', async () => { const b = await page.take(staff, order); return b.box && b })
  return page.open(box)
}
