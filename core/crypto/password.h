/* SPDX-License-Identifier: Apache-2.0
 * Password hashes: scrypt (RFC 7914), parameters stored with the hash: "$scrypt$ln=15$<salt>$<hash>" in base64url.
 * Slow by design: at most two are computed at a time in a process, the others wait. */
#ifndef CH_CRYPTO_PASSWORD_H
#define CH_CRYPTO_PASSWORD_H

#include "core/base/arena.h"

/* log_n: cost, N = 2^log_n, r = 8, p = 1. NULL when OpenSSL refuses. */
char *ch_password_hash(struct ch_arena *a, const char *password, int log_n) CH_MUST;
/* `stored` may be NULL (no such account): the work is done all the same, so that time tells nothing. */
bool ch_password_right(struct ch_arena *a, const char *password, const char *stored, int log_n) CH_MUST;

#endif
