// SPDX-License-Identifier: Apache-2.0
// Copying a text to the clipboard.
import { toast } from './notify'

export async function copyText(text: string) {
  try {
    await navigator.clipboard.writeText(text)
    toast('已复制')
  } catch {
    window.prompt('请手动复制以下内容', text) // there is no clipboard on plain http
  }
}
