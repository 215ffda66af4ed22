// SPDX-License-Identifier: Apache-2.0
// Element Plus' programmatic pieces need their styles by hand; kept in one place so that no page forgets them.
import { ElMessage, ElMessageBox } from 'element-plus'
import 'element-plus/theme-chalk/el-message.css'
import 'element-plus/theme-chalk/el-message-box.css'
import 'element-plus/theme-chalk/el-overlay.css'
import 'element-plus/theme-chalk/el-button.css'
import { asApiError } from './http'

export const toast = (message: string) => ElMessage({ message, type: 'success', duration: 3000 })
export function fail(error: unknown) {
  const { message, requestId } = asApiError(error)
  ElMessage({ message: requestId ? `${message}（编号 ${requestId}）` : message, type: 'error', duration: 6000, showClose: true, grouping: true })
}

export async function confirm(text: string, title: string, yes: string): Promise<boolean> {
  try {
    await ElMessageBox.confirm(text, title, { confirmButtonText: yes, cancelButtonText: '取消', closeOnClickModal: false })
    return true
  } catch {
    return false
  }
}

/** The order was changed elsewhere, or is no longer where this screen believes: nothing here can be saved any more. */
export async function conflict(error: unknown): Promise<void> {
  const text = `${asApiError(error).message} 这份业务单可能已在另一个窗口或设备上修改，为避免互相覆盖，请重新载入最新内容后再继续。`
  try {
    await ElMessageBox.alert(text, '内容已在别处更新', {
      confirmButtonText: '重新载入', showClose: false, closeOnClickModal: false, closeOnPressEscape: false,
    })
  } finally {
    location.reload()
  }
}
