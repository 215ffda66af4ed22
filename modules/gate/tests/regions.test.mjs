// SPDX-License-Identifier: Apache-2.0
// The regions that a form offers, level by level.
import assert from 'node:assert/strict'
import test from 'node:test'
import { request } from '../../../tests/http/lib.mjs'

const regions = async (query) => (await request('GET', `/hall/api/gate/regions${query}`)).json.regions

test('provinces come first, then what lies in the chosen place, down to one that nothing lies in', async () => {
  const provinces = await regions('')
  assert.equal(provinces.length, 31)
  assert.deepEqual(await regions('?parent='), provinces)
  assert.ok(provinces.every(({ level, leaf }) => level === 1 && !leaf))
  let place = provinces.find(({ code }) => code === '44')
  while (!place.leaf) {
    const within = await regions(`?parent=${place.code}`)
    assert.ok(within.length > 0 && within.every(({ code, level }) => code.startsWith(place.code) && level === place.level + 1), place.name)
    place = within[0]
  }
  assert.deepEqual(await regions(`?parent=${place.code}`), [])
})
