/* SPDX-License-Identifier: Apache-2.0
 * One signed request to WeChat Pay, and the check of the answer's signature. */
#include "core/gateway/wechatpay/send.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/gateway/keys.h"
#include "core/gateway/wechatpay/sign.h"

#include <string.h>

#define NONCE_ALPHABET "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* The Authorization header of a request; NULL when the merchant's key is missing. */
static char *authorization_header(struct ch_arena *a, const struct ch__wechatpay_request *r)
{
    struct ch_wechatpay_credential cred = {
        .mchid = ch_conf(CONF_WECHATPAY_MCHID),
        .nonce = ch_random_text(a, NONCE_ALPHABET, 32),
        .timestamp = ch_printf(a, "%lld", (long long)(ch_now_ms() / 1000)),
        .serial = ch_conf(CONF_WECHATPAY_SERIAL),
    };
    EVP_PKEY *key = ch_keys_private(CONF_WECHATPAY_KEY);

    if (key == NULL)
        return NULL;
    cred.signature = ch_wechatpay_sign(a, key,
                                       ch_wechatpay_request_text(a, r->method, r->target, cred.timestamp, cred.nonce,
                                                                 CH_BYTES(r->body, strlen(r->body))));
    return cred.signature != NULL ? ch_printf(a, "Authorization: %s", ch_wechatpay_authorization(a, &cred)) : NULL;
}

enum ch_err ch__wechatpay_send(struct ch_arena *a, struct ch_fault *f, const struct ch__wechatpay_request *r,
                               struct ch_http_response *res)
{
    char *authorization = authorization_header(a, r);

    if (authorization == NULL)
        return ch_fault(f, CH_E_INTERNAL, "wechatpay: no merchant key");
    struct ch_http_request req = {
        .method = r->method,
        .url = ch_printf(a, "%s%s", ch_conf(CONF_WECHATPAY_URL), r->target),
        .headers = {authorization, "Accept: application/json", "Content-Type: application/json",
                    *r->serial != '\0' ? ch_printf(a, "Wechatpay-Serial: %s", r->serial) : NULL},
        .body = CH_BYTES(r->body, strlen(r->body)),
        .once = r->once,
    };
    return ch_http(a, f, &req, res);
}

static const char *header_or_empty(struct ch_arena *a, const struct ch_http_response *res, const char *name)
{
    const char *value = ch_http_header(a, res, name);
    return value != NULL ? value : "";
}

const char *ch__wechatpay_serial_of(struct ch_arena *a, const struct ch_http_response *res)
{
    return header_or_empty(a, res, "Wechatpay-Serial");
}

bool ch__wechatpay_genuine(struct ch_arena *a, EVP_PKEY *key, const struct ch_http_response *res)
{
    const char *timestamp = header_or_empty(a, res, "Wechatpay-Timestamp"),
               *nonce = header_or_empty(a, res, "Wechatpay-Nonce");

    return ch_wechatpay_in_time(timestamp, ch_now_ms() / 1000) &&
           (res->body.n == 0 || memchr(res->body.p, 0, res->body.n) == NULL) &&
           ch_wechatpay_verify(a, key, ch_wechatpay_answer_text(a, timestamp, nonce, res->body),
                               header_or_empty(a, res, "Wechatpay-Signature"));
}
