/* SPDX-License-Identifier: Apache-2.0
 * PINs at rest. The signer makes and encrypts them; it decrypts them for production and the runner to deliver them; nobody else
 * can read the keys.
 *
 * Each PIN is encrypted under a random key of its own, and that key is wrapped under a key-encryption key. Both are
 * AES-256-GCM, nonce (12) | cipher text | tag (16); the additional data are "pin|<order id>|<generation>" and
 * "pin key|<order id>|<generation>|<kek>", so that neither opens for another order or generation. Without the small
 * wrapped key the PIN is gone: that is how it is destroyed, and why a back-up is worth nothing once the key-encryption
 * key of its time has been removed.
 *
 * Key-encryption keys are files of 32 bytes: number 1 is the file that setting pin_key names (pin.key), number n stands
 * beside it (pin-<n>.key). They are read when they are used and cleansed at once: a new one needs no restart, an old one
 * is out of use when its file is gone. `path` is everywhere that of number 1, whether it is still there or not. */
#ifndef CH_CRYPTO_PIN_H
#define CH_CRYPTO_PIN_H

#include "core/crypto/cipher.h"

/* No I, L, O, 0 or 1: a PIN is read off a bank statement. */
#define CH_PIN_ALPHABET "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
#define CH_PIN_LENGTH 12
#define CH_PIN_DIGITS "0123456789"
#define CH_PIN_TOKEN_LENGTH 8

struct ch_pin {
    struct ch_bytes encrypted;
    struct ch_bytes key; /* wrapped; p NULL: of the days when PINs were encrypted under key-encryption key 1 itself */
    uint32_t kek;
};

/* A fresh PIN, a secret of the arena: CH_PIN_LENGTH of the alphabet for a key file that anybody may try to open,
 * CH_PIN_TOKEN_LENGTH digits for a token, which locks. */
char *ch_pin_make(struct ch_arena *a, bool token);

/* Encrypts under a fresh key, wrapped under the newest key-encryption key; false after logging why. */
bool ch_pin_encrypt(struct ch_arena *a, const char *path, const char *order_id, int64_t generation, const char *pin,
                    struct ch_pin *out) CH_MUST;
/* The PIN as a secret of the arena; NULL when its key is gone, when it does not open or is none. */
const char *ch_pin_decrypt(struct ch_arena *a, const char *path, const char *order_id, int64_t generation,
                           const struct ch_pin *pin) CH_MUST;
/* Puts its key under the newest key-encryption key; the PIN's own cipher text stays, but for one of the old days. */
bool ch_pin_rewrap(struct ch_arena *a, const char *path, const char *order_id, int64_t generation,
                   const struct ch_pin *old, struct ch_pin *fresh) CH_MUST;

/* The newest key-encryption key; 0 when there is none. */
uint32_t ch_pin_kek(const char *path) CH_MUST;
/* Makes the next one, mode 0440; 0 after logging why. */
uint32_t ch_pin_kek_make(const char *path) CH_MUST;

#endif
