// SPDX-License-Identifier: Apache-2.0
// Opening branches of banks, which people search for by words.
import { http } from '../http'
import type { BankAnswer } from '../api'

const names = new Map<string, string>()

export async function findBanks(slug: string, words: string): Promise<BankAnswer> {
  const answer = await http.get('/{slug}/api/finauth/banks', { slug, q: words })
  for (const bank of answer.banks) names.set(bank.cnaps, bank.name)
  return answer
}

/** Cuts a name where the words of the search begin and end, so that they can be shown strong. */
export function marked(name: string, words: string[]): { text: string; hit: boolean }[] {
  const hit = new Array<boolean>(name.length).fill(false)
  for (const word of words) for (let at = name.indexOf(word); at >= 0; at = name.indexOf(word, at + 1)) hit.fill(true, at, at + word.length)
  const parts: { text: string; hit: boolean }[] = []
  for (const [at, letter] of [...name].entries()) {
    const last = parts[parts.length - 1]
    if (last && last.hit === hit[at]) last.text += letter
    else parts.push({ text: letter, hit: hit[at] })
  }
  return parts
}

/** The stored value is the 12-digit CNAPS code; the same search finds the branch of a code. */
export async function branchName(slug: string, cnaps: string): Promise<string | null> {
  if (!names.has(cnaps)) await findBanks(slug, cnaps)
  return names.get(cnaps) ?? null
}
