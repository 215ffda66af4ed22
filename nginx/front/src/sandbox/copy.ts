// SPDX-License-Identifier: Apache-2.0
import { toast } from '../common/notify'

export async function copyText(text: string) {
  try {
    await navigator.clipboard.writeText(text)
    toast('已复制')
  } catch {
    window.prompt('请手动复制', text) // no clipboard on plain http
  }
}
