/* SPDX-License-Identifier: Apache-2.0
 * What Alipay signs, and finding the signed bytes in an answer. */
#include "core/gateway/alipay/sign.h"

#include "core/base/buf.h"
#include "core/base/codec.h"
#include "core/crypto/sign.h"

#include <stdlib.h>
#include <string.h>

void ch_alipay_add(struct ch_alipay_params *p, const char *name, const char *value)
{
    if (value == NULL || *value == '\0')
        return;
    if (p->n == CH_ALIPAY_MAX_PARAMS)
        abort();
    p->at[p->n].name = name;
    p->at[p->n++].value = value;
}

const char *ch_alipay_get(const struct ch_alipay_params *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->at[i].name, name) == 0)
            return p->at[i].value;
    return NULL;
}

/* Decodes one name=value of a form; false when that fails. */
static bool decode_pair(struct ch_arena *a, const char *s, size_t n, const char **name, const char **value)
{
    const char *eq = memchr(s, '=', n);
    size_t len = eq != NULL ? (size_t)(eq - s) : n, rest = eq != NULL ? n - len - 1 : 0;

    *name = ch_unpercent(a, s, len, true);
    *value = rest > 0 ? ch_unpercent(a, eq + 1, rest, true) : "";
    return *name != NULL && *value != NULL && ch_utf8(*name, strlen(*name), NULL) && ch_utf8(*value, strlen(*value), NULL);
}

bool ch_alipay_read_form(struct ch_arena *a, struct ch_bytes form, struct ch_alipay_params *p)
{
    const char *s = ch_strndup(a, form.p, form.n);

    if (strlen(s) != form.n)
        return false;
    while (*s != '\0') {
        size_t n = strcspn(s, "&");
        const char *name, *value;
        if (n > 0) {
            if (!decode_pair(a, s, n, &name, &value) || ch_alipay_get(p, name) != NULL || p->n == CH_ALIPAY_MAX_PARAMS)
                return false;
            ch_alipay_add(p, name, value);
        }
        s += n + (s[n] == '&');
    }
    return true;
}

char *ch_alipay_form(struct ch_arena *a, const struct ch_alipay_params *p)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    for (size_t i = 0; i < p->n; i++)
        ch_buf_printf(&b, "%s%s=%s", i > 0 ? "&" : "", ch_percent(a, p->at[i].name), ch_percent(a, p->at[i].value));
    return b.p;
}

static int by_name(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

char *ch_alipay_text(struct ch_arena *a, const struct ch_alipay_params *p, enum ch_alipay_signed what)
{
    struct ch_alipay_params sorted = *p;
    struct ch_buf b;

    _Static_assert(offsetof(struct ch_alipay_params, at[0].name) == offsetof(struct ch_alipay_params, at), "first");
    qsort(sorted.at, sorted.n, sizeof sorted.at[0], by_name);
    ch_buf_init(&b, a);
    for (size_t i = 0; i < sorted.n; i++) {
        const char *name = sorted.at[i].name;
        if (strcmp(name, "sign") == 0 || (what == CH_ALIPAY_NOTIFY && strcmp(name, "sign_type") == 0))
            continue;
        ch_buf_printf(&b, "%s%s=%s", b.n > 0 ? "&" : "", name, sorted.at[i].value);
    }
    return b.p;
}

char *ch_alipay_sign(struct ch_arena *a, EVP_PKEY *key, struct ch_bytes text)
{
    struct ch_bytes sig;
    return ch_sign(a, key, NULL, text, &sig) ? ch_base64(a, sig) : NULL;
}

bool ch_alipay_verify(struct ch_arena *a, EVP_PKEY *key, struct ch_bytes text, const char *signature)
{
    struct ch_bytes sig;
    return EVP_PKEY_is_a(key, "RSA") && ch_unbase64(a, signature, &sig) && ch_verify(key, NULL, text, sig);
}

char *ch_alipay_node_name(struct ch_arena *a, const char *method)
{
    char *name = ch_printf(a, "%s_response", method);

    for (char *c = name; *c != '\0'; c++)
        if (*c == '.')
            *c = '_';
    return name;
}

/* A scanner of JSON text that has been parsed successfully before; it finds where values begin and end. */
struct scan {
    const unsigned char *p, *end; /* the rest of the text */
};

static void skip_space(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n'))
        s->p++;
}

/* Scans the string that begins here; *out is without its quotes, with escapes as they are. */
static bool scan_string(struct scan *s, struct ch_bytes *out)
{
    const unsigned char *begin = s->p + 1;

    if (s->p == s->end || *s->p != '"')
        return false;
    for (s->p++; s->p < s->end && *s->p != '"'; s->p++)
        if (*s->p == '\\' && ++s->p == s->end)
            return false;
    if (s->p == s->end)
        return false;
    *out = CH_BYTES(begin, (size_t)(s->p - begin));
    s->p++;
    return true;
}

/* Scans the value that begins here. Brackets outside of strings are counted; a number or word ends where its member ends. */
static bool scan_value(struct scan *s, struct ch_bytes *out)
{
    const unsigned char *begin = s->p;
    struct ch_bytes string;
    size_t depth = 0;

    while (s->p < s->end) {
        unsigned char c = *s->p;
        if (depth == 0 && (c == ',' || c == '}' || c == ']'))
            break;
        if (c == '"') {
            if (!scan_string(s, &string))
                return false;
        } else {
            depth += c == '{' || c == '[';
            depth -= c == '}' || c == ']';
            s->p++;
        }
    }
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): four characters; NUL is none of them */
    while (s->p > begin && memchr(" \t\r\n", s->p[-1], 4) != NULL)
        s->p--;
    *out = CH_BYTES(begin, (size_t)(s->p - begin));
    return depth == 0 && out->n > 0;
}

/* Skips white space and, if it comes next, the character and the white space after it. True when it came. */
static bool skip_char(struct scan *s, char c)
{
    skip_space(s);
    if (s->p == s->end || *s->p != (unsigned char)c)
        return false;
    s->p++;
    skip_space(s);
    return true;
}

bool ch_alipay_node(struct ch_bytes body, const char *name, struct ch_bytes *node)
{
    struct scan s = {body.p, body.p + body.n};
    struct ch_bytes key;

    if (!skip_char(&s, '{'))
        return false;
    do {
        if (!scan_string(&s, &key) || !skip_char(&s, ':') || !scan_value(&s, node))
            return false;
        if (key.n == strlen(name) && memcmp(key.p, name, key.n) == 0)
            return node->p[0] == '{';
    } while (skip_char(&s, ','));
    return false;
}
