/* SPDX-License-Identifier: Apache-2.0
 * Notifications of WeChat Pay. Their signature covers the raw bytes of the body. WeChat Pay repeats a notification until the
 * answer is 204. */
#include "modules/notify/notify.h"

#include "core/gateway/wechatpay/wechatpay.h"

static enum ch_err book_refund(struct ch_req *r, const struct ch_wechatpay_refund *refund)
{
    struct notify_refund n = {.number = refund->out_refund_no,
                              .fen = refund->refund_fen,
                              .vendor_no = refund->refund_id,
                              .at = refund->success_time};

    switch (refund->state) {
    case CH_WECHATPAY_REFUND_SUCCESS:
        n.state = "succeeded";
        break;
    case CH_WECHATPAY_REFUND_CLOSED:
        n.state = "failed";
        n.why = "CLOSED";
        break;
    case CH_WECHATPAY_REFUND_ABNORMAL:
        n.state = "failed";
        n.why = "ABNORMAL";
        break;
    default: /* still being processed: a further report follows */
        return CH_OK;
    }
    return notify_book_refund(r, &n);
}

enum ch_err notify_wechatpay(struct ch_req *r)
{
    const struct ch_wechatpay_headers headers = {
        .timestamp = ch_fcgi(r, "HTTP_WECHATPAY_TIMESTAMP"),
        .nonce = ch_fcgi(r, "HTTP_WECHATPAY_NONCE"),
        .signature = ch_fcgi(r, "HTTP_WECHATPAY_SIGNATURE"),
        .serial = ch_fcgi(r, "HTTP_WECHATPAY_SERIAL"),
    };
    struct ch_wechatpay_notice notice = {.paid = false};

    enum ch_err e = ch_wechatpay_notice(r->a, &r->fault, &headers, r->raw, &notice);
    const struct notify_paid paid = {"wechatpay",
                                     notice.id,
                                     notice.payment.out_trade_no,
                                     notice.payment.transaction_id,
                                     notice.payment.total_fen,
                                     notice.payment.success_time};
    if (e == CH_OK && notice.paid)
        e = notify_book_paid(r, &paid);
    else if (e == CH_OK && notice.kind == CH_WECHATPAY_ABOUT_REFUND)
        e = book_refund(r, &notice.refund);
    return e == CH_OK ? ch_reply_empty(r) : e;
}
