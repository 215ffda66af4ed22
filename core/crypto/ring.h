/* SPDX-License-Identifier: Apache-2.0
 * The key ring: encryption of personal data at rest, and keyed hashes by which it is found.
 *
 * Keys are kept apart by what they protect (folders.tbl). A data key is a number, and for each folder that encrypts an AES-256
 * key of that number, which the database stores wrapped under a key-encryption key of the folder; that one is a file. So a
 * program decrypts only the places (places.tbl) of the folders that it may read. Keys rotate while programs run: a newly filled
 * ring replaces the keys of the old one while other threads go on encrypting and decrypting (core/db/keys.h).
 *
 * An encrypted value is version 1 | key id (4 bytes, big endian) | nonce (12) | cipher text | tag (16). The additional data is
 * "place|row id", so that a value that was moved to another row or column does not decrypt. */
#ifndef CH_CRYPTO_RING_H
#define CH_CRYPTO_RING_H

#include "core/base/arena.h"
#include "core/crypto/digest.h"

/* The folders of keys; a mask names several. */
enum {
#define CH_FOLDER(sym, name, encrypts, doc) sym##_BIT,
#include "core/crypto/folders.tbl"
#undef CH_FOLDER
    CH_KEYS_COUNT
};
enum ch_keys {
#define CH_FOLDER(sym, name, encrypts, doc) sym = 1u << sym##_BIT,
#include "core/crypto/folders.tbl"
#undef CH_FOLDER
};
#define CH_KEYS_ALL ((1u << CH_KEYS_COUNT) - 1)

struct ch_keys_row {
    enum ch_keys folder;
    const char *name;
    bool encrypts; /* it holds key-encryption keys kek-<n>.key */
};
/* The rows of folders.tbl, in the order of their bits. */
extern const struct ch_keys_row ch_keys_rows[CH_KEYS_COUNT];

/* Prints a line for each folder of the mask: "key-<name>", as its group is called behind "certhall-". */
void ch_ring_print_groups(unsigned folders);

struct ch_ring;

/* An empty ring of the folders in the mask, below `dir`: their key-encryption keys (<folder>/kek-<n>.key, 32 bytes each, mode
 * 0400 or 0440), and with CH_KEYS_FIND the hash key (find/index.key). Other folders of the mask do not matter here. NULL after
 * logging why. Freed with ch_ring_free. */
struct ch_ring *ch_ring_open(const char *dir, unsigned folders) CH_MUST;
void ch_ring_free(struct ch_ring *r);
/* Adds the folder's part of a data key from its row in the database. The key last added with `active` encrypts. No other thread
 * may use the ring yet. False for a folder that the ring was not opened with or that is unknown, an unknown key-encryption key,
 * a wrapped key that does not decrypt, an id that is there already, and a full ring. */
bool ch_ring_add(struct ch_ring *r, const char *folder, uint32_t id, uint32_t kek, struct ch_bytes wrapped,
                 bool active) CH_MUST;
/* Makes the folder's part of a new data key with that id, wrapped under the newest key-encryption key, for ch_ring_add. The ring
 * has the folder. */
void ch_ring_make(const struct ch_ring *r, struct ch_arena *a, const char *folder, uint32_t id, uint32_t *kek,
                  struct ch_bytes *wrapped);
/* Wraps the folder's part of a data key under the newest key-encryption key. False for an unknown id. */
bool ch_ring_rewrap(const struct ch_ring *r, struct ch_arena *a, const char *folder, uint32_t id, uint32_t *kek,
                    struct ch_bytes *wrapped) CH_MUST;
/* The number of the folder's newest key-encryption key; 0 when the ring does not have the folder. */
uint32_t ch_ring_kek(const struct ch_ring *r, const char *folder) CH_MUST;
/* Replaces r's keys by those of `fresh`, even while other threads use r, and frees `fresh`. */
void ch_ring_replace(struct ch_ring *r, struct ch_ring *fresh);

/* Encrypt and decrypt a value. `place` is a row of places.tbl, `row` is the row's id. Encrypting at a place whose folder the ring
 * does not have, or without an active key, ends the process: personal data must never be stored in plain text. Decrypting there
 * fails. *plain is a secret of the arena with a NUL behind it. */
struct ch_bytes ch_encrypt(const struct ch_ring *r, struct ch_arena *a, const char *place, const char *row,
                           struct ch_bytes plain);
bool ch_decrypt(const struct ch_ring *r, struct ch_arena *a, const char *place, const char *row,
                struct ch_bytes encrypted, struct ch_bytes *plain) CH_MUST;

/* The keyed hash of a value under the field's own key, by which equal values are found. The caller normalizes the value first
 * (trims it, upper case). A ring without CH_KEYS_FIND ends the process. */
void ch_blind(const struct ch_ring *r, const char *field, const char *value, unsigned char out[CH_SHA256_BYTES]);

#endif
