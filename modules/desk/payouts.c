/* SPDX-License-Identifier: Apache-2.0
 * Payouts as staff see them: those of an order, and those that finance has to see to. */
#include "modules/desk/desk.h"

#include <string.h>

enum ch_err desk_payouts(struct ch_req *r)
{
    const char *out;
    enum ch_err e = ch_run_text(r, CH_CALL(&desk_payouts_json, ch_query_filter(r, "after"), desk_page_size(r, 50)), &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err desk_order_payouts(struct ch_req *r)
{
    const char *id, *out;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_run_text(r, CH_CALL(&desk_order_payouts_json, ch_p_text(id)), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

/* "ask" the bank again, "fail" what it has not paid, "done": seen to by other means. */
enum ch_err desk_payout(struct ch_req *r)
{
    static const char *const words[] = {"ask", "fail", "done"};
    const char *id, *what = ch_var(r, "what"), *known = NULL;

    for (size_t i = 0; i < CH_COUNT(words); i++)
        known = strcmp(words[i], what) == 0 ? words[i] : known;
    if (known == NULL)
        return ch_fail(r, CH_E_NOT_FOUND, "no such thing to do");
    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&desk_payout_row, ch_p_text(id), ch_p_text(known)), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}

/* Another payment to the account that the order has. */
enum ch_err desk_payout_again(struct ch_req *r)
{
    const struct ch_version_in *in = r->in;
    const char *id;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e != CH_OK)
        return e;
    return desk_happen(r, id, CH_CALL(&desk_payout_again_row, ch_p_text(id), ch_p_int(r->a, in->version)));
}
