/* SPDX-License-Identifier: Apache-2.0
 * Calls to Alipay. Like Alipay's own SDKs we send the public parameters in the query, where the gateway looks for the charset,
 * and biz_content in the body. */
#include "core/gateway/alipay/alipay.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/gateway/alipay/answer.h"
#include "core/gateway/alipay/bill.h"
#include "core/gateway/alipay/sign.h"
#include "core/gateway/amount.h"
#include "core/gateway/keys.h"
#include "core/gateway/vendor.h"
#include "core/http/client.h"

#include <string.h>

#define TIME "%Y-%m-%d %H:%M:%S"
#define DOWNLOAD_MS 60000

struct call {
    const char *method;
    const char *notify_url, *return_url; /* NULL: none */
    const char *biz_content;
    bool money;
    const struct ch_json *node; /* of the answer */
};

/* The signed parameters of a call: `sign` is the last, and biz_content stands before it. False when the key is missing. */
static bool signed_params(struct ch_arena *a, struct ch_alipay_params *p, const struct call *c)
{
    EVP_PKEY *key = ch_keys_private(CONF_ALIPAY_KEY);

    p->n = 0;
    ch_alipay_add(p, "app_id", ch_conf(CONF_ALIPAY_APPID));
    ch_alipay_add(p, "method", c->method);
    ch_alipay_add(p, "format", "JSON");
    ch_alipay_add(p, "charset", "utf-8");
    ch_alipay_add(p, "sign_type", "RSA2");
    ch_alipay_add(p, "timestamp", ch_beijing(a, ch_now_ms() / 1000, TIME));
    ch_alipay_add(p, "version", "1.0");
    ch_alipay_add(p, "notify_url", c->notify_url);
    ch_alipay_add(p, "return_url", c->return_url);
    ch_alipay_add(p, "biz_content", c->biz_content);
    const char *text = ch_alipay_text(a, p, CH_ALIPAY_REQUEST);
    const char *sign = key != NULL ? ch_alipay_sign(a, key, CH_BYTES(text, strlen(text))) : NULL;
    ch_alipay_add(p, "sign", sign);
    return sign != NULL;
}

static char *gateway_url(struct ch_arena *a, const struct ch_alipay_params *query)
{
    return ch_printf(a, "%s?%s", ch_conf(CONF_ALIPAY_URL), ch_alipay_form(a, query));
}

static enum ch_err try_call(struct ch_arena *a, struct ch_fault *f, void *call, struct ch_answer *answer)
{
    EVP_PKEY *alipays = ch_keys_public(CONF_ALIPAY_PUBKEY);
    struct call *c = call;
    struct ch_alipay_params p;
    struct ch_http_response res;

    if (alipays == NULL || !signed_params(a, &p, c))
        return ch_fault(f, CH_E_INTERNAL, "alipay: a key is missing");
    /* biz_content moves from the parameters into the body. */
    const char *body = ch_printf(a, "biz_content=%s", ch_percent(a, p.at[p.n - 2].value));
    p.at[p.n - 2] = p.at[p.n - 1];
    p.n--;
    struct ch_http_request req = {
        .method = "POST",
        .url = gateway_url(a, &p),
        .headers = {"Content-Type: application/x-www-form-urlencoded;charset=utf-8", "Accept: application/json"},
        .body = CH_BYTES(body, strlen(body)),
        .once = c->money,
    };
    enum ch_err e;
    c->node = NULL;
    if (!ch_vendor_send(a, f, CH_V_ALIPAY, &req, &res, answer, &e))
        return e;
    *answer = ch_alipay_answer(a, alipays, c->method, res.body, &c->node);
    answer->request_id = ch_or_empty(ch_http_header(a, &res, "trace_id"));
    return CH_OK;
}

static enum ch_err perform_call(struct ch_arena *a, struct ch_fault *f, struct call *c, struct ch_answer *answer)
{
    return ch_vendor_call(a, f, CH_V_ALIPAY, c->money ? CH_ONE_TRY : CH_REPEAT, try_call, c, answer);
}

static const char *notify_url(struct ch_arena *a)
{
    const char *set = ch_conf(CONF_ALIPAY_NOTIFY);
    return *set != '\0' ? set : ch_printf(a, "%s/notify/alipay", ch_conf(CONF_ORIGIN));
}

/* `product` is that of a page, NULL for a code; `quit_url` where whoever gives up on the page is led, or NULL. */
static char *order_content(struct ch_arena *a, const struct ch_alipay_order *o, const char *product, const char *quit_url)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "out_trade_no", o->out_trade_no);
    ch_jw_text(&w, "total_amount", ch_amount_yuan(a, o->total_fen));
    ch_jw_text(&w, "subject", o->subject);
    if (product != NULL)
        ch_jw_text(&w, "product_code", product);
    if (quit_url != NULL)
        ch_jw_text(&w, "quit_url", quit_url);
    if (o->expires > 0)
        ch_jw_text(&w, "time_expire", ch_beijing(a, o->expires, TIME));
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

