// SPDX-License-Identifier: Apache-2.0
// Staff sign decisions and acts with their security key (a passkey). The server words the statement; the person reads and signs it here,
// and the signature is sent with the decision as its member `decision`.
import { ElMessageBox } from 'element-plus/es/components/message-box/index.mjs'
import { h } from 'vue'
import './sign.css'
import { call, type Posted } from '../common/http'
import { checkPlace, leafOf, loadAuthenticator, rootOf, signChallenge, type Site } from './passkey'
import { useDesk } from './session'
import type { Decision, Tray } from '../common/api'

type Statement = Posted<'/desk/api/review/orders/{id}/statement'>

const siteOf = (rpId: string): Site => ({ rpId, advice: (address) => `请用地址 ${address}/desk 打开后台，登录后再办理。` })

/** The kinds of statements. An action names its own and accepts no other. */
type Title =
  | '审核通过，同意签发'
  | '制作证书'
  | '申请吊销证书'
  | '同意吊销或解除冻结'
  | '注销电子印章'
  | '确认汇款到账'
  | '登记多收款'
  | '登记金额不符的款项已处理'
  | '提请退费'
  | '批准退费'
  | '登记退款已汇回'
  | '按原账户重新打款'
  | '当面核验通过'
  | '当面核验不通过'

/** Tells everything that is known to fail before anybody reads a statement. */
function check(statements: string[], title: Title, { credentials, rp_id }: Pick<Statement, 'credentials' | 'rp_id'>) {
  if (!statements.every((statement) => statement.startsWith(`certhall 1：${title}\n`)))
    throw new Error('要求签署的不是这项决定。请不要继续办理，并立即告诉管理员。')
  if (!credentials.length) throw new Error('您还没有登记安全密钥，不能签署。请在“安全密钥”页登记，由安全员加入名册后再办理。')
  checkPlace(siteOf(rp_id))
}

/** The text with an element for each line, so that a line that is wrapped does not look like two. */
const linesOf = (statement: string) => statement.split('\n').map((line, at, all) => h('span', at < all.length - 1 ? `${line}\n` : line))

async function agreed(statements: string[], warning: string | undefined): Promise<boolean> {
  const content = h('div', { class: 'sign' }, [
    warning ? h('p', { class: 'note warning small' }, warning) : null,
    h(
      'div',
      { class: 'statements' },
      statements.map((statement, at) => {
        const label = statements.length > 1 ? `签署内容 ${at + 1}，共 ${statements.length} 项` : '签署内容'
        return h('pre', { tabindex: 0, role: 'region', 'aria-label': label }, linesOf(statement))
      }),
    ),
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

/** Shows the statements and has them signed together. Null if the person cancels. */
async function signAll(
  statements: string[],
  title: Title,
  asked: Pick<Statement, 'time' | 'credentials' | 'rp_id'>,
  warning?: string,
): Promise<Decision | null> {
  check(statements, title, asked)
  await loadAuthenticator(useDesk().session?.authenticator)
  if (!(await agreed(statements, warning))) return null
  // The challenge is computed here from the text that was shown, so that nothing else is signed, whatever the server says.
  const leaves = await Promise.all(statements.map((statement) => leafOf(new TextEncoder().encode(statement))))
  return { time: asked.time, ...(await signChallenge(await rootOf(leaves), asked.credentials, siteOf(asked.rp_id))) }
}

/**
 * Reads the statement for the action at that address and has it signed. Null if the person cancels; a failure is an Error whose
 * sentence says what to do.
 */
export async function sign(path: string, title: Title, body?: object, warning?: string): Promise<Decision | null> {
  const asked = await call<Statement>('POST', `${path}/statement`, body)
  return signAll([asked.statement], title, asked, warning)
}

/** The same for all decisions on a tray that have not changed. */
export function signTray(asked: Tray, title: Title): Promise<Decision | null> {
  return signAll(
    asked.items.flatMap(({ statement }) => statement ?? []),
    title,
    asked,
  )
}
