// SPDX-License-Identifier: Apache-2.0
// #73 不公开我的证书信息, from the side of strangers. Each route that serves people without an account, or somebody else's, has a judgement
// here: what a stranger who has the serial number, or knows the unit, learns there of a certificate that is not published.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { ask, fetched, folder, ocspRequest, run, setState, subscriber } from '../lib/authority.mjs'
import { Applicant, Staff, eventually, messages, person as someone, sql, submitted } from '../lib/hall.mjs'
import { request } from './lib.mjs'
import { routes } from './table.mjs'

/** A person's RSA certificate with its key file, and a unit's, both with the wish on the form. */
let person, unit, stranger
before(async () => {
  person = await subscriber('rsa', { publish_opt_out: true })
  const { a } = await submitted('jieyang', 'institution', undefined, { form: { publish_opt_out: true } })
  await a.pay()
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  await a.until('accepted')
  await (await new Staff().login('produce')).act(a.order.id, 'produce')
  const [id, serial] = (await eventually('the certificate', () =>
    sql(`SELECT id, serial FROM hall.certificate WHERE order_id = '${a.order.id}' AND state = 'valid'`))).split('|')
  unit = { a, id, serial, ...a.order.form }
  stranger = new Applicant('reissue', 'reissue')
  await stranger.loginSms((await someone()).mobile)
})

/** What an answer may not contain: what the two certificates say of themselves. */
const secrets = () => [...sql(`SELECT hall.iso(not_before), hall.iso(not_after) FROM hall.certificate WHERE id IN ('${person.cert.id}', '${unit.id}')`).split(/[|\n]/),
  '自然人证书', '机构证书', '"sm2"', '"rsa"', unit.unit_name, unit.unit_code, unit.agent_name, person.cert.order.form.holder_name]
const tellsNothing = (text) => {
  for (const secret of secrets()) assert.ok(!text.includes(secret), `${secret} in ${text}`)
}
const refused = (answer, status) => assert.rejects(answer, (e) => e.status === status)
const status = (serial) => request('GET', `/ocsp/api/status?serial=${serial}`)
const hidden = (state) => ({ published: false, type: null, key_use: null, algorithm: null, state, not_before: null, not_after: null, since: null })
const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] })
const NO_CERTIFICATE = 'no certificate is in it, nor can one be asked for'

/** A program that relies on the certificate asks by the number that it holds. */
async function ocspSaysGood() {
  const issuer = await fetched('ca-rsa.cer')
  const pem = join(folder, 'issuer.pem')
  writeFileSync(pem, openssl('x509', '-in', issuer, '-inform', 'DER'))
  const { out } = run('openssl', 'ocsp', '-issuer', pem, '-serial', `0x${person.cert.serial}`, '-url', `${process.env.CERTHALL_URL}/ocsp`, '-noverify', '-no_nonce')
  assert.match(out, /: good/)
  const { der } = await ask(ocspRequest(pem, person.cert.serial))
  tellsNothing(der.toString('latin1'))
}

const judged = {
  'status.serial': async () => {
    for (const serial of [person.cert.serial, unit.serial]) {
      const { json, text } = await status(serial)
      assert.deepEqual(json.certificates, [hidden('valid')])
      tellsNothing(text)
    }
  },
  'renew.window': async () => {
    const { json, text } = await request('GET', `/jieyang/api/renew/window?serial=${unit.serial}`)
    assert.deepEqual(json.certificate, { ...hidden('valid'), refusal: null, opens_at: null }, 'when it can be renewed tells when it ends')
    tellsNothing(text)
  },
  'status.find': async () => {
    const told = async () => (await messages(unit.agent_mobile)).filter((m) => /证书序列号/.test(m.text)).length
    const had = await told()
    assert.deepEqual((await request('POST', '/ocsp/api/find', { json: { unit_name: unit.unit_name, unit_code: unit.unit_code } })).json, { asked: true })
    await eventually('the runner has looked', () => sql('SELECT count(*) FROM hall.serials_request') === '0')
    assert.equal(await told(), had, 'the search by name does not list it')
  },
  'status.ocsp_post': ocspSaysGood,
  'status.ocsp_get': ocspSaysGood,
  'status.crl': async () => {
    const list = openssl('crl', '-in', await fetched('ca-rsa.crl'), '-inform', 'DER', '-text', '-noout').toString()
    assert.ok(!list.includes(person.cert.serial), 'a good certificate is in no list')
    tellsNothing(list)
  },
  'verify.check': async () => {
    const at = (name) => join(folder, name)
    openssl('pkcs12', '-in', person.p12, '-passin', `pass:${person.pin}`, '-nodes', '-out', at('person.pem'))
    writeFileSync(at('letter'), '合同')
    openssl('cms', '-sign', '-binary', '-nodetach', '-in', at('letter'), '-signer', at('person.pem'), '-outform', 'DER', '-out', at('letter.p7s'))
    const { json, text } = await request('POST', '/verify/api/check', { body: readFileSync(at('letter.p7s')), headers: { 'content-type': 'application/octet-stream' } })
    assert.equal(json.verdict, 'valid', 'whoever holds a signature learns that it is valid')
    assert.equal(json.signatures[0].certificate.serial, person.cert.serial)
    assert.ok(!text.includes('自然人证书'), 'our records add nothing to what the certificate itself says')
  },
  'identity.loss': async () => {
    const { text } = await request('POST', '/jieyang/api/identity/loss', { json: { serial: unit.serial, role: 'agent', kind: 'hold' } })
    tellsNothing(text)
  },
  'seal.product': 'what a project offers',
  'orders.shared': 'the order of the applicant who has sent the link, without its certificate',
  'identity.phone': 'for whoever began an authentication; names a certificate only after its person has passed',
  'verify.log_head': 'a digest of the signed log, without a row',
  'gate.calendar_read': 'for whoever has the secret address of an account: masked names, the end of the serial number, dates',
  'partner.orders': 'the platform\'s own orders, without their certificates',
  'partner.receipt': 'digests of the platform\'s own orders, without a text',
  'partner.report': 'figures of the platform\'s own orders',
  'partner.report_csv': 'the same',
}
for (const op of ['gate.health', 'gate.home', 'gate.regions', 'gate.link', 'gate.page', 'gate.session', 'gate.sms_code', 'gate.login_sms', 'gate.login_password',
  'gate.register', 'gate.reset', 'gate.help', 'gate.rebinding', 'paper.phone', 'paper.phone_put', 'paper.phone_delete', 'identity.arrival', 'identity.consent', 'identity.transfer', 'identity.phone_appointment', 'identity.phone_appointment_put', 'identity.phone_appointment_cancel', 'identity.card',
  'identity.liveness', 'finauth.link_view', 'finauth.link_code', 'partner.ticket', 'login.challenge', 'login.open', 'notify.alipay', 'notify.wechatpay',
  'notify.sms', 'notify.nuonuo']) judged[op] = NO_CERTIFICATE

