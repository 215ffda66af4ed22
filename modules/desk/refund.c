/* SPDX-License-Identifier: Apache-2.0
 * Refunds that people ask for: one asks, another decides; and what finance has paid back by hand. */
#include "modules/desk/desk.h"

#include "core/base/random.h"
#include "core/form/rule.h"

#include <string.h>

#define REASON "refund_request.reason"

static const struct ch_field refund_fields[] = {
    CH_IN_INT(struct desk_refund_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_TEXT(struct desk_refund_in, reason, CH_REQUIRED, 2, 500, ch_rule_name),
};
const struct ch_input desk_refund_body = CH_INPUT(struct desk_refund_in, refund_fields);

static const struct ch_field settle_fields[] = {
    CH_IN_TEXT(struct desk_settle_in, reference, CH_REQUIRED, 6, 64, ch_rule_name),
    CH_IN_TEXT(struct desk_settle_in, day, CH_REQUIRED, 10, 10, ch_rule_date),
};
const struct ch_input desk_settle_body = CH_INPUT(struct desk_settle_in, settle_fields);

enum ch_err desk_refund_ask(struct ch_req *r)
{
    const struct desk_refund_in *in = r->in;
    const char *order, *id = ch_uuid7(r->a);

    enum ch_err e = ch_var_uuid(r, "id", &order);
    if (e != CH_OK)
        return e;
    struct ch_bytes reason = ch_seal(ch_ring(), r->a, REASON, id, CH_BYTES(in->reason, strlen(in->reason)));
    const struct ch_call event = CH_CALL(&desk_refund_ask_row, ch_p_text(id), ch_p_text(order),
                                         ch_p_int(r->a, in->version), ch_p_bytes(reason));
    return desk_money_reply(r, order, &event);
}

enum ch_err desk_refund_withdraw(struct ch_req *r)
{
    const struct ch_version_in *in = r->in;
    const char *order;

    enum ch_err e = ch_var_uuid(r, "id", &order);
    if (e != CH_OK)
        return e;
    const struct ch_call event = CH_CALL(&desk_refund_withdraw_row, ch_p_text(order), ch_p_int(r->a, in->version));
    return desk_money_reply(r, order, &event);
}

/* A decision with its words: of an approval for finance itself, of a refusal for the applicant. */
static enum ch_err decide(struct ch_req *r, const struct ch_stmt *decision, int64_t version, const char *words)
{
    const char *order;

    enum ch_err e = ch_var_uuid(r, "id", &order);
    if (e != CH_OK)
        return e;
    const struct ch_call event = CH_CALL(decision, ch_p_text(order), ch_p_int(r->a, version), ch_p_text(words));
    return desk_money_reply(r, order, &event);
}

enum ch_err desk_refund_approve(struct ch_req *r)
{
    const struct desk_approve_in *in = r->in;
    return decide(r, &desk_refund_approve_row, in->version, in->note);
}

enum ch_err desk_refund_refuse(struct ch_req *r)
{
    const struct desk_why_in *in = r->in;
    return decide(r, &desk_refund_refuse_row, in->version, in->why);
}

enum ch_err desk_refund_settle(struct ch_req *r)
{
    const struct desk_settle_in *in = r->in;
    const char *id;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&desk_refund_settle_row, ch_p_text(id), ch_p_text(in->reference), ch_p_text(in->day)), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}

enum ch_err desk_odd_settle(struct ch_req *r)
{
    const struct desk_words_in *in = r->in;
    const char *id;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&desk_odd_settle_row, ch_p_text(id), ch_p_text(in->note)), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}
