// SPDX-License-Identifier: Apache-2.0
// Electronic seals: what module sealpicture and the back office say about them.
import type { Page, Tone } from './api'

export type SealPictureStyle = 'generated' | 'scan'
export type SealState = 'making' | 'valid' | 'suspended' | 'expired' | 'withdrawn'
export interface Seal {
  id: string; es_id: string; order_id: string; order_number: string; item: number; subject: string; kind: 'unit' | 'person'; style: SealPictureStyle
  width: number; height: number; state: SealState; certificate: string; maker: string | null; made_at: string | null
  valid_from: string; valid_to: string; filing_no: string | null; reason: string | null; withdrawn_at: string | null
}
/** One certificate of an order, which has a seal of its own. */
export interface SealPictureItem { item: number; name: string; subject: string; seal_name: string | null; accepted: boolean }
export interface SealPictureState {
  wanted: boolean; item: number; items: SealPictureItem[]; kind: 'unit' | 'person'; open: boolean; styles: SealPictureStyle[]; style: SealPictureStyle | null; undone: boolean
  accepted: { style: SealPictureStyle; kind: string; width: number; height: number; sm3: string; svg: boolean; accepted_at: string } | null
  seal: Seal | null
}
export interface SealPicture { style: SealPictureStyle; kind: 'unit' | 'person'; width: number; height: number; sm3: string; png: string }
export type SealPage = Page<Seal>

export const kindName: Record<Seal['kind'], string> = { unit: '法定名称章', person: '个人名章' }
export const sealLook: Record<SealState, { tone: Tone; text: string }> = {
  making: { tone: 'info', text: '制作中' },
  valid: { tone: 'success', text: '有效' },
  suspended: { tone: 'warning', text: '已暂停' },
  expired: { tone: 'warning', text: '已到期' },
  withdrawn: { tone: 'danger', text: '已注销' },
}
