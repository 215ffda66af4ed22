// SPDX-License-Identifier: Apache-2.0
// Each project has the steps, papers, prices, deadlines and links that the operating guides describe. The titles of the tests name the
// rows of docs/inventory.md.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test, { describe } from 'node:test'
import { Applicant, STATE, person, sql } from '../lib/hall.mjs'

const set = new Map()

/** The set-up of a project as an applicant gets it; it is read once. */
async function setupOf(slug) {
  if (!set.has(slug)) {
    const business = { seal: 'seal', reissue: 'reissue' }[slug] ?? 'new'
    const a = new Applicant(slug, business)
    const face = (await a.api('GET', '/gate/session')).project
    const phone = (await person()).mobile
    if (face.login_ways.includes('sms')) await a.loginSms(phone)
    else await a.register(phone, 'correct-horse-7')
    set.set(slug, { face, ...(await a.api('GET', `/${business}/setup`)) })
  }
  return set.get(slug)
}

const column = (slug, name) => sql(`SELECT ${name} FROM hall.project WHERE slug = '${slug}'`)

/** The papers of one kind of certificate as "name (stamped) formats". */
const papers = (setup, type, seal = true) => setup.papers
  .filter((m) => (!m.needed.types || m.needed.types.includes(type)) && (m.needed.seal === null || seal))
  .map((m) => `${m.name}${m.stamped ? ' +章' : ''}`)

const prices = (setup, type, years = 1) =>
  setup.types.find((t) => t.code === type).years.find((y) => y.years === years).parts.map(({ name, fen }) => [name, fen])

describe('steps', () => {
  const bars = {
    '#28 szjsgws\' neighbours: hunan': ['hunan', ['选择应用', '录入信息', '打印申请表', '上传资料', '在线支付']],
    '#28 seal': ['seal', ['选择应用', '录入信息', '打印申请表', '上传资料', '在线支付']],
    '#29 #D20 szjsgws has names of its own': ['szjsgws', ['选择应用', '录入信息', '展示申请表', '活体认证', '在线支付']],
    '#30 reissue begins with what it is and with the certificate': ['reissue', ['介质遗失补办介绍', '证书选择', '录入信息', '打印申请表', '上传资料', '在线支付']],
  }
  for (const [title, [slug, labels]] of Object.entries(bars))
    test(title, async () => {
      const shown = (await setupOf(slug)).steps.map((s) => s.label)
      let at = -1
      for (const label of labels) {
        const found = shown.indexOf(label)
        assert.ok(found > at, `${label} stands in its place in ${shown.join(' > ')}`)
        at = found
      }
    })
})

describe('log-in', () => {
  const ways = { '#18 jieyang': ['jieyang', 'password'], '#18 seal': ['seal', 'password'], '#19 hunan': ['hunan', 'sms'], '#19 szjsgws': ['szjsgws', 'sms'] }
  for (const [title, [slug, way]] of Object.entries(ways))
    test(`${title} by ${way}`, async () => assert.ok((await setupOf(slug)).face.login_ways.includes(way)))
  test('#20 reissue by either', async () => assert.deepEqual([...(await setupOf('reissue')).face.login_ways].sort(), ['password', 'sms']))
})

