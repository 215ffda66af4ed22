// SPDX-License-Identifier: Apache-2.0
// The status of a certificate as other software checks it: OCSP by OpenSSL, GnuTLS and BouncyCastle, revocation lists by the same, for
// each of the three kinds of key, through the whole life of a certificate.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import test, { before, describe } from 'node:test'
import { promisify } from 'node:util'
import { ask, fetched, folder, issued, java, needCa, ocspRequest, run, setState } from '../../../tests/lib/authority.mjs'
import { URL_BASE, eventually, sql } from '../../../tests/lib/hall.mjs'

const CAS = ['sm2', 'rsa', 'p256']
const OPENSSL_CANNOT = 'sm2' // OpenSSL 3.0 takes the SM2 id of an OCSP response or a list for empty; GnuTLS knows no SM2
const unauthorized = Buffer.from('30030a0106', 'hex'), tryLater = Buffer.from('30030a0103', 'hex'), malformed = Buffer.from('30030a0101', 'hex')

/** What `openssl ocsp` says of a certificate (good, revoked … with the reason), and whether it trusts the answer. */
function openssl(ca, cert, ...options) {
  const { out } = run('openssl', 'ocsp', '-issuer', ca.pem, ...options, '-serial', `0x${cert.serial}`, '-url', `${URL_BASE}/ocsp`, '-CAfile', ca.trust, '-no_nonce')
  const said = out.match(/0x[0-9A-F]+: (\w+)/i)?.[1] ?? out.match(/Responder Error: (\w+)/)?.[1]
  return { said, reason: out.match(/Reason: (\w+)/)?.[1], verified: /Response verify OK/.test(out), out }
}

/** The certificates of a CA: names of files. */
async function familyOf(name) {
  await needCa(name)
  const [cer, pem, root] = [await fetched(`ca-${name}.cer`), await fetched(`ca-${name}.cer.pem`), await fetched(`root-${name}.cer.pem`)]
  const trust = join(folder, `trust-${name}.pem`)
  writeFileSync(trust, readFileSync(pem, 'utf8') + readFileSync(root, 'utf8'))
  return { name, cer, pem, root, trust }
}

const listNumber = (ca) => Number(sql(`SELECT coalesce(max(number), 0) FROM hall.crl WHERE ca = '${ca}' AND der IS NOT NULL`))

/** Waits for the list and the status that follow a change of state. */
async function told(ca, cert, before) {
  await eventually('a new list', () => listNumber(ca.name) > before)
  await eventually('a new status', () => sql(`SELECT count(*) FROM hall.ocsp_response WHERE certificate = '${cert.id}' AND der IS NOT NULL`) === '1')
}

async function change(ca, cert, state, reason) {
  const before = listNumber(ca.name)
  setState(cert, state, reason)
  const now = await ask(ocspRequest(ca.pem, cert.serial)) // at once: the old status is gone, the new one perhaps not there yet
  await told(ca, cert, before)
  return now.der
}

async function bouncyCastle(ca, cert, word, { list = word === 'good' ? 'absent' : word, delta = word === 'good' ? 'remove' : word } = {}) {
  const file = join(folder, `${cert.serial}.ocsp`)
  writeFileSync(file, (await ask(ocspRequest(ca.pem, cert.serial))).der)
  for (const args of [['ocsp', file, ca.cer, cert.serial, word], ['crl', await fetched(`ca-${ca.name}.crl`), ca.cer, cert.serial, list],
    ['delta', await fetched(`ca-${ca.name}-delta.crl`), ca.cer, cert.serial, delta]]) {
    const { ok, out } = java('Status', ...args)
    assert.ok(ok && !/not ok/.test(out), `${args.join(' ')}\n${out}`)
  }
}

// These bytes are certStatus good and the beginning of thisUpdate; the two bytes of "good" alone may be in any signature.
const GOOD = Buffer.from('8000180f', 'hex')

