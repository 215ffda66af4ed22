// SPDX-License-Identifier: Apache-2.0
// The authority as relying parties use it: certificates issued by each of its CAs, and what the hall says about them.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { STATE, Staff, URL_BASE, eventually, inbox, sql, submitted } from './hall.mjs'
import { publish } from './officers.mjs'

const conf = { ...process.env, CERTHALL_CONF: `${STATE}/hall.conf` }
const top = new URL('../../', import.meta.url)
export const folder = mkdtempSync(join(tmpdir(), 'authority-'))
const supervisor = (...args) => execFileSync('supervisorctl', ['-c', `${STATE}/supervisord.conf`, ...args], { encoding: 'utf8' })

/** Whether the CA is there; that of P-256 is made only on demand. */
export async function needCa(ca) {
  const there = () => sql(`SELECT count(*) FROM hall.ca_certificate WHERE ca = '${ca}' AND role = 'ocsp'`) !== '0'
  if (there()) return
  const who = process.getuid() === 0 ? ['setpriv', '--reuid=certhall-signer', '--regid=certhall-signer', '--init-groups', '--'] : []
  const [command, ...args] = [...who, `${STATE}/bin/certhall-signer`, 'init', ca]
  execFileSync(command, args, { env: conf, cwd: '/' })
  supervisor('restart', 'signer')
  await eventually(`the CA ${ca}`, there)
}

/** A project of natural persons whose certificates that CA issues. */
async function projectOf(ca) {
  await needCa(ca)
  const slug = `status-${ca}`
  if (sql(`SELECT count(*) FROM hall.project WHERE slug = '${slug}'`) !== '0') return slug
  const project = JSON.parse(readFileSync(new URL('sql/demo/jieyang.json', top)))
  const id = Buffer.from(slug.padEnd(16)).toString('hex')
  const file = join(folder, `${slug}.json`)
  writeFileSync(file, JSON.stringify({ ...project, slug, project_id: id, name: slug, ca }))
  publish(file)
  return slug
}

/** A fresh certificate of that CA: { id, serial, order, der, pem, a }, `pem` the name of a file, `a` the applicant. */
export async function issued(ca, form = {}) {
  const { a } = await submitted(await projectOf(ca), 'natural', undefined, { form })
  await a.pay()
  await (await new Staff().login('review')).act(a.order.id, 'approve')
  await a.until('accepted')
  await (await new Staff().login('produce')).act(a.order.id, 'produce')
  const row = await eventually('the certificate', () =>
    sql(`SELECT id, serial, encode(certificate, 'hex') FROM hall.certificate WHERE order_id = '${a.order.id}' AND state = 'valid'`))
  const [id, serial, hex] = row.split('|')
  const der = Buffer.from(hex, 'hex')
  const pem = join(folder, `${serial}.pem`)
  writeFileSync(pem, `-----BEGIN CERTIFICATE-----\n${der.toString('base64').match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`)
  return { id, serial, order: a.order, der, pem, a }
}

/** Somebody with a certificate of this hall and its key file. */
export async function subscriber(ca, form = {}) {
  const cert = await issued(ca, form)
  const { text: told } = await inbox(cert.order.form.holder_mobile, /PIN 码为/)
  const producer = await new Staff().login('produce')
  const res = await producer.fetch('GET', `/desk/api/produce/orders/${cert.order.id}/certificate.p12`)
  if (res.status !== 200) throw new Error(`no key file: ${res.status}`)
  const p12 = join(folder, `our-${ca}.p12`)
  writeFileSync(p12, Buffer.from(await res.arrayBuffer()))
  return { cert, pin: told.match(/PIN 码为 ([2-9A-Z]{12})/)[1], p12 }
}

export const setState = (cert, state, reason) =>
  sql(`UPDATE hall.certificate SET state = '${state}'${reason ? `, reason = '${reason}'` : ''} WHERE id = '${cert.id}'`)

/** A file of /crl/, written to the tests' folder: its name. */
export async function fetched(name) {
  const res = await fetch(`${URL_BASE}/crl/${name}`)
  if (res.status !== 200) throw new Error(`${name}: ${res.status}`)
  const file = join(folder, name)
  writeFileSync(file, Buffer.from(await res.arrayBuffer()))
  return file
}

/** The output of a program, with its error messages, and whether it succeeded. */
export function run(program, ...args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  return { ok: status === 0, out: `${stdout}${stderr}` }
}

/** A check by BouncyCastle (tests/interop/java): lines of "ok - …". */
export const java = (...args) => run('sh', fileURLToPath(new URL('tests/interop/java/run', top)), ...args)

/** An OCSP request as OpenSSL writes it. */
export function ocspRequest(ca, serials, ...options) {
  const file = join(folder, `request-${Date.now()}-${Math.random()}.der`)
  execFileSync('openssl', ['ocsp', '-issuer', ca, ...options, ...[serials].flat().flatMap((s) => ['-serial', `0x${s}`]), '-reqout', file])
  return readFileSync(file)
}

export async function ask(request, headers = {}) {
  const res = await fetch(`${URL_BASE}/ocsp`, { method: 'POST', body: request, headers: { 'content-type': 'application/ocsp-request', ...headers } })
  return { status: res.status, headers: res.headers, der: Buffer.from(await res.arrayBuffer()) }
}
