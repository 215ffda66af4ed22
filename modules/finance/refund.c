/* SPDX-License-Identifier: Apache-2.0
 * Refunds that staff ask for: one person asks, another person decides. */
#include "modules/finance/finance.h"

#include "core/base/random.h"
#include "core/form/rule.h"

#include <string.h>

#define REASON "refund_request.reason" /* the place of hall.refund_request.reason (core/crypto/ring.h) */

// clang-format off
#define REFUND_FIELDS \
    CH_IN_INT(struct finance_refund_in, version, CH_REQUIRED, 1, INT32_MAX), \
    CH_IN_TEXT(struct finance_refund_in, reason, CH_REQUIRED, 2, 500, ch_rule_name)
#define APPROVE_FIELDS \
    CH_IN_INT(struct finance_approve_in, version, CH_REQUIRED, 1, INT32_MAX), \
    CH_IN_TEXT(struct finance_approve_in, note, CH_OPTIONAL, 0, 500, NULL)
#define SETTLE_FIELDS \
    CH_IN_TEXT(struct finance_settle_in, reference, CH_REQUIRED, 6, 64, ch_rule_name), \
    CH_IN_TEXT(struct finance_settle_in, day, CH_REQUIRED, 10, 10, ch_rule_date)
// clang-format on

static const struct ch_field refund_asked_fields[] = {REFUND_FIELDS};
const struct ch_input finance_refund_asked = CH_INPUT(struct finance_refund_in, refund_asked_fields);

static const struct ch_field refund_fields[] = {
    REFUND_FIELDS,
    CH_IN_OBJECT(struct finance_refund_in, decision, CH_REQUIRED),
};
const struct ch_input finance_refund_body = CH_INPUT(struct finance_refund_in, refund_fields);

static const struct ch_field approve_asked_fields[] = {APPROVE_FIELDS};
const struct ch_input finance_approve_asked = CH_INPUT(struct finance_approve_in, approve_asked_fields);

static const struct ch_field approve_fields[] = {
    APPROVE_FIELDS,
    CH_IN_OBJECT(struct finance_approve_in, decision, CH_REQUIRED),
};
const struct ch_input finance_approve_body = CH_INPUT(struct finance_approve_in, approve_fields);

static const struct ch_field settle_asked_fields[] = {SETTLE_FIELDS};
const struct ch_input finance_settle_asked = CH_INPUT(struct finance_settle_in, settle_asked_fields);

static const struct ch_field settle_fields[] = {
    SETTLE_FIELDS,
    CH_IN_OBJECT(struct finance_settle_in, decision, CH_REQUIRED),
};
const struct ch_input finance_settle_body = CH_INPUT(struct finance_settle_in, settle_fields);

/* ---- one person asks ---- */

static enum ch_err read_ask(struct ch_req *r, struct ch_act *act)
{
    const struct finance_refund_in *in = r->in;

    *act = ch_act_refund_asked(r->a, in->reason);
    return ch_run(r, CH_CALL(&finance_refund_ask_facts, ch_p_text(ch_var(r, "id")), ch_p_int(r->a, in->version)),
                  &act->facts);
}

enum ch_err finance_refund_statement(struct ch_req *r)
{
    struct ch_act act;

    enum ch_err e = read_ask(r, &act);
    return e == CH_OK ? ch_act_offer(r, &act) : e;
}

enum ch_err finance_refund_ask(struct ch_req *r)
{
    const struct finance_refund_in *in = r->in;
    const char *order = ch_var(r, "id"), *id = ch_uuid7(r->a);
    struct ch_param signed_act;
    struct ch_act act;

    enum ch_err e = read_ask(r, &act);
    if (e == CH_OK)
        e = ch_act_take(r, &act, in->decision, &signed_act);
    if (e != CH_OK)
        return e;
    struct ch_bytes reason = ch_encrypt(ch_ring(), r->a, REASON, id, CH_BYTES(in->reason, strlen(in->reason)));
    const struct ch_call event = CH_CALL(&finance_refund_ask_row, ch_p_text(id), ch_p_text(order),
                                         ch_p_int(r->a, in->version), ch_p_bytes(reason), signed_act);
    return finance_money_reply(r, order, &event);
}