/** A store of NSS that trusts the root and knows the issuing CA and the certificate. */
function nssStore(ca, cert) {
  const dir = mkdtempSync(join(folder, 'nss-'))
  run('certutil', '-N', '-d', `sql:${dir}`, '--empty-password')
  for (const [name, trust, file] of [['root', 'C,C,C', ca.root], ['ca', ',,', ca.pem], ['leaf', ',,', cert.pem]])
    assert.ok(run('certutil', '-A', '-d', `sql:${dir}`, '-n', name, '-t', trust, '-i', file).ok, name)
  return `sql:${dir}`
}
const nssAsks = (ca, cert) => run('ocspclnt', '-d', nssStore(ca, cert), '-S', 'leaf').out

/** The newest list by OpenSSL, GnuTLS and NSS. */
async function othersTakeTheList(ca, cert) {
  const der = await fetched(`ca-${ca.name}.crl`), broken = join(folder, 'broken.crl'), bytes = readFileSync(der)
  bytes[bytes.length - 1] ^= 1
  writeFileSync(broken, bytes)
  assert.ok(run('crlutil', '-I', '-d', nssStore(ca, cert), '-i', der).ok)
  assert.match(run('crlutil', '-I', '-d', nssStore(ca, cert), '-i', broken).out, /SEC_ERROR_CRL_BAD_SIGNATURE/)
  const pem = await fetched(`ca-${ca.name}.crl.pem`)
  assert.match(run('openssl', 'crl', '-in', pem, '-CAfile', ca.trust, '-noout').out, /verify OK/)
  assert.match(run('certtool', '--verify-crl', '--infile', pem, '--load-ca-certificate', ca.pem).out, /Verified\. The certificate is trusted/)
  return pem
}

