// SPDX-License-Identifier: Apache-2.0
// The sandbox's program, started where it is not switched on: it answers nothing but 404.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { STATE } from '../../../tests/lib/hall.mjs'
import { Connection } from '../../../tests/serve/fastcgi.mjs'

const folder = mkdtempSync(join(tmpdir(), 'off-')), socket = join(folder, 's')
/** A program behind a listening socket, as supervisor starts it: on descriptor 0, and as its user. */
const LISTEN = 'import os,socket,sys; s=socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); os.chmod(sys.argv[1],0o777); s.listen(); os.dup2(s.fileno(),0); os.execvp(sys.argv[2],sys.argv[2:])'
const USER = process.getuid() === 0 ? ['setpriv', '--reuid=certhall-sandbox', '--regid=certhall-sandbox', '--init-groups'] : []
let child

before(() => {
  chmodSync(folder, 0o777)
  const conf = join(folder, 'hall.conf')
  writeFileSync(conf, `${readFileSync(`${STATE}/hall.conf`, 'utf8')}\nsandbox = no\n`)
  child = spawn('python3', ['-c', LISTEN, socket, ...USER, `${STATE}/bin/certhall-sandbox`], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, CERTHALL_CONF: conf } })
})
after(() => {
  child.kill()
  rmSync(folder, { recursive: true })
})

async function connected() {
  for (let i = 0; ; i++) {
    try {
      return await Connection.open(socket)
    } catch (e) {
      if (i > 100) throw e
      await new Promise((done) => setTimeout(done, 50))
    }
  }
}

test('every route of the table is 404', async () => {
  const table = execFileSync(`${STATE}/bin/certhall-sandbox`, ['--routes'], { encoding: 'utf8', env: { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` } })
  const routes = table.trim().split('\n').map((line) => line.split('\t'))
  assert.ok(routes.length > 25)
  const connection = await connected()
  for (const [, method, path] of routes) {
    const answer = await connection.ask({ method, path: path.replace(/\{\w+\}/g, 'x'), type: 'application/json', body: Buffer.from(method === 'GET' ? '' : '{}'), more: { VENDOR_HOST: '127.0.0.11' } })
    assert.equal(answer.status, 404, `${method} ${path}`)
  }
  connection.close()
})
