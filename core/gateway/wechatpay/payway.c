/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay behind the interface of payway.h. */
#include "core/base/codec.h"
#include "core/gateway/payway.h"
#include "core/gateway/wechatpay/bill.h"
#include "core/gateway/wechatpay/wechatpay.h"

#include <string.h>

static struct ch_wechatpay_order order_of(const struct ch_pay_order *o)
{
    return (struct ch_wechatpay_order){.out_trade_no = o->number,
                                       .description = o->description,
                                       .total_fen = o->total_fen,
                                       .expires = o->expires,
                                       .payer_ip = o->payer_ip,
                                       .openid = o->payer};
}

static enum ch_err open_order(struct ch_arena *a, struct ch_fault *f, const struct ch_pay_order *order,
                              struct ch_answer *answer, const char **code)
{
    const struct ch_wechatpay_order o = order_of(order);
    return ch_wechatpay_native(a, f, &o, answer, code);
}

/* WeChat's address with ours behind it, to which its page leads back. */
static enum ch_err phone_url(struct ch_arena *a, struct ch_fault *f, const struct ch_pay_order *order,
                             struct ch_answer *answer, const char **url)
{
    const struct ch_wechatpay_order o = order_of(order);
    enum ch_err e = ch_wechatpay_h5(a, f, &o, answer, url);

    if (e == CH_OK && answer->outcome == CH_ACCEPTED && order->return_url != NULL)
        *url = ch_printf(a, "%s%credirect_url=%s", *url, strchr(*url, '?') != NULL ? '&' : '?',
                         ch_percent(a, order->return_url));
    return e;
}

static enum ch_err open_inside(struct ch_arena *a, struct ch_fault *f, const struct ch_pay_order *order,
                               struct ch_answer *answer, const char **prepay_id)
{
    const struct ch_wechatpay_order o = order_of(order);
    return ch_wechatpay_jsapi(a, f, &o, answer, prepay_id);
}

static const struct ch_pay_inside inside = {
    .vendor = CH_V_OPENID,
    .set_up = CONF_WECHATPAY_OPENID,
    .ask = ch_wechatpay_authorize_url,
    .payer = ch_wechatpay_openid,
    .open = open_inside,
    .request = ch_wechatpay_request,
};

static enum ch_pay_progress progress_of(enum ch_wechatpay_state s)
{
    switch (s) {
    case CH_WECHATPAY_SUCCESS:
    case CH_WECHATPAY_REFUND:
        return CH_PAY_PAID;
    case CH_WECHATPAY_CLOSED:
    case CH_WECHATPAY_REVOKED:
        return CH_PAY_CLOSED;
    default:
        return CH_PAY_WAITING;
    }
}

static bool refused_as(const struct ch_answer *answer, const char *code)
{
    return answer->outcome == CH_REFUSED && strcmp(answer->code, code) == 0;
}

static enum ch_err query_order(struct ch_arena *a, struct ch_fault *f, const char *number, struct ch_answer *answer,
                               struct ch_pay_state *state)
{
    struct ch_wechatpay_payment p;
    enum ch_err e = ch_wechatpay_query(a, f, number, answer, &p);

    if (e == CH_OK && answer->outcome == CH_ACCEPTED)
        *state = (struct ch_pay_state){progress_of(p.state), p.transaction_id, p.total_fen, p.success_time};
    if (e == CH_OK && refused_as(answer, "ORDER_NOT_EXIST")) {
        answer->outcome = CH_ACCEPTED;
        *state = (struct ch_pay_state){CH_PAY_UNSEEN, NULL, -1, 0};
    }
    return e;
}

static enum ch_err close_order(struct ch_arena *a, struct ch_fault *f, const char *number, struct ch_answer *answer)
{
    enum ch_err e = ch_wechatpay_close(a, f, number, answer);

    if (e == CH_OK && (refused_as(answer, "ORDER_NOT_EXIST") || refused_as(answer, "ORDER_CLOSED")))
        answer->outcome = CH_ACCEPTED;
    return e;
}

static struct ch_refund_state refund_state_of(const struct ch_wechatpay_refund *r)
{
    enum ch_refund_progress progress = CH_REFUND_WAITING;

    if (r->state == CH_WECHATPAY_REFUND_SUCCESS)
        progress = CH_REFUND_DONE;
    else if (r->state == CH_WECHATPAY_REFUND_CLOSED || r->state == CH_WECHATPAY_REFUND_ABNORMAL)
        progress = CH_REFUND_FAILED;
    return (struct ch_refund_state){progress, r->refund_id, r->success_time};
}

