/* SPDX-License-Identifier: Apache-2.0
 * Calls to WeChat Pay. */
#include "core/gateway/wechatpay.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/gateway/keys.h"
#include "core/gateway/wechatpay_payment.h"
#include "core/gateway/wechatpay_sign.h"
#include "core/http/client.h"

#include <string.h>

#define NONCE_ALPHABET "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct call {
    const char *method;
    const char *target; /* path and query */
    const char *body;   /* "" for none */
};

/* The Authorization header of a call, or NULL when a key is missing. */
static char *authorize(struct ch_arena *a, const struct call *c)
{
    struct ch_wechat_credential cred = {
        .mchid = ch_conf(CONF_WECHAT_MCHID),
        .nonce = ch_random_text(a, NONCE_ALPHABET, 32),
        .timestamp = ch_printf(a, "%lld", (long long)(ch_now_ms() / 1000)),
        .serial = ch_conf(CONF_WECHAT_SERIAL),
    };
    EVP_PKEY *key = ch_vendor_private(CONF_WECHAT_KEY);

    if (key == NULL)
        return NULL;
    cred.signature = ch_wechat_sign(a, key, ch_wechat_request_text(a, c->method, c->target, cred.timestamp, cred.nonce,
                                                                   CH_BYTES(c->body, strlen(c->body))));
    return cred.signature != NULL ? ch_printf(a, "Authorization: %s", ch_wechat_authorization(a, &cred)) : NULL;
}

static const char *or_empty(const char *s)
{
    return s != NULL ? s : "";
}

/* Error answers and the empty 204 are signed as well, so nothing is read before this. */
static bool genuine(struct ch_arena *a, const struct ch_http_response *res)
{
    const char *timestamp = or_empty(ch_http_header(a, res, "Wechatpay-Timestamp"));
    const char *nonce = or_empty(ch_http_header(a, res, "Wechatpay-Nonce"));
    EVP_PKEY *key = ch_vendor_public_of(CONF_WECHAT_PUBKEYS, or_empty(ch_http_header(a, res, "Wechatpay-Serial")));

    return key != NULL && ch_wechat_in_time(timestamp, ch_now_ms() / 1000) &&
           (res->body.n == 0 || memchr(res->body.p, 0, res->body.n) == NULL) &&
           ch_wechat_verify(a, key, ch_wechat_answer_text(a, timestamp, nonce, res->body),
                            or_empty(ch_http_header(a, res, "Wechatpay-Signature")));
}

/* 4xx is a refusal for good, but for "too fast"; 5xx asks to be called again. */
static enum ch_outcome outcome_of(long status)
{
    if (status == 200 || status == 204)
        return CH_ACCEPTED;
    return status >= 400 && status < 500 && status != 429 ? CH_REFUSED : CH_UNKNOWN;
}

static struct ch_answer read_answer(struct ch_arena *a, const struct ch_http_response *res, struct ch_json **root)
{
    struct ch_answer out = {outcome_of(res->status), "", "", or_empty(ch_http_header(a, res, "Request-ID"))};

    *root = NULL;
    if (!genuine(a, res))
        return CH_BAD_ANSWER("the signature of the answer is not WeChat's");
    if (res->status == 204)
        return out;
    if (ch_json_parse(a, res->body, root, NULL) != CH_JSON_OK)
        return CH_BAD_ANSWER("the answer is no JSON");
    if (out.outcome != CH_ACCEPTED) {
        out.code = or_empty(ch_json_text(*root, "code"));
        out.message = or_empty(ch_json_text(*root, "message"));
    }
    return out;
}

static enum ch_err run(struct ch_arena *a, struct ch_fault *f, const struct call *c, struct ch_answer *answer,
                       struct ch_json **root)
{
    struct ch_http_response res;
    struct ch_fault own = {0};
    char *authorization = authorize(a, c);

