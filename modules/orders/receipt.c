/* SPDX-License-Identifier: Apache-2.0
 * The receipt of an order, which its applicant downloads: the form is in core/order/receipt.h. */
#include "modules/orders/orders.h"

#include "core/order/receipt_write.h"

#include <string.h>

enum ch_err orders_receipt(struct ch_req *r)
{
    struct ch_rows rows, found;
    const char *levels, *ats;

    enum ch_err e = ch_run_row(r, CH_CALL(&orders_receipt_rows, ch_p_text(ch_var(r, "id"))), &rows);
    if (e != CH_OK)
        return e;
    struct ch_receipt_groups *groups = ch_receipt_needs(r->a, &rows, &levels, &ats);
    if (groups == NULL)
        return ch_fail(r, CH_E_INTERNAL, "a leaf is not in the log");
    e = ch_run(r, CH_CALL(&orders_log_groups, ch_p_text(levels), ch_p_text(ats)), &found);
    if (e != CH_OK)
        return e;
    const char *text = ch_receipt_text(groups, &rows, &found);
    if (text == NULL)
        return ch_fail(r, CH_E_UNAVAILABLE, "subtrees of the log are not kept yet");
    return ch_reply_file(r, "application/json", ch_printf(r->a, "receipt-%s.json", ch_col(&rows, 0, "number")),
                         CH_BYTES(text, strlen(text)));
}
