/* SPDX-License-Identifier: Apache-2.0
 * The daily comparison of the payment vendors' bills with the hall's own books. */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/gateway/payway.h"

#include <stdlib.h>
#include <string.h>

#define NOT_READY_MS ((int64_t)3600 * 1000) /* how long to wait when the vendor has not made the bill yet */

/* The lines of the bill as runner_bill_compare takes them. */
static const char *lines_json(struct ch_arena *a, const struct ch_bill_row *rows, size_t n)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_array(&w, NULL);
    for (size_t i = 0; i < n; i++) {
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "kind", rows[i].kind == CH_BILL_REFUND ? "refund" : "payment");
        ch_jw_text(&w, "number", rows[i].out_trade_no);
        ch_jw_text(&w, "refund_number", rows[i].out_refund_no);
        ch_jw_text(&w, "vendor_number", rows[i].vendor_no);
        ch_jw_int(&w, "amount", rows[i].amount_fen);
        ch_jw_text(&w, "at", ch_rfc3339(a, rows[i].at));
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    return ch_jw_done(&w);
}

enum end job_bill(struct work *w)
{
    const struct ch_bill_row *lines;
    struct ch_answer answer;
    struct ch_rows rows;
    size_t n;

    if (!read_job(w, CH_CALL(&runner_bill_work, ch_p_text(w->subject)), &rows))
        return finish_unread(w);
    const struct ch_pay_way *way = ch_payway_of(ch_col(&rows, 0, "channel"));
    if (strcmp(ch_col(&rows, 0, "state"), "queued") != 0 || way == NULL)
        return finish_job(w, NULL, 0);
    if (way->bill(w->a, &w->fault, ch_col(&rows, 0, "day"), &answer, &lines, &n) != CH_OK)
        return retry_job(w, "bill: not set up");
    if (answer.outcome == CH_REFUSED)
        return retry_job_in(w, ch_printf(w->a, "bill: %s", answer.code), NOT_READY_MS);
    if (answer.outcome != CH_ACCEPTED)
        return retry_job(w, ch_printf(w->a, "bill: %s", answer.code));
    const struct ch_call outcome =
        CH_CALL(&runner_bill_compare, ch_p_text(w->subject), ch_p_text(lines_json(w->a, lines, n)));
    return finish_job(w, &outcome, 1);
}

/* The ways of paying that are configured, as an array: "{wechatpay,alipay}". */
static const char *configured_ways(struct ch_arena *a)
{
    const char *list = "";

    for (const struct ch_pay_way *const *way = ch_pay_ways; *way != NULL; way++)
        if (*ch_conf((*way)->set_up) != '\0')
            list = ch_printf(a, "%s%s%s", list, *list != '\0' ? "," : "", (*way)->channel);
    return ch_printf(a, "{%s}", list);
}

void enqueue_bills(struct ch_arena *a, struct ch_db *db)
{
    if (ch_db_one(db, a, NULL, CH_CALL(&runner_bills_due, ch_p_text(configured_ways(a))), NULL) != CH_OK)
        ch_log(CH_ERROR, NULL, "yesterday's bills could not be asked for");
}
