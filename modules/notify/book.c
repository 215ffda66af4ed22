/* SPDX-License-Identifier: Apache-2.0
 * Booking reports of payments and refunds. */
#include "modules/notify/notify.h"

#include "core/base/clock.h"
#include "core/base/log.h"

#include <string.h>

/* Logs what became of a report: an expected outcome as information, any other one as a warning. */
static void log_outcome(const struct ch_req *r, const char *what, const char *number, const char *came)
{
    static const char *const usual[] = {"paid", "again", "accepted", "succeeded"};

    for (size_t i = 0; i < CH_COUNT(usual); i++)
        if (strcmp(came, usual[i]) == 0) {
            ch_log(CH_INFO, r->id, "%s %s: %s", what, number, came);
            return;
        }
    ch_log(CH_WARN, r->id, "%s %s: %s", what, number, came);
}

enum ch_err notify_book_paid(struct ch_req *r, const struct notify_paid *p)
{
    struct ch_rows rows;

    enum ch_err e =
        ch_run_row(r,
                   CH_CALL(&notify_paid, ch_p_text(p->channel), ch_p_text(p->notice), ch_p_text(p->number),
                           ch_p_text(p->vendor_no), ch_p_int(r->a, p->total_fen), ch_p_text(ch_rfc3339(r->a, p->at))),
                   &rows);
    if (e == CH_OK && ch_col(&rows, 0, "out") != NULL) /* NULL: it was reported before */
        log_outcome(r, "payment", p->number, ch_col(&rows, 0, "out"));
    return e;
}

enum ch_err notify_book_refund(struct ch_req *r, const struct notify_refund *n)
{
    const char *at = n->at > 0 ? ch_rfc3339(r->a, n->at) : NULL;
    struct ch_rows rows;

    enum ch_err e = ch_run_row(r,
                               CH_CALL(&notify_refund_state, ch_p_text(n->number), ch_p_text(n->state),
                                       ch_p_text(n->vendor_no), ch_p_text(n->why), ch_p_text(at), ch_p_int(r->a, n->fen)),
                               &rows);
    if (e == CH_OK)
        log_outcome(r, "refund", n->number, ch_col_text(&rows, 0, "out"));
    return e;
}
