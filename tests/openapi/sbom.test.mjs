// SPDX-License-Identifier: Apache-2.0
// The bill of materials: well-formed by CycloneDX 1.6, and complete by the table of packages and the lock file.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { text } from './tables.mjs'

const print = () => execFileSync(new URL('../../tools/sbom', import.meta.url).pathname, { encoding: 'utf8', maxBuffer: 1 << 26 })
const bill = JSON.parse(print())
const names = (start) => bill.components.filter((one) => one.purl.startsWith(start)).map((one) => one.name)

test('has the members that CycloneDX demands, each of its kind', () => {
  assert.deepEqual([bill.bomFormat, bill.specVersion, bill.version], ['CycloneDX', '1.6', 1])
  assert.match(bill.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  assert.deepEqual(Object.keys(bill).sort(), ['bomFormat', 'components', 'dependencies', 'metadata', 'serialNumber', 'specVersion', 'version'])
  for (const one of [bill.metadata.component, ...bill.components]) {
    assert.ok(['application', 'library'].includes(one.type), JSON.stringify(one))
    for (const key of ['bom-ref', 'name', 'version']) assert.ok(typeof one[key] === 'string' && one[key] !== '', JSON.stringify(one))
    for (const { alg, content } of one.hashes ?? []) assert.ok(alg === 'SHA-512' && /^[0-9a-f]{128}$/.test(content), JSON.stringify(one))
    for (const licence of one.licenses ?? []) assert.ok(licence.expression || licence.license?.id, JSON.stringify(one))
    for (const { type, url } of one.externalReferences ?? []) assert.ok(type === 'website' && new URL(url))
  }
  const refs = [bill.metadata.component, ...bill.components].map((one) => one['bom-ref'])
  assert.equal(new Set(refs).size, refs.length, 'no reference stands twice')
  for (const { ref, dependsOn = [] } of bill.dependencies) for (const one of [ref, ...dependsOn]) assert.ok(refs.includes(one), one)
})

test('names certhall with the version of the build', () => {
  const { name, version } = bill.metadata.component
  assert.equal(name, 'certhall')
  assert.ok(text('configure.ac').includes(`AC_INIT([certhall], [${version}])`))
})

test('has every Debian package that the hall is built with and runs on, in the installed version', () => {
  const found = names('pkg:deb/debian/')
  for (const name of ['gcc', 'libfcgi-dev', 'libpq-dev', 'libssl-dev', 'libseccomp-dev', 'postgresql', 'supervisor']) assert.ok(found.includes(name), name)
  assert.ok(found.some((name) => name.startsWith('nginx')))
  const openssl = bill.components.find((one) => one.name === 'openssl')
  assert.equal(openssl.version, execFileSync('dpkg-query', ['-W', '-f=${Version}', 'openssl'], { encoding: 'utf8' }))
  for (const name of ['libcmocka-dev', 'chromium', 'cppcheck']) assert.ok(!found.includes(name), `${name} is only for tests`)
})

test('has every npm package of the pages with its hash, and none that is only for development', () => {
  const { packages } = JSON.parse(text('nginx/front/package-lock.json'))
  const wanted = Object.entries(packages).filter(([path, its]) => path && !its.dev && !its.devOptional)
  for (const [path, { name: alias, version, integrity }] of wanted) {
    const name = alias ?? path.replace(/^.*node_modules\//, '') // a package may stand in a folder of another name
    const one = bill.components.find((it) => it.name === name && it.version === version && it.purl.startsWith('pkg:npm/'))
    assert.ok(one, `${name} ${version}`)
    assert.equal(one.hashes[0].content, Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex'), name)
  }
  assert.ok(names('pkg:npm/').includes('vue') && !names('pkg:npm/').includes('eslint'))
})

test('is the same text each time', () => assert.equal(print(), print()))
