/* SPDX-License-Identifier: Apache-2.0
 * Payments: the vendor is asked whether or not it has told us. */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/gateway/wechatpay.h"

#include <string.h>

#define ASK_EVERY_MS 60000

static enum end paid(struct work *w, const struct ch_wechat_payment *p)
{
    const struct ch_call outcome = CH_CALL(&runner_payment_paid, ch_p_text(p->out_trade_no), ch_p_text(p->transaction_id),
                                           ch_p_int(w->a, p->total_fen), ch_p_text(ch_rfc3339(w->a, p->success_time)));
    return finish(w, &outcome, 1);
}

static enum end closed(struct work *w)
{
    const struct ch_call outcome = CH_CALL(&runner_payment_closed, ch_p_text(w->subject));
    return finish(w, &outcome, 1);
}

/* Closes at the vendor what nobody is to pay any more; paid meanwhile, it is booked. */
static enum end close_at_vendor(struct work *w, const char *number)
{
    struct ch_answer answer;
    struct ch_wechat_payment p;

    if (ch_wechat_close(w->a, &w->fault, number, &answer) != CH_OK || answer.outcome == CH_UNKNOWN)
        return again(w, "close: no answer");
    if (answer.outcome == CH_ACCEPTED || strcmp(answer.code, "ORDER_NOT_EXIST") == 0 || strcmp(answer.code, "ORDER_CLOSED") == 0)
        return closed(w);
    if (ch_wechat_query(w->a, &w->fault, number, &answer, &p) != CH_OK || answer.outcome != CH_ACCEPTED)
        return again(w, "query after close: no answer");
    return p.state == CH_WECHAT_SUCCESS || p.state == CH_WECHAT_REFUND ? paid(w, &p) : again(w, "not closed");
}

enum end job_payment_query(struct work *w)
{
    struct ch_rows rows;
    struct ch_answer answer;
    struct ch_wechat_payment p;

    if (!read_work(w, CH_CALL(&runner_payment_work, ch_p_text(w->subject)), &rows))
        return w->fault.code == CH_OK ? finish(w, NULL, 0) : AGAIN;
    if (strcmp(ch_col(&rows, 0, "state"), "waiting") != 0)
        return finish(w, NULL, 0);
    w->most = 1000; /* asked every minute as long as it is open */
    const char *number = ch_col(&rows, 0, "out_trade_no");
    if (ch_wechat_query(w->a, &w->fault, number, &answer, &p) != CH_OK || answer.outcome == CH_UNKNOWN)
        return again_in(w, "query: no answer", ASK_EVERY_MS);
    if (answer.outcome == CH_ACCEPTED && (p.state == CH_WECHAT_SUCCESS || p.state == CH_WECHAT_REFUND))
        return paid(w, &p);
    if (answer.outcome == CH_ACCEPTED && p.state == CH_WECHAT_CLOSED)
        return closed(w);
    if (ch_col_bool(&rows, 0, "expired"))
        return close_at_vendor(w, number);
    return again_in(w, "not paid yet", ASK_EVERY_MS);
}

enum end job_payment_close(struct work *w)
{
    struct ch_rows rows;

    if (!read_work(w, CH_CALL(&runner_payment_work, ch_p_text(w->subject)), &rows))
        return w->fault.code == CH_OK ? finish(w, NULL, 0) : AGAIN;
    if (strcmp(ch_col(&rows, 0, "state"), "waiting") != 0)
        return finish(w, NULL, 0);
    return close_at_vendor(w, ch_col(&rows, 0, "out_trade_no"));
}
