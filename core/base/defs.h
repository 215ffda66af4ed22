/* SPDX-License-Identifier: Apache-2.0
 * Attributes and small types that every floor of the house uses. */
#ifndef CH_BASE_DEFS_H
#define CH_BASE_DEFS_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

/* The result must be looked at. */
#define CH_MUST __attribute__((warn_unused_result))
#define CH_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#define CH_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Bytes that somebody else owns: not NUL-terminated, may hold any value. */
struct ch_bytes {
    const unsigned char *p;
    size_t n;
};

#define CH_BYTES(ptr, len) ((struct ch_bytes){(const unsigned char *)(ptr), (len)})
/* A string literal or char array as bytes, without its NUL. */
#define CH_LIT(s) ((struct ch_bytes){(const unsigned char *)(s), sizeof(s) - 1})

#endif
