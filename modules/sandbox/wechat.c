/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay's side of API v3, Native payment: checks as strict as the vendor's, its own error words, every answer
 * signed. */
#include "modules/sandbox/sandbox.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/gateway/wechatpay_sign.h"
#include "modules/sandbox/register.h"
#include "modules/sandbox/wechat_sign.h"

#include <stdio.h>
#include <string.h>

#define HOST "127.0.0.11"

static enum ch_err finish(struct ch_req *r, int status, const char *body)
{
    bool wrong;
    enum ch_err e = sandbox_switched(r, "wechat.bad_signature", &wrong);

    if (e != CH_OK)
        return e;
    struct sandbox_signed s = sandbox_wechat_signed(r->a, body, wrong ? SANDBOX_PEN_WRONG : SANDBOX_PEN_TRUE);
    ch_header(r, "Wechatpay-Timestamp", s.timestamp);
    ch_header(r, "Wechatpay-Nonce", s.nonce);
    ch_header(r, "Wechatpay-Serial", s.serial);
    ch_header(r, "Wechatpay-Signature", s.signature);
    ch_header(r, "Wechatpay-Signature-Type", CH_WECHAT_SCHEME);
    ch_header(r, "Request-ID", ch_printf(r->a, "08%s", r->id));
    return sandbox_answer(r, status, status == 204 ? NULL : "application/json; charset=utf-8", body);
}

static enum ch_err refuse(struct ch_req *r, int status, const char *code, const char *message)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "code", code);
    ch_jw_text(&w, "message", message);
    ch_jw_end_object(&w);
    return finish(r, status, ch_jw_done(&w));
}

static enum ch_err bad_parameter(struct ch_req *r, const char *field, const char *issue)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "code", "PARAM_ERROR");
    ch_jw_text(&w, "message", issue);
    ch_jw_object(&w, "detail");
    ch_jw_text(&w, "field", field);
    ch_jw_text(&w, "issue", issue);
    ch_jw_text(&w, "location", "body");
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return finish(r, 400, ch_jw_done(&w));
}

/* NULL when the request is the merchant's own, else the sentence of the refusal. The nonce is looked at last, by the
 * caller, since it is spent by looking. */
static const char *fault_of(struct ch_req *r, struct ch_wechat_credential *c)
{
    const struct sandbox_register *reg = sandbox_register();

    if (!ch_wechat_read_authorization(r->a, ch_fcgi(r, "HTTP_AUTHORIZATION"), c))
        return "Authorization 头格式不正确";
    if (strcmp(c->mchid, reg->wechat_mchid) != 0)
        return "商户号与签名不匹配";
    if (strcmp(c->serial, reg->wechat_serial) != 0)
        return "商户证书序列号有误";
    if (strlen(c->nonce) == 0 || strlen(c->nonce) > 32)
        return "nonce_str 长度不正确";
    if (!ch_wechat_in_time(c->timestamp, ch_now_ms() / 1000))
        return "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟";
    const char *text = ch_wechat_request_text(r->a, ch_fcgi(r, "REQUEST_METHOD"), ch_fcgi(r, "REQUEST_URI"), c->timestamp,
                                              c->nonce, r->raw);
    bool plain = r->raw.n == 0 || memchr(r->raw.p, 0, r->raw.n) == NULL;
    return plain && ch_wechat_verify(r->a, reg->wechat_merchant, text, c->signature) ? NULL : "签名错误，请检查后再试";
}

/* True when the caller is the merchant. Otherwise the answer is written, and *e what the handler returns. */
static bool admitted(struct ch_req *r, enum ch_err *e)
{
    struct ch_wechat_credential c;
    struct ch_rows rows;

    if (!sandbox_host(r, HOST)) {
        *e = ch_fail(r, CH_E_NOT_FOUND, "not WeChat Pay's host");
        return false;
    }
    const char *agent = ch_fcgi(r, "HTTP_USER_AGENT"), *fault = fault_of(r, &c);
    if (fault == NULL && *agent == '\0')
        fault = "请求头缺少 User-Agent";
    if (fault == NULL) {
        *e = ch_run(r, CH_CALL(&sandbox_wechat_nonce_use, ch_p_text(c.nonce)), &rows);
        if (*e != CH_OK)
            return false;
        fault = rows.n == 0 ? "nonce_str 重复" : NULL;
    }
    if (fault == NULL)
        return true;
    *e = refuse(r, 401, "SIGN_ERROR", fault);
    return false;
}

