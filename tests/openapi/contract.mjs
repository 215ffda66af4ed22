// SPDX-License-Identifier: Apache-2.0
// Checks answers against docs/openapi.yaml: `complaints(op, status, type, body)` is a list of what is wrong, empty for an answer that
// is as documented. Other tests may use it.
import Ajv from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'
import { text } from './tables.mjs'

export const document = parse(text('docs/openapi.yaml'))

const ajv = new Ajv.default({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema({ $id: 'hall:/', components: document.components })

/** Every operation: {op, method, path, operation}. */
export const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).filter(([method]) => ['get', 'put', 'post', 'delete', 'patch'].includes(method))
    .map(([method, operation]) => ({ op: operation.operationId, method: method.toUpperCase(), path, operation })))

export function resolve(node) {
  if (node?.$ref === undefined) return node
  return resolve(node.$ref.slice(2).split('/').reduce((at, name) => at[name], document))
}

const specific = (path) => path.split('/').filter((part) => !part.startsWith('{')).length
const patterns = operations.map(({ op, method, path }) =>
  ({ op, method, specific: specific(path), fits: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`) }))
  .sort((a, b) => b.specific - a.specific)
/** The operation that a request is for, by method and path; undefined for one of the sandbox, a page or a file. */
export const operationOf = (method, path) => patterns.find((one) => one.method === method && one.fits.test(path))?.op

const rooted = (schema) => JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"hall:/#/components/'))
const compiled = new Map()
const fits = (type, pattern) => pattern === type || (pattern.endsWith('/*') && type.startsWith(pattern.slice(0, -1)))

export function complaints(op, status, type, body) {
  const found = operations.find((one) => one.op === op)
  if (!found) return [`${op} is not documented`]
  const answer = resolve(found.operation.responses[status] ?? found.operation.responses.default)
  const plain = (type ?? '').split(';')[0].trim()
  // A 304 has the type of the body that it does not send again.
  if (answer.content === undefined) return plain === '' || status === 304 ? [] : [`${op} ${status}: no body expected, ${plain} came`]
  const key = Object.keys(answer.content).find((pattern) => fits(plain, pattern))
  if (key === undefined) return [`${op} ${status}: ${plain} is not documented`]
  const { schema } = answer.content[key]
  if (schema === undefined || !/json/.test(plain)) return []
  if (!compiled.has(schema)) compiled.set(schema, ajv.compile(rooted(schema)))
  const check = compiled.get(schema)
  return check(body) ? [] : check.errors.map((e) => `${op} ${status}: ${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params)}`)
}
