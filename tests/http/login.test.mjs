// SPDX-License-Identifier: Apache-2.0
// Log-in of staff, and how an administrator ends it.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { newStaff, program, sql } from './lib.mjs'

const unknown = () => `nobody${randomBytes(6).toString('hex')}`

test('an administrator ends the sessions of a member of staff, or locks the member out; both hold from the next request on', async () => {
  const seen = async (who) => (await who.call('GET', '/desk/api/office/session')).status
  const staff = (...args) => program('admin', ['staff', ...args])
  const one = await newStaff('auditor'), other = await newStaff('auditor')
  assert.deepEqual([await seen(one), await seen(other)], [200, 200])
  assert.equal(staff('end', one.name).status, 0)
  assert.equal(staff('lock', other.name).status, 0)
  assert.deepEqual([await seen(one), await seen(other)], [401, 401])
  assert.deepEqual(sql(`SELECT string_agg(active::text, ' ' ORDER BY active DESC) FROM hall.staff WHERE id IN ('${one.id}', '${other.id}')`), 'true false')
  const nobody = staff('end', unknown())
  assert.equal(nobody.status, 1)
  assert.match(nobody.out, /there is no staff of the name nobody/)
  assert.equal(staff('end').status, 2)
})