/* A refund that differs from what we ask for is not taken for it. */
static void must_be_of(const struct ch_wechatpay_refund *r, const struct ch_refund_order *order, struct ch_answer *answer)
{
    if (strcmp(r->out_trade_no, order->number) != 0 || r->refund_fen != order->refund_fen || r->total_fen != order->total_fen)
        *answer = CH_BAD_ANSWER("the answer is about another payment or amount");
}

static enum ch_err refund_order(struct ch_arena *a, struct ch_fault *f, const struct ch_refund_order *order,
                                struct ch_answer *answer, struct ch_refund_state *state)
{
    const struct ch_wechatpay_refund_order o = {order->number, order->refund_number, order->reason, order->refund_fen,
                                                order->total_fen};
    struct ch_wechatpay_refund r;
    enum ch_err e = ch_wechatpay_refund(a, f, &o, answer, &r);

    if (e == CH_OK && answer->outcome == CH_ACCEPTED)
        must_be_of(&r, order, answer);
    if (e == CH_OK && answer->outcome == CH_ACCEPTED)
        *state = refund_state_of(&r);
    return e;
}

static enum ch_err refund_query(struct ch_arena *a, struct ch_fault *f, const struct ch_refund_order *order,
                                struct ch_answer *answer, struct ch_refund_state *state)
{
    struct ch_wechatpay_refund r;
    enum ch_err e = ch_wechatpay_refund_query(a, f, order->refund_number, answer, &r);

    if (e == CH_OK && answer->outcome == CH_ACCEPTED)
        must_be_of(&r, order, answer);
    if (e == CH_OK && answer->outcome == CH_ACCEPTED)
        *state = refund_state_of(&r);
    if (e == CH_OK && refused_as(answer, "RESOURCE_NOT_EXISTS")) {
        answer->outcome = CH_ACCEPTED;
        *state = (struct ch_refund_state){CH_REFUND_UNSEEN, NULL, 0};
    }
    return e;
}

static enum ch_err read_bill(struct ch_arena *a, struct ch_fault *f, const char *day, struct ch_answer *answer,
                             const struct ch_bill_row **rows, size_t *n)
{
    struct ch_wechatpay_bill b = {NULL, 0};
    enum ch_err e = ch_wechatpay_bill(a, f, day, answer, &b);

    *rows = b.rows;
    *n = b.n;
    return e;
}

/* A refund that is still being processed is about nothing: a further report follows. */
static void refund_notice(const struct ch_wechatpay_refund *r, struct ch_pay_notice *notice)
{
    bool closed = r->state == CH_WECHATPAY_REFUND_CLOSED, abnormal = r->state == CH_WECHATPAY_REFUND_ABNORMAL;

    if (r->state == CH_WECHATPAY_REFUND_SUCCESS || closed || abnormal)
        *notice = (struct ch_pay_notice){.about = CH_PAY_ABOUT_REFUND,
                                         .number = r->out_refund_no,
                                         .vendor_no = r->refund_id,
                                         .fen = r->refund_fen,
                                         .at = r->success_time,
                                         .why = closed     ? "CLOSED"
                                                : abnormal ? "ABNORMAL"
                                                           : NULL};
}

/* The signature covers the raw bytes of the body. */
static enum ch_err read_notice(struct ch_arena *a, struct ch_fault *f, const struct ch_pay_report *report,
                               struct ch_pay_notice *notice)
{
    const struct ch_wechatpay_headers headers = {
        .timestamp = report->header(report->of, "Wechatpay-Timestamp"),
        .nonce = report->header(report->of, "Wechatpay-Nonce"),
        .signature = report->header(report->of, "Wechatpay-Signature"),
        .serial = report->header(report->of, "Wechatpay-Serial"),
    };
    struct ch_wechatpay_notice n = {.paid = false};

    enum ch_err e = ch_wechatpay_notice(a, f, &headers, report->body, &n);
    if (e == CH_OK && n.paid)
        *notice = (struct ch_pay_notice){
            CH_PAY_ABOUT_PAYMENT,   n.id, n.payment.out_trade_no, n.payment.transaction_id, n.payment.total_fen,
            n.payment.success_time, NULL};
    else if (e == CH_OK && n.kind == CH_WECHATPAY_ABOUT_REFUND)
        refund_notice(&n.refund, notice);
    return e;
}

/* WeChat Pay has no page of its own for desktop browsers. */
const struct ch_pay_way ch_pay_wechatpay = {
    .channel = "wechatpay",
    .vendor = CH_V_WECHATPAY,
    .set_up = CONF_WECHATPAY_MCHID,
    .open = open_order,
    .phone = phone_url,
    .inside = &inside,
    .query = query_order,
    .close = close_order,
    .refund = refund_order,
    .refund_query = refund_query,
    .bill = read_bill,
    .notice = read_notice,
};
