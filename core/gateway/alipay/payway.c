/* SPDX-License-Identifier: Apache-2.0
 * Alipay behind the interface of payway.h: a QR code on our own page (precreate), or Alipay's page on a desktop or
 * a phone. */
#include "core/gateway/alipay/alipay.h"
#include "core/gateway/payway.h"

#include <string.h>

static enum ch_err open_order(struct ch_arena *a, struct ch_fault *f, const struct ch_pay_order *order,
                              struct ch_answer *answer, const char **code)
{
    const struct ch_alipay_order o = {order->number, order->description, order->total_fen, order->expires, NULL};
    return ch_alipay_precreate(a, f, &o, answer, code);
}

static enum ch_err page_url(struct ch_arena *a, struct ch_fault *f, const struct ch_pay_order *order, const char **url)
{
    const struct ch_alipay_order o = {order->number, order->description, order->total_fen, order->expires,
                                      order->return_url};
    return ch_alipay_page(a, f, &o, url);
}

static enum ch_err phone_url(struct ch_arena *a, struct ch_fault *f, const struct ch_pay_order *order,
                             struct ch_answer *answer, const char **url)
{
    const struct ch_alipay_order o = {order->number, order->description, order->total_fen, order->expires,
                                      order->return_url};

    *answer = (struct ch_answer){.outcome = CH_ACCEPTED};
    return ch_alipay_wap(a, f, &o, url);
}

/* A trade that was paid and then refunded in full is closed as well; it counts as paid. */
static enum ch_pay_progress progress_of(const struct ch_alipay_payment *p)
{
    if (p->state == CH_ALIPAY_SUCCESS || p->state == CH_ALIPAY_FINISHED ||
        (p->state == CH_ALIPAY_CLOSED && p->success_time > 0))
        return CH_PAY_PAID;
    return p->state == CH_ALIPAY_CLOSED ? CH_PAY_CLOSED : CH_PAY_WAITING;
}

static bool refused_as(const struct ch_answer *answer, const char *code)
{
    return answer->outcome == CH_REFUSED && strcmp(answer->code, code) == 0;
}

static enum ch_err query_order(struct ch_arena *a, struct ch_fault *f, const char *number, struct ch_answer *answer,
                               struct ch_pay_state *state)
{
    struct ch_alipay_payment p;
    enum ch_err e = ch_alipay_query(a, f, number, answer, &p);

    if (e == CH_OK && answer->outcome == CH_ACCEPTED)
        *state = (struct ch_pay_state){progress_of(&p), p.trade_no, p.total_fen, p.success_time};
    if (e == CH_OK && refused_as(answer, "ACQ.TRADE_NOT_EXIST")) {
        answer->outcome = CH_ACCEPTED;
        *state = (struct ch_pay_state){CH_PAY_UNSEEN, NULL, -1, 0};
    }
    return e;
}

/* A trade whose code nobody has scanned does not exist and cannot be closed. Its code expires by itself, and a payment that
 * still arrives is refunded. */
static enum ch_err close_order(struct ch_arena *a, struct ch_fault *f, const char *number, struct ch_answer *answer)
{
    enum ch_err e = ch_alipay_close(a, f, number, answer);

    if (e == CH_OK && refused_as(answer, "ACQ.TRADE_NOT_EXIST"))
        answer->outcome = CH_ACCEPTED;
    return e;
}

/* For Alipay a refund is either done or does not exist, so one that is not done may be sent again under the same number. */
static enum ch_err refund_order(struct ch_arena *a, struct ch_fault *f, const struct ch_refund_order *order,
                                struct ch_answer *answer, struct ch_refund_state *state)
{
    const struct ch_alipay_refund_order o = {order->number, order->refund_number, order->refund_fen, order->reason};
    struct ch_alipay_refunded r;
    enum ch_err e = ch_alipay_refund(a, f, &o, answer, &r);

    if (e == CH_OK && answer->outcome == CH_ACCEPTED && r.refunded_fen < order->refund_fen) /* the sum of all refunds */
        *answer = CH_BAD_ANSWER("less is refunded than was asked for");
    if (e == CH_OK && answer->outcome == CH_ACCEPTED)
        *state = (struct ch_refund_state){r.moved ? CH_REFUND_DONE : CH_REFUND_WAITING, r.trade_no, 0};
    return e;
}

static enum ch_err refund_query(struct ch_arena *a, struct ch_fault *f, const struct ch_refund_order *order,
                                struct ch_answer *answer, struct ch_refund_state *state)
{
    struct ch_alipay_refund_state r;
    enum ch_err e = ch_alipay_refund_query(a, f, order->number, order->refund_number, answer, &r);

    if (e == CH_OK && answer->outcome == CH_ACCEPTED && r.done && r.amount_fen != order->refund_fen)
        *answer = CH_BAD_ANSWER("the answer is about another amount");
    if (e == CH_OK && answer->outcome == CH_ACCEPTED)
        *state = (struct ch_refund_state){r.done ? CH_REFUND_DONE : CH_REFUND_UNSEEN, NULL, r.at};
    return e;
}

/* Payments and refunds come to the same address. */
static enum ch_err read_notice(struct ch_arena *a, struct ch_fault *f, const struct ch_pay_report *report,
                               struct ch_pay_notice *notice)
{
    struct ch_alipay_notice n;

    enum ch_err e = ch_alipay_notice(a, f, report->body, &n);
    if (e != CH_OK)
        return e;
    if (n.event == CH_ALIPAY_PAID)
        *notice = (struct ch_pay_notice){
            CH_PAY_ABOUT_PAYMENT,   n.id, n.payment.out_trade_no, n.payment.trade_no, n.payment.total_fen,
            n.payment.success_time, NULL};
    /* Alipay names the sum of all refunds of the trade; a payment is refunded once, as a whole. A refund whose report lacks our
     * number is found by the runner's query. */
    if (n.event == CH_ALIPAY_REFUND && n.out_biz_no != NULL)
        *notice =
            (struct ch_pay_notice){CH_PAY_ABOUT_REFUND, n.id, n.out_biz_no, NULL, n.refunded_fen, n.refund_time, NULL};
    return CH_OK;
}

const struct ch_pay_way ch_pay_alipay = {
    .channel = "alipay",
    .vendor = CH_V_ALIPAY,
    .set_up = CONF_ALIPAY_APPID,
    .open = open_order,
    .page = page_url,
    .phone = phone_url,
    .query = query_order,
    .close = close_order,
    .refund = refund_order,
    .refund_query = refund_query,
    .bill = ch_alipay_bill,
    .notice = read_notice,
    .thanks = "success",
};