/* {"out_trade_no":…}; for the query of a refund also its out_request_no, and that the answer is to tell the refund's time. */
static char *number_content(struct ch_arena *a, const char *out_trade_no, const char *out_request_no)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "out_trade_no", out_trade_no);
    if (out_request_no != NULL) {
        ch_jw_text(&w, "out_request_no", out_request_no);
        ch_jw_array(&w, "query_options");
        ch_jw_text(&w, NULL, "gmt_refund_pay");
        ch_jw_end_array(&w);
    }
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

/* The amount in a member of the answer, in fen; -1 when it is missing or not an amount. */
static int64_t amount_of(const struct ch_json *node, const char *name)
{
    const char *text = ch_json_text(node, name);
    return text != NULL ? ch_amount_read(text) : -1;
}

static bool is_in_yuan(const struct ch_json *node)
{
    for (size_t i = 0; i < CH_ALIPAY_CURRENCIES; i++)
        if (ch_json_get(node, ch_alipay_currencies[i]) != NULL &&
            strcmp(ch_or_empty(ch_json_text(node, ch_alipay_currencies[i])), "CNY") != 0)
            return false;
    return true;
}

/* False, with a bad answer, when the answer is about another order or another currency. */
static bool is_about(const struct ch_json *node, const char *out_trade_no, struct ch_answer *answer)
{
    if (strcmp(ch_or_empty(ch_json_text(node, "out_trade_no")), out_trade_no) != 0)
        *answer = CH_BAD_ANSWER("the answer is about another order");
    else if (!is_in_yuan(node))
        *answer = CH_BAD_ANSWER("the answer is in another currency");
    else
        return true;
    return false;
}

/* The address of a page of Alipay's, which needs no call. */
static enum ch_err page_url(struct ch_arena *a, struct ch_fault *f, const struct call *c, const char **url)
{
    struct ch_alipay_params p;

    *url = NULL;
    if (!signed_params(a, &p, c))
        return ch_fault(f, CH_E_INTERNAL, "alipay: no application key");
    *url = gateway_url(a, &p);
    return CH_OK;
}

enum ch_err ch_alipay_page(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_order *order, const char **url)
{
    const struct call c = {.method = "alipay.trade.page.pay",
                           .notify_url = notify_url(a),
                           .return_url = order->return_url,
                           .biz_content = order_content(a, order, "FAST_INSTANT_TRADE_PAY", NULL)};
    return page_url(a, f, &c, url);
}

enum ch_err ch_alipay_wap(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_order *order, const char **url)
{
    const struct call c = {.method = "alipay.trade.wap.pay",
                           .notify_url = notify_url(a),
                           .return_url = order->return_url,
                           .biz_content = order_content(a, order, "QUICK_WAP_WAY", order->return_url)};
    return page_url(a, f, &c, url);
}

enum ch_err ch_alipay_precreate(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_order *order,
                                struct ch_answer *answer, const char **qr_code)
{
    struct call c = {.method = "alipay.trade.precreate",
                     .notify_url = notify_url(a),
                     .biz_content = order_content(a, order, NULL, NULL)};
    enum ch_err e = perform_call(a, f, &c, answer);

    *qr_code = NULL;
    if (e != CH_OK || answer->outcome != CH_ACCEPTED || !is_about(c.node, order->out_trade_no, answer))
        return e;
    *qr_code = ch_json_text(c.node, "qr_code");
    if (*qr_code == NULL)
        *answer = CH_BAD_ANSWER("no qr_code in the answer");
    return CH_OK;
}

enum ch_err ch_alipay_query(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no, struct ch_answer *answer,
                            struct ch_alipay_payment *payment)
{
    struct call c = {.method = "alipay.trade.query", .biz_content = number_content(a, out_trade_no, NULL)};
    enum ch_err e = perform_call(a, f, &c, answer);

    *payment = (struct ch_alipay_payment){.out_trade_no = out_trade_no, .total_fen = -1};
    if (e != CH_OK || answer->outcome != CH_ACCEPTED || !is_about(c.node, out_trade_no, answer))
        return e;
    payment->state = ch_alipay_state_of(ch_or_empty(ch_json_text(c.node, "trade_status")));
    payment->trade_no = ch_json_text(c.node, "trade_no");
    payment->total_fen = amount_of(c.node, "total_amount");
    payment->success_time = ch_alipay_time(ch_json_text(c.node, "send_pay_date"));
    bool paid = payment->state == CH_ALIPAY_SUCCESS || payment->state == CH_ALIPAY_FINISHED;
    if (paid && (payment->trade_no == NULL || payment->total_fen < 0))
        *answer = CH_BAD_ANSWER("paid, but without amount or trade_no");
    return CH_OK;
}

enum ch_err ch_alipay_close(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no, struct ch_answer *answer)
{
    struct call c = {.method = "alipay.trade.close", .biz_content = number_content(a, out_trade_no, NULL)};
    return perform_call(a, f, &c, answer);
}

