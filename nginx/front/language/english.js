// SPDX-License-Identifier: Apache-2.0
// Builds the pages in English: each text of the sources is replaced by what the catalogue has for it. The pages stand in a folder of
// their own, `en`; nginx serves them to whoever has chosen English.
import { readFileSync } from 'node:fs'
import { reword } from './texts.js'

export function english() {
  const { pages, served } = JSON.parse(readFileSync(new URL('en.json', import.meta.url), 'utf8'))
  const say = (text) => pages[text] || served[text] || undefined
  return [
    {
      name: 'english-texts',
      enforce: 'pre',
      transform: (source, id) => (/\/src\/(?!.*\.gen\.).*\.(ts|vue)$/.test(id) ? { code: reword(source, id, say), map: null } : undefined),
      transformIndexHtml: (html) =>
        html.replace('lang="zh-CN"', 'lang="en"').replace(/(?<=<title>).*(?=<)/, (title) => say(title) ?? title),
    },
    {
      name: 'english-pages',
      enforce: 'post',
      generateBundle(_, files) {
        for (const file of Object.values(files)) if (file.fileName.endsWith('.html')) file.fileName = `en/${file.fileName}`
      },
    },
  ]
}
