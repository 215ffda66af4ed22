// SPDX-License-Identifier: Apache-2.0
// Messages: a project's own texts, who may read about them, which are sent again, and that a PIN is not.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { eventually, inbox, messages, sandboxCall, sql, Staff, STATE } from '../lib/hall.mjs'
import { accepted, postProject, produced, saved } from '../lib/post.mjs'

const slug = postProject('post-messages', {
  messages: [{ event: 'approved', vendor_id: '1002', body: '您提交的数字证书业务（单号 {order}）已审核通过，请登录网上营业厅，在个人中心“我的业务单”查看。', parameters: ['order'] }],
  mails: [{ event: 'approved', subject: '{project}：业务单 {order} 已审核通过', body: '您好：\n您在{project}提交的业务 <{order}> 已审核通过。\n{nothing}' }],
})
const mine = async (a) => (await a.api('GET', `/orders/${a.order.id}/messages`)).items
const atDesk = async (staff, id) => (await staff.call('GET', `/desk/api/office/orders/${id}/messages`)).items

test('#217 an event by short message and e-mail, from texts of the project; what the applicant sees of it holds no text', async () => {
  const { a, p } = await accepted(slug)
  const sms = await inbox(p.mobile, /已审核通过/)
  assert.match(sms.text + sms.sign, /【?示范CA】?/)
  const mail = await eventually('the e-mail', async () => (await sandboxCall('GET', '/mails?address=holder@example.com')).mails
    .find((m) => m.subject === `寄送测试平台：业务单 ${a.order.number} 已审核通过`))
  assert.match(mail.text, new RegExp(`<${a.order.number}> 已审核通过`))
  assert.match(mail.text, /服务热线/)

  const seen = await eventually('both as sent', async () => {
    const items = (await mine(a)).filter((m) => m.event === 'approved')
    return items.every((m) => m.sent_at) && items
  })
  assert.deepEqual(seen.map((m) => m.channel).sort(), ['email', 'sms'])
  for (const m of seen) assert.deepEqual(Object.keys(m).sort(), ['at', 'channel', 'channel_name', 'delivery_at', 'event', 'event_name', 'id', 'recipient', 'sent_at', 'state', 'state_name'])
})

test('the messages of an order are its applicant’s alone', async () => {
  const { a } = await saved(slug)
  const { a: other } = await saved(slug)
  await assert.rejects(other.api('GET', `/orders/${a.order.id}/messages`), { status: 404 })
  assert.deepEqual(await mine(a), [])
})

test('what did not arrive is sent once more, what did is not; a PIN has its own way', async () => {
  const { a, p, producer } = await produced(slug)
  const reviewer = await new Staff().login('review')
  const again = (id, staff = reviewer) => staff.call('POST', `/desk/api/office/messages/${id}/send`)
  const approved = (await atDesk(reviewer, a.order.id)).find((m) => m.event === 'approved' && m.channel === 'sms')
  assert.equal(approved.can_send, false)
  await assert.rejects(again(approved.id), { status: 409 })
  sql(`UPDATE hall.message SET state = 'sent', delivery = 'undelivered', delivery_note = '空号' WHERE id = '${approved.id}'`)
  assert.equal((await atDesk(reviewer, a.order.id)).find((m) => m.id === approved.id).can_send, true)
  const count = async () => (await messages(p.mobile)).filter((m) => /已审核通过/.test(m.text)).length
  const before = await count()
  await again(approved.id)
  await eventually('the second', async () => (await count()) === before + 1)
  await assert.rejects(again(approved.id), { status: 409 })

  await inbox(p.mobile, /PIN 码为/)
  const pin = (await atDesk(producer, a.order.id)).find((m) => m.event === 'pin')
  sql(`UPDATE hall.message SET state = 'refused' WHERE id = '${pin.id}'`)
  await assert.rejects(again(pin.id), (e) => e.status === 409 && /PIN/.test(e.body.detail))
  await assert.rejects(again(approved.id, await new Staff().login('audit')), { status: 403 })
  await assert.rejects(again('00000000-0000-4000-8000-000000000000'), { status: 404 })
})

test('an e-mail without an address says so to staff and holds nothing up', async () => {
  const fields = ['cert_type', 'years', 'holder_name', 'holder_id', 'holder_mobile', 'mail_region', 'mail_address']
  const bare = postProject('post-no-mail', { mails: [{ event: 'approved', subject: 'x', body: 'x' }],
    fields: fields.map((field) => ({ field, ...(field === 'mail_region' ? { levels: 3 } : {}) })) })
  const none = Object.fromEntries(['holder_email', 'invoice_wanted', 'invoice_kind', 'invoice_title', 'invoice_purpose'].map((field) => [field, undefined]))
  const { a } = await accepted(bare, none)
  const reviewer = await new Staff().login('review')
  const row = await eventually('the refusal', async () => (await atDesk(reviewer, a.order.id)).find((m) => m.channel === 'email' && m.state === 'refused'))
  assert.equal(row.note, 'no_address')
})

test('#74 #223 the end of a certificate is announced, with the day and the days that are left', async () => {
  const { a, p } = await produced(slug)
  sql(`UPDATE hall.certificate SET not_before = now() - interval '300 days', not_after = now() + interval '29 days' WHERE order_id = '${a.order.id}'`)
  sql(`SELECT hall.enqueue('expiry', 'expiry/test/${a.order.id}', NULL)`)
  assert.match((await inbox(p.mobile, /到期/)).text, /还剩 29 天/)
})

test('the hall’s own rules and texts go out as a document and come in again; a wrong one changes nothing', () => {
  const admin = (args) => execFileSync(`${STATE}/bin/certhall-admin`, ['defaults', ...args], { encoding: 'utf8', stdio: 'pipe', env: { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` } })
  const put = (document) => {
    const file = join(mkdtempSync(join(tmpdir(), 'defaults-')), 'd.json')
    writeFileSync(file, JSON.stringify(document))
    return admin(['import', file])
  }
  const before = admin(['show'])
  const d = JSON.parse(before)
  assert.ok(d.courier_rules.some((r) => r.courier === 'jd' && r.fee === 1300))
  assert.ok(d.mails.some((m) => m.event === 'invoice'))
  assert.throws(() => put({ courier_rules: [{ courier: 'nobody', payment: 'collect' }] }))
  assert.throws(() => put({ holidays: [] }))
  assert.equal(admin(['show']), before)
  put({ courier_rules: d.courier_rules, mails: d.mails })
  assert.equal(admin(['show']), before)
})
