/* SPDX-License-Identifier: Apache-2.0
 * Random bytes of the operating system's generator (OpenSSL), and what is made of them. */
#ifndef CH_BASE_RANDOM_H
#define CH_BASE_RANDOM_H

#include "core/base/arena.h"

/* Fills p; the process ends when there is no randomness to be had. */
void ch_random(void *p, size_t n);
#define CH_UUID_TEXT 36 /* characters of a UUID as text */
/* A UUIDv7 (RFC 9562) as text: sorts by time. */
char *ch_uuid7(struct ch_arena *a);
/* True for the textual form of any UUID, lower case. */
bool ch_is_uuid(const char *s) CH_MUST;
/* `n` characters, each drawn evenly from `alphabet`; kept as a secret of the arena. */
char *ch_random_text(struct ch_arena *a, const char *alphabet, size_t n);

#endif
