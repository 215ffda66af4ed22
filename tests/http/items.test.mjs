// SPDX-License-Identifier: Apache-2.0
// Orders of several certificates: all are made or none, each with its own subject, key file and seal; the requests of tokens arrive
// one after the other; the signer is killed in the middle.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate, createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { before } from 'node:test'
import { Applicant, STATE, Staff, bmp, eventually, formFor, inbox, messages, person, sql } from '../lib/hall.mjs'
import { publish } from '../lib/officers.mjs'

const demo = JSON.parse(readFileSync(new URL('../../sql/demo/jieyang.json', import.meta.url), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'items-'))
const at = (name) => join(folder, name)
const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] })
let review, produce, counter = 0

/** A partner whose orders have several certificates, all on the medium of `type`. */
function project(slug, type) {
  const holder = demo.types.find((t) => t.cert_type === 'holder')
  const business = { ...holder, cert_type: 'business', name: '机构业务证书', person: 'institution', profile: 'business' }
  const types = [...demo.types, business].map((t) => ({ ...t, ...type }))
  writeFileSync(at('project.json'), JSON.stringify({
    ...demo, slug, project_id: createHash('md5').update(slug).digest('hex'), name: slug, types, seal_mode: 'always', finauth: 'none',
  }))
  publish(at('project.json'))
}

before(async () => {
  project('items-file', { medium: 'file' })
  project('items-token', { medium: 'ukey', key_origin: 'token' })
  review = await new Staff().login('review')
  produce = await new Staff().login('produce')
})

const ITEMS = [['institution', null], ['business', '合同专用章'], ['business', '财务专用章'], ['holder', null]]

/** A draft with all papers: one certificate for the unit, two for its business, one for a person. */
async function drafted(slug, items = ITEMS) {
  const p = await person(), a = new Applicant(slug)
  await a.loginSms(p.mobile)
  await a.draft()
  await a.save(formFor('jieyang', p, 'holder'))
  sql(`INSERT INTO hall.order_item (order_id, item, cert_type, years, subject, style, seal_name) SELECT '${a.order.id}', n, t, 1,
       CASE t WHEN 'holder' THEN '张*' ELSE o.subject END, 'generated', s FROM hall.orders o,
       unnest('{${items.map((i) => i[0])}}'::text[], '{${items.map((i) => i[1] ?? 'NULL')}}'::text[]) WITH ORDINALITY AS x(t, s, n)
       WHERE o.id = '${a.order.id}'`)
  await a.print()
  return { a, p }
}
const sealPicture = (a, item) => a.api('GET', `/sealpicture/orders/${a.order.id}?item=${item}`)
async function acceptSealPicture(a, item) {
  const path = `/sealpicture/orders/${a.order.id}`
  const picture = await a.api('POST', `${path}/preview?item=${item}`, { json: { style: 'generated' } })
  await a.api('POST', `${path}/accept?item=${item}`, { json: { style: 'generated', sm3: picture.sm3 } })
  return picture
}

/** Brings the draft to the accepted order. */
async function accepted({ a, p }, items) {
  await a.uploadAll() // and the picture of the first
  for (let item = 2; item <= items; item++) await acceptSealPicture(a, item)
  assert.equal((await a.authenticate(p)).state, 'passed')
  await a.refresh()
  await a.step('submit')
  await a.pay()
  await review.act(a.order.id, 'approve')
  await a.until('accepted')
  return a.order.id
}
const production = (id) => produce.call('GET', `/desk/api/produce/orders/${id}/production`)
const produced = (id) => eventually('all certificates', async () => (await produce.read(id)).order.state === 'produced')
const pinOf = async (phone) => (await inbox(phone, /PIN 码为/)).text.match(/PIN 码为 ([2-9A-Z]{12})/)[1]

/** The certificate of a key file whose key is in it. */
function keyHolder(bytes, pin) {
  writeFileSync(at('k.p12'), bytes)
  const text = openssl('pkcs12', '-in', 'k.p12', '-passin', `pass:${pin}`, '-nodes').toString()
  assert.equal(text.match(/BEGIN PRIVATE KEY/g).length, 1)
  return text
}

