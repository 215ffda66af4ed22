// SPDX-License-Identifier: Apache-2.0
// An order on its way to its electronic seal.
import { BRANCH, Staff, eventually, submitted } from './hall.mjs'

/** The state of the seal of an order. */
export const sealPictureOf = (a) => a.api('GET', `/sealpicture/orders/${a.order.id}`)

/** A file of the seal: "picture.png", "picture.svg", "seal.esl". */
export async function sealFile(a, name) {
  const res = await a.fetch('GET', `/${a.slug}/api/sealpicture/orders/${a.order.id}/${name}`)
  return { status: res.status, type: res.headers.get('content-type'), bytes: Buffer.from(await res.arrayBuffer()) }
}

/** Brings an order to its certificate, which the seal follows soon after. */
export async function withSeal(slug, type, wish = {}) {
  const { a, p } = await submitted(slug, type, undefined, wish)
  await a.pay()
  const review = await new Staff().login('review')
  await review.act(a.order.id, 'approve')
  if (slug === 'szjsgws') await a.account(BRANCH, p.account_no)
  await a.until('accepted')
  const producer = await new Staff().login('produce')
  await producer.act(a.order.id, 'produce')
  const state = await eventually('the seal', async () => {
    const s = await sealPictureOf(a)
    return s.seal?.state === 'valid' && s
  })
  await a.refresh()
  return { a, p, state, review, producer, der: (await sealFile(a, 'seal.esl')).bytes }
}
