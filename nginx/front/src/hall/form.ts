// SPDX-License-Identifier: Apache-2.0
// The state of the application form: the values, the fields that show, the mistakes. A field is known by its kind, never by its name.
import { computed, reactive } from 'vue'
import { checkValue, missing, tidy } from '../common/check'
import { checkItems, cleaned } from '../common/items'
import type { Block, Field, FieldError, FormValues, Item, Order, Setup, Value } from '../common/api'

const empty = (value: Value | undefined) =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
const asItems = (value: Value | undefined): Item[] => (Array.isArray(value) ? value : [])

/** `confirm`: type and years are preset, and the person only confirms them. */
export function useForm(setup: Setup, order: Order, confirm = false) {
  const all = setup.blocks.flatMap((block) => block.fields)
  const byName = new Map(all.map((field) => [field.name, field]))
  const typeField = all.find((field) => field.kind === 'type')
  const itemsField = all.find((field) => field.kind === 'items')
  const values = reactive<FormValues>({ ...order.form })
  const known: FormValues = { cert_type: order.cert_type, years: order.years, seal_wanted: order.seal_wanted }
  const errors = reactive<Record<string, string>>({})

  // Where there is a single offer, it is chosen already. A question that need not be answered begins with "no".
  for (const field of all) {
    // The question about the seal was answered before the form; the order has the answer.
    if (empty(values[field.name]) && ['type', 'years', 'bool'].includes(field.kind)) values[field.name] = known[field.name] ?? null
    if (!empty(values[field.name])) continue
    if (field.kind === 'type' && setup.types.length === 1) values[field.name] = setup.types[0].code
    if (field.kind === 'choice' && field.required && field.options?.length === 1) values[field.name] = field.options[0].value
    if (field.kind === 'bool' && !field.required) values[field.name] = false
    if (field.kind === 'years' && confirm && setup.types.length === 1) values[field.name] = setup.types[0].years[0]?.years ?? null
  }
  /** Takes the form as it is stored now, except for the fields that the person has changed here. */
  function take(stored: FormValues | null, but: Set<string>) {
    for (const field of all) if (!but.has(field.name)) values[field.name] = stored?.[field.name] ?? values[field.name] ?? null
  }
  const certType = computed(() => String((typeField && values[typeField.name]) || order.cert_type || ''))

  const items = computed(() => (itemsField ? asItems(values[itemsField.name]) : []))
  /** What each of several certificates has of its own, and so the form has not. */
  const members = new Set(itemsField?.members?.map((member) => member.name))
  const chosen = computed(() => (items.value.length || itemsField?.required ? items.value.map((item) => item.cert_type) : [certType.value]))
  const fits = (types: string[] | null | undefined) => !types || chosen.value.some((code) => types.includes(code))
  /** The errors of a field and of its parts ("items", "items/2/years"). */
  const within = (field: Field) => Object.keys(errors).filter((path) => path === field.name || path.startsWith(`${field.name}/`))
  const holds = (field: Field) => !field.when || values[field.when.field] === field.when.equals
  function shown(field: Field): boolean {
    if (!fits(field.types) || !holds(field)) return false
    if (field.kind === 'items' ? !field.required && !items.value.length : items.value.length && members.has(field.name)) return false
    // a field that depends on a hidden field is hidden too
    const parent = field.when && byName.get(field.when.field)
    return !parent || shown(parent)
  }
  const blocks = computed<Block[]>(() =>
    setup.blocks
      .filter((block) => fits(block.types))
      .map((block) => ({ ...block, fields: block.fields.filter(shown) }))
      .filter((block) => block.fields.length > 0),
  )
  const filed: FormValues = { ...order.form }
  /** The blocks that people see: where nothing is made, nothing is sent or remitted, and what is on file need not be looked at. */
  const asked = computed(() =>
    blocks.value.filter(
      (block) =>
        order.replaces?.made !== false ||
        !['account', 'mailing'].includes(block.key) ||
        block.fields.some((field) => field.required && empty(filed[field.name])),
    ),
  )
  const visible = computed(() => blocks.value.flatMap((block) => block.fields))

  function offeredYears(): number[] {
    return (setup.types.find((type) => type.code === certType.value)?.years ?? []).map((offer) => offer.years)
  }
  /** Sets a value, and empties the years if the new type does not offer them. */
  function set(field: Field, value: Value) {
    values[field.name] = value
    for (const path of within(field)) delete errors[path]
    if (field.kind === 'type') {
      for (const one of all.filter((other) => other.kind === 'years')) {
        const years = offeredYears()
        if (!years.includes(Number(values[one.name]))) values[one.name] = years.length === 1 ? years[0] : null
      }
    }
  }

  function checkField(field: Field): boolean {
    if (field.kind === 'items') {
      for (const path of within(field)) delete errors[path]
      Object.assign(errors, checkItems(field, asItems(values[field.name]), setup.types))
      return within(field).length === 0
    }
    const raw = values[field.name]
    if (typeof raw === 'string') values[field.name] = tidy(field.kind, raw)
    const value = values[field.name]
    let wrong: string | null = null
    if (empty(value)) wrong = field.required ? missing(field) : null
    else if (typeof value === 'string') wrong = checkValue(field.kind, value)
    if (wrong) errors[field.name] = wrong
    else delete errors[field.name]
    return !wrong
  }
  const checkAll = () => visible.value.map(checkField).every(Boolean)

  /** Shows the server's findings at their fields. Findings that belong to no visible field are returned, to be shown above the form. */
  function pin(found: FieldError[]): string[] {
    const rest: string[] = []
    for (const { pointer, detail } of found) {
      const name = pointer.replace(/^\/form\//, '')
      if (visible.value.some((field) => field.name === name.split('/')[0])) errors[name] = detail
      else rest.push(detail)
    }
    return rest
  }
  const firstWrong = () => visible.value.flatMap(within)[0] ?? null

  /** Only fields that show are sent: a value left in a hidden field must not get onto the printed form. */
  function payload(): FormValues {
    const body: FormValues = {}
    for (const field of visible.value)
      if (!empty(values[field.name]))
        body[field.name] = field.kind === 'items' ? cleaned(field, asItems(values[field.name])) : values[field.name]
    return body
  }
  return { values, errors, blocks, asked, visible, certType, take, set, checkField, checkAll, pin, firstWrong, payload }
}
