/* SPDX-License-Identifier: Apache-2.0
 * PINs at rest. The signer makes and seals them, the runner opens them to deliver them; nobody else has the key
 * (setting pin_key). Sealed form: nonce (12) | cipher text | tag (16), AES-256-GCM; the additional data is
 * "pin|<order id>|<generation>", so that a PIN opens for its own order and generation only. */
#ifndef CH_CRYPTO_PIN_H
#define CH_CRYPTO_PIN_H

#include "core/crypto/cipher.h"

/* No I, L, O, 0 or 1: a PIN is read off a bank statement. */
#define CH_PIN_ALPHABET "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
#define CH_PIN_LENGTH 12

/* A fresh PIN, a secret of the arena. */
char *ch_pin_make(struct ch_arena *a);
struct ch_bytes ch_pin_seal(struct ch_arena *a, const unsigned char key[CH_AES_KEY], const char *order_id,
                            int64_t generation, const char *pin);
/* The PIN as a secret of the arena; NULL when it does not open or is none. */
const char *ch_pin_open(struct ch_arena *a, const unsigned char key[CH_AES_KEY], const char *order_id,
                        int64_t generation, struct ch_bytes sealed) CH_MUST;

#endif
