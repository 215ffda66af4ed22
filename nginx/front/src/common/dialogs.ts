// SPDX-License-Identifier: Apache-2.0
// How messages and questions look. A page loads this file when a person begins to use it (notify.ts).
// Element Plus's styles of what is called, not written in a template, must be imported by hand.
import { ElMessage } from 'element-plus/es/components/message/index.mjs'
import { ElMessageBox } from 'element-plus/es/components/message-box/index.mjs'
import 'element-plus/theme-chalk/el-message.css'
import 'element-plus/theme-chalk/el-message-box.css'
import 'element-plus/theme-chalk/el-overlay.css'
import 'element-plus/theme-chalk/el-button.css'
import { h } from 'vue'
import type { ApiError } from './http'

export const toast = (message: string) => ElMessage({ message, type: 'success', duration: 3000 })
export const complain = (message: string) => ElMessage({ message, type: 'error', duration: 6000, showClose: true, grouping: true })

export async function ask(text: string, title: string, yes: string): Promise<boolean> {
  try {
    await ElMessageBox.confirm(text, title, { confirmButtonText: yes, cancelButtonText: '取消', closeOnClickModal: false })
    return true
  } catch {
    return false
  }
}

/** What has changed in an order since the page read it. */
export async function tellChanges(error: ApiError): Promise<void> {
  const list = error.changed.map((one) => h('li', one.text))
  const message = list.length
    ? h('div', { class: 'changes' }, [
        h('p', '您打开页面之后，这份业务单有了变化：'),
        h('ul', list),
        h('p', '页面已更新，刚才的操作没有执行，请核对后再继续。'),
      ])
    : `${error.message} 页面已更新为最新内容。`
  await ElMessageBox.alert(message, list.length ? '业务单有变化' : '请核对最新内容', {
    confirmButtonText: '知道了',
    closeOnClickModal: false,
  }).catch(() => {})
}