for (const name of CAS)
  describe(`the life of a certificate of ${name}`, () => {
    let ca, cert
    const others = name !== OPENSSL_CANNOT

    before(async () => {
      ca = await familyOf(name)
      cert = await issued(name)
      await eventually('its status', () => sql(`SELECT count(*) FROM hall.ocsp_response WHERE certificate = '${cert.id}' AND der IS NOT NULL`) === '1')
    })

    test('good, under each of the three ids', async () => {
      assert.ok((await ask(ocspRequest(ca.pem, cert.serial))).der.includes(GOOD))
      for (const digest of ['-sha1', '-sha256', '-sm3']) {
        const { said, verified, out } = openssl(ca, cert, digest, ...(others ? [] : ['-noverify']))
        assert.equal(said, 'good', out)
        assert.equal(verified, others, out)
      }
    })

    test('a client that sends a nonce gets the same answer, without one', { skip: !others }, () => {
      const { out } = run('openssl', 'ocsp', '-issuer', ca.pem, '-serial', `0x${cert.serial}`, '-url', `${URL_BASE}/ocsp`, '-CAfile', ca.trust)
      assert.match(out, /no nonce in response/)
      assert.match(out, /Response verify OK/)
    })

    test('GnuTLS takes it', { skip: !others }, async () => {
      const stranger = await fetched('root-sm2.cer.pem')
      for (const trust of [ca.pem, ca.trust]) {
        const { out } = run('ocsptool', `--ask=${URL_BASE}/ocsp`, '--load-cert', cert.pem, '--load-issuer', ca.pem, '--load-trust', trust)
        assert.match(out, /Certificate Status: good/)
        assert.match(out, /Verifying OCSP Response: Success/)
      }
      const { out } = run('ocsptool', `--ask=${URL_BASE}/ocsp`, '--load-cert', cert.pem, '--load-issuer', ca.pem, '--load-trust', stranger)
      assert.match(out, /Verifying OCSP Response: Failure/)
    })

    test('NSS takes it', { skip: !others }, () => assert.match(nssAsks(ca, cert), /succeeded/))

    test('on hold: told at once, by the lists as well', async () => {
      const now = await change(ca, cert, 'hold')
      assert.ok(now.equals(tryLater) || !now.includes(GOOD), 'never good any more')
      const { said, reason, verified } = openssl(ca, cert, ...(others ? [] : ['-noverify']))
      assert.deepEqual([said, reason, verified], ['revoked', 'certificateHold', others])
      await bouncyCastle(ca, cert, 'hold')
      if (others) {
        const pem = await othersTakeTheList(ca, cert)
        const { ok, out } = run('openssl', 'verify', '-CAfile', ca.trust, '-CRLfile', pem, '-crl_check', '-partial_chain', cert.pem)
        assert.ok(!ok && /certificate revoked/.test(out), out)
      }
    })

    test('released: good again, and told as removed', async () => {
      await change(ca, cert, 'valid')
      assert.equal(openssl(ca, cert, '-noverify').said, 'good')
      await bouncyCastle(ca, cert, 'good')
      if (others) {
        const pem = await othersTakeTheList(ca, cert)
        const { ok, out } = run('openssl', 'verify', '-CAfile', ca.trust, '-CRLfile', pem, '-crl_check', '-partial_chain', cert.pem)
        assert.ok(ok, out)
      }
    })

    test('revoked: with the reason, for good', async () => {
      await change(ca, cert, 'revoked', 'superseded')
      const { said, reason, verified } = openssl(ca, cert, ...(others ? [] : ['-noverify']))
      assert.deepEqual([said, reason, verified], ['revoked', 'superseded', others])
      if (others) assert.match(nssAsks(ca, cert), /has been revoked/)
      await bouncyCastle(ca, cert, 'superseded')
      if (others) await othersTakeTheList(ca, cert)
      if (others) assert.match(run('ocsptool', `--ask=${URL_BASE}/ocsp`, '--load-cert', cert.pem, '--load-issuer', ca.pem, '--load-trust', ca.pem).out, /Certificate Status: revoked/)
      const seconds = Number(sql(`SELECT waited FROM hall.crl WHERE ca = '${name}' AND der IS NOT NULL ORDER BY number DESC LIMIT 1`))
      assert.ok(seconds >= 0 && seconds < 60, `${seconds} s from the revocation to its list`)
    })

    test("another certificate's status is refused by whoever asks for this one", () => {
      const { ok, out } = java('Status', 'ocsp', join(folder, `${cert.serial}.ocsp`), ca.cer, 'ABCDEF0123456789', 'good')
      assert.ok(!ok && /not ok - response: under the id/.test(out), out)
    })

    test('every signature of these is on record, before it was made', () => {
      const statuses = sql(`SELECT count(*) FROM hall.signature WHERE ca = '${name}' AND key = 'ocsp' AND kind = 'ocsp' AND subject = '${cert.id}'`)
      assert.ok(Number(statuses) >= 4, statuses)
      const lists = sql(`SELECT count(*) FROM hall.crl l WHERE l.ca = '${name}' AND l.der IS NOT NULL AND NOT EXISTS (SELECT FROM hall.signature s
        WHERE s.ca = l.ca AND s.key = 'issuing' AND s.kind = 'crl' AND s.subject = 'crl/' || l.number AND s.at <= l.signed_at)`)
      assert.equal(lists, '0')
    })
  })

