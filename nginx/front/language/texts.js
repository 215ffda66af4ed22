// SPDX-License-Identifier: Apache-2.0
// Finds the texts for people in the sources of the pages, and puts others in their place. A text is a literal with a Chinese character or
// mark: a string, a template literal, an attribute, or what stands between two tags. What is filled in ({{ name }}, ${name}) is {0}, {1} … in it.
import { parse } from 'vue/compiler-sfc'
import ts from 'typescript'

const CHINESE = /[\p{Script=Han}、，。：；！？（）《》]/u
const ELEMENT = 1,
  TEXT = 2,
  INTERPOLATION = 5,
  ATTRIBUTE = 6,
  DIRECTIVE = 7

const filled = (text, parts) => text.replace(/\{(\d+)\}/g, (all, n) => parts[n] ?? all)

/**
 * The source with each text replaced by `say(text)`, which is asked without the blanks at its ends; where that gives undefined, the text stays. `say` is asked in the order of the
 * source, so that it can also be used to collect.
 */
export function reword(source, file, say) {
  return file.endsWith('.vue') ? rewordPage(source, say) : rewordScript(source, say)
}

/** Puts pieces in place of ranges of the source. */
function splice(source, edits, from = 0, to = source.length) {
  let out = '',
    at = from
  for (const { start, end, text } of edits.sort((a, b) => a.start - b.start)) {
    out += source.slice(at, start) + text
    at = end
  }
  return out + source.slice(at, to)
}

/** In an attribute, a double quote would end the expression. */
const quote = (text) => `'${text.replace(/[\\']/g, '\\$&').replace(/"/g, '\\x22').replace(/\n/g, '\\n')}'`
const template = (text, parts) => '`' + filled(text.replace(/[\\`]|\$\{/g, '\\$&').replace(/"/g, '\\x22'), parts) + '`'

function rewordScript(source, say) {
  const tree = ts.createSourceFile('script.ts', source, ts.ScriptTarget.Latest, true)
  const within = (node) => splice(source, editsOf(node), node.getStart(), node.end)
  function editsOf(top) {
    const edits = []
    const visit = (node) => {
      if (ts.isImportDeclaration(node) || ts.isLiteralTypeNode(node)) return
      if (ts.isStringLiteralLike(node) && CHINESE.test(node.text)) {
        if (ts.isPropertyAssignment(node.parent) && node.parent.name === node) return
        const said = say(node.text.trim())
        if (said !== undefined)
          edits.push({ start: node.getStart(), end: node.end, text: quote(node.text.replace(node.text.trim(), () => said)) })
      } else if (ts.isTemplateExpression(node)) {
        const spans = node.templateSpans
        const text = node.head.text + spans.map((span, n) => `{${n}}${span.literal.text}`).join('')
        const said = CHINESE.test(text) ? say(text.trim()) : undefined
        if (said === undefined) return ts.forEachChild(node, visit)
        const parts = spans.map(({ expression }) => '${' + within(expression) + '}')
        edits.push({
          start: node.getStart(),
          end: node.end,
          text: template(
            text.replace(text.trim(), () => said),
            parts,
          ),
        })
      } else ts.forEachChild(node, visit)
    }
    visit(top)
    return edits
  }
  return splice(source, editsOf(tree))
}

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;')

function rewordPage(source, say) {
  const { descriptor } = parse(source)
  const edits = []
  const script = (from, to) => {
    const text = source.slice(from, to),
      said = rewordScript(text, say)
    if (said !== text) edits.push({ start: from, end: to, text: said })
  }
  /** A run of text and {{ }} between two tags is one text. */
  function run(nodes) {
    const parts = []
    const text = nodes.map((node) => (node.type === TEXT ? node.content : `{${parts.push(node) - 1}}`)).join('')
    const inner = (node) => {
      const { start, end } = node.content.loc
      return `{{ ${rewordScript(source.slice(start.offset, end.offset), say)} }}`
    }
    const said = nodes.some((node) => node.type === TEXT && CHINESE.test(node.content)) ? say(text.trim()) : undefined
    const from = nodes[0].loc.start.offset,
      to = nodes.at(-1).loc.end.offset
    if (said !== undefined)
      edits.push({
        start: from,
        end: to,
        text: filled(
          text.replace(text.trim(), () => escaped(said)),
          parts.map(inner),
        ),
      })
    else for (const { content } of parts) script(content.loc.start.offset, content.loc.end.offset)
  }
  function children(list) {
    let open = []
    const flush = () => {
      if (open.length) run(open)
      open = []
    }
    for (const node of list) {
      if (node.type === TEXT || node.type === INTERPOLATION) open.push(node)
      else {
        flush()
        if (node.type === ELEMENT) element(node)
      }
    }
    flush()
  }
  function element(node) {
    for (const prop of node.props) {
      if (prop.type === DIRECTIVE && prop.exp) script(prop.exp.loc.start.offset, prop.exp.loc.end.offset)
      else if (prop.type === ATTRIBUTE && prop.value && CHINESE.test(prop.value.content)) {
        const said = say(prop.value.content.trim()),
          { start, end } = prop.value.loc
        if (said !== undefined) edits.push({ start: start.offset, end: end.offset, text: `"${escaped(said)}"` })
      }
    }
    children(node.children)
  }
  for (const block of [descriptor.script, descriptor.scriptSetup]) if (block) script(block.loc.start.offset, block.loc.end.offset)
  if (descriptor.template) children(descriptor.template.ast.children)
  return splice(source, edits)
}
