/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay: ordering a Native, an H5 or a JSAPI payment, querying and closing the order. */
#include "core/gateway/wechatpay/wechatpay.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/gateway/wechatpay/call.h"
#include "core/gateway/wechatpay/payment.h"

#include <string.h>

static void put_scene(struct ch_jw *w, const struct ch_wechatpay_order *order)
{
    ch_jw_object(w, "scene_info");
    ch_jw_text(w, "payer_client_ip", ch_or_empty(order->payer_ip));
    ch_jw_object(w, "h5_info");
    ch_jw_text(w, "type", "Wap");
    ch_jw_end_object(w);
    ch_jw_end_object(w);
}

static void put_payer(struct ch_jw *w, const struct ch_wechatpay_order *order)
{
    ch_jw_object(w, "payer");
    ch_jw_text(w, "openid", ch_or_empty(order->openid));
    ch_jw_end_object(w);
}

/* The body of an order; `put` adds for whom it is, or is NULL. */
static char *order_body(struct ch_arena *a, const struct ch_wechatpay_order *order,
                        void (*put)(struct ch_jw *, const struct ch_wechatpay_order *))
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "appid", ch_conf(CONF_WECHATPAY_APPID));
    ch_jw_text(&w, "mchid", ch_conf(CONF_WECHATPAY_MCHID));
    ch_jw_text(&w, "description", order->description);
    ch_jw_text(&w, "out_trade_no", order->out_trade_no);
    if (order->expires > 0)
        ch_jw_text(&w, "time_expire", ch_rfc3339(a, order->expires));
    if (order->attach != NULL)
        ch_jw_text(&w, "attach", order->attach);
    ch_jw_text(&w, "notify_url", ch__wechatpay_notify_url(a));
    ch_jw_object(&w, "amount");
    ch_jw_int(&w, "total", order->total_fen);
    ch_jw_text(&w, "currency", "CNY");
    ch_jw_end_object(&w);
    if (put != NULL)
        put(&w, order);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

/* Sends the order; *text is the member of the answer that a person pays by. */
static enum ch_err send_order(struct ch_arena *a, struct ch_fault *f, const char *target, const char *body,
                              const char *member, struct ch_answer *answer, const char **text)
{
    struct ch__wechatpay_call c = {"POST", target, body, CH_REPEAT};
    struct ch_json *root;
    enum ch_err e = ch__wechatpay_call(a, f, &c, answer, &root);

    *text = NULL;
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    *text = ch_json_text(root, member);
    if (*text == NULL)
        *answer = CH_BAD_ANSWER(ch_printf(a, "no %s in the answer", member));
    return CH_OK;
}

enum ch_err ch_wechatpay_native(struct ch_arena *a, struct ch_fault *f, const struct ch_wechatpay_order *order,
                                struct ch_answer *answer, const char **code_url)
{
    return send_order(a, f, "/v3/pay/transactions/native", order_body(a, order, NULL), "code_url", answer, code_url);
}

enum ch_err ch_wechatpay_h5(struct ch_arena *a, struct ch_fault *f, const struct ch_wechatpay_order *order,
                            struct ch_answer *answer, const char **h5_url)
{
    return send_order(a, f, "/v3/pay/transactions/h5", order_body(a, order, put_scene), "h5_url", answer, h5_url);
}

enum ch_err ch_wechatpay_jsapi(struct ch_arena *a, struct ch_fault *f, const struct ch_wechatpay_order *order,
                               struct ch_answer *answer, const char **prepay_id)
{
    return send_order(a, f, "/v3/pay/transactions/jsapi", order_body(a, order, put_payer), "prepay_id", answer, prepay_id);
}

enum ch_err ch_wechatpay_query(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no,
                               struct ch_answer *answer, struct ch_wechatpay_payment *payment)
{
    const char *mchid = ch_conf(CONF_WECHATPAY_MCHID);
    struct ch__wechatpay_call c = {
        "GET", ch_printf(a, "/v3/pay/transactions/out-trade-no/%s?mchid=%s", ch_percent(a, out_trade_no), mchid), "",
        CH_REPEAT};
    struct ch_fault own = {0};
    struct ch_json *root;
    enum ch_err e = ch__wechatpay_call(a, f, &c, answer, &root);

    *payment = (struct ch_wechatpay_payment){.total_fen = -1};
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    if (ch__wechatpay_payment(&own, root, mchid, ch_conf(CONF_WECHATPAY_APPID), payment) != CH_OK)
        *answer = CH_BAD_ANSWER(ch_strdup(a, own.detail));
    else if (strcmp(payment->out_trade_no, out_trade_no) != 0)
        *answer = CH_BAD_ANSWER("the answer is about another order");
    return CH_OK;
}

enum ch_err ch_wechatpay_close(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no, struct ch_answer *answer)
{
    struct ch_jw w;
    struct ch_json *root;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "mchid", ch_conf(CONF_WECHATPAY_MCHID));
    ch_jw_end_object(&w);
    struct ch__wechatpay_call c = {"POST",
                                   ch_printf(a, "/v3/pay/transactions/out-trade-no/%s/close", ch_percent(a, out_trade_no)),
                                   ch_jw_done(&w), CH_REPEAT};
    return ch__wechatpay_call(a, f, &c, answer, &root);
}
