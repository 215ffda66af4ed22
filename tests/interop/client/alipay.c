/* SPDX-License-Identifier: Apache-2.0
 * The operations of Alipay's client. */
#include "tests/interop/client/client.h"

#include "core/gateway/alipay/alipay.h"

#include <string.h>

static const char *const states[] = {
    [CH_ALIPAY_OTHER] = "other", [CH_ALIPAY_WAITING] = "waiting", [CH_ALIPAY_SUCCESS] = "success", [CH_ALIPAY_FINISHED] = "finished", [CH_ALIPAY_CLOSED] = "closed"};

static struct ch_alipay_order order_of(const struct ch_json *in)
{
    return (struct ch_alipay_order){
        .out_trade_no = client_text(in, "out_trade_no", ""),
        .subject = client_text(in, "subject", "数字证书 一年"),
        .total_fen = client_int(in, "total_fen", 35000),
        .expires = client_int(in, "expires", 0),
        .return_url = client_text(in, "return_url", NULL),
    };
}

static void put_payment(struct ch_jw *out, const struct ch_alipay_payment *p)
{
    ch_jw_text(out, "state", states[p->state]);
    ch_jw_text(out, "out_trade_no", p->out_trade_no);
    ch_jw_text(out, "trade_no", p->trade_no);
    ch_jw_int(out, "total_fen", p->total_fen);
    ch_jw_int(out, "success_time", p->success_time);
}

bool client_alipay_page(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_alipay_order order = order_of(in);
    const char *url;

    if (ch_alipay_page(a, f, &order, &url) != CH_OK)
        return false;
    ch_jw_text(out, "url", url);
    return true;
}

bool client_alipay_wap(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_alipay_order order = order_of(in);
    const char *url;

    if (ch_alipay_wap(a, f, &order, &url) != CH_OK)
        return false;
    ch_jw_text(out, "url", url);
    return true;
}

bool client_alipay_precreate(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_alipay_order order = order_of(in);
    struct ch_answer answer;
    const char *qr_code;

    if (ch_alipay_precreate(a, f, &order, &answer, &qr_code) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "qr_code", qr_code);
    return true;
}

bool client_alipay_query(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_alipay_payment payment;

    if (ch_alipay_query(a, f, client_text(in, "out_trade_no", ""), &answer, &payment) != CH_OK)
        return false;
    client_answer(out, &answer);
    put_payment(out, &payment);
    return true;
}

bool client_alipay_close(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;

    if (ch_alipay_close(a, f, client_text(in, "out_trade_no", ""), &answer) != CH_OK)
        return false;
    client_answer(out, &answer);
    return true;
}

bool client_alipay_refund(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_alipay_refund_order order = {
        .out_trade_no = client_text(in, "out_trade_no", ""),
        .out_request_no = client_text(in, "out_request_no", ""),
        .amount_fen = client_int(in, "amount_fen", 35000),
        .reason = client_text(in, "reason", NULL),
    };
    struct ch_answer answer;
    struct ch_alipay_refunded refunded;

    if (ch_alipay_refund(a, f, &order, &answer, &refunded) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_bool(out, "moved", refunded.moved);
    ch_jw_int(out, "refunded_fen", refunded.refunded_fen);
    return true;
}

bool client_alipay_refund_query(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_alipay_refund_state state;

    if (ch_alipay_refund_query(a, f, client_text(in, "out_trade_no", ""), client_text(in, "out_request_no", ""),
                               &answer, &state) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_bool(out, "done", state.done);
    ch_jw_int(out, "amount_fen", state.amount_fen);
    ch_jw_int(out, "at", state.at);
    return true;
}

bool client_alipay_bill(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    const struct ch_bill_row *rows;
    size_t n;

    if (ch_alipay_bill(a, f, client_text(in, "day", ""), &answer, &rows, &n) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_array(out, "rows");
    for (size_t i = 0; i < n; i++) {
        ch_jw_object(out, NULL);
        ch_jw_text(out, "kind", rows[i].kind == CH_BILL_REFUND ? "refund" : "payment");
        ch_jw_text(out, "out_trade_no", rows[i].out_trade_no);
        ch_jw_text(out, "out_refund_no", rows[i].out_refund_no);
        ch_jw_text(out, "vendor_no", rows[i].vendor_no);
        ch_jw_int(out, "amount_fen", rows[i].amount_fen);
        ch_jw_int(out, "at", rows[i].at);
        ch_jw_end_object(out);
    }
    ch_jw_end_array(out);
    return true;
}

bool client_alipay_notice(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    static const char *const events[] = {
        [CH_ALIPAY_NOTHING] = "nothing", [CH_ALIPAY_PAID] = "paid", [CH_ALIPAY_REFUND] = "refund"};
    const char *body = client_text(in, "body", "");
    struct ch_alipay_notice n;

    if (ch_alipay_notice(a, f, CH_BYTES(body, strlen(body)), &n) != CH_OK)
        return false;
    ch_jw_text(out, "id", n.id);
    ch_jw_text(out, "event", events[n.event]);
    put_payment(out, &n.payment);
    ch_jw_int(out, "refunded_fen", n.refunded_fen);
    ch_jw_text(out, "out_biz_no", n.out_biz_no);
    return true;
}
