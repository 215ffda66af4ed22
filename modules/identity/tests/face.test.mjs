// SPDX-License-Identifier: Apache-2.0
// Consent to the processing of one's face: asked for by itself before any liveness check, refused without harm, taken back; and the picture
// of the face, which the vendor would hand out, is neither asked for nor found anywhere. The search is shown to find one that is there.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { Applicant, STATE, eventually, formFor, person, sql } from '../../../tests/lib/hall.mjs'
import { file, sandbox, skip } from '../../../tests/interop/node/sandbox.mjs'

async function ready() {
  const p = await person(), a = new Applicant('szjsgws')
  await a.loginSms(p.mobile)
  await a.draft(false)
  await a.save(formFor('szjsgws', p))
  const phone = await a.phone()
  await phone.cards(p)
  await eventually('the carrier', () => sql(`SELECT carrier FROM hall.identity WHERE order_id = '${a.order.id}' ORDER BY created_at DESC LIMIT 1`) === 't')
  return { a, p, phone, seen: () => a.api('GET', `/identity/orders/${a.order.id}`) }
}
const refused = (promise, status, said) => assert.rejects(promise, (e) => (e.status === status && said.test(e.message)) || assert.fail(String(e)))
const ledger = async (a) => (await a.api('GET', '/privacy/consents')).items.filter((c) => c.code === 'face')

test('asked for by itself, on record as it was given; without it no liveness check begins', async () => {
  const { a, phone, seen } = await ready()
  const { face } = await phone.api('GET', '')
  assert.deepEqual([face.title, face.agreed, face.declined], ['人脸信息处理同意书', false, false])
  assert.match(face.text, /您可以不同意/)
  await refused(phone.api('POST', '/liveness'), 409, /请先阅读《人脸信息处理同意书》/)
  await refused(phone.api('POST', '/consent', { json: { agree: true } }), 422, /重新阅读/)
  await refused(phone.api('POST', '/consent', { json: { agree: true, version: '2020-01' } }), 422, /重新阅读/)
  await refused(phone.api('POST', '/consent', { json: { version: face.version } }), 422, /agree/)
  await refused(phone.api('POST', '/liveness'), 409, /同意书/)
  assert.equal(sql(`SELECT count(*) FROM hall.consent c JOIN hall.identity i ON i.id = c.identity WHERE i.order_id = '${a.order.id}'`), '0')
  assert.equal((await seen()).declined, false)

  await phone.consent()
  const [one, ...rest] = await ledger(a)
  assert.deepEqual(rest, [])
  assert.deepEqual([one.version, one.sha256, one.order.id, one.withdrawn_at, one.follows],
    [face.version, createHash('sha256').update(face.text).digest('hex'), a.order.id, null, 'face'])
  assert.ok(one.address && one.at)
  await phone.liveness('pass')
  await phone.until('passed')
  await refused(phone.api('POST', '/consent', { json: { agree: false } }), 409, /已经通过/)
})

test('who does not agree is told so on both pages, without harm, and may change their mind', async () => {
  const { a, phone, seen } = await ready()
  await phone.consent(false)
  assert.equal((await seen()).declined, true)
  assert.equal((await phone.api('GET', '')).face.declined, true)
  await refused(phone.api('POST', '/liveness'), 409, /其他认证方式/)
  assert.equal((await a.refresh()).state, 'draft')
  await phone.consent()
  assert.equal((await seen()).declined, false)
  await phone.consent(false)
  assert.ok((await ledger(a))[0].withdrawn_at, 'a consent that is taken back stays on record')
})

test('taken back in the personal centre while the check is under way: it ends, and the order goes on', async () => {
  const { a, phone, seen } = await ready()
  await phone.consent()
  await phone.api('POST', '/liveness')
  const [one] = await ledger(a)
  assert.deepEqual(await a.api('POST', `/privacy/consents/${one.id}/withdraw`), { followed: 'face' })
  const end = await eventually('its end', async () => { const s = await seen(); return s.state === 'failed' && s })
  assert.match(end.reason, /撤回/)
  await refused(phone.api('POST', '/liveness'), 409, /同意书/)
  await phone.liveness('pass') // agreed to anew
  await phone.until('passed')
})

