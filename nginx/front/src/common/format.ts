// SPDX-License-Identifier: Apache-2.0
// How numbers and times are written on all pages. Times are Beijing time, whatever the visitor's clock says.
import { ENGLISH, LOCALE } from './language'

const zone = 'Asia/Shanghai'
const parts = (iso: string, options: Intl.DateTimeFormatOptions) => {
  const when = new Date(iso)
  if (Number.isNaN(when.getTime())) return null
  const found = new Intl.DateTimeFormat(LOCALE, { timeZone: zone, hourCycle: 'h23', ...options }).formatToParts(when)
  return (type: string) => found.find((part) => part.type === type)?.value ?? ''
}

export function dateTime(iso: string | null | undefined): string {
  const get = iso ? parts(iso, { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' }) : null
  return get ? `${get('year')}-${get('month')}-${get('day')} ${get('hour')}:${get('minute')}` : '—'
}
export function date(iso: string | null | undefined): string {
  return iso ? dateTime(iso).slice(0, 10) : '—'
}
/** A promised day in words: 11月24日（周二） */
export function promisedDay(iso: string | null | undefined): string {
  const get = iso ? parts(iso, { month: ENGLISH ? 'short' : 'numeric', day: 'numeric', weekday: 'short' }) : null
  return get ? `${get('month')}月${get('day')}日（${get('weekday')}）` : '—'
}
export function clock(when: Date): string {
  const get = parts(when.toISOString(), { hour: '2-digit', minute: '2-digit' })
  return get ? `${get('hour')}:${get('minute')}` : ''
}
export function yuan(fen: number | null | undefined): string {
  if (fen === null || fen === undefined) return '—'
  return `${(fen / 100).toLocaleString(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 })} 元`
}
export function bytes(size: number | null | undefined): string {
  if (!size) return ''
  return size >= 1048576 ? `${(size / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(size / 1024))} KB`
}
/** An order number in groups, which is easier to read; the copy button copies it without blanks. */
export function grouped(digits: string): string {
  return digits.replace(/(\d{6})(?=\d)/g, '$1 ')
}
/** A number of the server, which counts to 1000 only. */
export function many(count: number): string {
  return count > 999 ? '999+' : String(count)
}
