/* SPDX-License-Identifier: Apache-2.0
 * WeChat's own browser: web authorization (open.weixin.qq.com and api.weixin.qq.com, whose paths are here at WeChat Pay's host), and the
 * app's question when a page has handed it a request to pay. It is as strict as the vendor's. A browser is a user of WeChat by a
 * cookie; the bridge between page and app (WeixinJSBridge) is played by whoever plays the browser. */
#include "modules/sandbox/wechatpay/wechatpay.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/crypto/digest.h"
#include "core/gateway/wechatpay/sign.h"
#include "modules/sandbox/register.h"

#include <string.h>

#define HOST "127.0.0.11"
#define COOKIE "wechat_user="
#define USER 24
#define STATE_MOST 128

const char *wechatpay_openid_of(struct ch_arena *a, const char *user)
{
    const char *both = ch_printf(a, "%s %s", sandbox_register()->wechatpay_appid, user);

    return ch_printf(a, "o%.27s", ch_base64url(a, ch_sha256_of(a, CH_BYTES(both, strlen(both)))));
}

/* The user of WeChat whose browser this is; NULL when it is new. */
static const char *user_of(struct ch_req *r)
{
    const char *at = strstr(ch_fcgi(r, "HTTP_COOKIE"), COOKIE);
    const char *user = at != NULL ? at + strlen(COOKIE) : "";

    return strspn(user, WECHATPAY_CODE_LETTERS) == USER ? ch_strndup(r->a, user, USER) : NULL;
}

static bool is_state(const char *s)
{
    return s != NULL && strlen(s) <= STATE_MOST && strspn(s, WECHATPAY_CODE_LETTERS) == strlen(s);
}

/* What WeChat says to whom it does not send back with a code, or NULL. */
static const char *authorize_refusal(struct ch_req *r)
{
    if (strstr(ch_fcgi(r, "HTTP_USER_AGENT"), "MicroMessenger") == NULL)
        return "请在微信客户端打开链接。";
    if (!sandbox_is(ch_query(r, "appid"), sandbox_register()->wechatpay_appid))
        return "appid 参数错误。";
    if (!wechatpay_is_merchants(ch_query(r, "redirect_uri")))
        return "redirect_uri 域名与后台配置不一致，错误码：10003。";
    if (!sandbox_is(ch_query(r, "response_type"), "code") || !sandbox_is(ch_query(r, "scope"), "snsapi_base"))
        return "scope 参数错误或没有 scope 权限，错误码：10005。";
    return is_state(ch_query(r, "state")) ? NULL : "state 参数错误。";
}

enum ch_err sandbox_wechatpay_authorize(struct ch_req *r)
{
    const char *code = ch_random_text(r->a, WECHATPAY_CODE_LETTERS, 32), *user = user_of(r);

    if (!sandbox_host(r, HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not WeChat's host");
    const char *no = authorize_refusal(r);
    if (no != NULL)
        return wechatpay_show_message(r, 403, no);
    if (user == NULL) {
        user = ch_random_text(r->a, WECHATPAY_CODE_LETTERS, USER);
        ch_header(r, "Set-Cookie", ch_printf(r->a, COOKIE "%s; Path=/; HttpOnly; SameSite=Lax", user));
    }
    enum ch_err e = ch_run(
        r, CH_CALL(&sandbox_wechatpay_authorize_row, ch_p_text(code), ch_p_text(wechatpay_openid_of(r->a, user))), NULL);
    if (e != CH_OK)
        return e;
    return ch_reply_redirect(r, sandbox_url_with(r->a, ch_query(r, "redirect_uri"),
                                                 ch_printf(r->a, "code=%s&state=%s", code, ch_query(r, "state"))));
}

static enum ch_err answer_error(struct ch_req *r, int code, const char *message)
{
    return sandbox_answer(r, 200, "text/plain", ch_printf(r->a, "{\"errcode\":%d,\"errmsg\":\"%s\"}", code, message));
}

/* The answer is not signed: the merchant knows api.weixin.qq.com by its certificate. */
static enum ch_err answer_openid(struct ch_req *r, const char *openid)
{
    bool without;
    struct ch_jw w;
    enum ch_err e = sandbox_switched(r, "wechatpay.no_openid", &without);

    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "access_token", ch_random_text(r->a, WECHATPAY_CODE_LETTERS, 64));
    ch_jw_int(&w, "expires_in", 7200);
    ch_jw_text(&w, "refresh_token", ch_random_text(r->a, WECHATPAY_CODE_LETTERS, 64));
    if (!without)
        ch_jw_text(&w, "openid", openid);
    ch_jw_text(&w, "scope", "snsapi_base");
    ch_jw_end_object(&w);
    return sandbox_answer(r, 200, "text/plain", ch_jw_done(&w));
}

enum ch_err sandbox_wechatpay_openid(struct ch_req *r)
{
    const struct sandbox_register *reg = sandbox_register();
    struct ch_rows row;

