/* SPDX-License-Identifier: Apache-2.0
 * The encoders and decoders. */
#include "core/base/codec.h"

#include "core/base/buf.h"

#include <string.h>

static const char B64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char B64URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *ch_hex(struct ch_arena *a, struct ch_bytes b)
{
    static const char digits[] = "0123456789abcdef";
    char *s = ch_alloc(a, b.n * 2 + 1);

    for (size_t i = 0; i < b.n; i++) {
        s[2 * i] = digits[b.p[i] >> 4];
        s[2 * i + 1] = digits[b.p[i] & 15];
    }
    return s;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool ch_unhex(struct ch_arena *a, const char *s, struct ch_bytes *out)
{
    size_t n = strlen(s);
    unsigned char *p = ch_alloc(a, n / 2 + 1);

    if (n % 2 != 0)
        return false;
    for (size_t i = 0; i < n; i += 2) {
        int hi = hex_value(s[i]), lo = hex_value(s[i + 1]);
        if (hi < 0 || lo < 0)
            return false;
        p[i / 2] = (unsigned char)(hi << 4 | lo);
    }
    *out = CH_BYTES(p, n / 2);
    return true;
}

static char *encode_base64(struct ch_arena *a, struct ch_bytes b, const char *alphabet, bool pad)
{
    char *out = ch_alloc(a, (b.n + 2) / 3 * 4 + 1), *s = out;

    for (size_t i = 0; i < b.n; i += 3) {
        size_t left = b.n - i;
        unsigned v = (unsigned)b.p[i] << 16 | (left > 1 ? (unsigned)b.p[i + 1] << 8 : 0) | (left > 2 ? b.p[i + 2] : 0);
        *s++ = alphabet[v >> 18];
        *s++ = alphabet[v >> 12 & 63];
        if (left > 1)
            *s++ = alphabet[v >> 6 & 63];
        if (left > 2)
            *s++ = alphabet[v & 63];
    }
    while (pad && (s - out) % 4 != 0)
        *s++ = '=';
    *s = '\0';
    return out;
}

char *ch_base64(struct ch_arena *a, struct ch_bytes b)
{
    return encode_base64(a, b, B64, true);
}

char *ch_base64url(struct ch_arena *a, struct ch_bytes b)
{
    return encode_base64(a, b, B64URL, false);
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    if (c == '/' || c == '_')
        return 63;
    return -1;
}

bool ch_unbase64(struct ch_arena *a, const char *s, struct ch_bytes *out)
{
    size_t n = strlen(s), k = 0;
    unsigned char *p = ch_alloc(a, n / 4 * 3 + 4);
    unsigned v = 0;
    int bits = 0;

    size_t written = n;
    while (n > 0 && s[n - 1] == '=' && written - n < 2)
        n--;
    if (n % 4 == 1 || (n != written && written % 4 != 0))
        return false;
    for (size_t i = 0; i < n; i++) {
        int d = base64_value(s[i]);
        if (d < 0)
            return false;
        v = (v << 6 | (unsigned)d) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            p[k++] = (unsigned char)(v >> bits);
        }
    }
    *out = CH_BYTES(p, k);
    return true;
}

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr("-._~", c) != NULL;
}

char *ch_percent(struct ch_arena *a, const char *s)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    for (; *s != '\0'; s++) {
        if (is_unreserved(*s))
            ch_buf_putc(&b, *s);
        else
            ch_buf_printf(&b, "%%%02X", (unsigned char)*s);
    }
    return b.p;
}

char *ch_unpercent(struct ch_arena *a, const char *s, size_t n, bool plus)
{
    char *out = ch_alloc(a, n + 1), *o = out;

    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        if (c == '%') {
            int hi = i + 2 < n ? hex_value(s[i + 1]) : -1;
            int lo = hi >= 0 ? hex_value(s[i + 2]) : -1;
            if (lo < 0)
                return NULL;
            c = (char)(hi << 4 | lo);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c == '\0')
            return NULL;
        *o++ = c;
    }
    return out;
}

/* Length of the well-formed UTF-8 character at s (RFC 3629), 0 when there is none. */
static size_t utf8_length(const unsigned char *s, size_t n)
{
    static const struct {
        unsigned char lo, hi, second_lo, second_hi;
        size_t len;
    } forms[] = {
        {0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t f = 0; f < CH_COUNT(forms); f++) {
        if (s[0] < forms[f].lo || s[0] > forms[f].hi)
            continue;
        if (n < forms[f].len)
            return 0;
        if (forms[f].len > 1 && (s[1] < forms[f].second_lo || s[1] > forms[f].second_hi))
            return 0;
        for (size_t i = 2; i < forms[f].len; i++)
            if ((s[i] & 0xc0) != 0x80)
                return 0;
        return forms[f].len;
    }
    return 0;
}

bool ch_utf8(const char *s, size_t n, size_t *points)
{
    size_t count = 0;

    while (n > 0) {
        size_t k = utf8_length((const unsigned char *)s, n);
        if (k == 0)
            return false;
        s += k;
        n -= k;
        count++;
    }
    if (points != NULL)
        *points = count;
    return true;
}
