// SPDX-License-Identifier: Apache-2.0
// What a screen reader is told of a page, by the browser's own accessibility tree.

/**
 * What a screen reader would say wrongly or not at all, by the browser's own accessibility tree: two controls of one name that do
 * different things, headings that jump or lack, tables without heads, fields without a name, pages without main.
 */
export async function heard(page) {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Accessibility.enable')
  await cdp.send('DOM.enable')
  await cdp.send('DOM.getDocument')
  const { nodes } = await cdp.send('Accessibility.getFullAXTree')
  const byId = new Map(nodes.map((node) => [node.nodeId, node]))
  const role = (node) => node.role?.value, name = (node) => (node.name?.value ?? '').trim()
  const property = (node, wanted) => node.properties?.find((one) => one.name === wanted)?.value?.value
  const shown = nodes.filter((node) => !node.ignored)
  const above = (node, wanted) => {
    for (let at = byId.get(node.parentId); at; at = byId.get(at.parentId)) if (!at.ignored && wanted(at)) return at
  }
  const wrong = []
  const seen = new Map()
  for (const node of shown.filter((one) => ['link', 'button'].includes(role(one)) && !property(one, 'disabled'))) {
    if (/^Show date picker/.test(name(node))) continue // the browser's own part of a field for a date
    if (!name(node)) { wrong.push(`a ${role(node)} without a name`); continue }
    const frame = above(node, (one) => ['region', 'group', 'dialog', 'form', 'navigation', 'complementary', 'banner', 'contentinfo', 'radiogroup'].includes(role(one)) && (name(one) || ['banner', 'contentinfo'].includes(role(one))))
    const key = `${role(node)} “${name(node)}” in ${frame ? `${role(frame)} “${name(frame)}”` : 'the page'}`
    const target = role(node) === 'link' ? property(node, 'url') : node.nodeId
    if (seen.has(key) && seen.get(key) !== target) wrong.push(`twice: ${key}`)
    seen.set(key, target)
  }
  const heads = shown.filter((one) => role(one) === 'heading')
  const levels = heads.map((one) => property(one, 'level'))
  const modal = shown.some((one) => role(one) === 'dialog')
  if (!modal && levels.filter((level) => level === 1).length !== 1) wrong.push(`${levels.filter((l) => l === 1).length} headings of the first level`)
  levels.forEach((level, n) => { if (n && level > levels[n - 1] + 1) wrong.push(`heading “${name(heads[n])}” jumps from ${levels[n - 1]} to ${level}`) })
  for (const one of heads) if (!name(one)) wrong.push('an empty heading')
  // On a phone the rows of such a table are cards, and what a column is called stands in each cell.
  const cards = await page.locator('table.cards thead').evaluateAll((all) => all.some((one) => getComputedStyle(one).display === 'none' || one.offsetHeight < 2))
  for (const table of shown.filter((one) => !cards && ['table', 'grid'].includes(role(one)))) {
    const inside = (node) => above(node, (one) => one === table)
    if (!shown.some((one) => role(one) === 'columnheader' && inside(one)) && !shown.some((one) => role(one) === 'rowheader' && inside(one))) wrong.push(`table “${name(table)}” without heads`)
    if (!name(table) && !above(table, (one) => role(one) === 'region' && name(one))) wrong.push('a table that nothing names')
  }
  for (const one of shown.filter((node) => ['textbox', 'combobox', 'checkbox', 'radio', 'spinbutton', 'searchbox'].includes(role(node)))) {
    if (!name(one)) wrong.push(`a ${role(one)} without a name`)
    if (property(one, 'invalid') === 'true' && !one.description?.value && !property(one, 'describedby') ) wrong.push(`${role(one)} “${name(one)}” is wrong and does not say why`)
  }
  if (shown.filter((one) => role(one) === 'main').length !== 1) wrong.push('not one main')
  for (const one of shown.filter((node) => role(node) === 'image' && !name(node))) {
    const { nodeId } = await cdp.send('DOM.requestNode', await cdp.send('DOM.resolveNode', { backendNodeId: one.backendDOMNodeId }).then(({ object }) => ({ objectId: object.objectId })))
    const { outerHTML } = await cdp.send('DOM.getOuterHTML', { nodeId })
    if (!/viewBox="0 0 1024 1024"/.test(outerHTML)) wrong.push(`an image without a name: ${outerHTML.slice(0, 80)}`) // the library's arrows
  }
  await cdp.detach()
  return [...new Set(wrong)]
}

/** Lets `listenIn` hear what the pages of that browser say in a closed tree; before the first of them is opened. */
export const openEars = (page) => page.context().addInitScript(() => {
  const attach = Element.prototype.attachShadow
  globalThis.trees = []
  Element.prototype.attachShadow = function (options) {
    const tree = attach.call(this, options)
    globalThis.trees.push(tree)
    return tree
  }
})

/**
 * Begins to note what a screen reader says by itself: what changes in a live region that was there before, and alerts that appear.
 * What it has said is read with `said`.
 */
export const listenIn = (page) => page.evaluate(() => {
  const live = '[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]'
  const trees = [document.body, ...globalThis.trees]
  const known = new WeakSet(trees.flatMap((tree) => [...tree.querySelectorAll(live)]))
  globalThis.said = []
  const say = (element) => { const text = element.textContent.trim(); if (text) globalThis.said.push(text) }
  const watch = new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      const region = (target instanceof Element ? target : target.parentElement)?.closest(live)
      if (region && known.has(region)) say(region)
      else for (const node of addedNodes) if (node instanceof Element) for (const one of [node, ...node.querySelectorAll('*')]) if (one.matches('[role=alert]')) say(one)
    }
    for (const tree of trees) for (const one of tree.querySelectorAll(live)) known.add(one)
  })
  for (const tree of trees) watch.observe(tree, { childList: true, characterData: true, subtree: true })
})

/** Resolves when something with that text was said since `listenIn`. */
export const said = (page, text) => page.waitForFunction((wanted) => globalThis.said.some((one) => one.includes(wanted)), text)
