/* SPDX-License-Identifier: Apache-2.0
 * The key ring: encryption of personal data at rest, and keyed hashes by which it is found.
 *
 * A ring holds the data keys (AES-256), which the database stores wrapped under a key-encryption key; that key is a file outside
 * the database. Keys rotate while programs run: a newly filled ring replaces the keys of the old one while other threads go on
 * encrypting and decrypting (core/db/keys.h).
 *
 * An encrypted value is version 1 | key id (4 bytes, big endian) | nonce (12) | cipher text | tag (16). The additional data is
 * "place|row id", so that a value that was moved to another row or column does not decrypt. */
#ifndef CH_CRYPTO_RING_H
#define CH_CRYPTO_RING_H

#include "core/base/arena.h"
#include "core/crypto/digest.h"

struct ch_ring;

/* An empty ring over the key-encryption keys in `dir` (kek-<n>.key, 32 bytes each, mode 0400 or 0440) and the hash key
 * (index.key). NULL after logging why. Freed with ch_ring_free. */
struct ch_ring *ch_ring_open(const char *dir) CH_MUST;
void ch_ring_free(struct ch_ring *r);
/* Adds a data key from its row in the database. The key last added with `active` encrypts. No other thread may use the ring
 * yet. False for an unknown key-encryption key, a wrapped key that does not decrypt, an id that is there already, and a full
 * ring. */
bool ch_ring_add(struct ch_ring *r, uint32_t id, uint32_t kek, struct ch_bytes wrapped, bool active) CH_MUST;
/* Makes a new data key for that id, wrapped under the newest key-encryption key, for ch_ring_add. */
bool ch_ring_make(struct ch_ring *r, struct ch_arena *a, uint32_t id, uint32_t *kek, struct ch_bytes *wrapped) CH_MUST;
/* Wraps a data key of the ring under the newest key-encryption key. False for an unknown id. */
bool ch_ring_rewrap(const struct ch_ring *r, struct ch_arena *a, uint32_t id, uint32_t *kek, struct ch_bytes *wrapped) CH_MUST;
/* The number of the newest key-encryption key. */
uint32_t ch_ring_kek(const struct ch_ring *r) CH_MUST;
/* Replaces r's keys by those of `fresh`, even while other threads use r, and frees `fresh`. */
void ch_ring_replace(struct ch_ring *r, struct ch_ring *fresh);

/* Encrypt and decrypt a value. `place` names table and column ("order.form"), `row` is the row's id. Encrypting without an
 * active key ends the process. *plain is a secret of the arena with a NUL behind it. */
struct ch_bytes ch_encrypt(const struct ch_ring *r, struct ch_arena *a, const char *place, const char *row,
                           struct ch_bytes plain);
bool ch_decrypt(const struct ch_ring *r, struct ch_arena *a, const char *place, const char *row,
                struct ch_bytes encrypted, struct ch_bytes *plain) CH_MUST;

/* The keyed hash of a value under the field's own key, by which equal values are found. The caller normalizes the value first
 * (trims it, upper case). */
void ch_blind(const struct ch_ring *r, const char *field, const char *value, unsigned char out[CH_SHA256_BYTES]);
/* Derives a key of the installation for one purpose (CSRF, link tokens) from the hash key. */
void ch_ring_derive(const struct ch_ring *r, const char *purpose, unsigned char out[32]);

#endif
