// SPDX-License-Identifier: Apache-2.0
// Proof of the bank account: by the random code of the payout's remark, by the PIN, by the legal person; every way in which a
// payout or a code can fail, and what people do about it.
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { before } from 'node:test'
import { branch } from '../../../tests/lib/banks.mjs'
import { LEGAL, codeOf, codeProject, codesOf, ending, failedTwice, finauth, paidOrder } from '../../../tests/lib/finauth.mjs'
import { Applicant, BRANCH, Client, Phone, Staff, eventually, inbox, paper, person, sandboxCall, sql, submitted } from '../../../tests/lib/hall.mjs'
import { program } from '../../../tests/http/lib.mjs'

const folder = mkdtempSync(join(tmpdir(), 'branches-'))
before(() => {
  codeProject('proof-code', 'c')
  codeProject('proof-asked', 'd', {}, LEGAL)
  codeProject('proof-closed', 'e', { legal_auth: false })
})

const other = (code) => String((Number(code) + 1) % 1000000).padStart(6, '0')
const payoutsOf = (a) => `(SELECT id FROM hall.payout WHERE order_id = '${a.order.id}')`
const hasten = (kind, a) => sql(`UPDATE hall.outbox SET due_at = now() WHERE kind = '${kind}' AND state = 'due' AND subject IN ${payoutsOf(a)}; NOTIFY outbox`)
const refusal = (status, pattern) => (e) => e.status === status && pattern.test(e.body.errors?.[0]?.detail ?? e.body.detail)

/** A paid order that waits for a code. */
async function paid(slug, digits) {
  const { a, p } = await paidOrder(slug, digits, slug === 'proof-asked' ? LEGAL : [])
  a.code = (code) => a.api('POST', `/finauth/orders/${a.order.id}/code`, { json: { code } })
  return { a, p }
}

class Link {
  constructor(slug, url) {
    Object.assign(this, { slug, token: new URL(url).hash.slice(3), client: new Client() })
  }
  call(method, options = {}) {
    return this.client.call(method, `/${this.slug}/api/finauth/code`, { ...options, headers: { authorization: `Bearer ${this.token}` } })
  }
  code(code) { return this.call('POST', { json: { code } }) }
}
const linkFor = async (a) => new Link(a.slug, (await a.api('POST', `/finauth/orders/${a.order.id}/code-link`)).url)

test('#156 #157 #158 #161 #163 #164 #170 #177 #D3 #D4 paid online, the code of the remark comes back before the review', async () => {
  const { a, p } = await paid('proof-code')
  assert.equal(a.order.state, 'verifying')
  assert.equal(a.order.due_at, null, 'no review is promised yet')
  const code = await codeOf(p.account_no)
  await inbox(p.mobile, /已向单位账户汇出 0\.01 元，请向本单位财务索取附言中的 6 位随机码/)
  const { entries } = await sandboxCall('GET', `/statement?account=${p.account_no}`)
  assert.deepEqual(entries.map((e) => e.remark), [`网上营业厅金融认证随机码:${code}`])
  await finauth(a, 'succeeded')
  assert.equal(a.order.label, '金融认证成功')
  assert.equal(a.order.next.step, 'code')
  assert.deepEqual(['code', 'code_link'].filter((c) => a.order.can.includes(c)), ['code', 'code_link'])
  assert.ok(!/PIN/.test(JSON.stringify([a.order.next, a.order.history])), 'no word of a PIN where a code is meant')
  assert.equal(sql(`SELECT count(*) FROM hall.payout_code WHERE encrypted IS NOT NULL AND payout IN ${payoutsOf(a)}`), '0')
  await assert.rejects(a.code('12345'), { status: 422 })
  await assert.rejects(a.code(other(code)), refusal(422, /还可以再试 2 次/))
  assert.equal((await a.refresh()).finauth.code.left, 2)
  await assert.rejects(new Applicant('proof-code').call('POST', `/proof-code/api/finauth/orders/${a.order.id}/code`, { json: { code } }), { status: 401 })
  assert.equal((await a.code(code)).state, 'verified')
  await a.refresh()
  assert.equal(a.order.state, 'in_review')
  assert.ok(a.order.due_at)
  await assert.rejects(a.code(code), { status: 409 })
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  await a.until('accepted')
})