    if (!sandbox_host(r, HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not WeChat's host");
    if (!sandbox_is(ch_query(r, "appid"), reg->wechatpay_appid))
        return answer_error(r, 40013, "invalid appid");
    if (!sandbox_is(ch_query(r, "secret"), reg->wechatpay_secret))
        return answer_error(r, 40125, "invalid appsecret");
    if (!sandbox_is(ch_query(r, "grant_type"), "authorization_code"))
        return answer_error(r, 40002, "invalid grant_type");
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_wechatpay_authorized, ch_p_text(ch_query(r, "code"))), &row);
    if (e != CH_OK)
        return e;
    if (row.n != 1)
        return answer_error(r, 40029, "invalid code");
    if (ch_col_bool(&row, 0, "used"))
        return answer_error(r, 40163, "code been used");
    if (ch_col_bool(&row, 0, "old"))
        return answer_error(r, 42003, "oauth_code expired");
    return answer_openid(r, ch_col(&row, 0, "openid"));
}

/* Why WeChat does not take the request that a page has handed to the app, or NULL; *code is that of its order then. */
static const char *request_refusal(struct ch_req *r, const struct ch_json *request, const char **code)
{
    static const char prepay[] = "prepay_id=wx";
    const struct sandbox_register *reg = sandbox_register();
    const char *package = sandbox_text(request, "package"), *timestamp = sandbox_text(request, "timeStamp");

    if (!sandbox_is(ch_json_text(request, "appId"), reg->wechatpay_appid))
        return "appId 与公众号不一致";
    if (!sandbox_is(ch_json_text(request, "signType"), "RSA") || strncmp(package, prepay, strlen(prepay)) != 0)
        return "缺少参数";
    if (!ch_wechatpay_in_time(timestamp, ch_now_ms() / 1000))
        return "timeStamp 过期";
    const char *text =
        ch_wechatpay_pay_text(r->a, reg->wechatpay_appid, timestamp, sandbox_text(request, "nonceStr"), package);
    if (!ch_wechatpay_verify(r->a, reg->wechatpay_merchant, text, sandbox_text(request, "paySign")))
        return "支付验证签名失败";
    *code = package + strlen(prepay);
    return NULL;
}

static enum ch_err answer_app(struct ch_req *r, const char *no)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "err_msg", no == NULL ? "get_brand_wcpay_request:ok" : "get_brand_wcpay_request:fail");
    if (no != NULL)
        ch_jw_text(&w, "err_desc", no);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err sandbox_wechatpay_bridge(struct ch_req *r)
{
    const char *code, *state, *user = user_of(r);
    struct ch_json *request = NULL;
    struct ch_rows row;

    if (!sandbox_host(r, HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not WeChat's host");
    if (ch_json_parse(r->a, r->raw, &request, NULL) != CH_JSON_OK)
        return answer_app(r, "缺少参数");
    const char *no = request_refusal(r, request, &code);
    if (no != NULL)
        return answer_app(r, no);
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_wechatpay_bill, ch_p_text(code)), &row);
    if (e != CH_OK)
        return e;
    const char *payer = row.n == 1 ? ch_col(&row, 0, "payer_openid") : NULL;
    if (payer == NULL)
        return answer_app(r, "prepay_id 无效");
    if (user == NULL || strcmp(wechatpay_openid_of(r->a, user), payer) != 0)
        return answer_app(r, "当前支付帐号与下单帐号不一致");
    e = wechatpay_pay(r, code, payer, &state);
    if (e != CH_OK)
        return e;
    return answer_app(r, strcmp(state, "SUCCESS") == 0 ? NULL : "订单已失效");
}
