/* SPDX-License-Identifier: Apache-2.0
 * Encodes bytes as text and back: hex, base64 (RFC 4648, both alphabets), percent-encoding (RFC 3986); checks UTF-8. */
#ifndef CH_BASE_CODEC_H
#define CH_BASE_CODEC_H

#include "core/base/arena.h"

char *ch_hex(struct ch_arena *a, struct ch_bytes b);                            /* lower case */
bool ch_unhex(struct ch_arena *a, const char *s, struct ch_bytes *out) CH_MUST; /* upper or lower case, nothing else */
char *ch_base64(struct ch_arena *a, struct ch_bytes b);                         /* one line, padded */
char *ch_base64url(struct ch_arena *a, struct ch_bytes b);                      /* no padding */
/* Reads either alphabet, padded or not. White space and other characters are refused. */
bool ch_unbase64(struct ch_arena *a, const char *s, struct ch_bytes *out) CH_MUST;
/* Encodes everything but unreserved characters as %XX. */
char *ch_percent(struct ch_arena *a, const char *s);
/* Decodes %XX (and '+' as a space when `plus`); NULL for a broken escape or a decoded NUL. */
char *ch_unpercent(struct ch_arena *a, const char *s, size_t n, bool plus) CH_MUST;

/* Whether `n` bytes are well-formed UTF-8 without NUL. *points, which may be NULL, is set to the number of code points. */
bool ch_utf8(const char *s, size_t n, size_t *points) CH_MUST;

#endif
