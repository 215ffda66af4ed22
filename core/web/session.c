/* SPDX-License-Identifier: Apache-2.0
 * Credentials: the session cookies of the audiences, the bearer token of a link, and the CSRF token of a session. The database
 * stores only the SHA-256 of a token. */
#include "core/web/private.h"

#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/crypto/keyfile.h"

#include <stdio.h>
#include <string.h>

#define TOKEN_BYTES 32

static unsigned char csrf_key[32];

bool ch__session_keys(void)
{
    char path[4096];

    return snprintf(path, sizeof path, "%s/session/csrf.key", ch_conf(CONF_KEYS)) < (int)sizeof path &&
           ch_keyfile_read(path, csrf_key);
}

static bool over_https(const char *audience)
{
    const char *origin = ch_conf(strcmp(audience, "desk") == 0 ? CONF_DESK_ORIGIN : CONF_ORIGIN);
    return strncmp(origin, "https:", 6) == 0;
}

/* Browsers take a cookie of the name __Host-… only over https, with Secure, for all paths and for the very host that sets it (RFC
 * 6265bis, 4.1.3.2): so no other host of the authority's domain can slip a session in. */
static const char *cookie_name(struct ch_req *r, const char *audience)
{
    return ch_printf(r->a, "%sch_%s_%s", over_https(audience) ? "__Host-" : "", audience, ch_conf(CONF_INSTALLATION));
}

/* The value of a cookie, or NULL. Of several with one name the first counts: browsers send the most specific one first (RFC 6265,
 * 5.4). */
static const char *find_cookie(struct ch_req *r, const char *name)
{
    const char *s = ch_fcgi(r, "HTTP_COOKIE");
    size_t len = strlen(name);

    while (*s != '\0') {
        s += strspn(s, "; ");
        size_t n = strcspn(s, ";");
        if (n > len && strncmp(s, name, len) == 0 && s[len] == '=')
            return ch_strndup(r->a, s + len + 1, n - len - 1);
        s += n;
    }
    return NULL;
}

static const char *bearer_token(struct ch_req *r)
{
    const char *s = ch_fcgi(r, "HTTP_AUTHORIZATION");
    return strncmp(s, "Bearer ", 7) == 0 ? s + 7 : NULL;
}

static bool is_token(struct ch_req *r, const char *token)
{
    struct ch_bytes raw;
    return token != NULL && strlen(token) < 64 && ch_unbase64(r->a, token, &raw) && raw.n == TOKEN_BYTES;
}

static const char *csrf_of(struct ch_req *r, const char *token)
{
    unsigned char mac[CH_SHA256_BYTES];
    ch_hmac_sha256(CH_BYTES(csrf_key, sizeof csrf_key), CH_BYTES(token, strlen(token)), mac);
    return ch_base64url(r->a, CH_BYTES(mac, 24));
}

const char *ch_csrf(struct ch_req *r)
{
    return r->token != NULL ? csrf_of(r, r->token) : NULL;
}

/* No token has a "|", so that no mark is a CSRF token. */
void ch_session_mac(struct ch_arena *a, const char *purpose, const char *text, unsigned char out[CH_SHA256_BYTES])
{
    const char *whole = ch_printf(a, "%s|%s", purpose, text);

    ch_hmac_sha256(CH_BYTES(csrf_key, sizeof csrf_key), CH_BYTES(whole, strlen(whole)), out);
}

static bool changes_state(const struct ch_req *r)
{
    return strcmp(r->route->method, "GET") != 0 && strcmp(r->route->method, "HEAD") != 0;
}

static bool is_of_desk(const struct ch_route *route)
{
    return strncmp(route->path, "/desk/", 6) == 0;
}

/* Whether the request comes from a page of the same site, hall or back office. Browsers send the page's origin; programs send none. */
static bool origin_is_ours(struct ch_req *r)
{
    const char *origin = ch_fcgi(r, "HTTP_ORIGIN");
    const char *host = strstr(origin, "://");

    if (*origin == '\0' || strcmp(origin, ch_conf(is_of_desk(r->route) ? CONF_DESK_ORIGIN : CONF_ORIGIN)) == 0)
        return true;
    return host != NULL && strcmp(host + 3, ch_fcgi(r, "HTTP_HOST")) == 0;
}

enum ch_err ch__credential(struct ch_req *r)
{
    const char *audience = ch__audience(r->route->roles);
    bool link = strcmp(audience, "link") == 0, needs_session = *audience != '\0';

    if ((r->route->roles & CH_VENDOR) != 0)
        return CH_OK;
    if (changes_state(r) && !link && !origin_is_ours(r))
        return ch_fail(r, CH_E_CSRF, "foreign origin");
    /* Public routes read the session, too, to recognize the caller, but refuse nobody. */
    if (*audience == '\0')
        audience = is_of_desk(r->route) ? "desk" : "hall";
    r->token = link ? bearer_token(r) : find_cookie(r, cookie_name(r, audience));
    if (!is_token(r, r->token))
        r->token = NULL;
    if (!needs_session || (r->route->roles & CH_PUBLIC) != 0)
        return CH_OK;
    if (r->token == NULL)
        return ch_fail(r, CH_E_UNAUTHENTICATED, "no credential");
    if (!changes_state(r) || link)
        return CH_OK;
    const char *sent = ch_fcgi(r, "HTTP_X_CSRF_TOKEN"), *right = csrf_of(r, r->token);
    if (!ch_same(CH_BYTES(sent, strlen(sent)), CH_BYTES(right, strlen(right))))
        return ch_fail(r, CH_E_CSRF, "CSRF token missing or wrong");
    return CH_OK;
}

static void set_cookie(struct ch_req *r, const char *audience, const char *value, int64_t seconds)
{
    ch_header(r, "Set-Cookie",
              ch_printf(r->a, "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s", cookie_name(r, audience), value,
                        (long long)seconds, over_https(audience) ? "; Secure" : ""));
}

const char *ch_session_token(struct ch_req *r, unsigned char hash[CH_SHA256_BYTES])
{
    unsigned char raw[TOKEN_BYTES];

    ch_random(raw, sizeof raw);
    const char *token = ch_base64url(r->a, CH_BYTES(raw, sizeof raw));
    ch_sha256(CH_BYTES(token, strlen(token)), hash);
    return token;
}

void ch_session_start(struct ch_req *r, const char *audience, const char *token, int64_t seconds)
{
    r->token = token;
    set_cookie(r, audience, token, seconds);
}

void ch_session_end(struct ch_req *r, const char *audience)
{
    set_cookie(r, audience, "", 0);
    /* Pages that the browser keeps for its way back, too. Not "cookies", which takes those of the whole domain, the authority's other
     * sites included; nor "storage", where nothing of a session is, but what a person has brought along from a partner's link. */
    ch_header(r, "Clear-Site-Data", "\"cache\"");
}
