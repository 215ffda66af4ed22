// SPDX-License-Identifier: Apache-2.0
// Carrying known data over into a new form: which values of an earlier form a field takes, and what the form's own fields say for others.
import { checkValue } from '../common/check'
import type { Field, FormValues, Value } from '../common/api'

const blank = (value: Value | undefined) => value === null || value === undefined || value === ''

/** Whether the value of the field of the same name in another form is one of this field, too. What is bought is always chosen anew. */
function fits(field: Field, value: Value | undefined): value is string | boolean {
  if (['type', 'years', 'items'].includes(field.kind) || ['seal_wanted', 'publish_opt_out'].includes(field.name)) return false
  if (field.kind === 'bool') return typeof value === 'boolean'
  if (typeof value !== 'string' || blank(value)) return false
  if (field.kind === 'choice') return field.options?.some((option) => option.value === value) ?? false
  // A region has as many digits as levels: 44, 4401, 440106, 440106005.
  if (field.kind.startsWith('region')) return value.length === [0, 2, 4, 6, 9][Number(field.kind.slice('region'.length))]
  return !checkValue(field.kind, value)
}

/** What the empty ones of these fields can take from an earlier form and from the account, by field. */
export function carried(fields: Field[], values: FormValues, earlier: FormValues, own: { phone: string; email: string }) {
  const owner = fields.some((field) => field.name === 'agent_mobile') ? 'agent' : 'holder'
  const said: FormValues = { [`${owner}_email`]: own.email, ...earlier, [`${owner}_mobile`]: own.phone }
  return fields
    .filter((field) => blank(values[field.name]) && fits(field, said[field.name]))
    .map((field) => ({ field, value: said[field.name] }))
}

/** The invoice is mostly for whom the form is about. */
export function invoiceOf(fields: Field[], values: FormValues) {
  const from: Record<string, Value | undefined> =
    values.invoice_kind === 'person'
      ? { invoice_title: values.holder_name }
      : { invoice_title: values.unit_name, invoice_tax_no: values.unit_code }
  return fields
    .filter((field) => blank(values[field.name]) && !blank(from[field.name]))
    .map((field) => ({ field, value: from[field.name] as Value }))
}
