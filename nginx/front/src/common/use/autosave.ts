// SPDX-License-Identifier: Apache-2.0
// Drafts that save themselves.
import { onMounted, onScopeDispose, ref, shallowRef } from 'vue'
import { asApiError, type ApiError } from '../http'

/** failed: it is tried again; refused: it waits until the person has changed something. */
export type SaveState = 'clean' | 'dirty' | 'saving' | 'failed' | 'refused'

/**
 * Saves a draft a few seconds after the last change, one request at a time, and again after a failure.
 * `save` sends the form as it is now; `onError` returns true if it makes no sense to try again.
 */
export function useAutoSave(save: (leaving: boolean) => Promise<void>, onError: (error: ApiError) => boolean, delay = 3000) {
  const state = ref<SaveState>('clean')
  const savedAt = shallowRef<Date | null>(null)
  let timer = 0
  let running: Promise<void> | null = null
  let closed = false
  let refusal: ApiError | null = null // that trying again cannot mend

  const plan = (pause: number) => {
    window.clearTimeout(timer)
    if (!closed) timer = window.setTimeout(() => void flush(), pause)
  }
  async function run(leaving: boolean) {
    state.value = 'saving'
    refusal = null
    try {
      await save(leaving)
      savedAt.value = new Date()
      // If something was typed during the request, the state is dirty again and stays so.
      if ((state.value as string) === 'saving') state.value = 'clean'
    } catch (problem) {
      const error = asApiError(problem)
      if (onError(error)) {
        refusal = error
        state.value = 'refused'
      } else {
        state.value = 'failed'
        plan(8000)
      }
    }
  }
  /** Resolves when everything that was typed before is stored, or could not be. */
  async function flush(leaving = false): Promise<boolean> {
    window.clearTimeout(timer)
    while (running) {
      await running
      if (refusal) return false
    }
    if (state.value !== 'clean') {
      running = run(leaving)
      await running
      running = null
    }
    return state.value === 'clean'
  }
  function touch() {
    state.value = 'dirty'
    plan(delay)
  }
  /**
   * Forgets what is pending, because the page itself saves the form. Returns false, and forgets nothing, when the saving that was under
   * way was refused and `goOn` says that the page's own saving is of no use then.
   */
  async function settle(goOn: (error: ApiError) => boolean = () => true): Promise<boolean> {
    window.clearTimeout(timer)
    const waited = running !== null
    while (running) await running
    if (waited && refusal && !goOn(refusal)) return false
    state.value = 'clean'
    return true
  }
  const leave = () => {
    if (document.visibilityState === 'hidden') void flush(true)
  }
  onMounted(() => document.addEventListener('visibilitychange', leave))
  onScopeDispose(() => {
    closed = true
    window.clearTimeout(timer)
    document.removeEventListener('visibilitychange', leave)
  })
  return { state, savedAt, touch, flush, settle }
}
