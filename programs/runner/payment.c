/* SPDX-License-Identifier: Apache-2.0
 * Payments: the vendor is queried, whether or not it has sent a notification, and payments that are no longer wanted are
 * closed. */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/gateway/payway.h"

#include <string.h>

#define ASK_EVERY_MS 60000
#define LOOK_EVERY_MS ((int64_t)3600 * 1000)

static enum end record_paid(struct work *w, const char *number, const struct ch_pay_state *p)
{
    const struct ch_call outcome = CH_CALL(&runner_payment_paid, ch_p_text(number), ch_p_text(p->vendor_no),
                                           ch_p_int(w->a, p->total_fen), ch_p_text(ch_rfc3339(w->a, p->paid_at)));
    return finish_job(w, &outcome, 1);
}

static enum end record_closed(struct work *w)
{
    const struct ch_call outcome = CH_CALL(&runner_payment_closed, ch_p_text(w->subject));
    return finish_job(w, &outcome, 1);
}

/* Closes a payment at the vendor that must no longer be paid. If it was paid meanwhile, that is booked. */
static enum end close_at_vendor(struct work *w, const struct ch_pay_way *way, const char *number)
{
    struct ch_answer answer;
    struct ch_pay_state p;

    if (way->close(w->a, &w->fault, number, &answer) != CH_OK || answer.outcome == CH_UNKNOWN)
        return retry_job(w, "close: no answer");
    if (answer.outcome == CH_ACCEPTED)
        return record_closed(w);
    if (way->query(w->a, &w->fault, number, &answer, &p) != CH_OK || answer.outcome != CH_ACCEPTED)
        return retry_job(w, "query after close: no answer");
    if (p.progress == CH_PAY_PAID)
        return record_paid(w, number, &p);
    return p.progress == CH_PAY_CLOSED ? record_closed(w) : retry_job(w, "not closed");
}

/* Reads the payment's row and its way of paying. False when the job ends here, with *ended. */
static bool read_payment(struct work *w, struct ch_rows *rows, const struct ch_pay_way **way, enum end *ended)
{
    if (!read_job(w, CH_CALL(&runner_payment_work, ch_p_text(w->subject)), rows)) {
        *ended = finish_unread(w);
        return false;
    }
    *way = ch_payway_of(ch_col(rows, 0, "channel"));
    *ended = *way == NULL ? finish_job(w, NULL, 0) : AGAIN;
    return *way != NULL;
}

enum end job_payment_query(struct work *w)
{
    const struct ch_pay_way *way;
    struct ch_rows rows;
    struct ch_answer answer;
    struct ch_pay_state p;
    enum end ended;

    if (!read_payment(w, &rows, &way, &ended))
        return ended;
    if (strcmp(ch_col(&rows, 0, "state"), "waiting") != 0)
        return finish_job(w, NULL, 0);
    w->most = 1000; /* asks every minute as long as the payment is open */
    const char *number = ch_col(&rows, 0, "out_trade_no");
    if (way->query(w->a, &w->fault, number, &answer, &p) != CH_OK || answer.outcome != CH_ACCEPTED)
        return retry_job_in(w, "query: no answer", ASK_EVERY_MS);
    /* A wrong amount stays in the list of jobs until an operator has looked at it. */
    if (p.progress == CH_PAY_PAID && p.total_fen != ch_col_int(&rows, 0, "total"))
        return retry_job_in(w, "paid at the vendor, with another amount", LOOK_EVERY_MS);
    if (p.progress == CH_PAY_PAID)
        return record_paid(w, number, &p);
    if (p.progress == CH_PAY_CLOSED)
        return record_closed(w);
    if (ch_col_bool(&rows, 0, "expired"))
        return close_at_vendor(w, way, number);
    return await_job(w, "not paid yet", ASK_EVERY_MS);
}

/* Also closes payments that are closed here already, because the person has chosen another way of paying. */
enum end job_payment_close(struct work *w)
{
    const struct ch_pay_way *way;
    struct ch_rows rows;
    enum end ended;

    if (!read_payment(w, &rows, &way, &ended))
        return ended;
    const char *state = ch_col(&rows, 0, "state");
    if (strcmp(state, "waiting") != 0 && strcmp(state, "closed") != 0)
        return finish_job(w, NULL, 0);
    return close_at_vendor(w, way, ch_col(&rows, 0, "out_trade_no"));
}
