/* SPDX-License-Identifier: Apache-2.0
 * Calls to WeChat Pay whose answers are verified before they are read. */
#include "core/gateway/wechatpay/call.h"

#include "core/gateway/wechatpay/keys.h"
#include "core/gateway/wechatpay/send.h"

/* A 4xx is a final refusal, except 429 (too many requests); after a 5xx the call may be repeated. */
static enum ch_outcome outcome_of(long status)
{
    if (status == 200 || status == 204)
        return CH_ACCEPTED;
    return status >= 400 && status < 500 && status != 429 ? CH_REFUSED : CH_UNKNOWN;
}

/* Error answers and the empty 204 are signed as well, so nothing is read before the signature is verified. */
static struct ch_answer read_answer(struct ch_arena *a, const struct ch_http_response *res, struct ch_json **root)
{
    struct ch_answer out = {outcome_of(res->status), "", "", ch_or_empty(ch_http_header(a, res, "Request-ID"))};
    EVP_PKEY *key = ch__wechatpay_key(a, ch__wechatpay_serial_of(a, res));

    *root = NULL;
    if (key == NULL || !ch__wechatpay_genuine(a, key, res))
        return CH_BAD_ANSWER("the signature of the answer is not WeChat's");
    if (res->status == 204)
        return out;
    if (ch_json_parse(a, res->body, root, NULL) != CH_JSON_OK)
        return CH_BAD_ANSWER("the answer is not JSON");
    if (out.outcome != CH_ACCEPTED) {
        out.code = ch_or_empty(ch_json_text(*root, "code"));
        out.message = ch_or_empty(ch_json_text(*root, "message"));
    }
    return out;
}

struct job {
    const struct ch__wechatpay_call *call;
    struct ch_json **root;
};

static enum ch_err try_call(struct ch_arena *a, struct ch_fault *f, void *ctx, struct ch_answer *answer)
{
    const struct job *job = ctx;
    const struct ch__wechatpay_call *c = job->call;
    const struct ch__wechatpay_request req = {c->method, c->target, c->body, ch__wechatpay_own_serial(a),
                                              c->repeat == CH_ONE_TRY};
    struct ch_http_response res;
    struct ch_fault own = {0};

    *job->root = NULL;
    enum ch_err e = ch__wechatpay_send(a, &own, &req, &res);
    if (e == CH_E_INTERNAL)
        return ch_fault(f, e, "%s", own.detail);
    *answer = e == CH_OK ? read_answer(a, &res, job->root) : CH_NO_ANSWER(ch_strdup(a, own.detail));
    return CH_OK;
}

enum ch_err ch__wechatpay_call(struct ch_arena *a, struct ch_fault *f, const struct ch__wechatpay_call *call,
                               struct ch_answer *answer, struct ch_json **root)
{
    struct job job = {call, root};

    *root = NULL;
    return ch_vendor_call(a, f, CH_V_WECHATPAY, call->repeat, try_call, &job, answer);
}

const char *ch__wechatpay_notify_url(struct ch_arena *a)
{
    const char *set = ch_conf(CONF_WECHATPAY_NOTIFY);
    return *set != '\0' ? set : ch_printf(a, "%s/notify/wechatpay", ch_conf(CONF_ORIGIN));
}
