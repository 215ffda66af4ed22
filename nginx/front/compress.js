// SPDX-License-Identifier: Apache-2.0
// Compresses what the build has made, once and as well as it can be done; nginx sends a browser the form that it takes.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { env } from 'node:process'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const folder = env.OUT ?? '../html'
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(js|css|svg|html)$/.test(entry.name)) continue
  const file = join(entry.parentPath ?? entry.path, entry.name)
  const plain = readFileSync(file)
  const forms = { gz: gzipSync(plain, { level: 9 }), br: brotliCompressSync(plain) }
  for (const [ending, packed] of Object.entries(forms)) {
    if (packed.length < plain.length) writeFileSync(`${file}.${ending}`, packed)
  }
}
