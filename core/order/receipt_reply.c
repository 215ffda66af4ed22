/* SPDX-License-Identifier: Apache-2.0
 * The download of a receipt: reads the hashes that its proofs need, and sends it. */
#include "core/order/receipt_reply.h"

#include "core/order/receipt_write.h"
#include "receipt_sql.h"

#include <string.h>

enum ch_err ch_receipt_reply(struct ch_req *r, const struct ch_rows *rows)
{
    const char *levels, *ats;
    struct ch_rows found;
    struct ch_receipt_groups *groups = ch_receipt_needs(r->a, rows, &levels, &ats);

    if (groups == NULL)
        return ch_fail(r, CH_E_INTERNAL, "a leaf is not in the log");
    enum ch_err e = ch_run(r, CH_CALL(&receipt_log_groups, ch_p_text(levels), ch_p_text(ats)), &found);
    if (e != CH_OK)
        return e;
    const char *text = ch_receipt_text(groups, rows, &found);
    if (text == NULL)
        return ch_fail(r, CH_E_UNAVAILABLE, "subtrees of the log are not kept yet");
    return ch_reply_file(r, "application/json", ch_printf(r->a, "receipt-%s.json", ch_col(rows, 0, "number")),
                         CH_BYTES(text, strlen(text)));
}
