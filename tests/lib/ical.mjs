// SPDX-License-Identifier: Apache-2.0
// A strict reader of calendars, written from RFC 5545 alone: whatever the grammar does not allow is an error.
import assert from 'node:assert/strict'

/** Lines as they were before they were folded (section 3.1). */
function unfold(bytes) {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  assert.ok(text.endsWith('\r\n'), 'the last line ends with CRLF')
  const lines = []
  for (const line of text.slice(0, -2).split('\r\n')) {
    assert.ok(!/[\r\n]/.test(line), 'no bare CR or LF')
    assert.ok(Buffer.byteLength(line) <= 75, `at most 75 octets: ${line}`)
    assert.ok(line.length > 0, 'no empty line')
    if (/^[ \t]/.test(line)) {
      assert.ok(lines.length > 0, 'the first line is no continuation')
      lines[lines.length - 1] += line.slice(1)
    } else lines.push(line)
  }
  return lines
}

const TEXT = /^(?:[^\\;,\p{Cc}]|\\[\\;,nN])*$/u
const isDay = (value) => /^\d{8}$/.test(value) && !Number.isNaN(Date.parse(`${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6)}`))
/** What the value of a property must be, for those that we know. */
const KINDS = {
  VERSION: (v) => v === '2.0', PRODID: (v) => TEXT.test(v), UID: (v) => TEXT.test(v) && v.length > 0, SUMMARY: (v) => TEXT.test(v), DESCRIPTION: (v) => TEXT.test(v),
  DTSTAMP: (v) => /^\d{8}T([01]\d|2[0-3])[0-5]\d[0-5]\dZ$/.test(v), 'DTSTART;VALUE=DATE': isDay, TRANSP: (v) => ['OPAQUE', 'TRANSPARENT'].includes(v),
  CLASS: (v) => ['PUBLIC', 'PRIVATE', 'CONFIDENTIAL'].includes(v), ACTION: (v) => v === 'DISPLAY', TRIGGER: (v) => /^[-+]?P(\d+W|\d+D|(\d+D)?T(\d+H)?(\d+M)?(\d+S)?)$/.test(v) && !v.endsWith('T'),
  'X-WR-CALNAME': (v) => TEXT.test(v),
}
/** What a component must have, and what it may contain. */
const COMPONENTS = {
  VCALENDAR: { needs: ['VERSION', 'PRODID'], has: ['VEVENT'] },
  VEVENT: { needs: ['UID', 'DTSTAMP', 'DTSTART'], has: ['VALARM'] },
  VALARM: { needs: ['ACTION', 'TRIGGER', 'DESCRIPTION'], has: [] },
}

/** The calendar as a tree: { name, props: { SUMMARY: … }, parts: […] }; texts are unescaped. */
export function readCalendar(bytes) {
  const open = []
  let calendar
  for (const line of unfold(bytes)) {
    const [, name, value] = line.match(/^([A-Z][A-Z0-9-]*(?:;[A-Z-]+=(?:"[^"]*"|[^";:,]+))*):(.*)$/su) ?? assert.fail(`no content line: ${line}`)
    if (name === 'BEGIN') {
      const above = open.at(-1), part = { name: value, props: {}, parts: [] }
      assert.ok(above ? COMPONENTS[above.name].has.includes(value) : value === 'VCALENDAR' && !calendar, `${value} in its place`)
      above?.parts.push(part)
      calendar ??= part
      open.push(part)
    } else if (name === 'END') {
      const part = open.pop()
      assert.equal(part?.name, value)
      for (const needed of COMPONENTS[value].needs) assert.ok(needed in part.props, `${value} has ${needed}`)
    } else {
      const { props } = open.at(-1) ?? assert.fail('a property outside of everything')
      assert.ok(KINDS[name], `a property that is known: ${name}`)
      assert.ok(KINDS[name](value), `${name} is well-formed: ${value}`)
      const bare = name.split(';')[0]
      assert.ok(!(bare in props), `${bare} once`)
      props[bare] = value.replace(/\\([\\;,nN])/g, (_, c) => (/n/i.test(c) ? '\n' : c))
    }
  }
  assert.equal(open.length, 0, 'everything is ended')
  const ids = calendar.parts.map((part) => part.props.UID)
  assert.equal(new Set(ids).size, ids.length, 'no UID twice')
  return calendar
}
