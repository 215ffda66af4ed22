/* SPDX-License-Identifier: Apache-2.0 */
#include "core/http/client.h"

#include "core/base/buf.h"
#include "core/base/config.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_BODY (8u * 1024 * 1024)
#define MAX_HEADERS (64u * 1024)
#define CONNECT_MS 5000L

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t handles;

static void end_handle(void *h)
{
    curl_easy_cleanup(h);
}

static void begin_curl(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || pthread_key_create(&handles, end_handle) != 0)
        abort();
}

/* The handle of this thread: it keeps connections between requests, and is made new otherwise. */
static CURL *handle(void)
{
    pthread_once(&once, begin_curl);
    CURL *h = pthread_getspecific(handles);
    if (h == NULL) {
        h = curl_easy_init();
        if (h == NULL || pthread_setspecific(handles, h) != 0)
            abort();
    }
    curl_easy_reset(h);
    return h;
}

struct sink {
    struct ch_buf body, headers;
};

static size_t take_body(char *p, size_t size, size_t n, void *ctx)
{
    struct sink *s = ctx;

    if (s->body.n + size * n > MAX_BODY)
        return 0;
    ch_buf_add(&s->body, p, size * n);
    return size * n;
}

static size_t take_header(char *p, size_t size, size_t n, void *ctx)
{
    struct sink *s = ctx;

    if (size * n >= 5 && memcmp(p, "HTTP/", 5) == 0)
        ch_buf_init(&s->headers, s->headers.a); /* an interim answer came before */
    if (s->headers.n + size * n > MAX_HEADERS)
        return 0;
    ch_buf_add(&s->headers, p, size * n);
    return size * n;
}

static bool is_loopback(const char *host)
{
    struct in_addr v4;
    return (inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127) || strcmp(host, "[::1]") == 0;
}

/* https anywhere; http to a loopback address, and only outside production. */
static bool allowed(const char *url, bool *plain)
{
    CURLU *u = curl_url();
    char *scheme = NULL, *host = NULL;
    bool ok = u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK;

    *plain = ok && strcmp(scheme, "http") == 0;
    if (ok)
        ok = strcmp(scheme, "https") == 0 || (*plain && is_loopback(host) && !ch_conf_bool(CONF_PRODUCTION));
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(u);
    return ok;
}

static struct curl_slist *header_list(const struct ch_http_request *req)
{
    struct curl_slist *list = NULL;

    for (size_t i = 0; i < CH_HTTP_MAX_HEADERS && req->headers[i] != NULL; i++)
        list = curl_slist_append(list, req->headers[i]);
    /* libcurl would wait a second for a "100 Continue" before each large picture. */
    list = curl_slist_append(list, "Expect:");
    if (list == NULL)
        abort();
    return list;
}

static void set_method(CURL *h, const struct ch_http_request *req)
{
    bool post = strcmp(req->method, "POST") == 0;

    if (post || req->body.n > 0) {
        curl_easy_setopt(h, CURLOPT_POST, 1L);
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body.n);
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, req->body.n > 0 ? (const char *)req->body.p : "");
    }
    if (!post && strcmp(req->method, "GET") != 0)
        curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, req->method);
}

static void set_safety(CURL *h, const struct ch_http_request *req, bool plain)
{
    long timeout = req->timeout_ms > 0 ? req->timeout_ms : (long)ch_conf_int(CONF_VENDOR_TIMEOUT);
    const char *ca = ch_conf(CONF_VENDOR_CA);

    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, timeout);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, timeout < CONNECT_MS ? timeout : CONNECT_MS);
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
    if (*ca != '\0')
        curl_easy_setopt(h, CURLOPT_CAINFO, ca);
    if (plain)
        curl_easy_setopt(h, CURLOPT_PROXY, ""); /* loopback is never behind a proxy */
    if (req->once) {
        /* libcurl repeats a request by itself when a kept connection turns out to be dead. */
        curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
    }
}

enum ch_err ch_http(struct ch_arena *a, struct ch_fault *f, const struct ch_http_request *req,
                    struct ch_http_response *res)
{
    struct sink s;
    bool plain;

    if (!allowed(req->url, &plain))
        return ch_fault(f, CH_E_INTERNAL, "a vendor's address must be https, or http to a loopback address");
    ch_buf_init(&s.body, a);
    ch_buf_init(&s.headers, a);
    CURL *h = handle();
    struct curl_slist *headers = header_list(req);
    curl_easy_setopt(h, CURLOPT_URL, req->url);
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(h, CURLOPT_USERAGENT, "certhall/1.0");
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, &s);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, &s);
    set_method(h, req);
    set_safety(h, req, plain);
    CURLcode rc = curl_easy_perform(h);
    *res = (struct ch_http_response){.body = ch_buf_bytes(&s.body), .header_text = ch_strndup(a, s.headers.p, s.headers.n)};
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &res->status);
    curl_slist_free_all(headers);
    return rc == CURLE_OK ? CH_OK : ch_fault(f, CH_E_VENDOR, "no answer: %s", curl_easy_strerror(rc));
}

const char *ch_http_header(struct ch_arena *a, const struct ch_http_response *res, const char *name)
{
    size_t len = strlen(name);

    for (const char *line = res->header_text; line != NULL && *line != '\0';) {
        size_t n = strcspn(line, "\r\n");
        if (n > len && line[len] == ':' && strncasecmp(line, name, len) == 0) {
            const char *v = line + len + 1;
            v += strspn(v, " \t");
            size_t size = v < line + n ? (size_t)(line + n - v) : 0;
            while (size > 0 && (v[size - 1] == ' ' || v[size - 1] == '\t'))
                size--;
            return ch_strndup(a, v, size);
        }
        line += n;
        line += strspn(line, "\r\n");
    }
    return NULL;
}
