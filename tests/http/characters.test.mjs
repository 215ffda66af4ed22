// SPDX-License-Identifier: Apache-2.0
// Characters that are invisible or change the direction of the text: no text that a person or a platform sends may contain them, and
// staff see them in what was stored earlier.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { Partner } from '../lib/partner.mjs'
import { goodForm, newApplicant, newStaff, picture, pointers, quote, request, sql } from './lib.mjs'

const ZERO_WIDTH = '\u200b', TURN = '\u202e', CYRILLIC = '\u0410'
const NO_ORDER = '00000000-0000-7000-8000-000000000000'

/** The answer refuses this one field, by position and code, and does not repeat the character. */
function refuses(res, pointer, at, code) {
  assert.equal(res.status, 422, res.text)
  assert.deepEqual(pointers(res), { [pointer]: 'character' })
  assert.match(res.json.errors[0].detail, new RegExp(`^第 ${at} 个字符.*U\\+${code}.*不能使用`))
  assert.doesNotMatch(res.text, /[\u200b\u202e]/)
}

describe('the form', () => {
  let v, order
  before(async () => {
    v = await newApplicant()
    order = await v.draft()
  })

  for (const complete of [true, false])
    test(`${complete ? 'a whole form' : 'even a draft'} takes no such name, and nothing is saved`, async () => {
      const form = goodForm()
      refuses(await v.save(order, { ...form, unit_name: `测试${ZERO_WIDTH}有限公司` }, complete), '/form/unit_name', 3, '200B')
      refuses(await v.save(order, { ...form, agent_name: `${TURN}李四` }, complete), '/form/agent_name', 1, '202E')
      refuses(await v.save(order, { ...form, agent_name: `${CYRILLIC}李四` }, complete), '/form/agent_name', 1, '0410')
      assert.equal((await v.api('GET', `/orders/${order.id}`)).json.version, order.version)
    })

  test('an item of several is named by its place', async () => {
    const s = await newApplicant('seal', 'password')
    const setup = (await s.api('GET', '/seal/setup')).json
    const agreements = [...setup.agreements, ...setup.notices].map(({ code, version }) => ({ code, version }))
    const draft = (await s.api('POST', '/seal/orders', { json: { agreements } })).json
    const form = { items: [{ cert_type: 'unit', years: 1, seal_name: '公章' }, { cert_type: 'unit', years: 1, seal_name: `公${TURN}章` }] }
    const res = await s.api('PUT', `/seal/orders/${draft.id}/form`, { json: { version: draft.version, complete: false, form } })
    refuses(res, '/form/items/1/seal_name', 2, '202E')
  })

  test('names of minorities, rare characters and letters with diacritics are taken', async () => {
    const form = { ...goodForm(), legal_name: '迪丽热巴·迪力木拉提', agent_name: '\u{20bb7}\u3400', unit_address: 'Café 路 1 号' }
    const saved = await v.save(order, form)
    assert.equal(saved.status, 200, saved.text)
    order = saved.json
    assert.equal(order.form.agent_name, form.agent_name)
  })

  test('what was typed in two ways is stored in one', async () => {
    const saved = await v.save(order, { ...goodForm(), unit_address: 'Cafe\u0301 路', legal_name: '\uf900三' })
    assert.equal(saved.status, 200, saved.text)
    order = saved.json
    assert.equal(order.form.unit_address, 'Caf\u00e9 路')
    assert.equal(order.form.legal_name, '\u8c48三')
  })

  test('a full-width space at the end of a name is refused like any other', async () => {
    const res = await v.save(order, { ...goodForm(), agent_name: '李四\u3000' })
    assert.deepEqual(pointers(res), { '/form/agent_name': 'rule' })
  })
})

test("a platform's ticket", async () => {
  const { status, body } = await new Partner('hunan').ask('POST', '/partner/api/tickets',
    { cert_type: '企业证书', form: { unit_name: `湖南${TURN}有限公司` } })
  refuses({ status, json: body, text: JSON.stringify(body) }, '/form/unit_name', 3, '202E')
})

test("an account's name", async () => {
  const v = await newApplicant()
  refuses(await v.api('PUT', '/gate/profile', { json: { name: `张${ZERO_WIDTH}三`, email: '' } }), '/name', 2, '200B')
})

test('the name of an uploaded file is only shown, and is not shown with such a character', async () => {
  const v = await newApplicant('szjsgws')
  const order = await v.draft()
  const name = encodeURIComponent(`执照${TURN}gpj.pdf`)
  const res = await v.api('PUT', `/paper/orders/${order.id}/licence?name=${name}`,
    { body: picture('bmp'), headers: { 'content-type': 'application/octet-stream' } })
  assert.equal(res.status, 200, res.text)
  assert.equal(res.json.paper.file_name, '未命名')
})

describe('staff', () => {
  test('write no such note', async () => {
    const desk = await newStaff('reviewer')
    refuses(await desk.call('POST', `/desk/api/review/orders/${NO_ORDER}/approve`, { json: { version: 1, note: `好${TURN}的`, decision: {} } }), '/note', 2, '202E')
  })

  test('see what is hidden in older data; others get the data as they are', async () => {
    const desk = await newStaff('reviewer')
    sql(`UPDATE hall.staff SET display_name = ${quote(`审${ZERO_WIDTH}核${TURN}员`)} WHERE id = '${desk.id}'`)
    const seen = await request('GET', '/desk/api/login/session', { headers: desk.cookie() })
    assert.equal(seen.json.staff.display_name, '审[U+200B]核[U+202E]员')

    const v = await newApplicant('szjsgws')
    const order = (await v.save(await v.draft(), goodForm('szjsgws'))).json
    sql(`UPDATE hall.orders SET subject = ${quote(`甲${TURN}乙`)} WHERE id = '${order.id}'`)
    assert.equal((await v.api('GET', `/orders/${order.id}`)).json.subject, `甲${TURN}乙`)
  })
})
