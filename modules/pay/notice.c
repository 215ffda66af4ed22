/* SPDX-License-Identifier: Apache-2.0
 * Notifications of WeChat Pay: verified over the raw bytes, taken once, compared with our own payment. */
#include "modules/pay/pay.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/gateway/wechatpay.h"

#include <string.h>

/* What WeChat is told: 204 ends its repetitions, anything else asks for another. A payment that is not ours, or of another
 * amount, is answered 204 as well once it is on record: no repetition would change it. */
static enum ch_err book(struct ch_req *r, const struct ch_wechat_notice *notice)
{
    const struct ch_wechat_payment *p = &notice->payment;
    struct ch_rows rows;

    enum ch_err e = ch_run(r, CH_CALL(&pay_notice_new, ch_p_text("wechat"), ch_p_text(notice->id)), &rows);
    if (e != CH_OK || !ch_col_bool(&rows, 0, "fresh"))
        return e;
    e = ch_run(r, CH_CALL(&pay_paid, ch_p_text(p->out_trade_no), ch_p_text(p->transaction_id), ch_p_int(r->a, p->total_fen),
                          ch_p_text(ch_rfc3339(r->a, p->success_time))), &rows);
    if (e != CH_OK)
        return e;
    const char *came = ch_col(&rows, 0, "out");
    bool usual = strcmp(came, "paid") == 0 || strcmp(came, "again") == 0;
    ch_log(usual ? CH_INFO : CH_WARN, r->id, "payment notice for %s: %s", p->out_trade_no, came);
    return CH_OK;
}

enum ch_err pay_notice_wechatpay(struct ch_req *r)
{
    const struct ch_wechat_headers headers = {
        .timestamp = ch_fcgi(r, "HTTP_WECHATPAY_TIMESTAMP"),
        .nonce = ch_fcgi(r, "HTTP_WECHATPAY_NONCE"),
        .signature = ch_fcgi(r, "HTTP_WECHATPAY_SIGNATURE"),
        .serial = ch_fcgi(r, "HTTP_WECHATPAY_SERIAL"),
    };
    struct ch_wechat_notice notice;

    enum ch_err e = ch_wechat_notice(r->a, &r->fault, &headers, r->raw, &notice);
    if (e == CH_OK && notice.paid)
        e = book(r, &notice);
    return e == CH_OK ? ch_reply_empty(r) : e;
}
