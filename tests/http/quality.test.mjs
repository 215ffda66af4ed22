// SPDX-License-Identifier: Apache-2.0
// Papers are checked by machine before anybody pays: the sandbox's papers, sharp and blurred, with and without a stamp, of this order
// and of another, as pictures and as PDFs. Warnings can be overruled and are shown to the reviewer; nothing waits for the check.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync, mkdtempSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { Applicant, Staff, bmp, eventually, formFor, paper, person, scans, sealItem, sql } from '../lib/hall.mjs'
import { publish } from '../lib/officers.mjs'

before(() => {
  const demo = JSON.parse(readFileSync(new URL('../../sql/demo/szjsgws.json', import.meta.url), 'utf8'))
  const file = join(mkdtempSync(join(tmpdir(), 'quality-')), 'project.json'), slug = 'looked-at'
  const papers = demo.papers.filter((m) => ['form', 'licence'].includes(m.code)).map((m) => ({ ...m, formats: ['jpeg', 'png', 'bmp', 'pdf'] }))
  writeFileSync(file, JSON.stringify({ ...demo, slug, project_id: createHash('md5').update(slug).digest('hex'), name: slug, papers, gifts: [] }))
  publish(file)
})

/** A draft with its printed form; `scan` gives that as a stamped scan. */
async function printed(who) {
  const p = who ?? (await person()), a = new Applicant('looked-at')
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  const pdf = Buffer.from(await (await a.print()).arrayBuffer())
  const scan = async (more = {}) => (await scans(pdf, { unit_name: p.unit_name, agent_name: p.name, format: 'jpeg', ...more }))[0]
  return { a, p, pdf, scan }
}
/** The result of the check of a paper, when it is there. */
const said = (a, code) => eventually('the look', async () => {
  const { quality } = (await a.refresh()).papers.find((m) => m.code === code).sheets[0]
  return quality && quality.state !== 'queued' && quality
})
async function put(a, code, bytes, type = 'image/jpeg') {
  await a.upload(code, bytes, 'scan', type)
  const quality = await said(a, code)
  return [quality.state, ...quality.warnings.map((w) => w.code)].join(' ')
}
const keep = (a, code, id) => a.api('POST', `/paper/orders/${a.order.id}/${code}/keep`, { json: { id } })
const uploaded = (a, code) => a.order.papers.find((m) => m.code === code).sheets[0]

test('#123 #124 the form: stamped and sharp, without a stamp, out of focus, of another order, of an older print, in another slot', async () => {
  const { a, p, pdf, scan } = await printed(), other = await printed()
  assert.equal(await put(a, 'form', await scan()), 'done')
  assert.equal(await put(a, 'form', await scan({ plain: 1 })), 'done no_stamp')
  assert.match(await put(a, 'form', await scan({ blurred: 1 })), /^done sharp/)
  assert.equal(await put(a, 'form', await other.scan()), 'done order')
  assert.match(uploaded(a, 'form').quality.warnings[0].text, new RegExp(`尾号 ${other.a.order.number.slice(-4)}`))
  assert.equal(await put(a, 'form', pdf, 'application/pdf'), 'done no_stamp', 'a PDF is looked at too: the print itself bears no stamp')
  assert.equal(await put(a, 'form', await paper('licence', { unit_name: p.unit_name, format: 'jpeg' })), 'done no_code')
  assert.equal(await put(a, 'licence', await scan()), 'done slot')
  assert.equal(await put(a, 'licence', await a.licence()), 'done')
  const old = await scan()
  await a.save({ ...a.order.form, unit_address: '深南大道 2 号' })
  await a.print()
  assert.equal(await put(a, 'form', old), 'done version', '#113 printed again after the change')
})

