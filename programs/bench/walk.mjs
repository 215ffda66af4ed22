// SPDX-License-Identifier: Apache-2.0
// Walks orders through the running hall, one for each course that an order can take, and prints "<way> <order>" on a line each.
// `certhall-bench fill` makes its orders after these (README.md). People, papers, money and codes come from the sandbox.
import { BRANCH, Applicant, Staff, bmp, eventually, formFor, person, sandboxCall } from '../../tests/lib/hall.mjs'
import { reissueForm, Reissuer } from '../../tests/lib/reissue.mjs'

const AT_ONCE = 4
const PATIENCE = 240000
const pause = (ms) => new Promise((r) => setTimeout(r, ms))
const module_of = (slug) => ({ seal: 'seal', reissue: 'reissue' })[slug] ?? 'new'

/** The limits of nginx are for everybody: a request that they refuse is sent again after a while. */
const askOnce = globalThis.fetch
globalThis.fetch = async (...request) => {
  for (const end = Date.now() + PATIENCE; ;) {
    const answer = await askOnce(...request)
    if (![429, 503].includes(answer.status) || Date.now() > end) return answer
    await pause(500)
  }
}

const desks = {}
const desk = (name) => (desks[name] ??= new Staff().login(name))
const act = async (name, a, what, json) => (await desk(name)).act(a.order.id, what, json)

/** One log-in serves many orders, since an address gets only few codes by SMS in an hour. */
async function visitors(n) {
  const sms = []
  for (let i = 0; i < n; i++) {
    const a = new Applicant('szjsgws')
    await a.loginSms((await person()).mobile)
    sms.push(a)
  }
  const password = new Applicant('seal', 'seal')
  await password.register((await person()).mobile, 'correct-horse-7')
  return { sms, password }
}

// ---- the steps: each expects that the one before was done ----

async function begin({ slug, type, session, holder }) {
  const a = slug === 'reissue' ? new Reissuer(session) : new Applicant(slug, module_of(slug))
  Object.assign(a, { cookies: session.cookies, csrf: session.csrf, p: holder?.p ?? (await person()), type })
  if (slug === 'reissue') await a.draftFor(holder.order.certificate.serial)
  else await a.draft(['szjsgws', 'jieyang'].includes(slug) ? slug === 'szjsgws' : undefined)
  return a
}

/** The fields of all projects; those that this project does not have are left out. */
function formOf(a) {
  return a.slug === 'reissue' ? reissueForm(a.p, a.type) : { ...formFor(a.slug, a.p, a.type), agent_position: '经理' }
}

async function fill(a) {
  const form = formOf(a)
  for (let tries = 3; ;) {
    try {
      await a.save(form)
      break
    } catch (e) {
      if (e.body?.code !== 'invalid' || !--tries) throw e
      for (const { pointer, code } of e.body.errors)
        if (code === 'unknown') delete form[pointer.split('/')[2]]
        else if (pointer === '/form/mail_region') form.mail_region = { 440305: '440305007', 440305007: '4403' }[form.mail_region]
    }
  }
  await a.print()
  if (a.slug === 'seal') await a.print('annex')
}

async function submit(a) {
  await fill(a)
  await a.uploadAll()
  if (a.order.phone?.state !== 'passed') {
    const said = await a.authenticate(a.p)
    if (said.state !== 'passed') throw new Error(`not authenticated: ${said.reason}`)
  }
  await a.refresh()
  await a.step('submit')
}

const codesOf = async (p) => (await sandboxCall('GET', `/statement?account=${p.account_no}`)).entries
  .map((e) => e.remark?.match(/随机码:(\d{6})$/)?.[1]).filter(Boolean)

async function prove(a) {
  if (a.slug !== 'seal') return
  await a.until('verifying', PATIENCE)
  const [code] = await eventually('the code', async () => { const c = await codesOf(a.p); return c.length && c }, PATIENCE)
  await eventually('the code being right', async () => {
    try {
      await a.api('POST', `/finauth/orders/${a.order.id}/code`, { json: { code } })
    } catch (e) {
      if (e.status !== 409) throw e
    }
    return (await a.refresh()).state === 'in_review'
  }, PATIENCE)
}

async function pay(a) {
  await a.pay()
  await prove(a)
}

const day = () => new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)

async function slip(a) {
  const path = `/paper/vouchers/${a.order.id}/1?name=slip.bmp`
  await a.api('PUT', path, { body: bmp(), headers: { 'content-type': 'image/bmp' } })
  a.order = await a.api('POST', `/pay/orders/${a.order.id}/transfer`, { json: { version: a.order.version } })
}
async function transfer(a) {
  await slip(a)
  const finance = await desk('finance')
  const { money } = await finance.call('GET', `/desk/api/finance/orders/${a.order.id}/money`)
  await finance.signed(`/desk/api/finance/orders/${a.order.id}/transfer/confirm`, {
    version: money.version, payer: a.p.unit_name, fen: a.order.price.total, day: day(), reference: `IN-${a.order.number}`,
  })
}

const reject = (a) => act('review', a, 'reject', { reasons: [{ pointer: '/form/unit_address', text: '地址与执照不符' }] })

async function mend(a) {
  await a.refresh()
  const { form } = a.order
  await a.save({ ...form, unit_address: '科技园路 2 号' })
  await a.print()
  if (a.slug === 'seal') await a.print('annex')
  await a.uploadAll()
  await a.refresh()
  await a.step('resubmit')
}

const approve = (a) => act('review', a, 'approve')

async function accept(a) {
  await approve(a)
  await a.refresh()
  if (a.order.finauth?.state === 'account_wanted') await a.account(BRANCH, a.p.account_no)
  await a.until('accepted', PATIENCE)
}