describe('agreements', () => {
  const titles = async (slug) => (await setupOf(slug)).agreements.map((a) => a.title)
  const has = async (slug, ...words) => {
    const all = (await titles(slug)).join(' ')
    for (const word of words) assert.ok(all.includes(word), `${word} among ${all}`)
  }
  test('#62 #81 #D8 the service agreement everywhere, the guide of jieyang says nothing of it: the least that is asked', async () => {
    for (const slug of sql('SELECT slug FROM hall.project WHERE open').split('\n').filter((s) => /^(jieyang|seal|hunan|szjsgws|reissue|neimenggu|meigu|everbright)$/.test(s)))
      await has(slug, '电子认证服务协议', '敏感个人信息')
  })
  test('#63 #64 seal and hunan: policy and authorization too', async () => {
    for (const slug of ['seal', 'hunan']) await has(slug, '个人信息保护政策', '个人信息授权书')
  })
  test('#65 the sensitive one is ticked by itself', async () => {
    for (const slug of ['seal', 'hunan', 'szjsgws', 'reissue']) {
      const { agreements } = await setupOf(slug)
      const box = agreements.find((a) => /敏感/.test(a.title)).box
      assert.equal(agreements.filter((a) => a.box === box).length, 1, slug)
    }
  })
  test('#66 #D7 szjsgws shows the documents that its screen shows', () => has('szjsgws', '电子认证服务协议', '个人信息授权书', '敏感个人信息授权书'))
  test('#71 #80 #D9 agreements are documents with version and hash; two versions of one live side by side', async () => {
    const [a, b] = await Promise.all(['seal', 'hunan'].map(setupOf))
    const of = (s) => s.agreements.find((x) => x.code === 'service')
    for (const s of [a, b]) assert.match(of(s).sha256, /^[0-9a-f]{64}$/)
    assert.notEqual(of(a).sha256, of(b).sha256)
  })
  test('#72 #74 #75 #76 #77 #78 #79 what the clauses must say', async () => {
    const { text } = (await setupOf('hunan')).agreements.find((x) => x.code === 'service')
    for (const said of [/查验|核对|检查/, /到期|届满/, /PIN/, /遗失|泄露|泄漏/, /变更/, /人脸|身份证/, /责任/]) assert.match(text, said)
  })
  test('#44 the picture must be the registered one', async () =>
    assert.match((await setupOf('hunan')).agreements.map((x) => x.text).join(' '), /(公安|备案|登记).*一致|一致.*(公安|备案|登记)/))
})

describe('prices', () => {
  test('#48 jieyang: 600 yuan a year', async () => assert.equal(prices(await setupOf('jieyang'), 'institution').reduce((sum, [, fen]) => sum + fen, 0), 60000))
  test('#49 #D12 hunan: 200 + 100 + 50', async () =>
    assert.deepEqual(prices(await setupOf('hunan'), 'institution').map(([, fen]) => fen).sort((x, y) => y - x), [20000, 10000, 5000]))
  test('#39 one to five years', async () => {
    for (const slug of ['szjsgws', 'seal']) assert.deepEqual((await setupOf(slug)).types[0].years.map((y) => y.years), [1, 2, 3, 4, 5], slug)
  })
  test('#58 gifts of one, three and five years, the first only with a seal; none for two and four', async () => {
    const { gifts } = await setupOf('szjsgws')
    assert.deepEqual(gifts.map((g) => [g.years, /充电宝|耳机|音箱/.exec(g.name)?.[0]]), [[1, '充电宝'], [3, '耳机'], [5, '音箱']])
    assert.equal(gifts[0].needs_seal, true)
  })
  test('#59 for new applicants, as long as there are any', async () => assert.match((await setupOf('szjsgws')).gift_note, /新.*(用户|申请|办理)/))
})

