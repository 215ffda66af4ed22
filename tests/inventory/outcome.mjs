// SPDX-License-Identifier: Apache-2.0
// A reporter of node --test: a line of JSON for each test that ran, and whether an assertion of its own made it fail.
export default async function* outcome(events) {
  for await (const { type, data } of events)
    if (/^test:(pass|fail)$/.test(type) && data.skip === undefined) {
      const { failureType, cause } = data.details?.error ?? {}
      const asserted = failureType === 'testCodeFailure' && cause?.code === 'ERR_ASSERTION'
      yield JSON.stringify({ name: data.name, ok: type === 'test:pass', asserted, message: String(cause?.message ?? cause ?? '') }) + '\n'
    }
}
