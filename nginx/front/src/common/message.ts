// SPDX-License-Identifier: Apache-2.0
// Messages by what they were about and what became of them.
import type { Tone } from './api'

const events: Record<string, string> = {
  approved: '审核通过', rejected: '审核驳回', finauth_failed: '金融认证未成功', account_wanted: '请补充账户', pin: 'PIN 码', shipped: '快递单号', refunded: '已退款',
  certificate_held: '证书已冻结', certificate_released: '证书已解除冻结', certificate_revoked: '证书已吊销', download: '证书可下载', seal_made: '电子印章已制作',
  handed_over: '业务单移交', voucher_refused: '汇款未确认', refund_approved: '退费已批准', refund_refused: '退费未获批准', remitted_back: '已汇回款项', code_wanted: '请填写随机码', code_failed: '随机码认证未成功',
  serials: '证书序列号查询', invoice: '电子发票', expiring: '证书即将到期', refund_ended: '退费已完成',
}
export const messageName = (event: string) => events[event] ?? '业务通知'
export const channelWord: Record<string, string> = { sms: '短信', email: '邮件' }

const states: Record<string, { text: string; tone: Tone }> = {
  queued: { text: '待发送', tone: 'info' }, sent: { text: '已发送', tone: 'info' }, delivered: { text: '已送达', tone: 'success' },
  undelivered: { text: '未送达', tone: 'danger' }, refused: { text: '未能发送', tone: 'danger' },
}
export const messageState = (state: string) => states[state] ?? { text: state, tone: 'info' as Tone }

/** Words of ours among the reasons; a vendor's own word stays as it is. */
const reasons: Record<string, string> = {
  no_address: '申请表没有填写邮箱', no_mail_server: '没有设置邮件服务器', given_up: '多次发送没有应答', bad_address: '邮箱地址不正确', 'no template for this event': '没有这类消息的文本',
}
export const messageReason = (note: string | null) => (note ? reasons[note] ?? note : '')
