/* SPDX-License-Identifier: Apache-2.0
 * The loss report of the account that owns the order: the certificate is put on hold at once, and for one day the account can
 * undo the report. */
#include "modules/orders/orders.h"

#include "core/base/random.h"

static const struct ch_field loss_fields[] = {
    CH_IN_TEXT(struct orders_loss_in, serial, CH_REQUIRED, 16, 40, NULL),
};
const struct ch_input orders_loss_body = CH_INPUT(struct orders_loss_in, loss_fields);

/* Runs an event of the register and answers with the order's certificates as they then are. */
static enum ch_err apply_loss_event(struct ch_req *r, const struct ch_stmt *event)
{
    const struct orders_loss_in *in = r->in;
    const char *id = ch_var(r, "id");
    const struct ch_call calls[] = {
        CH_CALL(event, ch_p_text(ch_uuid7(r->a)), ch_p_text(id), ch_p_text(in->serial)),
        CH_CALL(&orders_loss, ch_p_text(id)),
    };
    struct ch_rows rows[CH_COUNT(calls)];

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    return e == CH_OK ? ch_reply_out(r, 200, &rows[1]) : e;
}

enum ch_err orders_loss_report(struct ch_req *r)
{
    return apply_loss_event(r, &orders_report_loss);
}

enum ch_err orders_loss_undo(struct ch_req *r)
{
    return apply_loss_event(r, &orders_undo_loss);
}
