// SPDX-License-Identifier: Apache-2.0
// Makes a finance clerk for one test, who may have further roles.
import { asserted, doneBy, isAct } from '../../../tests/lib/hall.mjs'
import { newStaff } from '../../../tests/http/lib.mjs'
import { giveKeys } from '../../../tests/lib/roster.mjs'

/** Whether an error has that status, Chinese words and, if given, that pointer. */
export const refused = (status, pointer) => (e) =>
  e.status === status && /[一-鿿]/.test(e.body.detail) && (!pointer || e.body.errors?.[0]?.pointer === pointer)

/** Each roster follows the one before, so keys are added one after the other. */
let given = Promise.resolve()

export async function clerk(...roles) {
  const v = await newStaff('finance', ...roles)
  const call = async (method, url, json, module = 'finance') => {
    const res = await v.call(method, `/desk/api/${module}${url}`, json && { json })
    if (res.status >= 400) throw Object.assign(new Error(res.text), { status: res.status, body: res.json })
    return res.json ?? res.text
  }
  const money = (id) => call('GET', `/orders/${id}/money`)
  const versionOf = async (id) => (await money(id)).money.version
  let key = null
  /** The clerk's own key, which the roster gets when it is needed. */
  const withKey = () => (key ??= given = given.then(() => giveKeys(v.name)))
  const offer = async (url, json, module) => {
    await withKey()
    return call('POST', `${url}/statement`, json, module)
  }
  /** Performs the act at that address, with its signature. */
  const signed = async (url, json) => call('POST', url, { ...json, decision: await asserted(await offer(url, json)) })
  return {
    name: v.name,
    call,
    money,
    offer,
    signed,
    act: async (id, what, json = {}) => {
      const body = { version: await versionOf(id), ...json }
      return isAct(what) ? signed(`/orders/${id}/${what}`, body) : call('POST', `/orders/${id}/${what}`, body, doneBy(what))
    },
    /** Approves the order as a reviewer. */
    approve: async (id) => {
      const version = await versionOf(id)
      return call('POST', `/orders/${id}/approve`, { version, decision: await asserted(await offer(`/orders/${id}`, { version }, 'review')) }, 'review')
    },
    fetch: (url) => v.call('GET', `/desk/api/finance${url}`),
  }
}
