// SPDX-License-Identifier: Apache-2.0
// The files that security officers sign: the roster of keys (JSON), and resolutions about projects and staff (texts). The server checks
// what may follow which roster; here a file is read so that it can be shown, and nothing is signed that cannot be shown.
import { bytesOf, hex, sha256 } from '../common/bytes'
import type { Role } from '../common/api'
import { leafOf, type Signature } from './passkey'

export interface RosterKey {
  name: string
  roles: string[]
  credential: string
  point: string
}
/** A file that officers sign. */
interface Signable {
  /** SHA-256 of the file, in hex. */
  digest: string
  challenge: Uint8Array<ArrayBuffer>
  /** The keys of the officers. */
  credentials: string[]
  /** The name of the file with the signature. */
  signature: string
}
export interface Roster extends Signable {
  version: number
  keys: RosterKey[]
  /** The reason of an emergency roster, which any three persons of the roster sign; undefined for any other. */
  emergency: string | undefined
}
export interface Resolution extends Signable {
  lines: string[]
}

const MOST = 64 * 1024
const MOST_TEXT = 1024 * 1024
const roles: Record<Role | 'officer', string> = {
  reviewer: '审核员',
  finance: '财务',
  producer: '制证员',
  outlet: '网点制证员',
  auditor: '审计员',
  admin: '管理员',
  officer: '安全员',
}
export const roleName = (role: string) => roles[role as Role] ?? role

/** Characters that cannot be seen, or that change how others are seen. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const BASE64URL = /^[A-Za-z0-9_-]+$/
/** Whether it is a public key of P-256, which has 65 bytes. */
const POINT = /^[A-Za-z0-9_-]{87}$/
const isText = (value: unknown, shape: RegExp) => typeof value === 'string' && shape.test(value)
const membersOf = (value: unknown) => (value && typeof value === 'object' ? value : {}) as Record<string, unknown>

/** Parses a file as the server does, which accepts no byte order mark; undefined if it is not JSON. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return undefined
  }
}

function isKey(value: unknown): value is RosterKey {
  const { name, roles, credential, point } = membersOf(value)
  const named = Array.isArray(roles) && roles.length > 0 && roles.every((role) => isText(role, /^[a-z]+$/))
  return named && isText(name, /^[a-z0-9._-]+$/) && isText(credential, BASE64URL) && isText(point, POINT)
}

const bytesIn = async (file: File) => new Uint8Array(await file.arrayBuffer())

const officersOf = (keys: RosterKey[]) => keys.filter(({ roles }) => roles.includes('officer')).map(({ credential }) => credential)

async function readRoster(bytes: Uint8Array<ArrayBuffer>): Promise<Roster | undefined> {
  const { certhall, version, keys, emergency } = membersOf(bytes.length > MOST ? undefined : parsed(bytes))
  if (certhall !== 'roster' || !Number.isSafeInteger(version) || Number(version) < 1 || !Array.isArray(keys) || !keys.every(isKey)) return
  if (emergency !== undefined && (!isText(emergency, /./) || HIDDEN.test(String(emergency)))) return
  const credentials = emergency === undefined ? officersOf(keys) : keys.map(({ credential }) => credential)
  if (!credentials.length) throw new Error('这份名册里没有安全员，不能签署，请与管理员核对。')
  const [digest, challenge] = [hex(await sha256(bytes)), await leafOf(bytes)]
  const why = emergency === undefined ? undefined : String(emergency)
  return { version: Number(version), keys, emergency: why, digest, challenge, credentials, signature: `signature-${version}.json` }
}

/** The titles of resolutions. No other text is signed here, so that a log-in or a decision about an order cannot be. */
const TITLE = /^certhall 1：(发布项目|变更工作人员)$/
const OFFICER = /^安全员：[a-z0-9._-]+ ([A-Za-z0-9_-]+)$/

function linesIn(bytes: Uint8Array): string[] {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).split('\n')
  } catch {
    return []
  }
}

async function readResolution(bytes: Uint8Array<ArrayBuffer>): Promise<Resolution | undefined> {
  const lines = linesIn(bytes)
  if (!TITLE.test(lines[0] ?? '') || lines.pop() !== '' || lines.some((line) => HIDDEN.test(line))) return
  const credentials = lines.flatMap((line) => OFFICER.exec(line)?.[1] ?? [])
  if (!credentials.length) return
  const digest = hex(await sha256(bytes))
  return { lines, digest, challenge: await leafOf(bytes), credentials, signature: `signature-${digest.slice(0, 8)}.json` }
}

/** Reads a roster or a resolution. Throws an Error whose sentence says why the file is neither. */
export async function readSignable(file: File): Promise<Roster | Resolution> {
  const none = new Error(`“${file.name}”不是名册文件，也不是待签署的文本，请选择管理员用 certhall-admin 的 draft 命令生成的文件。`)
  if (file.size > MOST_TEXT) throw none
  const bytes = await bytesIn(file),
    read = (await readResolution(bytes)) ?? (await readRoster(bytes))
  if (!read) throw none
  return read
}

function isSignature(value: unknown): value is Signature {
  const { credential, client_data, authenticator_data, signature } = membersOf(value)
  return [credential, client_data, authenticator_data, signature].every((text) => isText(text, BASE64URL))
}
async function readSignature(file: File): Promise<Signature> {
  const value = file.size > MOST ? undefined : parsed(await bytesIn(file))
  if (isSignature(value)) return value
  throw new Error(`“${file.name}”不是签名文件，请选择在本页签署后下载的 signature-….json。`)
}

const challengeOf = ({ client_data }: Signature) => membersOf(parsed(bytesOf(client_data))).challenge

/**
 * Puts the signatures of two officers, or of three persons under an emergency roster, into one list for certhall-admin. Throws an Error
 * whose sentence says why they do not belong together.
 */
export async function mergeSignatures(files: File[]): Promise<Signature[]> {
  if (files.length !== 2 && files.length !== 3) throw new Error('请同时选择两位安全员的两份签名文件；应急名册须选择三个人的三份。')
  const all = await Promise.all(files.map(readSignature)),
    differ = (one: (of: Signature) => unknown) => new Set(all.map(one)).size
  if (differ(({ credential }) => credential) < all.length) throw new Error('两份签名出自同一个安全密钥，须由不同的人分别签署。')
  if (differ(challengeOf) > 1) throw new Error('两份签名签署的不是同一份文件，请核对摘要后重新签署。')
  return all
}