    if (authorization == NULL)
        return ch_fault(f, CH_E_INTERNAL, "wechatpay: no merchant key");
    struct ch_http_request req = {
        .method = c->method,
        .url = ch_printf(a, "%s%s", ch_conf(CONF_WECHAT_URL), c->target),
        .headers = {authorization, "Accept: application/json", "Content-Type: application/json",
                    ch_printf(a, "Wechatpay-Serial: %s", ch_vendor_first_serial(CONF_WECHAT_PUBKEYS))},
        .body = CH_BYTES(c->body, strlen(c->body)),
    };
    enum ch_err e = ch_http(a, &own, &req, &res);
    if (e == CH_E_INTERNAL)
        return ch_fault(f, e, "wechatpay: %s", own.detail);
    *root = NULL;
    *answer = e == CH_OK ? read_answer(a, &res, root) : CH_NO_ANSWER(ch_strdup(a, own.detail));
    return CH_OK;
}

static const char *notify_url(struct ch_arena *a)
{
    const char *set = ch_conf(CONF_WECHAT_NOTIFY);
    return *set != '\0' ? set : ch_printf(a, "%s/notify/wechatpay", ch_conf(CONF_ORIGIN));
}

static char *native_body(struct ch_arena *a, const struct ch_wechat_order *o)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "appid", ch_conf(CONF_WECHAT_APPID));
    ch_jw_text(&w, "mchid", ch_conf(CONF_WECHAT_MCHID));
    ch_jw_text(&w, "description", o->description);
    ch_jw_text(&w, "out_trade_no", o->out_trade_no);
    if (o->expires > 0)
        ch_jw_text(&w, "time_expire", ch_rfc3339(a, o->expires));
    if (o->attach != NULL)
        ch_jw_text(&w, "attach", o->attach);
    ch_jw_text(&w, "notify_url", notify_url(a));
    ch_jw_object(&w, "amount");
    ch_jw_int(&w, "total", o->total_fen);
    ch_jw_text(&w, "currency", "CNY");
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

enum ch_err ch_wechat_native(struct ch_arena *a, struct ch_fault *f, const struct ch_wechat_order *order,
                             struct ch_answer *answer, const char **code_url)
{
    struct call c = {"POST", "/v3/pay/transactions/native", native_body(a, order)};
    struct ch_json *root;
    enum ch_err e = run(a, f, &c, answer, &root);

    *code_url = NULL;
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    *code_url = ch_json_text(root, "code_url");
    if (*code_url == NULL)
        *answer = CH_BAD_ANSWER("no code_url in the answer");
    return CH_OK;
}

enum ch_err ch_wechat_query(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no, struct ch_answer *answer,
                            struct ch_wechat_payment *payment)
{
    const char *mchid = ch_conf(CONF_WECHAT_MCHID);
    struct call c = {
        "GET", ch_printf(a, "/v3/pay/transactions/out-trade-no/%s?mchid=%s", ch_percent(a, out_trade_no), mchid), ""};
    struct ch_fault own = {0};
    struct ch_json *root;
    enum ch_err e = run(a, f, &c, answer, &root);

    *payment = (struct ch_wechat_payment){.total_fen = -1};
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    if (ch__wechat_payment(&own, root, mchid, ch_conf(CONF_WECHAT_APPID), payment) != CH_OK)
        *answer = CH_BAD_ANSWER(ch_strdup(a, own.detail));
    else if (strcmp(payment->out_trade_no, out_trade_no) != 0)
        *answer = CH_BAD_ANSWER("the answer is about another order");
    return CH_OK;
}

enum ch_err ch_wechat_close(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no, struct ch_answer *answer)
{
    struct ch_jw w;
    struct ch_json *root;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "mchid", ch_conf(CONF_WECHAT_MCHID));
    ch_jw_end_object(&w);
    struct call c = {"POST", ch_printf(a, "/v3/pay/transactions/out-trade-no/%s/close", ch_percent(a, out_trade_no)),
                     ch_jw_done(&w)};
    return run(a, f, &c, answer, &root);
}
