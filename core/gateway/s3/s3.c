/* SPDX-License-Identifier: Apache-2.0
 * Requests to an S3 store, and reading its XML. */
#include "core/gateway/s3/s3.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/crypto/digest.h"
#include "core/gateway/keys.h"
#include "core/gateway/vendor.h"
#include "core/http/client.h"

#include <stdlib.h>
#include <string.h>

#define KEY_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./"
#define LONGEST_WORD 1024 /* of an element; a token of a listing is the longest */
#define PAGE_KEYS "500"

struct operation {
    const char *method;
    const char *url;
    struct ch_bytes object; /* the body to be sent */
    struct ch_http_response response;
};

/* The text of an element of the store's XML, or "". It is found by its tag alone, since error documents are flat. */
static const char *element_text(struct ch_arena *a, struct ch_bytes body, const char *name)
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
    const char *code = element_text(a, body, "Code");
    struct ch_answer out = {
        .outcome = status >= 500 || status == 408 || status == 429 ? CH_UNKNOWN : CH_REFUSED,
        .code = *code != '\0' ? code : ch_printf(a, "%ld", status),
        .message = element_text(a, body, "Message"),
        .request_id = element_text(a, body, "RequestId"),
    };
    return out;
}

bool ch_s3_missing(const struct ch_answer *answer)
{
    return answer->outcome == CH_REFUSED && (strcmp(answer->code, "NoSuchKey") == 0 || strcmp(answer->code, "404") == 0);
}

/* s3_url without slashes at its end. */
static char *store_url(struct ch_arena *a)
{
    const char *url = ch_conf(CONF_S3_URL);
    size_t n = strlen(url);

    while (n > 0 && url[n - 1] == '/')
        n--;
    return ch_strndup(a, url, n);
}

static enum ch_err try_once(struct ch_arena *a, struct ch_fault *f, void *call, struct ch_answer *answer)
{
    struct operation *op = call;
    const struct ch_http_sigv4 sigv4 = {ch_conf(CONF_S3_REGION), "s3", ch_conf(CONF_S3_ACCESS),
                                        ch_keys_secret(CONF_S3_SECRET)};
    if (sigv4.secret_key == NULL)
        return ch_fault(f, CH_E_INTERNAL, "s3: no secret key");
    struct ch_http_request req = {
        .method = op->method,
        .url = op->url,
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

static enum ch_err perform_operation(struct ch_arena *a, struct ch_fault *f, struct operation *op, struct ch_answer *answer)
{
    return ch_vendor_call(a, f, CH_V_S3, CH_REPEAT, try_once, op, answer);
}

static enum ch_err perform_on_key(struct ch_arena *a, struct ch_fault *f, struct operation *op, const char *key,
                                  struct ch_answer *answer)
{
    if (*key == '\0' || strspn(key, KEY_CHARACTERS) != strlen(key) || strstr(key, "..") != NULL)
        return ch_fault(f, CH_E_INTERNAL, "s3: not a key");
    op->url = ch_printf(a, "%s/%s", store_url(a), key);
    return perform_operation(a, f, op, answer);
}

enum ch_err ch_s3_put(struct ch_arena *a, struct ch_fault *f, const char *key, struct ch_bytes object,
                      struct ch_answer *answer)
{
    struct operation op = {.method = "PUT", .object = object};
    return perform_on_key(a, f, &op, key, answer);
}

enum ch_err ch_s3_get(struct ch_arena *a, struct ch_fault *f, const char *key, struct ch_bytes *object,
                      struct ch_answer *answer)
{
    struct operation op = {.method = "GET"};
    enum ch_err e = perform_on_key(a, f, &op, key, answer);

    *object = op.response.body;
    return e;
}

enum ch_err ch_s3_head(struct ch_arena *a, struct ch_fault *f, const char *key, int64_t *size, struct ch_answer *answer)
{
    struct operation op = {.method = "HEAD"};
    enum ch_err e = perform_on_key(a, f, &op, key, answer);