describe('papers', () => {
  test('#133 hunan, institution: three, all stamped', async () => {
    const all = papers(await setupOf('hunan'), 'institution')
    assert.equal(all.length, 3)
    assert.ok(all.every((p) => p.endsWith('+章')), all.join())
    assert.match(all.join(), /申请表.*营业执照.*印章采集表/)
  })
  test('#134 hunan, natural person: two, none stamped', async () => {
    const all = papers(await setupOf('hunan'), 'natural')
    assert.equal(all.length, 2)
    assert.ok(all.every((p) => !p.endsWith('+章')), all.join())
  })
  test('#135 #D18 szjsgws: two, and the form of the seal when one is wanted', async () => {
    const setup = await setupOf('szjsgws')
    assert.equal(papers(setup, 'institution', false).length, 2)
    assert.match(papers(setup, 'institution').join(), /印模采集表/)
  })
  test('#136 reissue: form and licence, both stamped', async () => {
    const all = papers(await setupOf('reissue'), 'institution')
    assert.match(all.join(), /申请表.*\+章.*营业执照.*\+章/)
  })
  test('#125 #126 #D19 formats are each paper\'s own', async () => {
    const { papers: all } = await setupOf('seal')
    const formats = (pattern) => all.find((m) => pattern.test(m.name)).formats
    assert.ok(!formats(/^申请表/).includes('pdf') && !formats(/营业执照/).includes('pdf'))
    assert.ok(formats(/采集表/).includes('pdf') && formats(/经办人身份证/).includes('pdf'))
  })
  test('#128 #D17 seal: the set of the guide, the agent\'s ID card among it', async () => {
    const all = (await setupOf('seal')).papers.map((m) => m.name).join()
    for (const name of ['申请表', '营业执照', '经办人身份证', '采集表', '证书附页']) assert.ok(all.includes(name), `${name} among ${all}`)
  })
  test('#132 a licence that was changed: the new one', async () =>
    assert.match((await setupOf('seal')).papers.find((m) => /营业执照/.test(m.name)).note ?? '', /新/))
  test('#123 in colour, with the stamp', async () => {
    for (const slug of ['jieyang', 'szjsgws']) assert.ok((await setupOf(slug)).papers.some((m) => m.stamped && m.colour), slug)
  })
})

describe('deadlines, couriers, payment', () => {
  const days = { '#218 jieyang': ['jieyang', '2|'], '#219 seal': ['seal', '3|'], '#220 hunan': ['hunan', '1|'], '#221 szjsgws': ['szjsgws', '1|3'], '#222 reissue': ['reissue', '3|'] }
  for (const [title, [slug, wanted]] of Object.entries(days))
    test(`${title} #D13: review and shipping in working days`, () => {
      const found = column(slug, "review_days || '|' || coalesce(ship_days::text, '')")
      assert.ok(found.startsWith(wanted), `${found} begins with ${wanted}`)
    })
  const couriers = { '#183 jieyang': ['jieyang', '{sf,ems}', 'collect'], '#185 hunan': ['hunan', '{sf}', 'collect'], '#186 szjsgws': ['szjsgws', null, 'collect'],
    '#187 reissue': ['reissue', null, 'collect'] }
  for (const [title, [slug, list, payer]] of Object.entries(couriers))
    test(`${title}: paid on receipt`, () => {
      if (list) assert.equal(column(slug, 'couriers'), list)
      assert.equal(column(slug, 'courier_payment'), payer)
    })
  test('#184 seal: JD, prepaid', () => assert.equal(column('seal', "couriers[1] || ' ' || courier_payment"), 'jd prepaid'))
  test('#148 WeChat Pay, Alipay and transfer', async () => {
    for (const slug of ['jieyang', 'seal', 'hunan', 'szjsgws']) assert.deepEqual((await setupOf(slug)).payment_ways.map((way) => way.code).sort(), ['alipay', 'transfer', 'wechatpay'], slug)
  })
  test('#149 #D10 reissue: by WeChat Pay', async () => assert.ok((await setupOf('reissue')).payment_ways.some((way) => way.code === 'wechatpay')))
  test('#D1 what the remark carries is the project\'s', () => {
    assert.equal(column('seal', 'finauth'), 'code')
    for (const slug of ['jieyang', 'hunan', 'szjsgws', 'reissue', 'neimenggu', 'meigu', 'everbright']) assert.equal(column(slug, 'finauth'), 'pin', slug)
  })
  test('#14 #168 the legal person may stand in everywhere but with the three', () =>
    assert.equal(sql("SELECT string_agg(slug, ',' ORDER BY slug) FROM hall.project WHERE NOT legal_auth AND slug IN ('jieyang', 'seal', 'hunan', 'szjsgws', 'reissue', 'neimenggu', 'meigu', 'everbright')"),
      'everbright,meigu,neimenggu'))
})

