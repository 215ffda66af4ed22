// SPDX-License-Identifier: Apache-2.0
// Filling in the form from pictures: which fields a picture can fill, and what was read on it by field.
import { chainOf, regionsOf } from '../common/field/regions'
import { itemTitle, membersOf } from '../common/items'
import type { Field, FormValues, Item, Order, Reading, Setup } from '../common/api'

/** A picture: the licence, or the ID card of the person whose fields have names that begin like this. */
export type Source = 'licence' | 'agent' | 'holder' | 'legal' | `items/${number}/holder`
type Values = NonNullable<Reading['values']>

/** The members of the items as fields of their own, by path: items/2/holder_id. */
export function withMembers(fields: Field[], values: FormValues, setup: Setup): { fields: Field[]; values: FormValues } {
  const list = fields.find((field) => field.kind === 'items' && field.required) // what stands in certificates that are renewed stays
  const items = (list ? values[list.name] : null) as Item[] | null
  if (!list || !items) return { fields, values }
  const members = items.flatMap((item, at) =>
    membersOf(
      list,
      setup.types.find((type) => type.code === item.cert_type),
    ).map((member) => ({
      field: { ...member, name: `${list.name}/${at}/${member.name}`, label: `${itemTitle(items, at, setup.types)}：${member.label}` },
      value: item[member.name] ?? null,
    })),
  )
  return {
    fields: [...fields, ...members.map((one) => one.field)],
    values: { ...values, ...Object.fromEntries(members.map((one) => [one.field.name, one.value])) },
  }
}

/** The pictures that fields of this form can be filled in from. */
export function sourcesOf(fields: Field[], setup: Setup): Source[] {
  const persons = fields.filter((field) => field.kind === 'idcard' && field.name.endsWith('_id'))
  return [
    ...(fields.some((field) => field.name === 'unit_name') && setup.papers.some((rule) => rule.code === 'licence')
      ? (['licence'] as const)
      : []),
    ...persons.map((field) => field.name.slice(0, -3) as Source),
  ]
}

/** What a picture is called. */
export function sourceName(source: Source, values: FormValues, setup: Setup): string {
  switch (source) {
    case 'licence':
      return '营业执照'
    case 'agent':
      return '经办人身份证'
    case 'holder':
      return '申请人身份证'
    case 'legal':
      return '法定代表人身份证'
    default:
      return `${itemTitle(values.items as Item[], Number(source.split('/')[1]), setup.types)}持有人身份证`
  }
}

/**
 * The paper of the order that the picture belongs to, so that it is uploaded only once; null: it is read and not kept. Whose ID card a
 * paper is, the beginning of its code says (hall.paper_person). Papers of an item belong to its person, who is not known before the card
 * was read, so that theirs is not kept.
 */
export function slotOf(source: Source, order: Order, setup: Setup) {
  const rule = setup.papers.find(
    (one) =>
      (source === 'licence'
        ? one.code === 'licence'
        : one.shows === 'id_front' && !one.per_item && source === (one.code.startsWith('agent_') ? 'agent' : 'holder')) &&
      order.papers.some((paper) => paper.code === one.code),
  )
  return rule ?? null
}

/** The region that an address begins with, of as many levels as the field has; the credit code names the province if the address does not. */
async function regionOf(address: string, code: string, levels: number): Promise<string | null> {
  const provinces = await regionsOf(null)
  const named = provinces.find((one) => address.startsWith(one.name))
  let at = named ?? provinces.find((one) => one.code === code.slice(2, 4))
  let rest = named ? address.slice(named.name.length) : address
  for (let level = 2; at && !at.leaf && level <= levels; level++) {
    const inner = await regionsOf(at.code)
    const next = inner.find((one) => rest.startsWith(one.name))
    at = next ?? (inner.length === 1 ? inner[0] : undefined)
    rest = next ? rest.slice(next.name.length) : rest
  }
  return at?.code ?? null
}

/** What was read, by the fields of the form. */
export async function readValues(source: Source, seen: Values, fields: Field[]): Promise<Record<string, string>> {
  if ('id_no' in seen) return present({ [`${source}_name`]: seen.name, [`${source}_id`]: seen.id_no }, fields)
  const region = fields.find((field) => field.name === 'unit_region')
  return present(
    {
      unit_name: seen.name,
      unit_code: seen.code,
      legal_name: seen.person,
      unit_region: (region && seen.address && (await regionOf(seen.address, seen.code, Number(region.kind.slice('region'.length))))) || '',
      unit_address: seen.address ?? '',
    },
    fields,
  )
}
const present = (values: Record<string, string>, fields: Field[]) =>
  Object.fromEntries(Object.entries(values).filter(([name, value]) => value && fields.some((field) => field.name === name)))

/** The kinds of regions end in the number of their levels: region2. */
export const isRegion = (field: Field) => field.kind.startsWith('region')

const plain = (text: string) => text.replace(/\s/g, '').replaceAll('（', '(').replaceAll('）', ')')
/** Whether the form says the same already; a place within the region that was read is more exact, not another one. */
export function agrees(field: Field, mine: string, seen: string): boolean {
  return isRegion(field) ? chainOf(mine).includes(seen) : plain(mine) === plain(seen)
}

/** An ID number with its middle hidden, except for what differs from the other one. */
export function maskedId(number: string, other: string): string {
  return [...number].map((digit, at) => (at >= 6 && at < 14 && (!other || other[at] === digit) ? '*' : digit)).join('')
}
