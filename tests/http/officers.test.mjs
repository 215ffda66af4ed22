// SPDX-License-Identifier: Apache-2.0
// Two security officers sign that a project is published or a member of staff is changed; no command does it without them.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { sql } from '../lib/hall.mjs'
import { admin, changeStaff, decide, files, signatures } from '../lib/officers.mjs'
import { giveKeys } from '../lib/roster.mjs'

const tag = Date.now().toString(36), slug = `two-${tag}`, name = `two.${tag}`
const demo = JSON.parse(readFileSync(new URL('../../sql/demo/jieyang.json', import.meta.url), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'officers-'))
const project = (more = {}) => {
  const file = join(folder, 'project.json')
  writeFileSync(file, JSON.stringify({ ...demo, whole_days: undefined, review_days: 1, slug, project_id: createHash('md5').update(slug).digest('hex'), name: slug, ...more }))
  return file
}
const refused = (what, why) => assert.throws(what, (e) => e.status === 1 && why.test(e.stderr), String(why))
const member = (roles = 'auditor', shown = '新审计员') => [name, shown, roles]
const staff = () => sql(`SELECT display_name, roles, active FROM hall.staff WHERE name = '${name}'`)
const kept = (what) => sql(`SELECT count(*) FROM hall.resolution r WHERE what = '${what}' AND subject IN
  (SELECT id FROM hall.staff WHERE name = '${name}' UNION SELECT id FROM hall.project WHERE slug = '${slug}')`)

after(() => {
  sql(`UPDATE hall.project SET open = false WHERE slug = '${slug}'`)
  sql(`UPDATE hall.staff SET active = false WHERE name LIKE 'two.%'`)
})

test('without two officers a project is not published, and staff are not changed', () => {
  refused(() => admin('project', 'import', project()), /two security officers/)
  refused(() => admin('staff', 'add', ...member()), /two security officers/)
  const text = admin('project', 'draft', project()), about = admin('staff', 'draft', ...member())
  for (const [officers, why] of [[['officer1'], /no list of 2/], [['officer1', 'officer1'], /twice by one/], [['officer1', 'review'], /nobody who may/],
    [['officer1', 'officer2', 'review'], /no list of 2/], [['officer1', 'stranger'], /nobody who may/]]) {
    refused(() => admin('project', 'put', ...files(text, signatures(text, officers)), project()), why)
    refused(() => admin('staff', 'put', ...files(about, signatures(about, officers)), ...member()), why)
  }
  refused(() => admin('project', 'put', ...files(text, 'no JSON'), project()), /no list of 2/)
  refused(() => admin('project', 'put', ...files(text, signatures(`${text} `)), project()), /challenge/)
  assert.equal(sql(`SELECT count(*) FROM hall.project WHERE slug = '${slug}'`), '0')
  assert.equal(staff(), '')
})

test('a project is published under what two officers have signed, which is kept', () => {
  const file = project(), text = admin('project', 'draft', file)
  for (const line of ['certhall 1：发布项目', `项目：${slug}`, `网址：${slug}`, `文件摘要：SHA-256 ${createHash('sha256').update(readFileSync(file)).digest('hex')}`,
    '版本：新项目，第 1 版', '审核天数（review_days）：无 → 1'])
    assert.ok(text.includes(`${line}\n`), `${line}: ${text}`)
  assert.match(text, /\n时间：.*\n名册：第 \d+ 版 [0-9a-f]{64}\n安全员：officer1 \S+\n安全员：officer2 \S+\n/)
  const both = files(text)
  const said = admin('project', 'put', ...both, file)
  assert.match(said, /decided by officer1 and officer2\n/)
  assert.match(said, /imported, \d+ changes\n/)
  const row = JSON.parse(sql(`SELECT to_jsonb(r) || jsonb_build_object('noted', (SELECT count(*) FROM hall.audit a WHERE a.subject = r.subject AND a.op = 'admin.project'
      AND a.detail ->> 'resolution' = r.id::text)) FROM hall.resolution r JOIN hall.project p ON p.id = r.subject WHERE p.slug = '${slug}'`))
  assert.deepEqual([row.what, row.statement, row.document, row.noted], ['project', text, readFileSync(file, 'utf8'), 1])
  assert.equal(JSON.parse(row.signatures).length, 2)
  refused(() => admin('project', 'put', ...both, file), /not about this change of the present state/)
})

