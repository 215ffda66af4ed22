/* SPDX-License-Identifier: Apache-2.0
 * Reports of payments and refunds, of all vendors that people pay with. Booking one is the same whichever vendor sent it. */
#include "modules/notify/notify.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/gateway/payway.h"

#include <ctype.h>
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

/* Booking a report twice changes nothing. A payment or refund that is not ours or has another amount is put on record, so that
 * the vendor need not repeat the report. */
static enum ch_err book_payment(struct ch_req *r, const char *channel, const struct ch_pay_notice *n)
{
    struct ch_rows rows;

    enum ch_err e =
        ch_run_row(r,
                   CH_CALL(&notify_paid, ch_p_text(channel), ch_p_text(n->id), ch_p_text(n->number),
                           ch_p_text(n->vendor_no), ch_p_int(r->a, n->fen), ch_p_text(ch_rfc3339(r->a, n->at))),
                   &rows);
    if (e == CH_OK && ch_col(&rows, 0, "out") != NULL) /* NULL: it was reported before */
        log_outcome(r, "payment", n->number, ch_col(&rows, 0, "out"));
    return e;
}

static enum ch_err book_refund(struct ch_req *r, const struct ch_pay_notice *n)
{
    const char *at = n->at > 0 ? ch_rfc3339(r->a, n->at) : NULL;
    struct ch_rows rows;

    enum ch_err e =
        ch_run_row(r,
                   CH_CALL(&notify_refund_state, ch_p_text(n->number), ch_p_text(n->why == NULL ? "succeeded" : "failed"),
                           ch_p_text(n->vendor_no), ch_p_text(n->why), ch_p_text(at), ch_p_int(r->a, n->fen)),
                   &rows);
    if (e == CH_OK)
        log_outcome(r, "refund", n->number, ch_col_text(&rows, 0, "out"));
    return e;
}

/* A header of the request: FastCGI has "Wechatpay-Serial" as HTTP_WECHATPAY_SERIAL. */
static const char *header_of(const void *of, const char *name)
{
    const struct ch_req *r = of;
    char *parameter = ch_printf(r->a, "HTTP_%s", name);

    for (char *c = parameter; *c != '\0'; c++)
        *c = (char)(*c == '-' ? '_' : toupper((unsigned char)*c));
    return ch_fcgi(r, parameter);
}

enum ch_err notify_payment(struct ch_req *r)
{
    const char *channel = r->route->path + strlen(NOTIFY_PATH);
    const struct ch_pay_way *way = ch_payway_of(channel);
    const struct ch_pay_report report = {r->raw, header_of, r};
    struct ch_pay_notice notice = {.about = CH_PAY_ABOUT_NOTHING};

    if (way == NULL)
        return ch_fail(r, CH_E_INTERNAL, "%s is no way of paying", channel);
    enum ch_err e = way->notice(r->a, &r->fault, &report, &notice);
    if (e == CH_OK && notice.about == CH_PAY_ABOUT_PAYMENT)
        e = book_payment(r, channel, &notice);
    else if (e == CH_OK && notice.about == CH_PAY_ABOUT_REFUND)
        e = book_refund(r, &notice);
    if (e != CH_OK)
        return e;
    return way->thanks == NULL ? ch_reply_empty(r)
                               : ch_reply_bytes(r, 200, "text/plain", CH_BYTES(way->thanks, strlen(way->thanks)));
}
