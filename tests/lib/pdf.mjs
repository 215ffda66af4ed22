// SPDX-License-Identifier: Apache-2.0
// The sheets of a paper that the hall draws.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'

/** The words of each page, and how far down they reach, in points; A4 has 842. */
export const pagesOf = (pdf) => execFileSync('pdftotext', ['-bbox', '-', '-'], { input: pdf, encoding: 'utf8' }).split('<page').slice(1)
  .map((page) => {
    const all = [...page.matchAll(/yMax="([\d.]+)">([^<]*)</g)]
    return { words: all.map(([, , word]) => word).join(''), bottom: Math.max(...all.map(([, y]) => Number(y))) }
  })
/** The paper is one sheet, and keeps within its margins. */
export function oneSheet(pdf, what) {
  const [first, ...more] = pagesOf(pdf)
  assert.deepEqual(more, [], `${what}: one sheet`)
  assert.ok(first.bottom < 842 - 34, `${what}: within the margin, ${first.bottom}`)
}
