// SPDX-License-Identifier: Apache-2.0
// What of the pages travels in one file, so that a first visit needs few requests (tests/browser/weight.test.mjs counts them): what hall
// and back office both begin with, the rest of the hall's beginning, what log-in and form have in common, and the rest of each. Everything else is split by the
// pages that use it.
import { resolve } from 'node:path'

/** What Rollup tells of a module: those that it imports, without those that it loads later. */
type Modules = (id: string) => { importedIds: readonly string[] } | null

let groups: Record<string, Set<string>> | undefined

function grouped(modules: Modules) {
  const reached = (...from: string[]) => {
    const seen = new Set<string>()
    const open = from.map((file) => resolve(__dirname, 'src', file))
    for (let id = open.pop(); id; id = open.pop()) {
      if (seen.has(id)) continue
      seen.add(id)
      open.push(...(modules(id)?.importedIds ?? []))
    }
    return seen
  }
  const main = resolve(__dirname, 'src/hall/main.ts')
  const hall = reached('hall/main.ts')
  hall.delete(main) // whoever loads a file of the others must not start the hall
  const form = reached('hall/pages/OrderLayout.vue', 'hall/steps/FormStep.vue')
  const both = (a: Set<string>, b: Set<string>) => new Set([...a].filter((id) => b.has(id)))
  const login = reached('hall/pages/LoginPage.vue')
  const fields = both(reached('hall/pages/LoginPage.vue', 'hall/parts/LoginWays.vue'), form)
  return { core: both(hall, reached('desk/main.ts', 'phone/main.ts')), hall, fields, login, form }
}

/** The file that a module travels in, the first that has it; undefined leaves it to Rollup. */
export function chunkOf(id: string, { getModuleInfo }: { getModuleInfo: Modules }) {
  groups ??= grouped(getModuleInfo)
  return Object.keys(groups).find((name) => groups![name].has(id))
}
