/* SPDX-License-Identifier: Apache-2.0
 * Attributes and small types for the whole library. */
#ifndef CH_BASE_DEFS_H
#define CH_BASE_DEFS_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

/* The caller must not ignore the result. */
#define CH_MUST __attribute__((warn_unused_result))
#define CH_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#define CH_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Bytes that are owned elsewhere. They may have any value and are not NUL-terminated. */
struct ch_bytes {
    const unsigned char *p;
    size_t n;
};

#define CH_BYTES(ptr, len) ((struct ch_bytes){(const unsigned char *)(ptr), (len)})
/* A string literal or char array as bytes, without the NUL. */
#define CH_LIT(s) ((struct ch_bytes){(const unsigned char *)(s), sizeof(s) - 1})

#endif