test('#169 three tries a code whoever types how fast, three payouts an order, each with a code of its own', async () => {
  const { a, p } = await paid('proof-closed')
  const first = await codeOf(p.account_no)
  await finauth(a, 'succeeded')
  const said = await Promise.all(Array.from({ length: 6 }, () => a.code(other(first)).catch((e) => e)))
  assert.deepEqual(said.map((e) => e.status).sort(), [409, 409, 409, 422, 422, 422])
  assert.deepEqual(said.flatMap((e) => e.body.errors?.map((x) => x.code) ?? []).sort(), ['void', 'wrong', 'wrong'])
  await inbox(p.mobile, /填错次数过多/)
  await a.refresh()
  assert.equal(a.order.finauth.state, 'failed')
  await assert.rejects(a.code(first), { status: 409 }, 'what is void does not become right')

  await a.api('POST', `/finauth/orders/${a.order.id}/payout`)
  await finauth(a, 'succeeded')
  const codes = await codesOf(p.account_no)
  assert.equal(codes.length, 2)
  for (let left = 2; left >= 0; left--) await assert.rejects(a.code(codes.includes('000001') ? '000002' : '000001'), { status: 422 })
  await a.account(BRANCH, ending(p, '0001'))
  await finauth(a, 'failed')
  assert.equal(a.order.finauth.payouts, 3)
  assert.match(a.order.finauth.reason, /户名不符/)
  assert.deepEqual(a.order.can.filter((c) => ['account', 'payout', 'code', 'legal_auth'].includes(c)), [])
  await assert.rejects(a.account(BRANCH, p.account_no), refusal(409, /已用完/))
  await assert.rejects(a.api('POST', `/finauth/orders/${a.order.id}/payout`), refusal(409, /已用完/))
  await assert.rejects(a.api('POST', `/finauth/orders/${a.order.id}/legal`, { json: {} }), { status: 409 }, '#168: not open in this project')
  const desk = await new Staff().login('finance')
  const mine = async () => (await desk.call('GET', '/desk/api/finance/payouts')).items.find((t) => t.order_id === a.order.id)
  assert.equal((await mine()).task, 'exhausted')
  await assert.rejects(desk.call('POST', `/desk/api/finance/payouts/${(await mine()).id}/fail`), { status: 409 })
  await desk.call('POST', `/desk/api/finance/payouts/${(await mine()).id}/done`)
  assert.equal(await mine(), undefined)
})

test('#163 #227 the finance person types the code in on a link, without an account', async () => {
  const { a, p } = await paid('proof-code')
  const code = await codeOf(p.account_no)
  await finauth(a, 'succeeded')
  const old = await linkFor(a)
  const link = await linkFor(a)
  await assert.rejects(old.call('GET'), { status: 410 }, 'a new link makes the old one void')
  const task = await link.call('GET')
  assert.equal(task.unit, p.unit_name)
  assert.equal(task.left, 3)
  assert.ok(!JSON.stringify(task).includes(p.account_no), 'masked')
  const astray = Object.assign(new Link('proof-asked', 'http://x/#t=' + link.token))
  await assert.rejects(astray.call('GET'), { status: 410 }, "under another project's path")
  const phone = new Phone('proof-code', 'http://x/#t=' + link.token)
  await assert.rejects(phone.api('GET', ''), { status: 410 }, 'it opens no other page')
  await assert.rejects(link.client.call('GET', `/proof-code/api/finauth/orders/${a.order.id}`, { headers: { authorization: `Bearer ${link.token}` } }), { status: 401 })
  await assert.rejects(link.code(other(code)), refusal(422, /还可以再试 2 次/))
  await link.code(code)
  assert.equal((await a.refresh()).state, 'in_review')
  await assert.rejects(link.code(code), { status: 410 }, 'used up')
  await assert.rejects(link.call('GET'), { status: 410 })
  await assert.rejects(a.api('POST', `/finauth/orders/${a.order.id}/code-link`), { status: 409 })
})

test('#169 a code and its link end after seven days; nothing typed later is right', async () => {
  const { a, p } = await paid('proof-code')
  const code = await codeOf(p.account_no)
  await finauth(a, 'succeeded')
  const link = await linkFor(a)
  sql(`UPDATE hall.payout_code SET expires_at = now() - interval '1 second' WHERE payout IN ${payoutsOf(a)};
       UPDATE hall.link SET expires_at = now() - interval '1 second' WHERE purpose = 'code' AND subject IN ${payoutsOf(a)}`)
  await assert.rejects(a.code(code), { status: 409 })
  await assert.rejects(link.code(code), { status: 410 })
  hasten('code_end', a)
  await finauth(a, 'failed')
  assert.match(a.order.finauth.reason, /7 天/)
  await inbox(p.mobile, /随机码/)
  assert.ok(a.order.can.includes('payout'))
})

