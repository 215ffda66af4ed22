// SPDX-License-Identifier: Apache-2.0
// Beginning an application.
import { ref } from 'vue'
import { useRouter } from 'vue-router'
import { asApiError, http, ofBusiness } from '../common/http'
import { fail } from '../common/notify'
import { pageOf } from './business'
import { consentTo, forgetConsent } from './store/consent'
import { entryOf, forgetEntry } from './store/entry'
import type { Setup } from '../common/api'

/** The notices that are acknowledged after the agreements; the others (`first`) come before them. */
export const laterNotices = (setup: Setup) => setup.notices.filter((notice) => !notice.first)
/** Whether something has to be acknowledged between the agreements and the draft. */
export const hasNotice = (setup: Setup) => laterNotices(setup).length > 0 || setup.gifts.length > 0

/** Makes a draft of the agreements (and the answer about the seal), and opens its form. */
export function useCreate(slug: string, business: string) {
  const router = useRouter()
  const busy = ref(false)

  async function create(setup: Setup, seal?: boolean) {
    const agreements = consentTo(slug, setup.agreements)
    if (!agreements) return router.replace(pageOf('apply', slug, business))
    busy.value = true
    try {
      const ticket = entryOf(slug)
      const body = {
        agreements: [...agreements, ...setup.notices.map(({ code, version }) => ({ code, version }))],
        ...(seal !== undefined && { seal_wanted: seal }),
        ...(ticket && { ticket }),
      }
      const made = await http.post(ofBusiness('/{slug}/api/new/orders', business), { slug }, body)
      forgetConsent(slug)
      forgetEntry(slug)
      await router.replace({ name: 'form', params: { slug, id: made.id } })
    } catch (problem) {
      if (asApiError(problem).status === 410) forgetEntry(slug) // the data of the partner's platform have expired; the application may go on without them
      // If an agreement has a new version meanwhile, it has to be read again.
      if (asApiError(problem).status === 409) await router.replace(pageOf('apply', slug, business))
      fail(problem)
    } finally {
      busy.value = false
    }
  }
  return { busy, create }
}
