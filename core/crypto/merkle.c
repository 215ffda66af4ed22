/* SPDX-License-Identifier: Apache-2.0
 * A Merkle tree as the roots of its complete subtrees. */
#include "core/crypto/merkle.h"

#include "core/base/codec.h"

#include <stdlib.h>
#include <string.h>

void ch_merkle_leaf_hash(struct ch_bytes head, unsigned char out[CH_SM3_BYTES])
{
    unsigned char in[1 + 64] = {0};

    if (head.n > 64)
        abort(); /* a row's hash is never longer */
    memcpy(in + 1, head.p, head.n);
    ch_sm3(CH_BYTES(in, 1 + head.n), out);
}

static void hash_node(const unsigned char *left, const unsigned char *right, unsigned char out[CH_SM3_BYTES])
{
    unsigned char in[1 + 2 * CH_SM3_BYTES] = {1};

    memcpy(in + 1, left, CH_SM3_BYTES);
    memcpy(in + 1 + CH_SM3_BYTES, right, CH_SM3_BYTES);
    ch_sm3(CH_BYTES(in, sizeof in), out);
}

void ch_merkle_add(struct ch_merkle *m, const unsigned char leaf[CH_SM3_BYTES])
{
    unsigned char carry[CH_SM3_BYTES];
    unsigned k = 0;

    memcpy(carry, leaf, sizeof carry);
    for (; (m->size >> k & 1) != 0; k++)
        hash_node(m->peaks[k], carry, carry);
    memcpy(m->peaks[k], carry, sizeof carry);
    m->size++;
}

void ch_merkle_root(const struct ch_merkle *m, unsigned char out[CH_SM3_BYTES])
{
    bool any = false;

    for (unsigned k = 0; k < 64; k++) {
        if ((m->size >> k & 1) == 0)
            continue;
        if (any)
            hash_node(m->peaks[k], out, out);
        else
            memcpy(out, m->peaks[k], CH_SM3_BYTES);
        any = true;
    }
    if (!any)
        ch_sm3(CH_BYTES("", 0), out);
}

struct ch_bytes ch_merkle_peaks(struct ch_arena *a, const struct ch_merkle *m)
{
    unsigned char *out = ch_alloc(a, sizeof m->peaks);
    size_t n = 0;

    for (unsigned k = 0; k < 64; k++)
        if ((m->size >> k & 1) != 0)
            memcpy(out + CH_SM3_BYTES * n++, m->peaks[k], CH_SM3_BYTES);
    return CH_BYTES(out, CH_SM3_BYTES * n);
}

bool ch_merkle_restore(struct ch_merkle *m, uint64_t size, struct ch_bytes peaks)
{
    size_t at = 0;

    memset(m, 0, sizeof *m);
    for (unsigned k = 0; k < 64; k++) {
        if ((size >> k & 1) == 0)
            continue;
        if (at + CH_SM3_BYTES > peaks.n)
            return false;
        memcpy(m->peaks[k], peaks.p + at, CH_SM3_BYTES);
        at += CH_SM3_BYTES;
    }
    if (at != peaks.n)
        return false;
    m->size = size;
    return true;
}

/* The tree of which a proof is made. */
struct whole {
    uint64_t size;
    ch_merkle_kept *kept;
    void *from;
};

/* The root of a complete subtree, from the kept ones below it. */
static bool complete_root(const struct whole *t, unsigned level, uint64_t at, unsigned char out[CH_SM3_BYTES])
{
    unsigned char left[CH_SM3_BYTES], right[CH_SM3_BYTES];

    if (level % CH_MERKLE_STEP == 0) {
        const unsigned char *root = t->kept(t->from, level, at);
        if (root != NULL)
            memcpy(out, root, CH_SM3_BYTES);
        return root != NULL;
    }
    if (!complete_root(t, level - 1, 2 * at, left) || !complete_root(t, level - 1, 2 * at + 1, right))
        return false;
    hash_node(left, right, out);
    return true;
}

/* The root of the subtree that begins there; the last one of a level may be incomplete, but has a leaf at least. */
static bool subtree_root(const struct whole *t, unsigned level, uint64_t at, unsigned char out[CH_SM3_BYTES])
{
    unsigned char left[CH_SM3_BYTES], right[CH_SM3_BYTES];

    if ((at + 1) << level <= t->size)
        return complete_root(t, level, at, out);
    if ((2 * at + 1) << (level - 1) >= t->size)
        return subtree_root(t, level - 1, 2 * at, out);
    if (!complete_root(t, level - 1, 2 * at, left) || !subtree_root(t, level - 1, 2 * at + 1, right))
        return false;
    hash_node(left, right, out);
    return true;
}

bool ch_merkle_prove(struct ch_arena *a, uint64_t size, uint64_t leaf, ch_merkle_kept *kept, void *from,
                     struct ch_bytes *proof)
{
    const struct whole t = {size, kept, from};
    unsigned char *out = ch_alloc(a, 64 * CH_SM3_BYTES);
    size_t n = 0;

    if (leaf >= size || size > INT64_MAX)
        return false;
    for (unsigned level = 0; (size - 1) >> level > 0; level++) {
        uint64_t at = leaf >> level;
        if (at == (size - 1) >> level && at % 2 == 0)
            continue; /* the last of its level, which goes up alone */
        if (!subtree_root(&t, level, at ^ 1, out + CH_SM3_BYTES * n++))
            return false;
    }
    *proof = CH_BYTES(out, CH_SM3_BYTES * n);
    return true;
}

bool ch_merkle_proves(struct ch_bytes proof, uint64_t size, uint64_t leaf, const unsigned char hash[CH_SM3_BYTES],
                      const unsigned char root[CH_SM3_BYTES])
{
    unsigned char is[CH_SM3_BYTES];
    size_t used = 0;

    if (leaf >= size)
        return false;
    memcpy(is, hash, sizeof is);
    for (uint64_t at = leaf, last = size - 1; last > 0; at /= 2, last /= 2) {
        if (at == last && at % 2 == 0)
            continue;
        if (used + CH_SM3_BYTES > proof.n)
            return false;
        if (at % 2 == 1)
            hash_node(proof.p + used, is, is);
        else
            hash_node(is, proof.p + used, is);
        used += CH_SM3_BYTES;
    }
    return used == proof.n && memcmp(is, root, sizeof is) == 0;
}

struct ch_bytes ch_merkle_statement(struct ch_arena *a, uint64_t size, const unsigned char root[CH_SM3_BYTES])
{
    const char *s =
        ch_printf(a, "certhall log|%llu|%s", (unsigned long long)size, ch_hex(a, CH_BYTES(root, CH_SM3_BYTES)));
    return CH_BYTES(s, strlen(s));
}
