// SPDX-License-Identifier: Apache-2.0
// The language of the pages. There is a build for each (nginx/front/language): a text in these sources is Chinese, and the English build
// has the catalogue's words in its place. nginx chooses by the cookie.
import zhCn from 'element-plus/es/locale/lang/zh-cn'
import en from 'element-plus/es/locale/lang/en'
import { served } from '../../language/en.json'

export const ENGLISH = __ENGLISH__
export const LOCALE = ENGLISH ? 'en-GB' : 'zh-CN'
/** What the controls of Element Plus say. */
export const controls = ENGLISH ? en : zhCn

export function chooseLanguage(english: boolean) {
  document.cookie = `language=${english ? 'en' : 'zh'}; path=/; max-age=31536000; samesite=lax`
  // Chromium stores a cookie behind the script's back, and the reload may overtake it; reading the cookies waits for that.
  if (document.cookie) location.reload()
}

/** An answer of the server as the page shows it: in English, its words are those of the catalogue. */
export const parseAnswer = <T>(text: string): T => (ENGLISH ? inEnglish(JSON.parse(text)) : JSON.parse(text)) as T

/** What a person has typed, and what goes back to the server as it came. */
const typed = new Set(['form', 'preset', 'value', 'values'])
function inEnglish(answer: unknown): unknown {
  if (typeof answer === 'string') return /\p{Script=Han}/u.test(answer) ? say(answer) : answer
  if (Array.isArray(answer)) return answer.map(inEnglish)
  if (typeof answer !== 'object' || answer === null) return answer
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, typed.has(name) ? value : inEnglish(value)]))
}

const words: Record<string, string> = served
/** The texts with places for words, those with most text of their own first. */
let patterns: { shape: RegExp; english: string }[] | undefined
function say(text: string): string {
  if (words[text]) return words[text]
  patterns ??= Object.entries(words)
    .filter(([chinese]) => /\p{Script=Han}.*\{0\}|\{0\}.*\p{Script=Han}/su.test(chinese))
    .sort(([a], [b]) => b.replace(/\{\d\}/g, '').length - a.replace(/\{\d\}/g, '').length)
    .map(([chinese, english]) => ({
      shape: new RegExp(`^${chinese.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\d\}/g, '(.*?)')}$`, 's'),
      english,
    }))
  for (const { shape, english } of patterns) {
    const parts = shape.exec(text)
    if (parts) return english.replace(/\{(\d)\}/g, (_, n: string) => say(parts[Number(n) + 1]))
  }
  const list = text.split(/(、|；|或)/)
  return list.length > 1 && list.every((word) => words[word] || marks[word] || !/\p{Script=Han}/u.test(word))
    ? list.map((word) => words[word] ?? marks[word] ?? word).join('')
    : text
}
/** What stands between the words of a list. */
const marks: Record<string, string> = { '、': ', ', '；': '; ', 或: ' or ' }