test('what cannot be looked at holds nothing up', async () => {
  const { a, p } = await printed()
  assert.equal(await put(a, 'form', Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF'), 'application/pdf'), 'unchecked')
  await a.upload('licence', await a.licence(), 'a.jpg', 'image/jpeg')
  assert.equal((await a.authenticate(p)).state, 'passed')
  await a.refresh()
  await a.step('submit')
  assert.equal(a.order.state, 'unpaid')
})

test('a warning is overruled by who sees it, and shown to the reviewer', async () => {
  const { a, p, scan } = await printed()
  await put(a, 'form', await scan({ plain: 1 }))
  await put(a, 'licence', bmp())
  const seen = uploaded(a, 'form').id
  await assert.rejects(keep(a, 'form', 'no'), { status: 422 })
  await assert.rejects(keep(a, 'form', uploaded(a, 'licence').id), { status: 409 })
  const stranger = new Applicant('looked-at')
  await stranger.loginSms((await person()).mobile)
  stranger.order = a.order
  await assert.rejects(keep(stranger, 'form', seen), { status: 404 })
  await keep(a, 'form', seen)
  const { kept, warnings } = (await a.refresh()).papers.find((m) => m.code === 'form').sheets[0].quality
  assert.equal(kept.by, `${p.mobile.slice(0, 3)}****${p.mobile.slice(-4)}`)
  assert.deepEqual(warnings.map((w) => w.code), ['no_stamp'])
  assert.equal(uploaded(a, 'licence').quality.kept, null)
  assert.equal((await a.authenticate(p)).state, 'passed')
  await a.refresh()
  await a.step('submit')
  await assert.rejects(keep(a, 'form', seen), { status: 409 })
  await a.pay()
  const review = await new Staff().login('review')
  const { checks, order } = await review.read(a.order.id)
  const found = checks.filter((c) => c.code.startsWith('paper_'))
  assert.match(found.find((c) => c.code === 'paper_no_stamp').text, /^申请表.*没有识别到红色印章.*申请人确认仍然使用/)
  assert.ok(found.every((c) => !c.ok) && found.some((c) => c.code === 'paper_sharp' && /营业执照/.test(c.text) && !/仍然使用/.test(c.text)))
  assert.equal(order.papers.find((m) => m.code === 'form').sheets[0].quality.kept.at, kept.at)
  assert.equal(sql(`SELECT detail ->> 'warnings' FROM hall.audit WHERE subject = '${a.order.id}' AND op = 'paper.keep'`), '["no_stamp"]')
})

/** A draft of a project that asks for both sides of an ID card and the licence. */
async function withCards() {
  const demo = JSON.parse(readFileSync(new URL('../../sql/demo/szjsgws.json', import.meta.url), 'utf8'))
  const file = join(mkdtempSync(join(tmpdir(), 'cards-')), 'project.json'), slug = 'cards'
  const card = { stamped: false, formats: ['jpeg', 'png', 'bmp', 'pdf'] }
  const papers = [{ ...card, code: 'front', name: '身份证人像面', shows: 'id_front' }, { ...card, code: 'back', name: '身份证国徽面', shows: 'id_back' },
    { ...card, code: 'licence', name: '营业执照' }]
  writeFileSync(file, JSON.stringify({ ...demo, slug, project_id: createHash('md5').update(slug).digest('hex'), name: slug, papers, gifts: [] }))
  publish(file)
  const p = await person(), a = new Applicant(slug)
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  return { a, p }
}

test('wrong papers are told at once: the other side of the card, a licence, any other picture', async () => {
  const { a, p } = await withCards()
  const front = await paper('idcard-front', { ...p, format: 'jpeg' }), back = await paper('idcard-back', { ...p, format: 'jpeg' })
  const any = readFileSync(new URL('../../docs/pictures/form.png', import.meta.url)) // of nothing that was asked for
  const about = async (code, bytes, type) => (await put(a, code, bytes, type)).split(' ').filter((w) => w !== 'sharp').join(' ')
  assert.equal(await about('front', front), 'done')
  assert.equal(await about('back', back), 'done')
  assert.equal(await about('front', back), 'done side')
  assert.match(uploaded(a, 'front').quality.warnings[0].text, /国徽面.*人像面.*更换/)
  assert.equal(await about('back', front), 'done side')
  assert.equal(await about('front', await a.licence()), 'done kind')
  assert.equal(await about('front', any, 'image/png'), 'done kind')
  assert.match(uploaded(a, 'front').quality.warnings[0].text, /没有在图片中识别到身份证.*重新拍摄/)
  assert.equal(await about('front', bmp(), 'image/bmp'), 'done', 'what the vendor does not read is left to the reviewer')

  const check = (bytes, type) => a.upload('licence', bytes, 'x', type).then(() => eventually('the licence read', async () => {
    const { check: found } = (await a.refresh()).papers.find((m) => m.code === 'licence')
    return found.state !== 'queued' && found
  }))
  assert.equal((await check(await a.licence(), 'image/jpeg')).state, 'agrees')
  for (const [bytes, type] of [[front, 'image/jpeg'], [any, 'image/png']]) {
    const found = await check(bytes, type)
    assert.equal(found.state, 'other')
    assert.match(found.text, /没有在图片中识别到营业执照.*重新上传/)
  }
})

test('#125 an ID card of somebody else, and a form that is mended: told at once, of agent and of each holder', async () => {
  const p = await person(), x = await person(), y = await person(), a = new Applicant('seal', 'seal')
  await a.register(p.mobile, 'correct-horse-7')
  await a.draft()
  const items = [sealItem('institution', 1, p.unit_name), sealItem('individual', 1, '签名', x), sealItem('individual', 1, '签名', y)]
  await a.save({ ...formFor('seal', p), items })
  await a.print()
  const front = (who) => paper('idcard-front', { ...who, format: 'jpeg' })
  /** What is doubted about the person, once the card was read and compared. */
  const doubted = async (code, wanted) => eventually(`${code}: ${wanted}`, async () => {
    const { quality } = (await a.refresh()).papers.find((m) => m.code === code).sheets[0]
    const found = quality.state === 'done' && quality.warnings.find((w) => w.code === 'person')
    return sql(`SELECT count(*) FROM hall.outbox WHERE kind = 'card' AND state = 'due' AND subject IN (SELECT id FROM hall.paper WHERE order_id = '${a.order.id}')`) === '0' &&
      quality.state === 'done' && (wanted ? wanted.test(found?.text ?? '') : !found)
  })
  await a.upload('agent_id', await front(x), 'a.jpg', 'image/jpeg')
  await doubted('agent_id', /姓名和号码与申请表中经办人的信息不一致/)
  await a.upload('agent_id', await front({ ...x, name: p.name }), 'a.jpg', 'image/jpeg')
  await doubted('agent_id', /上的号码与/)
  await a.upload('agent_id', await front(p), 'a.jpg', 'image/jpeg')
  await doubted('agent_id', null)
  await a.upload('holder_id-2', await front(x), 'a.jpg', 'image/jpeg')
  await a.upload('holder_id-3', await front(x), 'a.jpg', 'image/jpeg')
  await doubted('holder_id-2', null)
  await doubted('holder_id-3', /姓名和号码与申请表中持有人的信息不一致/)

  const { id } = (await a.refresh()).papers.find((m) => m.code === 'agent_id').sheets[0]
  await a.save({ ...a.order.form, agent_name: '另一个' })
  assert.equal(a.order.papers.find((m) => m.code === 'agent_id').sheets[0].id, id, 'the same picture')
  await doubted('agent_id', /上的姓名与/)
})
