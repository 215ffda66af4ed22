// SPDX-License-Identifier: Apache-2.0
/** Hands something that the page has to the browser as a file. */
export function saveFile(content: Blob, name: string) {
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(content), download: name })
  link.click()
  URL.revokeObjectURL(link.href)
}
