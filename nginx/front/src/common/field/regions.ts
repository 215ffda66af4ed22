// SPDX-License-Identifier: Apache-2.0
// Administrative divisions, which are read one level at a time and kept during the visit.
import { http } from '../http'
import type { Region } from '../api'

const known = new Map<string, Promise<Region[]>>()

export function regionsOf(parent: string | null): Promise<Region[]> {
  const key = parent ?? ''
  let found = known.get(key)
  if (!found) {
    found = http.get('/hall/api/gate/regions', { parent }).then((answer) => answer.regions)
    found.catch(() => known.delete(key)) // a failed answer must not be kept
    known.set(key, found)
  }
  return found
}

/** The code 440106005 lies in 440106, 4401 and 44 (GB/T 2260 without its trailing zeros, and its extension to towns). */
export function chainOf(code: string): string[] {
  return [...[2, 4, 6].filter((n) => n < code.length).map((n) => code.slice(0, n)), code]
}

/** The names of a code and of everything that it lies in, as far as they are known: 广东省 广州市 天河区 */
export async function regionName(code: string): Promise<string> {
  const names: string[] = []
  let parent: string | null = null
  for (const step of chainOf(code)) {
    const hit: Region | undefined = (await regionsOf(parent)).find((region) => region.code === step)
    if (!hit) continue // counties directly under a province have no city in between
    names.push(hit.name)
    parent = hit.code
  }
  return names.join(' ')
}
