/* SPDX-License-Identifier: Apache-2.0
 * DER (X.690) read and written element by element, for the structures that OpenSSL has no templates for.
 *
 * The reader is strict: one byte of tag, definite and shortest lengths, shortest integers, nothing behind the end. It
 * points into the bytes it was given and copies nothing but texts. The first thing that does not fit makes `bad` true;
 * from then on every take gives nothing, so that a caller looks at `bad` once, at the end. */
#ifndef CH_PKI_DER_H
#define CH_PKI_DER_H

#include "core/base/buf.h"

/* Universal tags as they stand in the first byte; a context tag is CH_DER_CONTEXT(n), constructed. */
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
    struct ch_bytes rest; /* what was not taken yet */
    bool bad;
};

struct ch_der ch_der_open(struct ch_bytes bytes);
/* Everything was taken and fitted. */
bool ch_der_done(const struct ch_der *d) CH_MUST;
/* The tag of the next element; 0 at the end. */
int ch_der_peek(const struct ch_der *d);
/* The next element, which must have that tag: its content, or the whole of it with its header. */
struct ch_bytes ch_der_take(struct ch_der *d, int tag);
struct ch_bytes ch_der_whole(struct ch_der *d, int tag);
/* A reader over the content of the next element. Its failures are its own: the caller ends it with ch_der_leave. */
struct ch_der ch_der_enter(struct ch_der *d, int tag);
/* Ends such a reader: what failed in it, or was left in it, fails in the outer one. */
void ch_der_leave(struct ch_der *d, const struct ch_der *inner);

/* A number that is not negative and fits. */
int ch_der_int(struct ch_der *d);
/* The octets of a BIT STRING without unused bits. */
struct ch_bytes ch_der_bits(struct ch_der *d);
/* IA5String, PrintableString: ASCII without control characters; UTF8String: well-formed, without them. At most `max` bytes.
 * "" on failure. */
const char *ch_der_text(struct ch_der *d, struct ch_arena *a, int tag, size_t max);
/* GeneralizedTime YYYYMMDDHHMMSSZ or UTCTime YYMMDDHHMMSSZ, seconds since 1970. */
int64_t ch_der_time(struct ch_der *d, int tag);

/* An element around content made before: ch_der_wrap(a, CH_DER_SEQUENCE, {…}). The parts are joined. */
struct ch_bytes ch_der_wrap(struct ch_arena *a, int tag, const struct ch_bytes *parts, size_t n);
#define CH_DER_JOIN(a, tag, ...) \
    ch_der_wrap((a), (tag), (const struct ch_bytes[]){__VA_ARGS__}, CH_COUNT(((const struct ch_bytes[]){__VA_ARGS__})))
struct ch_bytes ch_der_put(struct ch_arena *a, int tag, struct ch_bytes content);
struct ch_bytes ch_der_put_text(struct ch_arena *a, int tag, const char *text);
struct ch_bytes ch_der_put_int(struct ch_arena *a, int n);         /* not negative */
struct ch_bytes ch_der_put_bits(struct ch_arena *a, struct ch_bytes octets);
struct ch_bytes ch_der_put_time(struct ch_arena *a, int64_t seconds); /* GeneralizedTime */

#endif
