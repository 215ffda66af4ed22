/* SPDX-License-Identifier: Apache-2.0
 * The operations of WeChat Pay's client. */
#include "tests/interop/client/client.h"

#include "core/gateway/wechatpay/bill.h"
#include "core/gateway/wechatpay/wechatpay.h"

#include <string.h>

static struct ch_wechatpay_order order_of(const struct ch_json *in)
{
    return (struct ch_wechatpay_order){
        .out_trade_no = client_text(in, "out_trade_no", ""),
        .description = client_text(in, "description", "数字证书 一年"),
        .total_fen = client_int(in, "total_fen", 35000),
        .attach = client_text(in, "attach", NULL),
        .payer_ip = client_text(in, "payer_ip", NULL),
        .openid = client_text(in, "openid", NULL),
    };
}

bool client_wechatpay_native(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_wechatpay_order order = order_of(in);
    struct ch_answer answer;
    const char *code_url;

    if (ch_wechatpay_native(a, f, &order, &answer, &code_url) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "code_url", code_url);
    return true;
}

bool client_wechatpay_h5(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_wechatpay_order order = order_of(in);
    struct ch_answer answer;
    const char *h5_url;

    if (ch_wechatpay_h5(a, f, &order, &answer, &h5_url) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "h5_url", h5_url);
    return true;
}

bool client_wechatpay_jsapi(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_wechatpay_order order = order_of(in);
    struct ch_answer answer;
    const char *prepay_id;

    if (ch_wechatpay_jsapi(a, f, &order, &answer, &prepay_id) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "prepay_id", prepay_id);
    return true;
}

bool client_wechatpay_request(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const char *request;

    if (ch_wechatpay_request(a, f, client_text(in, "prepay_id", ""), &request) != CH_OK)
        return false;
    ch_jw_raw(out, "request", request);
    return true;
}

bool client_wechatpay_openid(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    const char *openid;

    if (ch_wechatpay_openid(a, f, client_text(in, "code", ""), &answer, &openid) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "openid", openid);
    return true;
}

bool client_wechatpay_query(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    static const char *const states[] = {
        [CH_WECHATPAY_OTHER] = "OTHER",           [CH_WECHATPAY_SUCCESS] = "SUCCESS",
        [CH_WECHATPAY_REFUND] = "REFUND",         [CH_WECHATPAY_NOTPAY] = "NOTPAY",
        [CH_WECHATPAY_CLOSED] = "CLOSED",         [CH_WECHATPAY_REVOKED] = "REVOKED",
        [CH_WECHATPAY_USERPAYING] = "USERPAYING", [CH_WECHATPAY_PAYERROR] = "PAYERROR",
    };
    struct ch_answer answer;
    struct ch_wechatpay_payment p;

    if (ch_wechatpay_query(a, f, client_text(in, "out_trade_no", ""), &answer, &p) != CH_OK)
        return false;
    client_answer(out, &answer);
    if (answer.outcome != CH_ACCEPTED)
        return true;
    ch_jw_text(out, "state", states[p.state]);
    ch_jw_text(out, "transaction_id", p.transaction_id);
    ch_jw_int(out, "total_fen", p.total_fen);
    return true;
}

bool client_wechatpay_close(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;

    if (ch_wechatpay_close(a, f, client_text(in, "out_trade_no", ""), &answer) != CH_OK)
        return false;
    client_answer(out, &answer);
    return true;
}

static void put_refund(struct ch_jw *out, const struct ch_wechatpay_refund *r)
{
    static const char *const states[] = {
        [CH_WECHATPAY_REFUND_OTHER] = "OTHER",       [CH_WECHATPAY_REFUND_PROCESSING] = "PROCESSING",
        [CH_WECHATPAY_REFUND_SUCCESS] = "SUCCESS",   [CH_WECHATPAY_REFUND_CLOSED] = "CLOSED",
        [CH_WECHATPAY_REFUND_ABNORMAL] = "ABNORMAL",
    };

    ch_jw_text(out, "state", states[r->state]);
    ch_jw_text(out, "refund_id", r->refund_id);
    ch_jw_text(out, "out_refund_no", r->out_refund_no);
    ch_jw_int(out, "refund_fen", r->refund_fen);
    ch_jw_int(out, "success_time", r->success_time);
}

bool client_wechatpay_refund(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_wechatpay_refund_order order = {
        .out_trade_no = client_text(in, "out_trade_no", ""),
        .out_refund_no = client_text(in, "out_refund_no", ""),
        .reason = client_text(in, "reason", NULL),
        .refund_fen = client_int(in, "refund_fen", 10000),
        .total_fen = client_int(in, "total_fen", 35000),
    };
    struct ch_answer answer;
    struct ch_wechatpay_refund refund;

    if (ch_wechatpay_refund(a, f, &order, &answer, &refund) != CH_OK)
        return false;
    client_answer(out, &answer);
    if (answer.outcome == CH_ACCEPTED)
        put_refund(out, &refund);
    return true;
}

bool client_wechatpay_refund_query(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_wechatpay_refund refund;

    if (ch_wechatpay_refund_query(a, f, client_text(in, "out_refund_no", ""), &answer, &refund) != CH_OK)
        return false;
    client_answer(out, &answer);
    if (answer.outcome == CH_ACCEPTED)
        put_refund(out, &refund);
    return true;
}

static void put_row(struct ch_jw *out, const struct ch_bill_row *row)
{
    ch_jw_object(out, NULL);
    ch_jw_text(out, "kind", row->kind == CH_BILL_REFUND ? "refund" : "payment");
    ch_jw_text(out, "out_trade_no", row->out_trade_no);
    ch_jw_text(out, "out_refund_no", row->out_refund_no);
    ch_jw_text(out, "vendor_no", row->vendor_no);
    ch_jw_int(out, "amount_fen", row->amount_fen);
    ch_jw_int(out, "at", row->at);
    ch_jw_end_object(out);
}

bool client_wechatpay_bill(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_wechatpay_bill bill;

    if (ch_wechatpay_bill(a, f, client_text(in, "day", ""), &answer, &bill) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_array(out, "rows");
    for (size_t i = 0; i < bill.n; i++)
        put_row(out, &bill.rows[i]);
    ch_jw_end_array(out);
    return true;
}

/* `error` is the number of what ch_wechatpay_notice returned; 0 when it believes the notification. */
bool client_wechatpay_notice(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_wechatpay_headers headers = {client_text(in, "timestamp", ""), client_text(in, "nonce", ""),
                                                 client_text(in, "signature", ""), client_text(in, "serial", "")};
    const char *body = client_text(in, "body", "");
    struct ch_wechatpay_notice notice;
    enum ch_err e = ch_wechatpay_notice(a, f, &headers, CH_BYTES(body, strlen(body)), &notice);

    ch_jw_text(out, "error", e == CH_OK ? "" : ch_err_row(e)->word);
    if (e != CH_OK)
        return true;
    ch_jw_bool(out, "paid", notice.paid);
    if (notice.kind == CH_WECHATPAY_ABOUT_REFUND)
        put_refund(out, &notice.refund);
    else if (notice.kind == CH_WECHATPAY_ABOUT_PAYMENT)
        ch_jw_int(out, "total_fen", notice.payment.total_fen);
    return true;
}
