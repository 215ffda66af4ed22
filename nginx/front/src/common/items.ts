// SPDX-License-Identifier: Apache-2.0
// The seals of an order: what may be chosen, and how they are listed. The members of an item come from the server.
import { checkValue, missing, tidy } from './check'
import type { CertType, Field, Item, Value } from './api'

const none = (value: unknown) => value === null || value === undefined || value === ''

/** Seals of the unit are counted, and all seals of a kind have the same years. Seals of persons are added one by one. */
export const ofPerson = (type: CertType | undefined) => type?.person === 'holder'

export const membersOf = (field: Field, type: CertType | undefined): Field[] =>
  (field.members ?? []).filter((member) => !member.name.startsWith('holder_') || ofPerson(type))

export function newItem(type: CertType, years: number): Item {
  return { cert_type: type.code, years, style: 'generated', seal_name: '' }
}

/** Makes as many items of a kind as wanted, in the order of the kinds. Items that stay keep what was typed in. */
export function withCount(items: Item[], types: CertType[], type: CertType, years: number, count: number): Item[] {
  const mine = items.filter((item) => item.cert_type === type.code)
  const next = Array.from({ length: count }, (_, at) => ({ ...(mine[at] ?? newItem(type, years)), years }))
  return sorted([...items.filter((item) => item.cert_type !== type.code), ...next], types)
}

export function sorted(items: Item[], types: CertType[]): Item[] {
  const rank = new Map(types.map((type, at) => [type.code, at]))
  return items
    .map((item, at) => ({ item, at }))
    .sort((a, b) => (rank.get(a.item.cert_type) ?? 99) - (rank.get(b.item.cert_type) ?? 99) || a.at - b.at)
    .map(({ item }) => item)
}

/** The name of an item, with a number where there are several of the kind: "机构业务章 2". */
export function itemTitle(items: Item[], at: number, types: CertType[]): string {
  const code = items[at].cert_type
  const name = types.find((type) => type.code === code)?.name ?? code
  const several = items.filter((item) => item.cert_type === code).length > 1
  return several ? `${name} ${items.slice(0, at + 1).filter((item) => item.cert_type === code).length}` : name
}

function said(member: Field, value: Value | undefined): string {
  if (member.kind === 'years') return `${String(value)} 年`
  return member.options?.find((option) => option.value === value)?.label ?? String(value)
}
/** A line for each item. */
export function itemLines(field: Field, items: Item[], types: CertType[]): string[] {
  return items.map(
    (item, at) =>
      `${itemTitle(items, at, types)}：${(field.members ?? [])
        .filter((member) => member.kind !== 'type' && !none(item[member.name]))
        .map((member) => (member.kind === 'years' ? said(member, item[member.name]) : `${member.label} ${said(member, item[member.name])}`))
        .join('，')}`,
  )
}

/** The errors of the items by path ("items/2/holder_id"). */
export function checkItems(field: Field, items: Item[], types: CertType[]): Record<string, string> {
  const wrong: Record<string, string> = {}
  if (items.length === 0 && field.required) wrong[field.name] = '请至少选择一种签章。'
  items.forEach((item, at) => {
    for (const member of membersOf(
      field,
      types.find((type) => type.code === item.cert_type),
    )) {
      const value = item[member.name]
      const text = none(value)
        ? member.required
          ? missing(member)
          : null
        : typeof value === 'string'
          ? checkValue(member.kind, tidy(member.kind, value))
          : null
      if (text) wrong[`${field.name}/${at}/${member.name}`] = text
    }
  })
  return wrong
}

/** The items as they are sent, without empty members. */
export const cleaned = (field: Field, items: Item[]): Item[] =>
  items.map(
    (item) =>
      Object.fromEntries(
        Object.entries(item)
          .filter(([, value]) => !none(value))
          .map(([name, value]) => {
            const kind = field.members?.find((member) => member.name === name)?.kind
            return [name, kind && typeof value === 'string' ? tidy(kind, value) : value]
          }),
      ) as Item,
  )
