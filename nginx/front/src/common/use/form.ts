// SPDX-License-Identifier: Apache-2.0
// Forms that are checked, sent, and answered with mistakes.
import { reactive, ref } from 'vue'
import { asApiError, type ApiError } from '../http'

/**
 * What a form shows while it is filled in and sent: what is wrong with a field, what is wrong altogether, and whether it is on its way.
 * The id of a field's control is `prefix` and the field's name.
 */
export function useForm(prefix = '') {
  const wrong = reactive<Record<string, string>>({})
  const problem = ref('')
  const busy = ref(false)

  function clear() {
    for (const field of Object.keys(wrong)) delete wrong[field]
    problem.value = ''
  }
  /** Shows what was found to be wrong and goes to the first such field. True if there is none. */
  function check(found: Record<string, string | false | null>): boolean {
    clear()
    for (const [field, words] of Object.entries(found)) if (words) wrong[field] = words
    const first = Object.keys(wrong)[0]
    if (first) document.getElementById(prefix + first)?.focus()
    return !first
  }
  /** Sends it. A refusal is shown at the fields that it names; one that names none is for `otherwise`, by default the line above the form. */
  async function send(work: () => Promise<void>, otherwise: (failed: ApiError) => unknown = (failed) => (problem.value = failed.message)) {
    clear()
    busy.value = true
    try {
      await work()
    } catch (caught) {
      const failed = asApiError(caught)
      for (const one of failed.errors) wrong[one.pointer.split('/').pop() ?? ''] = one.detail
      if (!failed.errors.length) await otherwise(failed)
    } finally {
      busy.value = false
    }
  }
  return { wrong, problem, busy, clear, check, send }
}
