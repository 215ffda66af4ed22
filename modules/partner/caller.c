/* SPDX-License-Identifier: Apache-2.0
 * Authentication of a partner's platform by the signature of its request (RFC 9421). */
#include "modules/partner/partner.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/gateway/signature.h"
#include "core/order/ticket.h"

#include <ctype.h>
#include <string.h>

#define WINDOW_SECONDS 300 /* how far the time of a signature may differ from ours */
#define NONCE_LEAST 16
#define NONCE_MOST 64

static const char *lower_case(struct ch_req *r, const char *s)
{
    char *out = ch_strdup(r->a, s);
    for (char *c = out; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    return out;
}

/* A header of the request by its lower-case name; NULL when the request does not have it. */
static const char *request_header(struct ch_req *r, const char *name)
{
    const char *prefix = strcmp(name, "content-type") == 0 || strcmp(name, "content-length") == 0 ? "" : "HTTP_";
    char *param = ch_printf(r->a, "%s%s", prefix, name);

    for (char *c = param; *c != '\0'; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    const char *v = ch_fcgi(r, param);
    return *v != '\0' ? v : NULL;
}

/* Where the hall is, for the components that say so. They are those of the setting `origin`, not what the request says of itself:
 * a request that was signed for another host does not become ours by a Host header that fits its signature. */
struct place {
    const char *scheme, *authority;
};

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

static struct place our_place(struct ch_req *r)
{
    const char *origin = lower_case(r, ch_conf(CONF_ORIGIN)), *colon = strstr(origin, "://");
    const char *scheme = colon != NULL ? ch_strndup(r->a, origin, (size_t)(colon - origin)) : "";
    const char *host = colon != NULL ? colon + 3 : origin;
    const char *authority = ch_strndup(r->a, host, strcspn(host, "/"));
    const char *port = strcmp(scheme, "https") == 0 ? ":443" : ":80"; /* the scheme's own port is left out */

    if (ends_with(authority, port))
        authority = ch_strndup(r->a, authority, strlen(authority) - strlen(port));
    return (struct place){scheme, authority};
}

/* The value of a component that is signed, as RFC 9421, section 2.2 derives it; other names are those of headers. */
static const char *signed_component(void *ctx, const char *name)
{
    struct ch_req *r = ctx;
    const char *uri = ch_fcgi(r, "REQUEST_URI");
    struct place here = our_place(r);
    size_t path = strcspn(uri, "?");

    if (strcmp(name, "@method") == 0)
        return ch_fcgi(r, "REQUEST_METHOD");
    if (strcmp(name, "@authority") == 0)
        return here.authority;
    if (strcmp(name, "@path") == 0)
        return ch_strndup(r->a, uri, path);
    if (strcmp(name, "@query") == 0)
        return uri[path] == '?' ? uri + path : "?";
    if (strcmp(name, "@scheme") == 0)
        return here.scheme;
    if (strcmp(name, "@target-uri") == 0)
        return ch_printf(r->a, "%s://%s%s", here.scheme, here.authority, uri);
    return request_header(r, name);
}

static enum ch_err refuse_caller(struct ch_req *r, const char *sentence)
{
    return ch_fail_say(r, CH_E_UNAUTHENTICATED, sentence);
}

/* True when the signature covers everything that makes this request differ from any other. */
static bool covers_all(const struct ch_req *r, const struct ch_signature *s)
{
    static const char *const wanted[] = {"@method", "@authority", "@path", "@query", "content-digest"};
    size_t n = r->raw.n > 0 ? CH_COUNT(wanted) : CH_COUNT(wanted) - 1;

    for (size_t i = 0; i < n; i++)
        if (!ch_signature_covers(s, wanted[i]))
            return false;
    return true;
}

static enum ch_err check_parameters(struct ch_req *r, struct ch_signature *s)
{
    int64_t now = ch_now_ms() / 1000;
    const char *digest = ch_signature_content_digest(r->a, r->raw), *said = ch_fcgi(r, "HTTP_CONTENT_DIGEST");

    if (!ch_signature_read(r->a, ch_fcgi(r, "HTTP_SIGNATURE_INPUT"), ch_fcgi(r, "HTTP_SIGNATURE"), s))
        return refuse_caller(r, "请求没有签名，或签名头无法读取。");
    if (!covers_all(r, s))
        return refuse_caller(r, "签名须覆盖 @method、@authority、@path、@query，有正文时还须覆盖 content-digest。");
    if (s->keyid == NULL || !ch_is_uuid(s->keyid) || s->nonce == NULL || strlen(s->nonce) < NONCE_LEAST ||
        strlen(s->nonce) > NONCE_MOST)
        return refuse_caller(r, "签名参数须有 keyid 和 16 至 64 个字符的 nonce。");
    if (s->created < now - WINDOW_SECONDS || s->created > now + WINDOW_SECONDS || (s->expires != 0 && s->expires < now))
        return refuse_caller(r, "签名时间与服务器时间相差超过 5 分钟，或签名已过期。");
    if (r->raw.n > 0 && !ch_same(CH_BYTES(digest, strlen(digest)), CH_BYTES(said, strlen(said))))
        return refuse_caller(r, "Content-Digest 与正文不符。");
    return CH_OK;
}

/* Checks the signature with the key's secret. The answer does not tell an unknown key from a wrong signature. */
static enum ch_err check_signature(struct ch_req *r, const struct ch_signature *s, struct partner_caller *out)
{
    struct ch_bytes secret;
    struct ch_json *words = NULL;
    struct ch_rows rows;

    enum ch_err e = ch_peek(r, CH_CALL(&partner_key_read, ch_p_text(s->keyid)), &rows);
    if (e != CH_OK)
        return e;
    const char *base = ch_signature_base(r->a, s, signed_component, r);
    if (rows.n != 1 || base == NULL ||
        !ch_decrypt(ch_ring(), r->a, CH_PARTNER_SECRET, s->keyid, ch_col_bytes(&rows, r->a, 0, "secret"), &secret) ||
        !ch_signature_right(s, secret, base))
        return refuse_caller(r, "签名不正确，或密钥不存在。");
    r->slug = ch_col_text(&rows, 0, "slug");
    e = ch_col_json(r, &rows, 0, "words", &words);
    *out = (struct partner_caller){s->keyid, s->nonce, words};
    return e;
}

enum ch_err partner_check(struct ch_req *r, struct partner_caller *out)
{
    struct ch_signature s;
    enum ch_err e = check_parameters(r, &s);

    return e == CH_OK ? check_signature(r, &s, out) : e;
}

enum ch_err partner_rows(struct ch_req *r, const struct partner_caller *caller, struct ch_call call, struct ch_rows *rows)
{
    const struct ch_call calls[] = {CH_CALL(&partner_enter, ch_p_text(caller->key), ch_p_text(caller->nonce)), call};
    struct ch_rows both[CH_COUNT(calls)];

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), both);
    if (e == CH_OK)
        *rows = both[1];
    return e;
}

enum ch_err partner_run(struct ch_req *r, const struct partner_caller *caller, struct ch_call call, const char **out)
{
    struct ch_rows rows;

    enum ch_err e = partner_rows(r, caller, call, &rows);
    return e == CH_OK ? ch_col_out(r, &rows, out) : e;
}
