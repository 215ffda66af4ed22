// SPDX-License-Identifier: Apache-2.0
// The one way to the API: JSON in and out, problem+json made into ApiError, the CSRF header or bearer token added.
import type { Change, FieldError, Problem } from './api'

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
  get network() { return this.code === 'network' }
}

export const credentials: { csrf: string | null; bearer: string | null } = { csrf: null, bearer: null }

let whenLoggedOut: (() => void) | null = null
/** An expired session may show up at any call; the app says once what to do then. */
export function onLoggedOut(handler: () => void) { whenLoggedOut = handler }

export interface CallOptions { body?: unknown; signal?: AbortSignal; keepalive?: boolean; quiet?: boolean }

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

/** The page is being left: what that cuts off is no failure that anybody should read about. */
let leaving = false
window.addEventListener('beforeunload', () => {
  leaving = true
  setTimeout(() => { leaving = false }, 5000) // a download begins the same way, and leaves nothing
})

export function networkError() {
  return new ApiError(0, 'network', '网络连接中断，请检查网络后重试。')
}

export function toApiError(status: number, text: string, header: (name: string) => string | null): ApiError {
  let problem: Partial<Problem> = {}
  try { problem = JSON.parse(text) as Problem } catch { /* a proxy's HTML page: the status alone must do */ }
  const message = problem.detail || problem.title || fallback[status] || '系统繁忙，请稍后重试。'
  return new ApiError(status, problem.code ?? String(status), message, problem.errors ?? [],
    Number(header('Retry-After')) || 0, problem.request_id ?? header('X-Request-Id') ?? '', problem.changed ?? [])
}

export function authHeaders(method: string): Record<string, string> {
  const headers: Record<string, string> = {}
  if (credentials.bearer) headers.Authorization = `Bearer ${credentials.bearer}`
  if (method !== 'GET' && credentials.csrf) headers['X-CSRF-Token'] = credentials.csrf
  return headers
}

async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const headers = { Accept: 'application/json', ...authHeaders(method) }
  let body: BodyInit | undefined
  if (options.body instanceof Blob) {
    body = options.body
    Object.assign(headers, { 'Content-Type': options.body.type || 'application/octet-stream' })
  } else if (options.body !== undefined) {
    body = JSON.stringify(options.body)
    Object.assign(headers, { 'Content-Type': 'application/json' })
  }
  let response: Response
  let text: string
  try {
    response = await fetch(path, { method, headers, body, credentials: 'same-origin', signal: options.signal, keepalive: options.keepalive })
    text = await response.text()
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    if (leaving) await new Promise<never>(() => {})
    throw networkError()
  }
  if (!response.ok) {
    const error = toApiError(response.status, text, (name) => response.headers.get(name))
    if (response.status === 401 && !options.quiet) whenLoggedOut?.()
    throw error
  }
  if (!text) return undefined as T
  try { return JSON.parse(text) as T } catch { throw new ApiError(response.status, 'malformed', '服务器返回的内容无法识别，请稍后重试。') }
}

export const http = {
  get: <T>(path: string, options?: CallOptions) => call<T>('GET', path, options),
  post: <T>(path: string, body?: unknown, options?: CallOptions) => call<T>('POST', path, { ...options, body }),
  put: <T>(path: string, body: unknown, options?: CallOptions) => call<T>('PUT', path, { ...options, body }),
  del: (path: string) => call<void>('DELETE', path),
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, 'client', error instanceof Error ? error.message : '发生未知错误，请刷新页面后重试。')
}
