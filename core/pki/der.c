/* SPDX-License-Identifier: Apache-2.0
 * The strict DER reader and the DER writer. */
#include "core/pki/der.h"

#include "core/base/clock.h"
#include "core/base/codec.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LENGTH_BYTES 4 /* at most, of a long length */

static const struct ch_bytes nothing = {(const unsigned char *)"", 0};

struct ch_der ch_der_open(struct ch_bytes bytes)
{
    return (struct ch_der){bytes, false};
}

bool ch_der_done(const struct ch_der *d)
{
    return !d->bad && d->rest.n == 0;
}

int ch_der_peek(const struct ch_der *d)
{
    return d->bad || d->rest.n == 0 ? 0 : d->rest.p[0];
}

static struct ch_bytes fail(struct ch_der *d)
{
    d->bad = true;
    return nothing;
}

/* Reads the length behind a tag; *head is the size of tag and length. False for a length that is indefinite, too long or not
 * in its shortest form. */
static bool read_length(struct ch_bytes b, size_t *head, size_t *length)
{
    size_t digits = b.p[1] & 0x7fu, n = 0;

    *head = 2;
    *length = b.p[1];
    if (b.p[1] < 0x80)
        return true;
    if (digits == 0 || digits > LENGTH_BYTES || b.n < 2 + digits || b.p[2] == 0)
        return false;
    for (size_t i = 0; i < digits; i++)
        n = n << 8 | b.p[2 + i];
    *head += digits;
    *length = n;
    return n >= 0x80;
}

struct ch_bytes ch_der_whole(struct ch_der *d, int tag)
{
    size_t head, n;
    struct ch_bytes b = d->rest;

    if (d->bad || b.n < 2 || b.p[0] != tag || !read_length(b, &head, &n) || n > b.n - head)
        return fail(d);
    d->rest = CH_BYTES(b.p + head + n, b.n - head - n);
    return CH_BYTES(b.p, head + n);
}

struct ch_bytes ch_der_take(struct ch_der *d, int tag)
{
    size_t head, n;
    struct ch_bytes b = ch_der_whole(d, tag);

    if (d->bad || !read_length(b, &head, &n))
        return fail(d);
    return CH_BYTES(b.p + head, n);
}

struct ch_der ch_der_enter(struct ch_der *d, int tag)
{
    struct ch_bytes inside = ch_der_take(d, tag);

    return (struct ch_der){inside, d->bad};
}

void ch_der_leave(struct ch_der *d, const struct ch_der *inner)
{
    if (!ch_der_done(inner))
        d->bad = true;
}

int ch_der_int(struct ch_der *d)
{
    struct ch_bytes b = ch_der_take(d, CH_DER_INTEGER);
    bool shortest = b.n > 0 && (b.n == 1 || b.p[0] != 0 || (b.p[1] & 0x80) != 0);
    int64_t v = 0;

    if (!shortest || b.n > 5 || (b.p[0] & 0x80) != 0) {
        fail(d);
        return 0;
    }
    for (size_t i = 0; i < b.n; i++)
        v = v << 8 | b.p[i];
    if (v > INT_MAX)
        fail(d);
    return v > INT_MAX ? 0 : (int)v;
}

struct ch_bytes ch_der_bits(struct ch_der *d)
{
    struct ch_bytes b = ch_der_take(d, CH_DER_BITS);

    if (d->bad || b.n < 1 || b.p[0] != 0)
        return fail(d);
    return CH_BYTES(b.p + 1, b.n - 1);
}

/* Whether a string of that type may have the text. Control characters are never allowed. */
static bool text_ok(int tag, struct ch_bytes b)
{
    static const char printable[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?"; /* X.680, 41.4 */
    bool utf8 = tag == CH_DER_UTF8;
    size_t points;

    for (size_t i = 0; i < b.n; i++) {
        unsigned char c = b.p[i];
        if (c < 0x20 || c == 0x7f || (!utf8 && (c > 0x7f || (tag != CH_DER_IA5 && strchr(printable, c) == NULL))))
            return false;
    }
    return !utf8 || ch_utf8((const char *)b.p, b.n, &points);
}

const char *ch_der_text(struct ch_der *d, struct ch_arena *a, int tag, size_t max)
{
    struct ch_bytes b = ch_der_take(d, tag);

    if (d->bad || b.n > max || !text_ok(tag, b)) {
        fail(d);
        return "";
    }
    return ch_strndup(a, b.p, b.n);
}

/* The number that `n` digits make; -1 when one is not a digit. */
static int digits_at(const unsigned char *p, size_t n)
{
    int v = 0;

    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        v = v * 10 + (p[i] - '0');
    }
    return v;
}

