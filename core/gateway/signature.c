/* SPDX-License-Identifier: Apache-2.0 */
#include "core/gateway/signature.h"

#include "core/base/buf.h"
#include "core/base/codec.h"

#include <stdlib.h>
#include <string.h>

/* What is left to read, and where what is read goes. */
struct reader {
    struct ch_arena *a;
    const char *at;
    struct ch_signature *out;
};

#define LABEL "abcdefghijklmnopqrstuvwxyz0123456789_-.*"
#define COMPONENT "abcdefghijklmnopqrstuvwxyz0123456789-@"
#define MOST_DIGITS 15 /* RFC 8941, integers */

static bool take(struct reader *r, char c)
{
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

/* A word of these characters, NULL for none. */
static const char *word(struct reader *r, const char *characters)
{
    size_t n = strspn(r->at, characters);
    const char *w = n > 0 ? ch_strndup(r->a, r->at, n) : NULL;

    r->at += n;
    return w;
}

/* A quoted string of printable ASCII; escapes are not taken. */
static const char *quoted(struct reader *r)
{
    const char *begin = r->at + 1;
    size_t n = 0;

    if (!take(r, '"'))
        return NULL;
    while (begin[n] >= 0x20 && begin[n] < 0x7f && begin[n] != '"' && begin[n] != '\\')
        n++;
    r->at += n;
    return take(r, '"') ? ch_strndup(r->a, begin, n) : NULL;
}

static bool known_component(const char *name)
{
    static const char *const derived[] = {"@method", "@authority", "@path", "@query", "@target-uri", "@scheme"};

    if (*name == '\0' || strspn(name, COMPONENT) != strlen(name))
        return false;
    for (size_t i = 0; i < CH_COUNT(derived); i++)
        if (strcmp(derived[i], name) == 0)
            return true;
    return strchr(name, '@') == NULL;
}

/* ("@method" "@path") */
static bool components(struct reader *r)
{
    struct ch_signature *s = r->out;

    if (!take(r, '('))
        return false;
    while (!take(r, ')')) {
        const char *name = s->n == 0 || take(r, ' ') ? quoted(r) : NULL;
        if (name == NULL || !known_component(name) || s->n == CH_SIGNATURE_COMPONENTS || ch_signature_covers(s, name))
            return false;
        s->components[s->n++] = name;
    }
    return true;
}

static bool seconds(struct reader *r, int64_t *out)
{
    size_t n = strspn(r->at, "0123456789");

    if (*out != 0 || n == 0 || n > MOST_DIGITS || (*r->at == '0' && n > 1))
        return false;
    *out = strtoll(r->at, NULL, 10);
    r->at += n;
    return *out > 0;
}

static bool text(struct reader *r, const char **out)
{
    if (*out != NULL)
        return false; /* said twice */
    *out = quoted(r);
    return *out != NULL;
}

/* ;created=1618884473;keyid="…";nonce="…";alg="hmac-sha256" in any order */
static bool parameters(struct reader *r)
{
    struct ch_signature *s = r->out;
    const char *algorithm = NULL, *tag = NULL;

    while (take(r, ';')) {
        const char *name = word(r, LABEL);
        if (name == NULL || !take(r, '='))
            return false;
        bool good = strcmp(name, "created") == 0 ? seconds(r, &s->created)
                  : strcmp(name, "expires") == 0 ? seconds(r, &s->expires)
                  : strcmp(name, "keyid") == 0   ? text(r, &s->keyid)
                  : strcmp(name, "nonce") == 0   ? text(r, &s->nonce)
                  : strcmp(name, "tag") == 0     ? text(r, &tag)
                  : strcmp(name, "alg") == 0     ? text(r, &algorithm) && strcmp(algorithm, "hmac-sha256") == 0
                                                 : false;
        if (!good)
            return false;
    }
    return true;
}

/* label=:base64: */
static bool read_mac(struct reader *r, const char *label)
{
    const char *its = word(r, LABEL);

    if (its == NULL || strcmp(its, label) != 0 || !take(r, '=') || !take(r, ':'))
        return false;
    size_t n = strcspn(r->at, ":");
    const char *encoded = ch_strndup(r->a, r->at, n);
    r->at += n;
    return take(r, ':') && *r->at == '\0' && ch_unbase64(r->a, encoded, &r->out->mac) &&
           r->out->mac.n == CH_SHA256_BYTES;
}

bool ch_signature_read(struct ch_arena *a, const char *input, const char *signature, struct ch_signature *out)
{
    struct reader r = {a, input, out};

    *out = (struct ch_signature){.n = 0};
    const char *label = word(&r, LABEL);
    if (label == NULL || !take(&r, '='))
        return false;
    out->params = r.at;
    if (!components(&r) || !parameters(&r) || *r.at != '\0')
        return false;
    r.at = signature;
    return read_mac(&r, label);
}

bool ch_signature_covers(const struct ch_signature *s, const char *component)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->components[i], component) == 0)
            return true;
    return false;
}

const char *ch_signature_base(struct ch_arena *a, const struct ch_signature *s, ch_component *value, void *ctx)
{
    struct ch_buf base;

    ch_buf_init(&base, a);
    for (size_t i = 0; i < s->n; i++) {
        const char *v = value(ctx, s->components[i]);
        if (v == NULL || strpbrk(v, "\r\n") != NULL)
            return NULL;
        ch_buf_printf(&base, "\"%s\": %s\n", s->components[i], v);
    }
    ch_buf_printf(&base, "\"@signature-params\": %s", s->params);
    return base.p;
}

bool ch_signature_right(const struct ch_signature *s, struct ch_bytes key, const char *base)
{
    unsigned char mac[CH_SHA256_BYTES];

    ch_hmac_sha256(key, CH_BYTES(base, strlen(base)), mac);
    return ch_same(s->mac, CH_BYTES(mac, sizeof mac));
}

const char *ch_signature_content_digest(struct ch_arena *a, struct ch_bytes body)
{
    unsigned char hash[CH_SHA256_BYTES];

    ch_sha256(body, hash);
    return ch_printf(a, "sha-256=:%s:", ch_base64(a, CH_BYTES(hash, sizeof hash)));
}
