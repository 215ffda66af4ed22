/* SPDX-License-Identifier: Apache-2.0 */
#include "core/gateway/s3.h"

#include "core/crypto/digest.h"
#include "core/gateway/keys.h"
#include "core/gateway/vendor.h"
#include "core/http/client.h"

#include <stdlib.h>
#include <string.h>

#define KEY_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./"
#define LONGEST_WORD 200

struct operation {
    const char *method, *key;
    struct ch_bytes object; /* to be sent */
    struct ch_http_response response;
};

/* The text of an element of the store's XML, or "": an error document is flat, so that its tag is enough to find it. */
static const char *element(struct ch_arena *a, struct ch_bytes body, const char *name)
{
    const char *open = ch_printf(a, "<%s>", name);
    const char *at = body.n > 0 ? memmem(body.p, body.n, open, strlen(open)) : NULL;

    if (at == NULL)
        return "";
    at += strlen(open);
    size_t left = (size_t)((const char *)body.p + body.n - at), n = 0;
    while (n < left && n < LONGEST_WORD && at[n] != '<' && (unsigned char)at[n] >= ' ')
        n++;
    return ch_strndup(a, at, n);
}

struct ch_answer ch_s3_answer(struct ch_arena *a, long status, struct ch_bytes body)
{
    if (status >= 200 && status < 300)
        return (struct ch_answer){CH_ACCEPTED, "", "", ""};
    const char *code = element(a, body, "Code");
    struct ch_answer out = {
        .outcome = status >= 500 || status == 408 || status == 429 ? CH_UNKNOWN : CH_REFUSED,
        .code = *code != '\0' ? code : ch_printf(a, "%ld", status),
        .message = element(a, body, "Message"),
        .request_id = element(a, body, "RequestId"),
    };
    return out;
}

bool ch_s3_missing(const struct ch_answer *answer)
{
    return answer->outcome == CH_REFUSED &&
           (strcmp(answer->code, "NoSuchKey") == 0 || strcmp(answer->code, "404") == 0);
}

static char *address(struct ch_arena *a, const char *key)
{
    const char *url = ch_conf(CONF_S3_URL);
    size_t n = strlen(url);

    while (n > 0 && url[n - 1] == '/')
        n--;
    return ch_printf(a, "%.*s/%s", (int)n, url, key);
}

static enum ch_err try_once(struct ch_arena *a, struct ch_fault *f, void *call, struct ch_answer *answer)
{
    struct operation *op = call;
    const struct ch_http_sigv4 sigv4 = {ch_conf(CONF_S3_REGION), "s3", ch_conf(CONF_S3_ACCESS),
                                        ch_vendor_secret(CONF_S3_SECRET)};
    if (sigv4.secret_key == NULL)
        return ch_fault(f, CH_E_INTERNAL, "s3: no secret key");
    struct ch_http_request req = {
        .method = op->method,
        .url = address(a, op->key),
        .headers = {ch_printf(a, "x-amz-content-sha256: %s", ch_sha256_hex(a, op->object)),
                    "Content-Type: application/octet-stream"},
        .body = op->object,
        .max_body = CH_S3_MAX,
        .sigv4 = &sigv4,
    };
    enum ch_err e;
    if (!ch_vendor_send(a, f, CH_V_S3, &req, &op->response, answer, &e))
        return e;
    *answer = ch_s3_answer(a, op->response.status, op->response.body);
    if (*answer->request_id == '\0') {
        const char *id = ch_http_header(a, &op->response, "x-amz-request-id");
        answer->request_id = id != NULL ? id : "";
    }
    return CH_OK;
}

static enum ch_err perform(struct ch_arena *a, struct ch_fault *f, struct operation *op, struct ch_answer *answer)
{
    if (*op->key == '\0' || strspn(op->key, KEY_CHARACTERS) != strlen(op->key) || strstr(op->key, "..") != NULL)
        return ch_fault(f, CH_E_INTERNAL, "s3: not a key");
    return ch_vendor_call(a, f, CH_V_S3, CH_REPEAT, try_once, op, answer);
}

enum ch_err ch_s3_put(struct ch_arena *a, struct ch_fault *f, const char *key, struct ch_bytes object,
                      struct ch_answer *answer)
{
    struct operation op = {.method = "PUT", .key = key, .object = object};
    return perform(a, f, &op, answer);
}

enum ch_err ch_s3_get(struct ch_arena *a, struct ch_fault *f, const char *key, struct ch_bytes *object,
                      struct ch_answer *answer)
{
    struct operation op = {.method = "GET", .key = key};
    enum ch_err e = perform(a, f, &op, answer);

    *object = op.response.body;
    return e;
}

enum ch_err ch_s3_head(struct ch_arena *a, struct ch_fault *f, const char *key, int64_t *size, struct ch_answer *answer)
{
    struct operation op = {.method = "HEAD", .key = key};
    enum ch_err e = perform(a, f, &op, answer);

    *size = 0;
    if (e == CH_OK && answer->outcome == CH_ACCEPTED) {
        const char *length = ch_http_header(a, &op.response, "content-length");
        *size = length != NULL ? strtoll(length, NULL, 10) : 0;
    }
    return e;
}

enum ch_err ch_s3_delete(struct ch_arena *a, struct ch_fault *f, const char *key, struct ch_answer *answer)
{
    struct operation op = {.method = "DELETE", .key = key};
    enum ch_err e = perform(a, f, &op, answer);

    if (e == CH_OK && ch_s3_missing(answer))
        answer->outcome = CH_ACCEPTED;
    return e;
}
