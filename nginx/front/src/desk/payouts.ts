// SPDX-License-Identifier: Apache-2.0
// Words for payouts and their codes.
import type { Payout } from '../common/api'

const states: Record<Payout['state'], string> = {
  queued: '待汇出',
  sent: '已汇出，待银行确认',
  succeeded: '已入账',
  failed: '失败',
  returned: '退票',
}
export const payoutWord = (one: Payout) => (one.suspended_at && one.state === 'sent' ? '银行多日未处理完' : states[one.state])

export const codeWord = (code: NonNullable<Payout['code']>) =>
  ({ open: `待填写（填错 ${code.tries} 次）`, right: '已填对', void: '已作废' })[code.state]

/** The reasons why finance has to look after a payout, and what it may do. */
export const tasks: Record<
  NonNullable<Payout['task']>,
  { text: string; acts: { what: 'ask' | 'fail' | 'done'; label: string; sure: string }[] }
> = {
  suspended: {
    text: '银行三天未给出结果，已停止自动查询',
    acts: [
      { what: 'ask', label: '再次查询', sure: '将重新向银行查询这笔打款。' },
      { what: 'fail', label: '确认未汇出', sure: '请先在网上银行核实款项确未汇出。确认后按失败处理，经办人可以更正账户重新打款。' },
    ],
  },
  stuck: {
    text: '多次提交银行没有回应',
    acts: [
      { what: 'ask', label: '再次提交', sure: '将先向银行查询，银行确无此笔时才重新汇出。' },
      { what: 'fail', label: '确认未汇出', sure: '请先在网上银行核实款项确未汇出。' },
    ],
  },
  returned: {
    text: '退票时业务单已办结或认证已完成',
    acts: [{ what: 'done', label: '已处理', sure: '请确认已与申请单位联系，并按规定处理。' }],
  },
  exhausted: {
    text: '打款次数已用完，本项目不开放法人认证',
    acts: [{ what: 'done', label: '已处理', sure: '请确认已与申请单位联系，商定退费或其他处理。' }],
  },
}
