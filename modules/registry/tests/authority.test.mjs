// SPDX-License-Identifier: Apache-2.0
// The authority as staff see it: the nightly lint finds nothing wrong in what it issued, finds a bad certificate and forgets it again
// once it is gone; an OCSP signer's certificate is renewed while the hall serves.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { issued, needCa } from '../../../tests/lib/authority.mjs'
import { Problem, STATE, Staff, eventually, sql } from '../../../tests/lib/hall.mjs'

const view = async (who) => (await new Staff().login(who)).call('GET', '/desk/api/registry/authority')

/** Runs the whole check now. */
async function lint() {
  const id = sql("SELECT hall.lint_want((now() AT TIME ZONE 'Asia/Shanghai')::date)")
  await eventually('the end of the run', () => sql(`SELECT ended_at IS NOT NULL FROM hall.lint WHERE id = '${id}'`) === 't')
}
const findings = (cert) => sql(`SELECT string_agg(rule, ' ' ORDER BY rule) FROM hall.lint_finding WHERE certificate = '${cert.id}'`)

test('a certificate of each CA, and the CAs themselves, have no findings', async () => {
  const certs = []
  for (const ca of ['sm2', 'rsa', 'p256']) certs.push(await issued(ca))
  await lint()
  for (const cert of certs) assert.equal(findings(cert), '')
  assert.equal(sql('SELECT count(*) FROM hall.lint_finding WHERE ca_certificate IS NOT NULL'), '0')
  const seen = await view('audit')
  for (const ca of ['sm2', 'rsa', 'p256']) {
    const one = seen.cas.find((c) => c.name === ca)
    assert.deepEqual(one.certificates.map((c) => c.role), ['root', 'issuing', 'ocsp', 'seal', 'evidence'])
    assert.ok(one.certificates.every((c) => c.warning === null && c.findings.length === 0))
    assert.ok(seen.status.some((s) => s.ca === ca))
  }
  assert.ok(seen.lint.ended_at && seen.lint.certificates >= certs.length)
})

test('one that is not as its profile says is found, and forgotten when it is right again', async () => {
  const cert = await issued('sm2')
  sql(`UPDATE hall.certificate SET profile = 'institution' WHERE id = '${cert.id}'`)
  await lint()
  assert.equal(findings(cert), 'name policy private unknown_extension')
  const row = (await view('review')).findings.find((f) => f.serial === cert.serial && f.rule === 'policy')
  assert.equal(row.order_id, cert.order.id)
  assert.match(row.sentence, /证书策略/)
  sql(`UPDATE hall.certificate SET profile = 'natural' WHERE id = '${cert.id}'`)
  await lint()
  assert.equal(findings(cert), '')
})

test('who may see it', async () => {
  for (const who of ['review', 'audit', 'admin']) assert.ok((await view(who)).cas.length > 0)
  for (const who of ['produce', 'finance']) await assert.rejects(view(who), (problem) => problem instanceof Problem && problem.status === 403)
})

/** Gives the OCSP signer of P-256 a certificate that ends soon, for its own key, which its CA signs by `openssl ca`. */
function agedOcspSigner() {
  const dir = mkdtempSync(join(tmpdir(), 'aged-')), keys = `${STATE}/signer`, day = (n) => new Date(Date.now() + n * 86400e3).toISOString().replace(/[-:T]|\.\d+/g, '')
  mkdirSync(`${dir}/new`)
  writeFileSync(`${dir}/index`, '')
  writeFileSync(`${dir}/serial`, '0102030405060708\n')
  writeFileSync(`${dir}/conf`, `[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=${dir}/new\ndatabase=${dir}/index\nserial=${dir}/serial\ndefault_md=sha256\npolicy=p\nx509_extensions=x\n` +
    '[p]\ncommonName=supplied\n[x]\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always\n[req]\ndistinguished_name=n\n[n]\n')
  const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  openssl('x509', '-in', `${keys}/ca-p256.cer`, '-out', `${dir}/ca.pem`)
  openssl('req', '-new', '-key', `${keys}/ocsp-p256.key`, '-passin', `file:${keys}/passphrase`, '-subj', '/CN=aged', '-config', `${dir}/conf`, '-out', `${dir}/csr`)
  openssl('ca', '-batch', '-notext', '-config', `${dir}/conf`, '-cert', `${dir}/ca.pem`, '-keyfile', `${keys}/ca-p256.key`, '-passin', `file:${keys}/passphrase`,
    '-in', `${dir}/csr`, '-startdate', day(-60), '-enddate', day(10), '-out', `${dir}/aged.pem`)
  openssl('x509', '-in', `${dir}/aged.pem`, '-outform', 'DER', '-out', `${dir}/aged.cer`)
  return { dir, file: `${dir}/aged.cer` }
}

test('an OCSP signer that runs out gets its next certificate while the hall serves', async () => {
  await needCa('p256')
  const { dir, file } = agedOcspSigner(), place = `${STATE}/signer/ocsp-p256.cer`, { uid, gid } = statSync(place)
  copyFileSync(file, `${place}.aged`)
  chmodSync(`${place}.aged`, 0o444)
  if (process.getuid() === 0) chownSync(`${place}.aged`, uid, gid)
  renameSync(`${place}.aged`, place)
  rmSync(dir, { recursive: true })
  sql("DELETE FROM hall.ca_certificate WHERE ca = 'p256' AND role = 'ocsp'")
  sql("DELETE FROM hall.outbox WHERE key LIKE 'renew/p256/%'")
  execFileSync('supervisorctl', ['-c', `${STATE}/supervisord.conf`, 'restart', 'signer'])
  const newest = (what) => sql(`SELECT ${what} FROM hall.ca_newest() WHERE ca = 'p256' AND role = 'ocsp'`)
  await eventually('the aged certificate', () => newest('warning') === 'late')
  assert.equal((await view('admin')).cas.find((c) => c.name === 'p256').certificates.find((c) => c.role === 'ocsp').warning, 'late')
  sql('SELECT hall.authority_due()')
  await eventually('the next certificate', () => newest("not_after > now() + interval '80 days'") === 't')
  assert.equal(newest('warning'), '')
  assert.equal(sql(`SELECT count(*) FROM hall.signature WHERE kind = 'ocsp_signer' AND key = 'issuing' AND ca = 'p256' AND subject = '${newest('serial')}'`), '1')
  assert.equal(readFileSync(place).toString('hex'), newest("encode(certificate, 'hex')"))
  await eventually('the end of the job', () => sql("SELECT count(*) FROM hall.outbox WHERE key LIKE 'renew/p256/%' AND state <> 'done'") === '0')
})
