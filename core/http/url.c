/* SPDX-License-Identifier: Apache-2.0
 * Judges URLs. They are taken apart by libcurl, so that what is judged is what is called. */
#include "core/http/url.h"

#include "core/http/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <string.h>

struct parts {
    const char *scheme, *host; /* the host of an IPv6 address without brackets */
    bool user;                 /* it carries a user name or a password */
};

static const char *part(struct ch_arena *a, CURLU *u, CURLUPart what)
{
    char *text = NULL;
    const char *out = curl_url_get(u, what, &text, 0) == CURLUE_OK ? ch_strdup(a, text) : NULL;

    curl_free(text);
    return out;
}

static bool take_apart(struct ch_arena *a, const char *url, struct parts *out)
{
    CURLU *u = curl_url();
    bool ok = u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK;

    *out = (struct parts){0};
    if (ok) {
        out->scheme = part(a, u, CURLUPART_SCHEME);
        out->host = part(a, u, CURLUPART_HOST);
        out->user = part(a, u, CURLUPART_USER) != NULL || part(a, u, CURLUPART_PASSWORD) != NULL;
    }
    curl_url_cleanup(u);
    if (out->scheme == NULL || out->host == NULL || *out->host == '\0')
        return false;
    if (*out->host == '[')
        out->host = ch_strndup(a, out->host + 1, strlen(out->host) - 2);
    return true;
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 == 127;
    return address->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

/* The addresses of a host; NULL when it has none. */
static struct addrinfo *look_up(const char *host, int flags)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags};
    struct addrinfo *found = NULL;

    return getaddrinfo(host, NULL, &hints, &found) == 0 ? found : NULL;
}

/* Whether a host is written as a loopback address. A name that resolves to one is not. */
static bool names_loopback(const char *host)
{
    struct addrinfo *found = look_up(host, AI_NUMERICHOST);
    bool yes = found != NULL && is_loopback(found->ai_addr);

    if (found != NULL)
        freeaddrinfo(found);
    return yes;
}

static bool is_allowed(const struct parts *p, bool production)
{
    return strcmp(p->scheme, "https") == 0 || (strcmp(p->scheme, "http") == 0 && !production && names_loopback(p->host));
}

bool ch_url_allowed(struct ch_arena *a, const char *url, bool production, bool *plain)
{
    struct parts p;
    bool ok = take_apart(a, url, &p);

    *plain = ok && strcmp(p.scheme, "http") == 0;
    return ok && is_allowed(&p, production);
}

/* What is wrong with one of the host's addresses, or NULL. */
static const char *address_wrong(struct ch_arena *a, const char *host, const struct addrinfo *found, bool production)
{
    char text[INET6_ADDRSTRLEN] = "";

    if (ch_address_public(found->ai_addr) || (!production && is_loopback(found->ai_addr)))
        return NULL;
    if (getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) != 0)
        return "主机的地址无法识别。";
    return ch_printf(a, "主机 %s 的地址 %s 是本机、内网或保留地址，不能从这里访问。", host, text);
}

const char *ch_url_wrong(struct ch_arena *a, const char *url, bool production)
{
    const char *wrong = NULL;
    struct parts p;

    if (!take_apart(a, url, &p))
        return "网址无法识别，应为 https://主机名/路径 的形式。";
    if (p.user)
        return "网址中不能带用户名或密码。";
    if (!is_allowed(&p, production))
        return production ? "网址必须以 https:// 开头。" : "网址必须以 https:// 开头；http:// 只用于测试时的本机地址。";
    struct addrinfo *found = look_up(p.host, 0);
    if (found == NULL)
        return ch_printf(a, "主机名 %s 无法解析，请核对网址。", p.host);
    for (const struct addrinfo *i = found; i != NULL && wrong == NULL; i = i->ai_next)
        wrong = address_wrong(a, p.host, i, production);
    freeaddrinfo(found);
    return wrong;
}
