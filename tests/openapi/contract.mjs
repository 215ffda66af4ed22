// SPDX-License-Identifier: Apache-2.0
// docs/openapi.yaml as a judge of answers: `complaints(op, status, type, body)` is a list of what is wrong, empty for an
// answer that is as documented. Other tests may bring their answers here.
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

const rooted = (schema) => JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"hall:/#/components/'))
const fits = (type, pattern) => pattern === type || (pattern.endsWith('/*') && type.startsWith(pattern.slice(0, -1)))

export function complaints(op, status, type, body) {
  const found = operations.find((one) => one.op === op)
  if (!found) return [`${op} is not documented`]
  const answer = resolve(found.operation.responses[status] ?? found.operation.responses.default)
  const plain = (type ?? '').split(';')[0].trim()
  if (answer.content === undefined) return plain === '' ? [] : [`${op} ${status}: no body expected, ${plain} came`]
  const key = Object.keys(answer.content).find((pattern) => fits(plain, pattern))
  if (key === undefined) return [`${op} ${status}: ${plain} is not documented`]
  const { schema } = answer.content[key]
  if (schema === undefined || !/json/.test(plain)) return []
  const check = ajv.compile(rooted(schema))
  return check(body) ? [] : check.errors.map((e) => `${op} ${status}: ${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params)}`)
}
