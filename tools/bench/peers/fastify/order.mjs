// SPDX-License-Identifier: Apache-2.0
// The order as the module answers with it, from the rows of its statements (rows[statement][row]). What core/hall/order.c does.
import { unseal } from './seal.mjs'

export function order(rows, id) {
  const [row] = rows.hall_order_view
  return { ...JSON.parse(row.out), form: JSON.parse(unseal('order.form', id, row.form)) }
}
