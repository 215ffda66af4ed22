// SPDX-License-Identifier: Apache-2.0
// The tray in the back office: decisions are laid aside at their orders, shown with their texts, taken off again, and signed together
// with one touch of a security key.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Staff, eventually, sql, submitted } from '../lib/hall.mjs'
import { Journey } from './journey.mjs'
import { launch, lookWhole as look, passkeyOf, signing } from './lib.mjs'

let browser, reviewer
before(async () => {
  browser = await launch()
  reviewer = await new Staff().login('review')
  for (const { order } of (await reviewer.call('POST', '/desk/api/review/tray/statement')).items) await reviewer.call('DELETE', `/desk/api/review/orders/${order}/tray`).catch((e) => assert.equal(e.status, 404))
})
after(() => browser?.close())

async function inReview() {
  const { a } = await submitted('jieyang', 'natural')
  await a.pay()
  await a.until('in_review')
  return a
}
/** The tray at the side, whose links are behind a button where the screen is narrow. */
const tray = (page, shown = '') => page.getByRole('link', { name: new RegExp(`^待签清单 ?${shown}`), includeHidden: true })
/** With `doubted` an automatic check has failed, which the page tells. */
async function layAside(page, a, shown, doubted) {
  await page.goto(`/desk/orders/${a.order.id}`)
  await page.getByRole('button', { name: '放入待签清单' }).click()
  if (doubted) await page.getByRole('dialog', { name: '放入待签清单' }).getByRole('button', { name: '仍要放入' }).click()
  await tray(page, shown).waitFor({ state: 'attached' })
}

for (const phone of [false, true])
  test(`approvals are laid aside and signed together${phone ? ', at phone width' : ''}`, async () => {
    const orders = [await inReview(), await inReview(), await inReview()]
    const [first, second, removed] = orders
    const page = await new Journey(browser, null, 'jieyang', 'jieyang', null).desk('review', { phone })
    for (const [at, a] of orders.entries()) await layAside(page, a, at + 1, true)
    if (phone) await page.getByRole('button', { name: '功能列表' }).click()
    await tray(page).click()
    await page.getByRole('button', { name: '签署 3 项' }).waitFor()
    const text = page.getByRole('region', { name: `业务单 ${first.order.number} 的签署内容` })
    assert.match(await text.textContent(), new RegExp(`^certhall 1：审核通过，同意签发\n业务单：${first.order.number} `))
    await look(page, `tray${phone ? '-phone' : ''}`)
    sql(`UPDATE hall.orders SET years = 2 WHERE id = '${removed.order.id}'`)
    await page.reload()
    await page.getByText('放入之后，业务单、资料、项目或您在名册中的姓名有变更').waitFor()
    await page.getByRole('button', { name: '签署 2 项' }).waitFor()
    await look(page, `tray-changed${phone ? '-phone' : ''}`)
    await page.getByRole('button', { name: new RegExp(`移出.*${removed.order.number}`) }).click()
    await page.getByText(removed.order.number).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: '签署 2 项' }).click()
    const dialog = signing(page)
    for (const at of [1, 2]) {
      const shown = await dialog.getByRole('region', { name: `签署内容 ${at}，共 2 项` }).textContent()
      assert.ok([first, second].some((a) => shown.includes(a.order.number)))
    }
    await look(page, `tray-signing${phone ? '-phone' : ''}`)
    await dialog.getByRole('button', { name: '签署' }).click()
    await page.getByText('已通过审核').waitFor()
    await page.getByText('清单中没有待签的决定').waitFor()
    await eventually('no count', async () => (await tray(page).count()) === 0)
    await Promise.all([first, second].map((a) => a.until('accepted')))
    assert.equal((await removed.refresh()).state, 'in_review')
    await page.context().close()
  })

test('productions are signed together with a producer’s key, and the certificates are made', async () => {
  const orders = [await inReview(), await inReview()]
  for (const a of orders) {
    await reviewer.act(a.order.id, 'approve')
    await a.until('accepted')
  }
  assert.ok(passkeyOf('produce'))
  const page = await new Journey(browser, null, 'jieyang', 'jieyang', null).desk('produce')
  for (const [at, a] of orders.entries()) await layAside(page, a, at + 1)
  await page.getByRole('link', { name: /待签清单/ }).click()
  await page.getByRole('button', { name: '签署 2 项' }).click()
  await signing(page).getByRole('button', { name: '签署' }).click()
  await page.getByText('已开始制证').waitFor()
  await Promise.all(orders.map((a) => a.until('produced')))
  await page.context().close()
})
