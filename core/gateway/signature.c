/* SPDX-License-Identifier: Apache-2.0
 * Reading and checking HTTP Message Signatures (RFC 9421). */
#include "core/gateway/signature.h"

#include "core/base/buf.h"
#include "core/base/codec.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    struct ch_arena *a;
    const char *at; /* the text that is still to be read */
    struct ch_signature *out;
};

#define LABEL "abcdefghijklmnopqrstuvwxyz0123456789_-.*"
#define COMPONENT "abcdefghijklmnopqrstuvwxyz0123456789-@"
#define MOST_DIGITS 15 /* RFC 8941, integers */

static bool take_char(struct reader *r, char c)
{
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

/* A word made of these characters; NULL when there is none. */
static const char *take_word(struct reader *r, const char *characters)
{
    size_t n = strspn(r->at, characters);
    const char *w = n > 0 ? ch_strndup(r->a, r->at, n) : NULL;

    r->at += n;
    return w;
}

/* A quoted string of printable ASCII; one with escapes is refused. */
static const char *take_quoted(struct reader *r)
{
    const char *begin = r->at + 1;
    size_t n = 0;

    if (!take_char(r, '"'))
        return NULL;
    while (begin[n] >= 0x20 && begin[n] < 0x7f && begin[n] != '"' && begin[n] != '\\')
        n++;
    r->at += n;
    return take_char(r, '"') ? ch_strndup(r->a, begin, n) : NULL;
}

static bool is_component_name(const char *name)
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
static bool read_components(struct reader *r)
{
    struct ch_signature *s = r->out;

    if (!take_char(r, '('))
        return false;
    while (!take_char(r, ')')) {
        const char *name = s->n == 0 || take_char(r, ' ') ? take_quoted(r) : NULL;
        if (name == NULL || !is_component_name(name) || s->n == CH_SIGNATURE_COMPONENTS || ch_signature_covers(s, name))
            return false;
        s->components[s->n++] = name;
    }
    return true;
}

static bool read_seconds(struct reader *r, int64_t *out)
{
    size_t n = strspn(r->at, "0123456789");

    if (*out != 0 || n == 0 || n > MOST_DIGITS || (*r->at == '0' && n > 1))
        return false;
    *out = strtoll(r->at, NULL, 10);
    r->at += n;
    return *out > 0;
}

static bool read_quoted_once(struct reader *r, const char **out)
{
    if (*out != NULL)
        return false; /* the parameter was given twice */
    *out = take_quoted(r);
    return *out != NULL;
}

/* ;created=1618884473;keyid="…";nonce="…";alg="hmac-sha256" in any order */
static bool read_parameters(struct reader *r)
{
    struct ch_signature *s = r->out;
    const char *algorithm = NULL, *tag = NULL;

    while (take_char(r, ';')) {
        const char *name = take_word(r, LABEL);
        if (name == NULL || !take_char(r, '='))
            return false;
        bool good = strcmp(name, "created") == 0   ? read_seconds(r, &s->created)
                    : strcmp(name, "expires") == 0 ? read_seconds(r, &s->expires)
                    : strcmp(name, "keyid") == 0   ? read_quoted_once(r, &s->keyid)
                    : strcmp(name, "nonce") == 0   ? read_quoted_once(r, &s->nonce)
                    : strcmp(name, "tag") == 0     ? read_quoted_once(r, &tag)
                    : strcmp(name, "alg") == 0 ? read_quoted_once(r, &algorithm) && strcmp(algorithm, "hmac-sha256") == 0
                                               : false;
        if (!good)
            return false;
    }
    return true;
}

/* label=:base64: */
static bool read_mac(struct reader *r, const char *label)
{
    const char *its = take_word(r, LABEL);

    if (its == NULL || strcmp(its, label) != 0 || !take_char(r, '=') || !take_char(r, ':'))
        return false;
    size_t n = strcspn(r->at, ":");
    const char *encoded = ch_strndup(r->a, r->at, n);
    r->at += n;
    return take_char(r, ':') && *r->at == '\0' && ch_unbase64(r->a, encoded, &r->out->mac) &&
           r->out->mac.n == CH_SHA256_BYTES;
}

bool ch_signature_read(struct ch_arena *a, const char *input, const char *signature, struct ch_signature *out)
{
    struct reader r = {a, input, out};

    *out = (struct ch_signature){.n = 0};
    const char *label = take_word(&r, LABEL);
    if (label == NULL || !take_char(&r, '='))
        return false;
    out->params = r.at;
    if (!read_components(&r) || !read_parameters(&r) || *r.at != '\0')
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
