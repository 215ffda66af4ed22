// SPDX-License-Identifier: Apache-2.0
// Finding a sheet of paper in a photo, and straightening it. Pure arithmetic: pictures are arrays of bytes, so that it is tested
// without a browser (tests/browser/geometry.test.mjs).

export type Point = { x: number; y: number }
/** Four corners: top left, top right, bottom right, bottom left, as the sheet lies in the picture. */
export type Quad = [Point, Point, Point, Point]
/** Four bytes for each dot, like ImageData. */
export type Pixels = { width: number; height: number; data: Uint8ClampedArray }
type Line = { angle: number; rho: number; votes: number }

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y)

// ---- edges ----

function grey({ width, height, data }: Pixels): Float32Array {
  const out = new Float32Array(width * height)
  for (let i = 0; i < out.length; i++) out[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]
  return out
}

/** The mean of 5 by 5 dots, so that print and grain do not look like edges. */
function blur(g: Float32Array, width: number, height: number): Float32Array {
  const radius = 2
  const pass = (from: Float32Array, step: number, across: number, n: number, lines: number) => {
    const out = new Float32Array(from.length)
    for (let line = 0; line < lines; line++)
      for (let i = 0; i < n; i++) {
        let sum = 0
        for (let k = -radius; k <= radius; k++) sum += from[line * across + Math.min(n - 1, Math.max(0, i + k)) * step]
        out[line * across + i * step] = sum / (2 * radius + 1)
      }
    return out
  }
  return pass(pass(g, 1, width, width, height), width, 1, height, width)
}

type Edges = { width: number; height: number; on: Uint8Array; angle: Float32Array }

/** The dots where brightness changes most, and in which direction. */
function edgesOf(picture: Pixels): Edges {
  const { width, height } = picture
  const g = blur(grey(picture), width, height)
  const size = new Float32Array(width * height)
  const angle = new Float32Array(width * height)
  let sum = 0
  let squares = 0
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const at = (dx: number, dy: number) => g[(y + dy) * width + x + dx]
      const gx = at(1, -1) + 2 * at(1, 0) + at(1, 1) - at(-1, -1) - 2 * at(-1, 0) - at(-1, 1)
      const gy = at(-1, 1) + 2 * at(0, 1) + at(1, 1) - at(-1, -1) - 2 * at(0, -1) - at(1, -1)
      const i = y * width + x
      size[i] = Math.hypot(gx, gy)
      angle[i] = Math.atan2(gy, gx)
      sum += size[i]
      squares += size[i] ** 2
    }
  const mean = sum / size.length
  const least = Math.max(16, mean + Math.sqrt(Math.max(0, squares / size.length - mean ** 2)) * 0.8)
  return { width, height, on: Uint8Array.from(size, (s) => (s > least ? 1 : 0)), angle }
}

// ---- lines ----

const TURNS = 120 // angles in half a circle
const STEP = 2 // dots

/** The strongest lines (Hough), no two of which are nearly the same. A dot votes only for lines that run along its edge. */
function linesOf({ width, height, on, angle }: Edges, most: number): Line[] {
  const reach = Math.ceil(Math.hypot(width, height) / STEP)
  const votes = new Uint32Array(TURNS * (2 * reach + 1))
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x
      if (!on[i]) continue
      const middle = Math.round((angle[i] / Math.PI) * TURNS)
      for (let k = -4; k <= 4; k++) {
        const turn = (((middle + k) % TURNS) + TURNS) % TURNS
        const a = (turn * Math.PI) / TURNS
        votes[turn * (2 * reach + 1) + Math.round((x * Math.cos(a) + y * Math.sin(a)) / STEP) + reach]++
      }
    }
  const found = [...votes.keys()].filter((i) => votes[i] > Math.min(width, height) * 0.15).sort((a, b) => votes[b] - votes[a])
  const lines: Line[] = []
  for (const i of found) {
    const line = {
      angle: (Math.floor(i / (2 * reach + 1)) * Math.PI) / TURNS,
      rho: ((i % (2 * reach + 1)) - reach) * STEP,
      votes: votes[i],
    }
    if (lines.every((other) => !alike(line, other))) lines.push(line)
    if (lines.length === most) break
  }
  return lines
}

