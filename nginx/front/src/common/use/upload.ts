// SPDX-License-Identifier: Apache-2.0
// Uploading a file, with its progress.
import { onScopeDispose, ref, shallowRef } from 'vue'
import { ApiError, authHeaders, networkError, toApiError } from '../http'

/** Uploads by XMLHttpRequest, since fetch cannot tell how much of a body was sent. */
function send(url: string, file: File, progress: (percent: number) => void, hold: (request: XMLHttpRequest) => void): Promise<void> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest()
    hold(request)
    request.open('PUT', url)
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream')
    request.setRequestHeader('Accept', 'application/json')
    for (const [name, value] of Object.entries(authHeaders('PUT'))) request.setRequestHeader(name, value)
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(Math.round((event.loaded / event.total) * 100))
    }
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) done()
      else fail(toApiError(request.status, request.responseText, (name) => request.getResponseHeader(name)))
    }
    request.onerror = () => fail(networkError())
    request.ontimeout = () => fail(networkError())
    request.onabort = () => fail(new DOMException('aborted', 'AbortError'))
    request.timeout = 120000
    request.send(file)
  })
}

/** The upload of a file: its state and progress, and the file itself, in case it has to be sent again. */
export function useUpload(prepare: (file: File) => Promise<File>, url: (file: File) => string, done: () => Promise<void> | void) {
  const state = ref<'idle' | 'preparing' | 'sending' | 'failed'>('idle')
  const percent = ref(0)
  const error = ref('')
  const last = shallowRef<File | null>(null)
  let request: XMLHttpRequest | null = null

  async function start(file: File) {
    last.value = file
    error.value = ''
    percent.value = 0
    state.value = 'preparing'
    try {
      const ready = await prepare(file)
      state.value = 'sending'
      await send(
        url(ready),
        ready,
        (value) => (percent.value = value),
        (made) => (request = made),
      )
      await done()
      state.value = 'idle'
      last.value = null
    } catch (problem) {
      if (problem instanceof DOMException && problem.name === 'AbortError') {
        state.value = 'idle'
        return
      }
      state.value = 'failed'
      error.value = problem instanceof Error ? problem.message : '上传失败，请重试。'
      // The same file is worth another try only if the network or the server failed.
      const passing = problem instanceof ApiError && (problem.network || problem.status >= 500 || problem.status === 429)
      if (!passing) last.value = null
    }
  }
  const retry = () => {
    if (last.value) void start(last.value)
  }
  const cancel = () => request?.abort()
  onScopeDispose(cancel)
  return { state, percent, error, last, start, retry, cancel }
}
