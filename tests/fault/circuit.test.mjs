// SPDX-License-Identifier: Apache-2.0
// A vendor that keeps failing is not called for a while. People are told, staff and operators see it, and the calls begin again by
// themselves.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { STATE, Staff, eventually, submitted, turn } from '../lib/hall.mjs'

const gateway = (...args) => execFileSync(`${STATE}/bin/certhall-gateway`, args, { encoding: 'utf8', env: { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` } })

test('a payment vendor that answers with somebody else’s page', async () => {
  const { a } = await submitted('szjsgws')
  const finance = await new Staff().login('finance')
  const circuit = async () => (await finance.call('GET', '/desk/api/office/vendors')).items.find((v) => v.code === 'wechatpay')
  await turn('wechatpay.text_instead', 'always')
  try {
    for (let i = 0; i < 3; i++)
      await assert.rejects(a.openPayment(), (e) => e.status === 502 && /微信支付暂时没有响应，请稍后/.test(e.message) && e.body.code === 'vendor_down')
    const open = await circuit()
    assert.equal(open.circuit, 'open')
    assert.match(open.why, /bad_answer/)
    assert.match(gateway('list'), /^wechatpay +left alone/m)
    const begun = Date.now()
    await assert.rejects(a.openPayment(), { status: 502 })
    assert.ok(Date.now() - begun < 1500, 'nobody waits for a vendor that is left alone')
  } finally {
    await turn('wechatpay.text_instead', 'off')
  }
  const opened = await eventually('the vendor called again', () => a.openPayment().catch(() => null))
  assert.match(opened.code_url, /^weixin:/)
  assert.equal((await circuit()).circuit, 'closed')
  await a.pay() // the order lost nothing by it
})

test('an operator who knows better closes the circuit', async () => {
  const { a } = await submitted('szjsgws')
  await turn('wechatpay.text_instead', 'always')
  for (let i = 0; i < 3; i++) await assert.rejects(a.openPayment(), { status: 502 })
  await turn('wechatpay.text_instead', 'off')
  gateway('close', 'wechatpay')
  assert.match((await a.openPayment()).code_url, /^weixin:/)
  await a.pay()
})
