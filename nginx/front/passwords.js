// SPDX-License-Identifier: Apache-2.0
// Prints the passwords that module gate refuses (modules/gate/password.h), out of the list of @zxcvbn-ts/language-common: a build of
// the pages installs that package anyway, so that its version is pinned like the others.
import { readFileSync } from 'node:fs'
import { stdout } from 'node:process'

const file = new URL('node_modules/@zxcvbn-ts/language-common/src/passwords.json', import.meta.url)
const words = JSON.parse(readFileSync(file, 'utf8')).filter((word) => word.length >= 4 && !word.includes('\n'))
if (words.length < 30000) throw new Error(`${file.pathname} is not the list that is expected`)
stdout.write(words.map((word) => word.toLowerCase() + '\n').join(''))
