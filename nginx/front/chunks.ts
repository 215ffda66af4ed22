// SPDX-License-Identifier: Apache-2.0
// What of the pages travels in one file, so that a first visit needs few requests (tests/browser/weight.test.mjs counts them): the
// hall's beginning, what log-in and form have in common, the rest of each, and the page of an order. Everything else is split by the
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
  const both = (a: Set<string>, b: Set<string>) => new Set([...a].filter((id) => b.has(id)))
  const start = reached('hall/main.ts', 'common/use/load.ts') // nearly every page loads something
  const form = reached('hall/pages/OrderLayout.vue', 'hall/steps/FormStep.vue')
  const order = reached('hall/pages/OrderLayout.vue', 'hall/pages/DetailPage.vue')
  const login = reached('hall/pages/LoginPage.vue')
  const fields = both(reached('hall/pages/LoginPage.vue', 'hall/parts/LoginWays.vue'), form)
  // What others may need as well is apart from the hall's own modules, which nobody else may load: they would start the hall.
  const own = (ids: Set<string>) => new Set([...ids].filter((id) => id.includes('/src/hall/')))
  const common = (ids: Set<string>) => new Set([...ids].filter((id) => !id.includes('/src/hall/')))
  return {
    core: common(start),
    hall: new Set([...own(start), ...own(fields)]),
    fields: new Set([...common(fields), ...common(login)]),
    login: own(login),
    controls: common(form),
    form: own(form),
    panels: common(order),
    order: own(order),
  }
}

/** The file that a module travels in, the first that has it; undefined leaves it to Rollup. */
export function chunkOf(id: string, { getModuleInfo }: { getModuleInfo: Modules }) {
  groups ??= grouped(getModuleInfo)
  return Object.keys(groups).find((name) => groups![name].has(id))
}
