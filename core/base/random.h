/* SPDX-License-Identifier: Apache-2.0
 * Random bytes (OpenSSL's generator, seeded by the operating system), UUIDs and random texts. */
#ifndef CH_BASE_RANDOM_H
#define CH_BASE_RANDOM_H

#include "core/base/arena.h"

/* Fills `n` bytes; the process ends when the generator fails. */
void ch_random(void *p, size_t n);
#define CH_UUID_TEXT 36 /* characters of a UUID as text */
/* A new UUIDv7 (RFC 9562) as text. Such UUIDs sort by time. */
char *ch_uuid7(struct ch_arena *a);
/* Whether the text is a UUID in lower case, of any version. */
bool ch_is_uuid(const char *s) CH_MUST;
/* `n` characters, each drawn with equal probability from `alphabet`; a secret of the arena. */
char *ch_random_text(struct ch_arena *a, const char *alphabet, size_t n);

#endif
