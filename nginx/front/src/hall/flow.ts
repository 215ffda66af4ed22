// SPDX-License-Identifier: Apache-2.0
// Which steps of an order are done and which come next: pure functions of the order and the set-up.
import type { Order, Step } from '../common/api'

export const editable = (order: Order) => order.state === 'draft' || order.state === 'rejected'
const papersDone = (order: Order) => order.papers.every((paper) => !paper.needed || paper.state === 'ok')

export function stepDone(order: Order, step: Step): boolean {
  if (step.before_draft) return true
  switch (step.key) {
    case 'form':
      return order.form_complete
    case 'print':
      return order.form_complete && order.printed && order.annex_printed !== false
    case 'papers':
      return order.form_complete && papersDone(order) && order.next?.step !== 'papers' // the picture of the seal may be missing
    case 'phone':
      return order.phone.state === 'passed'
    case 'payment':
      return order.payment.state === 'paid' || order.payment.state === 'voucher'
    default:
      return false
  }
}

/** The steps in the bar. After a rejection a paid order is not paid again, so the last step is 重新提交. */
export function shownSteps(steps: Step[], order: Order | null): Step[] {
  if (order?.state !== 'rejected') return steps
  return [
    ...steps.filter((step) => !step.before_draft && step.key !== 'payment'),
    { key: 'resubmit', label: '重新提交', before_draft: false },
  ]
}

/** Whether a step can be entered: it is done, or all steps before it are. */
export function reachable(order: Order, steps: Step[], key: string): boolean {
  if (order.state === 'unpaid') return key === 'payment'
  if (!editable(order)) return false
  const at = steps.findIndex((step) => step.key === key && !step.before_draft) // the consent to a draft cannot be changed here
  return at >= 0 && steps.slice(0, at).every((step) => stepDone(order, step))
}

export function neighbour(steps: Step[], key: string, by: 1 | -1): string | null {
  const next = steps[steps.findIndex((step) => step.key === key) + by]
  return next && !next.before_draft ? next.key : null
}

export function firstOpen(order: Order, steps: Step[]): string {
  return steps.find((step) => !stepDone(order, step))?.key ?? steps[steps.length - 1]?.key ?? 'form'
}

/** "/form/unit_code" leads to the field on the form page, "/papers/licence" to the paper. */
export function placeOf(pointer: string): { step: string; at: string | null } {
  const [, step, at] = (pointer === '/sealpicture' ? '/papers/sealpicture' : pointer).split('/') // the picture of the seal is on the page of the papers
  const known = ['form', 'print', 'papers', 'phone', 'payment']
  return { step: known.includes(step) ? step : 'form', at: at ?? null }
}

/** Captions of the server's word for the next step. An unknown word leads to the order's page, which shows the server's sentence. */
export const nextCaptions: Record<string, string> = {
  form: '继续填写',
  print: '打印申请表',
  papers: '上传资料',
  phone: '手机认证',
  payment: '去支付',
  account: '填写对公账户',
  code: '填写随机码',
  legal: '法定代表人认证',
  resubmit: '修改并重新提交',
}
