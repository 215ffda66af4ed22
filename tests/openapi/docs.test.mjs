// SPDX-License-Identifier: Apache-2.0
// The tables in the documents equal those of the programs.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import test from 'node:test'
import { isThere, modules, programs, routes, table, text, top } from './tables.mjs'

/** Every document of the tree. */
const documents = readdirSync(top, { recursive: true }).filter((name) => name.endsWith('.md') && !/node_modules|^\.|^build-aux/.test(name)).sort()

const cells = (line) => line.split('|').slice(1, -1).map((cell) => cell.trim())
/** The rows of the table that stands behind a heading of a Markdown file. */
function rowsBehind(file, heading) {
  const part = `\n${text(file)}`.split(`\n${heading}\n`)[1]
  assert.ok(part, `${file} has no "${heading}"`)
  return part.split('\n## ')[0].split('\n').filter((line) => line.startsWith('| ')).slice(2).map(cells)
}

/** The words between backquotes in a text. */
const quoted = (words) => [...words.matchAll(/`([^`]+)`/g)].map(([, word]) => word)

test('every program says the version of configure.ac, and NEWS.md tells what is new in it', () => {
  const [, version] = /^AC_INIT\(\[certhall\], \[([\d.]+)\]\)$/m.exec(text('configure.ac'))
  assert.ok(programs.length > 20)
  for (const program of programs) assert.deepEqual(table(program, '--version'), [[`certhall ${version}`]], program)
  assert.match(text('NEWS.md'), new RegExp(`^## ${version.replaceAll('.', '\\.')}\\b`, 'm'))
})

test('docs/operators.md has every setting with its default and meaning', () => {
  const told = rowsBehind('docs/operators.md', '## Settings').map(([key, def, doc]) => [key, def, doc])
  const real = table('admin', 'config').map(([key, def, doc]) => [`\`${key}\``, def ? `\`${def}\`` : '(empty)', doc])
  assert.deepEqual(told, real)
})

test('docs/zh-CN/operators.md has every setting with its default, and a meaning in Chinese', () => {
  const told = rowsBehind('docs/zh-CN/operators.md', '## 配置项')
  const real = table('admin', 'config').map(([key, def]) => [`\`${key}\``, def ? `\`${def}\`` : '（空）'])
  assert.deepEqual(told.map(([key, def]) => [key, def]), real)
  for (const [key, , doc] of told) assert.match(doc, /\p{Script=Han}/u, key)
})

