// SPDX-License-Identifier: Apache-2.0
// Messages and questions to the person. What draws them is loaded when the person first presses something, so that the first page
// does not wait for it; if it cannot be loaded, the browser's own dialogs say the same.
import { asApiError, type ApiError } from './http'

let loaded: Promise<typeof import('./dialogs')> | undefined
const dialogs = () =>
  (loaded ??= import('./dialogs').catch((problem: unknown) => {
    loaded = undefined
    throw problem
  }))
for (const press of ['pointerdown', 'keydown'] as const) {
  addEventListener(press, () => void dialogs().catch(() => {}), { once: true, passive: true })
}

export const toast = (message: string) =>
  void dialogs().then(
    (ui) => ui.toast(message),
    () => {},
  )
/** What went wrong; for a fault of ours with the beginning of the number under which it stands in the log. */
export function fail(error: unknown) {
  const { message, requestId, status } = asApiError(error)
  const told = status >= 500 && requestId ? `${message}（编号 ${requestId.slice(0, 8)}）` : message
  void dialogs().then(
    (ui) => ui.complain(told),
    () => window.alert(told),
  )
}
export const confirm = (text: string, title: string, yes: string): Promise<boolean> =>
  dialogs().then(
    (ui) => ui.ask(text, title, yes),
    () => window.confirm(text),
  )

let telling: Promise<void> | null = null
/**
 * Tells that the order has changed since the page read it. First `reload` reads it anew, while what was typed stays. If a second
 * request meets the same conflict meanwhile (a draft that saves itself), the person is not told again.
 */
export function conflict(error: unknown, reload: () => Promise<unknown>): Promise<void> {
  return (telling ??= tell(asApiError(error), reload).finally(() => {
    telling = null
  }))
}
async function tell(error: ApiError, reload: () => Promise<unknown>): Promise<void> {
  try {
    await reload()
    await (await dialogs()).tellChanges(error)
  } catch {
    location.reload()
  }
}