/* Reads MMDDHHMMSS of that year; false for a day or an hour that does not exist. */
static bool read_moment(int year, const unsigned char *p, int64_t *out)
{
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = digits_at(p, 2) - 1,
                    .tm_mday = digits_at(p + 2, 2),
                    .tm_hour = digits_at(p + 4, 2),
                    .tm_min = digits_at(p + 6, 2),
                    .tm_sec = digits_at(p + 8, 2)};
    struct tm same = tm;

    if (year < 0)
        return false;
    *out = (int64_t)timegm(&same); /* normalizes a date that does not exist, or has a non-digit (-1) */
    return same.tm_mon == tm.tm_mon && same.tm_mday == tm.tm_mday && same.tm_hour == tm.tm_hour &&
           same.tm_min == tm.tm_min && same.tm_sec == tm.tm_sec;
}

int64_t ch_der_time(struct ch_der *d, int tag)
{
    size_t digits = tag == CH_DER_TIME ? 4 : 2;
    struct ch_bytes b = ch_der_take(d, tag);
    int64_t seconds = 0;

    if (d->bad || b.n != digits + 11 || b.p[b.n - 1] != 'Z') {
        fail(d);
        return 0;
    }
    int year = digits_at(b.p, digits);
    if (digits == 2 && year >= 0)
        year += year < 50 ? 2000 : 1900; /* X.509's reading of UTCTime */
    if (!read_moment(year, b.p + digits, &seconds))
        fail(d);
    return d->bad ? 0 : seconds;
}

/* ---- writing ---- */

static size_t put_length(unsigned char *p, size_t n)
{
    size_t digits = 0;

    if (n < 0x80) {
        p[0] = (unsigned char)n;
        return 1;
    }
    for (size_t v = n; v > 0; v >>= 8)
        digits++;
    if (digits > LENGTH_BYTES)
        abort(); /* no structure of the hall is that long */
    p[0] = (unsigned char)(0x80 | digits);
    for (size_t i = 0; i < digits; i++)
        p[1 + i] = (unsigned char)(n >> 8 * (digits - 1 - i));
    return 1 + digits;
}

struct ch_bytes ch_der_wrap(struct ch_arena *a, int tag, const struct ch_bytes *parts, size_t n)
{
    size_t content = 0;

    for (size_t i = 0; i < n; i++)
        content += parts[i].n;
    unsigned char *out = ch_alloc(a, content + 2 + LENGTH_BYTES), *p = out;
    *p++ = (unsigned char)tag;
    p += put_length(p, content);
    for (size_t i = 0; i < n; i++)
        if (parts[i].n > 0)
            p = (unsigned char *)mempcpy(p, parts[i].p, parts[i].n);
    return CH_BYTES(out, (size_t)(p - out));
}

struct ch_bytes ch_der_put(struct ch_arena *a, int tag, struct ch_bytes content)
{
    return ch_der_wrap(a, tag, &content, 1);
}

struct ch_bytes ch_der_put_text(struct ch_arena *a, int tag, const char *text)
{
    return ch_der_put(a, tag, CH_BYTES(text, strlen(text)));
}

struct ch_bytes ch_der_put_int(struct ch_arena *a, int n)
{
    unsigned char b[5] = {0, (unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n};
    size_t at = 1;

    while (at < 4 && b[at] == 0)
        at++;
    if ((b[at] & 0x80) != 0)
        b[--at] = 0; /* otherwise it would be negative */
    return ch_der_put(a, CH_DER_INTEGER, CH_BYTES(b + at, 5 - at));
}

struct ch_bytes ch_der_put_bits(struct ch_arena *a, struct ch_bytes octets)
{
    return CH_DER_JOIN(a, CH_DER_BITS, CH_BYTES("", 1), octets);
}

struct ch_bytes ch_der_put_time(struct ch_arena *a, int64_t seconds)
{
    return ch_der_put_text(a, CH_DER_TIME, ch_utc(a, seconds, "%Y%m%d%H%M%SZ"));
}
