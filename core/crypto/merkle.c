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

struct ch_bytes ch_merkle_statement(struct ch_arena *a, uint64_t size, const unsigned char root[CH_SM3_BYTES])
{
    const char *s =
        ch_printf(a, "certhall log|%llu|%s", (unsigned long long)size, ch_hex(a, CH_BYTES(root, CH_SM3_BYTES)));
    return CH_BYTES(s, strlen(s));
}
