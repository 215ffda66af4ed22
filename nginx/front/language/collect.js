// SPDX-License-Identifier: Apache-2.0
// `npm run texts` keeps the catalogue (en.json) in step with the sources: new texts get an empty place, those that are gone leave it.
// With --check nothing is written; it fails and names what is new, gone, or has no English yet, or other places for words than the Chinese,
// and what an editor would mend (editor.js) in these texts and in those of the messages, the back office and the sandbox's pages.
//   pages    what stands in the pages themselves
//   served   what the server says to applicants: in the modules, the database's functions, its data, and the projects. %s is {0} in it
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { complaints } from './editor.js'
import { reword } from './texts.js'

const TOP = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const CATALOGUE = join(TOP, 'nginx/front/language/en.json')
const CHINESE = /\p{Script=Han}/u
/** A regular expression of SQL, which nobody reads. */
const EXPRESSION = /[|\\^$]/
/** The text of an agreement, which holds in Chinese alone. */
const ARTICLES = /\n/

const PAGES = ['nginx/front/src/common', 'nginx/front/src/hall', 'nginx/front/src/phone', 'nginx/front/src/camera']
const SERVED = [
  'core/base',
  'core/form',
  'core/order',
  'core/paper',
  'core/sealpicture',
  'core/web',
  'modules',
  'sql/code',
  'sql/data/agreement.sql',
  'sql/data/faq.sql',
  'sql/data/kinds.sql',
  'sql/demo',
]
/** What only staff, officers, partners and the sandbox see. */
const OTHERS =
  /^modules\/(counter|finance|login|notify|office|partner|produce|registry|review|sandbox)\/|\/tests\/|^sql\/code\/(act|audit|authority|bill|counter|data_key|decision|desk|lint|outbox|partner|production|report|resolution|review|signed|staff|tray)\.sql$/

/** What is not in the catalogue, but is read by people all the same. The sandbox's modules speak in the vendors' words. */
const UNTRANSLATED = [
  'core/desk',
  'nginx/front/src/desk',
  'nginx/front/src/sandbox',
  'programs/runner',
  'sql/data/job.sql',
  'sql/data/message.sql',
]

function files(path, others) {
  const whole = join(TOP, path)
  if (/\.\w+$/.test(path)) return [path]
  return readdirSync(whole, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? files(join(path, entry.name), others) : [relative(TOP, join(whole, entry.name))]))
    .filter((file) => OTHERS.test(file) === others && !file.endsWith('.gen.ts'))
}
/** A format's places as {0}, {1}: those of printf, and of PostgreSQL's format() and to_char(). */
const numbered = (text) => {
  let n = 0
  if (/FMMM/.test(text)) return text.replace(/"/g, '').replace(/FM\w\w|HH24|MI/g, () => `{${n++}}`)
  return text.replace(/%(%|(?:\d+\$)?[-+0-9.*]*(?:ll?|z|h)?[a-zA-Z])/g, (all, what) => (what === '%' ? '%' : `{${n++}}`))
}
/** The places of a text, whatever their order: {0} {1}. */
const places = (text) => [...new Set(text.match(/\{\d+\}/g))].sort().join(' ')
const readers = {
  // Literals that follow one another are one; a macro of a number's format stands between two of them.
  c: (source) =>
    [
      ...source
        .replace(/"\s*PRI\w+\s*"/g, 'd')
        .replace(/\/\*[^]*?\*\//g, '')
        .matchAll(/"((?:[^"\\]|\\.)*)"(?:\s*"((?:[^"\\]|\\.)*)")*/g),
    ].map(([all]) => numbered(all.split(/"\s*"/).join('').replace(/^"|"$/g, '').replace(/\\n/g, '\n').replace(/\\(.)/g, '$1'))),
  sql: (source) => [...source.replace(/--.*$/gm, '').matchAll(/'((?:[^']|'')*)'/g)].map(([, text]) => numbered(text.replace(/''/g, "'"))),
  json: (source) => {
    const found = []
    JSON.parse(source, (_, value) => (typeof value === 'string' && found.push(value), value))
    return found
  },
}
Object.assign(readers, { h: readers.c, tbl: readers.c })

/** The texts of a file of the server's side. */
function texts(file) {
  const all = readers[file.split('.').pop()]?.(readFileSync(join(TOP, file), 'utf8')) ?? []
  return all.filter((text) => CHINESE.test(text) && !EXPRESSION.test(text) && !(file.startsWith('sql/data') && ARTICLES.test(text)))
}
const words = (file, say) => /\.(vue|ts)$/.test(file) && reword(readFileSync(join(TOP, file), 'utf8'), file, say)

function found() {
  const served = new Set(SERVED.flatMap((path) => files(path, false)).flatMap(texts)),
    pages = new Set()
  for (const file of PAGES.flatMap((path) => files(path, false))) words(file, (text) => void (served.has(text) || pages.add(text)))
  return { pages: [...pages], served: [...served] }
}
function untranslated() {
  const all = new Set()
  for (const path of [...UNTRANSLATED.flatMap((path) => files(path, false)), ...SERVED.flatMap((path) => files(path, true))])
    if (!/^modules\/sandbox|\/tests\//.test(path)) for (const text of texts(path)) all.add(text)
  for (const file of UNTRANSLATED.flatMap((path) => files(path, false))) words(file, (text) => void all.add(text))
  return [...all]
}

const before = JSON.parse(readFileSync(CATALOGUE, 'utf8'))
const known = { ...before.pages, ...before.served }
const now = Object.fromEntries(
  Object.entries(found()).map(([part, texts]) => [part, Object.fromEntries(texts.map((text) => [text, known[text] ?? '']))]),
)
const all = { ...now.pages, ...now.served }
if (process.argv.includes('--check')) {
  const wrong = [
    ...Object.keys(all)
      .filter((text) => !all[text])
      .map((text) => `no English: ${text}`),
    ...Object.entries(all)
      .filter(([text, english]) => english && places(text) !== places(english))
      .map(([text]) => `other places in the English: ${text}`),
    ...Object.keys(known)
      .filter((text) => !(text in all))
      .map((text) => `no longer said: ${text}`),
    ...[...Object.keys(all), ...untranslated()].flatMap((text) => complaints(text).map((why) => `${why}: ${text}`)),
  ]
  for (const line of wrong) console.error(line)
  process.exitCode = wrong.length ? 1 : 0
} else writeFileSync(CATALOGUE, JSON.stringify(now, null, 2) + '\n')