const FOR_STRANGERS = ['public', 'vendor', 'phone', 'code', 'papers', 'share']
const open = routes.filter((r) => r.module !== 'sandbox' && r.roles.some((role) => FOR_STRANGERS.includes(role)))

test('each route for strangers has its judgement', () =>
  assert.deepEqual(open.map((r) => r.op).sort(), Object.keys(judged).sort()))

for (const r of open)
  if (typeof judged[r.op] === 'function') test(`${r.op}: ${r.method} ${r.path}`, judged[r.op])
  else if (r.method === 'GET' && !/\{(?!slug)/.test(r.path))
    test(`${r.op}: ${judged[r.op]}`, async () => {
      const query = new URLSearchParams({ serial: unit.serial, unit_name: unit.unit_name, unit_code: unit.unit_code })
      const { text } = await request('GET', `${r.path.replace('{slug}', 'szjsgws')}?${query}`)
      assert.ok(!text.includes(unit.serial) && !text.includes(unit.unit_code), text)
    })

test('another account that wants it replaced is told no more', async () => {
  const { certificates: [one] } = await stranger.api('POST', '/reissue/certificate', { json: { serial: unit.serial } })
  assert.deepEqual({ ...hidden('valid'), own: false, subject: null, order: null }, Object.fromEntries(
    Object.keys({ ...hidden('valid'), own: 0, subject: 0, order: 0 }).map((key) => [key, one[key]])))
})

test('a revoked one: since when, for whoever has to judge a signature', async () => {
  setState(person.cert, 'hold')
  const { json } = await status(person.cert.serial)
  assert.equal(json.certificates[0].state, 'hold')
  assert.ok(json.certificates[0].since)
  setState(person.cert, 'valid')
})

test('the holder changes the choice, on record; nobody else does', async () => {
  const put = (who, published) => who.api('PUT', `/orders/${unit.a.order.id}/publication`, { json: { published } })
  const mine = async () => (await unit.a.api('GET', '/gate/units')).units.flatMap((u) => u.certificates).find((c) => c.serial === unit.serial)
  assert.equal((await mine()).published, false)
  assert.equal((await unit.a.refresh()).published, false)
  const { a: other } = await submitted('jieyang')
  await refused(put(other, true), 404)
  assert.equal((await put(unit.a, true)).published, true)
  assert.equal((await mine()).published, true)
  const [seen] = (await status(unit.serial)).json.certificates
  assert.deepEqual([seen.published, seen.type, seen.state], [true, '机构证书', 'valid'])
  const course = (await unit.a.api('GET', `/orders/${unit.a.order.id}/course`)).items.map((line) => line.text)
  assert.ok(course.includes('证书信息改为公开'), course.join())
  assert.equal(sql(`SELECT op || ' ' || (detail ->> 'published') FROM hall.audit WHERE subject = '${unit.a.order.id}' AND detail ? 'published' ORDER BY seq DESC LIMIT 1`),
    'orders.publication [false, true]')
  await put(unit.a, false)
  assert.deepEqual((await status(unit.serial)).json.certificates, [hidden('valid')])
  await refused(unit.a.api('PUT', `/orders/${unit.a.order.id}/publication`, { json: {} }), 422)
})
