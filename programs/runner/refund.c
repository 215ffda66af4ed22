/* SPDX-License-Identifier: Apache-2.0
 * Refunds of payments. A refund is sent once under a number of our own: in doubt the vendor is queried first, and the refund is
 * sent again only if the vendor has never seen that number. What staff have approved is paid under their acts; the rules refund by
 * themselves what pays for nothing. */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/gateway/payway.h"

#include <string.h>

#define FIRST_QUERY_MS 10000 /* Alipay asks for ten seconds between refund and query */

struct job_data {
    const struct ch_pay_way *way;
    struct ch_refund_order order;
    const char *state;
};

/* Reads the refund. False when the job ends here, with *ended. */
static bool read_refund(struct work *w, struct job_data *d, enum end *ended)
{
    struct ch_rows rows;

    if (!read_job(w, CH_CALL(&runner_refund_work, ch_p_text(w->subject)), &rows)) {
        *ended = finish_unread(w);
        return false;
    }
    *d = (struct job_data){
        .way = ch_payway_of(ch_col(&rows, 0, "channel")),
        .order = {ch_col(&rows, 0, "out_trade_no"), ch_col(&rows, 0, "out_refund_no"), ch_col(&rows, 0, "reason"),
                  ch_col_int(&rows, 0, "amount"), ch_col_int(&rows, 0, "total")},
        .state = ch_col(&rows, 0, "state"),
    };
    *ended = d->way == NULL ? finish_job(w, NULL, 0) : AGAIN;
    return d->way != NULL;
}

static enum end record_state(struct work *w, const struct job_data *d, const char *state,
                             const struct ch_refund_state *s, const char *why)
{
    const struct ch_call outcome =
        CH_CALL(&runner_refund_state, ch_p_text(d->order.refund_number), ch_p_text(state), ch_p_text(s->vendor_no),
                ch_p_text(why), ch_p_text(s->at > 0 ? ch_rfc3339(w->a, s->at) : NULL));

    return finish_job(w, &outcome, 1);
}

/* Records the state that the vendor reports. */
static enum end record_known(struct work *w, const struct job_data *d, const struct ch_refund_state *s)
{
    switch (s->progress) {
    case CH_REFUND_DONE:
        return record_state(w, d, "succeeded", s, NULL);
    case CH_REFUND_FAILED:
        return record_state(w, d, "failed", s, "支付机构未能原路退回");
    default:
        return record_state(w, d, "accepted", s, NULL);
    }
}

/* Checks the act of who has asked for the refund, or has approved it; there is none when no member of staff has. */
static enum ch_err check_refund_act(struct work *w, bool approval)
{
    struct ch_bytes reason;
    struct ch_rows rows;

    enum ch_err e = ch_db_one(
        w->db, w->a, &w->fault,
        CH_CALL(&runner_refund_act, ch_p_text(w->subject), ch_p_text(approval ? "approve_refund" : "ask_refund")), &rows);
    if (e != CH_OK || rows.n == 0)
        return e;
    if (!ch_decrypt(runner_ring(), w->a, "refund_request.reason", ch_col_text(&rows, 0, "request"),
                    ch_col_bytes(&rows, w->a, 0, "words"), &reason))
        return ch_fault(&w->fault, CH_E_INTERNAL, "the reason of the refund does not open");
    const char *words = (const char *)reason.p;
    struct ch_act act =
        approval ? ch_act_refund_approved(w->a, words, ch_col(&rows, 0, "answer")) : ch_act_refund_asked(w->a, words);
    act.facts = rows;
    return check_act(w, &act);
}

/* Whether the refund may be paid. False when the job ends here, with *ended. */
static bool may_send(struct work *w, enum end *ended)
{
    enum ch_err e = check_refund_act(w, false);

    if (e == CH_OK)
        e = check_refund_act(w, true);
    if (e == CH_OK)
        return true;
    if (e == CH_E_INVALID) {
        const struct ch_call refused =
            CH_CALL(&runner_refund_refused, ch_p_text(w->subject), ch_p_text("退费的签署没有通过核验，系统没有退款。"));
        *ended = finish_job(w, &refused, 1);
    } else {
        *ended = retry_job(w, ch_printf(w->a, "the acts of the refund cannot be checked: %s", w->fault.detail));
    }
    return false;
}

static enum end send_refund(struct work *w, const struct job_data *d)
{
    struct ch_answer answer;
    struct ch_refund_state s;
    enum end ended;

    if (!may_send(w, &ended))
        return ended;
    if (d->way->refund(w->a, &w->fault, &d->order, &answer, &s) != CH_OK || answer.outcome == CH_UNKNOWN)
        return retry_job(w, "refund: no answer");
    if (answer.outcome == CH_ACCEPTED)
        return record_known(w, d, &s);
    return retry_job(w, ch_printf(w->a, "refund refused: %s", answer.code)); /* our balance may be too low: operators see the job */
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
        return finish_job(w, NULL, 0);
    if (w->attempts == 1)
        return send_refund(w, &d);
    if (d.way->refund_query(w->a, &w->fault, &d.order, &answer, &s) != CH_OK || answer.outcome != CH_ACCEPTED)
        return retry_job(w, "refund in doubt: no answer");
    return s.progress == CH_REFUND_UNSEEN ? send_refund(w, &d) : record_known(w, &d, &s);
}

/* Queries an accepted refund until it has arrived, whether or not the vendor sends a notification. If the vendor does not know it
 * (any more), which is how Alipay says that it is not settled, it is sent again with the same number. */
enum end job_refund_query(struct work *w)
{
    struct ch_answer answer;
    struct ch_refund_state s;
    struct job_data d;
    enum end ended;

    if (!read_refund(w, &d, &ended))
        return ended;
    if (strcmp(d.state, "accepted") != 0)
        return finish_job(w, NULL, 0);
    if (w->attempts == 1)
        return await_job(w, "first query", FIRST_QUERY_MS);
    enum ch_err e = d.way->refund_query(w->a, &w->fault, &d.order, &answer, &s);
    if (e == CH_OK && answer.outcome == CH_ACCEPTED && s.progress == CH_REFUND_UNSEEN) {
        if (!may_send(w, &ended))
            return ended;
        e = d.way->refund(w->a, &w->fault, &d.order, &answer, &s);
    }
    if (e != CH_OK || answer.outcome != CH_ACCEPTED)
        return retry_job(w, "refund query: no answer");
    if (s.progress == CH_REFUND_DONE || s.progress == CH_REFUND_FAILED)
        return record_known(w, &d, &s);
    return await_job(w, "refund under way", back_off_ms(w->attempts));
}
