// SPDX-License-Identifier: Apache-2.0
// Full file systems: that of the store, and that of nginx's temporary files. Both are replaced by small ones, for which the test needs
// root. Also the number of uploads that nginx lets through at once, and an upload that no module is there for.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import test, { after, describe } from 'node:test'
import { Applicant, STATE, URL_BASE, bmp, eventually, formFor, person, sql } from '../lib/hall.mjs'

/** The longest that a loaded machine may need. */
const LONG = 120000
const ROOT = process.getuid() === 0 ? false : 'needs root, to mount'
const MB = 1 << 20

const store = `${STATE}/store`
const files = () => readdirSync(store, { recursive: true }).map((name) => String(name).split('/').pop()).filter((name) => name.length >= 36)
const rows = (a) => sql(`SELECT string_agg(code || ' ' || state || ' ' || id, ',' ORDER BY id) FROM hall.paper WHERE order_id = '${a.order.id}'`)
const health = async () => (await fetch(`${URL_BASE}/healthz`)).json()
const supervisor = (...words) => execFileSync('supervisorctl', ['-c', `${STATE}/supervisord.conf`, ...words], { encoding: 'utf8' })

/** A picture of about that many bytes. */
const picture = (bytes) => bmp(600, Math.floor(bytes / 1800))

async function drafted(slug = 'szjsgws') {
  const p = await person(), a = new Applicant(slug)
  await a.loginSms(p.mobile)
  await a.draft()
  await a.save(formFor(slug, p))
  return { a, form: formFor(slug, p) }
}

const mounted = []
/** Puts a small file system in the place of the folder, with the same owner and mode. */
function shrink(folder, size) {
  const { uid, gid, mode } = statSync(folder)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},uid=${uid},gid=${gid},mode=${(mode & 0o7777).toString(8)}`, 'tmpfs', folder])
  mounted.push(folder)
}
function restore(folder) {
  execFileSync('umount', [folder])
  mounted.splice(mounted.indexOf(folder), 1)
}
after(() => mounted.splice(0).forEach((folder) => execFileSync('umount', ['-l', folder])))

/** Leaves that many bytes free. */
function fill(folder, left) {
  rmSync(`${folder}/filling`, { force: true })
  const { bavail, bsize } = statfsSync(folder)
  writeFileSync(`${folder}/filling`, Buffer.alloc(bavail * bsize - left, 1))
}

describe('a store without room', { skip: ROOT }, () => {
  const full = (e) => {
    assert.equal(e.status, 507, e.message)
    assert.equal(e.body.code, 'storage_full')
    assert.match(e.body.detail, /存储空间暂时不足.*未能保存/)
    return true
  }

  test('refuses in words, keeps what is there, leaves nothing behind, and goes on when there is room', async () => {
    const { a, form } = await drafted(), usual = (await health()).disk_low
    shrink(store, '6m')
    try {
      await a.upload('licence', picture(MB))
      const kept = rows(a), before = files()
      assert.equal(before.length, 1)

      fill(store, 1.5 * MB) // more than the reserve of 1 MB, less than the file
      await assert.rejects(a.upload('licence', picture(1.9 * MB)), full)
      assert.match(readFileSync(`${STATE}/log/paper.0.log`, 'utf8') + readFileSync(`${STATE}/log/paper.1.log`, 'utf8'), /No space left on device/)
      assert.equal(rows(a), kept)
      assert.deepEqual(files(), before, 'no half file')

      fill(store, 0.5 * MB) // the file would fit, but that much is left for the rest of the hall
      await assert.rejects(a.upload('licence', picture(0.2 * MB)), full)
      assert.deepEqual(files(), before)

      fill(store, 0) // the hall goes on in everything else
      const read = await a.fetch('GET', `/szjsgws/api/paper/orders/${a.order.id}/licence`)
      assert.equal((await read.arrayBuffer()).byteLength, picture(MB).length)
      await a.save({ ...form, unit_address: '别处 2 号' })
      assert.ok((await health()).disk_low.includes('store'))

      rmSync(`${store}/filling`)
      await a.upload('licence', picture(1.9 * MB))
      await eventually('the replaced file gone', () => files().length === 1, LONG)
      assert.ok(rows(a).startsWith(kept.replace(' ok ', ' replaced ')))
      await eventually('the warning', () => /disk: \d+ MB are left for \S*store, less than disk_warn_mb/.test(readFileSync(`${STATE}/log/runner.log`, 'utf8')), LONG)
      assert.match(execFileSync(`${process.env.CERTHALL_TOP}/certhall`, ['status'], { encoding: 'utf8' }), /disk +\S*store: \d+ MB free, LESS THAN disk_warn_mb/)
    } finally {
      restore(store)
    }
    assert.deepEqual((await health()).disk_low, usual)
  })
})

test('a full folder of temporary files keeps no upload and no paper away: nginx has them in memory', { skip: ROOT }, async () => {
  const { a } = await drafted(), folder = `${STATE}/tmp/nginx`, { uid, gid } = statSync(folder), inside = readdirSync(folder)
  shrink(folder, '64k')
  try {
    for (const name of inside) {
      mkdirSync(`${folder}/${name}`, { mode: 0o700 })
      chownSync(`${folder}/${name}`, uid, gid)
    }
    fill(folder, 0)
    await a.upload('licence', picture(1.9 * MB))
    const read = await a.fetch('GET', `/szjsgws/api/paper/orders/${a.order.id}/licence`)
    assert.equal((await read.arrayBuffer()).byteLength, picture(1.9 * MB).length)
  } finally {
    restore(folder)
  }
})

describe('uploads at once', () => {
  const conf = `${STATE}/nginx/uploads.conf`, own = readFileSync(conf, 'utf8')
  after(() => {
    writeFileSync(conf, own)
    supervisor('signal', 'HUP', 'nginx')
  })

  test('are limited for an address', async () => {
    const { a } = await drafted(), { hostname, port } = new URL(URL_BASE)
    writeFileSync(conf, own.replace(/limit_conn uploads \d+;/, 'limit_conn uploads 1;'))
    supervisor('signal', 'HUP', 'nginx')
    const slow = connect(Number(port), hostname)
    await once(slow, 'connect')
    slow.write(`PUT /szjsgws/api/paper/orders/${a.order.id}/licence HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: 100000\r\n\r\n`)
    try {
      const refused = await eventually('the refusal', () => a.upload('licence', bmp()).then(() => false, (e) => e), LONG)
      assert.equal(refused.status, 429, refused.message)
      assert.match(refused.body.detail, /操作过于频繁/)
    } finally {
      slow.destroy()
    }
    await eventually('room again', () => a.upload('licence', bmp()).then(() => true, () => false), LONG)
  })
})

test('an upload while no module is there is told to try again, and not that it is too large', async () => {
  const { a } = await drafted()
  supervisor('stop', 'paper:*')
  try {
    for (const bytes of [MB / 16, MB]) { // nginx limits what it answers itself with, too
      await assert.rejects(a.upload('licence', picture(bytes)), ({ status, body }) => status === 503 && /系统繁忙/.test(body.detail))
    }
  } finally {
    supervisor('start', 'paper:*')
  }
  await a.upload('licence', picture(MB))
})