describe('words of the pages', () => {
  test('#42 szjsgws has type and years confirmed, not chosen', () => assert.equal(column('szjsgws', 'confirm_type'), 't'))
  test('#70 the button under the agreements has the project\'s word', () =>
    assert.deepEqual(['hunan', 'szjsgws'].map((slug) => column(slug, 'next_button')), ['下一步', '进入新办']))
  test('#46 kinds of business by their names', () =>
    assert.equal(sql("SELECT string_agg(name, ' ' ORDER BY code) FROM hall.business"), '证书新办 介质遗失补办 电子签章'))
  test('#47 seal: for who applies for the first time', async () => assert.match((await setupOf('seal')).face.intro, /首次办理/))
  test('#193 who gets a PIN is told to keep it to oneself', () =>
    assert.match(sql("SELECT body FROM hall.message_template WHERE event = 'pin' AND project IS NULL"), /妥善保管.*切勿/))
  test('#3 #232 site and hotline are the deployment\'s', async () => {
    const { brand } = await new Applicant('szjsgws').api('GET', '/gate/session')
    const table = readFileSync(new URL('../../core/base/config.tbl', import.meta.url), 'utf8')
    const setting = (key) => readFileSync(`${STATE}/hall.conf`, 'utf8').match(new RegExp(`^${key} = (.*)$`, 'm'))?.[1]
      ?? table.match(new RegExp(`"${key}",[^"]*"([^"]*)"`))[1]
    for (const key of ['name', 'hotline', 'site']) assert.equal(brand[key], setting(`brand_${key}`), key)
  })
})

test('#208 #209 #210 #211 what tells of a decision names the platform with hunan, and with szjsgws does not', () => {
  const bodies = (slug) => sql(`SELECT body FROM hall.message_template t LEFT JOIN hall.project p ON p.id = t.project
    WHERE event IN ('approved', 'rejected') AND (p.slug = '${slug}' OR t.project IS NULL AND NOT EXISTS (SELECT FROM hall.message_template o
      JOIN hall.project q ON q.id = o.project WHERE o.event = t.event AND q.slug = '${slug}'))`).split('\n')
  assert.equal(bodies('hunan').filter((b) => b.includes('湖南省公共资源交易服务平台')).length, 2)
  assert.deepEqual(bodies('szjsgws').filter((b) => /工务署|资信/.test(b)), [])
  assert.equal(bodies('szjsgws').length, 2)
})

describe('names', () => {
  test('#37 #38 hunan calls 企业证书 and 个人证书 what the hall calls 机构证书 and 自然人证书', async () => {
    assert.deepEqual((await setupOf('hunan')).types.map((t) => t.name), ['机构证书', '自然人证书'])
    assert.equal(sql(`SELECT string_agg(partner_name, ' ' ORDER BY pos) FROM hall.project_type t JOIN hall.project p ON p.id = t.project
      WHERE slug = 'hunan'`), '企业证书 个人证书')
  })
  test('#12 #16 #D21 a project has a name and another one on its pages', async () => {
    const { face } = await setupOf('szjsgws')
    assert.ok(face.title.includes('资信管理系统') && face.name !== face.title)
  })
  test('#118 each its form\'s title', async () => {
    const titles = await Promise.all(['jieyang', 'szjsgws', 'reissue'].map(async (slug) => (await setupOf(slug)).face.form_title))
    assert.equal(new Set(titles).size, 3)
    assert.match(titles[0], /电子招投标数字证书申请表/)
  })
  test('#D25 the hours of the hotline are the project\'s', async () => assert.notEqual((await setupOf('reissue')).face.hotline_text, (await setupOf('jieyang')).face.hotline_text))
  test('#100 places in two to four levels', () =>
    assert.deepEqual(['hunan', 'reissue', 'seal'].map((slug) => sql(`SELECT f.levels FROM hall.project_field f JOIN hall.project p ON p.id = f.project
      WHERE p.slug = '${slug}' AND f.field = 'mail_region'`)), ['2', '3', '4']))
})
