// SPDX-License-Identifier: Apache-2.0
// Staff log in with their security key: the server words a statement, and the key signs it.
import { http, type Posted } from '../common/http'
import { checkPlace, leafOf, loadAuthenticator, signChallenge, type Site } from './passkey'
import type { DeskSession } from '../common/api'

/** How far the clocks of computer and server may be apart, in milliseconds. */
const CLOCKS_APART = 600_000

const siteOf = (rpId: string): Site => ({ rpId, advice: (address) => `请用地址 ${address}/desk 打开后台登录。` })

/** Nobody reads the statement of a log-in, so it is checked here that it is this person's log-in, and now. */
function check({ statement, time, nonce }: Posted<'/desk/api/login/challenge'>, name: string) {
  if (statement !== `certhall 1：登录后台\n人员：${name}\n时间：${time}\n随机数：${nonce}\n`)
    throw new Error('要求签署的不是登录内容，可能有人想冒用您的安全密钥。请不要继续登录，并立即告诉管理员。')
  if (!(Math.abs(Date.parse(time) - Date.now()) <= CLOCKS_APART))
    throw new Error('这台电脑的时间与服务器相差超过 10 分钟，请先校准电脑的日期和时间。如果电脑的时间准确，请告诉管理员。')
}

/** Opens a session for the member of staff of that name. A failure is an Error whose sentence says what to do. */
export async function login(name: string): Promise<DeskSession> {
  const asked = await http.post('/desk/api/login/challenge', {}, { name }, { quiet: true })
  const site = siteOf(asked.rp_id)
  check(asked, name)
  checkPlace(site)
  await loadAuthenticator(asked.authenticator)
  // As for decisions, the challenge is computed here from the text that was checked.
  const challenge = await leafOf(new TextEncoder().encode(asked.statement))
  const assertion = await signChallenge(challenge, asked.credentials, site, '登录')
  return http.post('/desk/api/login/session', {}, { name, time: asked.time, nonce: asked.nonce, assertion }, { quiet: true })
}