describe('what is asked, and how', () => {
  let ca, serial, request
  before(async () => {
    ca = await familyOf('rsa')
    serial = await eventually('a status', () => sql("SELECT serial FROM hall.ocsp_response WHERE ca = 'rsa' AND der IS NOT NULL LIMIT 1"))
    request = ocspRequest(ca.pem, serial, '-no_nonce')
  })
  const get = (path, headers = {}) => fetch(`${URL_BASE}/ocsp/${path}`, { headers })
  const bytes = async (res) => Buffer.from(await res.arrayBuffer())

  test('POST: type, caching, entity tag', async () => {
    const { status, headers, der } = await ask(request)
    assert.equal(status, 200)
    assert.equal(headers.get('content-type'), 'application/ocsp-response')
    assert.equal(headers.get('access-control-allow-origin'), '*')
    const life = Number(headers.get('cache-control').match(/^max-age=(\d+), public, no-transform, must-revalidate$/)[1])
    const left = (new Date(headers.get('expires')) - Date.now()) / 1000
    assert.ok(life > 0 && life <= left && left <= 96 * 3600, `${life} of ${left} s`)
    assert.ok(new Date(headers.get('last-modified')) <= Date.now())
    assert.match(headers.get('etag'), /^"[0-9a-f]{64}"$/)
    assert.ok(der.length > 500)
  })

  test('GET: plain, percent-encoded, for URLs, with a slash too many', async () => {
    const expected = (await ask(request)).der, plain = request.toString('base64')
    const ways = [plain, encodeURIComponent(plain), `/${plain}`, request.toString('base64url'), plain.replaceAll('+', '%20'), plain.replace(/=+$/, '')]
    for (const way of ways) {
      const res = await get(way)
      assert.equal(res.status, 200, way)
      assert.equal(res.headers.get('content-type'), 'application/ocsp-response')
      assert.ok((await bytes(res)).equals(expected), way)
    }
  })

  test('GET: a request whose base64 has slashes, even two in a row', async () => {
    for (let i = 0, seen = 0; seen < 3 && i < 5000; i++) {
      const path = ocspBytes(randomBytes(20), randomBytes(8)).toString('base64')
      if (!path.includes(seen === 2 ? '//' : '/')) continue
      seen++
      const res = await get(path)
      assert.equal(res.status, 200)
      assert.ok((await bytes(res)).equals(unauthorized), path)
    }
  })

  test('304 for whoever has it', async () => {
    const first = await get(request.toString('base64'))
    const res = await get(request.toString('base64'), { 'if-none-match': `"x", ${first.headers.get('etag')}` })
    assert.equal(res.status, 304)
    assert.equal(res.headers.get('content-length'), null)
    assert.equal((await bytes(res)).length, 0)
    assert.equal(res.headers.get('etag'), first.headers.get('etag'))
    assert.equal((await get(request.toString('base64'), { 'if-none-match': '"x"' })).status, 200)
  })

  test('what is not ours, or not known: unauthorized, for nobody to keep', async () => {
    const foreign = ocspBytes(randomBytes(20), Buffer.from(serial, 'hex'))
    const answers = [await ask(foreign), await ask(ocspRequest(ca.pem, 'ABCDEF0123456789')), await ask(ocspRequest(ca.pem, serial, '-sha512')),
      await ask(ocspRequest(await fetched('root-rsa.cer.pem'), serial))]
    for (const { status, der, headers } of answers) {
      assert.equal(status, 200)
      assert.ok(der.equals(unauthorized), der.toString('hex'))
      assert.equal(headers.get('cache-control'), 'max-age=0, no-cache')
    }
  })

  test('what is no request: malformed', async () => {
    const bad = [Buffer.from('30'), request.subarray(0, -1), Buffer.concat([request, Buffer.alloc(1)]), randomBytes(80), ocspRequest(ca.pem, [serial, 'AB'])]
    for (const one of bad) {
      const { status, der, headers } = await ask(one)
      assert.equal(status, 400)
      assert.ok(der.equals(malformed), one.toString('hex'))
      assert.equal(headers.get('cache-control'), 'max-age=0, no-cache')
    }
    for (const path of ['', 'none', '%20', 'M', `${request.toString('base64')}!`]) {
      const res = await get(path)
      assert.equal(res.status, 400, path)
    }
  })

  test('another type: 415; more than a request can be: 413', async () => {
    assert.equal((await ask(request, { 'content-type': 'application/json' })).status, 415)
    assert.equal((await ask(Buffer.alloc(10001))).status, 413)
  })

  test('a status whose time is over is given to nobody', async () => {
    const one = sql("SELECT certificate, serial FROM hall.ocsp_response WHERE ca = 'rsa' AND der IS NOT NULL ORDER BY certificate LIMIT 1").split('|')
    sql(`UPDATE hall.ocsp_response SET this_update = now() - interval '2 days', next_update = now() - interval '1 day' WHERE certificate = '${one[0]}'`)
    assert.ok((await ask(ocspRequest(ca.pem, one[1]))).der.equals(tryLater))
    sql(`UPDATE hall.ocsp_response SET due_at = '-infinity' WHERE certificate = '${one[0]}'; SELECT hall.status_due('24 hours', '400 days')`)
    await eventually('its next one', async () => (await ask(ocspRequest(ca.pem, one[1]))).der.length > 100)
  })

  test('statuses whose life is half over are signed anew, batch after batch', async () => {
    sql("UPDATE hall.ocsp_response SET due_at = now() - interval '1 hour' WHERE der IS NOT NULL; SELECT hall.status_due('24 hours', '400 days')")
    await eventually('all of them', () => sql('SELECT count(*) FROM hall.ocsp_response WHERE due_at <= now()') === '0')
  })
})

