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
  // The sentences of the guides, and of the three projects without one what their page says.
  const deadlines = [
    ['#218 jieyang', 'jieyang', '深圳 CA 会在两个工作日内完成信息审核,并制作数字证书。', { whole: 2 }],
    ['#219 seal', 'seal', '等待深圳 CA 三个工作日审核。审核通过后，深圳 CA 客服将制作证书并邮寄给经办人', { review: 3 }],
    ['#220 hunan', 'hunan', '等待深圳 CA 客服审核 (一个工作日内审核)', { review: 1 }],
    ['#221 szjsgws', 'szjsgws', '(一个工作日内审核) … 证书将邮寄至客户填写的收件地址。(审核无误后, 三个工作日寄出)', { review: 1, ship: 3 }],
    ['#222 reissue', 'reissue', '等待深圳 CA 三个工作日审核。审核通过后，由对应渠道网点制作证书并邮寄', { review: 3 }],
    ...['neimenggu', 'meigu', 'everbright'].map((slug) => [slug, slug, '审核 1 个工作日', { review: 1 }]),
  ]
  /** What the hall promises for an order of the project in a state. */
  const promised = (slug, state) => JSON.parse(sql(`SELECT coalesce(hall.promise(jsonb_populate_record(NULL::hall.orders, jsonb_build_object(
    'project', id, 'cert_type', (SELECT min(cert_type) FROM hall.project_type t WHERE t.project = p.id), 'finauth', 'succeeded', 'state', '${state}',
    'due_at', '2099-11-25T17:00:00+08:00', 'ship_due_at', '2099-11-27T17:00:00+08:00'))), '{}') FROM hall.project p WHERE slug = '${slug}'`)).text ?? null
  for (const [title, slug, sentence, { review, ship, whole }] of deadlines)
    test(`${title} #D13: “${sentence}” is what the hall promises, and no more`, async () => {
      assert.equal(column(slug, "concat_ws(' ', coalesce(review_days, 0), coalesce(ship_days, 0), coalesce(whole_days, 0))"),
        [review ?? 0, ship ?? 0, whole ?? 0].join(' '))
      const what = whole ? '完成审核和制证' : '完成审核', made = ship ?? whole
      for (const [state, first] of Object.entries({ unpaid: '', verifying: '金融认证完成后', rejected: '重新提交后' }))
        assert.match(promised(slug, state), new RegExp(`^${first || '.*后'} ${review ?? whole} 个工作日内${what}$`), state)
      assert.equal(promised(slug, 'in_review'), `预计 11 月 25 日（${review ?? whole} 个工作日内）${what}`)
      assert.equal(promised(slug, 'approved'), ship ? `成功受理后 ${ship} 个工作日内制证寄出` : null)
      assert.equal(promised(slug, 'accepted'), made ? `预计 11 月 27 日（${made} 个工作日内）${ship ? '制证寄出' : '完成制证'}` : null)
      assert.equal(promised(slug, 'produced'), ship ? `预计 11 月 27 日（${ship} 个工作日内）制证寄出` : null)
      assert.match((await setupOf(slug)).face.intro, new RegExp(whole ? `审核与制作共 ${whole} 个工作日` : ship ? `审核 ${review} 个工作日，通过后 ${ship} 个工作日内寄出` : `审核 ${review} 个工作日`))
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
