// SPDX-License-Identifier: Apache-2.0
// Each project has the steps, papers, prices, deadlines and links that the operating guides describe. The titles of the tests name the
// rows of docs/inventory.md.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import test, { describe } from 'node:test'
import { Applicant, STATE, formFor, person, sql } from '../lib/hall.mjs'

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
    set.set(slug, { a, face, ...(await a.api('GET', `/${business}/setup`)) })
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

const fieldsOf = async (slug) => Object.fromEntries((await setupOf(slug)).blocks.flatMap((block) => block.fields).map((field) => [field.name, field]))

describe('steps', () => {
  // The guides' bars, and what the hall's have besides: a step for each page.
  const bars = {
    '#28 hunan': ['hunan', ['选择应用', '录入信息', '打印申请表', '上传资料', '在线支付'], ['在线认证']],
    '#28 seal': ['seal', ['选择应用', '录入信息', '打印申请表', '上传资料', '在线支付'], ['在线认证']],
    '#29 #D20 szjsgws has names of its own': ['szjsgws', ['选择应用', '录入信息', '展示申请表', '活体认证', '在线支付'], ['电子签章', '上传资料']],
    '#30 reissue begins with what it is and with the certificate':
      ['reissue', ['介质遗失补办介绍', '证书选择', '录入信息', '打印申请表', '上传资料', '在线支付'], ['身份认证']],
  }
  for (const [title, [slug, guides, more]] of Object.entries(bars))
    test(title, async () => {
      const shown = (await setupOf(slug)).steps.map((s) => s.label)
      assert.deepEqual(shown.filter((label) => !more.includes(label)), guides)
      assert.deepEqual(shown.filter((label) => more.includes(label)), more)
    })
  test('#147 the phone comes after the papers and before the payment, everywhere', async () => {
    for (const slug of ['jieyang', 'seal', 'hunan', 'szjsgws', 'reissue'])
      assert.deepEqual((await setupOf(slug)).steps.map((s) => s.key).slice(-3), ['papers', 'phone', 'payment'], slug)
  })
})

describe('log-in', () => {
  const ways = { '#18 jieyang': ['jieyang', 'password', 'sms'], '#18 seal': ['seal', 'password'], '#19 hunan': ['hunan', 'sms'],
    '#19 szjsgws': ['szjsgws', 'sms'], '#20 reissue': ['reissue', 'password', 'sms'] }
  for (const [title, [slug, ...way]] of Object.entries(ways))
    test(`${title} by ${way.join(' or ')}`, async () => assert.deepEqual([...(await setupOf(slug)).face.login_ways].sort(), way))
})

