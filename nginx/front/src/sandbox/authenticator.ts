// SPDX-License-Identifier: Apache-2.0
// The sandbox's software authenticator: once this module is loaded, its keys sign in place of a security key. It answers and
// refuses as a browser does, so that a page cannot tell the difference.
import { base64url, bytesOf } from '../common/bytes'

const ADDRESS = '/sandbox/api/authenticator/assert'
/** A browser gives this error for every reason, so that a page learns nothing about the keys that somebody has. */
const notAllowed = () => new DOMException('The operation either timed out or was not allowed.', 'NotAllowedError')

/** A page may use the keys of its own host, or of a domain to which the host belongs. An IP address has no keys. */
function checkHost(rpId: string) {
  const host = location.hostname
  const isName = !/^[\d.]+$|^\[/.test(host)
  if (!isName || (host !== rpId && !host.endsWith(`.${rpId}`)))
    throw new DOMException('The relying party ID is not a registrable domain suffix of, nor equal to the current domain.', 'SecurityError')
}

const bytesIn = (source: BufferSource) =>
  ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source)
const buffer = (text: string) => bytesOf(text).buffer

async function assertion(asked: PublicKeyCredentialRequestOptions, signal?: AbortSignal) {
  const rpId = asked.rpId ?? location.hostname
  checkHost(rpId)
  const credentials = (asked.allowCredentials ?? []).map((one) => base64url(bytesIn(one.id)))
  const body = JSON.stringify({ credentials, challenge: base64url(bytesIn(asked.challenge)), origin: location.origin, rp_id: rpId })
  const response = await fetch(ADDRESS, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, signal })
  if (!response.ok) throw notAllowed()
  const made = (await response.json()) as Record<'credential' | 'client_data' | 'authenticator_data' | 'signature', string>
  return {
    id: made.credential,
    rawId: buffer(made.credential),
    type: 'public-key',
    authenticatorAttachment: 'platform',
    response: {
      clientDataJSON: buffer(made.client_data),
      authenticatorData: buffer(made.authenticator_data),
      signature: buffer(made.signature),
      userHandle: null,
    },
    getClientExtensionResults: () => ({}),
  } as unknown as PublicKeyCredential
}

// A page that is not secure has no `credentials`; nothing is replaced there.
const container = navigator.credentials as CredentialsContainer | undefined
if (container) {
  const get = container.get.bind(container)
  container.get = (options) => (options?.publicKey ? assertion(options.publicKey, options.signal) : get(options))
}