function alike(a: Line, b: Line): boolean {
  const turned = Math.abs(a.angle - b.angle)
  const near = Math.min(turned, Math.PI - turned)
  const rho = turned > Math.PI / 2 ? a.rho + b.rho : a.rho - b.rho
  return near < 0.12 && Math.abs(rho) < 10
}

function crossing(a: Line, b: Line): Point | null {
  const det = Math.cos(a.angle) * Math.sin(b.angle) - Math.sin(a.angle) * Math.cos(b.angle)
  if (Math.abs(det) < 0.3) return null // nearly parallel
  return {
    x: (a.rho * Math.sin(b.angle) - b.rho * Math.sin(a.angle)) / det,
    y: (b.rho * Math.cos(a.angle) - a.rho * Math.cos(b.angle)) / det,
  }
}

// ---- the sheet ----

/** How much of the side has an edge beneath it, 0 to 1. */
function support({ width, height, on }: Edges, a: Point, b: Point): number {
  const n = Math.max(8, Math.round(distance(a, b) / 2))
  let hits = 0
  for (let i = 0; i <= n; i++) {
    const x = Math.round(a.x + ((b.x - a.x) * i) / n)
    const y = Math.round(a.y + ((b.y - a.y) * i) / n)
    search: for (let dy = -2; dy <= 2; dy++)
      for (let dx = -2; dx <= 2; dx++)
        if (x + dx >= 0 && y + dy >= 0 && x + dx < width && y + dy < height && on[(y + dy) * width + x + dx]) {
          hits++
          break search
        }
  }
  return hits / (n + 1)
}

export function areaOf(quad: Quad): number {
  return Math.abs(quad.reduce((sum, p, i) => sum + p.x * quad[(i + 1) % 4].y - quad[(i + 1) % 4].x * p.y, 0)) / 2
}

/** Whether the corners go round, always turning the same way. */
export function isConvex(quad: Quad): boolean {
  const turns = quad.map((p, i) => {
    const q = quad[(i + 1) % 4]
    const r = quad[(i + 2) % 4]
    return (q.x - p.x) * (r.y - q.y) - (q.y - p.y) * (r.x - q.x)
  })
  return turns.every((t) => t > 0) || turns.every((t) => t < 0)
}

/** The corners in the order of Quad. */
export function inOrder(corners: Point[]): Quad {
  const x = corners.reduce((sum, p) => sum + p.x, 0) / 4
  const y = corners.reduce((sum, p) => sum + p.y, 0) / 4
  const round = [...corners].sort((a, b) => Math.atan2(a.y - y, a.x - x) - Math.atan2(b.y - y, b.x - x))
  const first = round.reduce((best, p, i) => (p.x + p.y < round[best].x + round[best].y ? i : best), 0)
  return [0, 1, 2, 3].map((i) => round[(first + i) % 4]) as Quad
}

