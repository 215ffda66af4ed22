/* SPDX-License-Identifier: Apache-2.0
 * Nuonuo's open platform: access tokens, the gateway that checks every call, and the files of invoices. */
#include "modules/sandbox/nuonuo/nuonuo.h"

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/gateway/formdata.h"
#include "core/gateway/nuonuo/sign.h"
#include "modules/sandbox/notifier.h"
#include "modules/sandbox/register.h"
#include "sandbox_nuonuo_sql.h"

#include <stdlib.h>
#include <string.h>

#define HOST "127.0.0.17"
#define WINDOW_SECONDS 600
#define TOKEN_SECONDS 86400
#define MONTH_SECONDS (30 * 86400)

enum ch_err nuonuo_answer(struct ch_req *r, const char *code, const char *describe, const char *result)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "code", code);
    ch_jw_text(&w, "describe", describe);
    if (result != NULL)
        ch_jw_raw(&w, "result", result);
    ch_jw_end_object(&w);
    return sandbox_answer(r, 200, "application/json;charset=UTF-8", ch_jw_done(&w));
}

/* --- tokens --- */

static enum ch_err refuse_token(struct ch_req *r, const char *error, const char *description)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "error", error);
    ch_jw_text(&w, "error_description", description);
    ch_jw_end_object(&w);
    return sandbox_answer(r, 200, "application/json;charset=UTF-8", ch_jw_done(&w));
}

enum ch_err sandbox_nuonuo_token(struct ch_req *r)
{
    const struct sandbox_register *reg = sandbox_register();
    const char *secret = ch_formdata_field(r->a, r->raw, "client_secret");
    const char *token = ch_random_text(r->a, "0123456789abcdef", 26);
    struct ch_rows rows;
    bool spent;

    if (!sandbox_host(r, HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not Nuonuo's host");
    if (!sandbox_is(ch_formdata_field(r->a, r->raw, "grant_type"), "client_credentials"))
        return refuse_token(r, "070303", "不支持的授权类型");
    if (!sandbox_is(ch_formdata_field(r->a, r->raw, "client_id"), reg->nuonuo_appkey) || secret == NULL ||
        !ch_same(CH_BYTES(secret, strlen(secret)), CH_BYTES(reg->nuonuo_secret, strlen(reg->nuonuo_secret))))
        return refuse_token(r, "070305", "appKey 或 appSecret 不正确");
    enum ch_err e = sandbox_switched(r, "nuonuo.token_limit", &spent);
    if (e == CH_OK)
        e = ch_run(r,
                   CH_CALL(&sandbox_nuonuo_token_new, ch_p_text(token),
                           ch_p_text(spent ? "1000 years" : sandbox_scaled(r->a, MONTH_SECONDS))),
                   &rows);
    if (e != CH_OK)
        return e;
    if (spent || rows.n == 0)
        return refuse_token(r, "070306", "30天内获取令牌的次数已达上限");
    return sandbox_answer(r, 200, "application/json;charset=UTF-8",
                          ch_printf(r->a, "{\"access_token\":\"%s\",\"expires_in\":%d}", token, TOKEN_SECONDS));
}

/* --- the gateway --- */

static const struct {
    const char *method;
    enum ch_err (*run)(struct ch_req *r, const struct ch_json *in, const char *base);
} methods[] = {
    {"nuonuo.OpeMplatform.requestBillingNew", nuonuo_request},
    {"nuonuo.OpeMplatform.queryInvoiceResult", nuonuo_query},
    {"nuonuo.OpeMplatform.reInvoice", nuonuo_again},
    {"nuonuo.OpeMplatform.fastInvoiceRed", nuonuo_red},
};

struct refusal {
    const char *code, *describe;
};

static bool is_digits(const char *s, size_t n)
{
    return s != NULL && strlen(s) == n && strspn(s, "0123456789") == n;
}

/* What is wrong with the call itself; its token is checked later. */
static struct refusal call_fault(struct ch_req *r, struct ch_nuonuo_signed *s)
{
    const struct sandbox_register *reg = sandbox_register();
    const char *sign = ch_fcgi(r, "HTTP_X_NUONUO_SIGN");

    *s = (struct ch_nuonuo_signed){ch_query(r, "appkey"), ch_query(r, "senid"), ch_query(r, "nonce"),
                                   ch_query(r, "timestamp"), r->raw};
    if (!sandbox_is(s->appkey, reg->nuonuo_appkey))
        return (struct refusal){"070101", "获取app密钥失败或appkey无效"};
    if (s->senid == NULL || strlen(s->senid) != 32 || !is_digits(s->nonce, 8))
        return (struct refusal){"070201", "公共参数 senid 或 nonce 不符合规则"};
    if (!is_digits(s->timestamp, 10) || llabs(strtoll(s->timestamp, NULL, 10) - ch_now_ms() / 1000) > WINDOW_SECONDS)
        return (struct refusal){"070202", "请求已过期"};
    const char *right = ch_nuonuo_sign(r->a, reg->nuonuo_secret, s);
    if (!ch_same(CH_BYTES(sign, strlen(sign)), CH_BYTES(right, strlen(right))))
        return (struct refusal){"070203", "签名校验失败"};
    if (!sandbox_is(ch_fcgi(r, "HTTP_USERTAX"), reg->nuonuo_tax_no))
        return (struct refusal){"070307", "该税号未授权给此应用"};
    return (struct refusal){NULL, NULL};
}

/* Checks the token, and that the senid is new. This comes last, since it changes the database. */
static enum ch_err check_token_and_senid(struct ch_req *r, const struct ch_nuonuo_signed *s, struct refusal *out)
{
    struct ch_rows known, fresh;
    bool bad;
    enum ch_err e = sandbox_switched(r, "nuonuo.bad_token", &bad);

    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&sandbox_nuonuo_token_known, ch_p_text(ch_fcgi(r, "HTTP_ACCESSTOKEN"))), &known);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&sandbox_nuonuo_senid_use, ch_p_text(s->senid)), &fresh);
    if (e != CH_OK)
        return e;
    if (bad || known.n == 0)
        *out = (struct refusal){"070304", "accessToken 无效或已过期"};
    else if (fresh.n == 0)
        *out = (struct refusal){"070204", "请求重复"};
    return CH_OK;
}

