/* SPDX-License-Identifier: Apache-2.0
 * The key ring: encryption of personal data at rest, and keyed hashes to find it by.
 *
 * A ring holds the data keys (AES-256), each wrapped in the database under a key that lives in a file outside it.
 * Keys rotate under a running program: a ring that somebody else has filled afresh takes the place of the old one while
 * other threads go on encrypting and decrypting (core/db/keys.h).
 *
 * Encrypted form: version 1 | key id (4 bytes, big endian) | nonce (12) | cipher text | tag (16). The additional data is
 * "place|row id", so that a value moved to another row or column does not open. */
#ifndef CH_CRYPTO_RING_H
#define CH_CRYPTO_RING_H

#include "core/base/arena.h"
#include "core/crypto/digest.h"

struct ch_ring;

/* An empty ring over the key-encryption keys in `dir` (kek-<n>.key, 32 bytes each, mode 0400 or 0440) and the hash key
 * (index.key). NULL after logging why. Freed with ch_ring_free. */
struct ch_ring *ch_ring_open(const char *dir) CH_MUST;
void ch_ring_free(struct ch_ring *r);
/* Takes a data key out of its row of the database. The last one added with `active` encrypts. Only for a ring that no
 * other thread has. False for an unknown key-encryption key, a wrapped key that does not open, or an id that is there
 * already. */
bool ch_ring_add(struct ch_ring *r, uint32_t id, uint32_t kek, struct ch_bytes wrapped, bool active) CH_MUST;
/* Makes a fresh data key for that id under the newest key-encryption key: what ch_ring_add takes later. */
bool ch_ring_make(struct ch_ring *r, struct ch_arena *a, uint32_t id, uint32_t *kek, struct ch_bytes *wrapped) CH_MUST;
/* Wraps a data key that the ring has under the newest key-encryption key. */
bool ch_ring_rewrap(const struct ch_ring *r, struct ch_arena *a, uint32_t id, uint32_t *kek,
                    struct ch_bytes *wrapped) CH_MUST;
/* The newest key-encryption key. */
uint32_t ch_ring_kek(const struct ch_ring *r) CH_MUST;
/* Puts the keys of `fresh` in the place of r's, whoever is using r meanwhile; fresh is freed. */
void ch_ring_replace(struct ch_ring *r, struct ch_ring *fresh);

/* `place` names table and column ("order.form"), `row` is the row's id. Encrypting without an active key ends the process.
 * What is opened is a secret of the arena with a NUL behind its length. */
struct ch_bytes ch_encrypt(const struct ch_ring *r, struct ch_arena *a, const char *place, const char *row,
                           struct ch_bytes plain);
bool ch_decrypt(const struct ch_ring *r, struct ch_arena *a, const char *place, const char *row, struct ch_bytes encrypted,
                struct ch_bytes *plain) CH_MUST;

/* Keyed hash of a value under the field's own key: equal values, equal hashes; useless without the key.
 * The caller normalises (trim, upper case) first. */
void ch_blind(const struct ch_ring *r, const char *field, const char *value, unsigned char out[CH_SHA256_BYTES]);
/* A key of the installation for one purpose (CSRF, link tokens), derived from the hash key. */
void ch_ring_derive(const struct ch_ring *r, const char *purpose, unsigned char out[32]);

#endif
