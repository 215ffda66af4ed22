/* SPDX-License-Identifier: Apache-2.0
 * What the hall has told the applicant about an order: when, by which way, and whether it arrived. What stood in a message
 * went to a telephone or an address and is not shown here. */
#include "modules/orders/orders.h"

enum ch_err orders_messages(struct ch_req *r)
{
    const char *id, *out;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_run_text(r, CH_CALL(&orders_my_messages, ch_p_text(id)), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}