test('#165 #166 #167 #212 refused, and sent back days later: told, mended, with another code', async () => {
  const { a, p } = await paid('proof-code', '0002')
  await codeOf(p.account_no)
  await finauth(a, 'succeeded')
  await eventually('the return', async () => {
    hasten('payout_watch', a)
    return (await a.refresh()).finauth.state === 'returned'
  })
  assert.equal(a.order.label, '金融认证退票')
  assert.equal(a.order.state, 'verifying')
  assert.equal(a.order.finauth.legal_auth, 'later')
  await inbox(p.mobile, /金融认证未成功/)
  await assert.rejects(a.code((await codesOf(p.account_no))[0]), { status: 409 }, 'the code of what came back is void')
  await assert.rejects(a.account('999999999999', p.account_no), refusal(422, /搜索结果/))
  const good = ending(p, '7777')
  await a.account(BRANCH, good)
  await a.code(await codeOf(good))
  assert.equal((await a.refresh()).state, 'in_review')
})

/** An order whose payout is refused twice. */
async function refusedTwice(slug) {
  const { a, p } = await paid(slug, '0006')
  await finauth(a, 'failed')
  assert.equal(a.order.finauth.legal_auth, 'later')
  await assert.rejects(a.api('POST', `/finauth/orders/${a.order.id}/legal`, { json: {} }), { status: 409 })
  await failedTwice(a)
  assert.equal(a.order.finauth.legal_auth, 'open')
  return { a, p }
}
const legalOf = (a) => a.api('GET', `/finauth/orders/${a.order.id}/legal`)

test('#168 the legal person stands in, on their own phone: nobody else\'s card, and the account may be tried again instead', async () => {
  const { a, p } = await refusedTwice('proof-code')
  const before = await legalOf(a)
  assert.equal(before.asked, false, 'the form names the legal person')
  const first = await a.api('POST', `/finauth/orders/${a.order.id}/legal`, { json: {} })
  const phone = new Phone('proof-code', first.url)
  const task = await phone.api('GET', '')
  assert.equal(task.purpose, 'legal')
  assert.equal(task.person_label, '法定代表人')
  assert.ok(!JSON.stringify(task).includes(p.id_no))
  await assert.rejects(phone.card('front', await paper('idcard-front', await person())), refusal(422, /不一致/))
  const second = new Phone('proof-code', (await a.api('POST', `/finauth/orders/${a.order.id}/legal`, { json: {} })).url)
  await assert.rejects(phone.api('GET', ''), { status: 410 }, 'a new link makes the old one void')
  await second.card('front', await paper('idcard-front', p))
  await second.card('back', await paper('idcard-back', p))
  await second.liveness('fail')
  await eventually('the failure', async () => (await legalOf(a)).progress.state === 'failed')
  assert.equal((await a.refresh()).phone.state, 'passed', "the agent's own authentication is another matter")
  await second.liveness('pass')
  await a.until('in_review')
  assert.equal(a.order.finauth.state, 'replaced')
  assert.equal((await legalOf(a)).progress.state, 'passed')
})

test('#168 where the form has no legal person, it is asked for first', async () => {
  const { a } = await refusedTwice('proof-asked')
  const legal = await person()
  const path = `/finauth/orders/${a.order.id}/legal`
  assert.equal((await legalOf(a)).asked, true)
  await assert.rejects(a.api('POST', path, { json: {} }), (e) => e.body.errors.length === 3)
  await assert.rejects(a.api('POST', path, { json: { legal_name: legal.name, legal_id: '110101199001011234', legal_mobile: legal.mobile } }), { status: 422 })
  const { url } = await a.api('POST', path, { json: { legal_name: legal.name, legal_id: legal.id_no, legal_mobile: legal.mobile } })
  const seen = await legalOf(a)
  assert.equal(seen.asked, false)
  assert.ok(!JSON.stringify(seen).includes(legal.id_no))
  const phone = new Phone('proof-asked', url)
  await phone.card('front', await paper('idcard-front', legal))
  await phone.card('back', await paper('idcard-back', legal))
  await phone.liveness('pass')
  await a.until('in_review')
})

test('#168 #191 legal person in pin mode: the gates open, the PIN comes by SMS after production', async () => {
  const { a, p } = await submitted('szjsgws')
  await a.pay()
  await a.account(BRANCH, ending(p, '0006'))
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  await failedTwice(a)
  const phone = new Phone('szjsgws', (await a.api('POST', `/finauth/orders/${a.order.id}/legal`, { json: {} })).url)
  await phone.card('front', await paper('idcard-front', p))
  await phone.card('back', await paper('idcard-back', p))
  await phone.liveness('pass')
  await a.until('accepted')
  const producer = await new Staff().login('produce')
  await producer.act(a.order.id, 'produce')
  await a.until('produced')
  await inbox(p.mobile, /PIN/)
})

