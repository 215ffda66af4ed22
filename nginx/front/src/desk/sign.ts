// SPDX-License-Identifier: Apache-2.0
// What staff decide is signed with their security key (a passkey). The server words the statement; the person reads it here and
// signs it; the signature goes along with the decision as its member `decision`.
import { ElMessageBox } from 'element-plus'
import { h } from 'vue'
import './sign.css'
import { base64url, bytesOf } from '../common/bytes'
import { call, http } from '../common/http'
import type { DeskSession } from '../common/api'

interface Statement {
  statement: string
  time: string
  challenge: string
  credentials: string[]
  rp_id: string
}
export interface Decision {
  time: string
  credential: string
  client_data: string
  authenticator_data: string
  signature: string
}

const TIMEOUT = 120_000

/** Where keys of that name can be used: the same pages under that name. */
function addressOf(rpId: string) {
  const protocol = rpId === 'localhost' || rpId.endsWith('.localhost') ? 'http:' : 'https:'
  const port = protocol === location.protocol && location.port ? `:${location.port}` : ''
  return `${protocol}//${rpId}${port}/desk`
}
const wrongAddress = (rpId: string) => new Error(`安全密钥不能在当前地址使用，请用地址 ${addressOf(rpId)} 打开后台，登录后再办理。`)

/** Whatever can be known to fail is told before anybody reads a statement. */
function checkPlace({ credentials, rp_id }: Statement) {
  if (!credentials.length) throw new Error('您还没有登记安全密钥，不能签署。请联系安全员登记后再办理。')
  const host = location.hostname
  if (!window.isSecureContext || (host !== rp_id && !host.endsWith(`.${rp_id}`))) throw wrongAddress(rp_id)
  if (!(navigator.credentials as CredentialsContainer | undefined))
    throw new Error('这个浏览器不支持安全密钥，请换用新版的 Edge、Chrome、Firefox 或 Safari 浏览器办理。')
}

/** The sandbox brings an authenticator of its own, which replaces the browser's. */
async function loadAuthenticator() {
  const session: DeskSession & { authenticator?: string | null } = await http.get('/desk/api/office/session', {}, { quiet: true })
  if (session.authenticator) await import(/* @vite-ignore */ session.authenticator)
}

/** The text as it is, each line by itself, so that one which is broken does not look like two. */
const linesOf = (statement: string) => statement.split('\n').map((line, at, all) => h('span', at < all.length - 1 ? `${line}\n` : line))

async function agreed(statement: string, warning: string | undefined): Promise<boolean> {
  const content = h('div', { class: 'sign' }, [
    warning ? h('p', { class: 'note warning small' }, warning) : null,
    h('pre', { tabindex: 0, role: 'region', 'aria-label': '签署内容' }, linesOf(statement)),
    h('p', { class: 'muted small' }, '请核对无误后签署，并按浏览器的提示使用安全密钥。'),
  ])
  try {
    await ElMessageBox.confirm(content, '将用您的安全密钥签署以下内容', {
      confirmButtonText: '签署',
      cancelButtonText: '取消',
      closeOnClickModal: false,
      customClass: 'sign-box',
    })
    return true
  } catch {
    return false
  }
}

function told(problem: unknown, rpId: string): Error {
  const name = problem instanceof DOMException ? problem.name : ''
  if (name === 'SecurityError') return wrongAddress(rpId)
  if (name === 'NotAllowedError')
    return new Error('没有完成签署：操作已取消、超时，或者没有找到您登记的安全密钥。请插好登记的安全密钥后重新办理。')
  return new Error('安全密钥没有应答，没有完成签署。请重新插好安全密钥，刷新页面后再试。')
}

async function signed({ challenge, credentials, rp_id, time }: Statement): Promise<Decision> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge: bytesOf(challenge),
    rpId: rp_id,
    allowCredentials: credentials.map((id) => ({ type: 'public-key', id: bytesOf(id) })),
    userVerification: 'required',
    timeout: TIMEOUT,
  }
  try {
    const made = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential
    const said = made.response as AuthenticatorAssertionResponse
    const text = (bytes: ArrayBuffer) => base64url(new Uint8Array(bytes))
    return {
      time,
      credential: text(made.rawId),
      client_data: text(said.clientDataJSON),
      authenticator_data: text(said.authenticatorData),
      signature: text(said.signature),
    }
  } catch (problem) {
    throw told(problem, rp_id)
  }
}

/**
 * Asks for the statement of what is to be decided at that address and has it signed. Null when the person thinks better of it; a
 * failure is an Error whose sentence says what to do.
 */
export async function sign(path: string, body: object, warning?: string): Promise<Decision | null> {
  const asked = await call<Statement>('POST', `${path}/statement`, body)
  checkPlace(asked)
  await loadAuthenticator()
  return (await agreed(asked.statement, warning)) ? signed(asked) : null
}
