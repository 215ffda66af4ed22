// SPDX-License-Identifier: Apache-2.0
// A finance clerk of a test's own, who may have other roles besides.
import { asserted, doneBy } from '../../../tests/lib/hall.mjs'
import { newStaff } from '../../../tests/http/lib.mjs'
import { giveKeys } from '../../../tests/lib/roster.mjs'

/** Whether an error has that status, Chinese words and, if given, that pointer. */
export const refused = (status, pointer) => (e) =>
  e.status === status && /[一-鿿]/.test(e.body.detail) && (!pointer || e.body.errors?.[0]?.pointer === pointer)

export async function clerk(...roles) {
  const v = await newStaff('finance', ...roles)
  const call = async (method, url, json, module = 'finance') => {
    const res = await v.call(method, `/desk/api/${module}${url}`, json && { json })
    if (res.status >= 400) throw Object.assign(new Error(res.text), { status: res.status, body: res.json })
    return res.json ?? res.text
  }
  const money = (id) => call('GET', `/orders/${id}/money`)
  const versionOf = async (id) => (await money(id)).money.version
  return {
    call,
    money,
    act: async (id, what, json = {}) => call('POST', `/orders/${id}/${what}`, { version: await versionOf(id), ...json }, doneBy(what)),
    /** Approves the order as a reviewer, with a key that the roster has got for it. */
    approve: async (id) => {
      await giveKeys(v.name)
      const version = await versionOf(id), offer = await call('POST', `/orders/${id}/statement`, { version }, 'review')
      return call('POST', `/orders/${id}/approve`, { version, decision: await asserted(offer) }, 'review')
    },
    fetch: (url) => v.call('GET', `/desk/api/finance${url}`),
  }
}
