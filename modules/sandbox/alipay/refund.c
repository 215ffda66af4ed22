/* SPDX-License-Identifier: Apache-2.0
 * Refunds at Alipay, whole or in part: each request number is refunded once. */
#include "modules/sandbox/alipay/alipay.h"

#include "core/base/clock.h"
#include "core/gateway/amount.h"
#include "modules/sandbox/notifier.h"

#include <string.h>

static bool number_fits(const char *s)
{
    return s != NULL && *s != '\0' && strlen(s) <= 64;
}

enum ch_err alipay_refund(struct ch_req *r, const struct alipay_call *c)
{
    const char *number = alipay_number(c), *amount = ch_json_text(c->biz, "refund_amount");
    const char *request = ch_json_text(c->biz, "out_request_no");
    int64_t fen = amount != NULL ? ch_amount_read(amount) : -1;
    struct ch_rows done, row;
    struct ch_jw w;

    /* A refund without a number of its own is the only one of its trade and uses the trade's number. */
    if (!number_fits(number) || fen < 1 || (request != NULL && !number_fits(request)))
        return alipay_refuse(r, c, "ACQ.INVALID_PARAMETER");
    enum ch_err e =
        ch_run(r,
               CH_CALL(&sandbox_alipay_refund, ch_p_text(number), ch_p_text(request != NULL ? request : number),
                       ch_p_int(r->a, fen), ch_p_text(ch_json_text(c->biz, "refund_reason")),
                       ch_p_text(alipay_notify_id(r->a)), ch_p_text(sandbox_scaled(r->a, ALIPAY_LATE_SECONDS))),
               &done);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&sandbox_alipay_trade_get, ch_p_text(number)), &row);
    if (e != CH_OK)
        return e;
    if (strcmp(ch_col(&done, 0, "out"), "ok") != 0)
        return alipay_refuse(r, c, ch_col(&done, 0, "out"));
    bool moved = ch_col_bool(&done, 0, "moved");
    alipay_begin(r, &w);
    ch_jw_text(&w, "trade_no", ch_col(&row, 0, "trade_no"));
    ch_jw_text(&w, "out_trade_no", ch_col(&row, 0, "out_trade_no"));
    ch_jw_text(&w, "buyer_logon_id", "159****5620");
    ch_jw_text(&w, "buyer_user_id", ch_col(&row, 0, "buyer_id"));
    ch_jw_text(&w, "fund_change", moved ? "Y" : "N");
    ch_jw_text(&w, "refund_fee", ch_amount_yuan(r->a, ch_col_int(&row, 0, "refunded")));
    ch_jw_text(&w, "send_back_fee", moved ? ch_amount_yuan(r->a, fen) : "0.00");
    return alipay_end(r, c, &w);
}

static bool wants_time(const struct ch_json *biz)
{
    const struct ch_json *options = ch_json_get(biz, "query_options");

    for (const struct ch_json *one = options != NULL ? options->first : NULL; one != NULL; one = one->next)
        if (one->kind == CH_JSON_STRING && strcmp(one->text, "gmt_refund_pay") == 0)
            return true;
    return false;
}

enum ch_err alipay_refund_query(struct ch_req *r, const struct alipay_call *c)
{
    const char *number = alipay_number(c), *request = ch_json_text(c->biz, "out_request_no");
    struct ch_rows row;
    struct ch_jw w;

    if (!number_fits(number) || !number_fits(request))
        return alipay_refuse(r, c, "ACQ.INVALID_PARAMETER");
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_alipay_refund_get, ch_p_text(number), ch_p_text(request)), &row);
    if (e != CH_OK)
        return e;
    if (row.n != 1)
        return alipay_refuse(r, c, "ACQ.TRADE_NOT_EXIST");
    alipay_begin(r, &w);
    if (ch_col(&row, 0, "fen") != NULL) { /* when there was no refund the answer has nothing else */
        ch_jw_text(&w, "trade_no", ch_col(&row, 0, "trade_no"));
        ch_jw_text(&w, "out_trade_no", ch_col(&row, 0, "out_trade_no"));
        ch_jw_text(&w, "out_request_no", request);
        ch_jw_text(&w, "total_amount", ch_amount_yuan(r->a, ch_col_int(&row, 0, "total")));
        ch_jw_text(&w, "refund_amount", ch_amount_yuan(r->a, ch_col_int(&row, 0, "fen")));
        ch_jw_text(&w, "refund_status", "REFUND_SUCCESS");
        if (wants_time(c->biz))
            ch_jw_text(&w, "gmt_refund_pay", ch_beijing(r->a, ch_col_int(&row, 0, "at"), ALIPAY_TIME));
    }
    return alipay_end(r, c, &w);
}
