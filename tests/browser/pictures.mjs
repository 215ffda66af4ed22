// SPDX-License-Identifier: Apache-2.0
// Takes the pictures of docs/pictures anew, from a hall that runs:
//   cd tests/browser && npm ci --ignore-scripts && CERTHALL_STATE=… CERTHALL_URL=… node pictures.mjs
//   pngquant --force --ext .png --nofs 128 ../../docs/pictures/*.png     (below 150 kB each)
import { fileURLToPath } from 'node:url'
import { Applicant, formFor, person, submitted } from '../lib/hall.mjs'
import { Journey } from './journey.mjs'
import { launch, open } from './lib.mjs'

const folder = fileURLToPath(new URL('../../docs/pictures', import.meta.url))
const browser = await launch()

async function take(page, name, height = 800) {
  await page.setViewportSize({ width: 1280, height })
  await page.waitForLoadState('networkidle')
  await page.waitForTimeout(500) // transitions
  await page.screenshot({ path: `${folder}/${name}.png` })
}

const home = await open(browser)
await home.goto('/')
await home.getByText('进入办理').first().waitFor()
await take(home, 'home')

const applicant = new Applicant('szjsgws'), who = await person()
await applicant.loginSms(who.mobile)
await applicant.draft(true)
await applicant.save(formFor('szjsgws', who))
const form = await open(browser)
await form.context().addCookies([...applicant.cookies].map(([name, value]) => ({ name, value, url: process.env.CERTHALL_URL })))
await form.goto(`/szjsgws/orders/${applicant.order.id}/form`)
await form.locator('#f-unit_name').waitFor()
await take(form, 'form')

const { a, p } = await submitted('jieyang')
await a.pay()
await a.until('in_review')
const desk = await new Journey(browser, null, 'picture', 'jieyang', p).desk('review')
await desk.goto(`/desk/orders/${a.order.id}`)
await desk.getByRole('button', { name: '审核通过' }).waitFor()
await take(desk, 'desk')
await browser.close()
