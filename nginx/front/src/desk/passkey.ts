// SPDX-License-Identifier: Apache-2.0
// Makes and uses security keys (passkeys, WebAuthn), with sentences for everything that may go wrong.
import { base64url, bytesOf, sha256 } from '../common/bytes'

/** The host name that the keys belong to, and what people are told at another address. */
export interface Site {
  rpId: string
  advice: (address: string) => string
}
export interface Signature {
  credential: string
  client_data: string
  authenticator_data: string
  signature: string
}
export interface PublicPasskey {
  credential: string
  point: string
}

const TIMEOUT = 120_000
const ES256 = -7
const SPKI = 91 // bytes of an encoded P-256 key, which ends with its point
const POINT = 65

/** The address of the same page under the name that the keys belong to. */
function addressOf(rpId: string) {
  const protocol = rpId === 'localhost' || rpId.endsWith('.localhost') ? 'http:' : 'https:'
  const port = protocol === location.protocol && location.port ? `:${location.port}` : ''
  return `${protocol}//${rpId}${port}`
}
const wrongAddress = ({ rpId, advice }: Site) => new Error(`安全密钥不能在当前地址使用，${advice(addressOf(rpId))}`)

/** Tells everything that is known to fail before anybody is asked for the key. */
export function checkPlace(site: Site) {
  const host = location.hostname
  if (!window.isSecureContext || (host !== site.rpId && !host.endsWith(`.${site.rpId}`))) throw wrongAddress(site)
  if (!(navigator.credentials as CredentialsContainer | undefined))
    throw new Error('这个浏览器不支持安全密钥，请换用新版的 Edge、Chrome、Firefox 或 Safari 浏览器办理。')
}

const AUTHENTICATOR = '/sandbox/authenticator.js'
/**
 * The sandbox has an authenticator of its own, which replaces the browser's. The server says whether there is a sandbox, but it does not
 * choose the script, since another script could have anything signed.
 */
export async function loadAuthenticator(named: string | null | undefined) {
  if (named === AUTHENTICATOR) await import(/* @vite-ignore */ AUTHENTICATOR)
}

/** What a key is used for, and the sentence if it was not used: browsers do not tell whether the person cancelled or has no key. */
const refused = {
  签署: '操作已取消、超时，或者没有找到您登记的安全密钥。请插好登记的安全密钥后重新办理。',
  登录: '操作已取消、超时，或者没有找到这个工号的安全密钥。请核对工号，插好登记的安全密钥后再试。',
  登记: '操作已取消或超时。请插好安全密钥后重新生成。',
}
type Use = keyof typeof refused

function told(problem: unknown, site: Site, use: Use): Error {
  const name = problem instanceof DOMException ? problem.name : ''
  if (name === 'SecurityError') return wrongAddress(site)
  if (name === 'NotAllowedError') return new Error(`没有完成${use}：${refused[use]}`)
  if (name === 'NotSupportedError') return new Error('这个安全密钥不支持所需的算法（ES256），请换一个安全密钥。')
  return new Error(`安全密钥没有应答，没有完成${use}。请重新插好安全密钥，刷新页面后再试。`)
}

/** The challenge of a statement that is signed alone: its leaf in a Merkle tree (RFC 9162), which is the root as well. */
export const leafOf = (bytes: Uint8Array) => sha256(new Uint8Array([0, ...bytes]))

/** The challenge of statements that are signed together: the root of the tree with these leaves, of which there is at least one. */
export async function rootOf(leaves: Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  if (leaves.length === 1) return new Uint8Array(leaves[0])
  let left = 1
  while (left * 2 < leaves.length) left *= 2
  const sides = [await rootOf(leaves.slice(0, left)), await rootOf(leaves.slice(left))]
  return sha256(new Uint8Array([1, ...sides[0], ...sides[1]]))
}

const text = (bytes: ArrayBuffer) => base64url(new Uint8Array(bytes))

/** Signs the challenge with one of these keys. A failure is an Error whose sentence says what to do. */
export async function signChallenge(challenge: BufferSource, credentials: string[], site: Site, use: Use = '签署'): Promise<Signature> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge,
    rpId: site.rpId,
    allowCredentials: credentials.map((id) => ({ type: 'public-key', id: bytesOf(id) })),
    userVerification: 'required',
    timeout: TIMEOUT,
  }
  try {
    const made = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential
    const said = made.response as AuthenticatorAssertionResponse
    return {
      credential: text(made.rawId),
      client_data: text(said.clientDataJSON),
      authenticator_data: text(said.authenticatorData),
      signature: text(said.signature),
    }
  } catch (problem) {
    throw told(problem, site, use)
  }
}

/** These bytes are not checked, since keys for the roster are handed over in person. */
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))

async function makeCredential(name: string, site: Site): Promise<PublicKeyCredential> {
  const publicKey: PublicKeyCredentialCreationOptions = {
    challenge: random(32),
    rp: { id: site.rpId, name: '后台' },
    user: { id: random(16), name, displayName: name },
    pubKeyCredParams: [{ type: 'public-key', alg: ES256 }],
    authenticatorSelection: { residentKey: 'discouraged', userVerification: 'required' },
    attestation: 'none',
    timeout: TIMEOUT,
  }
  try {
    return (await navigator.credentials.create({ publicKey })) as PublicKeyCredential
  } catch (problem) {
    throw told(problem, site, '登记')
  }
}

/** Makes a key for somebody of that name. A failure is an Error whose sentence says what to do. */
export async function makePasskey(name: string, site: Site): Promise<PublicPasskey> {
  const made = await makeCredential(name, site)
  const said = made.response as AuthenticatorAttestationResponse
  const spki = new Uint8Array(said.getPublicKey() ?? [])
  if (said.getPublicKeyAlgorithm() !== ES256 || spki.length !== SPKI)
    throw new Error('安全密钥给出的公钥不是 P-256 公钥，请换一个安全密钥。')
  return { credential: text(made.rawId), point: base64url(spki.slice(-POINT)) }
}