/** What the vendor says about a liveness check; `info` as our client asks, or with the picture. Signed as it wants it (TC3-HMAC-SHA256). */
async function detectInfo(biz, info) {
  const url = new URL(sandbox.tencent_faceid_url), time = Math.floor(Date.now() / 1000), day = new Date(time * 1000).toISOString().slice(0, 10)
  const body = JSON.stringify({ BizToken: biz, RuleId: sandbox.tencent_faceid_rule, InfoType: info })
  const hash = (text) => createHash('sha256').update(text).digest('hex'), mac = (key, text) => createHmac('sha256', key).update(text).digest()
  const type = 'application/json; charset=utf-8', scope = `${day}/faceid/tc3_request`
  const canonical = `POST\n/\n\ncontent-type:${type}\nhost:${url.host}\n\ncontent-type;host\n${hash(body)}`
  const key = mac(mac(mac(`TC3${file('tencent_secret_key')}`, day), 'faceid'), 'tc3_request')
  const signature = mac(key, `TC3-HMAC-SHA256\n${time}\n${scope}\n${hash(canonical)}`).toString('hex')
  const answer = await fetch(url, { method: 'POST', body, headers: {
    'content-type': type, 'x-tc-action': 'GetDetectInfoEnhanced', 'x-tc-version': '2018-03-01', 'x-tc-timestamp': String(time),
    authorization: `TC3-HMAC-SHA256 Credential=${sandbox.tencent_secret_id}/${scope}, SignedHeaders=content-type;host, Signature=${signature}` } })
  return (await answer.json()).Response
}

/** Pieces of a picture as they would lie in a file: its bytes, in base64 wherever it begins, in hexadecimal. */
function traces(picture) {
  const parts = []
  for (let at = 0; at + 24 <= picture.length && parts.length < 8; at++) {
    const raw = picture.subarray(at, at + 24)
    if (!raw.includes(0) && !raw.includes(10) && new Set(raw).size > 12) { parts.push(raw); at += 24 }
  }
  assert.ok(parts.length >= 4, 'enough of it to look for')
  const middle = Math.floor(picture.length / 2)
  for (const shift of [0, 1, 2]) parts.push(Buffer.from(picture.subarray(middle + shift, middle + shift + 48).toString('base64').slice(0, 60)))
  parts.push(Buffer.from(picture.subarray(middle, middle + 40).toString('hex')))
  return Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')]))
}
/** Where pieces of a picture are found: the files of the state folder, and `database` for any column of it. */
function found(picture) {
  const place = mkdtempSync('/tmp/face-'), list = join(place, 'pieces')
  writeFileSync(list, traces(picture))
  const ask = (command) => execFileSync('bash', ['-c', command], { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, LIST: list, LC_ALL: 'C' } }).split('\n').filter(Boolean)
  try {
    return [...ask(`cd "${STATE}" && grep -rlaF -f "$LIST" . --exclude-dir=bin --exclude-dir=www --exclude-dir=build || true`),
      ...ask('pg_dump --data-only certhall | grep -qaF -f "$LIST" && echo database || true')]
  } finally {
    rmSync(place, { recursive: true })
  }
}

test('no picture of a face is asked for or kept, on disk or in any column; one that is there is found', { skip }, async () => {
  const { a, phone } = await ready()
  await phone.consent()
  const { url } = await phone.api('POST', '/liveness')
  const biz = sql(`SELECT biz_token FROM hall.identity WHERE order_id = '${a.order.id}' AND biz_token IS NOT NULL`)
  const papers = () => sql(`SELECT count(*) FROM hall.paper WHERE order_id = '${a.order.id}'`), before = papers()
  await fetch(`${url}/pass`, { method: 'POST', redirect: 'manual' })
  await phone.until('passed')
  const picture = Buffer.from((await detectInfo(biz, '13')).BestFrame.BestFrame, 'base64')
  assert.ok(picture.length > 1000, 'the vendor has a picture')
  assert.equal((await detectInfo(biz, '1')).BestFrame.BestFrame, null, 'and does not send it when it is asked as our client asks')
  assert.deepEqual(found(picture), [])
  assert.equal(papers(), before, 'nor does the order have a file more')
  assert.equal(sql(`SELECT biz_token IS NULL FROM hall.identity WHERE order_id = '${a.order.id}' AND state = 'passed'`), 't', 'the way to ask for it is gone')

  const place = mkdtempSync(join(STATE, 'tmp', 'face-'))
  try {
    for (const [name, content] of [['raw', picture], ['base64', `x${picture.toString('base64')}`], ['hex', picture.toString('hex')]]) writeFileSync(join(place, name), content)
    assert.deepEqual(found(picture).map((name) => name.split('/').at(-1)).sort(), ['base64', 'hex', 'raw'])
  } finally {
    rmSync(place, { recursive: true })
  }
  sql('CREATE SCHEMA face_probe') // unlogged tables: nothing of this control stays in the write-ahead log
  try {
    for (const [type, value] of [['bytea', `'\\x${picture.toString('hex')}'`], ['jsonb', `'{"frame": "${picture.toString('base64')}"}'`]]) {
      sql(`DROP TABLE IF EXISTS face_probe.kept; CREATE UNLOGGED TABLE face_probe.kept AS SELECT ${value}::${type} AS v`)
      assert.ok(found(picture).includes('database'), type)
    }
  } finally {
    sql('DROP SCHEMA face_probe CASCADE')
  }
})