/** The sheet in a picture of a few hundred dots: the largest quadrilateral whose sides are edges. Null when there is none. */
export function findSheet(picture: Pixels): Quad | null {
  const { width, height } = picture
  const edges = edgesOf(picture)
  const lines = linesOf(edges, 18)
  const inside = (p: Point | null): p is Point => p !== null && p.x > -3 && p.y > -3 && p.x < width + 3 && p.y < height + 3
  let best: Quad | null = null
  let score = 0
  for (let a = 0; a < lines.length; a++)
    for (let b = a + 1; b < lines.length; b++)
      for (let c = 0; c < lines.length; c++)
        for (let d = c + 1; d < lines.length; d++) {
          if (c === a || c === b || d === a || d === b || c < a) continue
          const corners = [
            crossing(lines[a], lines[c]),
            crossing(lines[a], lines[d]),
            crossing(lines[b], lines[d]),
            crossing(lines[b], lines[c]),
          ]
          if (!corners.every(inside)) continue
          const quad = inOrder(corners as Point[])
          const share = areaOf(quad) / (width * height)
          if (share < 0.12 || share <= score || !isConvex(quad)) continue
          const sides = quad.map((p, i) => support(edges, p, quad[(i + 1) % 4]))
          const rating = share * Math.min(...sides)
          if (Math.min(...sides) < 0.75 || rating <= score) continue
          score = rating
          best = quad
        }
  return best
}

// ---- straightening ----

/** The eight numbers (and a 1) that take each corner of `from` to that of `to`; null when three corners are in a line. */
export function homography(from: Quad, to: Quad): number[] | null {
  const rows: number[][] = []
  from.forEach(({ x, y }, i) => {
    const { x: u, y: v } = to[i]
    rows.push([x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v])
  })
  for (let i = 0; i < 8; i++) {
    const pivot = rows.slice(i).reduce((best, row, k) => (Math.abs(row[i]) > Math.abs(rows[best][i]) ? i + k : best), i)
    ;[rows[i], rows[pivot]] = [rows[pivot], rows[i]]
    if (Math.abs(rows[i][i]) < 1e-9) return null
    for (let k = 0; k < 8; k++) {
      if (k === i) continue
      const factor = rows[k][i] / rows[i][i]
      for (let j = i; j < 9; j++) rows[k][j] -= factor * rows[i][j]
    }
  }
  return [...rows.map((row, i) => row[8] / row[i]), 1]
}

export function mapped(h: number[], { x, y }: Point): Point {
  const w = h[6] * x + h[7] * y + h[8]
  return { x: (h[0] * x + h[1] * y + h[2]) / w, y: (h[3] * x + h[4] * y + h[5]) / w }
}

/** Width and height of the straightened sheet: the longer of opposite sides, at most `most` dots. */
export function sizeOf(quad: Quad, most: number): { width: number; height: number } {
  const width = Math.max(distance(quad[0], quad[1]), distance(quad[3], quad[2]))
  const height = Math.max(distance(quad[0], quad[3]), distance(quad[1], quad[2]))
  const scale = Math.min(1, most / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** What is within the corners, as a rectangle of that size; null when the corners make no area. */
export function straighten(picture: Pixels, quad: Quad, { width, height }: { width: number; height: number }): Pixels | null {
  const target: Quad = [
    { x: 0, y: 0 },
    { x: width, y: 0 },
    { x: width, y: height },
    { x: 0, y: height },
  ]
  const h = homography(target, quad)
  if (!h) return null
  const { data } = picture
  const out = new Uint8ClampedArray(width * height * 4)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = mapped(h, { x: x + 0.5, y: y + 0.5 })
      const fx = Math.min(picture.width - 1, Math.max(0, from.x - 0.5))
      const fy = Math.min(picture.height - 1, Math.max(0, from.y - 0.5))
      const x0 = Math.floor(fx)
      const y0 = Math.floor(fy)
      const right = x0 + 1 < picture.width ? 4 : 0
      const below = y0 + 1 < picture.height ? 4 * picture.width : 0
      const i = 4 * (y0 * picture.width + x0)
      const dx = fx - x0
      const dy = fy - y0
      for (let k = 0; k < 3; k++) {
        const top = data[i + k] * (1 - dx) + data[i + right + k] * dx
        const bottom = data[i + below + k] * (1 - dx) + data[i + below + right + k] * dx
        out[4 * (y * width + x) + k] = top * (1 - dy) + bottom * dy
      }
      out[4 * (y * width + x) + 3] = 255
    }
  return { width, height, data: out }
}
