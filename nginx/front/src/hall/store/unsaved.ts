// SPDX-License-Identifier: Apache-2.0
// What a person has typed into a draft and the server could not store, since the log-in had ended: it waits for the same person to
// come back. This tab's own storage keeps it over a reload; numbers of ID cards and accounts wait in the page's memory alone, since
// some browsers bring a tab's storage back after it was closed.
import type { Field, FormValues } from '../../common/api'

interface Unsaved {
  values: FormValues
  /** The field that was typed in last. */
  at: string
}
const prefix = 'certhall.unsaved.'
const key = (account: string, order: string) => `${prefix}${account}.${order}`
const memory = new Map<string, FormValues>()
const forMemory = (field: Field) => ['idcard', 'account', 'items'].includes(field.kind)

export function keepUnsaved(account: string, order: string, fields: Field[], values: FormValues, at: string) {
  const stored: FormValues = {}
  const held: FormValues = {}
  for (const field of fields) (forMemory(field) ? held : stored)[field.name] = values[field.name] ?? null
  memory.set(key(account, order), held)
  try {
    sessionStorage.setItem(key(account, order), JSON.stringify({ values: stored, at }))
  } catch {
    memory.set(key(account, order), { ...stored, ...held }) // storage may be forbidden by the browser
  }
}

/** What waits for this person in this draft, once. What waits for anybody else is forgotten. */
export function takeUnsaved(account: string, order: string): Unsaved | null {
  const mine = key(account, order)
  let stored: Unsaved | null = null
  try {
    stored = JSON.parse(sessionStorage.getItem(mine) ?? 'null') as Unsaved | null
    sessionStorage.removeItem(mine)
    for (const one of Object.keys(sessionStorage))
      if (one.startsWith(prefix) && !one.startsWith(`${prefix}${account}.`)) sessionStorage.removeItem(one)
  } catch {
    /* as above */
  }
  const held = memory.get(mine)
  for (const one of [...memory.keys()]) if (one === mine || !one.startsWith(`${prefix}${account}.`)) memory.delete(one)
  return stored || held ? { values: { ...stored?.values, ...held }, at: stored?.at ?? '' } : null
}

export function someUnsaved(): boolean {
  try {
    return memory.size > 0 || Object.keys(sessionStorage).some((one) => one.startsWith(prefix))
  } catch {
    return memory.size > 0
  }
}
