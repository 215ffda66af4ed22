// SPDX-License-Identifier: Apache-2.0
// Papers by the phone: a link to the papers of one order, and what it refuses.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { Applicant, bmp, formFor, person, sql } from '../lib/hall.mjs'
import { request } from './lib.mjs'

/** A draft with a printed form. */
async function printed() {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  await a.print()
  return { a, p }
}
const link = async (a) => {
  const made = await a.api('POST', `/paper/links/${a.order.id}`)
  return { ...made, token: new URL(made.url).hash.slice(3) }
}
/** What the phone does with a token. */
const phone = (token, method = 'GET', path = '', body) =>
  request(method, `/szjsgws/api/paper/phone${path}`, { headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'image/bmp' }) }, body })
const gone = async (answer) => {
  const res = await answer
  assert.equal(res.status, 410, res.text)
  assert.match(res.json.detail, /上传链接已失效/)
}

describe('the link', () => {
  let a, p, token
  before(async () => {
    ({ a, p } = await printed())
    ;({ token } = await link(a))
  })

  test('leads to the camera page, with the token in the fragment, for half an hour', async () => {
    const made = await link(a)
    token = made.token
    assert.match(made.url, /\/szjsgws\/camera#t=[\w-]{40,}$/)
    assert.ok(Math.abs(new Date(made.expires_at) - Date.now() - 1800_000) < 60_000)
  })
  test('shows the papers, and nothing else of the application', async () => {
    const { status, json, text } = await phone(token)
    assert.equal(status, 200, text)
    assert.deepEqual(json.papers.map((one) => [one.code, one.state, one.looks]), [['form', 'missing', 'form'], ['licence', 'missing', 'licence']])
    assert.equal(json.number, a.order.number)
    for (const said of [p.name, p.id_no, p.mobile, p.unit_name, p.unit_code]) assert.ok(!text.includes(said))
  })
  test('takes papers, sheet by sheet, which the PC shows, and tells it that there is news', async () => {
    const version = async () => (await a.api('GET', `/orders/${a.order.id}/version`)).tag
    const before = await version()
    for (const n of [1, 2]) assert.equal((await phone(token, 'PUT', '/form?sheet=0', bmp(30 + n))).json.paper.sheet, n)
    assert.equal((await phone(token, 'PUT', '/licence', bmp())).status, 200)
    assert.notEqual(await version(), before)
    await a.refresh()
    assert.deepEqual(a.order.papers.map((one) => [one.code, one.state, one.sheets.length]), [['form', 'ok', 2], ['licence', 'ok', 1]])
    assert.equal((await phone(token, 'DELETE', '/form?sheet=2')).status, 204)
    assert.equal((await a.refresh()).papers[0].sheets.length, 1)
    assert.equal((await phone(token, 'DELETE', '/form?sheet=2')).status, 404)
  })
  test('is for no other slot than the order has, and for no other type than the slot takes', async () => {
    for (const code of ['seal_form', 'agent_id', '..%2f..']) assert.equal((await phone(token, 'PUT', `/${code}`, bmp())).status, 404)
    assert.equal((await phone(token, 'PUT', '/licence', Buffer.from('%PDF-1.4 nothing'))).status, 415)
    assert.equal((await phone(token, 'PUT', '/licence', Buffer.from('#!/bin/sh'))).status, 415)
  })
  test('is no log-in: no other route of the applicant takes it, of this order or of another', async () => {
    const { a: other } = await printed()
    for (const { order } of [a, other])
      for (const [method, path] of [['GET', `orders/${order.id}`], ['GET', `paper/orders/${order.id}/licence`], ['DELETE', `paper/orders/${order.id}/licence`],
        ['POST', `paper/links/${order.id}`], ['DELETE', `paper/links/${order.id}`], ['GET', 'orders'], ['GET', 'identity/phone'], ['GET', 'finauth/code']]) {
        const res = await request(method, `/szjsgws/api/${path}`, { headers: { authorization: `Bearer ${token}` } })
        assert.ok([401, 403, 410].includes(res.status), `${method} ${path}: ${res.status}`)
      }
    assert.equal((await other.refresh()).papers.every((one) => one.state === 'missing'), true)
  })
  test('is of this project alone', async () => {
    const res = await request('GET', '/jieyang/api/paper/phone', { headers: { authorization: `Bearer ${token}` } })
    assert.equal(res.status, 410)
  })
  test('is made by its applicant alone', async () => {
    const { a: stranger } = await printed()
    for (const method of ['POST', 'DELETE']) await assert.rejects(stranger.api(method, `/paper/links/${a.order.id}`), { status: 404 })
    assert.equal((await phone(token)).status, 200)
  })
  test('ends when another one is made, and when the PC ends it', async () => {
    const second = await link(a)
    await gone(phone(token))
    assert.equal((await phone(second.token)).status, 200)
    await a.api('DELETE', `/paper/links/${a.order.id}`)
    await gone(phone(second.token))
    await gone(phone(second.token, 'PUT', '/licence', bmp()))
  })
  test('ends after its time', async () => {
    const { token: late } = await link(a)
    sql(`UPDATE hall.link SET expires_at = now() - interval '1 second' WHERE purpose = 'papers' AND subject = '${a.order.id}'`)
    await gone(phone(late))
    await gone(phone(late, 'PUT', '/licence', bmp()))
  })
  test('counts its uploads as those of the account', () =>
    assert.equal(sql(`SELECT c.files > 0 FROM hall.upload_count c JOIN hall.orders o ON c.who = o.account::text WHERE o.id = '${a.order.id}' AND c.kind = 'account'`), 't'))
  test('ends with the submission, also for an order that is sent back later; none is made of a submitted one', async () => {
    const { token: last } = await link(a)
    assert.equal((await a.authenticate(p)).state, 'passed')
    await a.refresh()
    assert.equal((await phone(last)).status, 200)
    await a.step('submit')
    await gone(phone(last))
    await gone(phone(last, 'PUT', '/licence', bmp()))
    assert.equal(sql(`SELECT count(*) FROM hall.link WHERE purpose = 'papers' AND subject = '${a.order.id}'`), '0')
    await assert.rejects(a.api('POST', `/paper/links/${a.order.id}`), { status: 409 })
  })
})
