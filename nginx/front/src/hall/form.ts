// SPDX-License-Identifier: Apache-2.0
// The state of the application form: values, which fields show, what is wrong. Knows fields by kind, never by name.
import { computed, reactive } from 'vue'
import { checkValue, tidy } from '../common/check'
import { checkItems, cleaned } from '../common/items'
import type { Block, Field, FieldError, FormValues, Item, Order, Setup, Value } from '../common/api'

const empty = (value: Value | undefined) =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
const asItems = (value: Value | undefined): Item[] => (Array.isArray(value) ? value : [])

/** `confirm`: type and years stand beforehand, the person looks at them and goes on. */
export function useForm(setup: Setup, order: Order, confirm = false) {
  const all = setup.blocks.flatMap((block) => block.fields)
  const byName = new Map(all.map((field) => [field.name, field]))
  const typeField = all.find((field) => field.kind === 'type')
  const itemsField = all.find((field) => field.kind === 'items')
  const values = reactive<FormValues>({ ...order.form })
  const known: FormValues = { cert_type: order.cert_type, years: order.years, seal_wanted: order.seal_wanted }
  const errors = reactive<Record<string, string>>({})

  // A single offer is no choice: it is taken, and shown as taken. What need not be answered starts as "no".
  for (const field of all) {
    // What was answered before the form (the seal question) is known to the order itself.
    if (empty(values[field.name]) && ['type', 'years', 'bool'].includes(field.kind)) values[field.name] = known[field.name] ?? null
    if (!empty(values[field.name])) continue
    if (field.kind === 'type' && setup.types.length === 1) values[field.name] = setup.types[0].code
    if (field.kind === 'choice' && field.required && field.options?.length === 1) values[field.name] = field.options[0].value
    if (field.kind === 'bool' && !field.required) values[field.name] = false
    if (field.kind === 'years' && confirm && setup.types.length === 1) values[field.name] = setup.types[0].years[0]?.years ?? null
  }
  /** The form as it is stored by now, but for the fields that the person has changed here. */
  function take(stored: FormValues | null, but: Set<string>) {
    for (const field of all) if (!but.has(field.name)) values[field.name] = stored?.[field.name] ?? values[field.name] ?? null
  }
  const certType = computed(() => String((typeField && values[typeField.name]) || order.cert_type || ''))

  const chosen = computed(() => (itemsField ? asItems(values[itemsField.name]).map((item) => item.cert_type) : [certType.value]))
  const fits = (types: string[] | null | undefined) => !types || chosen.value.some((code) => types.includes(code))
  /** A field's own error and those within it ("items", "items/2/years"). */
  const within = (field: Field) => Object.keys(errors).filter((path) => path === field.name || path.startsWith(`${field.name}/`))
  const holds = (field: Field) => !field.when || values[field.when.field] === field.when.equals
  function shown(field: Field): boolean {
    if (!fits(field.types) || !holds(field)) return false
    // what hangs on a field that is itself hidden is hidden too
    const parent = field.when && byName.get(field.when.field)
    return !parent || shown(parent)
  }
  const blocks = computed<Block[]>(() =>
    setup.blocks
      .filter((block) => fits(block.types))
      .map((block) => ({ ...block, fields: block.fields.filter(shown) }))
      .filter((block) => block.fields.length > 0),
  )
  const visible = computed(() => blocks.value.flatMap((block) => block.fields))

  function offeredYears(): number[] {
    return (setup.types.find((type) => type.code === certType.value)?.years ?? []).map((offer) => offer.years)
  }
  /** Sets a value and what follows from it: years that the new type does not offer. */
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
    if (empty(value)) wrong = field.required ? '此项必填。' : null
    else if (typeof value === 'string') wrong = checkValue(field.kind, value)
    if (wrong) errors[field.name] = wrong
    else delete errors[field.name]
    return !wrong
  }
  const checkAll = () => visible.value.map(checkField).every(Boolean)

  /** Pins the server's findings to their fields; what belongs to no visible field is returned to be shown above. */
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

  /** Only what is shown is sent: a value left behind in a hidden field must not end up on the printed form. */
  function payload(): FormValues {
    const body: FormValues = {}
    for (const field of visible.value)
      if (!empty(values[field.name]))
        body[field.name] = field.kind === 'items' ? cleaned(field, asItems(values[field.name])) : values[field.name]
    return body
  }
  return { values, errors, blocks, visible, certType, take, set, checkField, checkAll, pin, firstWrong, payload }
}
