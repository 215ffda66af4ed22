// SPDX-License-Identifier: Apache-2.0
import { http } from '../common/http'
import { usePoll } from '../common/use/poll'
import { useOrder } from './store/order'

/** Keeps the open order as it is at the server, as long as the page is visible and something may still come of the order. */
export function useFollow(pause = 5000) {
  const orders = useOrder()
  let tag = ''
  const poll = usePoll(
    async () => {
      const { slug, id, version, updated_at } = orders.current!
      const news = await http.get('/{slug}/api/orders/{id}/version', { slug, id }, { tag })
      if (!news) return false
      // Nothing is known of the tag of what the page was loaded with; its version and time are.
      const same = !tag && news.version === version && news.updated_at === updated_at
      if (!same) await orders.reload()
      tag = news.tag
      return news.final
    },
    pause,
    { visible: true },
  )
  poll.start()
}
