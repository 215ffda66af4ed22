// SPDX-License-Identifier: Apache-2.0
// The arithmetic behind the camera's page, on pictures that are drawn here: the sheet is found, and comes out straight.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'

const front = new URL('../../nginx/front/', import.meta.url)
const ts = createRequire(new URL('package.json', front))('typescript')
const source = readFileSync(new URL('src/camera/geometry.ts', front), 'utf8')
const { outputText } = ts.transpileModule(source, { compilerOptions: { target: 'ES2021', module: 'ESNext' } })
const { areaOf, findSheet, homography, inOrder, isConvex, mapped, sizeOf, straighten } = await import(`data:text/javascript;base64,${Buffer.from(outputText).toString('base64')}`)

const quad = (...xy) => [0, 1, 2, 3].map((i) => ({ x: xy[2 * i], y: xy[2 * i + 1] }))
const square = (n) => quad(0, 0, n, 0, n, n, 0, n)

/** A table with a sheet on it; `paint` tells the brightness at a place of the sheet, 0 to 1 in both directions. */
function photo(width, height, sheet, { paint = () => 235, table = 70, grain = 12 } = {}) {
  const data = new Uint8ClampedArray(width * height * 4), back = sheet && homography(sheet, square(1))
  let seed = 7
  const noise = () => ((seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648 - 0.5) * grain
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const on = back && mapped(back, { x: x + 0.5, y: y + 0.5 })
      const grey = (on && on.x >= 0 && on.y >= 0 && on.x <= 1 && on.y <= 1 ? paint(on.x, on.y) : table + (x / width) * 20) + noise()
      data.set([grey, grey, grey, 255], 4 * (y * width + x))
    }
  return { width, height, data }
}
/** A printed form: a table of lines, and rows of text. */
const form = (u, v) => (u > 0.1 && u < 0.9 && v > 0.15 && v < 0.85 && ((v * 20) % 1 < 0.08 || ((v * 20) % 1 > 0.4 && (v * 20) % 1 < 0.7 && (u * 50) % 1 < 0.5)) ? 60 : 235)

const near = (found, wanted, within) => {
  assert.ok(found, 'a sheet is found')
  found.forEach((p, i) => assert.ok(Math.hypot(p.x - wanted[i].x, p.y - wanted[i].y) <= within, `corner ${i}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`))
}

for (const [what, sheet, more] of [
  ['straight', quad(60, 40, 240, 40, 240, 300, 60, 300)],
  ['turned', quad(90, 30, 260, 70, 210, 320, 40, 280)],
  ['in perspective', quad(90, 60, 220, 66, 270, 310, 34, 300)],
  ['on a bright table', quad(60, 40, 240, 50, 236, 300, 56, 290), { table: 175 }],
  ['with grain', quad(60, 40, 240, 50, 236, 300, 56, 290), { grain: 60 }],
  ['a printed form', quad(50, 30, 250, 40, 246, 318, 44, 306), { paint: form }],
  ['darker than the table', quad(60, 40, 240, 50, 236, 300, 56, 290), { paint: () => 60, table: 200 }],
])
  test(`the corners of a sheet, ${what}`, () => near(findSheet(photo(300, 340, sheet, more)), sheet, 5))

test('an ID card that is a fifth of the picture', () => near(findSheet(photo(320, 240, quad(90, 70, 230, 74, 228, 164, 88, 160))), quad(90, 70, 230, 74, 228, 164, 88, 160), 5))

test('no sheet: an empty table, grain, a sheet of which only a corner is seen', () => {
  assert.equal(findSheet(photo(300, 340, null)), null)
  assert.equal(findSheet(photo(300, 340, null, { grain: 120 })), null)
  assert.equal(findSheet(photo(300, 340, quad(-400, -400, 80, -400, 80, 60, -400, 60))), null)
})

test('a homography takes corners to corners and lines to lines', () => {
  const from = quad(3, 5, 97, 11, 88, 140, 9, 122), to = quad(0, 0, 210, 0, 210, 297, 0, 297), h = homography(from, to)
  from.forEach((p, i) => { const at = mapped(h, p); assert.ok(Math.hypot(at.x - to[i].x, at.y - to[i].y) < 1e-6) })
  const [a, b, c] = [0.2, 0.5, 0.9].map((t) => mapped(h, { x: from[0].x + (from[1].x - from[0].x) * t, y: from[0].y + (from[1].y - from[0].y) * t }))
  assert.ok(Math.abs((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)) < 1e-6)
  assert.equal(homography(quad(0, 0, 1, 1, 2, 2, 3, 3), to), null, 'corners in a line')
})

test('what was drawn in perspective comes out straight', () => {
  const board = (u, v) => ((Math.floor(u * 4) + Math.floor(v * 6)) % 2 ? 220 : 40), sheet = quad(90, 60, 220, 66, 270, 310, 34, 300)
  const flat = straighten(photo(300, 340, sheet, { paint: board, grain: 0 }), sheet, { width: 160, height: 240 })
  for (let row = 0; row < 6; row++)
    for (let column = 0; column < 4; column++) {
      const grey = flat.data[4 * ((row * 40 + 20) * 160 + column * 40 + 20)]
      assert.ok(Math.abs(grey - board((column + 0.5) / 4, (row + 0.5) / 6)) < 6, `${row} ${column}: ${grey}`)
    }
  assert.equal(straighten(photo(10, 10, null), quad(0, 0, 1, 1, 2, 2, 3, 3), { width: 5, height: 5 }), null)
})

test('corners in any order, area, turns, size', () => {
  const q = quad(10, 10, 110, 20, 100, 160, 5, 150)
  for (const order of [[0, 1, 2, 3], [2, 0, 3, 1], [3, 2, 1, 0]]) assert.deepEqual(inOrder(order.map((i) => q[i])), q)
  assert.equal(areaOf(square(10)), 100)
  assert.equal(isConvex(q), true)
  assert.equal(isConvex(quad(0, 0, 10, 0, 2, 2, 0, 10)), false, 'a dent')
  assert.equal(isConvex(quad(0, 0, 10, 10, 10, 0, 0, 10)), false, 'crossed sides')
  assert.deepEqual(sizeOf(square(100), 2000), { width: 100, height: 100 })
  assert.deepEqual(sizeOf(quad(0, 0, 3000, 0, 3000, 4000, 0, 4000), 2000), { width: 1500, height: 2000 })
})