    *size = 0;
    if (e == CH_OK && answer->outcome == CH_ACCEPTED) {
        const char *length = ch_http_header(a, &op.response, "content-length");
        *size = length != NULL ? strtoll(length, NULL, 10) : 0;
    }
    return e;
}

enum ch_err ch_s3_delete(struct ch_arena *a, struct ch_fault *f, const char *key, struct ch_answer *answer)
{
    struct operation op = {.method = "DELETE"};
    enum ch_err e = perform_on_key(a, f, &op, key, answer);

    if (e == CH_OK && ch_s3_missing(answer))
        answer->outcome = CH_ACCEPTED;
    return e;
}

/* The URL of the bucket; *prefix is what the keys of this hall begin with: "" or "prefix/". */
static const char *bucket_url(struct ch_arena *a, const char **prefix)
{
    char *url = store_url(a), *host = strstr(url, "://"), *end;

    *prefix = "";
    end = host != NULL ? strchr(host + 3, '/') : NULL;
    end = end != NULL ? strchr(end + 1, '/') : NULL;
    if (end != NULL) {
        *prefix = ch_printf(a, "%s/", end + 1);
        *end = '\0';
    }
    return url;
}

/* Reads one <Contents>; false when it is not an object of this hall. */
static bool read_entry(struct ch_arena *a, struct ch_bytes one, const char *prefix, struct ch_s3_object *out)
{
    const char *key = element_text(a, one, "Key");
    size_t n = strlen(prefix);

    out->modified = ch_parse_rfc3339(element_text(a, one, "LastModified"));
    out->key = key + n;
    return strncmp(key, prefix, n) == 0 && key[n] != '\0' && out->modified >= 0;
}

bool ch_s3_list_read(struct ch_arena *a, struct ch_bytes body, const char *prefix, struct ch_s3_page *page)
{
    static const char open[] = "<Contents>", close[] = "</Contents>";
    const char *at = (const char *)body.p, *end = at + body.n, *stop;
    size_t most = 0;

    *page = (struct ch_s3_page){0};
    if (body.n == 0 || memmem(body.p, body.n, "<ListBucketResult", 17) == NULL)
        return false;
    for (const char *p = at; (p = memmem(p, (size_t)(end - p), open, sizeof open - 1)) != NULL; p += sizeof open - 1)
        most++;
    page->objects = ch_alloc_array(a, most + 1, sizeof *page->objects);
    while ((at = memmem(at, (size_t)(end - at), open, sizeof open - 1)) != NULL &&
           (stop = memmem(at, (size_t)(end - at), close, sizeof close - 1)) != NULL) {
        if (read_entry(a, CH_BYTES(at, (size_t)(stop - at)), prefix, &page->objects[page->n]))
            page->n++;
        at = stop;
    }
    if (strcmp(element_text(a, body, "IsTruncated"), "true") != 0)
        return true;
    page->next = element_text(a, body, "NextContinuationToken");
    return *page->next != '\0';
}

enum ch_err ch_s3_list(struct ch_arena *a, struct ch_fault *f, const char *token, struct ch_s3_page *page,
                       struct ch_answer *answer)
{
    const char *prefix, *url = bucket_url(a, &prefix);
    const char *on = token != NULL && *token != '\0' ? ch_printf(a, "continuation-token=%s&", ch_percent(a, token)) : "";
    const char *of = *prefix != '\0' ? ch_printf(a, "&prefix=%s", ch_percent(a, prefix)) : "";
    struct operation op = {
        .method = "GET",
        /* The arguments are in alphabetical order, since that is the order in which they are signed. */
        .url = ch_printf(a, "%s?%sdelimiter=%%2F&list-type=2&max-keys=" PAGE_KEYS "%s", url, on, of),
    };

    *page = (struct ch_s3_page){0};
    enum ch_err e = perform_operation(a, f, &op, answer);
    if (e == CH_OK && answer->outcome == CH_ACCEPTED && !ch_s3_list_read(a, op.response.body, prefix, page))
        *answer = (struct ch_answer){CH_REFUSED, "not_a_listing", "", answer->request_id};
    return e;
}
