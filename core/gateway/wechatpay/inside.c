/* SPDX-License-Identifier: Apache-2.0
 * Payment inside WeChat's own browser: who pays, by web authorization, and what the page hands to the app. */
#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/gateway/keys.h"
#include "core/gateway/vendor.h"
#include "core/gateway/wechatpay/sign.h"
#include "core/gateway/wechatpay/wechatpay.h"
#include "core/json/json.h"

#include <string.h>

#define LETTERS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define OPENID_MOST 128

const char *ch_wechatpay_authorize_url(struct ch_arena *a, const char *return_url, const char *state)
{
    return ch_printf(a,
                     "%s/connect/oauth2/authorize?appid=%s&redirect_uri=%s&response_type=code&scope=snsapi_base&state=%s"
                     "#wechat_redirect",
                     ch_conf(CONF_WECHATPAY_OAUTH), ch_percent(a, ch_conf(CONF_WECHATPAY_APPID)),
                     ch_percent(a, return_url), ch_percent(a, state));
}

static bool is_openid(const char *s)
{
    size_t n = s != NULL ? strlen(s) : 0;
    return n >= 1 && n <= OPENID_MOST && strspn(s, LETTERS "_-") == n;
}

/* 40029: no such code; 40163: it was used; 42003: it is too old. Anything else is about our account, or WeChat is busy. */
struct ch_answer ch_wechatpay_read_openid(struct ch_arena *a, long status, struct ch_bytes body, const char **openid)
{
    static const char *const about_the_code[] = {"40029", "40163", "42003"};
    struct ch_json *root = NULL;
    int64_t error = 0;

    *openid = NULL;
    if (status != 200 || ch_json_parse(a, body, &root, NULL) != CH_JSON_OK)
        return CH_BAD_ANSWER(ch_printf(a, "status %ld, or the answer is not JSON", status));
    if (ch_json_int(root, "errcode", &error) && error != 0) {
        const char *code = ch_printf(a, "%lld", (long long)error);
        return (struct ch_answer){ch_code_is_one_of(code, about_the_code, CH_COUNT(about_the_code)) ? CH_REFUSED : CH_UNKNOWN,
                                  code, ch_or_empty(ch_json_text(root, "errmsg")), ""};
    }
    if (!is_openid(ch_json_text(root, "openid")))
        return CH_BAD_ANSWER("no openid in the answer");
    *openid = ch_json_text(root, "openid");
    return (struct ch_answer){CH_ACCEPTED, "", "", ""};
}

struct job {
    const char *code, *secret;
    const char **openid;
};

static enum ch_err try_openid(struct ch_arena *a, struct ch_fault *f, void *call, struct ch_answer *answer)
{
    const struct job *job = call;
    struct ch_http_response res;
    struct ch_http_request req = {
        .method = "GET",
        .url = ch_printf(a, "%s/sns/oauth2/access_token?appid=%s&secret=%s&code=%s&grant_type=authorization_code",
                         ch_conf(CONF_WECHATPAY_OPENID), ch_percent(a, ch_conf(CONF_WECHATPAY_APPID)),
                         ch_percent(a, job->secret), ch_percent(a, job->code)),
        .headers = {"Accept: application/json"},
        .once = true,
    };
    enum ch_err e;

    if (ch_vendor_send(a, f, CH_V_OPENID, &req, &res, answer, &e))
        *answer = ch_wechatpay_read_openid(a, res.status, res.body, job->openid);
    return e;
}

enum ch_err ch_wechatpay_openid(struct ch_arena *a, struct ch_fault *f, const char *code, struct ch_answer *answer,
                                const char **openid)
{
    struct job job = {code, ch_keys_secret(CONF_WECHATPAY_SECRET), openid};

    *openid = NULL;
    if (job.secret == NULL)
        return ch_fault(f, CH_E_INTERNAL, "wechatpay: no AppSecret");
    return ch_vendor_call(a, f, CH_V_OPENID, CH_ONE_TRY, try_openid, &job, answer);
}

enum ch_err ch_wechatpay_request(struct ch_arena *a, struct ch_fault *f, const char *prepay_id, const char **json)
{
    const char *appid = ch_conf(CONF_WECHATPAY_APPID), *nonce = ch_random_text(a, LETTERS, 32),
               *timestamp = ch_printf(a, "%lld", (long long)(ch_now_ms() / 1000)),
               *package = ch_printf(a, "prepay_id=%s", prepay_id);
    EVP_PKEY *key = ch_keys_private(CONF_WECHATPAY_KEY);
    const char *signature =
        key != NULL ? ch_wechatpay_sign(a, key, ch_wechatpay_pay_text(a, appid, timestamp, nonce, package)) : NULL;
    struct ch_jw w;

    if (signature == NULL)
        return ch_fault(f, CH_E_INTERNAL, "wechatpay: no merchant key");
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "appId", appid);
    ch_jw_text(&w, "timeStamp", timestamp);
    ch_jw_text(&w, "nonceStr", nonce);
    ch_jw_text(&w, "package", package);
    ch_jw_text(&w, "signType", "RSA");
    ch_jw_text(&w, "paySign", signature);
    ch_jw_end_object(&w);
    *json = ch_jw_done(&w);
    return CH_OK;
}
