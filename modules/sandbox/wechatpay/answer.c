/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay's side of API v3: checking the caller, and signing every answer. */
#include "modules/sandbox/wechatpay/wechatpay.h"

#include "core/base/clock.h"
#include "core/gateway/wechatpay/sign.h"
#include "modules/sandbox/register.h"
#include "modules/sandbox/wechatpay/sign.h"

#include <string.h>

#define HOST "127.0.0.11"

/* The key that the request names. A merchant who names none is new: it has the public key, or is fetching the certificate. */
static enum sandbox_pen_key requested_key(struct ch_req *r)
{
    const char *named = ch_fcgi(r, "HTTP_WECHATPAY_SERIAL");
    bool fetching = strcmp(ch_fcgi(r, "REQUEST_URI"), "/v3/certificates") == 0;

    if (*named == '\0' ? fetching : strcmp(named, sandbox_wechatpay_serial(r->a, SANDBOX_CERTIFICATE)) == 0)
        return SANDBOX_CERTIFICATE;
    return SANDBOX_PUBLIC_KEY;
}

enum ch_err wechatpay_finish(struct ch_req *r, int status, const char *body)
{
    bool wrong, text = false;
    enum ch_err e = sandbox_switched(r, "wechatpay.bad_signature", &wrong);

    if (e == CH_OK)
        e = sandbox_switched(r, "wechatpay.text_instead", &text);
    if (e != CH_OK)
        return e;
    if (text) /* WeChat's gateway is down; such an answer is not signed */
        return sandbox_answer(r, 502, "text/html", "<html><head><title>502 Bad Gateway</title></head></html>");
    struct sandbox_signed s =
        sandbox_wechatpay_signed(r->a, body, requested_key(r), wrong ? SANDBOX_PEN_WRONG : SANDBOX_PEN_TRUE);
    ch_header(r, "Wechatpay-Timestamp", s.timestamp);
    ch_header(r, "Wechatpay-Nonce", s.nonce);
    ch_header(r, "Wechatpay-Serial", s.serial);
    ch_header(r, "Wechatpay-Signature", s.signature);
    ch_header(r, "Wechatpay-Signature-Type", CH_WECHATPAY_SCHEME);
    ch_header(r, "Request-ID", ch_printf(r->a, "08%s", r->id));
    return sandbox_answer(r, status, status == 204 ? NULL : "application/json; charset=utf-8", body);
}

enum ch_err wechatpay_taken(struct ch_req *r, const char *body)
{
    bool broken, silent = false;
    enum ch_err e = sandbox_switched(r, "wechatpay.error_after_taking", &broken);

    if (e == CH_OK && !broken)
        e = sandbox_switched(r, "wechatpay.timeout_after_taking", &silent);
    if (e != CH_OK)
        return e;
    if (broken)
        return wechatpay_refuse(r, 500, "SYSTEM_ERROR", "系统错误，请用相同参数重新调用");
    return silent ? sandbox_silence(r) : wechatpay_finish(r, 200, body);
}

enum ch_err wechatpay_refuse(struct ch_req *r, int status, const char *code, const char *message)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "code", code);
    ch_jw_text(&w, "message", message);
    ch_jw_end_object(&w);
    return wechatpay_finish(r, status, ch_jw_done(&w));
}

enum ch_err wechatpay_bad_parameter(struct ch_req *r, const char *field, const char *issue)
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
    return wechatpay_finish(r, 400, ch_jw_done(&w));
}

/* Returns NULL when the request is the merchant's own, otherwise the sentence of the refusal. The nonce is checked by the
 * caller at the end, since checking it uses it up. */
static const char *call_fault(struct ch_req *r, struct ch_wechatpay_credential *c)
{
    const struct sandbox_register *reg = sandbox_register();

    if (!ch_wechatpay_read_authorization(r->a, ch_fcgi(r, "HTTP_AUTHORIZATION"), c))
        return "Authorization 头格式不正确";
    if (strcmp(c->mchid, reg->wechatpay_mchid) != 0)
        return "商户号与签名不匹配";
    if (strcmp(c->serial, reg->wechatpay_serial) != 0)
        return "商户证书序列号有误";
    if (strlen(c->nonce) == 0 || strlen(c->nonce) > 32)
        return "nonce_str 长度不正确";
    if (!ch_wechatpay_in_time(c->timestamp, ch_now_ms() / 1000))
        return "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟";
    const char *text = ch_wechatpay_request_text(r->a, ch_fcgi(r, "REQUEST_METHOD"), ch_fcgi(r, "REQUEST_URI"),
                                                 c->timestamp, c->nonce, r->raw);
    bool plain = r->raw.n == 0 || memchr(r->raw.p, 0, r->raw.n) == NULL;
    return plain && ch_wechatpay_verify(r->a, reg->wechatpay_merchant, text, c->signature) ? NULL : "签名错误，请检查后再试";
}

bool wechatpay_admitted(struct ch_req *r, enum ch_err *e)
{
    struct ch_wechatpay_credential c;
    struct ch_rows rows;

    if (!sandbox_host(r, HOST)) {
        *e = ch_fail(r, CH_E_NOT_FOUND, "not WeChat Pay's host");
        return false;
    }
    const char *agent = ch_fcgi(r, "HTTP_USER_AGENT"), *fault = call_fault(r, &c);
    if (fault == NULL && *agent == '\0')
        fault = "请求头缺少 User-Agent";
    if (fault == NULL) {
        *e = ch_run(r, CH_CALL(&sandbox_wechatpay_nonce_use, ch_p_text(c.nonce)), &rows);
        if (*e != CH_OK)
            return false;
        fault = rows.n == 0 ? "nonce_str 重复" : NULL;
    }
    if (fault == NULL)
        return true;
    *e = wechatpay_refuse(r, 401, "SIGN_ERROR", fault);
    return false;
}