const producer = (a) => (a.slug === 'reissue' ? 'outlet' : 'produce')
async function produce(a) {
  await accept(a)
  await act(producer(a), a, 'produce').catch((e) => { throw new Error(`${producer(a)}: ${e.message}`) })
  await a.until('produced', PATIENCE)
}
let parcels = 0
async function ship(a) {
  await produce(a)
  await act(producer(a), a, 'ship', { courier: 'sf', tracking_no: `SF${Date.now()}${100 + parcels++}` })
}
async function receive(a) {
  await ship(a)
  await a.refresh()
  await a.api('POST', `/orders/${a.order.id}/received`, { json: { version: a.order.version } })
  await a.refresh()
}
async function giveBack(a) {
  await a.refresh()
  await a.api('POST', `/orders/${a.order.id}/refund`, { json: { version: a.order.version, reason: '不再需要' } })
  await act('finance', a, 'refund/approve').catch(async (e) => {
    if (e.status !== 409 && e.status !== 404) throw e
    const finance = await desk('finance')
    const { money } = await finance.call('GET', `/desk/api/finance/orders/${a.order.id}/money`)
    await finance.signed(`/desk/api/finance/orders/${a.order.id}/refund/approve`, { version: money.version })
  })
  await a.until('refunded', PATIENCE)
}
async function revoke(a) {
  await receive(a)
  const review = await desk('review')
  const { items } = await review.call('GET', `/desk/api/registry/certificates?serial=${a.order.certificate.serial}`)
  const asked = await review.signed(`/desk/api/registry/certificates/${items[0].id}/revoke`, { reason: 'cessation', note: '单位来函，不再使用' })
  await (await desk('review2')).signed(`/desk/api/registry/revocations/${asked.id}/confirm`)
}

/** The ways: the steps after the beginning. */
const WAYS = {
  draft: async () => {},
  filled: fill,
  cancelled: async (a) => { await submit(a); await a.api('POST', `/orders/${a.order.id}/cancel`, { json: { version: a.order.version } }) },
  unpaid: submit,
  waiting: async (a) => { await submit(a); await a.openPayment('wechatpay') },
  verifying: async (a) => { await submit(a); await a.pay() },
  voucher: async (a) => { await submit(a); await slip(a) },
  in_review: async (a) => { await submit(a); await pay(a) },
  rejected: async (a) => { await submit(a); await pay(a); await reject(a) },
  approved: async (a) => { await submit(a); await pay(a); await approve(a) },
  accepted: async (a) => { await submit(a); await pay(a); await accept(a) },
  produced: async (a) => { await submit(a); await pay(a); await produce(a) },
  shipped: async (a) => { await submit(a); await pay(a); await ship(a) },
  done: async (a) => { await submit(a); await pay(a); await receive(a) },
  mended: async (a) => { await submit(a); await pay(a); await reject(a); await mend(a); await receive(a) },
  transferred: async (a) => { await submit(a); await transfer(a); await receive(a) },
  refunded: async (a) => { await submit(a); await pay(a); await giveBack(a) },
  revoked: async (a) => { await submit(a); await pay(a); await revoke(a) },
}

/** The ways of each project ("slug") or type of certificate ("slug/type"). */
const EVERYWHERE = ['jieyang', 'jieyang/holder', 'jieyang/natural', 'szjsgws', 'hunan', 'hunan/natural', 'neimenggu', 'meigu', 'everbright', 'seal', 'reissue']
const MAIN = ['jieyang', 'szjsgws', 'hunan', 'seal']
const STORIES = [
  ['done', EVERYWHERE],
  ['draft', MAIN], ['filled', MAIN], ['cancelled', ['jieyang', 'szjsgws']], ['unpaid', MAIN], ['waiting', ['jieyang', 'szjsgws']],
  ['verifying', ['seal']], ['voucher', ['jieyang', 'hunan']], ['in_review', [...MAIN, 'neimenggu', 'everbright']],
  ['rejected', MAIN], ['approved', ['szjsgws', 'hunan', 'meigu']], ['accepted', MAIN], ['produced', MAIN], ['shipped', MAIN],
  ['mended', ['jieyang', 'szjsgws']], ['transferred', ['jieyang', 'szjsgws', 'hunan']], ['refunded', ['jieyang', 'szjsgws', 'seal']],
  ['revoked', ['jieyang', 'szjsgws']],
]

let failed = 0
async function tell(way, who, session) {
  const [slug, type = 'institution'] = who.split('/')
  try {
    const holder = slug === 'reissue' ? await certified(session) : undefined
    const a = await begin({ slug, type, session, holder })
    await WAYS[way](a)
    console.log(`${way} ${a.order.id}`)
  } catch (e) {
    failed++
    console.error(`${way} ${who}: ${e.message}`)
  }
}

/** Somebody whose certificate is lost. */
async function certified(session) {
  const a = await begin({ slug: 'jieyang', type: 'institution', session })
  await WAYS.done(a)
  console.log(`original ${a.order.id}`) // no way of its own: it is copied with the order that replaces its certificate
  return a
}

const only = process.argv[2] ? new RegExp(process.argv[2]) : /./
const todo = STORIES.flatMap(([way, whose]) => whose.map((who) => [way, who])).filter(([way, who]) => only.test(`${way} ${who}`))
const { sms, password } = await visitors(AT_ONCE)
await Promise.all(sms.map(async (session) => {
  for (let next; (next = todo.shift());) await tell(...next, next[1] === 'seal' ? password : session)
}))
process.exit(failed ? 1 : 0)
