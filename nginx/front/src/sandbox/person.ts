// SPDX-License-Identifier: Apache-2.0
// The made-up person and unit of this demonstration, kept in this browser so that all sample papers agree.
import type { SamplePerson } from './api'

const key = 'certhall.sandbox.person'

export function storedPerson(): SamplePerson | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') as SamplePerson | null
  } catch {
    return null
  }
}
export const storePerson = (person: SamplePerson) => localStorage.setItem(key, JSON.stringify(person))

export const labels: Record<string, string> = {
  name: '姓名',
  id_no: '身份证号',
  mobile: '手机号',
  phone: '手机号',
  email: '邮箱',
  position: '职务',
  address: '地址',
  unit_name: '单位名称',
  unit_code: '统一社会信用代码',
  unit_address: '单位地址',
  legal_name: '法定代表人',
  legal_id: '法定代表人身份证号',
  legal_mobile: '法定代表人手机号',
  account_name: '账户名称',
  account_no: '单位账号',
  account_branch: '开户行联行号',
  account_branch_name: '开户行',
  branch_name: '开户行',
  bank: '银行',
  cnaps: '联行号',
  postcode: '邮政编码',
  mail_postcode: '邮政编码',
  mail_address: '收件地址',
  holder_name: '证书使用人',
  holder_id: '使用人身份证号',
  holder_mobile: '使用人手机号',
  agent_name: '经办人',
  agent_id: '经办人身份证号',
  agent_mobile: '经办人手机号',
  agent_email: '经办人邮箱',
}
/** `format` is one that the hall takes as it is. A picture that is encoded anew loses the data that the sandbox reads in it. */
export const papers: { kind: string; label: string; format?: string }[] = [
  { kind: 'idcard-front', label: '身份证人像面' },
  { kind: 'idcard-back', label: '身份证国徽面' },
  { kind: 'licence', label: '营业执照（盖章扫描件）', format: 'jpeg' },
  { kind: 'form', label: '申请表（盖章扫描件）' },
  { kind: 'seal-form', label: '印模采集表（盖章扫描件）' },
]