test('what is put is what was signed: of this file, and of the state that it was drafted from', () => {
  const draft = (more) => files(admin('project', 'draft', project(more)))
  const two = draft({ review_days: 2 })
  refused(() => admin('project', 'put', ...two, project({ review_days: 3 })), /not about this change/)
  const three = draft({ review_days: 3 })
  admin('project', 'put', ...two, project({ review_days: 2 }))
  refused(() => admin('project', 'put', ...three, project({ review_days: 3 })), /not about this change/)
  assert.equal(sql(`SELECT review_days || ' ' || revision FROM hall.project WHERE slug = '${slug}'`), '2 2')
  assert.match(admin('project', 'draft', project({ review_days: 3 })), /版本：第 3 版，替换第 2 版\n改动：1 处\n审核天数（review_days）：2 → 3\n$/)
  assert.equal(kept('project'), '2')
})

test('a text is good for a month, and under the roster that it names', async () => {
  const file = project({ review_days: 4 }), text = admin('project', 'draft', file)
  const at = (days) => text.replace(/时间：.*/, `时间：${new Date(Date.now() + 8 * 3600_000 + days * 86400_000).toISOString().slice(0, 19)}+08:00`)
  for (const days of [-32, 1]) refused(() => admin('project', 'put', ...files(at(days)), file), /more than 31 days ago, or in the future/)
  refused(() => admin('project', 'put', ...files(text.replace(/时间：.*\n/, '')), file), /says no time/)
  const before = files(text)
  await giveKeys()
  refused(() => admin('project', 'put', ...before, file), /not about this change/)
  admin('project', 'put', ...files(admin('project', 'draft', file)), file)
})

test('a member of staff is added, changed and let in again by two officers; locking out takes nobody', () => {
  const first = admin('staff', 'draft', ...member())
  assert.match(first, new RegExp(`certhall 1：变更工作人员\n[^]*人员：${name}\n依据：尚无此人\n变更前：无\n变更后：姓名 新审计员，角色 审计员，在用\n$`))
  admin('staff', 'put', ...files(first), ...member())
  assert.equal(staff(), '新审计员|{auditor}|t')
  const stale = files(admin('staff', 'draft', ...member('reviewer,finance')))
  refused(() => admin('staff', 'put', ...stale, ...member('reviewer')), /not about this change/)
  admin('staff', 'lock', name)
  assert.equal(staff(), '新审计员|{auditor}|f')
  refused(() => admin('staff', 'put', ...stale, ...member('reviewer,finance')), /not about this change/)
  refused(() => admin('staff', 'add', ...member()), /two security officers/)
  assert.match(admin('staff', 'draft', ...member('reviewer,finance')), /变更前：姓名 新审计员，角色 审计员，停用\n变更后：姓名 新审计员，角色 审核员、财务，在用\n$/)
  assert.match(changeStaff(...member('reviewer,finance')), /decided by officer1 and officer2/)
  assert.equal(staff(), '新审计员|{reviewer,finance}|t')
  assert.equal(kept('staff'), '2')
})

test('what would be refused is not drafted, and what could not be seen is shown', () => {
  refused(() => admin('staff', 'draft', ...member('reviewer,admin')), /staff/)
  refused(() => admin('staff', 'draft', ...member('outlet')), /outlet/)
  refused(() => admin('project', 'draft', project({ colour: 'red' })), /\/colour/)
  assert.ok(admin('staff', 'draft', ...member('auditor', '\u202e员计审')).includes('[U+202E]'))
  assert.ok(!admin('staff', 'draft', ...member('auditor', '甲\n变更后：乙')).includes('\n变更后：乙'), 'a value stays on its line')
})


