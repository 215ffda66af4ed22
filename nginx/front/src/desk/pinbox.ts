// SPDX-License-Identifier: Apache-2.0
// The reader's part of core/crypto/box.h: what a producer sets on tokens comes encrypted for a key pair that only this page has.
import { base64url, bytesOf, hex, sha256 } from '../common/bytes'
import { http } from '../common/http'

const CURVE = { name: 'ECDH', namedCurve: 'P-256' }
const POINT = 65
const NONCE = 12
const TRIES = 40

const wait = (ms: number) => new Promise((go) => setTimeout(go, ms))

const digest = async (b: Uint8Array<ArrayBuffer>) => hex(await sha256(b))

async function open(box: Uint8Array<ArrayBuffer>, own: CryptoKeyPair, ownPublic: Uint8Array<ArrayBuffer>, id: string) {
  const { subtle } = crypto
  const sender = box.slice(0, POINT)
  const bound = new TextEncoder().encode(`certhall pin|${id}|${await digest(sender)}|${await digest(ownPublic)}`)
  const theirs = await subtle.importKey('raw', sender, CURVE, false, [])
  const secret = await subtle.deriveBits({ name: 'ECDH', public: theirs }, own.privateKey, 256)
  const base = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: bound }
  const key = await subtle.deriveKey(hkdf, base, { name: 'AES-GCM', length: 256 }, false, ['decrypt'])
  const iv = box.slice(POINT, POINT + NONCE)
  return new TextDecoder().decode(await subtle.decrypt({ name: 'AES-GCM', iv, additionalData: bound }, key, box.slice(POINT + NONCE)))
}

/** The PIN of the order's tokens (of a key file none), and the PUK of each. */
export type TokenSecrets = { pin: string | null; puks: { item: number; puk: string }[] }

/** That they were opened is recorded; nobody between signer and page can read them. */
export async function tokenSecrets(order: string): Promise<TokenSecrets> {
  if (!globalThis.crypto?.subtle) throw new Error('请通过 https 打开后台后再查看。')
  const own = (await crypto.subtle.generateKey(CURVE, false, ['deriveBits'])) as CryptoKeyPair
  const ownPublic = new Uint8Array(await crypto.subtle.exportKey('raw', own.publicKey))
  const { id } = await http.post('/desk/api/produce/orders/{id}/pin/box', { id: order }, { public_key: base64url(ownPublic) })
  for (let n = 0; n < TRIES; n++) {
    const { box } = await http.post('/desk/api/produce/orders/{id}/pin/box/{box}', { id: order, box: id })
    if (box) return JSON.parse(await open(bytesOf(box), own, ownPublic, id)) as TokenSecrets
    await wait(500)
  }
  throw new Error('签发程序没有应答，请稍后再试。')
}
