// SPDX-License-Identifier: Apache-2.0
// BouncyCastle reads signed data that our code made. The hall reads BouncyCastle's in modules/verify/tests/verify.test.mjs.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { client } from './client.mjs'

const skip = !process.env.CERTHALL_STATE && 'needs a hall'
const folder = mkdtempSync(join(tmpdir(), 'cms-'))
const write = (name, bytes) => (writeFileSync(join(folder, name), bytes), join(folder, name))
const content = '采购合同\n'

/** Whether BouncyCastle accepts every signer. */
function read(cms, beside) {
  const run = fileURLToPath(new URL('../java/run', import.meta.url))
  try {
    execFileSync('sh', [run, 'Cms', 'verify', write('file.p7s', cms), ...(beside ? [write('content', beside)] : [])], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}
const make = async (wish) => Buffer.from((await client('cms.make', { content, ...wish })).cms, 'base64')

for (const algorithm of ['sm2', 'rsa', 'p256'])
  test(`${algorithm}: attached, detached, with and without signed attributes; not another content`, { skip }, async () => {
    assert.ok(read(await make({ algorithm, attached: true })))
    assert.ok(read(await make({ algorithm, attached: true, bare: true })))
    const beside = await make({ algorithm, meant: true })
    assert.ok(read(beside, content))
    assert.ok(!read(beside, `${content} `))
    const at = beside.length - 5
    assert.ok(!read(Buffer.concat([beside.subarray(0, at), Buffer.from([beside[at] ^ 1]), beside.subarray(at + 1)]), content))
  })