test('an order of four certificates: pictures, production, key files under one PIN, seals', async () => {
  const draft = await drafted('items-file'), { a, p } = draft
  await a.refresh()
  for (const { code } of a.order.papers) await a.upload(code, bmp())
  const pictures = []
  for (let item = 1; item <= 4; item++) {
    assert.equal((await a.refresh()).next.step, 'papers', `picture ${item} is still to be accepted`)
    pictures.push(await acceptSealPicture(a, item))
  }
  assert.notEqual((await a.refresh()).next.step, 'papers')
  assert.deepEqual(pictures.map((x) => x.kind), ['unit', 'unit', 'unit', 'person'])
  assert.equal(new Set(pictures.map((x) => x.sm3)).size, 4, 'each its own name and number')
  assert.deepEqual((await sealPicture(a, 2)).items.map((i) => [i.item, i.name, i.accepted]),
    [[1, '机构证书', true], [2, '机构业务证书', true], [3, '机构业务证书', true], [4, '机构个人证书', true]])
  await assert.rejects(sealPicture(a, 5), { status: 404 })

  const id = await accepted(draft, 4)
  const waiting = await production(id)
  assert.deepEqual([waiting.progress, waiting.items.map((i) => [i.profile, i.state]), waiting.certificates],
    [{ made: 0, of: 4 }, [['institution', 'waiting'], ['business', 'waiting'], ['business', 'waiting'], ['holder', 'waiting']], []])
  await produce.act(id, 'produce')
  await produced(id)
  const after = await production(id)
  assert.deepEqual([after.progress, after.items.map((i) => i.state), after.certificates.map((c) => [c.item, c.key_use, c.key_file])],
    [{ made: 4, of: 4 }, Array(4).fill('made'), [1, 2, 3, 4].map((i) => [i, 'signature', true])])

  const { items } = await a.api('GET', `/orders/${id}/certificates`)
  const name = (i, attribute) => items[i].content.subject.find((s) => s.attribute === attribute)?.value
  assert.deepEqual(items.map((i) => [i.item, i.name]), [[1, '机构证书'], [2, '机构业务证书'], [3, '机构业务证书'], [4, '机构个人证书']])
  assert.deepEqual([0, 1, 2, 3].map((i) => name(i, 'CN')), [p.unit_name, p.unit_name, p.unit_name, p.name])
  assert.deepEqual([1, 2].map((i) => name(i, 'OU')), ['合同专用章', '财务专用章'])
  assert.equal(new Set(items.map((i) => i.serial)).size, 4)

  const pin = await pinOf(p.mobile)
  assert.equal((await messages(p.mobile)).filter((m) => /PIN 码为/.test(m.text)).length, 1, 'one PIN')
  const take = (item) => a.fetch('POST', `/items-file/api/orders/${id}/key-file?item=${item}`)
  for (const item of [4, 2, 1, 3]) {
    assert.equal((await a.refresh()).state, 'produced', 'until the last is taken')
    const res = await take(item)
    assert.equal(res.status, 200)
    assert.match(res.headers.get('content-disposition'), new RegExp(`${a.order.number}-${item}\\.p12`))
    const text = keyHolder(Buffer.from(await res.arrayBuffer()), pin)
    assert.ok(text.includes(Buffer.from(new X509Certificate(Buffer.from(sql(`SELECT encode(certificate, 'hex') FROM hall.certificate
      WHERE order_id = '${id}' AND item = ${item}`), 'hex')).raw).toString('base64').slice(0, 60)), 'of that certificate')
  }
  assert.equal((await a.refresh()).state, 'done')
  assert.equal((await take(5)).status, 404)
  assert.equal((await take(2)).status, 200, 'again, within a day')
  assert.deepEqual((await a.api('GET', `/orders/${id}/certificates`)).key_file.items.map((i) => i.left), [4, 3, 4, 4])

  const seals = await eventually('all seals', async () => {
    const all = await Promise.all([1, 2, 3, 4].map((item) => sealPicture(a, item)))
    return all.every((s) => s.seal?.state === 'valid') && all.map((s) => s.seal)
  })
  assert.deepEqual(seals.map((s) => [s.item, s.certificate, s.kind]), items.map((i, n) => [i.item, i.serial, n < 3 ? 'unit' : 'person']))
  assert.equal(new Set(seals.map((s) => s.es_id.slice(0, 13))).size, 4, 'a number each')
  await inbox(p.mobile, / 等 4 枚/)
  const esl = await a.fetch('GET', `/items-file/api/sealpicture/orders/${id}/seal.esl?item=3`)
  assert.match(esl.headers.get('content-disposition'), new RegExp(seals[2].es_id))
})

