/* SPDX-License-Identifier: Apache-2.0
 * One signed call to Tencent Cloud API 3.0. */
#include "core/gateway/tencent/tencent.h"

#include "core/base/clock.h"
#include "core/gateway/keys.h"
#include "core/gateway/tencent/tc3.h"

#include <string.h>

#define CONTENT_TYPE "application/json; charset=utf-8"

/* Host and port of a URL, as libcurl sends them. */
static char *host_of(struct ch_arena *a, const char *url)
{
    const char *h = strstr(url, "://");

    h = h != NULL ? h + 3 : url;
    return ch_strndup(a, h, strcspn(h, "/?#"));
}

/* True for errors that are not about the request's contents, but about the vendor's service or our account (keys, arrears):
 * an applicant must not be told then that the card is bad. Codes form families ("InternalError.Timeout"), so the first word
 * decides. */
static bool is_fault_of_service(const char *code)
{
    static const char *const words[] = {"InternalError",       "RequestLimitExceeded",  "InternalServerError",
                                        "AuthFailure",         "UnauthorizedOperation", "ResourceUnavailable",
                                        "ResourceInsufficient"};

    for (size_t i = 0; i < CH_COUNT(words); i++) {
        size_t n = strlen(words[i]);
        if (strncmp(code, words[i], n) == 0 && (code[n] == '\0' || code[n] == '.'))
            return true;
    }
    return false;
}

struct ch_answer ch_tencent_answer(struct ch_arena *a, struct ch_bytes body, const struct ch_json **response)
{
    struct ch_json *root = NULL;

    *response = NULL;
    if (ch_json_parse(a, body, &root, NULL) != CH_JSON_OK)
        return CH_BAD_ANSWER("the answer is not JSON");
    const struct ch_json *res = ch_json_get(root, "Response"), *error = ch_json_get(res, "Error");
    if (res == NULL || res->kind != CH_JSON_OBJECT)
        return CH_BAD_ANSWER("the answer has no Response");
    struct ch_answer out = {CH_ACCEPTED, "", "", ch_or_empty(ch_json_text(res, "RequestId"))};
    if (error == NULL) {
        *response = res;
        return out;
    }
    out.code = ch_or_empty(ch_json_text(error, "Code"));
    out.message = ch_or_empty(ch_json_text(error, "Message"));
    out.outcome = is_fault_of_service(out.code) || *out.code == '\0' ? CH_UNKNOWN : CH_REFUSED;
    return out;
}

static char *authorization_value(struct ch_arena *a, const struct ch_tencent_service *service, const char *host,
                                 int64_t timestamp, const char *body)
{
    const char *key = ch_keys_secret(CONF_TC_SECRET_KEY);

    if (key == NULL)
        return NULL;
    struct ch_tc3 t = {
        .secret_id = ch_conf(CONF_TC_SECRET_ID),
        .secret_key = key,
        .service = service->name,
        .timestamp = timestamp,
        .headers = {{"content-type", CONTENT_TYPE}, {"host", host}},
        .payload = CH_BYTES(body, strlen(body)),
    };
    return ch_tc3_authorization(a, &t);
}

/* The arguments of ch_tencent_call, for its tries. */
struct job {
    const struct ch_tencent_service *service;
    enum ch_repeat repeat;
    const char *action, *body;
    const struct ch_json **response;
};

static enum ch_err try_call(struct ch_arena *a, struct ch_fault *f, void *ctx, struct ch_answer *answer)
{
    const struct job *job = ctx;
    const char *url = ch_conf(ch_vendor_row(job->service->vendor)->url), *host = host_of(a, url);
    int64_t now = ch_now_ms() / 1000;
    struct ch_http_response res;
    char *authorization = authorization_value(a, job->service, host, now, job->body);

    *job->response = NULL;
    if (authorization == NULL)
        return ch_fault(f, CH_E_INTERNAL, "tencent: no secret key");
    struct ch_http_request req = {
        .method = "POST",
        .url = ch_printf(a, "%s%s", url, url[strlen(url) - 1] == '/' ? "" : "/"),
        /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): two literals that make one */
        .headers = {ch_printf(a, "Authorization: %s", authorization), "Content-Type: " CONTENT_TYPE,
                    ch_printf(a, "Host: %s", host), ch_printf(a, "X-TC-Action: %s", job->action),
                    ch_printf(a, "X-TC-Version: %s", job->service->version),
                    ch_printf(a, "X-TC-Timestamp: %lld", (long long)now),
                    ch_printf(a, "X-TC-Region: %s", ch_conf(CONF_TC_REGION)), "X-TC-Language: zh-CN"},
        .body = CH_BYTES(job->body, strlen(job->body)),
        .once = job->repeat == CH_ONE_TRY,
    };
    enum ch_err e;
    if (ch_vendor_send(a, f, job->service->vendor, &req, &res, answer, &e))
        *answer = ch_tencent_answer(a, res.body, job->response);
    return e;
}

enum ch_err ch_tencent_call(struct ch_arena *a, struct ch_fault *f, const struct ch_tencent_service *service,
                            enum ch_repeat repeat, const char *action, const char *body, struct ch_answer *answer,
                            const struct ch_json **response)
{
    struct job job = {service, repeat, action, body, response};

    *response = NULL;
    return ch_vendor_call(a, f, service->vendor, repeat, try_call, &job, answer);
}
