// SPDX-License-Identifier: Apache-2.0
// Messages and questions. Their styles must be imported by hand, which is done here, so that no page can forget it.
import { ElMessage, ElMessageBox } from 'element-plus'
import 'element-plus/theme-chalk/el-message.css'
import 'element-plus/theme-chalk/el-message-box.css'
import 'element-plus/theme-chalk/el-overlay.css'
import 'element-plus/theme-chalk/el-button.css'
import { h } from 'vue'
import { asApiError, type ApiError } from './http'

export const toast = (message: string) => ElMessage({ message, type: 'success', duration: 3000 })
/** What went wrong; for a fault of ours with the beginning of the number under which it stands in the log. */
export function fail(error: unknown) {
  const { message, requestId, status } = asApiError(error)
  ElMessage({
    message: status >= 500 && requestId ? `${message}（编号 ${requestId.slice(0, 8)}）` : message,
    type: 'error',
    duration: 6000,
    showClose: true,
    grouping: true,
  })
}

export async function confirm(text: string, title: string, yes: string): Promise<boolean> {
  try {
    await ElMessageBox.confirm(text, title, { confirmButtonText: yes, cancelButtonText: '取消', closeOnClickModal: false })
    return true
  } catch {
    return false
  }
}

let telling: Promise<void> | null = null
/**
 * Tells that the order has changed since the page read it. First `reload` reads it anew, while what was typed stays. If a second
 * request meets the same conflict meanwhile (a draft that saves itself), the person is not told again.
 */
export function conflict(error: unknown, reload: () => Promise<unknown>): Promise<void> {
  return (telling ??= tell(asApiError(error), reload).finally(() => {
    telling = null
  }))
}
async function tell(error: ApiError, reload: () => Promise<unknown>): Promise<void> {
  try {
    await reload()
  } catch {
    location.reload()
    return
  }
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