enum ch_err sandbox_nuonuo(struct ch_req *r)
{
    const char *method = ch_fcgi(r, "HTTP_METHOD"), *base = ch_printf(r->a, "http://%s", ch_fcgi(r, "HTTP_HOST"));
    struct ch_json *in = NULL;
    struct ch_nuonuo_signed s;
    bool text_instead;

    if (!sandbox_host(r, HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not Nuonuo's host");
    enum ch_err e = sandbox_switched(r, "nuonuo.text_instead", &text_instead);
    if (e != CH_OK)
        return e;
    if (text_instead)
        return sandbox_answer(r, 200, "text/plain; charset=utf-8", "系统繁忙，请稍后再试");
    struct refusal fault = call_fault(r, &s);
    if (fault.code == NULL)
        e = check_token_and_senid(r, &s, &fault);
    if (e != CH_OK)
        return e;
    if (fault.code != NULL)
        return nuonuo_answer(r, fault.code, fault.describe, NULL);
    if (ch_json_parse(r->a, r->raw, &in, NULL) != CH_JSON_OK || in->kind != CH_JSON_OBJECT)
        return nuonuo_answer(r, "E9001", "请求报文不是合法的 JSON", NULL);
    for (size_t i = 0; i < CH_COUNT(methods); i++)
        if (strcmp(methods[i].method, method) == 0)
            return methods[i].run(r, in, base);
    return nuonuo_answer(r, "070102", "API 方法名不存在或未授权", NULL);
}

/* --- the files --- */

enum ch_err sandbox_nuonuo_file(struct ch_req *r)
{
    static const struct {
        const char *kind, *mime;
        struct ch_bytes (*make)(struct ch_arena *a, const struct ch_rows *row);
    } kinds[] = {{"pdf", "application/pdf", nuonuo_pdf},
                 {"ofd", "application/ofd", nuonuo_ofd},
                 {"xml", "application/xml", nuonuo_xml}};
    struct ch_rows row;

    if (!sandbox_host(r, HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not Nuonuo's host");
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_nuonuo_get, ch_p_text(ch_var(r, "file"))), &row);
    if (e != CH_OK)
        return e;
    /* The statement also finds invoices by number and serial, which are not secret; only the file's own name gives access. */
    if (row.n == 1 && sandbox_is(ch_col(&row, 0, "file"), ch_var(r, "file")) && sandbox_is(ch_col(&row, 0, "status"), "2"))
        for (size_t i = 0; i < CH_COUNT(kinds); i++)
            if (strcmp(kinds[i].kind, ch_var(r, "kind")) == 0)
                return ch_reply_file(r, kinds[i].mime, NULL, kinds[i].make(r->a, &row));
    return ch_fail(r, CH_E_NOT_FOUND, "no such file of an invoice");
}

const struct ch_route sandbox_nuonuo_routes[] = {
    {"POST", "/open/v1/services", CH_VENDOR, NULL, CH_KB(1024), CH_TX_SINGLE, "sandbox.nuonuo", sandbox_nuonuo},
    {"POST", "/accessToken", CH_VENDOR, NULL, CH_KB(4), CH_TX_SINGLE, "sandbox.nuonuo_token", sandbox_nuonuo_token},
    {"GET", "/invoice/{file}/{kind}", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.nuonuo_file", sandbox_nuonuo_file},
    {0},
};
