// SPDX-License-Identifier: Apache-2.0
// Checks while people type, so that they see a mistake at once. The server checks everything again and decides.
const idWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const usccAlphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'

function idCardRight(value: string): boolean {
  if (!/^\d{17}[\dX]$/.test(value)) return false
  const born = `${value.slice(6, 10)}-${value.slice(10, 12)}-${value.slice(12, 14)}`
  const day = new Date(`${born}T00:00:00Z`)
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== born) return false
  const sum = idWeights.reduce((total, weight, at) => total + weight * Number(value[at]), 0)
  return '10X98765432'[sum % 11] === value[17]
}

function usccRight(value: string): boolean {
  if (value.length !== 18 || [...value].some((c) => !usccAlphabet.includes(c))) return false
  let sum = 0
  let weight = 1
  for (let at = 0; at < 17; at++) {
    sum += usccAlphabet.indexOf(value[at]) * weight
    weight = (weight * 3) % 31
  }
  return usccAlphabet[(31 - (sum % 31)) % 31] === value[17]
}

const chosen = ['type', 'years', 'choice', 'region', 'bank', 'bool']
/** What is said of a field that must not be left empty: text is filled in, anything else chosen. */
export const missing = (field: { kind: string; label: string }) => `请${chosen.includes(field.kind) ? '选择' : '填写'}${field.label}。`

const rules: Record<string, { right: (value: string) => boolean; text: string }> = {
  idcard: { right: idCardRight, text: '身份证号码不正确，请对照证件逐位核对。' },
  uscc: { right: usccRight, text: '统一社会信用代码不正确，请对照营业执照逐位核对。' },
  mobile: { right: (v) => /^1[3-9]\d{9}$/.test(v), text: '请填写 11 位大陆手机号码。' },
  email: { right: (v) => /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(v), text: '邮箱格式不正确，例如 name@example.com。' },
  postcode: { right: (v) => /^\d{6}$/.test(v), text: '邮政编码为 6 位数字。' },
  account: { right: (v) => /^[\d-]{8,32}$/.test(v), text: '账号应为 8 至 32 位数字，请对照银行回单核对。' },
}

export const passwordHint = '10 至 72 个字符，例如几个互不相关的词；不能是常见的密码'
export function badPassword(value: string): string | null {
  return value.length >= 10 ? null : '密码至少 10 个字符。'
}

export function checkValue(kind: string, value: string): string | null {
  const rule = rules[kind]
  return !rule || rule.right(value) ? null : rule.text
}

/** Removes blanks and capitalizes letters, instead of complaining about them. */
export function tidy(kind: string, value: string): string {
  if (kind === 'idcard' || kind === 'uscc') return value.replace(/\s/g, '').toUpperCase()
  if (['mobile', 'postcode', 'account', 'email'].includes(kind)) return value.replace(/\s/g, '')
  return value.trim()
}
