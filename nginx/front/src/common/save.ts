// SPDX-License-Identifier: Apache-2.0
import { fileOf } from './http'

/** Has the browser save something as a file. */
export function saveFile(content: Blob, name: string) {
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(content), download: name })
  link.click()
  URL.revokeObjectURL(link.href)
}

/** Fetches a file and saves it, under the server's name for it or another. Unlike a link, it tells the person in words why there is none. */
export async function download(method: 'GET' | 'POST', address: string, called?: string) {
  const { content, name } = await fileOf(method, address)
  saveFile(content, called ?? name)
}
