// SPDX-License-Identifier: Apache-2.0
// The guide beside a page: what to click next, and a button that does the page's work. It draws over the page and changes nothing of it.
import { call } from '../../common/http'
import { endTour, rememberOrder, rememberedOrder } from './state'
import type { Stop } from './fill'

interface Hint {
  text: string
  /** The page's work, which the guide can do. */
  stop?: Stop
  id?: string
  slug?: string
  business?: string | null
  /** Where to go next. */
  links?: { label: string; url: string; /** in this tab, since it is the same work */ here?: boolean }[]
  /** The page is about something that changes by itself. */
  moves?: boolean
}
interface Shown {
  state: string
  label: string
  certificate: object | null
  can: string[]
  finauth: { state: string | null }
  transfer: { state: string } | null
}

const steps: Partial<Record<Stop, string>> = {
  form: '填写申请信息。可以从“样例资料”复制，也可以让演示环境代填；填好后点“下一步”。',
  print: '点“打开申请表”，核对打印的内容，再点“下一步”。',
  papers: '上传盖章的申请表和营业执照。样例图片在“样例资料”中。',
  phone: '用“扫码手机”扫页面上的二维码，上传身份证，通过人脸识别。',
  payment: '点“确认提交，去缴费”，再用“扫码手机”扫付款码支付。',
}
const samples = [
  { label: '样例资料', url: '/sandbox/papers' },
  { label: '扫码手机', url: '/sandbox/scan' },
]

/** What an order waits for after the payment, and who does it. */
function afterPayment(slug: string, id: string, order: Shown): Hint {
  const desk = { label: '打开业务后台', url: `/desk/orders/${id}?tour=1` }
  const at = { slug, id }
  const hints: Record<string, Hint> = {
    unpaid: { ...at, stop: 'payment', text: '还没有付款：点“去支付”，或由演示环境代付。' },
    verifying: { ...at, stop: 'paid', text: '银行汇出了 0.01 元，附言中有随机码。点“填写随机码”，或由演示环境代填。' },
    in_review: {
      text: '轮到审核员：打开业务后台，工号填 review，用安全密钥登录（沙箱代替密钥），在业务单中点“审核通过”并签署。',
      links: [desk],
      moves: true,
    },
    approved: { text: '银行正在向单位账户汇出 0.01 元，到账后自动受理，通常几秒钟。', moves: true },
    accepted: {
      text: '轮到制证员：在业务后台退出 review，工号填 produce 登录，在这份业务单中点“制作证书”并签署。',
      links: [desk],
      moves: true,
    },
    rejected: { text: '审核员退回了：按“去修改”，改好再提交。' },
  }
  if (order.certificate)
    return {
      text: '证书已经制成：往下看“证书”一栏，可以看到序列号、有效期，并下载证书。导览到此结束；也可以在业务后台由制证员登记寄出，再回到这里点“确认签收”。',
      links: [desk, { label: '换一个项目', url: '/sandbox/tour' }],
    }
  if (order.can.includes('account') && order.finauth.state === 'account_wanted' && order.state !== 'verifying')
    return { ...at, stop: 'paid', text: '付款后要填写单位的对公账户，用来认证单位。点“填写单位账户”，或由演示环境代填。' }
  return hints[order.state] ?? { text: `业务单现在是“${order.label}”。` }
}

async function atHall(slug: string, rest: string): Promise<Hint | null> {
  if (rest === 'login')
    return {
      slug,
      stop: 'apply',
      text: '填手机号，点“获取验证码”，短信在“短信收件箱”里。也可以由演示环境代为登录。',
      links: [{ label: '短信收件箱', url: '/sandbox/inbox' }],
    }
  const business = new URLSearchParams(location.search).get('business')
  if (/^apply/.test(rest)) return { slug, business, stop: 'apply', text: '选择业务，阅读并勾选协议，点按钮继续。' }
  const [, id, page] = /^orders\/([0-9a-f-]{36})(?:\/(\w+))?/.exec(rest) ?? []
  if (!id) return null
  if (page && steps[page as Stop] && page !== 'payment') return { slug, id, stop: page as Stop, text: steps[page as Stop]!, links: samples }
  const order = await call<Shown>('GET', `/${slug}/api/orders/${id}`, undefined, { quiet: true })
  if (page === 'payment' && ['draft', 'unpaid'].includes(order.state))
    return { slug, id, stop: 'payment', text: steps.payment!, links: samples }
  if (order.state === 'draft') return { text: '点“继续办理”，从没有完成的一步接着办。' }
  return afterPayment(slug, id, order)
}

