/* SPDX-License-Identifier: Apache-2.0
 * Sends requests with one curl handle for each thread. */
#include "core/http/client.h"

#include "core/base/buf.h"
#include "core/base/config.h"
#include "core/http/address.h"
#include "core/http/url.h"

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

void ch_http_begin(void)
{
    pthread_once(&once, begin_curl);
}

/* This thread's handle with all options reset. It keeps its connections between requests. */
static CURL *thread_handle(void)
{
    ch_http_begin();
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
    size_t max_body;
    bool not_public; /* `public_only` forbade one of the host's addresses */
};

static size_t take_body(char *p, size_t size, size_t n, void *ctx)
{
    struct sink *s = ctx;

    if (s->body.n + size * n > s->max_body)
        return 0;
    ch_buf_add(&s->body, p, size * n);
    return size * n;
}

static size_t take_header(char *p, size_t size, size_t n, void *ctx)
{
    struct sink *s = ctx;

    if (size * n >= 5 && memcmp(p, "HTTP/", 5) == 0)
        ch_buf_init(&s->headers, s->headers.a); /* an interim response (1xx) came before */
    if (s->headers.n + size * n > MAX_HEADERS)
        return 0;
    ch_buf_add(&s->headers, p, size * n);
    return size * n;
}

/* libcurl calls this with the address to which it connects, so that no second look-up of the name can come in between. */
static curl_socket_t open_public(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct sink *s = ctx;

    (void)purpose;
    if (ch_address_public(&address->addr))
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    s->not_public = true;
    return CURL_SOCKET_BAD;
}

static struct curl_slist *header_list(const struct ch_http_request *req)
{
    struct curl_slist *list = NULL;

    for (size_t i = 0; i < CH_HTTP_MAX_HEADERS && req->headers[i] != NULL; i++)
        list = curl_slist_append(list, req->headers[i]);
    /* Without this, libcurl waits a second for "100 Continue" before each large body. With AWS_SIGV4 the header must stay, since
     * libcurl signs it even if it is removed; sign_request shortens the wait instead. */
    if (req->sigv4 == NULL)
        list = curl_slist_append(list, "Expect:");
    if (list == NULL)
        abort();
    return list;
}

static void set_method(CURL *h, const struct ch_http_request *req)
{
    bool post = strcmp(req->method, "POST") == 0;

    if (strcmp(req->method, "HEAD") == 0)
        curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
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
        /* libcurl repeats a request when a kept connection turns out to be dead. */
        curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
    }
}

static void sign_request(struct ch_arena *a, CURL *h, const struct ch_http_sigv4 *s)
{
    curl_easy_setopt(h, CURLOPT_AWS_SIGV4, ch_printf(a, "aws:amz:%s:%s", s->region, s->service));
    curl_easy_setopt(h, CURLOPT_USERNAME, s->access_key);
    curl_easy_setopt(h, CURLOPT_PASSWORD, s->secret_key);
    curl_easy_setopt(h, CURLOPT_EXPECT_100_TIMEOUT_MS, 1L);
}

/* New connections only, as a kept one may have been opened without this rule; no proxy, as it would resolve the name itself. */
static void set_public_only(CURL *h, struct sink *s)
{
    curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, open_public);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, s);
    curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(h, CURLOPT_PROXY, "");
}

static enum ch_err no_answer(struct ch_fault *f, const struct sink *s, CURLcode rc)
{
    if (s->not_public && rc == CURLE_COULDNT_CONNECT)
        return ch_fault(f, CH_E_FORBIDDEN, "the host's address is not on the public Internet");
    return ch_fault(f, CH_E_VENDOR, "no answer: %s", curl_easy_strerror(rc));
}

enum ch_err ch_http(struct ch_arena *a, struct ch_fault *f, const struct ch_http_request *req, struct ch_http_response *res)
{
    struct sink s = {.max_body = req->max_body > 0 ? req->max_body : MAX_BODY};
    bool plain;

    if (!ch_url_allowed(a, req->url, ch_conf_bool(CONF_PRODUCTION), &plain))
        return ch_fault(f, CH_E_INTERNAL, "a vendor's address must be https, or http to a loopback address");
    ch_buf_init(&s.body, a);
    ch_buf_init(&s.headers, a);
    CURL *h = thread_handle();
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
    if (req->sigv4 != NULL)
        sign_request(a, h, req->sigv4);
    if (req->public_only)
        set_public_only(h, &s);
    CURLcode rc = curl_easy_perform(h);
    *res = (struct ch_http_response){.body = ch_buf_bytes(&s.body), .header_text = ch_strndup(a, s.headers.p, s.headers.n)};
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &res->status);
    curl_slist_free_all(headers);
    return rc == CURLE_OK ? CH_OK : no_answer(f, &s, rc);
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
