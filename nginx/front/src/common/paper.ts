// SPDX-License-Identifier: Apache-2.0
// How a paper stands, in a word, and whether it takes more.
import type { Paper, Tone } from './api'

const looks: Record<Paper['state'], { tone: Tone; text: string }> = {
  missing: { tone: 'warning', text: '待上传' },
  ok: { tone: 'success', text: '已上传' },
  stale: { tone: 'warning', text: '需重新上传' },
  rejected: { tone: 'danger', text: '审核退回' },
}
/** Uploaded is not yet right: a machine looks at once, and what it doubts is not shown in green. */
export function paperLook({ state, sheets, check }: Paper): { tone: Tone; text: string } {
  if (state !== 'ok') return looks[state]
  if (check?.state === 'queued' || sheets.some(({ quality }) => quality?.state === 'queued')) return { tone: 'info', text: '正在检查' }
  const doubted = sheets.some(({ quality }) => quality?.warnings.length && !quality.kept)
  return doubted || check?.state === 'differs' || check?.state === 'other' ? { tone: 'warning', text: '请核对' } : looks.ok
}

export const takesSeveral = (paper: Paper) => paper.sheets_max > 1
/** Whether it is one file that has all sheets. */
export const isWhole = (paper: Paper) => paper.sheets.some((sheet) => sheet.mime === 'application/pdf')
/** Whether a further sheet may come after those that there are. */
export const hasRoom = (paper: Paper) => takesSeveral(paper) && !isWhole(paper) && paper.sheets.length < paper.sheets_max
