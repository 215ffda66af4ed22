/* SPDX-License-Identifier: Apache-2.0
 * Notifications of Alipay. Payments and refunds come to the same address. Alipay repeats a notification until the answer is
 * exactly the seven bytes "success". */
#include "modules/notify/notify.h"

#include "core/gateway/alipay/alipay.h"

static enum ch_err book_notice(struct ch_req *r, const struct ch_alipay_notice *n)
{
    const struct notify_paid paid = {
        "alipay", n->id, n->payment.out_trade_no, n->payment.trade_no, n->payment.total_fen, n->payment.success_time};
    /* Alipay names the sum of all refunds of the trade; a payment is refunded once, as a whole. */
    const struct notify_refund refund = {
        .number = n->out_biz_no, .fen = n->refunded_fen, .state = "succeeded", .at = n->refund_time};

    if (n->event == CH_ALIPAY_PAID)
        return notify_book_paid(r, &paid);
    /* A refund whose notification lacks our number is found by the runner's query. */
    return n->event == CH_ALIPAY_REFUND && n->out_biz_no != NULL ? notify_book_refund(r, &refund) : CH_OK;
}

enum ch_err notify_alipay(struct ch_req *r)
{
    struct ch_alipay_notice notice;

    enum ch_err e = ch_alipay_notice(r->a, &r->fault, r->raw, &notice);
    if (e == CH_OK)
        e = book_notice(r, &notice);
    if (e != CH_OK)
        return e;
    r->reply.status = 200;
    r->reply.mime = "text/plain";
    r->reply.body = CH_BYTES("success", 7);
    return CH_OK;
}