/** An OCSP request with other hashes. */
function ocspBytes(keyHash, serial) {
  const wrap = (tag, ...parts) => { const body = Buffer.concat(parts); return Buffer.concat([Buffer.from([tag, body.length]), body]) }
  const number = serial[0] & 0x80 ? Buffer.concat([Buffer.alloc(1), serial]) : serial[0] === 0 ? Buffer.concat([Buffer.from([1]), serial.subarray(1)]) : serial
  const id = wrap(0x30, wrap(0x30, Buffer.from('06052b0e03021a0500', 'hex')), wrap(4, randomBytes(20)), wrap(4, keyHash), wrap(2, number))
  return wrap(0x30, wrap(0x30, wrap(0x30, wrap(0x30, id))))
}

describe('files', () => {
  test("the authority's certificates: DER and PEM, one under the other", async () => {
    for (const name of ['sm2', 'rsa']) {
      const { cer, pem, root } = await familyOf(name)
      assert.equal(readFileSync(pem, 'utf8').replace(/-----.*|\n/g, ''), readFileSync(cer).toString('base64'))
      if (name !== OPENSSL_CANNOT) assert.match(run('openssl', 'verify', '-CAfile', root, pem).out, /: OK/)
    }
  })

  test('lists: type, caching, entity tag', async () => {
    const res = await fetch(`${URL_BASE}/crl/ca-sm2.crl`)
    assert.equal(res.headers.get('content-type'), 'application/pkix-crl')
    assert.match(res.headers.get('cache-control'), /^max-age=\d+, public/)
    const etag = res.headers.get('etag')
    assert.match(etag, /^"sm2-full-\d+"$/)
    await res.arrayBuffer()
    assert.equal((await fetch(`${URL_BASE}/crl/ca-sm2.crl`, { headers: { 'if-none-match': etag } })).status, 304)
    assert.notEqual((await fetch(`${URL_BASE}/crl/ca-sm2-delta.crl`)).headers.get('etag'), etag)
    assert.equal((await fetch(`${URL_BASE}/crl/ca-sm2.cer`)).headers.get('content-type'), 'application/pkix-cert')
  })

  for (const name of ['ca-none.crl', 'ca-sm2.txt', 'ca-.crl', 'sm2.crl', 'ca-sm2', 'seal-sm2.cer', 'ca-sm2.crl.der', "ca-'; --.crl", 'passphrase'])
    test(`${name}: 404`, async () => assert.equal((await fetch(`${URL_BASE}/crl/${encodeURIComponent(name)}`)).status, 404))

  test('who ask for a number at the same moment get one each; a number without a list is passed over', async () => {
    const last = listNumber('rsa')
    const take = () => promisify(execFile)('psql', ['-X', '-At', '-d', 'certhall', '-c', "SELECT number FROM hall.signer_crl('rsa', '0', '1 day')"])
    const numbers = (await Promise.all(Array.from({ length: 6 }, take))).map(({ stdout }) => Number(stdout))
    assert.equal(new Set(numbers).size, 6)
    assert.ok(Math.min(...numbers) > last)
    sql("UPDATE hall.crl SET this_update = this_update - interval '2 days' WHERE ca = 'rsa' AND der IS NOT NULL; SELECT hall.status_due('24 hours', '400 days')")
    await eventually('the next list', () => listNumber('rsa') > Math.max(...numbers))
  })

  test('numbers of lists go up with their time', () => {
    assert.equal(sql('SELECT count(*) FROM hall.crl l JOIN hall.crl m USING (ca) WHERE l.number < m.number AND l.this_update > m.this_update AND l.der IS NOT NULL AND m.der IS NOT NULL'), '0')
  })
})
