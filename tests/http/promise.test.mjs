// SPDX-License-Identifier: Apache-2.0
// What a project promises (the review, making and shipping, both together, or nothing) is what the order's page, the lists, the
// colleague's page and the queues of the desk say, and nothing else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client, Staff, sql } from '../lib/hall.mjs'
import { accepted, postProject } from '../lib/post.mjs'

const kinds = {
  review: { terms: { review_days: 1, ship_days: undefined }, made: null },
  both: { terms: { review_days: 1, ship_days: 2 }, made: /^预计 .*（2 个工作日内）制证寄出$/ },
  whole: { terms: { review_days: undefined, ship_days: undefined, whole_days: 3 }, made: /^预计 .*（3 个工作日内）完成制证$/, produced: null },
  nothing: { terms: { review_days: undefined, ship_days: undefined }, made: null },
}

for (const [kind, { terms, made, produced = made }] of Object.entries(kinds))
  test(`${kind}: what is promised for an accepted order, and for one that is made`, async () => {
    const { a } = await accepted(postProject(`promise-${kind}`, terms))
    const { url } = await a.api('POST', `/orders/${a.order.id}/share`)
    const bearer = { headers: { authorization: `Bearer ${url.split('#')[1].replace(/^.*=/, '')}` } }
    const producer = await new Staff().login('produce')
    const says = async (queue, wanted) => {
      const page = await a.refresh()
      const row = (await a.api('GET', '/orders?page_size=10')).items.find((o) => o.id === a.order.id)
      const colleague = await new Client().call('GET', `/${a.slug}/api/orders/shared/page`, bearer)
      for (const promise of [page.promise, row.promise, colleague.promise])
        if (wanted) assert.match(promise.text, wanted)
        else assert.equal(promise, null)
      assert.equal(page.due_note, null)
      assert.equal(row.overdue, false)
      let after = '', found
      while (!found && after !== null) {
        const list = await producer.call('GET', `/desk/api/review/orders?queue=${queue}&page_size=100${after && `&after=${encodeURIComponent(after)}`}`)
        found = list.items.find((o) => o.id === a.order.id)
        after = list.next ?? null
      }
      assert.equal(found.due_at, wanted ? page.promise.due_at : null, 'the queue')
      assert.equal(found.overdue, false)
    }
    await says('produce', made)
    // The review's day is over, as it is for an order that waited for its account: nothing of that is late.
    sql(`UPDATE hall.orders SET due_at = now() - interval '30 days' WHERE id = '${a.order.id}'`)
    await says('produce', made)
    await producer.act(a.order.id, 'produce')
    await a.until('produced')
    await says('ship', produced)
  })

test('the administrator reads what each project promises', async () => {
  const { items } = await (await new Staff().login('admin')).call('GET', '/desk/api/office/partners')
  const terms = Object.fromEntries(items.map((p) => [p.slug, [p.review_days, p.ship_days, p.whole_days]]))
  assert.deepEqual(terms.jieyang, [null, null, 2])
  assert.deepEqual(terms.szjsgws, [1, 3, null])
  assert.deepEqual(terms.hunan, [1, null, null])
})
