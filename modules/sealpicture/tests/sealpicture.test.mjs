// SPDX-License-Identifier: Apache-2.0
// Electronic seals over HTTP: the picture is looked at and accepted, what makes it void, the seal that follows the certificate, the
// back office, the withdrawal and the filing record. The seal itself is verified in tests/interop/node/seal.test.mjs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Applicant, BRANCH, Staff, bmp, eventually, formFor, inbox, paper, person, sql, submitted } from '../../../tests/lib/hall.mjs'
import { sealFile, sealPictureOf, withSeal } from '../../../tests/lib/seal.mjs'

const refusal = (promise) => promise.then(() => null, (e) => ({ status: e.status, pointer: e.body.errors?.[0]?.pointer, words: e.body.detail }))
const mm = (png) => {
  const at = png.indexOf('pHYs')
  return [16, 20].map((side, i) => Math.round((1000 * png.readUInt32BE(side)) / png.readUInt32BE(at + 4 + 4 * i)))
}

/** An order with a printed form and all papers, but without an accepted picture of the seal. */
async function prepared(slug = 'szjsgws', type = 'institution') {
  const p = await person()
  const a = new Applicant(slug)
  await a.loginSms(p.mobile)
  await a.draft(true)
  await a.save(formFor(slug, p, type))
  await a.print()
  a.preview = (wish) => a.api('POST', `/sealpicture/orders/${a.order.id}/preview`, { json: wish })
  a.accept = (wish, sm3) => a.api('POST', `/sealpicture/orders/${a.order.id}/accept`, { json: { ...wish, sm3 } })
  await a.refresh()
  for (const { code } of a.order.papers) await a.upload(code, bmp())
  await a.refresh()
  return { a, p }
}
const GENERATED = { style: 'generated' }

