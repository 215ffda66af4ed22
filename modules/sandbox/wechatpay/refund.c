/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay's side of refunds. A refund is accepted at once; the payer has the money a little later (notifier.c). */
#include "modules/sandbox/wechatpay/wechatpay.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/random.h"
#include "modules/sandbox/notifier.h"
#include "modules/sandbox/wechatpay/sign.h"

#include <string.h>

#define TRANSIT_SECONDS 60

struct wish {
    const char *no, *out_trade_no, *transaction_id, *reason, *notify_url;
    int64_t fen, total;
};

/* Reads the request; returns the name of the first bad field, or NULL. */
static const char *read_refund(const struct ch_json *root, struct wish *o)
{
    const struct ch_json *amount = ch_json_get(root, "amount");
    size_t points;

    *o = (struct wish){ch_json_text(root, "out_refund_no"),
                       ch_json_text(root, "out_trade_no"),
                       ch_json_text(root, "transaction_id"),
                       ch_json_text(root, "reason"),
                       ch_json_text(root, "notify_url"),
                       0,
                       0};
    if (!wechatpay_number_fits(o->no, 1, 64))
        return "out_refund_no";
    if ((o->out_trade_no == NULL) == (o->transaction_id == NULL))
        return "out_trade_no";
    if (o->reason != NULL && (!ch_utf8(o->reason, strlen(o->reason), &points) || points > 80))
        return "reason";
    if (o->notify_url != NULL && !wechatpay_notify_fits(o->notify_url))
        return "notify_url";
    if (!ch_json_int(amount, "refund", &o->fen) || o->fen < 1)
        return "amount.refund";
    if (!ch_json_int(amount, "total", &o->total) || o->total < 1)
        return "amount.total";
    return sandbox_is(ch_json_text(amount, "currency"), "CNY") ? NULL : "amount.currency";
}

static enum ch_err refuse_refund(struct ch_req *r, const char *code)
{
    static const struct {
        const char *code;
        int status;
        const char *message;
    } words[] = {
        {"RESOURCE_NOT_EXISTS", 404, "订单不存在或未支付"},
        {"INVALID_REQUEST", 400, "订单金额或退款金额与之前请求不一致，或累计退款金额超过支付金额"},
        {"NOT_ENOUGH", 403, "基本账户余额不足，请充值后重新发起"},
    };
    for (size_t i = 0; i < CH_COUNT(words); i++)
        if (strcmp(words[i].code, code) == 0)
            return wechatpay_refuse(r, words[i].status, code, words[i].message);
    return ch_fail(r, CH_E_INTERNAL, "the database answered with an unknown code");
}

/* *object is the refund object, or NULL when there is no such refund. */
static enum ch_err find_refund(struct ch_req *r, const char *no, const char **object)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_wechatpay_refund_get, ch_p_text(no)), &rows);

    *object = e == CH_OK && rows.n == 1 ? sandbox_wechatpay_refund_object(r->a, &rows, false) : NULL;
    return e;
}

static enum ch_err record_refund(struct ch_req *r, const struct wish *o)
{
    const char *day = ch_beijing(r->a, ch_now_ms() / 1000, "%Y%m%d"), *word, *object;
    const char *id = ch_printf(r->a, "5030%s%s", day, ch_random_text(r->a, "0123456789", 16));

    struct ch_call put = CH_CALL(&sandbox_wechatpay_refund_new, ch_p_text(o->no), ch_p_text(o->out_trade_no),
                                 ch_p_text(o->transaction_id), ch_p_text(id), ch_p_int(r->a, o->fen),
                                 ch_p_int(r->a, o->total), ch_p_text(o->reason), ch_p_text(o->notify_url),
                                 ch_p_text(ch_uuid7(r->a)), ch_p_text(sandbox_scaled(r->a, TRANSIT_SECONDS)));
    enum ch_err e = ch_run_text(r, put, &word);
    if (e != CH_OK)
        return e;
    if (strcmp(word, "OK") != 0)
        return refuse_refund(r, word);
    e = find_refund(r, o->no, &object);
    return e == CH_OK ? wechatpay_taken(r, object) : e;
}

enum ch_err sandbox_wechatpay_refund(struct ch_req *r)
{
    struct ch_json *root = NULL;
    struct wish o;
    enum ch_err e;

    if (!wechatpay_admitted(r, &e))
        return e;
    if (ch_json_parse(r->a, r->raw, &root, NULL) != CH_JSON_OK)
        return wechatpay_bad_parameter(r, "", "请求体不是合法的 JSON");
    const char *bad = read_refund(root, &o);
    return bad != NULL ? wechatpay_bad_parameter(r, bad, "参数缺失或不符合规则") : record_refund(r, &o);
}

enum ch_err sandbox_wechatpay_refund_query(struct ch_req *r)
{
    const char *object;
    enum ch_err e;

    if (!wechatpay_admitted(r, &e))
        return e;
    e = find_refund(r, ch_var(r, "no"), &object);
    if (e != CH_OK)
        return e;
    return object != NULL ? wechatpay_finish(r, 200, object)
                          : wechatpay_refuse(r, 404, "RESOURCE_NOT_EXISTS", "退款单不存在");
}