describe('agreements', () => {
  const POLICY = '个人信息保护政策', PRIVACY = '个人信息授权书', SENSITIVE = '敏感个人信息授权书', SERVICE = '电子认证服务协议'
  const titles = async (slug) => (await setupOf(slug)).agreements.map((a) => a.title)
  const serviceOf = async (slug) => (await setupOf(slug)).agreements.find((a) => a.code === 'service')
  test('#62 #81 #D8 the service agreement everywhere, the guide of jieyang says nothing of it: the least that is asked', async () => {
    for (const slug of ['jieyang', 'seal', 'hunan', 'szjsgws', 'reissue', 'neimenggu', 'meigu', 'everbright'])
      for (const title of [SERVICE, SENSITIVE]) assert.ok((await titles(slug)).includes(title), `${title}: ${slug}`)
  })
  test('#63 seal and hunan alone have the policy', async () => {
    for (const slug of ['jieyang', 'seal', 'hunan', 'szjsgws', 'reissue'])
      assert.equal((await titles(slug)).includes(POLICY), ['seal', 'hunan'].includes(slug), slug)
  })
  test('#64 seal, hunan and szjsgws have the authorization', async () => {
    for (const slug of ['seal', 'hunan', 'szjsgws']) assert.ok((await titles(slug)).includes(PRIVACY), slug)
  })
  test('#65 the sensitive one is ticked by itself', async () => {
    for (const slug of ['seal', 'hunan', 'szjsgws', 'reissue']) {
      const { agreements } = await setupOf(slug)
      const { box } = agreements.find((a) => a.title === SENSITIVE)
      assert.equal(agreements.filter((a) => a.box === box).length, 1, slug)
    }
  })
  test('#66 #D7 szjsgws shows the documents that its screen shows, and nothing else', async () =>
    assert.deepEqual(await titles('szjsgws'), [SERVICE, PRIVACY, SENSITIVE]))
  test('#67 hunan has the guide to be read, and nothing begins without it', async () => {
    const { a, agreements, notices } = await setupOf('hunan')
    assert.deepEqual(notices.map((n) => n.title), ['证书办理指南'])
    const refused = await a.fetch('POST', '/hunan/api/new/orders', { json: { agreements: agreements.map(({ code, version }) => ({ code, version })) } })
    assert.equal(refused.status, 422)
  })
  test('#69 reissue has the notes to be read', async () => assert.deepEqual((await setupOf('reissue')).notices.map((n) => n.title), ['操作提示信息']))
  test('#71 #D9 agreements are documents with version and hash; the practice statement comes before them', async () => {
    for (const slug of ['seal', 'hunan']) {
      const { text, sha256, version } = await serviceOf(slug)
      assert.equal(sha256, createHash('sha256').update(text).digest('hex'), slug)
      assert.match(version, /^\d{4}-\d\d$/)
    }
    assert.match((await serviceOf('seal')).text, /本协议与本机构电子认证业务规则不一致的，以电子认证业务规则为准/)
  })
  test('#80 two versions of one agreement live side by side', async () => {
    const [seal, hunan] = [await serviceOf('seal'), await serviceOf('hunan')]
    assert.notEqual(seal.version, hunan.version)
    assert.notEqual(seal.text, hunan.text)
  })
  const clauses = {
    '#44 the picture of the seal is that of the registered one': /印章图片须与在登记机关、公安机关备案的印章.*在尺寸、样式和规格上一致/,
    '#72 check in time; silence accepts': /拿到证书后请及时检查内容和功能；没有异议的，视为接受证书/,
    '#73 who does not want publication says so': /没有选择“不公开我的证书信息”的，视为同意.*选择不公开的，只告知证书是否有效/,
    '#74 again within the last month before the end': /在到期前一个月内/,
    '#75 nothing is rented, lent or handed on': /密钥、介质、账户口令、PIN 码和短信验证码由您保管，不得出租、出借或者转让/,
    '#76 a loss is told at once, and the certificate revoked': /遗失、被盗、泄露的，应当立即通知本机构并申请撤销证书/,
    '#77 a change is told': /信息或者申请时所依据的资料发生变化的，应当及时通知本机构/,
    '#78 what is collected, and that third parties check it': /收集、使用、保存姓名、身份证号码、手机号码、联系地址、证件影像、人脸图像和营业执照等信息，并由合法的第三方数据来源协助查询、核验/,
    '#79 five cases of liability': /承担责任：（一）[^（]*不真实[^（]*（二）[^（]*转让、出租、出借证书[^（]*（三）[^（]*遗失介质[^（]*（四）[^（]*没有及时通知[^（]*（五）[^（]*超出约定的范围/,
  }
  test('#44 the picture of the seal is that of the registered one: in the agreement of seal', async () =>
    assert.match((await serviceOf('seal')).text, /印章图片须与在登记机关、公安机关备案的印章.*在尺寸、样式和规格上一致/))
  for (const [title, said] of Object.entries(clauses)) test(`${title}: in hunan's agreement`, async () => assert.match((await serviceOf('hunan')).text, said))
})