enum ch_err ch_alipay_refund(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_refund_order *order,
                             struct ch_answer *answer, struct ch_alipay_refunded *refunded)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "out_trade_no", order->out_trade_no);
    ch_jw_text(&w, "out_request_no", order->out_request_no);
    ch_jw_text(&w, "refund_amount", ch_amount_yuan(a, order->amount_fen));
    if (order->reason != NULL)
        ch_jw_text(&w, "refund_reason", order->reason);
    ch_jw_end_object(&w);
    struct call c = {.method = "alipay.trade.refund", .biz_content = ch_jw_done(&w), .money = true};
    enum ch_err e = perform_call(a, f, &c, answer);

    *refunded = (struct ch_alipay_refunded){.refunded_fen = -1};
    if (e != CH_OK || answer->outcome != CH_ACCEPTED || !is_about(c.node, order->out_trade_no, answer))
        return e;
    refunded->moved = strcmp(ch_or_empty(ch_json_text(c.node, "fund_change")), "Y") == 0;
    refunded->trade_no = ch_json_text(c.node, "trade_no");
    refunded->refunded_fen = amount_of(c.node, "refund_fee");
    if (refunded->refunded_fen < 0)
        *answer = CH_BAD_ANSWER("no refund_fee in the answer");
    return CH_OK;
}

enum ch_err ch_alipay_refund_query(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no,
                                   const char *out_request_no, struct ch_answer *answer,
                                   struct ch_alipay_refund_state *state)
{
    struct call c = {.method = "alipay.trade.fastpay.refund.query",
                     .biz_content = number_content(a, out_trade_no, out_request_no)};
    enum ch_err e = perform_call(a, f, &c, answer);

    *state = (struct ch_alipay_refund_state){.amount_fen = -1};
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    /* When there was no refund the answer has nothing but the code. */
    state->done = strcmp(ch_or_empty(ch_json_text(c.node, "refund_status")), "REFUND_SUCCESS") == 0;
    if (!state->done || !is_about(c.node, out_trade_no, answer))
        return CH_OK;
    state->amount_fen = amount_of(c.node, "refund_amount");
    state->at = ch_alipay_time(ch_json_text(c.node, "gmt_refund_pay"));
    if (state->amount_fen < 0 || strcmp(ch_or_empty(ch_json_text(c.node, "out_request_no")), out_request_no) != 0)
        *answer = CH_BAD_ANSWER("refunded, but without amount or number");
    return CH_OK;
}

struct bill_call {
    struct call call;
    const struct ch_bill_row *rows;
    size_t n;
};

/* The bill's address is valid for thirty seconds, so asking for it and fetching the file are one try. The address contains the
 * permission to fetch; the request is not signed. */
static enum ch_err try_bill(struct ch_arena *a, struct ch_fault *f, void *call, struct ch_answer *answer)
{
    struct bill_call *b = call;
    struct ch_http_response res;
    struct ch_fault own = {0};
    enum ch_err e = try_call(a, f, &b->call, answer);

    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    const char *url = ch_json_text(b->call.node, "bill_download_url");
    struct ch_http_request req = {
        .method = "GET", .url = ch_or_empty(url), .max_body = CH_ALIPAY_BILL_BYTES, .timeout_ms = DOWNLOAD_MS};
    e = url != NULL ? ch_http(a, &own, &req, &res) : CH_E_MALFORMED;
    if (e != CH_OK)
        *answer =
            url != NULL ? CH_NO_ANSWER(ch_strdup(a, own.detail)) : CH_BAD_ANSWER("no bill_download_url in the answer");
    else if (res.status != 200)
        *answer = CH_BAD_ANSWER(ch_printf(a, "the bill was not handed out: status %ld", res.status));
    else if (ch_alipay_read_bill(a, &own, res.body, &b->rows, &b->n) != CH_OK)
        *answer = CH_BAD_ANSWER(ch_strdup(a, own.detail));
    return CH_OK;
}

enum ch_err ch_alipay_bill(struct ch_arena *a, struct ch_fault *f, const char *day, struct ch_answer *answer,
                           const struct ch_bill_row **rows, size_t *n)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "bill_type", "trade");
    ch_jw_text(&w, "bill_date", day);
    ch_jw_end_object(&w);
    struct bill_call b = {
        .call = {.method = "alipay.data.dataservice.bill.downloadurl.query", .biz_content = ch_jw_done(&w)}};
    enum ch_err e = ch_vendor_call(a, f, CH_V_ALIPAY, CH_REPEAT, try_bill, &b, answer);

    *rows = NULL;
    *n = 0;
    if (e != CH_OK)
        return e;
    if (answer->outcome == CH_REFUSED && strcmp(answer->code, "isp.bill_not_exist") == 0) {
        *answer = (struct ch_answer){CH_ACCEPTED, "", "", answer->request_id};
    } else if (answer->outcome == CH_ACCEPTED) {
        *rows = b.rows;
        *n = b.n;
    }
    return CH_OK;
}