// The runner's table of jobs, wherever it stands among its files.
const jobs = readdirSync(join(top, 'programs/runner')).filter((name) => /\.(c|tbl)$/.test(name))
  .flatMap((name) => [...text(`programs/runner/${name}`).matchAll(/["(]\s*"?([a-z_]+)", job_[a-z_]+/g)].map(([, kind]) => kind))
for (const [file, heading] of [['docs/operators.md', '## When a job is stuck'], ['docs/zh-CN/operators.md', '## 任务卡住时']])
  test(`${file} names every job`, () => {
    assert.ok(jobs.length > 40)
    assert.deepEqual(rowsBehind(file, heading).flatMap(([kinds]) => quoted(kinds)).sort(), [...jobs].sort())
  })

// Roles of staff: those whose session is the desk's.
const staffRoles = [...text('core/web/roles.tbl').matchAll(/CH_ROLE\(\w+,\s*\d+, "(\w+)",\s*"desk"\)/g)].map(([, word]) => word)
for (const [file, heading] of [['docs/staff.md', '## Before you begin'], ['docs/zh-CN/staff.md', '## 开始之前']])
  test(`${file} names every role`, () => {
    assert.deepEqual(rowsBehind(file, heading).flatMap(([role]) => quoted(role)).sort(), [...staffRoles].sort())
  })

// The Chinese words of buttons and pages that documents quote are in the sources of the pages, in the tables of the server or in the
// reference data.
const pageWords = ['nginx/front/src', 'sql/data', 'sql/code', 'core', 'modules', 'sql/demo'].flatMap((folder) =>
  readdirSync(join(top, folder), { recursive: true }).filter((name) => /\.(vue|ts|sql|tbl|c|json)$/.test(name)).map((name) => text(`${folder}/${name}`))).join('\n')
  .replace('同意并{{ data.kind_name }}', '同意并吊销')
for (const file of ['docs/staff.md', 'docs/tour.md', 'docs/operators.md'])
  test(`${file} names pages and buttons that are there`, () => {
    const missing = (text(file).replace(/```[^]*?```|^ {4}.*$/gm, '').match(/[\p{Script=Han}，、：；？“”（）]*\p{Script=Han}[\p{Script=Han}，、？“”]*/gu) ?? [])
      .flatMap((words) => words.split(/[、：；（）“”]/)).map((word) => word.replace(/^[，]+|[，。]+$/g, '')).filter((word) => /\p{Script=Han}/u.test(word) && !pageWords.includes(word))
    assert.deepEqual([...new Set(missing)], [])
  })

// The commands in a line of a document: program, word, and a second word.
const commands = (file) => [...new Set([...text(file).matchAll(/(?:(?<=\.\/)|(?<!-u )\b(?=certhall-))(certhall|certhall-(?:admin|gateway|signer)) ([a-z]+(?:-[a-z]+)*)(?: ([a-z]+(?:-[a-z]+)*|--[a-z-]+))?/g)]
  .map(([, program, word, second]) => [program, word, second ?? ''].join(' ').trim()))].sort()
for (const [english, chinese] of [['README.md', 'README.zh-CN.md'], ...['operators', 'partners', 'services', 'staff'].map((name) => [`docs/${name}.md`, `docs/zh-CN/${name}.md`])])
  test(`${chinese} gives the commands, paths and samples of ${english}`, () => {
    const said = (file) => quoted(text(file).replace(/```[^]*?```/g, '')).filter((word) => /^[!-~ …]+$/.test(word))
    const only = (a, b) => [...new Set(a.filter((word) => !b.includes(word)))]
    assert.deepEqual([only(said(english), said(chinese)), only(said(chinese), said(english))], [[], []])
    // The commands in code blocks, without the explanations beside them.
    const lines = (file) => [...text(file).matchAll(/^ {4,}(\S.*)$/gm)].map(([, line]) => line.split(/ {2,}/)[0])
    assert.deepEqual(lines(chinese), lines(english))
  })

test('commands that documents name are there', () => {
  const usage = { certhall: text('certhall'), 'certhall-admin': readdirSync(join(top, 'programs/admin')).filter((name) => name.endsWith('.c')).map((name) => text(`programs/admin/${name}`)).join(),
    'certhall-gateway': text('programs/gateway/main.c'), 'certhall-signer': text('programs/signer/signer.c') + text('programs/signer/README.md') }
  const missing = documents.flatMap((file) => commands(file).map((line) => [file, ...line.split(' ')])).filter(([, program, word]) =>
    !new RegExp(`(^|["'| (])(command_)?${word}\\b`, 'm').test(usage[program])).map((line) => line.join(' '))
  assert.deepEqual(missing, [])
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

test('counts of demonstration projects are right', () => {
  const words = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve']
  const many = words[readdirSync(join(top, 'sql/demo')).filter((name) => name.endsWith('.json')).length]
  for (const file of documents)
    for (const [, word] of text(file).matchAll(/\b([a-z]+) demonstration projects/gi))
      if (words.includes(word.toLowerCase())) assert.equal(word.toLowerCase(), many, file)
  for (const file of documents)
    for (const [, word] of text(file).matchAll(/([零一两三四五六七八九十]+)个演示项目/g)) assert.equal('零一两三四五六七八九十'.indexOf(word), words.indexOf(many), file)
})

test('docs/tour.md draws every module', () => {
  const drawn = ['flows', 'shared', 'staff'].flatMap((floor) => new RegExp(`^ +${floor} +(.*?)(?: {4}|$)`, 'm').exec(text('docs/tour.md'))[1].split(/ +/))
  assert.deepEqual(drawn.sort(), [...modules].sort())
})

test('README.md names every folder of programs/, docs/data.md every file of sql/data, docs/services.md every service', () => {
  const row = text('README.md').split('\n').find((line) => line.startsWith('| `programs/` '))
  assert.deepEqual(quoted(row).slice(1).sort(), readdirSync(join(top, 'programs')).sort())
  assert.deepEqual(rowsBehind('docs/data.md', '# Data: where it comes from, and when it goes').flatMap(([file]) => quoted(file)).filter((name) => name.endsWith('.sql')).sort(),
    readdirSync(join(top, 'sql/data')).sort())
  const vendors = readdirSync(join(top, 'core/gateway'), { recursive: true }).filter((name) => name.endsWith('/vendor.tbl'))
    .flatMap((name) => [...text(`core/gateway/${name}`).matchAll(/^CH_VENDOR\(\w+,\s*"(\w+)"/gm)].map(([, word]) => word))
  assert.deepEqual(rowsBehind('docs/services.md', '# Outside services').flatMap(([, word]) => quoted(word)).sort(), vendors.sort())
})

test('docs/data.md counts what sql/data contains, and has every period of hall.retention', () => {
  const told = text('docs/data.md')
  const regions = text('sql/data/region.sql').split('COPY incoming FROM stdin;\n')[1].split('\n\\.')[0].split('\n').map((line) => line.split('\t')[0].length)
  const level = (digits) => regions.filter((length) => length === digits).length
  const spaced = (n) => String(n).replace(/(\d{2})(\d{3})$/, '$1 $2')
  assert.ok(told.includes(`${spaced(regions.length)} regions`))
  assert.ok(told.replace(/\s+/g, ' ').includes(`${level(2)} provinces (2 digits), ${level(4)} prefectures (4), ${level(6)} counties (6) and ${spaced(level(9))} townships (9)`))
  assert.ok(told.includes(`${[...text('sql/data/calendar.sql').matchAll(/^ +\('\d{4}-/gm)].length} days of`))
  assert.ok(told.includes(`${[...text('sql/data/bank.sql').split('\n;')[0].matchAll(/^ +\('\d{12}'/gm)].length} made-up branches`))
  const periods = text('sql/data/kinds.sql').split('INSERT INTO hall.retention (what, name, event, after) VALUES')[1].split('ON CONFLICT')[0]
  assert.deepEqual(rowsBehind('docs/data.md', '## What is kept, and until when').map(([what, , kept]) => [quoted(what)[0], kept]),
    [...periods.matchAll(/\('(\w+)', .*'(\w+ \w+)'\)/g)].map(([, what, kept]) => [what, kept]))
})

// Numbers that a sentence of a document repeats: the document, the sentence; the source, what stands there.
const numbers = [
  ['docs/security.md', /Sessions of applicants last (\d+) hours/, 'modules/gate/login.c', /SESSION_SECONDS \((\d+) \* 3600\)/],
  ['docs/security.md', /Those of staff last (\d+) hours/, 'modules/login/open.c', /SESSION_SECONDS \((\d+) \* 3600\)/],
  ['docs/security.md', /one authentication of one order, (\d+) minutes/, 'modules/identity/identity.sql', /identity_start\(.*'(\d+) minutes'/],
  ['docs/security.md', /SMS codes: 6 digits, (\d+) minutes/, 'sql/code/login.sql', /c\.created_at < now\(\) - interval '(\d+) minutes'/],
  ['docs/security.md', /minutes, (\d+) tries, one a minute/, 'sql/code/login.sql', /c\.tries >= (\d+)/],
  ['docs/security.md', /scrypt, N = 2\^(\d+) by default/, 'core/base/config.tbl', /"scrypt_log_n",\s+CH_CONF_INT,\s+"(\d+)"/],
  ['docs/operators.md', /The command reads (\d+) rows at a time/, 'programs/admin/audit.c', /define PAGE (\d+)/],
  ['docs/operators.md', /up to (\d+)\) and needs/, 'programs/admin/audit.c', /define PAGE_MOST (\d+)/],
  ['docs/zh-CN/operators.md', /命令每次读取 (\d+) 条/, 'programs/admin/audit.c', /define PAGE (\d+)/],
  ['docs/zh-CN/operators.md', /另行指定，最多 (\d+)/, 'programs/admin/audit.c', /define PAGE_MOST (\d+)/],
  ['docs/operators.md', /uploads run at once, (\d+) of an\s+address/, 'tools/setup/layout.sh', /"UPLOADS=\$\(share (\d+)\)"/],
  ['docs/operators.md', /address and (\d+) of all/, 'tools/setup/layout.sh', /"UPLOADS_ALL=\$\(share (\d+)\)"/],
  ['docs/operators.md', /verification of documents: (\d+) and/, 'tools/setup/layout.sh', /"CHECKS=\$\(share (\d+)\)"/],
  ['docs/operators.md', /verification of documents: \d+ and (\d+) of/, 'tools/setup/layout.sh', /"CHECKS_ALL=\$\(share (\d+)\)"/],
  ['docs/zh-CN/operators.md', /同时进行的上传：每个地址 (\d+) 个/, 'tools/setup/layout.sh', /"UPLOADS=\$\(share (\d+)\)"/],
  ['docs/zh-CN/operators.md', /，合计 (\d+) 个，每个不超过/, 'tools/setup/layout.sh', /"UPLOADS_ALL=\$\(share (\d+)\)"/],
  ['docs/operators.md', /older than (\d+) days/, 'programs/admin/resolution.c', /AGE_MOST \(\(int64_t\)(\d+) \*/],
  ['docs/operators.md', /from (\d+) days before it begins/, 'sql/code/reference.sql', /interval '(\d+) days'/],
  ['docs/operators.md', /after (\d+) days the order is done/, 'sql/code/parcel.sql', /'signed_for\/' \|\| wanted, wanted, '(\d+) days'/],
  ['docs/zh-CN/operators.md', /(\d+) 天后业务单办结/, 'sql/code/parcel.sql', /'signed_for\/' \|\| wanted, wanted, '(\d+) days'/],
  ['docs/partners.md', /Answer with 2xx within (\d+) seconds/, 'core/gateway/webhook/webhook.c', /TIMEOUT_MS (\d+)000/],
  ['docs/partners.md', /within (\d+) minutes of our clock/, 'modules/partner/caller.c', /WINDOW_SECONDS (\d+)/, 60],
]
test('numbers in sentences are those of the sources', () => {
  for (const [document, sentence, source, place, divisor = 1] of numbers) {
    const told = sentence.exec(text(document)), real = place.exec(text(source))
    assert.ok(told, `${document}: ${sentence}`)
    assert.ok(real, `${source}: ${place}`)
    assert.equal(Number(told[1]), Number(real[1]) / divisor, `${document}: ${sentence}`)
  }
})

test('docs/security.md names every encrypted column', () => {
  const places = readdirSync(join(top, 'sql/schema'), { recursive: true }).filter((name) => name.endsWith('.sql'))
    .flatMap((name) => [...text(`sql/schema/${name}`).matchAll(/\('\w+\.\w+', '(\w+)', '(\w+)', '\w+'\)/g)].map(([, tbl, column]) => `${tbl}.${column}`))
  assert.ok(places.length > 20)
  const told = rowsBehind('docs/security.md', '## Encryption at rest').flatMap(([, where]) => quoted(where))
  assert.deepEqual([...new Set(places)].filter((place) => !told.includes(place)), [])
})

// The folders of keys and the columns that each encrypts.
const keyFolders = [...text('core/crypto/folders.tbl').matchAll(/^CH_FOLDER\(\w+, "(\w+)", (\w+), "(.*)"\)$/gm)].map(([, name, encrypts, doc]) => ({ name, encrypts: encrypts === 'true', doc }))

test('docs/keys.md has every folder of keys, what it protects, and which programs read it', () => {
  const declared = ['runner', 'signer', ...modules].map((program) => [program, table(program, '--groups').map(([group]) => group)])
  const readers = (folder) => declared.filter(([program, groups]) => program !== 'runner' && groups.includes(`key-${folder}`)).map(([program]) => program)
  const loggedIn = modules.filter((name) => table(name, '--routes').some((row) => row[4].split(/\W+/).some((role) => !['public', 'vendor', 'phone', 'code', 'papers'].includes(role))))
  const told = { 'every module with routes for applicants or staff': loggedIn }
  assert.deepEqual(rowsBehind('docs/keys.md', '## Folders').map(([name, doc, read]) => [name, doc, (told[read] ?? quoted(read)).toSorted()]),
    keyFolders.map(({ name, doc }) => [`\`${name}\``, doc, readers(name).sort()]))
  assert.ok(keyFolders.every(({ name }) => declared[0][1].includes(`key-${name}`)), 'the runner reads all')
})

test('every encrypted column has its place in a folder that encrypts', () => {
  const later = readdirSync(join(top, 'sql/schema/deploy')).map((name) => text(`sql/schema/deploy/${name}`)).join('\n')
  const columns = [...`${text('sql/schema/baseline/encrypted.sql')}\n${later}`.matchAll(/^(?: {4}|SELECT hall\.encrypted_column_add)\('([\w.]+)', '/gm)].map(([, place]) => place)
  const rows = [...text('core/crypto/places.tbl').matchAll(/^CH_PLACE\("([\w.]+)", CH_KEYS_(\w+)\)$/gm)]
  assert.ok(columns.length > 20)
  assert.deepEqual(rows.map(([, place]) => place).sort(), columns.sort())
  for (const [, place, folder] of rows) assert.ok(keyFolders.find(({ name }) => name === folder.toLowerCase())?.encrypts, place)
})

test('docs/lifecycle.md says what fires every event', () => {
  const told = rowsBehind('docs/lifecycle.md', '## What fires the events').flatMap(([events]) => events.split(', '))
  const real = [...text('docs/lifecycle.md').split('```')[1].matchAll(/: (\w+) \(/g)].map(([, event]) => event)
  assert.deepEqual([...new Set(told)].sort(), [...new Set(real)].sort())
})

test('files that the documents name are there', () => {
  const missing = []
  const names = new Set(readdirSync(top, { recursive: true }).filter((name) => !/node_modules|autom4te/.test(name)).map((name) => name.split('/').at(-1)))
  for (const file of documents)
    for (const word of quoted(text(file).replace(/```[^]*?```/g, ''))) {
      const path = /^((?:core|modules|programs|sql|nginx|tools|tests|docs)\/[a-zA-Z0-9_./-]+[a-zA-Z0-9_])(?: |$)/.exec(word)?.[1]
      if (path ? !isThere(path) : /^[a-z0-9_-]+\.(c|h|tbl|mjs|vue)$/.test(word) && !/_sql\.[ch]$/.test(word) && !names.has(word)) missing.push(`${file}: ${word}`)
    }
  assert.deepEqual(missing, [])
})

/** The addresses of a document's headings, as GitHub makes them. */
const anchors = (file) => [...text(file).replace(/```[^]*?```/g, '').matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
  title.toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-'))

test('links between documents lead somewhere', () => {
  const broken = []
  for (const file of documents)
    for (const [, to] of text(file).replace(/```[^]*?```/g, '').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(to)) continue
      const [path, anchor] = to.split('#')
      const target = path === '' ? file : normalize(join(dirname(file), path))
      if (!isThere(target) || (anchor && !anchors(target).includes(decodeURIComponent(anchor)))) broken.push(`${file}: ${to}`)
    }
  assert.deepEqual(broken, [])
})

test('nothing in the documents names a registry, a package server or a folder of somebody\'s machine', () => {
  // `registry.seals` is an operation, `registry.example.com` a server.
  for (const file of [...documents, 'tests/openapi/package-lock.json'])
    assert.doesNotMatch(text(file), /(?<!`)registry\.|`registry\.[\w-]+[.:]|"resolved"|\/home\/[a-z]|\/work\//, file)
})
