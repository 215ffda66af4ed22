// SPDX-License-Identifier: Apache-2.0
// The result of a loss report, a rebinding, an unlocking or a revocation by phone authentication, as the phone and the waiting page tell it.
import { dateTime } from './format'
import type { LossOutcome, RebindingOutcome, Revoked, Tone, Unlocked } from './api'

type Words = { title: string; tone: Tone; text: string }

export function outcomeText(outcome: LossOutcome, hotline: string): Words {
  const call = hotline ? `请拨打服务热线 ${hotline}` : '请拨打服务热线'
  const words: Record<LossOutcome['word'], Words> = {
    held: {
      title: '证书已冻结',
      tone: 'success',
      text: `找回介质后，${dateTime(outcome.undo_until)} 前可在“证书报失”页面自行解除；之后${call}。确定遗失的，请办理补办。`,
    },
    released: { title: '已解除冻结', tone: 'success', text: '证书恢复有效，可以继续使用。' },
    held_before: { title: '证书此前已冻结', tone: 'warning', text: `无需再次报失。如需解除冻结或补办，${call}。` },
    revoked: { title: '证书已吊销', tone: 'warning', text: '证书不能再使用，无需报失，也不能解除。' },
    not_held: { title: '证书没有冻结', tone: 'warning', text: '证书目前有效，无需解除。' },
    other_way: { title: '不能在这里解除', tone: 'danger', text: `这次冻结不是由您经手机认证办理的，${call}。` },
    late: { title: '已超过 24 小时', tone: 'danger', text: `报失超过 24 小时，不能自行解除，${call}。` },
    expired: { title: '证书已过期', tone: 'warning', text: '证书已经过期，无需报失。' },
  }
  return words[outcome.word]
}

export function rebindingText(outcome: RebindingOutcome, hotline: string): Words {
  const call = hotline ? `请拨打服务热线 ${hotline}` : '请拨打服务热线'
  const words: Record<RebindingOutcome['word'], Words> = {
    waits: {
      title: '换绑申请已受理',
      tone: 'success',
      text: `账号将于 ${dateTime(outcome.due_at)} 换绑到 ${outcome.phone}，届时请用新手机号登录。在此之前，原手机号可以停止换绑。`,
    },
    taken: { title: '没有换绑', tone: 'danger', text: '新手机号在认证期间已有账号，不能用来换绑。请换一个手机号重新申请。' },
    underway: { title: '已有一次换绑等待生效', tone: 'warning', text: `这个账号的另一次换绑申请正在等待生效。如果不是您申请的，${call}。` },
    changed: { title: '没有换绑', tone: 'danger', text: `认证期间账号有了变化，请重新申请。仍不能办理的，${call}。` },
  }
  return words[outcome.word]
}

export function unlockedText(word: Unlocked): Words {
  return word === 'puk_sent'
    ? { title: '解锁码已发送', tone: 'success', text: '请查收短信，在介质的证书管理工具中用解锁码重设 PIN 码。解锁码只发放一次。' }
    : { title: '没有发送解锁码', tone: 'danger', text: '认证期间证书或介质的状态有了变化，不能解锁。请在业务单页面查看原因。' }
}

export function revokedText(word: Revoked): Words {
  return word === 'revoked_now'
    ? { title: '证书已注销', tone: 'success', text: '证书不能再使用，结果已用短信通知。可以在“证书状态查询”核对。' }
    : { title: '没有注销', tone: 'danger', text: '认证期间证书的状态有了变化，不能注销。请在业务单页面查看原因。' }
}
