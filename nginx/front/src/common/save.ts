// SPDX-License-Identifier: Apache-2.0
/** Has the browser save something as a file. */
export function saveFile(content: Blob, name: string) {
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(content), download: name })
  link.click()
  URL.revokeObjectURL(link.href)
}
