/* SPDX-License-Identifier: Apache-2.0
 * Password hashes by scrypt (RFC 7914), stored with their parameters: "$scrypt$ln=15$<salt>$<hash>", in base64url. They are slow
 * by design: a process computes one at a time, in a thread of its own that gives way to all others, and the callers wait. */
#ifndef CH_CRYPTO_PASSWORD_H
#define CH_CRYPTO_PASSWORD_H

#include "core/base/arena.h"

/* Hashes a password with the cost N = 2^log_n, r = 8, p = 1. NULL when OpenSSL refuses. */
char *ch_password_hash(struct ch_arena *a, const char *password, int log_n) CH_MUST;
/* Whether the password is that of the stored hash. `stored` may be NULL, for an account that does not exist: a hash of the cost
 * log_n is computed nevertheless, so that the time taken does not tell whether it exists. */
bool ch_password_right(struct ch_arena *a, const char *password, const char *stored, int log_n) CH_MUST;

#endif
