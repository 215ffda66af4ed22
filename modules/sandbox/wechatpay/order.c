/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay's side of Native, H5 and JSAPI payment: order, query, close. The checks are as strict as the vendor's, with its error codes. */
#include "modules/sandbox/wechatpay/wechatpay.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/gateway/outcome.h"
#include "modules/sandbox/register.h"
#include "modules/sandbox/wechatpay/sign.h"

#include <string.h>

#define H5_SECONDS 300
#define NATIVE "NATIVE"
#define H5 "MWEB"
#define JSAPI "JSAPI"

struct order {
    const char *no, *description, *notify_url, *attach, *expires;
    int64_t total;
    const char *type;     /* NATIVE, H5, JSAPI */
    const char *payer_ip; /* of H5 payment; NULL otherwise */
    const char *openid;   /* of JSAPI payment; NULL otherwise */
};

static size_t count_points(const char *s)
{
    size_t n = 0;
    return ch_utf8(s, strlen(s), &n) ? n : 1000;
}

bool wechatpay_number_fits(const char *s, size_t least, size_t most)
{
    static const char taken[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-|*";
    size_t n = s != NULL ? strlen(s) : 0;
    return n >= least && n <= most && strspn(s, taken) == n;
}

bool wechatpay_notify_fits(const char *s)
{
    if (s == NULL || strlen(s) > 255 || strchr(s, '?') != NULL)
        return false;
    return strncmp(s, "https://", 8) == 0 || strncmp(s, "http://127.", 11) == 0;
}

/* Reads the order; returns the name of the first bad field, or NULL. */
static const char *read_order(const struct ch_json *root, const char *type, struct order *o)
{
    const struct ch_json *amount = ch_json_get(root, "amount");
    const char *currency = ch_json_text(amount, "currency");

    *o = (struct order){.no = ch_json_text(root, "out_trade_no"),
                        .description = ch_json_text(root, "description"),
                        .notify_url = ch_json_text(root, "notify_url"),
                        .attach = ch_json_text(root, "attach"),
                        .expires = ch_json_text(root, "time_expire"),
                        .type = type};
    if (!wechatpay_number_fits(o->no, 6, 32))
        return "out_trade_no";
    if (o->description == NULL || *o->description == '\0' || count_points(o->description) > 127)
        return "description";
    if (!wechatpay_notify_fits(o->notify_url))
        return "notify_url";
    if (o->attach != NULL && count_points(o->attach) > 128)
        return "attach";
    if (o->expires != NULL && ch_parse_rfc3339(o->expires) < ch_now_ms() / 1000 + 60)
        return "time_expire";
    if (!ch_json_int(amount, "total", &o->total) || o->total < 1)
        return "amount.total";
    return currency == NULL || strcmp(currency, "CNY") == 0 ? NULL : "amount.currency";
}

static enum ch_err refuse_used_number(struct ch_req *r, const char *no)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_wechatpay_order_get, ch_p_text(no)), &rows);

    if (e != CH_OK)
        return e;
    const char *state = rows.n == 1 ? ch_col(&rows, 0, "state") : "";
    if (strcmp(state, "SUCCESS") == 0 || strcmp(state, "REFUND") == 0)
        return wechatpay_refuse(r, 403, "OUT_TRADE_NO_USED", "该订单已支付");
    if (strcmp(state, "CLOSED") == 0)
        return wechatpay_refuse(r, 400, "ORDER_CLOSED", "该订单已关闭");
    return wechatpay_refuse(r, 403, "OUT_TRADE_NO_USED", "商户订单号重复");
}

/* The scene of an H5 payment; returns the name of the first bad field, or NULL. */
static const char *read_scene(const struct ch_json *root, struct order *o)
{
    static const char *const types[] = {"iOS", "Android", "Wap"};
    const struct ch_json *scene = ch_json_get(root, "scene_info");
    const char *type = ch_json_text(ch_json_get(scene, "h5_info"), "type");

    o->payer_ip = ch_json_text(scene, "payer_client_ip");
    if (o->payer_ip == NULL || *o->payer_ip == '\0' || strlen(o->payer_ip) > 45)
        return "scene_info.payer_client_ip";
    for (size_t i = 0; i < CH_COUNT(types); i++)
        if (sandbox_is(type, types[i]))
            return NULL;
    return "scene_info.h5_info.type";
}

/* The payer of a JSAPI payment, who has authorized the merchant's account before; *bad is the name of the field when not. */
static enum ch_err read_payer(struct ch_req *r, const struct ch_json *root, struct order *o, const char **bad)
{
    struct ch_rows rows;

    o->openid = ch_json_text(ch_json_get(root, "payer"), "openid");
    *bad = "payer.openid";
    if (o->openid == NULL)
        return CH_OK;
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_wechatpay_openid_known, ch_p_text(o->openid)), &rows);
    if (e == CH_OK && ch_col_bool(&rows, 0, "out"))
        *bad = NULL;
    return e;
}

/* Records the order, and a code by which it is paid: the text of the QR code ends with it, or the page of a phone has it, or the request
 * to WeChat's app. */
static enum ch_err record_order(struct ch_req *r, const struct order *o, const char **code)
{
    /* Everything that must be the same when a number is used again. */
    const char *same = ch_printf(r->a, "%s\n%s\n%lld\n%s\n%s\n%s\n%s", o->type, o->description, (long long)o->total,
                                 o->notify_url, ch_or_empty(o->attach), ch_or_empty(o->expires), ch_or_empty(o->openid));
    struct ch_rows rows;

