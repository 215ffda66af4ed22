// SPDX-License-Identifier: Apache-2.0
// The project of a request, at most two seconds old, as core/order/project.c keeps it.
const KEPT_MS = 2000
const kept = new Map()

/** `read` asks the database for it. */
export function project(slug, read) {
  const now = performance.now()
  let one = kept.get(slug)
  if (!one || one.until <= now) kept.set(slug, (one = { until: now + KEPT_MS, spec: read() }))
  return one.spec
}
