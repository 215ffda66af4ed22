// SPDX-License-Identifier: Apache-2.0
// Buttons for what may be done with an order in a list: the server's words `can` and `next`. A word without a button here is shown by
// the order's own page.
import type { RouteLocationRaw } from 'vue-router'
import type { ListedOrder } from '../common/api'

export interface Action {
  label: string
  to?: RouteLocationRaw
  href?: string
  main?: boolean
}

/** The step of the draft that is to be done next, or else the order's page. */
const steps = ['form', 'print', 'papers', 'phone', 'payment']

export function actionsOf(order: ListedOrder): Action[] {
  const page = (name: string) => ({ name, params: { slug: order.slug, id: order.id } })
  const can = (word: ListedOrder['can'][number]) => order.can.includes(word)
  const next = order.next?.step ?? ''
  const rows: (Action & { when: boolean })[] = [
    { when: order.state === 'draft', label: '编辑', to: page(steps.includes(next) ? next : 'detail'), main: true },
    { when: can('resubmit'), label: '编辑', to: page('form'), main: true },
    { when: order.state === 'unpaid', label: '去支付', to: page('payment'), main: true },
    { when: can('code'), label: '待认证', to: page('detail'), main: true },
    {
      when: can('account') || can('payout') || can('legal_auth'),
      label: '金融认证',
      to: page(can('account') ? 'account' : 'detail'),
      main: true,
    },
    { when: can('received'), label: '确认签收', to: page('detail'), main: true },
    { when: can('refund'), label: '申请退费', to: page('detail') },
    { when: can('refund_withdraw'), label: '撤回退费', to: page('detail') },
    {
      when: can('print') && order.state !== 'draft',
      label: '打印',
      href: `/${order.slug}/api/${order.business}/orders/${order.id}/form.pdf`,
    },
    { when: true, label: '查看', to: page('detail') },
  ]
  return rows.filter((row) => row.when).map(({ label, to, href, main }) => ({ label, to, href, main }))
}
