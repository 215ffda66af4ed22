/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay: asking for a refund and querying it. */
#include "core/gateway/wechatpay/wechatpay.h"

#include "core/base/codec.h"
#include "core/gateway/wechatpay/call.h"
#include "core/gateway/wechatpay/payment.h"

#include <string.h>

#define REFUNDS "/v3/refund/domestic/refunds"

/* Performs the call and reads the refund object of its answer. An answer about another refund is a bad answer. */
static enum ch_err call_for_refund(struct ch_arena *a, struct ch_fault *f, const struct ch__wechatpay_call *c,
                                   const char *out_refund_no, struct ch_answer *answer, struct ch_wechatpay_refund *refund)
{
    struct ch_fault own = {0};
    struct ch_json *root;
    enum ch_err e = ch__wechatpay_call(a, f, c, answer, &root);

    *refund = (struct ch_wechatpay_refund){.account = ""};
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    if (ch__wechatpay_refund(&own, root, "status", refund) != CH_OK)
        *answer = CH_BAD_ANSWER(ch_strdup(a, own.detail));
    else if (strcmp(refund->out_refund_no, out_refund_no) != 0)
        *answer = CH_BAD_ANSWER("the answer is about another refund");
    return CH_OK;
}

enum ch_err ch_wechatpay_refund(struct ch_arena *a, struct ch_fault *f, const struct ch_wechatpay_refund_order *order,
                                struct ch_answer *answer, struct ch_wechatpay_refund *refund)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "out_trade_no", order->out_trade_no);
    ch_jw_text(&w, "out_refund_no", order->out_refund_no);
    if (order->reason != NULL)
        ch_jw_text(&w, "reason", order->reason);
    ch_jw_text(&w, "notify_url", ch__wechatpay_notify_url(a));
    ch_jw_object(&w, "amount");
    ch_jw_int(&w, "refund", order->refund_fen);
    ch_jw_int(&w, "total", order->total_fen);
    ch_jw_text(&w, "currency", "CNY");
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    struct ch__wechatpay_call c = {"POST", REFUNDS, ch_jw_done(&w), CH_ONE_TRY};
    enum ch_err e = call_for_refund(a, f, &c, order->out_refund_no, answer, refund);

    if (e == CH_OK && answer->outcome == CH_ACCEPTED &&
        (strcmp(refund->out_trade_no, order->out_trade_no) != 0 || refund->refund_fen != order->refund_fen))
        *answer = CH_BAD_ANSWER("the answer is about another payment or amount");
    return e;
}

enum ch_err ch_wechatpay_refund_query(struct ch_arena *a, struct ch_fault *f, const char *out_refund_no,
                                      struct ch_answer *answer, struct ch_wechatpay_refund *refund)
{
    struct ch__wechatpay_call c = {"GET", ch_printf(a, REFUNDS "/%s", ch_percent(a, out_refund_no)), "", CH_REPEAT};

    return call_for_refund(a, f, &c, out_refund_no, answer, refund);
}
