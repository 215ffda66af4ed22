// SPDX-License-Identifier: Apache-2.0
// PHP-FPM and Fastify with the same statements, behind a second nginx that has the hall's own main configuration and limits.
import { spawn } from 'node:child_process'
import { createDecipheriv } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { AS_HALL, CONNECTIONS, RUN, STATE, THREADS, URL_BASE, giveToHall, rowsOf, run, setting } from './hall.mjs'

const HERE = fileURLToPath(new URL('peers', import.meta.url))
const PORT = new URL(URL_BASE).port
export const PEERS = [
  { name: 'php', title: 'PHP-FPM', origin: `http://127.0.0.2:${PORT}` },
  { name: 'fastify', title: 'Fastify', origin: `http://127.0.0.3:${PORT}` },
]

/** The data keys of forms as modules have them, "id:base64,…", the active one first. */
export function dataKeys() {
  const rows = rowsOf("SELECT id, kek, wrapped, active FROM hall.data_keys('{order}') ORDER BY active DESC, id DESC")
  return rows.map(([id, kek, hex]) => {
    const wrapped = Buffer.from(hex.slice(2), 'hex')
    const cipher = createDecipheriv('aes-256-gcm', readFileSync(`${setting('keys')}/order/kek-${kek}.key`), wrapped.subarray(0, 12))
    cipher.setAAD(Buffer.from(`data key|order|${id}|${kek}`)).setAuthTag(wrapped.subarray(-16))
    return `${id}:${Buffer.concat([cipher.update(wrapped.subarray(12, -16)), cipher.final()]).toString('base64')}`
  }).join()
}

const fill = (file, names) => readFileSync(file, 'utf8').replace(/@([A-Z]+(?:_[A-Z]+)?)@/g, (whole, name) => names[name] ?? whole)

const php = (v) =>
  v === null ? 'null'
    : typeof v === 'object' ? `[${Object.entries(v).map(([k, x]) => (Array.isArray(v) ? php(x) : `${php(k)} => ${php(x)}`))}]`
      : typeof v === 'string' ? `'${v.replace(/[\\']/g, '\\$&')}'` : String(v)

/** Everything the peers are started with; `statements`: { read: { role, trips, project }, save: … }. */
function writeFiles(folder, statements) {
  for (const sub of ['nginx', 'log/nginx', 'tmp/nginx']) mkdirSync(`${folder}/${sub}`, { recursive: true })
  writeFileSync(`${folder}/statements.json`, JSON.stringify(statements))
  writeFileSync(`${folder}/statements.php`, `<?php return ${php(statements)};\n`)
  writeFileSync(`${folder}/fpm.conf`, fill(`${HERE}/php/fpm.conf.in`, { FOLDER: folder, THREADS }))
  // The hall's configuration with another folder; its limits are lifted already.
  const main = readFileSync(`${STATE}/nginx/nginx.conf`, 'utf8')
    .replace(/^pid .*$/m, 'pid nginx.pid;').replaceAll(`${STATE}/`, `${folder}/`)
  writeFileSync(`${folder}/nginx/nginx.conf`, main)
  // A connection that is kept open occupies a child of FPM, so none is kept.
  writeFileSync(`${folder}/nginx/module.conf`, readFileSync(`${STATE}/nginx/module.conf`, 'utf8').replace(/^fastcgi_keep_conn.*$/m, ''))
  writeFileSync(`${folder}/nginx/upstreams.conf`, '')
  const burst = readFileSync(`${STATE}/nginx/module.conf`, 'utf8').match(/burst=(\d+)/)[1]
  writeFileSync(`${folder}/nginx/servers.conf`, fill(`${HERE}/nginx.conf.in`, { PORT, STATE: folder, PHP: `${folder}/php`, BURST_API: burst }))
  cpSync(`${HERE}/php`, `${folder}/php`, { recursive: true })
  cpSync(`${HERE}/fastify`, `${folder}/fastify`, { recursive: true })
}

const fpm = () => {
  const found = readdirSync('/usr/sbin').filter((f) => /^php-fpm[\d.]+$/.test(f)).sort().at(-1)
  if (!found) throw new Error('php-fpm is not installed')
  return `/usr/sbin/${found}`
}

export const versions = () => ({
  php: run(fpm(), ['-v']).split('\n')[0],
  ...Object.fromEntries(['fastify', 'pg'].map((p) => [p, JSON.parse(readFileSync(`${process.env.BENCH_FASTIFY}/node_modules/${p}/package.json`, 'utf8')).version])),
})

/** Starts the peers, and returns { roots(name), stop() }. */
export async function startPeers(folder, statements) {
  writeFiles(folder, statements)
  run('ln', ['-sfn', `${process.env.BENCH_FASTIFY}/node_modules`, `${folder}/fastify/node_modules`])
  giveToHall(folder)
  const env = {
    ...process.env, BENCH_KEYS: dataKeys(), BENCH_DB: `host=${RUN}/pg dbname=certhall`, BENCH_PG: `${RUN}/pg`,
    BENCH_CONNECTIONS: String(CONNECTIONS), BENCH_SOCKET: `${folder}/fastify.sock`,
  }
  const children = {}
  const start = (name, command, args, more) => {
    const [first, ...rest] = [...AS_HALL, command, ...args]
    children[name] = spawn(first, rest, { env: { ...env, ...more }, stdio: ['ignore', 'inherit', 'inherit'] })
  }
  start('php', fpm(), ['-F', '-n', ...extensions(), '-y', `${folder}/fpm.conf`], { BENCH_STATEMENTS: `${folder}/statements.php` })
  start('fastify', process.execPath, [`${folder}/fastify/server.mjs`], { BENCH_STATEMENTS: `${folder}/statements.json` })
  start('nginx', '/usr/sbin/nginx', ['-e', 'stderr', '-p', folder, '-c', `${folder}/nginx/nginx.conf`])
  const end = () => { for (const child of Object.values(children)) child.kill('SIGTERM') }
  process.once('exit', end)
  for (let i = 0; !['php.sock', 'fastify.sock', 'nginx.pid'].every((f) => existsSync(`${folder}/${f}`)); i++) {
    if (i > 600) throw new Error('the peers do not start')
    await sleep(100)
  }
  await sleep(300)
  return {
    roots: (name) => ({ nginx: [children.nginx.pid], module: [children[name].pid] }),
    async stop() {
      end()
      await Promise.all(Object.values(children).map((c) => c.exitCode ?? c.signalCode ?? new Promise((done) => c.once('exit', done))))
    },
  }
}

/** PHP does not read the machine's php.ini; the extensions to load are named here. */
const extensions = () => ['opcache', 'pgsql'].flatMap((x) => ['-d', `${x === 'opcache' ? 'zend_' : ''}extension=${x}.so`])
  .concat(['opcache.enable=1', 'opcache.validate_timestamps=0', 'opcache.file_update_protection=0'].flatMap((x) => ['-d', x]))
