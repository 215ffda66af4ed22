// SPDX-License-Identifier: Apache-2.0
// What an account has said before can be carried over into a new form: its last complete order of any project, its number and address.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Applicant, formFor, person } from '../lib/hall.mjs'

const earlier = async (a) => (await a.api('GET', `/orders/${a.order.id}/earlier`)).earlier

test('the last complete order before a draft, of whatever project, and of the same account alone', async () => {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  assert.equal(await earlier(a), null)
  await a.save(formFor('szjsgws', p))
  const first = a.order
  assert.equal(await earlier(a), null, 'not itself')

  const b = Object.assign(new Applicant('jieyang'), { cookies: a.cookies, csrf: a.csrf })
  await b.draft()
  const found = await earlier(b)
  assert.deepEqual([found.id, found.number, found.project_name, found.form], [first.id, first.number, first.project_name, first.form])
  await b.save({ unit_name: '没有填完' }, false)
  const c = Object.assign(new Applicant('szjsgws'), { cookies: a.cookies, csrf: a.csrf })
  await c.draft(false)
  assert.equal((await earlier(c)).id, first.id, 'a form that is not complete is not taken')

  const stranger = new Applicant('jieyang')
  await stranger.loginSms((await person()).mobile)
  stranger.order = b.order
  await assert.rejects(earlier(stranger), { status: 404 })
  await stranger.draft()
  assert.equal(await earlier(stranger), null)
})

test('an account is told its own number', async () => {
  const { mobile } = await person(), a = new Applicant('szjsgws')
  await assert.rejects(a.api('GET', '/gate/own'), { status: 401 })
  await a.loginSms(mobile)
  assert.deepEqual(await a.api('GET', '/gate/own'), { phone: mobile, email: '' })
  await a.api('PUT', '/gate/profile', { json: { name: '', email: 'somebody@unit.example' } })
  assert.equal((await a.api('GET', '/gate/own')).email, 'somebody@unit.example')
})
