/* SPDX-License-Identifier: Apache-2.0
 * PINs at rest, and the PUKs of tokens, which are kept in the same way: "order id" is then the id of the PUK's row, and the
 * generation 0. The signer makes and encrypts them, and decrypts them for production; the runner decrypts them for delivery. No
 * other program can read the keys.
 *
 * Each PIN is encrypted under a random key of its own, which is wrapped under a key-encryption key. Both use AES-256-GCM, as
 * nonce (12) | cipher text | tag (16). The additional data are "pin|<order id>|<generation>" and
 * "pin key|<order id>|<generation>|<kek>", so that neither decrypts for another order or generation. A PIN is destroyed by
 * deleting its wrapped key; a back-up of that key is useless once its key-encryption key has been removed.
 *
 * Key-encryption keys are files of 32 bytes: number 1 is the file that the setting pin_key names (pin.key), number n is
 * pin-<n>.key in the same folder. They are read for each use and then cleansed, so that a new one needs no restart, and an
 * old one is out of use once its file is deleted. `path` is always that of number 1, even if that file no longer exists. */
#ifndef CH_CRYPTO_PIN_H
#define CH_CRYPTO_PIN_H

#include "core/crypto/cipher.h"

/* Without I, L, O, 0 and 1, since people read a PIN off a bank statement. */
#define CH_PIN_ALPHABET "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
#define CH_PIN_LENGTH 12
#define CH_PIN_DIGITS "0123456789"
#define CH_PIN_TOKEN_LENGTH 8

struct ch_pin {
    struct ch_bytes encrypted;
    struct ch_bytes key; /* wrapped; p NULL: an old PIN, encrypted under key-encryption key 1 itself */
    uint32_t kek;
};

/* A new PIN, a secret of the arena: CH_PIN_LENGTH characters of the alphabet for a key file, which allows any number of
 * attempts, or CH_PIN_TOKEN_LENGTH digits for a token, which locks itself. */
char *ch_pin_make(struct ch_arena *a, bool token);

/* Encrypts a PIN under a new key, wrapped under the newest key-encryption key; false after logging why. */
bool ch_pin_encrypt(struct ch_arena *a, const char *path, const char *order_id, int64_t generation, const char *pin,
                    struct ch_pin *out) CH_MUST;
/* The PIN, a secret of the arena. NULL when a key is missing, or when it does not decrypt to a PIN. */
const char *ch_pin_decrypt(struct ch_arena *a, const char *path, const char *order_id, int64_t generation,
                           const struct ch_pin *pin) CH_MUST;
/* Wraps the PIN's key under the newest key-encryption key. The PIN's cipher text stays, except that an old PIN without a key
 * of its own is encrypted anew. */
bool ch_pin_rewrap(struct ch_arena *a, const char *path, const char *order_id, int64_t generation,
                   const struct ch_pin *old, struct ch_pin *fresh) CH_MUST;

/* The number of the newest key-encryption key; 0 when there is none. */
uint32_t ch_pin_kek(const char *path) CH_MUST;
/* Makes the next one with mode 0440 and returns its number; 0 after logging why. */
uint32_t ch_pin_kek_make(const char *path) CH_MUST;

#endif
