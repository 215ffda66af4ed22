// SPDX-License-Identifier: Apache-2.0
// What texts say that people can do, can be done. The texts are all that people are shown: those of the pages and of the server (the
// catalogue of the English pages has each of them), messages by SMS and e-mail, questions and answers, and the agreements and notices of
// the demonstration projects. `offers` says by which words a text names something, and which operation, business or page does it.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { sql } from '../lib/hall.mjs'
import { routes } from './table.mjs'

const top = new URL('../../', import.meta.url)
const read = (name) => readFileSync(new URL(name, top), 'utf8')
const rows = (query) => JSON.parse(sql(`SELECT coalesce(json_agg(x.text), '[]') FROM (${query}) x(text)`))

const catalogue = Object.values(JSON.parse(read('nginx/front/language/en.json'))).flatMap((part) => Object.keys(part))
const demos = readdirSync(new URL('sql/demo/', top)).filter((name) => name.endsWith('.json')).map((name) => `'${name.slice(0, -5)}'`)
const projects = `(SELECT id FROM hall.project WHERE slug IN (${demos}))`
const texts = [...new Set([
  ...catalogue,
  ...rows(`SELECT body FROM hall.message_template WHERE project IS NULL OR project IN ${projects}`),
  ...rows(`SELECT subject || ' ' || body FROM hall.mail_template WHERE project IS NULL OR project IN ${projects}`),
  ...rows(`SELECT question || answer FROM hall.faq WHERE project IS NULL OR project IN ${projects}`),
  ...rows(`SELECT g.body FROM hall.agreement g JOIN hall.project_agreement a USING (code, version) WHERE a.project IN ${projects}`),
  ...rows(`SELECT g.body FROM hall.agreement g JOIN hall.project_notice n USING (code, version) WHERE n.project IN ${projects}`),
])]

const ops = new Set(routes.map((r) => r.op))
const businesses = new Set(rows(`SELECT DISTINCT unnest(business) FROM hall.project WHERE slug IN (${demos})`))
const op = (...names) => () => names.every((name) => ops.has(name))
const business = (code) => () => businesses.has(code)

/** What a text names as something that people can do: the words, and whether the hall can. */
const offers = [
  ['renewal', /续期|延期|证书更新|更新证书/, business('renew')],
  ['a change of what is in a certificate', /办理变更|申请变更|变更业务|变更证书信息|办理信息变更|“信息变更”/, business('change')],
  ['unlocking a token', /解锁/, op('identity.unlock')],
  ['revocation by the holder', /自行(注销|吊销|撤销)证书|注销业务|申请(注销|吊销)证书/, op('identity.revoke')],
  ['a reissue', /补办/, business('reissue')],
  ['a loss report', /报失/, op('orders.loss_report', 'identity.loss')],
  ['an end of a hold', /自行解除/, op('orders.loss_undo')],
  ['a refund', /申请退费/, op('orders.refund')],
  ['a hand-over', /移交/, op('gate.hand_over', 'gate.hand_over_accept')],
  ['another phone', /更换手机号|换绑/, op('gate.phone', 'gate.rebinding')],
  ['closing the account', /注销账号/, op('gate.close')],
  ['taking back a consent', /撤回(授权|同意)/, op('privacy.withdraw')],
  ['one\'s own data', /导出(本人|个人)信息/, op('privacy.export')],
  ['the legal person\'s authentication', /法人认证/, op('finauth.legal')],
  ['the state of a certificate', /证书状态查询/, op('status.serial')],
  ['serial numbers', /序列号查询|按单位查询/, op('status.find')],
  ['checking a signature', /签名验证|验证签名/, op('verify.check')],
  ['publication', /更改这项选择|是否公开/, op('orders.publication')],
  ['a page for colleagues', /进度链接/, op('orders.share_make')],
]
/** A text may say that something is not offered. */
const denies = /不(能|可|再)?(办理)?$|不办理$|不支持$|无需$|不必$/
const names = (text, words) => [...text.matchAll(new RegExp(words, 'g'))].some((m) => !denies.test(text.slice(Math.max(0, m.index - 6), m.index)))

for (const [what, words, there] of offers)
  test(`${what}: named only if it is there`, () => {
    const naming = texts.filter((text) => names(text, words))
    if (!there()) assert.deepEqual(naming, [])
    else assert.ok(naming.length > 0, 'nothing names what the hall can do: are these still the words?')
  })

test('places of the personal centre that texts name are pages', () => {
  const titles = read('nginx/front/src/hall/router.ts')
  const lists = rows("SELECT DISTINCT regexp_replace(own_list, '^我的业务单 *[-－—] *', '') FROM hall.project WHERE own_list IS NOT NULL")
  const pages = [...titles.matchAll(/title: '([^']+)'/g)].map((m) => m[1])
  const known = new Set([...pages, ...lists, ...catalogue, '个人中心', '证书申请', '在线认证', '我的业务单'])
  let found = 0
  for (const text of texts)
    for (const [, path] of text.matchAll(/“((?:个人中心|我的业务单)[^”]*)”/g))
      for (const step of path.split(/ *[-－—] */)) {
        found++
        assert.ok(known.has(step), `“${path}” names ${step}, which is no page`)
      }
  assert.ok(found >= 5, `${found} places`)
})

test('the texts are those that people are shown', () => {
  assert.ok(texts.length > 1500, `${texts.length} texts`)
  for (const sample of [/还剩 \{days\} 天/, /电子认证服务协议|三、信息公开/, /介质丢了/]) assert.ok(texts.some((text) => sample.test(text)), String(sample))
})