struct native {
    const char *no, *description, *notify_url, *attach, *expires;
    int64_t total;
};

static size_t points(const char *s)
{
    size_t n = 0;
    return ch_utf8(s, strlen(s), &n) ? n : 1000;
}

static bool number_fits(const char *s)
{
    size_t n = s != NULL ? strlen(s) : 0;
    return n >= 6 && n <= 32 && strspn(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-|*") == n;
}

/* https anywhere, http to loopback: what the sandbox itself may call. */
static bool notify_fits(const char *s)
{
    if (s == NULL || strlen(s) > 255 || strchr(s, '?') != NULL)
        return false;
    return strncmp(s, "https://", 8) == 0 || strncmp(s, "http://127.", 11) == 0;
}

static bool expiry_fits(const char *s)
{
    return s == NULL || ch_parse_rfc3339(s) >= ch_now_ms() / 1000 + 60;
}

/* Reads the order; the name of the first bad field, or NULL. */
static const char *read_native(const struct ch_json *root, struct native *o)
{
    const struct ch_json *amount = ch_json_get(root, "amount");
    const char *currency = ch_json_text(amount, "currency");

    *o = (struct native){ch_json_text(root, "out_trade_no"), ch_json_text(root, "description"),
                         ch_json_text(root, "notify_url"),   ch_json_text(root, "attach"),
                         ch_json_text(root, "time_expire"),  0};
    if (!number_fits(o->no))
        return "out_trade_no";
    if (o->description == NULL || *o->description == '\0' || points(o->description) > 127)
        return "description";
    if (!notify_fits(o->notify_url))
        return "notify_url";
    if (o->attach != NULL && points(o->attach) > 128)
        return "attach";
    if (!expiry_fits(o->expires))
        return "time_expire";
    if (!ch_json_int(amount, "total", &o->total) || o->total < 1)
        return "amount.total";
    return currency == NULL || strcmp(currency, "CNY") == 0 ? NULL : "amount.currency";
}

/* What may not differ when a number is used again. */
static struct ch_bytes particulars(struct ch_req *r, const struct native *o)
{
    unsigned char *hash = ch_alloc(r->a, CH_SHA256_BYTES);
    const char *text = ch_printf(r->a, "%s\n%lld\n%s\n%s\n%s", o->description, (long long)o->total, o->notify_url,
                                 o->attach != NULL ? o->attach : "", o->expires != NULL ? o->expires : "");

    ch_sha256(CH_BYTES(text, strlen(text)), hash);
    return CH_BYTES(hash, CH_SHA256_BYTES);
}

static enum ch_err number_used(struct ch_req *r, const char *no)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_wechat_order_get, ch_p_text(no)), &rows);

    if (e != CH_OK)
        return e;
    const char *state = rows.n == 1 ? ch_col(&rows, 0, "state") : "";
    if (strcmp(state, "SUCCESS") == 0)
        return refuse(r, 403, "OUT_TRADE_NO_USED", "该订单已支付");
    if (strcmp(state, "CLOSED") == 0)
        return refuse(r, 400, "ORDER_CLOSED", "该订单已关闭");
    return refuse(r, 403, "OUT_TRADE_NO_USED", "商户订单号重复");
}

static enum ch_err take_native(struct ch_req *r, const struct native *o)
{
    const char *pr = ch_random_text(r->a, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 9);
    struct ch_rows rows;
    bool broken;

