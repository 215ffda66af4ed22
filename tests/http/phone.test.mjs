// SPDX-License-Identifier: Apache-2.0
// What the PC is told about the authentication on the phone, from a link that nobody has opened to another try after a failure.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Applicant, eventually, formFor, person } from '../lib/hall.mjs'

async function ready() {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  const seen = () => a.api('GET', `/identity/orders/${a.order.id}`)
  return { a, p, seen, until: (state) => eventually(`the PC is told ${state}`, async () => { const s = await seen(); return s.state === state && s }) }
}

test('the link is opened when a phone shows its page, not when it is made or asked for by somebody else', async () => {
  const { a, seen } = await ready()
  const phone = await a.phone()
  assert.equal((await seen()).step, null)
  await phone.api('GET', '')
  assert.equal((await seen()).step, null)
  await phone.api('POST', '/arrival')
  assert.equal((await seen()).step, 'opened')
})

test('#142 who leaves the liveness check is told so without waiting for its end, and passes with the same link', async () => {
  const { a, p, seen, until } = await ready()
  const phone = await a.phone()
  await phone.cards(p)
  await phone.liveness('quit')
  assert.equal((await seen()).step, 'liveness')
  await phone.api('POST', '/arrival')
  assert.match((await until('failed')).reason, /没有完成/)
  assert.equal((await phone.api('GET', '')).checking, false)
  await phone.liveness('fail')
  assert.match((await until('failed')).reason, /未通过/)
  await phone.liveness('pass')
  await until('passed')
  await assert.rejects(a.phone(), { status: 409 })
})