/** What the order waits for at the desk. A transfer is confirmed by finance, beside the review. */
function deskWords({ state, label, certificate, transfer }: Shown): string {
  const finish = '回到申请人的页面，就能看到这张证书。'
  const finance = transfer?.state === 'waiting' ? '汇款由财务核对：工号填 finance 登录，在“款项”一栏点“确认到账”。' : ''
  const words: Record<string, string> = {
    in_review: `由审核员办理：看过申请信息和资料，点“审核通过”，读一遍将要签署的内容，再点“签署”。${finance}`,
    approved: finance || '银行正在汇出 0.01 元，到账后自动受理，通常几秒钟。',
    accepted: '由另一个人制证：点右上角的“退出”，工号填 produce 登录，点“制作证书”，读一遍，再点“签署”。签发要几秒钟。',
    produced: certificate
      ? `证书已经制成。${finish}介质由制证员寄出：点“生成运单号”，再点“登记寄出”；由申请人自行下载的证书不用寄送。`
      : '正在签发证书，通常几秒钟。',
    shipped: `已登记寄出，后台的工作到此结束。${finish}申请人收到后点“确认签收”。`,
    done: `业务单已经完成。${finish}`,
  }
  return words[state] ?? `业务单现在是“${label}”。`
}

async function atDesk(rest: string): Promise<Hint | null> {
  const id = /^orders\/([0-9a-f-]{36})/.exec(rest)?.[1]
  const known = id ?? rememberedOrder()
  const order = known ? [{ label: '打开导览中的业务单', url: `/desk/orders/${known}`, here: true }] : []
  if (/^login/.test(rest)) return { text: '工号填 review 审核，或填 produce 制证，再点“用安全密钥登录”。同一个人不能既审核又制证。' }
  if (!id) return { text: '打开导览中的那份业务单：它在“审核”“制证”或“寄送”队列里。', links: order }
  rememberOrder(id)
  const read = await call<{ order: Shown }>('GET', `/desk/api/review/orders/${id}`, undefined, { quiet: true })
  return { text: deskWords(read.order), moves: true }
}

function hint(): Promise<Hint | null> {
  const [, first, rest = ''] = /^\/([a-z0-9-]+)\/?(.*)$/.exec(location.pathname) ?? []
  if (!first) return Promise.resolve({ text: '从“导览”选一个项目开始。', links: [{ label: '导览', url: '/sandbox/tour' }] })
  return first === 'desk' ? atDesk(rest) : atHall(first, rest)
}

// ---- the panel ----

const style = {
  panel:
    'position:fixed;right:1rem;bottom:1rem;z-index:3000;max-width:min(22rem,calc(100vw - 2rem));background:#fffaf0;color:#3d2a00;' +
    'border:2px solid #c98a1b;border-radius:.5rem;box-shadow:0 6px 24px rgba(0,0,0,.2);padding:.75rem 1rem;font-size:.9375rem;line-height:1.6',
  button: 'font:inherit;border:0;border-radius:.375rem;background:#7a4d00;color:#fff;padding:.25rem .75rem;cursor:pointer',
  quiet: 'font:inherit;border:0;background:none;color:#5f3a00;text-decoration:underline;cursor:pointer;padding:0',
}
const make = <K extends keyof HTMLElementTagNameMap>(tag: K, css: string, text = '') => {
  const element = document.createElement(tag)
  element.style.cssText = css
  element.textContent = text
  return element
}
const panel = make('aside', style.panel)
panel.setAttribute('aria-label', '导览')
/** It can be folded up, and the page can be scrolled as far as if it were not there. */
const fold = make('details', '')
fold.open = true
const body = make('div', '')
fold.append(make('summary', 'cursor:pointer;font-weight:600', '导览：接下来'), body)
panel.append(fold)
const makeRoom = () => (document.body.style.paddingBottom = `${panel.offsetHeight + 16}px`)
fold.addEventListener('toggle', makeRoom)
let shown = ''
let busy = false

async function help(told: Hint, words: HTMLElement) {
  busy = true
  const { Filler } = await import('./fill')
  try {
    location.assign(await new Filler(told.slug!, (text) => (words.textContent = text), told.business).step(told.stop!, told.id ?? null))
  } catch (problem) {
    words.textContent = problem instanceof Error ? problem.message : '没有成功，请再试一次。'
    busy = false
  }
}

function draw(told: Hint) {
  const words = make('p', 'margin:.25rem 0', told.text)
  words.setAttribute('role', 'status')
  const row = make('p', 'display:flex;flex-wrap:wrap;gap:.5rem .875rem;margin:.5rem 0 0;align-items:center')
  if (told.stop) {
    const act = make('button', style.button, '替我完成这一步')
    act.onclick = () => {
      act.disabled = true
      void help(told, words)
    }
    row.append(act)
  }
  for (const { label, url, here } of told.links ?? []) {
    const link = make('a', 'color:#5f3a00', label)
    link.href = url
    if (!here) link.target = '_blank'
    row.append(link)
  }
  const end = make('button', style.quiet, '结束导览')
  end.onclick = () => {
    endTour()
    clearInterval(clock)
    panel.remove()
    document.body.style.paddingBottom = ''
  }
  row.append(end)
  body.replaceChildren(words, row)
  makeRoom()
}

/** Pages change without being loaded anew, and orders by what others do. */
let place = ''
let moves = false
async function look() {
  const here = location.pathname + location.search
  if (busy || (place === here && !moves)) return
  place = here
  const told = await hint().catch(() => null)
  if (busy) return
  moves = told?.moves ?? false
  panel.hidden = !told
  const now = JSON.stringify(told)
  if (told && now !== shown) draw(told)
  shown = now
}
document.body.append(panel)
const clock = setInterval(() => void look(), 1500)
void look()
