// SPDX-License-Identifier: Apache-2.0
// Every named statement of every program is prepared and planned as the database role of that program: preparing shows that it is
// valid, planning that the role may call what it uses.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planOf, statements } from '../lib/statements.mjs'

for (const s of statements) test(`certhall_${s.program}: ${s.file} ${s.name}`, () => assert.ok(planOf(s)['Total Cost'] >= 0))
