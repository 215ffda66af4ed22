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
    CH_IN_DECISION(struct finance_refund_in),
};
const struct ch_input finance_refund_asked = CH_INPUT_BUT_LAST(struct finance_refund_in, refund_fields);
const struct ch_input finance_refund_body = CH_INPUT(struct finance_refund_in, refund_fields);

static const struct ch_field approve_fields[] = {
    CH_IN_INT(struct finance_approve_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_TEXT(struct finance_approve_in, note, CH_OPTIONAL, 0, 500, NULL),
    CH_IN_DECISION(struct finance_approve_in),
};
const struct ch_input finance_approve_asked = CH_INPUT_BUT_LAST(struct finance_approve_in, approve_fields);
const struct ch_input finance_approve_body = CH_INPUT(struct finance_approve_in, approve_fields);

static const struct ch_field settle_fields[] = {
    CH_IN_TEXT(struct finance_settle_in, reference, CH_REQUIRED, 6, 64, ch_rule_name),
    CH_IN_TEXT(struct finance_settle_in, day, CH_REQUIRED, 10, 10, ch_rule_date),
    CH_IN_DECISION(struct finance_settle_in),
};
const struct ch_input finance_settle_asked = CH_INPUT_BUT_LAST(struct finance_settle_in, settle_fields);
const struct ch_input finance_settle_body = CH_INPUT(struct finance_settle_in, settle_fields);

/* ---- one person asks ---- */

static enum ch_err read_ask(struct ch_req *r, struct ch_act *act)
{
    const struct finance_refund_in *in = r->in;

    *act = ch_act_refund_asked(r->a, in->reason);
    return ch_run(r, CH_CALL(&finance_refund_ask_facts, ch_p_text(ch_var(r, "id")), ch_p_int(r->a, in->version)),
                  &act->facts);
}

static enum ch_err ask_refund(struct ch_req *r, const struct ch_act *act)
{
    const struct finance_refund_in *in = r->in;
    const char *order = ch_var(r, "id"), *id = ch_uuid7(r->a);

    struct ch_bytes reason = ch_encrypt(ch_ring(), r->a, REASON, id, CH_BYTES(in->reason, strlen(in->reason)));
    const struct ch_call event = CH_CALL(&finance_refund_ask_row, ch_p_text(id), ch_p_text(order),
                                         ch_p_int(r->a, in->version), ch_p_bytes(reason), act->signed_act);
    return finance_money_reply(r, order, &event);
}

static const struct ch_act_kind refund_asked = CH_ACT_KIND(struct finance_refund_in, read_ask, ask_refund);

enum ch_err finance_refund_statement(struct ch_req *r)
{
    return ch_act_offer(r, &refund_asked);
}

enum ch_err finance_refund_ask(struct ch_req *r)
{
    return ch_act_take(r, &refund_asked);
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
        e = ch_decrypt_text(r, REASON, ch_col_text(&facts, 0, "request"), ch_col_bytes(&facts, r->a, 0, "words"), &asked);
    if (e != CH_OK)
        return e;
    *act = ch_act_refund_approved(r->a, asked, in->note);
    act->facts = facts;
    return CH_OK;
}

static enum ch_err approve_refund(struct ch_req *r, const struct ch_act *act)
{
    const struct finance_approve_in *in = r->in;
    const char *order = ch_var(r, "id");

    const struct ch_call event = CH_CALL(&finance_refund_approve_row, ch_p_text(order), ch_p_int(r->a, in->version),
                                         ch_p_text(in->note), act->signed_act);
    return finance_money_reply(r, order, &event);
}

static const struct ch_act_kind approval = CH_ACT_KIND(struct finance_approve_in, read_approve, approve_refund);

enum ch_err finance_approve_statement(struct ch_req *r)
{
    return ch_act_offer(r, &approval);
}

enum ch_err finance_refund_approve(struct ch_req *r)
{
    return ch_act_take(r, &approval);
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
        e = ch_decrypt_text(r, FINANCE_PAYER, ch_col_text(&facts, 0, "payment"), ch_col_bytes(&facts, r->a, 0, "payer"),
                            &payer);
    if (e != CH_OK)
        return e;
    *act = ch_act_new(r->a, "登记退款已汇回", ch_act_finance, &(struct ch_act_fact){"原付款户名", payer}, 1);
    act->facts = facts;
    return CH_OK;
}

static enum ch_err settle_refund(struct ch_req *r, const struct ch_act *act)
{
    const struct finance_settle_in *in = r->in;

    enum ch_err e = ch_run(r,
                           CH_CALL(&finance_refund_settle_row, ch_p_text(ch_var(r, "id")), ch_p_text(in->reference),
                                   ch_p_text(in->day), act->signed_act),
                           NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}

static const struct ch_act_kind settlement = CH_ACT_KIND(struct finance_settle_in, read_settle, settle_refund);

enum ch_err finance_settle_statement(struct ch_req *r)
{
    return ch_act_offer(r, &settlement);
}

enum ch_err finance_refund_settle(struct ch_req *r)
{
    return ch_act_take(r, &settlement);
}