enum ch_err finance_refund_withdraw(struct ch_req *r)
{
    const struct ch_version_in *in = r->in;
    const char *order = ch_var(r, "id");

    const struct ch_call event = CH_CALL(&finance_refund_withdraw_row, ch_p_text(order), ch_p_int(r->a, in->version));
    return finance_money_reply(r, order, &event);
}

/* ---- another person decides ---- */

/* The approval names the words of who has asked, too. */
static enum ch_err read_approve(struct ch_req *r, struct ch_act *act)
{
    const struct finance_approve_in *in = r->in;
    const char *asked = NULL;
    struct ch_rows facts;

    enum ch_err e = ch_run_row(
        r, CH_CALL(&finance_refund_approve_facts, ch_p_text(ch_var(r, "id")), ch_p_int(r->a, in->version)), &facts);
    if (e == CH_OK)
        e = finance_decrypt(r, REASON, ch_col_text(&facts, 0, "request"), ch_col_bytes(&facts, r->a, 0, "words"), &asked);
    if (e != CH_OK)
        return e;
    *act = ch_act_refund_approved(r->a, asked, in->note);
    act->facts = facts;
    return CH_OK;
}

enum ch_err finance_approve_statement(struct ch_req *r)
{
    struct ch_act act;

    enum ch_err e = read_approve(r, &act);
    return e == CH_OK ? ch_act_offer(r, &act) : e;
}

enum ch_err finance_refund_approve(struct ch_req *r)
{
    const struct finance_approve_in *in = r->in;
    const char *order = ch_var(r, "id");
    struct ch_param signed_act;
    struct ch_act act;

    enum ch_err e = read_approve(r, &act);
    if (e == CH_OK)
        e = ch_act_take(r, &act, in->decision, &signed_act);
    if (e != CH_OK)
        return e;
    const struct ch_call event = CH_CALL(&finance_refund_approve_row, ch_p_text(order), ch_p_int(r->a, in->version),
                                         ch_p_text(in->note), signed_act);
    return finance_money_reply(r, order, &event);
}

/* A refusal lets no money leave, so it needs no signature; its words are for the applicant. */
enum ch_err finance_refund_refuse(struct ch_req *r)
{
    const struct finance_why_in *in = r->in;
    const char *order = ch_var(r, "id");

    const struct ch_call event =
        CH_CALL(&finance_refund_refuse_row, ch_p_text(order), ch_p_int(r->a, in->version), ch_p_text(in->why));
    return finance_money_reply(r, order, &event);
}

/* ---- a refund that people have paid ---- */

static enum ch_err read_settle(struct ch_req *r, struct ch_act *act)
{
    const struct finance_settle_in *in = r->in;
    const char *payer = NULL;
    struct ch_rows facts;

    enum ch_err e = ch_run_row(
        r, CH_CALL(&finance_settle_facts, ch_p_text(ch_var(r, "id")), ch_p_text(in->reference), ch_p_text(in->day)), &facts);
    if (e == CH_OK)
        e = finance_decrypt(r, FINANCE_PAYER, ch_col_text(&facts, 0, "payment"), ch_col_bytes(&facts, r->a, 0, "payer"),
                            &payer);
    if (e != CH_OK)
        return e;
    *act = ch_act_new(r->a, "登记退款已汇回", ch_act_finance, &(struct ch_act_fact){"原付款户名", payer}, 1);
    act->facts = facts;
    return CH_OK;
}

enum ch_err finance_settle_statement(struct ch_req *r)
{
    struct ch_act act;

    enum ch_err e = read_settle(r, &act);
    return e == CH_OK ? ch_act_offer(r, &act) : e;
}

enum ch_err finance_refund_settle(struct ch_req *r)
{
    const struct finance_settle_in *in = r->in;
    struct ch_param signed_act;
    struct ch_act act;

    enum ch_err e = read_settle(r, &act);
    if (e == CH_OK)
        e = ch_act_take(r, &act, in->decision, &signed_act);
    if (e == CH_OK)
        e = ch_run(r,
                   CH_CALL(&finance_refund_settle_row, ch_p_text(ch_var(r, "id")), ch_p_text(in->reference),
                           ch_p_text(in->day), signed_act),
                   NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}