    *code = ch_random_text(r->a, WECHATPAY_CODE_LETTERS, WECHATPAY_CODE);
    enum ch_err e = ch_run(r,
                           CH_CALL(&sandbox_wechatpay_order_new, ch_p_text(o->no), ch_p_text(o->description),
                                   ch_p_int(r->a, o->total), ch_p_text(o->attach), ch_p_text(o->notify_url),
                                   ch_p_text(o->expires), ch_p_bytes(ch_sha256_of(r->a, CH_BYTES(same, strlen(same)))),
                                   ch_p_text(*code), ch_p_text(o->type), ch_p_text(o->payer_ip),
                                   ch_p_int(r->a, o->payer_ip != NULL ? H5_SECONDS : 7200), ch_p_text(o->openid)),
                           &rows);
    if (e == CH_OK && rows.n == 0)
        *code = NULL;
    return e;
}

/* What the merchant gets for an order of that kind. */
static const char *answer_of(struct ch_req *r, const struct order *o, const char *code)
{
    if (strcmp(o->type, JSAPI) == 0)
        return ch_printf(r->a, "{\"prepay_id\":\"wx%s\"}", code);
    if (strcmp(o->type, H5) == 0)
        return ch_printf(r->a, "{\"h5_url\":\"http://%s" WECHATPAY_H5_PATH "?prepay_id=wx%s&package=%s\"}",
                         ch_fcgi(r, "HTTP_HOST"), code, ch_random_text(r->a, "0123456789", 10));
    return ch_printf(r->a, "{\"code_url\":\"" WECHATPAY_CODE_URL "%s\"}", code);
}

static enum ch_err take_order(struct ch_req *r, const char *type)
{
    const struct sandbox_register *reg = sandbox_register();
    struct ch_json *root = NULL;
    struct order o;
    const char *code;
    enum ch_err e;

    if (!wechatpay_admitted(r, &e))
        return e;
    if (ch_json_parse(r->a, r->raw, &root, NULL) != CH_JSON_OK)
        return wechatpay_bad_parameter(r, "", "请求体不是合法的 JSON");
    const char *bad = read_order(root, type, &o);
    if (bad == NULL && strcmp(type, H5) == 0)
        bad = read_scene(root, &o);
    if (bad == NULL && strcmp(type, JSAPI) == 0)
        e = read_payer(r, root, &o, &bad);
    if (e != CH_OK)
        return e;
    if (bad != NULL)
        return wechatpay_bad_parameter(r, bad, "参数缺失或不符合规则");
    if (!sandbox_is(ch_json_text(root, "mchid"), reg->wechatpay_mchid) ||
        !sandbox_is(ch_json_text(root, "appid"), reg->wechatpay_appid))
        return wechatpay_refuse(r, 400, "APPID_MCHID_NOT_MATCH", "appid 和 mchid 不匹配");
    e = record_order(r, &o, &code);
    if (e != CH_OK)
        return e;
    return code != NULL ? wechatpay_taken(r, answer_of(r, &o, code)) : refuse_used_number(r, o.no);
}

enum ch_err sandbox_wechatpay_native(struct ch_req *r)
{
    return take_order(r, NATIVE);
}

enum ch_err sandbox_wechatpay_h5(struct ch_req *r)
{
    return take_order(r, H5);
}

enum ch_err sandbox_wechatpay_jsapi(struct ch_req *r)
{
    return take_order(r, JSAPI);
}

static enum ch_err answer_query(struct ch_req *r, bool by_id)
{
    struct ch_rows rows;
    enum ch_err e;

    if (!wechatpay_admitted(r, &e))
        return e;
    if (!sandbox_is(ch_query(r, "mchid"), sandbox_register()->wechatpay_mchid))
        return wechatpay_bad_parameter(r, "mchid", "参数缺失或不符合规则");
    e = ch_run(r, CH_CALL(&sandbox_wechatpay_order_get, ch_p_text(ch_var(r, "no"))), &rows);
    if (e != CH_OK)
        return e;
    const char *column = by_id ? "transaction_id" : "out_trade_no";
    if (rows.n != 1 || !sandbox_is(ch_col(&rows, 0, column), ch_var(r, "no")))
        return wechatpay_refuse(r, 404, "ORDER_NOT_EXIST", "订单不存在");
    return wechatpay_finish(
        r, 200, sandbox_wechatpay_transaction(r->a, &rows, ch_col(&rows, 0, "state"), ch_col_int(&rows, 0, "total")));
}

enum ch_err sandbox_wechatpay_query(struct ch_req *r)
{
    return answer_query(r, false);
}

enum ch_err sandbox_wechatpay_query_id(struct ch_req *r)
{
    return answer_query(r, true);
}

static enum ch_err refuse_close(struct ch_req *r, const char *no)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_wechatpay_order_get, ch_p_text(no)), &rows);

    if (e != CH_OK)
        return e;
    return rows.n == 0 ? wechatpay_refuse(r, 404, "ORDER_NOT_EXIST", "订单不存在")
                       : wechatpay_refuse(r, 400, "ORDER_PAID", "该订单已支付");
}

enum ch_err sandbox_wechatpay_close(struct ch_req *r)
{
    const char *no = ch_var(r, "no");
    struct ch_json *root = NULL;
    struct ch_rows rows;
    enum ch_err e;

    if (!wechatpay_admitted(r, &e))
        return e;
    if (ch_json_parse(r->a, r->raw, &root, NULL) != CH_JSON_OK ||
        !sandbox_is(ch_json_text(root, "mchid"), sandbox_register()->wechatpay_mchid))
        return wechatpay_bad_parameter(r, "mchid", "参数缺失或不符合规则");
    e = ch_run(r, CH_CALL(&sandbox_wechatpay_order_close, ch_p_text(no)), &rows);
    if (e != CH_OK)
        return e;
    return rows.n == 1 ? wechatpay_finish(r, 204, "") : refuse_close(r, no);
}
