/* SPDX-License-Identifier: Apache-2.0
 * Refunds that staff ask for: one person asks, another person decides. */
#include "modules/finance/finance.h"

#include "core/base/random.h"
#include "core/form/rule.h"

#include <string.h>

#define REASON "refund_request.reason" /* the place of hall.refund_request.reason (core/crypto/ring.h) */

static const struct ch_field refund_fields[] = {
    CH_IN_INT(struct finance_refund_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_TEXT(struct finance_refund_in, reason, CH_REQUIRED, 2, 500, ch_rule_name),
};
const struct ch_input finance_refund_body = CH_INPUT(struct finance_refund_in, refund_fields);

static const struct ch_field settle_fields[] = {
    CH_IN_TEXT(struct finance_settle_in, reference, CH_REQUIRED, 6, 64, ch_rule_name),
    CH_IN_TEXT(struct finance_settle_in, day, CH_REQUIRED, 10, 10, ch_rule_date),
};
const struct ch_input finance_settle_body = CH_INPUT(struct finance_settle_in, settle_fields);

enum ch_err finance_refund_ask(struct ch_req *r)
{
    const struct finance_refund_in *in = r->in;
    const char *order = ch_var(r, "id"), *id = ch_uuid7(r->a);

    struct ch_bytes reason = ch_encrypt(ch_ring(), r->a, REASON, id, CH_BYTES(in->reason, strlen(in->reason)));
    const struct ch_call event = CH_CALL(&finance_refund_ask_row, ch_p_text(id), ch_p_text(order),
                                         ch_p_int(r->a, in->version), ch_p_bytes(reason));
    return finance_money_reply(r, order, &event);
}

enum ch_err finance_refund_withdraw(struct ch_req *r)
{
    const struct ch_version_in *in = r->in;
    const char *order = ch_var(r, "id");

    const struct ch_call event = CH_CALL(&finance_refund_withdraw_row, ch_p_text(order), ch_p_int(r->a, in->version));
    return finance_money_reply(r, order, &event);
}

/* Decides about a refund. The words of an approval are for finance itself, those of a refusal for the applicant. */
static enum ch_err decide_refund(struct ch_req *r, const struct ch_stmt *decision, int64_t version, const char *words)
{
    const char *order = ch_var(r, "id");

    const struct ch_call event = CH_CALL(decision, ch_p_text(order), ch_p_int(r->a, version), ch_p_text(words));
    return finance_money_reply(r, order, &event);
}

enum ch_err finance_refund_approve(struct ch_req *r)
{
    const struct ch_approve_in *in = r->in;
    return decide_refund(r, &finance_refund_approve_row, in->version, in->note);
}

enum ch_err finance_refund_refuse(struct ch_req *r)
{
    const struct finance_why_in *in = r->in;
    return decide_refund(r, &finance_refund_refuse_row, in->version, in->why);
}
