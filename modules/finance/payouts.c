/* SPDX-License-Identifier: Apache-2.0
 * Payouts that finance has to look after, and another payout to the same account. */
#include "modules/finance/finance.h"

#include <string.h>

enum ch_err finance_payouts(struct ch_req *r)
{
    const char *out;
    enum ch_err e =
        ch_run_text(r, CH_CALL(&finance_payouts_json, ch_query_filter(r, "after"), ch_desk_page_size(r, 50)), &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

/* What finance decides about a payout: "ask" the bank again, "fail" one that the bank has not paid, or "done" for one that was
 * settled outside of the hall. */
enum ch_err finance_payout(struct ch_req *r)
{
    static const char *const words[] = {"ask", "fail", "done"};
    const char *id = ch_var(r, "id"), *what = ch_var(r, "what"), *known = NULL;

    for (size_t i = 0; i < CH_COUNT(words); i++)
        known = strcmp(words[i], what) == 0 ? words[i] : known;
    if (known == NULL)
        return ch_fail(r, CH_E_NOT_FOUND, "no such thing to do");
    enum ch_err e = ch_run(r, CH_CALL(&finance_payout_row, ch_p_text(id), ch_p_text(known)), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}

static const struct ch_field again_fields[] = {
    CH_IN_INT(struct finance_again_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_DECISION(struct finance_again_in),
};
const struct ch_input finance_again_asked = CH_INPUT_BUT_LAST(struct finance_again_in, again_fields);
const struct ch_input finance_again_body = CH_INPUT(struct finance_again_in, again_fields);

static enum ch_err read_again(struct ch_req *r, struct ch_act *act)
{
    const struct finance_again_in *in = r->in;
    struct ch_rows facts;

    enum ch_err e = ch_run_row(
        r, CH_CALL(&finance_payout_again_facts, ch_p_text(ch_var(r, "id")), ch_p_int(r->a, in->version)), &facts);
    if (e == CH_OK) {
        *act = ch_act_paid_out_again(r->a, ch_col(&facts, 0, "name"), ch_col(&facts, 0, "masked"));
        act->facts = facts;
    }
    return e;
}

static enum ch_err pay_out_again(struct ch_req *r, const struct ch_act *act)
{
    const struct finance_again_in *in = r->in;

    enum ch_err e = ch_run(
        r, CH_CALL(&finance_payout_again_row, ch_p_text(ch_var(r, "id")), ch_p_int(r->a, in->version), act->signed_act),
        NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}

static const struct ch_act_kind again = CH_ACT_KIND(struct finance_again_in, read_again, pay_out_again);

enum ch_err finance_payout_statement(struct ch_req *r)
{
    return ch_act_offer(r, &again);
}

enum ch_err finance_payout_again(struct ch_req *r)
{
    return ch_act_take(r, &again);
}