test('an order that wants a seal is not handed in before its picture is accepted', async () => {
  const { a } = await prepared()
  assert.deepEqual(a.order.next, { step: 'papers', text: '请预览并确认电子印章的样式。' })
  assert.deepEqual(await refusal(a.step('submit')), { status: 422, pointer: '/sealpicture', words: '请预览并确认电子印章的样式。' })
  const picture = await a.preview(GENERATED)
  const png = Buffer.from(picture.png, 'base64')
  assert.deepEqual([picture.kind, picture.width, picture.height, ...mm(png)], ['unit', 40, 40, 40, 40])
  assert.equal((await refusal(a.accept(GENERATED, 'f'.repeat(64)))).status, 409, 'another picture than the one seen')
  const state = await a.accept(GENERATED, picture.sm3)
  assert.equal(state.accepted.sm3, picture.sm3)
  assert.equal((await refusal(a.step('submit'))).pointer, '/phone', 'the next thing')
  assert.deepEqual((await sealFile(a, 'picture.png')).bytes, png)
  const svg = await sealFile(a, 'picture.svg')
  assert.equal(svg.type, 'image/svg+xml')
  assert.match(svg.bytes.toString(), /width="40mm" height="40mm" viewBox="0 0 40 40"/)
  assert.doesNotMatch(svg.bytes.toString(), /<script|<text|href="http/)
  assert.equal((await sealFile(a, 'seal.esl')).status, 404, 'no seal yet')
})

test('a line under the star is one of those offered', async () => {
  const { a } = await prepared()
  const plain = await a.preview(GENERATED)
  const lined = await a.preview({ ...GENERATED, line: '电子签章专用' })
  assert.notEqual(plain.sm3, lined.sm3)
  assert.equal((await refusal(a.preview({ ...GENERATED, line: '国务院' }))).status, 422)
})

test('a later change of the name undoes the acceptance, one of the address does not', async () => {
  const { a, p } = await prepared()
  await a.acceptSealPicture()
  await a.save({ ...formFor('szjsgws', p), unit_address: '另一条路 2 号' })
  assert.ok((await sealPictureOf(a)).accepted)
  await a.save({ ...formFor('szjsgws', p), unit_name: `${p.unit_name}分公司` })
  const state = await sealPictureOf(a)
  assert.deepEqual([state.accepted, state.undone], [null, true])
  await a.acceptSealPicture()
  assert.deepEqual([(await sealPictureOf(a)).undone], [false])
})

test('the picture is cut out of the stamped scan; another scan undoes that', async () => {
  const { a, p } = await prepared()
  assert.match((await refusal(a.preview({ style: 'scan' }))).words, /印章太小|红色印章|红色部分/, 'a red square of a few dots is none')
  const scan = await paper('seal-form', { unit_name: p.unit_name, unit_code: p.unit_code, format: 'jpeg' })
  await a.upload('seal_form', scan, 'seal.jpg', 'image/jpeg')
  const picture = await a.preview({ style: 'scan' })
  assert.deepEqual([picture.width, ...mm(Buffer.from(picture.png, 'base64'))], [40, 40, 40])
  const other = await a.preview({ style: 'scan', diameter: 42, turn: 15 })
  assert.deepEqual([other.width, mm(Buffer.from(other.png, 'base64'))[0]], [42, 42])
  assert.notEqual(other.sm3, picture.sm3)
  const state = await a.accept({ style: 'scan', diameter: 42, turn: 15 }, other.sm3)
  assert.deepEqual([state.accepted.style, state.accepted.width, state.accepted.svg], ['scan', 42, false])
  assert.equal((await sealFile(a, 'picture.svg')).status, 404, 'a scan has no outlines')
  await a.upload('seal_form', scan, 'seal.jpg', 'image/jpeg')
  assert.equal((await sealPictureOf(a)).undone, true)
})

test('scans that bear no stamp are refused in words; a PDF too', async () => {
  const { a, p } = await prepared()
  const tell = async (bytes, name, type) => {
    await a.upload('seal_form', bytes, name, type)
    return refusal(a.preview({ style: 'scan' }))
  }
  const none = await tell(await paper('idcard-front', { ...p, format: 'jpeg' }), 'x.jpg', 'image/jpeg')
  assert.deepEqual([none.status, none.pointer], [422, '/sealpicture'])
  const print = await a.print()
  const pdf = await tell(Buffer.from(await print.arrayBuffer()), 'x.pdf', 'application/pdf')
  assert.deepEqual([pdf.status, pdf.pointer], [415, '/papers/seal_form'])
  assert.deepEqual((await sealPictureOf(a)).styles, ['generated'])
  const broken = Buffer.from(await paper('seal-form', { unit_name: p.unit_name, format: 'jpeg' })).subarray(0, 9000)
  const cut = await tell(broken, 'x.jpg', 'image/jpeg')
  assert.equal(cut.status, 422)
})

test('a stranger sees and accepts nothing', async () => {
  const { a } = await prepared()
  const { a: b } = await prepared()
  const picture = await a.preview(GENERATED)
  b.order = a.order
  for (const attempt of [() => sealPictureOf(b), () => b.preview(GENERATED), () => b.accept(GENERATED, picture.sm3)])
    assert.equal((await refusal(attempt())).status, 404)
  for (const file of ['picture.png', 'picture.svg', 'seal.esl']) assert.equal((await sealFile(b, file)).status, 404)
})

test('what is kept of it is encrypted', async () => {
  const { a, p } = await prepared()
  await a.acceptSealPicture()
  const row = sql(`SELECT encode(name, 'hex') || encode(png, 'hex') || encode(svg, 'hex') FROM hall.sealpicture WHERE order_id = '${a.order.id}'`)
  assert.ok(!row.includes(Buffer.from(p.unit_name).toString('hex')))
  assert.ok(!row.includes(Buffer.from('PNG').toString('hex') + '0d0a'))
  assert.ok(!row.includes(Buffer.from('<svg').toString('hex')))
})

test('no seal wanted, nothing to accept', async () => {
  const p = await person()
  const a = new Applicant('jieyang')
  await a.loginSms(p.mobile)
  await a.draft()
  await a.save(formFor('jieyang', p))
  assert.deepEqual([a.order.seal_wanted, (await sealPictureOf(a)).wanted, (await sealPictureOf(a)).open], [false, false, false])
})

const auditor = () => new Staff().login('audit')
const found = async (staff, q) => (await staff.call('GET', `/desk/api/registry/seals?q=${encodeURIComponent(q)}`)).items

test('szjsgws: the seal follows the certificate; the desk finds, shows, fetches and withdraws it', async () => {
  const { a, p, state, review, producer, der } = await withSeal('szjsgws')
  const { seal } = state
  assert.match(seal.es_id, /^\d{15}$/)
  assert.equal(seal.es_id.slice(0, 6), p.unit_code.slice(2, 8), 'its number begins with the place of registration')
  assert.equal(seal.certificate, a.order.certificate.serial)
  assert.equal(seal.valid_to, a.order.certificate.not_after)
  assert.match((await inbox(p.mobile, /电子印章/)).text, new RegExp(seal.es_id))
  assert.ok(der.length > 10000 && der.includes(Buffer.from(seal.es_id)))

  const [row] = await found(review, seal.es_id)
  assert.deepEqual(row, seal)
  for (const words of [seal.filing_no, a.order.number, p.unit_name]) assert.ok((await found(producer, words)).some((s) => s.id === seal.id), words)
  assert.equal((await found(review, '没有这枚')).length, 0)
  const brief = await review.call('GET', `/desk/api/produce/orders/${a.order.id}/sealpicture`)
  assert.equal(brief.accepted.sm3, state.accepted.sm3)
  for (const path of [`/desk/api/registry/seals/${seal.id}/picture.png`, `/desk/api/produce/orders/${a.order.id}/sealpicture.png`])
    assert.deepEqual(Buffer.from(await (await producer.fetch('GET', path)).arrayBuffer()), (await sealFile(a, 'picture.png')).bytes)
  assert.deepEqual(Buffer.from(await (await producer.fetch('GET', `/desk/api/registry/seals/${seal.id}/seal.esl`)).arrayBuffer()), der)

  const overseer = await auditor()
  const withdraw = (who) => who.signed(`/desk/api/registry/seals/${seal.id}/withdraw`, { reason: '单位更名' })
  for (const who of [producer, overseer]) assert.equal((await refusal(withdraw(who))).status, 403)
  assert.equal((await overseer.fetch('GET', `/desk/api/registry/seals/${seal.id}/seal.esl`)).status, 403)
  assert.equal((await withdraw(review)).state, 'withdrawn')
  assert.equal((await refusal(withdraw(review))).status, 409)
  assert.deepEqual([(await sealPictureOf(a)).seal.state, (await sealPictureOf(a)).seal.reason], ['withdrawn', '单位更名'])

  const csv = await (await overseer.fetch('GET', '/desk/api/registry/seals/filing.csv')).text()
  const lines = csv.split('\r\n').filter((line) => line.includes(seal.filing_no))
  assert.deepEqual(lines.map((line) => /制作|注销/.exec(line)[0]), ['制作', '注销'])
  assert.ok(lines[1].includes('单位更名') && lines[0].includes(state.accepted.sm3))
  assert.equal((await (await overseer.fetch('GET', '/desk/api/registry/seals/filing.csv?from=2001-01-01&to=2001-01-02')).text()).includes(seal.filing_no), false)
  const trail = sql(`SELECT string_agg(op, ' ' ORDER BY seq) FROM hall.audit WHERE subject = '${seal.id}'`)
  assert.match(trail, /^signer\.seal signer\.seal_signing signer\.seal_made .*registry\.seal_file.*registry\.seal_withdraw$/)
})

test('jieyang: a natural person who wants one gets a personal seal at no extra price; its certificate\'s hold and revocation reach it', async () => {
  const { a, state } = await withSeal('jieyang', 'natural', { seal: true })
  assert.equal(a.order.price.total, 60000)
  assert.deepEqual([state.kind, state.seal.kind, state.seal.width, state.seal.height], ['person', 'person', 20, 20])
  const becomes = (to, reason) => sql(`UPDATE hall.certificate SET state = '${to}'${reason ? `, reason = '${reason}'` : ''} WHERE order_id = '${a.order.id}'`)
  becomes('hold')
  assert.equal((await sealPictureOf(a)).seal.state, 'suspended')
  becomes('valid')
  assert.equal((await sealPictureOf(a)).seal.state, 'valid')
  becomes('revoked', 'key_compromise')
  const { seal } = await sealPictureOf(a)
  assert.deepEqual([seal.state, seal.reason], ['withdrawn', '证书已吊销，印章随之注销。'])
  await eventually('no second seal', async () => sql(`SELECT count(*) FROM hall.outbox WHERE kind = 'seal' AND state <> 'done' AND subject IN (SELECT id FROM hall.certificate WHERE order_id = '${a.order.id}')`) === '0')
  assert.equal(sql(`SELECT count(*) FROM hall.seal WHERE order_id = '${a.order.id}'`), '1')
})

test('the signer makes no seal of another picture than the accepted one; what was begun is finished when it is there again', async () => {
  const { a, p } = await submitted('szjsgws')
  const hash = sql(`SELECT encode(png_sm3, 'hex') FROM hall.sealpicture WHERE order_id = '${a.order.id}'`)
  const put = (hex) => sql(`UPDATE hall.sealpicture SET png_sm3 = '\\x${hex}' WHERE order_id = '${a.order.id}'`)
  await a.pay()
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  await a.account(BRANCH, p.account_no)
  await a.until('accepted')
  put('00'.repeat(32))
  await (await new Staff().login('produce')).act(a.order.id, 'produce')
  const half = await eventually('a try of the signer', async () => {
    const { seal } = await sealPictureOf(a)
    const tried = sql(`SELECT last_error FROM hall.outbox WHERE kind = 'seal' AND subject = (SELECT id FROM hall.certificate WHERE order_id = '${a.order.id}')`)
    return seal?.state === 'making' && tried && seal
  })
  assert.equal((await sealFile(a, 'seal.esl')).status, 404)
  assert.equal(sql(`SELECT count(*) FROM hall.signature WHERE subject = '${half.id}'`), '0', 'nothing was signed')
  put(hash)
  const whole = await eventually('the seal', async () => {
    const { seal } = await sealPictureOf(a)
    return seal.state === 'valid' && seal
  })
  assert.deepEqual([whole.id, whole.es_id, whole.valid_from], [half.id, half.es_id, half.valid_from], 'the row that was begun')
})