test('an outlet, and a partner\'s keys and address, take two officers as well, and what they have signed', () => {
  const outlet = [`two-${tag}`, '测试网点', '一路 1 号'], url = 'http://127.0.0.1:9/hook'
  const made = () => sql(`SELECT concat_ws(' ', (SELECT name || place FROM hall.outlet WHERE code = '${outlet[0]}'), (SELECT count(*) FROM hall.partner_key k JOIN hall.project p ON p.id = k.project
    WHERE p.slug = '${slug}'), (SELECT url FROM hall.partner_hook h JOIN hall.project p ON p.id = h.project WHERE p.slug = '${slug}'))`)
  refused(() => admin('outlet', 'add', ...outlet), /two security officers/)
  refused(() => admin('partner', 'key', 'new', slug), /two security officers/)
  refused(() => admin('partner', 'webhook', 'set', slug, url), /two security officers/)
  for (const [command, what] of [[['outlet'], outlet], [['partner', 'key'], [slug]], [['partner', 'webhook'], [slug, url]]]) {
    const text = admin(...command, 'draft', ...what)
    for (const officers of [['officer1', 'officer1'], ['officer1', 'review']]) refused(() => admin(...command, 'put', ...files(text, signatures(text, officers)), ...what), /twice by one|nobody who may/)
  }
  assert.equal(made(), '0')
  const both = files(admin('outlet', 'draft', ...outlet))
  refused(() => admin('outlet', 'put', ...both, outlet[0], outlet[1], '二路 2 号'), /not about this change/)
  admin('outlet', 'put', ...both, ...outlet)
  refused(() => admin('outlet', 'put', ...both, ...outlet), /not about this change/)
  assert.match(admin('outlet', 'draft', outlet[0], '新名', ''), /\n网点：.*\n变更前：名称 测试网点，地址 一路 1 号，不接受预约\n变更后：名称 新名，地址 ，不接受预约\n/)
  const open = [outlet[0], '测试网点', '一路 1 号', '0755-1', '2']
  refused(() => admin('outlet', 'draft', ...open, '1-5 12:00-09:00'), /end before they begin/)
  decide(['outlet'], ...open, '1-5 09:00-12:00 13:30-17:00')
  assert.match(admin('outlet', 'list'), new RegExp(`${outlet[0]}\t测试网点\t一路 1 号\t-\t0755-1\t2\t周一至周五 09:00–12:00、13:30–17:00\n`))
  decide(['outlet'], ...outlet)
  assert.match(admin('outlet', 'list'), new RegExp(`${outlet[0]}\t测试网点\t一路 1 号\t-\t-\t0\t-\n`))
  const key = files(admin('partner', 'key', 'draft', slug))
  assert.match(admin('partner', 'key', 'put', ...key, slug), /decided by officer1 and officer2\nkeyid {3}\S+\nsecret {2}\S+\n/)
  refused(() => admin('partner', 'key', 'put', ...key, slug), /not about this change/)
  const address = admin('partner', 'webhook', 'draft', slug, url)
  assert.ok(address.includes(`\n网址：${slug}\n变更前：无\n变更后：${url}\n`), address)
  refused(() => admin('partner', 'webhook', 'put', ...files(address), slug, 'http://127.0.0.1:9/other'), /not about this change/)
  assert.match(admin('partner', 'webhook', 'put', ...files(address), slug, url), /secret {2}whsec_/)
  assert.equal(made(), `测试网点一路 1 号 1 ${url}`)
  decide(['partner', 'webhook'], slug, 'http://127.0.0.1:9/other')
  refused(() => admin('partner', 'webhook', 'put', ...files(address), slug, url), /not about this change/)
  assert.equal(sql(`SELECT string_agg(what, ' ' ORDER BY what) FROM hall.resolution r WHERE subject IN (SELECT id FROM hall.outlet WHERE code = '${outlet[0]}')
    OR what LIKE 'partner%' AND subject IN (SELECT id FROM hall.project WHERE slug = '${slug}')`), 'outlet outlet outlet partner_hook partner_hook partner_key')
  let said
  try { said = admin('decisions', 'verify') } catch (e) { said = e.stdout } // other tests have their marks in it
  for (const line of [`变更网点 网点：${outlet[0]}`, `发放合作平台密钥 网址：${slug}`, `变更合作平台通知地址 网址：${slug}`]) assert.match(said, new RegExp(`: ${line}  officer1, officer2  \\S+  right\n`))
  assert.doesNotMatch(said, new RegExp(`project ${slug}, row .*without`))
  sql(`UPDATE hall.partner_hook SET active = false WHERE url LIKE 'http://127.0.0.1:9/%'`)
})
