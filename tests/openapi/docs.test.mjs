// SPDX-License-Identifier: Apache-2.0
// Tables in the documents are those of the programs.
import assert from 'node:assert/strict'
import test from 'node:test'
import { isThere, modules, routes, table, text } from './tables.mjs'

const cells = (line) => line.split('|').slice(1, -1).map((cell) => cell.trim())
/** The rows of the table that stands behind a heading of a Markdown file. */
function rowsBehind(file, heading) {
  const part = text(file).split(`\n${heading}\n`)[1]
  assert.ok(part, `${file} has no "${heading}"`)
  return part.split('\n## ')[0].split('\n').filter((line) => line.startsWith('| ')).slice(2).map(cells)
}

test('docs/operators.md has every setting with its default and meaning', () => {
  const told = rowsBehind('docs/operators.md', '## Settings').map(([key, def, doc]) => [key, def, doc])
  const real = table('admin', 'config').map(([key, def, doc]) => [`\`${key}\``, def ? `\`${def}\`` : '(empty)', doc])
  assert.deepEqual(told, real)
})

test('docs/lifecycle.md has the diagram of lifecycle.tbl', () => {
  const told = text('docs/lifecycle.md').split('```mermaid\n')[1].split('```')[0]
  assert.equal(told, table('admin', 'lifecycle', 'mermaid').map((line) => `${line.join('\t')}\n`).join(''))
})

test('docs/lifecycle.md names every state', () => {
  const words = table('admin', 'lifecycle', 'sql').map(([line]) => /order_state VALUES \('([a-z_]+)', '([^']+)'/.exec(line)).filter(Boolean)
  const told = rowsBehind('docs/lifecycle.md', '```').flatMap(([word, label]) => word.split(', ').map((one, at) => [one, label.split(', ')[at]]))
  assert.deepEqual(told.filter(([word]) => words.some(([, one]) => one === word)), words.map(([, word, label]) => [word, label]))
})

for (const module of modules) {
  test(`modules/${module}/README.md names its routes and who may`, () => {
    assert.ok(isThere(`modules/${module}/README.md`))
    const lines = text(`modules/${module}/README.md`).split('\n').filter((line) => line.startsWith('| `')).map(cells)
    const real = routes(module)
    assert.deepEqual(lines.map(([path, op]) => `${path} ${op}`).sort(), real.map((r) => `\`${r.method} ${r.path}\` \`${r.op}\``).sort())
    if (module === 'new') return // one sentence for all of them
    for (const { op, roles } of real) {
      const who = lines.find(([, name]) => name === `\`${op}\``)[2]
      if (roles.length === 6) assert.equal(who, 'any staff')
      else assert.deepEqual(who.split(/[;:]/)[0].split(', ').sort(), roles, op)
    }
  })
}

test('the project in docs/developers.md uses fields that there are', () => {
  const project = JSON.parse(text('docs/developers.md').split('```json\n')[1].split('```')[0])
  const known = table('admin', 'form').map(([name]) => name)
  for (const { field } of project.fields) assert.ok(known.includes(field), field)
})

// A copy of the sources for a build may be without those of the top folder.
const documents = ['README.md', 'CONTRIBUTING.md', ...['operators', 'services', 'developers', 'lifecycle', 'security', 'dependencies', 'data'].map((name) => `docs/${name}.md`),
  ...modules.map((module) => `modules/${module}/README.md`)].filter(isThere)

test('files that the documents name are there', () => {
  const missing = []
  for (const file of documents)
    for (const [, path] of text(file).matchAll(/`((?:core|modules|programs|sql|nginx|tools|tests|docs)\/[a-zA-Z0-9_./-]+[a-zA-Z0-9_])`/g))
      if (!isThere(path) && !path.startsWith('modules/report') && !path.includes('/report')) missing.push(`${file}: ${path}`)
  assert.deepEqual(missing, [])
})

test('nothing in the documents names a registry, a package server or a folder of somebody\'s machine', () => {
  // `registry.seals` is an operation, `registry.example.com` a server.
  for (const file of [...documents, 'tests/openapi/package-lock.json'])
    assert.doesNotMatch(text(file), /(?<!`)registry\.|`registry\.[\w-]+[.:]|"resolved"|\/home\/[a-z]|\/work\//, file)
})