describe('prices', () => {
  test('#40 #48 jieyang: 600 yuan, for one year alone', async () => {
    const { types } = await setupOf('jieyang')
    for (const type of types) assert.deepEqual(type.years.map(({ years, parts }) => [years, parts.reduce((sum, { fen }) => sum + fen, 0)]), [[1, 60000]], type.name)
  })
  test('#49 #D12 hunan: 200 + 100 + 50', async () => {
    for (const type of ['institution', 'natural'])
      assert.deepEqual(prices(await setupOf('hunan'), type), [['证书费', 20000], ['介质费', 10000], ['签章费', 5000]], type)
  })
  test('#50 #D12 a price is of its project, type and years: jieyang 600, hunan 350, szjsgws 350, and 600 for two', async () => {
    const total = async (slug, years) => prices(await setupOf(slug), 'institution', years).reduce((sum, [, fen]) => sum + fen, 0)
    assert.deepEqual([await total('jieyang', 1), await total('hunan', 1), await total('szjsgws', 1), await total('szjsgws', 2)], [60000, 35000, 35000, 60000])
  })
  test('#39 one to five years', async () => {
    for (const slug of ['szjsgws', 'seal', 'hunan'])
      for (const type of (await setupOf(slug)).types) assert.deepEqual(type.years.map((y) => y.years), [1, 2, 3, 4, 5], `${slug} ${type.name}`)
  })
  test('#58 gifts of one, three and five years, the first only with a seal; none for two and four', async () => {
    const { gifts } = await setupOf('szjsgws')
    assert.deepEqual(gifts.map((g) => [g.years, /充电宝 10000 毫安|无线蓝牙耳机|小度音箱/.exec(g.name)?.[0], g.needs_seal]),
      [[1, '充电宝 10000 毫安', true], [3, '无线蓝牙耳机', false], [5, '小度音箱', false]])
  })
  test('#59 for new applicants, as it comes, as long as there are any', async () => {
    const { gift_note } = await setupOf('szjsgws')
    for (const said of [/仅限新办理用户/, /以收到实物为准/, /数量有限/, /送完即止/]) assert.match(gift_note, said)
  })
  test('#60 szjsgws: the gift is announced before the form, and again under the phone number', async () => {
    const { gifts, gift_note, steps } = await setupOf('szjsgws')
    assert.ok(gifts.length && gift_note && steps.findIndex((s) => s.key === 'seal') < steps.findIndex((s) => s.key === 'form'))
    assert.match((await fieldsOf('szjsgws')).agent_mobile.hint, /新办赠礼.*送完即止/)
  })
  test('#55 reissue: a fee of 0.00 and one for the medium', () =>
    assert.equal(sql(`SELECT string_agg(part || ' ' || f.name || ' ' || fen, ', ' ORDER BY part) FROM hall.project_fee f JOIN hall.project p ON p.id = f.project
      WHERE slug = 'reissue'`), 'certificate 补办费 0, medium 介质费 10000'))
})

