/* SPDX-License-Identifier: Apache-2.0
 * Reads and writes DER (X.690) element by element, for the structures that OpenSSL has no templates for.
 *
 * The reader is strict: tags of one byte, definite lengths and integers in their shortest form, nothing behind the end. It
 * points into the given bytes and copies only texts. The first element that does not fit sets `bad`; from then on every read
 * returns an empty value, so that the caller needs to check `bad` only once, at the end. */
#ifndef CH_PKI_DER_H
#define CH_PKI_DER_H

#include "core/base/buf.h"

/* Universal tags as their first byte; CH_DER_CONTEXT(n) is a constructed context tag. */
enum ch_der_tag {
    CH_DER_BOOLEAN = 0x01,
    CH_DER_INTEGER = 0x02,
    CH_DER_BITS = 0x03,
    CH_DER_OCTETS = 0x04,
    CH_DER_OID = 0x06,
    CH_DER_UTF8 = 0x0c,
    CH_DER_PRINTABLE = 0x13,
    CH_DER_IA5 = 0x16,
    CH_DER_UTC_TIME = 0x17,
    CH_DER_TIME = 0x18,
    CH_DER_SEQUENCE = 0x30,
};
#define CH_DER_CONTEXT(n) (0xa0 | (n))

struct ch_der {
    struct ch_bytes rest; /* not read yet */
    bool bad;
};

struct ch_der ch_der_open(struct ch_bytes bytes);
/* Whether everything was read and nothing was bad. */
bool ch_der_done(const struct ch_der *d) CH_MUST;
/* The tag of the next element; 0 at the end. */
int ch_der_peek(const struct ch_der *d);
/* The next element, which must have that tag: its content (take), or all of it with its header (whole). */
struct ch_bytes ch_der_take(struct ch_der *d, int tag);
struct ch_bytes ch_der_whole(struct ch_der *d, int tag);
/* A reader over the content of the next element. Its failures do not reach `d` until the caller ends it with ch_der_leave. */
struct ch_der ch_der_enter(struct ch_der *d, int tag);
/* Ends such a reader: if it failed or has unread elements, `d` becomes bad. */
void ch_der_leave(struct ch_der *d, const struct ch_der *inner);

/* A number from 0 to INT_MAX. */
int ch_der_int(struct ch_der *d);
/* The octets of a BIT STRING without unused bits. */
struct ch_bytes ch_der_bits(struct ch_der *d);
/* A text of at most `max` bytes without control characters: ASCII for IA5String and PrintableString, well-formed UTF-8 for
 * UTF8String. "" on failure. */
const char *ch_der_text(struct ch_der *d, struct ch_arena *a, int tag, size_t max);
/* GeneralizedTime YYYYMMDDHHMMSSZ or UTCTime YYMMDDHHMMSSZ, in seconds since 1970; 0 on failure. */
int64_t ch_der_time(struct ch_der *d, int tag);

/* An element whose content is the joined parts: CH_DER_JOIN(a, CH_DER_SEQUENCE, first, second, …). The arena owns it. */
struct ch_bytes ch_der_wrap(struct ch_arena *a, int tag, const struct ch_bytes *parts, size_t n);
#define CH_DER_JOIN(a, tag, ...) \
    ch_der_wrap((a), (tag), (const struct ch_bytes[]){__VA_ARGS__}, CH_COUNT(((const struct ch_bytes[]){__VA_ARGS__})))
struct ch_bytes ch_der_put(struct ch_arena *a, int tag, struct ch_bytes content);
struct ch_bytes ch_der_put_text(struct ch_arena *a, int tag, const char *text);
struct ch_bytes ch_der_put_int(struct ch_arena *a, int n); /* not negative */
struct ch_bytes ch_der_put_bits(struct ch_arena *a, struct ch_bytes octets);
struct ch_bytes ch_der_put_time(struct ch_arena *a, int64_t seconds); /* GeneralizedTime */

#endif
