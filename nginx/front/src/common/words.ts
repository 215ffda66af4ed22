// SPDX-License-Identifier: Apache-2.0
// Words and colours for states that the API gives as codes. The names of kinds, ways, reasons, and of states in lists and files come
// with each answer.
import type {
  Appointment,
  CertificateFace,
  Evidence,
  Finauth,
  HeldCertificate,
  IdentityState,
  Message,
  Production,
  Revocation,
  Seal,
  Tone,
} from './api'

type Look = { text: string; tone: Tone }

export const itemState: Record<Production['items'][number]['state'], Look> = {
  waiting: { text: '待制作', tone: 'info' },
  requested: { text: '已收到证书请求', tone: 'info' },
  issuing: { text: '制作中', tone: 'warning' },
  made: { text: '已制作', tone: 'success' },
}
export const useName: Record<HeldCertificate['key_use'], string> = { signature: '签名证书', encryption: '加密证书' }
/** For the certificate's owner and for staff. */
export const certificateLook: Record<HeldCertificate['state'], Look> = {
  valid: { text: '有效', tone: 'success' },
  hold: { text: '已冻结', tone: 'warning' },
  revoked: { text: '已吊销', tone: 'danger' },
}
/** For people who rely on the certificate: what the state means. */
export const stateText: Record<CertificateFace['state'] | 'unknown', { label: string; tone: Tone; text: string }> = {
  valid: { label: '有效', tone: 'success', text: '证书在有效期内，没有被吊销，可以正常使用。' },
  hold: { label: '暂停使用', tone: 'warning', text: '证书已暂停使用（例如持有人报告介质遗失），暂停期间的签名不应采信。' },
  revoked: { label: '已吊销', tone: 'danger', text: '证书已被吊销，吊销之后的签名无效。' },
  expired: { label: '已过期', tone: 'warning', text: '证书已过有效期，不能再使用；有效期内的签名仍可验证。' },
  unknown: { label: '没有查到', tone: 'info', text: '本机构没有签发过这个序列号的证书。请核对序列号，或向证书的签发机构查询。' },
}
export const finauthLook: Record<NonNullable<Finauth['state']>, Look> = {
  account_wanted: { text: '待填写账户', tone: 'warning' },
  queued: { text: '等待打款', tone: 'info' },
  sent: { text: '已打款', tone: 'info' },
  failed: { text: '金融认证失败', tone: 'danger' },
  returned: { text: '银行退票', tone: 'danger' },
  succeeded: { text: '金融认证成功', tone: 'success' },
  verified: { text: '已核验', tone: 'success' },
  replaced: { text: '已由法人认证代替', tone: 'success' },
}

export const sealTone: Record<Seal['state'], Tone> = {
  making: 'info',
  valid: 'success',
  suspended: 'warning',
  expired: 'warning',
  withdrawn: 'danger',
}
export const evidenceTone: Record<Evidence['state'], Tone> = { asked: 'info', made: 'success', failed: 'danger', ended: 'warning' }
export const evidenceName: Record<Evidence['state'], string> = {
  asked: '正在制作',
  made: '已制作',
  failed: '不能制作',
  ended: '已到期删除',
}
export const requestTone: Record<Revocation['state'], Tone> = { asked: 'warning', done: 'success', refused: 'danger', withdrawn: 'info' }
export const messageTone: Record<Message['state'], Tone> = {
  queued: 'info',
  sent: 'info',
  delivered: 'success',
  undelivered: 'danger',
  refused: 'danger',
}

/** An action and the way in which it was done: 冻结（手机认证） */
export const doneText = (row: Pick<Revocation, 'kind_name' | 'way_name' | 'reason_name'>) =>
  `${row.kind_name}${row.reason_name ? `：${row.reason_name}` : ''}（${row.way_name}）`

export type ProofStep = NonNullable<IdentityState['step']>
/** How far the phone is with an authentication, for the page that waits for it. */
export const proofSteps: Record<ProofStep, string> = {
  opened: '手机已打开认证页面',
  card: '正在手机上拍摄身份证',
  liveness: '正在手机上完成认证',
  transfer: '已选择转账，等待到账。跨行转账可能需要几小时，可以先离开，到账后自动继续。',
  outlet: '等待到网点当面核验',
}

export const appointmentTone: Record<Appointment['state'], Tone> = {
  open: 'warning',
  passed: 'success',
  refused: 'danger',
  missed: 'info',
  cancelled: 'info',
}
