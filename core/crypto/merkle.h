/* SPDX-License-Identifier: Apache-2.0
 * A Merkle tree over audit rows, hashed as in RFC 9162, section 2.1, with SM3 instead of SHA-256: a leaf is
 * SM3(0x00 | hash of the row), a node SM3(0x01 | left | right). Only the roots of its complete subtrees are stored, so that
 * adding a leaf takes O(log n) hashes. */
#ifndef CH_CRYPTO_MERKLE_H
#define CH_CRYPTO_MERKLE_H

#include "core/crypto/digest.h"

struct ch_merkle {
    uint64_t size;
    unsigned char peaks[64][CH_SM3_BYTES]; /* peaks[k] is in use when bit k of size is set: a subtree of 2^k leaves */
};

/* The leaf for a row of the audit trail, whose hash is `head` (at most 64 bytes). */
void ch_merkle_leaf_hash(struct ch_bytes head, unsigned char out[CH_SM3_BYTES]);
void ch_merkle_add(struct ch_merkle *m, const unsigned char leaf[CH_SM3_BYTES]);
/* The root; that of an empty tree is the SM3 of no bytes. */
void ch_merkle_root(const struct ch_merkle *m, unsigned char out[CH_SM3_BYTES]);

/* The stored form of the tree, besides its size: the roots in use, smallest subtree first. */
struct ch_bytes ch_merkle_peaks(struct ch_arena *a, const struct ch_merkle *m);
/* Restores the tree; false, with an empty tree, when the number of roots does not match the size. */
bool ch_merkle_restore(struct ch_merkle *m, uint64_t size, struct ch_bytes peaks) CH_MUST;

/* What is kept of the inner tree, so that a proof reads little of it: the roots of the complete subtrees of 2^8, 2^16, … leaves. */
#define CH_MERKLE_STEP 8
#define CH_MERKLE_GROUP (1 << CH_MERKLE_STEP)

/* The root of the complete subtree with the leaves from at << level on, 2^level of them; level is a multiple of CH_MERKLE_STEP, 0 for
 * a leaf. NULL when it is not there. */
typedef const unsigned char *ch_merkle_kept(void *from, unsigned level, uint64_t at);

/* The inclusion proof of a leaf of the tree with `size` leaves (RFC 9162, section 2.1.3.1): hashes from the leaf's sibling upwards, one
 * after the other. False when a subtree that it needs is not kept. */
bool ch_merkle_prove(struct ch_arena *a, uint64_t size, uint64_t leaf, ch_merkle_kept *kept, void *from,
                     struct ch_bytes *proof) CH_MUST;
/* Whether the proof shows that the tree with that size and root has that leaf there (section 2.1.3.2). */
bool ch_merkle_proves(struct ch_bytes proof, uint64_t size, uint64_t leaf, const unsigned char hash[CH_SM3_BYTES],
                      const unsigned char root[CH_SM3_BYTES]) CH_MUST;

/* The bytes that the signature of a tree head covers: "certhall log|<size>|<root in hex>". */
struct ch_bytes ch_merkle_statement(struct ch_arena *a, uint64_t size, const unsigned char root[CH_SM3_BYTES]);

#endif
