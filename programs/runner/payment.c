/* SPDX-License-Identifier: Apache-2.0
 * Payments: the vendor is asked whether or not it has told us. */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/gateway/payway.h"

#include <string.h>

#define ASK_EVERY_MS 60000
#define LOOK_EVERY_MS ((int64_t)3600 * 1000)

static enum end paid(struct work *w, const char *number, const struct ch_pay_state *p)
{
    const struct ch_call outcome = CH_CALL(&runner_payment_paid, ch_p_text(number), ch_p_text(p->vendor_no),
                                           ch_p_int(w->a, p->total_fen), ch_p_text(ch_rfc3339(w->a, p->paid_at)));
    return finish(w, &outcome, 1);
}

static enum end closed(struct work *w)
{
    const struct ch_call outcome = CH_CALL(&runner_payment_closed, ch_p_text(w->subject));
    return finish(w, &outcome, 1);
}

/* Closes at the vendor what nobody is to pay any more; paid meanwhile, it is booked. */
static enum end close_at_vendor(struct work *w, const struct ch_pay_way *way, const char *number)
{
    struct ch_answer answer;
    struct ch_pay_state p;

    if (way->close(w->a, &w->fault, number, &answer) != CH_OK || answer.outcome == CH_UNKNOWN)
        return again(w, "close: no answer");
    if (answer.outcome == CH_ACCEPTED)
        return closed(w);
    if (way->query(w->a, &w->fault, number, &answer, &p) != CH_OK || answer.outcome != CH_ACCEPTED)
        return again(w, "query after close: no answer");
    if (p.progress == CH_PAY_PAID)
        return paid(w, number, &p);
    return p.progress == CH_PAY_CLOSED ? closed(w) : again(w, "not closed");
}

/* The payment's row and its way; false when the job ends here, as *ended says. */
static bool read_payment(struct work *w, struct ch_rows *rows, const struct ch_pay_way **way, enum end *ended)
{
    if (!read_work(w, CH_CALL(&runner_payment_work, ch_p_text(w->subject)), rows)) {
        *ended = w->fault.code == CH_OK ? finish(w, NULL, 0) : AGAIN;
        return false;
    }
    *way = ch_payway_of(ch_col(rows, 0, "channel"));
    *ended = *way == NULL ? finish(w, NULL, 0) : AGAIN;
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
        return finish(w, NULL, 0);
    w->most = 1000; /* asked every minute as long as it is open */
    const char *number = ch_col(&rows, 0, "out_trade_no");
    if (way->query(w->a, &w->fault, number, &answer, &p) != CH_OK || answer.outcome != CH_ACCEPTED)
        return again_in(w, "query: no answer", ASK_EVERY_MS);
    if (p.progress == CH_PAY_PAID && p.total_fen != ch_col_int(&rows, 0, "total")) /* people must look: it stays in sight */
        return again_in(w, "paid at the vendor, with another amount", LOOK_EVERY_MS);
    if (p.progress == CH_PAY_PAID)
        return paid(w, number, &p);
    if (p.progress == CH_PAY_CLOSED)
        return closed(w);
    if (ch_col_bool(&rows, 0, "expired"))
        return close_at_vendor(w, way, number);
    return again_in(w, "not paid yet", ASK_EVERY_MS);
}

/* Also of a payment that is closed here already: the person chose another way. */
enum end job_payment_close(struct work *w)
{
    const struct ch_pay_way *way;
    struct ch_rows rows;
    enum end ended;

    if (!read_payment(w, &rows, &way, &ended))
        return ended;
    const char *state = ch_col(&rows, 0, "state");
    if (strcmp(state, "waiting") != 0 && strcmp(state, "closed") != 0)
        return finish(w, NULL, 0);
    return close_at_vendor(w, way, ch_col(&rows, 0, "out_trade_no"));
}
