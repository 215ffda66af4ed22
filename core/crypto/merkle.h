/* SPDX-License-Identifier: Apache-2.0
 * A Merkle tree over audit rows, hashed as RFC 9162 section 2.1 says, with SM3 in place of SHA-256: a leaf is
 * SM3(0x00 | head of the row), a node SM3(0x01 | left | right). The tree is kept as the roots of its complete subtrees, so
 * that a leaf costs O(log n). */
#ifndef CH_CRYPTO_MERKLE_H
#define CH_CRYPTO_MERKLE_H

#include "core/crypto/digest.h"

struct ch_merkle {
    uint64_t size;
    unsigned char peaks[64][CH_SM3_BYTES]; /* peaks[k] is in use when bit k of size is set: a subtree of 2^k leaves */
};

void ch_merkle_leaf_hash(struct ch_bytes head, unsigned char out[CH_SM3_BYTES]);
void ch_merkle_add(struct ch_merkle *m, const unsigned char leaf[CH_SM3_BYTES]);
/* The root; of an empty tree SM3 of nothing. */
void ch_merkle_root(const struct ch_merkle *m, unsigned char out[CH_SM3_BYTES]);

/* What the tree is kept as beside its size: the roots in use, smallest subtree first. */
struct ch_bytes ch_merkle_peaks(struct ch_arena *a, const struct ch_merkle *m);
/* The tree again; false, and an empty one, when they are not as many as a tree of this size has. */
bool ch_merkle_restore(struct ch_merkle *m, uint64_t size, struct ch_bytes peaks) CH_MUST;

/* What a signed head signs: "certhall log|<size>|<root in hex>". */
struct ch_bytes ch_merkle_statement(struct ch_arena *a, uint64_t size, const unsigned char root[CH_SM3_BYTES]);

#endif
