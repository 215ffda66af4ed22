// SPDX-License-Identifier: Apache-2.0
// What codes of the API are called.
import type { CertificateFace, HeldCertificate, Production, Revocation, Seal, Tone } from './api'

export const itemState: Record<Production['items'][number]['state'], { text: string; tone: Tone }> = {
  waiting: { text: '待制作', tone: 'info' }, requested: { text: '已收到证书请求', tone: 'info' }, issuing: { text: '制作中', tone: 'warning' }, made: { text: '已制作', tone: 'success' },
}
export const useName: Record<HeldCertificate['key_use'], string> = { signature: '签名证书', encryption: '加密证书' }
export const certificateLook: Record<HeldCertificate['state'], { text: string; tone: Tone }> = {
  valid: { text: '有效', tone: 'success' }, hold: { text: '已冻结', tone: 'warning' }, revoked: { text: '已吊销', tone: 'danger' },
}

/** What the state of a certificate is called, and what it means. */
export const stateText: Record<CertificateFace['state'] | 'unknown', { label: string; tone: Tone; text: string }> = {
  valid: { label: '有效', tone: 'success', text: '证书在有效期内，没有被吊销，可以正常使用。' },
  hold: { label: '暂停使用', tone: 'warning', text: '证书已暂停使用（例如持有人报告介质遗失），暂停期间的签名不应采信。' },
  revoked: { label: '已吊销', tone: 'danger', text: '证书已被吊销，吊销之后的签名无效。' },
  expired: { label: '已过期', tone: 'warning', text: '证书已过有效期，不能再使用；有效期内的签名仍可验证。' },
  unknown: { label: '没有查到', tone: 'info', text: '本机构没有签发过这个序列号的证书。请核对序列号，或向证书的签发机构查询。' },
}

export const sealKindName: Record<Seal['kind'], string> = { unit: '法定名称章', person: '个人名章' }
export const sealLook: Record<Seal['state'], { tone: Tone; text: string }> = {
  making: { tone: 'info', text: '制作中' },
  valid: { tone: 'success', text: '有效' },
  suspended: { tone: 'warning', text: '已暂停' },
  expired: { tone: 'warning', text: '已到期' },
  withdrawn: { tone: 'danger', text: '已注销' },
}

export const kindName: Record<Revocation['kind'], string> = { revoke: '吊销', hold: '冻结', release: '解除冻结' }
export const wayName: Record<Revocation['way'], string> = { staff: '工作人员', account: '业务单账号', link: '手机认证', system: '系统' }
export const requestLook: Record<Revocation['state'], { tone: Tone; text: string }> = {
  asked: { tone: 'warning', text: '待确认' }, done: { tone: 'success', text: '已办结' }, refused: { tone: 'danger', text: '未同意' }, withdrawn: { tone: 'info', text: '已撤回' },
}
/** In the order in which they are offered. */
export const reasonName: Record<string, string> = {
  key_compromise: '介质遗失或密钥泄露', affiliation_changed: '证书信息变更', superseded: '已由新证书替换', cessation: '不再使用',
  privilege_withdrawn: '资格被取消', unspecified: '其他',
}
/** What was done, by which way: 冻结（手机认证） */
export const doneText = (row: Pick<Revocation, 'kind' | 'way' | 'reason'>) =>
  kindName[row.kind] + (row.reason ? `：${reasonName[row.reason] ?? row.reason}` : '') + `（${wayName[row.way]}）`

