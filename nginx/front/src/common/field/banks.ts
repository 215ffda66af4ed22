// SPDX-License-Identifier: Apache-2.0
import { http } from '../http'
import type { Bank } from '../api'

const names = new Map<string, string>()

export async function findBanks(slug: string, words: string): Promise<Bank[]> {
  const { banks } = await http.get<{ banks: Bank[] }>(`/${slug}/api/finauth/banks?q=${encodeURIComponent(words)}`)
  for (const bank of banks) names.set(bank.cnaps, bank.name)
  return banks
}

/** The stored value is the 12-digit CNAPS code; the same search finds the branch of a code. */
export async function branchName(slug: string, cnaps: string): Promise<string | null> {
  if (!names.has(cnaps)) await findBanks(slug, cnaps)
  return names.get(cnaps) ?? null
}