    enum ch_err e = ch_run(r, CH_CALL(&sandbox_wechat_order_new, ch_p_text(o->no), ch_p_text(o->description),
                                      ch_p_int(r->a, o->total), ch_p_text(o->attach), ch_p_text(o->notify_url),
                                      ch_p_text(o->expires), ch_p_bytes(particulars(r, o)), ch_p_text(pr)), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n == 0)
        return number_used(r, o->no);
    e = sandbox_switched(r, "wechat.error_after_taking", &broken);
    if (e != CH_OK)
        return e;
    if (broken)
        return refuse(r, 500, "SYSTEM_ERROR", "系统错误，请用相同参数重新调用");
    return finish(r, 200, ch_printf(r->a, "{\"code_url\":\"weixin://wxpay/bizpayurl?pr=%s\"}", pr));
}

static bool is(const char *s, const char *wanted)
{
    return s != NULL && strcmp(s, wanted) == 0;
}

enum ch_err sandbox_wechat_native(struct ch_req *r)
{
    const struct sandbox_register *reg = sandbox_register();
    struct ch_json *root = NULL;
    struct native o;
    enum ch_err e;

    if (!admitted(r, &e))
        return e;
    if (ch_json_parse(r->a, r->raw, &root, NULL) != CH_JSON_OK)
        return bad_parameter(r, "", "请求体不是合法的 JSON");
    const char *bad = read_native(root, &o);
    if (bad != NULL)
        return bad_parameter(r, bad, "参数缺失或不符合规则");
    if (!is(ch_json_text(root, "mchid"), reg->wechat_mchid) || !is(ch_json_text(root, "appid"), reg->wechat_appid))
        return refuse(r, 400, "APPID_MCHID_NOT_MATCH", "appid 和 mchid 不匹配");
    return take_native(r, &o);
}

static enum ch_err query(struct ch_req *r, bool by_id)
{
    struct ch_rows rows;
    enum ch_err e;

    if (!admitted(r, &e))
        return e;
    if (!is(ch_query(r, "mchid"), sandbox_register()->wechat_mchid))
        return bad_parameter(r, "mchid", "参数缺失或不符合规则");
    e = ch_run(r, CH_CALL(&sandbox_wechat_order_get, ch_p_text(ch_var(r, "no"))), &rows);
    if (e != CH_OK)
        return e;
    const char *column = by_id ? "transaction_id" : "out_trade_no";
    if (rows.n != 1 || !is(ch_col(&rows, 0, column), ch_var(r, "no")))
        return refuse(r, 404, "ORDER_NOT_EXIST", "订单不存在");
    return finish(r, 200, sandbox_wechat_transaction(r->a, &rows, ch_col_int(&rows, 0, "total")));
}

enum ch_err sandbox_wechat_query(struct ch_req *r)
{
    return query(r, false);
}

enum ch_err sandbox_wechat_query_id(struct ch_req *r)
{
    return query(r, true);
}

static enum ch_err not_closed(struct ch_req *r, const char *no)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_wechat_order_get, ch_p_text(no)), &rows);

    if (e != CH_OK)
        return e;
    return rows.n == 0 ? refuse(r, 404, "ORDER_NOT_EXIST", "订单不存在") : refuse(r, 400, "ORDER_PAID", "该订单已支付");
}

enum ch_err sandbox_wechat_close(struct ch_req *r)
{
    const char *no = ch_var(r, "no");
    struct ch_json *root = NULL;
    struct ch_rows rows;
    enum ch_err e;

    if (!admitted(r, &e))
        return e;
    if (ch_json_parse(r->a, r->raw, &root, NULL) != CH_JSON_OK ||
        !is(ch_json_text(root, "mchid"), sandbox_register()->wechat_mchid))
        return bad_parameter(r, "mchid", "参数缺失或不符合规则");
    e = ch_run(r, CH_CALL(&sandbox_wechat_order_close, ch_p_text(no)), &rows);
    if (e != CH_OK)
        return e;
    return rows.n == 1 ? finish(r, 204, "") : not_closed(r, no);
}