describe('papers', () => {
  test('#133 hunan, institution: three, all stamped', async () =>
    assert.deepEqual(papers(await setupOf('hunan'), 'institution'), ['申请表扫描件 +章', '营业执照扫描件 +章', '数字证书印章采集表 +章']))
  test('#134 hunan, natural person: two, none stamped', async () =>
    assert.deepEqual(papers(await setupOf('hunan'), 'natural'), ['申请表扫描件', '数字证书印章采集表']))
  test('#135 #D18 szjsgws: two with a stamp, and the form of the seal when one is wanted', async () => {
    const setup = await setupOf('szjsgws'), two = ['申请表扫描件 +章', '营业执照扫描件 +章']
    assert.deepEqual(papers(setup, 'institution', false), two)
    assert.deepEqual(papers(setup, 'institution'), [...two, '数字证书印模采集表 +章'])
  })
  test('#136 reissue: form and licence, both stamped', async () =>
    assert.deepEqual(papers(await setupOf('reissue'), 'institution'), ['申请表扫描件 +章', '营业执照扫描件 +章']))
  const PICTURES = ['jpeg', 'bmp', 'gif']
  const formats = async (slug) => Object.fromEntries((await setupOf(slug)).papers.map((m) => [m.code, m.formats]))
  test('#125 seal: ID cards and the collection form may be PDF', async () => {
    const of = await formats('seal')
    for (const code of ['holder_id', 'agent_id', 'seal_form']) assert.deepEqual(of[code], [...PICTURES, 'pdf'], code)
  })
  test('#126 #D19 the form and the licence may not', async () => {
    for (const slug of ['seal', 'reissue'])
      for (const code of ['form', 'licence']) assert.deepEqual((await formats(slug))[code], PICTURES, `${slug} ${code}`)
  })
  test('#127 seal: the annex, of which the guide says nothing, may be either', async () => assert.deepEqual((await formats('seal')).annex, [...PICTURES, 'pdf']))
  test('#124 two MiB each', async () => assert.deepEqual([...new Set((await setupOf('seal')).papers.map((m) => m.max_bytes))], [2 * 1024 * 1024]))
  test('#128 #D17 seal: the set of the guide, the agent\'s ID card among it, all but the collected seals stamped', async () =>
    assert.deepEqual((await setupOf('seal')).papers.filter((m) => m.shows !== 'id_back').map((m) => [m.name, m.stamped]), [['申请人身份证人像面', true], ['申请表扫描件', true],
      ['营业执照扫描件', true], ['经办人身份证人像面', true], ['电子签章采集表', false], ['证书附页', true]]))
  test('#131 the collected seals: a stamp of the unit, a signature of a person', async () => {
    const { note, template } = (await setupOf('seal')).papers.find((m) => m.code === 'seal_form')
    assert.equal(template, 'collection')
    assert.match(note, /公章印模.*个人章.*手写签名/)
  })
  test('#132 a licence that was changed: the new one', async () =>
    assert.deepEqual(await Promise.all(['seal', 'reissue'].map(async (slug) => /请上传新版/.test((await setupOf(slug)).papers.find((m) => m.code === 'licence').note))), [true, true]))
  test('#123 jieyang: what a unit hands in is stamped and scanned in colour', async () => {
    const all = (await setupOf('jieyang')).papers.filter((m) => m.needed.types.includes('institution'))
    assert.deepEqual(all.map((m) => [m.code, m.stamped, m.colour]), [['form', true, true], ['licence', true, true]])
    for (const { note } of all) assert.match(note, /加盖单位公章，彩色扫描/)
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
    'project', id, 'cert_type', (SELECT min(cert_type) FROM hall.project_type t WHERE t.project = p.id), 'finauth', 'succeeded', 'makes', true, 'state', '${state}',
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
  /** What an applicant reads about the parcel. */
  const delivery = async (slug) => {
    const { a } = await setupOf(slug), draft = Object.assign(new Applicant(slug, a.business), { cookies: a.cookies, csrf: a.csrf })
    await draft.draft()
    await draft.save({ mail_region: formFor(slug, await person()).mail_region }, false)
    return draft.order.delivery
  }
  const couriers = { '#183 jieyang: SF or EMS': ['jieyang', '顺丰速运或EMS'], '#185 hunan: SF': ['hunan', '顺丰速运'], '#186 szjsgws': ['szjsgws', '顺丰速运或EMS'] }
  for (const [title, [slug, names]] of Object.entries(couriers))
    test(`${title}, paid on receipt`, async () => {
      const { payment, fee, text } = await delivery(slug)
      assert.deepEqual([payment, fee, text], ['collect', 0, `由${names}到付，快递费在收件时付给快递员。`])
    })
  test('#187 reissue: what the guide leaves open is said by the project: SF or EMS, paid on receipt', () =>
    assert.equal(column('reissue', "couriers::text || ' ' || courier_payment"), '{sf,ems} collect'))
  test('#184 seal: JD, prepaid', async () => {
    const { courier, payment, fee } = await delivery('seal')
    assert.deepEqual([courier, payment, fee], ['jd', 'prepaid', 1300])
  })
  const ways = async (slug) => (await setupOf(slug)).payment_ways.map((way) => way.code).sort()
  test('#148 WeChat Pay, Alipay and transfer', async () => {
    for (const slug of ['jieyang', 'seal', 'hunan', 'szjsgws']) assert.deepEqual(await ways(slug), ['alipay', 'transfer', 'wechatpay'], slug)
  })
  test('#149 #D10 reissue: by WeChat Pay, and by nothing else', async () => assert.deepEqual(await ways('reissue'), ['wechatpay']))
  test('#159 #160 #D1 what the remark carries is the project\'s', () => {
    assert.equal(column('seal', 'finauth'), 'code')
    for (const slug of ['jieyang', 'hunan', 'szjsgws', 'reissue', 'neimenggu', 'meigu', 'everbright']) assert.equal(column(slug, 'finauth'), 'pin', slug)
  })
  test('#14 #168 the legal person may stand in everywhere but with the three', () =>
    assert.equal(sql("SELECT string_agg(slug, ',' ORDER BY slug) FROM hall.project WHERE NOT legal_auth AND slug IN ('jieyang', 'seal', 'hunan', 'szjsgws', 'reissue', 'neimenggu', 'meigu', 'everbright')"),
      'everbright,meigu,neimenggu'))
})

describe('words of the pages', () => {
  test('#42 szjsgws has the one type and its years confirmed, not chosen', async () => {
    const { face, types } = await setupOf('szjsgws')
    assert.equal(face.confirm_type, true)
    assert.deepEqual(types.map((t) => t.name), ['机构证书'])
    assert.match((await fieldsOf('szjsgws')).years.hint, /已为您选好证书类型和年限，请确认/)
  })
  test('#70 the button under the agreements has the project\'s word', async () => {
    for (const [slug, word] of [['seal', '下一步'], ['hunan', '下一步'], ['reissue', '下一步'], ['szjsgws', '进入新办']])
      assert.equal((await setupOf(slug)).face.next_button, word, slug)
  })
  test('#46 kinds of business by their names', () => {
    for (const [code, name] of [['new', '证书新办'], ['reissue', '介质遗失补办'], ['seal', '电子签章']])
      assert.equal(sql(`SELECT name FROM hall.business WHERE code = '${code}'`), name)
  })
  test('#47 seal: for who applies for the first time', async () => assert.match((await setupOf('seal')).face.intro, /适用于首次办理/))
  test('#45 hunan: which type to take says the tender, or whom to ask', async () =>
    assert.match((await fieldsOf('hunan')).cert_type.hint, /以招标文件为准，也可咨询招标方或招标代理/))
  test('#193 who gets a PIN is told to keep it to oneself', () => {
    for (const event of ['pin', 'pin_remitted'])
      assert.match(sql(`SELECT body FROM hall.message_template WHERE event = '${event}' AND project IS NULL`), /妥善保管，切勿泄露给他人/, event)
  })
  test('#3 #232 site and hotline are the deployment\'s', async () => {
    const { brand } = await new Applicant('szjsgws').api('GET', '/gate/session')
    const table = readFileSync(new URL('../../core/base/config.tbl', import.meta.url), 'utf8')
    const setting = (key) => readFileSync(`${STATE}/hall.conf`, 'utf8').match(new RegExp(`^${key} = (.*)$`, 'm'))?.[1]
      ?? table.match(new RegExp(`"${key}",[^"]*"([^"]*)"`))[1]
    for (const key of ['name', 'hotline', 'site']) assert.equal(brand[key], setting(`brand_${key}`), key)
  })
})

describe('what tells of a decision', () => {
  const body = (slug, event) => sql(`SELECT body FROM hall.message_template t LEFT JOIN hall.project p ON p.id = t.project
    WHERE event = '${event}' AND (p.slug = '${slug}' OR t.project IS NULL) ORDER BY t.project IS NULL LIMIT 1`)
  const PLATFORM = '湖南省公共资源交易服务平台'
  test('#208 hunan, approved: of the platform\'s application, to be seen in 我的业务单', () =>
    assert.match(body('hunan', 'approved'), new RegExp(`${PLATFORM}.*已审核通过.*登录网上营业厅.*个人中心“我的业务单”查看`)))
  test('#209 hunan, rejected: with the reason, to be mended in 我的业务单', () =>
    assert.match(body('hunan', 'rejected'), new RegExp(`${PLATFORM}.*未通过审核，原因：\\{reason\\}。请登录网上营业厅，在“我的业务单”修改`)))
  test('#210 szjsgws, approved: the same, and no platform', () => {
    assert.match(body('szjsgws', 'approved'), /^您提交的数字证书业务.*已审核通过，请登录网上营业厅，在个人中心“我的业务单”查看。$/)
    assert.doesNotMatch(body('szjsgws', 'approved'), /工务署|资信|平台/)
  })
  test('#211 szjsgws, rejected: the reason, and no platform', () => {
    assert.match(body('szjsgws', 'rejected'), /^您提交的数字证书业务.*未通过审核，原因：\{reason\}。请登录网上营业厅，在“我的业务单”修改后重新提交/)
    assert.doesNotMatch(body('szjsgws', 'rejected'), /工务署|资信|平台/)
  })
  for (const [row, event, said] of [['#167', 'finauth_failed', /金融认证未成功.*更正对公账户/], ['#212', 'finauth_failed', /^您的数字证书业务（单号 \{order\}）金融认证未成功：\{reason\}/],
    ['#213', 'shipped', /由\{courier\}寄出，运单号 \{number\}/], ['#214', 'pin', /PIN 码为 \{pin\}/], ['#215', 'invoice', /电子发票.*\{link\}/],
    ['#216', 'login_code', /登录网上营业厅，验证码为 \{code\}/], ['#188', 'pin_remitted', /向单位账户汇出 0\.01 元，附言为证书 PIN 码，请向本单位财务索取/],
    ['#158', 'code_wanted', /向单位账户汇出 0\.01 元，请向本单位财务索取附言中的 6 位随机码，在业务单中填写/]])
    test(`${row} ${event} says what the guide says`, () => assert.match(body('jieyang', event), said))
})

describe('names', () => {
  test('#37 #38 hunan calls 企业证书 and 个人证书 what the hall calls 机构证书 and 自然人证书', async () => {
    assert.deepEqual((await setupOf('hunan')).types.map((t) => t.name), ['机构证书', '自然人证书'])
    assert.equal(sql(`SELECT string_agg(partner_name, ' ' ORDER BY pos) FROM hall.project_type t JOIN hall.project p ON p.id = t.project
      WHERE slug = 'hunan'`), '企业证书 个人证书')
  })
  test('#204 reissue: certificates of persons too', async () =>
    assert.deepEqual((await setupOf('reissue')).types.map((t) => [t.name, t.person]), [['机构证书', 'institution'], ['机构个人证书', 'holder'], ['自然人证书', 'natural']]))
  test('#12 #16 #D21 a project has a name and another one on its pages', async () => {
    const { face } = await setupOf('szjsgws')
    assert.equal(face.title, '市建筑工务署政府工程承包商资信管理系统')
    assert.match(face.platform, /承包商分类分级管理信息平台$/)
    assert.equal(face.name, '深圳市建筑工务署')
    assert.equal((await setupOf('hunan')).face.title, '湖南省公共资源交易统一注册平台')
  })
  test('#118 each its form\'s title', async () => {
    for (const [slug, title] of [['hunan', '电子招投标数字证书申请表（通用）'], ['szjsgws', '机构数字证书申请表'], ['reissue', '数字证书申请表']])
      assert.equal((await setupOf(slug)).face.form_title, title)
  })
  test('#232 #D25 the hours of the hotline are the project\'s: 7×24 for a reissue', async () => {
    assert.equal((await setupOf('reissue')).face.hotline_text, '7×24 小时')
    assert.equal((await setupOf('jieyang')).face.hotline_text, '工作日 9:00-17:30')
  })
  test('#100 places in two to four levels', async () => {
    for (const [slug, levels] of [['jieyang', 2], ['hunan', 2], ['szjsgws', 3], ['reissue', 3], ['seal', 4]]) assert.equal((await fieldsOf(slug)).mail_region.kind, `region${levels}`, slug)
  })
})

describe('fields', () => {
  /** The fields of these names as the guides print them: the label, with a star where one must be filled in. */
  const starred = async (slug, ...names) => {
    const all = await fieldsOf(slug)
    return names.map((name) => all[name] && all[name].label + (all[name].required ? ' *' : ''))
  }
  const unit = { '#84': ['unit_name', '单位名称 *'], '#85': ['unit_doc_type', '单位证件类型 *'], '#86': ['unit_code', '单位证件号码 *'], '#87': ['unit_region', '所在省市 *'],
    '#88': ['unit_address', '单位地址 *'] }
  for (const [fact, [name, label]] of Object.entries(unit))
    test(`${fact} ${label}`, async () => {
      for (const slug of ['seal', 'hunan', 'szjsgws', 'reissue']) assert.deepEqual(await starred(slug, name), [label], slug)
    })
  test('#85 the unit\'s paper is the 统一社会信用代码证', async () =>
    assert.deepEqual((await fieldsOf('seal')).unit_doc_type.options.map((o) => o.label), ['统一社会信用代码证']))
  test('#87 the place of the unit: two levels, as on its paper; nothing is chosen beforehand', async () => {
    for (const slug of ['seal', 'hunan', 'szjsgws', 'reissue']) {
      const { kind, hint } = (await fieldsOf(slug)).unit_region
      assert.deepEqual([kind, hint], ['region2', '以单位证件上的省市为准'], slug)
    }
  })
  test('#89 the account is proved by the bank, and what that means is said', async () => {
    for (const [slug, said] of [['seal', /汇入 0\.01 元.*6 位随机码.*我的业务单/], ['szjsgws', /汇入 0\.01 元，证书 PIN 码在转账附言中/], ['reissue', /汇入 0\.01 元，证书 PIN 码在转账附言中/]]) {
      const { options, required, hint } = (await fieldsOf(slug)).auth_way
      assert.deepEqual([required, options.map((o) => o.label)], [true, ['银行金融认证']], slug)
      assert.match(hint, said, slug)
    }
  })
  test('#90 #91 the legal person: name, ID number and phone, everywhere', async () => {
    for (const slug of ['jieyang', 'seal', 'hunan', 'szjsgws', 'reissue'])
      assert.deepEqual(await starred(slug, 'legal_name', 'legal_id', 'legal_mobile'), ['法定代表人姓名 *', '身份证号码 *', '手机号码 *'], slug)
  })
  const AGENT = ['经办人姓名 *', '身份证号码 *', '手机号码 *', '常用邮箱 *']
  test('#92 the agent: name, ID number, phone, e-mail and position', async () => {
    for (const slug of ['seal', 'szjsgws', 'reissue'])
      assert.deepEqual(await starred(slug, 'agent_name', 'agent_id', 'agent_mobile', 'agent_email', 'agent_position'), [...AGENT, '职务 *'], slug)
    assert.equal((await fieldsOf('seal')).agent_email.hint, '用于接收电子发票')
  })
  test('#93 hunan asks for no position', async () =>
    assert.deepEqual(await starred('hunan', 'agent_name', 'agent_id', 'agent_mobile', 'agent_email', 'agent_position'), [...AGENT, undefined]))
  test('#94 #205 the holder of a certificate: name, ID number, phone and e-mail', async () =>
    assert.deepEqual(await starred('reissue', 'holder_name', 'holder_id', 'holder_mobile', 'holder_email'), ['申请人姓名 *', '身份证号码 *', '手机号码 *', '常用邮箱 *']))
  test('#95 a person\'s seal: name, ID number and years, no phone and no e-mail', async () =>
    assert.deepEqual(await starred('seal', 'holder_mobile', 'holder_email'), [undefined, undefined]))
  test('#96 #205 the account: name, branch and number', async () => {
    for (const slug of ['jieyang', 'seal', 'reissue'])
      assert.deepEqual(await starred(slug, 'account_name', 'account_branch', 'account_no'), ['基本户名称 *', '基本户开户行 *', '基本户账号 *'], slug)
  })
  test('#97 the branch is chosen from what a search finds', async () => {
    for (const slug of ['jieyang', 'seal', 'reissue']) assert.match((await fieldsOf(slug)).account_branch.hint, /关键字.*(搜索结果中|列表中)选择/, slug)
    assert.match((await fieldsOf('seal')).account_branch.hint, /例如：工商/)
  })
  test('#98 the account\'s name is the unit\'s', async () => {
    for (const slug of ['jieyang', 'seal', 'reissue']) assert.equal((await fieldsOf(slug)).account_name.hint, '须与单位名称一致', slug)
  })
  test('#99 hunan and szjsgws ask for no account in the form', async () => {
    for (const slug of ['hunan', 'szjsgws']) assert.deepEqual(await starred(slug, 'account_name', 'account_branch', 'account_no'), [undefined, undefined, undefined], slug)
  })
  test('#101 the address of the parcel, to the door', async () => {
    for (const slug of ['jieyang', 'seal', 'szjsgws', 'reissue']) {
      assert.deepEqual(await starred(slug, 'mail_address'), ['收件地址 *'], slug)
      assert.match((await fieldsOf(slug)).mail_address.hint, /^接收证书的详细地址/, slug)
    }
  })
  test('#102 the postcode may be left out', async () => {
    for (const slug of ['jieyang', 'seal', 'hunan', 'szjsgws', 'reissue']) assert.deepEqual(await starred(slug, 'mail_postcode'), ['邮政编码'], slug)
  })
  test('#104 the parcel has no recipient of its own', async () => {
    for (const slug of ['jieyang', 'seal', 'hunan', 'szjsgws', 'reissue'])
      assert.deepEqual(Object.keys(await fieldsOf(slug)).filter((name) => name.startsWith('mail_')), ['mail_region', 'mail_address', 'mail_postcode'], slug)
  })
  test('#105 #106 whether an invoice is wanted, and its full title', async () => {
    for (const slug of ['seal', 'hunan', 'szjsgws', 'reissue']) {
      assert.deepEqual(await starred(slug, 'invoice_wanted', 'invoice_title'), ['是否开具电子发票 *', '发票抬头 *'], slug)
      assert.match((await fieldsOf(slug)).invoice_title.hint, /全称/, slug)
    }
  })
  test('#107 #D16 a tax number: said of enterprises by seal, of the others by hunan, and asked of enterprises alone', async () => {
    const [seal, hunan] = [(await fieldsOf('seal')).invoice_tax_no, (await fieldsOf('hunan')).invoice_tax_no]
    assert.deepEqual([seal.hint, hunan.hint], ['抬头为企业单位时必填', '抬头为个人或政府机关的不必填写'])
    for (const { when, required } of [seal, hunan]) assert.deepEqual([when, required], [{ field: 'invoice_kind', equals: 'enterprise' }, true])
  })
  test('#56 #108 reissue: the invoice is for 介质服务费', async () =>
    assert.equal((await fieldsOf('reissue')).invoice_purpose.options[0].label, '介质服务费'))
  test('#109 nothing but postcode and publication may be left out', async () => {
    for (const slug of ['jieyang', 'seal', 'hunan', 'szjsgws', 'reissue'])
      assert.deepEqual(Object.values(await fieldsOf(slug)).filter((f) => !f.required && !/^(mail_postcode|publish_opt_out)$/.test(f.name)).map((f) => f.name), [], slug)
  })
  test('#110 the agent\'s phone is registered in the agent\'s own name', async () => {
    for (const slug of ['jieyang', 'seal', 'hunan', 'szjsgws', 'reissue']) assert.match((await fieldsOf(slug)).agent_mobile.hint, /^请填写本人实名登记的手机号码/, slug)
  })
  test('#111 a natural person is asked for neither unit nor agent', async () => {
    for (const slug of ['jieyang', 'hunan', 'reissue'])
      for (const { name, types } of Object.values(await fieldsOf(slug)))
        if (/^(unit|legal|agent|account)_/.test(name)) assert.ok(types && !types.includes('natural'), `${slug}: ${name}`)
  })
})
