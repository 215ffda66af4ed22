// SPDX-License-Identifier: Apache-2.0
// A renewal as its applicant meets it: the page of the reminder, the log-in, the certificate found by itself, the form with what is on
// file, what need not be handed in again, and the old certificate's last day.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { certified, sql } from '../lib/reissue.mjs'
import { Journey } from './journey.mjs'
import { launch, lookWhole, open, withSession } from './lib.mjs'

let browser
before(async () => { browser = await launch() })
after(() => browser?.close())

const endsIn = (serial, days) => sql(`UPDATE hall.certificate SET not_before = now() - interval '350 days', not_after = now() + interval '${days} days' WHERE serial = '${serial}'`)

for (const phone of [false, true])
  test(`from the reminder to the form and the last day, at ${phone ? 390 : 1280} pixels`, async () => {
    const width = phone ? 390 : 1280
    const { a, p, serial } = await certified('jieyang')
    const page = await open(browser, { phone })
    endsIn(serial, 50)
    await page.goto(`/jieyang/renew?serial=${serial}`)
    await page.getByText(/\d+ 起可以更新。/).waitFor()
    assert.equal(await page.getByRole('button', { name: /办理更新/ }).count(), 0, 'too early')
    await lookWhole(page, `renew-early-${width}`)
    endsIn(serial, 20)
    await page.reload()
    await page.getByText('现在可以更新').waitFor()
    assert.ok(!(await page.locator('main').innerText()).includes(a.order.form.unit_name), 'nothing of its holder')
    await lookWhole(page, `renew-window-${width}`)
    await page.getByRole('button', { name: '登录后办理更新' }).click()
    await page.waitForURL(/\/jieyang\/login\?next=/)
    await withSession(page, a)
    await page.goto(new URL(page.url()).searchParams.get('next'))

    await new Journey(browser, page, `renew-${width}`, 'jieyang', p, 'renew').agree()
    await page.waitForURL(/\/apply\/certificate\?business=renew$/)
    await page.getByRole('heading', { name: '选择要更新的证书' }).waitFor()
    await page.getByRole('region', { name: '证书列表' }).getByText(serial, { exact: true }).waitFor() // it was found by itself
    await page.getByText('可以更新：新证书从原证书的到期日起顺延').waitFor()
    await lookWhole(page, `renew-certificate-${width}`)
    await page.getByRole('button', { name: '下一步' }).click()
    await page.waitForURL(/\/orders\/[0-9a-f-]{36}\/form$/)
    assert.equal(await page.locator('#f-unit_name').inputValue(), a.order.form.unit_name)
    assert.equal(await page.locator('#f-agent_mobile').inputValue(), a.order.form.agent_mobile)
    await lookWhole(page, `renew-form-${width}`)
    await page.goto(page.url().replace(/\/form$/, ''))
    await page.getByRole('heading', { name: '更新', exact: true }).waitFor()
    await page.getByText('到期自然失效', { exact: true }).waitFor()
    await page.getByLabel('提前停用原证书的日期').fill(sql('SELECT current_date + 5'))
    await page.getByRole('button', { name: '在这一天停用' }).click()
    await page.getByRole('button', { name: '改为到期自然失效' }).waitFor()
    await lookWhole(page, `renew-order-${width}`)
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })

test('a certificate that has run out: what to do instead; the personal centre shows which ones can be renewed', async () => {
  const { a, serial } = await certified('jieyang')
  const page = await open(browser)
  endsIn(serial, 9)
  await withSession(page, a)
  await page.goto('/jieyang/me/units')
  await page.getByText('还有 9 天到期，现在可以更新').waitFor()
  await lookWhole(page, 'renew-units')
  await page.getByRole('link', { name: '证书更新' }).click()
  await page.getByRole('button', { name: '办理更新' }).waitFor()
  endsIn(serial, -1)
  await page.reload()
  await page.getByText('证书已经过期，不能办理证书更新').waitFor()
  await page.getByRole('button', { name: '证书新办' }).click()
  await page.waitForURL(/\/jieyang\/apply\?business=new$/)
  assert.deepEqual(page.faults, [])
})