test('an order of tokens: each its request, begun with the last; revoked one by one', async () => {
  const id = await accepted(await drafted('items-token', [['institution', null], ['business', '合同专用章'], ['holder', null]]), 3)
  const csr = () => {
    const key = `t${++counter}.key`, out = `t${counter}.csr`
    openssl('genpkey', '-algorithm', 'SM2', '-out', key)
    openssl('req', '-new', '-key', key, '-subj', '/CN=x', '-out', out, '-sm3', '-sigopt', 'distid:1234567812345678')
    return readFileSync(at(out), 'utf8')
  }
  const first = csr()
  await assert.rejects(produce.act(id, 'produce', { item: 4, csr: first }), { status: 404 })
  await produce.act(id, 'produce', { item: 2, csr: first })
  await assert.rejects(produce.act(id, 'produce', { item: 1, csr: first }), (e) => e.status === 422 && e.body.errors[0].pointer === '/csr')
  await produce.act(id, 'produce', { item: 1, csr: csr() })
  const half = await production(id)
  assert.deepEqual([half.producing, half.items.map((i) => i.state)], [false, ['requested', 'requested', 'waiting']])
  assert.equal(sql(`SELECT count(*) FROM hall.outbox WHERE kind = 'issue' AND subject = '${id}'`), '0')
  await produce.act(id, 'produce', { item: 3, csr: csr() })
  await produced(id)
  const files = await Promise.all([1, 2, 3].map((item) => produce.fetch('GET', `/desk/api/produce/orders/${id}/certificate.cer?item=${item}`)))
  assert.deepEqual(files.map((f) => f.status), [200, 200, 200])
  const keys = await Promise.all(files.map(async (f) => new X509Certificate(Buffer.from(await f.arrayBuffer())).publicKey.export({ type: 'spki', format: 'pem' })))
  assert.equal(keys[1], openssl('req', '-in', 't1.csr', '-pubkey', '-noout').toString(), 'the key of its own request')
  assert.equal(new Set(keys).size, 3)
  assert.equal((await produce.fetch('GET', `/desk/api/produce/orders/${id}/certificate.cer?item=9`)).status, 404)

  sql(`UPDATE hall.certificate SET state = 'revoked' WHERE order_id = '${id}' AND item = 2`)
  const left = await production(id)
  assert.deepEqual(left.certificates.map((c) => c.state), ['valid', 'revoked', 'valid'], 'the others stay')
})

test('a signer that is killed in the middle leaves nothing half made; the next goes on with the same serial numbers', async () => {
  const draft = await drafted('items-file'), id = await accepted(draft, 4)
  const pid = () => execFileSync('supervisorctl', ['-c', `${STATE}/supervisord.conf`, 'pid', 'signer'], { encoding: 'utf8' }).trim()
  const rows = () => sql(`SELECT string_agg(serial || state, ',' ORDER BY item) FROM hall.certificate WHERE order_id = '${id}'`)
  await produce.act(id, 'produce')
  const begun = await eventually('its beginning', async () => rows())
  process.kill(Number(pid()), 'SIGKILL')
  if (begun.includes('issuing')) assert.equal(begun.match(/issuing/g).length, 4, 'all are on record at once')
  assert.ok(['accepted', 'produced'].includes((await produce.read(id)).order.state))
  await eventually('all certificates', async () => {
    sql(`UPDATE hall.outbox SET due_at = now() WHERE kind = 'issue' AND subject = '${id}' AND state = 'due' AND due_at > now() AND attempts > 0`)
    sql('NOTIFY outbox')
    return (await produce.read(id)).order.state === 'produced'
  }, 120000)
  assert.equal(rows().replaceAll('valid', 'issuing'), begun.replaceAll('valid', 'issuing'), 'the same serial numbers')
  assert.equal((await production(id)).progress.made, 4)
})
