// SPDX-License-Identifier: Apache-2.0
// Requests to the API: JSON both ways, with the CSRF header or bearer token; a problem document becomes an ApiError. A call names its
// path as docs/openapi.yaml does; the types of body and answer follow from it.
import type { paths } from './api.gen'
import type { Change, FieldError, Problem } from './api'
import { parseAnswer } from './language'

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly errors: FieldError[] = [],
    readonly retryAfter = 0,
    readonly requestId = '',
    readonly changed: Change[] = [],
  ) {
    super(message)
  }
  get network() {
    return this.code === 'network'
  }
}

export const credentials: { csrf: string | null; bearer: string | null } = { csrf: null, bearer: null }

let whenLoggedOut: (() => void) | null = null
/** Any call may find that the session has expired; the app says here what to do then. */
export function onLoggedOut(handler: () => void) {
  whenLoggedOut = handler
}

export interface CallOptions {
  keepalive?: boolean
  quiet?: boolean
  /** Of what is known already: nothing is answered (undefined) while it is still that. */
  tag?: string
}

const fallback: Record<number, string> = {
  401: '登录已失效，请重新登录。',
  403: '您没有办理此项操作的权限。',
  404: '没有找到要查看的内容，请返回后重新进入。',
  409: '内容已在别处被修改，请重新载入后再试。',
  410: '链接已失效，请重新获取。',
  413: '文件过大，请压缩后重新上传。',
  415: '不支持这种文件格式，请换一种格式上传。',
  422: '有内容填写不正确，请按提示修改。',
  429: '操作过于频繁，请稍候再试。',
  502: '外部服务暂时没有响应，请稍后重试。',
  503: '系统正在维护，请稍后重试。',
}

/** Whether the page is being left: a request that this cuts off is not shown as a failure. */
let leaving = false
window.addEventListener('beforeunload', () => {
  leaving = true
  setTimeout(() => {
    leaving = false
  }, 5000) // a download begins in the same way, but the page stays
})

export function networkError() {
  return new ApiError(0, 'network', '网络连接中断，请检查网络后重试。')
}

export function toApiError(status: number, text: string, header: (name: string) => string | null): ApiError {
  let problem: Partial<Problem> = {}
  try {
    problem = parseAnswer<Problem>(text)
  } catch {
    /* a proxy's HTML page, of which only the status is used */
  }
  const message = problem.detail || problem.title || fallback[status] || '系统繁忙，请稍后重试。'
  return new ApiError(
    status,
    problem.code ?? String(status),
    message,
    problem.errors ?? [],
    Number(header('Retry-After')) || 0,
    problem.request_id ?? header('X-Request-Id') ?? '',
    problem.changed ?? [],
  )
}

export function authHeaders(method: string): Record<string, string> {
  const headers: Record<string, string> = {}
  if (credentials.bearer) headers.Authorization = `Bearer ${credentials.bearer}`
  if (method !== 'GET' && credentials.csrf) headers['X-CSRF-Token'] = credentials.csrf
  return headers
}

type Method = 'get' | 'post' | 'put' | 'delete'
/** The paths of the document that have this method, and what it says about one of them. */
type PathOf<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths]
type Operation<M extends Method, P extends keyof paths> = NonNullable<paths[P][M]>

type Word = string | number | boolean
/** The names in the braces of a path. */
type Names<P> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never
type Query<O> = O extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never
/** The values for a path: one for each name in it, and any of the query. An empty text is not sent. */
type Values<P, O> = Record<Names<P>, string | number> & { [Name in keyof Query<O>]?: Word | null }

type Json<R> = R extends { content: { 'application/json': infer T } } ? T : undefined
type Answer<O> = O extends { responses: infer R } ? Json<R[keyof R & (200 | 201 | 202 | 204)]> : never
type BodyOf<O> = O extends { requestBody: { content: infer C } } ? (C extends { 'application/json': infer T } ? T : Blob) : undefined
type Rest<O> = BodyOf<O> extends undefined ? [body?: undefined, options?: CallOptions] : [body: BodyOf<O>, options?: CallOptions]
/** The answer of a path, and the body of a POST to it. */
export type Got<P extends PathOf<'get'>> = Answer<Operation<'get', P>>
export type Put<P extends PathOf<'put'>> = Answer<Operation<'put', P>>
export type Body<P extends PathOf<'post'>> = BodyOf<Operation<'post', P>>
export type Posted<P extends PathOf<'post'>> = Answer<Operation<'post', P>>

