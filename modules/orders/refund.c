/* SPDX-License-Identifier: Apache-2.0
 * The applicant's request for a refund (申请退费). Its reason is the applicant's own text and is encrypted. The request can be
 * withdrawn until finance has decided. */
#include "modules/orders/orders.h"

#include "core/base/random.h"
#include "core/form/rule.h"
#include "form_sql.h"

#include <string.h>

#define REASON "refund_request.reason" /* place of hall.refund_request.reason (core/crypto/ring.h) */

static const struct ch_field refund_fields[] = {
    CH_IN_INT(struct orders_refund_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_TEXT(struct orders_refund_in, reason, CH_REQUIRED, 2, 500, ch_rule_name),
};
const struct ch_input orders_refund_body = CH_INPUT(struct orders_refund_in, refund_fields);

enum ch_err orders_refund(struct ch_req *r)
{
    const struct orders_refund_in *in = r->in;
    const char *order = ch_var(r, "id"), *id = ch_uuid7(r->a);
    struct ch_bytes reason = ch_encrypt(ch_ring(), r->a, REASON, id, CH_BYTES(in->reason, strlen(in->reason)));
    const struct ch_call call =
        CH_CALL(&orders_refund_ask, ch_p_text(id), ch_p_text(order), ch_p_int(r->a, in->version), ch_p_bytes(reason));
    return ch_order_after(r, 200, order, &call, 1);
}

enum ch_err orders_refund_undo(struct ch_req *r)
{
    return ch_order_event(r, &orders_refund_withdraw);
}
