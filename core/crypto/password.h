/* SPDX-License-Identifier: Apache-2.0
 * Passwords by scrypt (RFC 7914). What is stored of a password is its record, "$scrypt$ln=15$<salt>$<verifier>" in base64url: the
 * cost, the salt, and the SHA-256 of what scrypt makes of both. Whoever wants in gives the output of scrypt as the proof, and the
 * database compares its SHA-256 with the verifier (hall.password_right). So a program that takes passwords never sees a verifier,
 * and cannot say that a password was right when it was not.
 *
 * scrypt is slow by design: a process computes it once at a time, in a thread of its own that gives way to all others, and the
 * callers wait. */
#ifndef CH_CRYPTO_PASSWORD_H
#define CH_CRYPTO_PASSWORD_H

#include "core/base/arena.h"

#define CH_PASSWORD_PROOF 32

/* The record of a password, with a new salt and the cost N = 2^log_n, r = 8, p = 1. NULL when OpenSSL refuses. */
char *ch_password_record(struct ch_arena *a, const char *password, int log_n) CH_MUST;
/* The proof of a password for a salt as the database gives it: a record without its verifier. For an account that does not exist
 * it gives a salt as well, so that neither the answer nor the time tells whether it exists. False when the salt is none. The
 * caller cleanses the proof. */
bool ch_password_proof(struct ch_arena *a, const char *password, const char *salt,
                       unsigned char proof[CH_PASSWORD_PROOF]) CH_MUST;

#endif
