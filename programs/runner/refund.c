/* SPDX-License-Identifier: Apache-2.0
 * Money that goes back. Sent once under our own number: after any doubt the vendor is asked first, and sent again only when
 * it has never seen that number. */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/gateway/payway.h"

#include <string.h>

#define FIRST_QUERY_MS 10000 /* Alipay wants ten seconds */

struct job_data {
    const struct ch_pay_way *way;
    struct ch_refund_order order;
    const char *state;
};

/* False when the job ends here, as *ended says. */
static bool read_refund(struct work *w, struct job_data *d, enum end *ended)
{
    struct ch_rows rows;

    if (!read_work(w, CH_CALL(&runner_refund_work, ch_p_text(w->subject)), &rows)) {
        *ended = w->fault.code == CH_OK ? finish(w, NULL, 0) : AGAIN;
        return false;
    }
    *d = (struct job_data){
        .way = ch_payway_of(ch_col(&rows, 0, "channel")),
        .order = {ch_col(&rows, 0, "out_trade_no"), ch_col(&rows, 0, "out_refund_no"), ch_col(&rows, 0, "reason"),
                  ch_col_int(&rows, 0, "amount"), ch_col_int(&rows, 0, "total")},
        .state = ch_col(&rows, 0, "state"),
    };
    *ended = d->way == NULL ? finish(w, NULL, 0) : AGAIN;
    return d->way != NULL;
}

static struct ch_call state_call(struct work *w, struct ch_param params[5], const struct job_data *d, const char *state,
                                 const struct ch_refund_state *s, const char *why)
{
    params[0] = ch_p_text(d->order.refund_number);
    params[1] = ch_p_text(state);
    params[2] = ch_p_text(s->vendor_no);
    params[3] = ch_p_text(why);
    params[4] = ch_p_text(s->at > 0 ? ch_rfc3339(w->a, s->at) : NULL);
    return (struct ch_call){&runner_refund_state, params, 5};
}

static enum end record(struct work *w, const struct job_data *d, const char *state, const struct ch_refund_state *s,
                       const char *why)
{
    struct ch_param params[5];
    const struct ch_call outcome = state_call(w, params, d, state, s, why);

    return finish(w, &outcome, 1);
}

/* What the vendor knows, as the refund's next state. */
static enum end known(struct work *w, const struct job_data *d, const struct ch_refund_state *s)
{
    switch (s->progress) {
    case CH_REFUND_DONE:
        return record(w, d, "succeeded", s, NULL);
    case CH_REFUND_FAILED:
        return record(w, d, "failed", s, "支付机构未能原路退回");
    default:
        return record(w, d, "accepted", s, NULL);
    }
}

static enum end send_it(struct work *w, const struct job_data *d)
{
    struct ch_answer answer;
    struct ch_refund_state s;

    if (d->way->refund(w->a, &w->fault, &d->order, &answer, &s) != CH_OK || answer.outcome == CH_UNKNOWN)
        return again(w, "refund: no answer");
    if (answer.outcome == CH_ACCEPTED)
        return known(w, d, &s);
    return again(w, ch_printf(w->a, "refund refused: %s", answer.code)); /* our balance may be low today: people look */
}

enum end job_refund(struct work *w)
{
    struct ch_answer answer;
    struct ch_refund_state s;
    struct job_data d;
    enum end ended;

    if (!read_refund(w, &d, &ended))
        return ended;
    if (strcmp(d.state, "queued") != 0)
        return finish(w, NULL, 0);
    if (w->attempts == 1)
        return send_it(w, &d);
    if (d.way->refund_query(w->a, &w->fault, &d.order, &answer, &s) != CH_OK || answer.outcome != CH_ACCEPTED)
        return again(w, "refund in doubt: no answer");
    return s.progress == CH_REFUND_UNSEEN ? send_it(w, &d) : known(w, &d, &s);
}

/* Where the vendor does not know (any more) what it took, which is Alipay's way of saying that it is not settled, the same
 * number is sent again. */
static enum ch_err ask(struct work *w, const struct job_data *d, struct ch_answer *answer, struct ch_refund_state *s)
{
    enum ch_err e = d->way->refund_query(w->a, &w->fault, &d->order, answer, s);

    if (e == CH_OK && answer->outcome == CH_ACCEPTED && s->progress == CH_REFUND_UNSEEN)
        e = d->way->refund(w->a, &w->fault, &d->order, answer, s);
    return e;
}

/* Of a refund that was taken: asked until it has arrived, whether or not the vendor tells by itself. */
enum end job_refund_query(struct work *w)
{
    struct ch_answer answer;
    struct ch_refund_state s;
    struct job_data d;
    enum end ended;

    if (!read_refund(w, &d, &ended))
        return ended;
    if (strcmp(d.state, "accepted") != 0)
        return finish(w, NULL, 0);
    if (w->attempts == 1)
        return again_in(w, "first query", FIRST_QUERY_MS);
    if (ask(w, &d, &answer, &s) != CH_OK || answer.outcome != CH_ACCEPTED)
        return again(w, "refund query: no answer");
    return s.progress == CH_REFUND_DONE || s.progress == CH_REFUND_FAILED ? known(w, &d, &s) : again(w, "refund under way");
}
