/* SPDX-License-Identifier: Apache-2.0
 * The receipt of an order, which its applicant downloads: the form is in core/order/receipt.h. */
#include "modules/orders/orders.h"

#include "core/order/receipt_reply.h"

enum ch_err orders_receipt(struct ch_req *r)
{
    struct ch_rows rows;

    enum ch_err e = ch_run_row(r, CH_CALL(&orders_receipt_rows, ch_p_text(ch_var(r, "id"))), &rows);
    return e == CH_OK ? ch_receipt_reply(r, &rows) : e;
}