/** The address of an operation, for links and uploads. */
export function url<P extends keyof paths>(
  path: P,
  values: Record<Names<P>, string | number> & Record<string, Word | null | undefined>,
): string {
  return fill(path, values)
}
function fill(path: string, values: Record<string, Word | null | undefined>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (path.includes(`{${name}}`)) path = path.replace(`{${name}}`, encodeURIComponent(String(value)))
    else if (value !== undefined && value !== null && value !== '') query.set(name, String(value))
  }
  return `${query}` ? `${path}?${query}` : path
}

/** Every kind of business has the same routes (core/order/flow.h); products have one more, and kinds that begin with a certificate
 * have those to find one. The types are those of one kind. */
export const ofBusiness = <P extends keyof paths>(path: P, business: string) =>
  path.replace(/^(\/\{slug\}\/api)\/\w+/, `$1/${business}`) as P

/** Sends a request and has its answer read; what goes wrong on the way, or is refused, is an ApiError. Undefined: nothing has changed (304). */
async function ask<T>(
  read: (response: Response) => Promise<T>,
  address: string,
  init: RequestInit,
  quiet?: boolean,
): Promise<T | undefined> {
  let response: Response
  let refusal = ''
  try {
    response = await fetch(address, { ...init, credentials: 'same-origin' })
    if (response.status === 304) return undefined
    if (response.ok) return await read(response)
    refusal = await response.text()
  } catch {
    if (leaving) await new Promise<never>(() => {})
    throw networkError()
  }
  if (response.status === 401 && !quiet) whenLoggedOut?.()
  throw toApiError(response.status, refusal, (name) => response.headers.get(name))
}

/** Requests by address, for routes that the document does not have: those of the sandbox. */
export async function call<T>(method: string, address: string, body?: unknown, options: CallOptions = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', ...authHeaders(method) }
  if (options.tag) headers['If-None-Match'] = `"${options.tag}"`
  let sent: BodyInit | undefined
  if (body instanceof Blob) {
    sent = body
    headers['Content-Type'] = body.type || 'application/octet-stream'
  } else if (body !== undefined) {
    sent = JSON.stringify(body)
    headers['Content-Type'] = 'application/json'
  }
  const text = await ask(
    (response) => response.text(),
    address,
    { method, headers, body: sent, keepalive: options.keepalive },
    options.quiet,
  )
  if (!text) return undefined as T
  try {
    return parseAnswer<T>(text)
  } catch {
    throw new ApiError(200, 'malformed', '服务器返回的内容无法识别，请稍后重试。')
  }
}

/** A file that the server answers with, and the name that it gives it. */
export async function fileOf(method: 'GET' | 'POST', address: string): Promise<{ content: Blob; name: string }> {
  const read = async (response: Response) => ({
    content: await response.blob(),
    name: decodeURIComponent(/filename\*=UTF-8''(\S+)/.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? 'download'),
  })
  return (await ask(read, address, { method, headers: authHeaders(method) }))!
}

export const http = {
  get: <P extends PathOf<'get'>>(path: P, values: Values<P, Operation<'get', P>>, options?: CallOptions) =>
    call<Answer<Operation<'get', P>>>('GET', fill(path, values), undefined, options),
  post: <P extends PathOf<'post'>>(path: P, values: Values<P, Operation<'post', P>>, ...[body, options]: Rest<Operation<'post', P>>) =>
    call<Answer<Operation<'post', P>>>('POST', fill(path, values), body, options),
  put: <P extends PathOf<'put'>>(path: P, values: Values<P, Operation<'put', P>>, ...[body, options]: Rest<Operation<'put', P>>) =>
    call<Answer<Operation<'put', P>>>('PUT', fill(path, values), body, options),
  delete: <P extends PathOf<'delete'>>(path: P, values: Values<P, Operation<'delete', P>>) =>
    call<Answer<Operation<'delete', P>>>('DELETE', fill(path, values)),
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError
    ? error
    : new ApiError(0, 'client', error instanceof Error ? error.message : '发生未知错误，请刷新页面后重试。')
}