test('a payout that the bank suspends is not asked after for ever: it ends in people\'s hands', async () => {
  const { a, p } = await paid('proof-code', '0005')
  await finauth(a, 'sent')
  assert.ok(!a.order.can.includes('account'))
  const query = async (what) => {
    await eventually('the query to be due', () => sql(`SELECT attempts > 0 FROM hall.outbox WHERE kind = 'payout_query' AND state = 'due' AND subject IN ${payoutsOf(a)}`) === 't')
    hasten('payout_query', a)
    await eventually(what, () => sql(`SELECT suspended_at IS NOT NULL FROM hall.payout WHERE order_id = '${a.order.id}'`) === 't')
  }
  sql(`UPDATE hall.payout SET created_at = now() - interval '4 days' WHERE order_id = '${a.order.id}'`)
  await query('suspension')
  const finance = await new Staff().login('finance')
  const mine = async () => (await finance.call('GET', '/desk/api/finance/payouts')).items.find((t) => t.order_id === a.order.id)
  const task = await mine()
  assert.equal(task.task, 'suspended')
  assert.ok(!JSON.stringify(task).includes(p.account_no))
  const review = await new Staff().login('review')
  await assert.rejects(review.call('POST', `/desk/api/finance/payouts/${task.id}/ask`), { status: 403 })
  await assert.rejects(finance.call('POST', `/desk/api/finance/payouts/${task.id}/other`), { status: 404 })
  await finance.call('POST', `/desk/api/finance/payouts/${task.id}/ask`)
  assert.equal(await mine(), undefined)
  await query('suspension again')
  await finance.call('POST', `/desk/api/finance/payouts/${task.id}/fail`)
  await finauth(a, 'failed')
  const seen = await finance.call('GET', `/desk/api/finance/orders/${a.order.id}/payouts`)
  assert.equal(seen.items[0].state, 'failed')
  assert.equal(seen.items[0].code.state, 'void')
  await assert.rejects(finance.signed(`/desk/api/finance/orders/${a.order.id}/payout`, { version: a.order.version + 1 }), { status: 409 })
  await finance.act(a.order.id, 'payout')
  assert.equal((await a.refresh()).finauth.payouts, 2)
})

// ---- opening branches ----

const importing = (lines) => {
  const file = join(folder, 'branches.csv')
  writeFileSync(file, lines.join('\n') + '\n')
  return program('admin', ['banks', 'import', file])
}
const HEAD = 'cnaps,bank,name'
const listed = () => sql(`SELECT coalesce(string_agg(cnaps || ',' || bank || ',' || name, E'\\n' ORDER BY cnaps), '') FROM hall.bank_branch WHERE offered`).split('\n')

test('#97 the list of branches comes as a file: again without a change, all or nothing, every wrong line told', async () => {
  const was = listed()
  const more = Array.from({ length: 3000 }, (_, i) => branch(i).join(','))
  try {
    assert.match(importing(['\ufeff' + HEAD, ...was, ...more]).out, /3000 added, 0 changed, 0 no longer offered/)
    assert.match(importing([HEAD, ...was, ...more]).out, /0 added, 0 changed, 0 no longer offered/)
    const bad = importing([HEAD, was[0], '12345,某银行,某银行支行', '"102000000001","一,二', '', was[0], '102000000009,某银行', `102000000008,某银行,"带""引号""的支行"`])
    assert.equal(bad.status, 1)
    assert.deepEqual([...bad.out.matchAll(/branches\.csv:(\d+):/g)].map((m) => Number(m[1])), [3, 4])
    const twice = importing([HEAD, was[0], '12345,某银行,某银行支行', was[0], '102000000009,某银行'])
    assert.deepEqual([...twice.out.matchAll(/branches\.csv:(\d+):/g)].map((m) => Number(m[1])), [3, 5, 4])
    assert.match(twice.out, /nothing was changed/)
    assert.match(importing(['number,bank,name', was[0]]).out, /:1: the first line/)
    assert.equal(listed().length, was.length + 3000)
    assert.match(importing([HEAD, ...was]).out, /0 added, 0 changed, 3000 no longer offered/)
    const a = new Applicant('szjsgws')
    await a.loginSms((await person()).mobile)
    const find = async (q) => a.api('GET', `/finauth/banks?q=${encodeURIComponent(q)}`)
    assert.deepEqual((await find(branch(1)[0])).banks, [], 'what has gone is not offered')
    assert.deepEqual((await find('工行 福田')).words.sort(), ['工商银行', '福田'])
    assert.deepEqual((await find('福田支行 工行')).banks.map((b) => b.cnaps), ['102584000010'])
    const near = await find('福天 工商 深圳')
    assert.equal(near.near, true)
    assert.equal(near.banks[0].cnaps, '102584000010')
    assert.deepEqual((await find('银河系火星')).banks, [])
  } finally {
    importing([HEAD, ...was])
    sql(`DELETE FROM hall.bank_branch WHERE NOT offered`)
  }
})
