/* SPDX-License-Identifier: Apache-2.0
 * Payouts that finance has to look after. */
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
