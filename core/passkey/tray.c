/* SPDX-License-Identifier: Apache-2.0
 * A Merkle tree over the statements of a tray. */
#include "core/passkey/tray.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

void ch_tray_leaf(struct ch_bytes statement, ch_tray_hash out)
{
    static const unsigned char prefix = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1 || EVP_DigestUpdate(ctx, &prefix, 1) != 1 ||
        EVP_DigestUpdate(ctx, statement.p, statement.n) != 1 || EVP_DigestFinal_ex(ctx, out, NULL) != 1)
        abort(); /* only when out of memory */
    EVP_MD_CTX_free(ctx);
}

static void hash_node(const ch_tray_hash left, const ch_tray_hash right, ch_tray_hash out)
{
    unsigned char in[1 + 2 * CH_SHA256_BYTES] = {1};

    memcpy(in + 1, left, CH_SHA256_BYTES);
    memcpy(in + 1 + CH_SHA256_BYTES, right, CH_SHA256_BYTES);
    ch_sha256(CH_BYTES(in, sizeof in), out);
}

/* The size of the left subtree: the largest power of two below n. */
static size_t left_of(size_t n)
{
    size_t k = 1;

    while (k * 2 < n)
        k *= 2;
    return k;
}

void ch_tray_root(const ch_tray_hash *leaves, size_t n, ch_tray_hash out)
{
    ch_tray_hash left, right;

    if (n == 1) {
        memcpy(out, leaves[0], CH_SHA256_BYTES);
        return;
    }
    ch_tray_root(leaves, left_of(n), left);
    ch_tray_root(leaves + left_of(n), n - left_of(n), right);
    hash_node(left, right, out);
}

size_t ch_tray_path(const ch_tray_hash *leaves, size_t n, size_t at, ch_tray_hash path[CH_TRAY_PATH])
{
    if (n == 1)
        return 0;
    size_t k = left_of(n);
    size_t length = at < k ? ch_tray_path(leaves, k, at, path) : ch_tray_path(leaves + k, n - k, at - k, path);

    if (at < k)
        ch_tray_root(leaves + k, n - k, path[length]);
    else
        ch_tray_root(leaves, k, path[length]);
    return length + 1;
}

bool ch_tray_follow(const ch_tray_hash leaf, size_t n, size_t at, struct ch_bytes path, ch_tray_hash root)
{
    if (n == 0 || n > CH_TRAY_MAX || at >= n)
        return false;
    if (n == 1) {
        memcpy(root, leaf, CH_SHA256_BYTES);
        return path.n == 0;
    }
    size_t k = left_of(n);
    ch_tray_hash below;
    if (path.n < CH_SHA256_BYTES)
        return false;
    struct ch_bytes rest = CH_BYTES(path.p, path.n - CH_SHA256_BYTES);
    const unsigned char *other = path.p + rest.n;
    if (!(at < k ? ch_tray_follow(leaf, k, at, rest, below) : ch_tray_follow(leaf, n - k, at - k, rest, below)))
        return false;
    if (at < k)
        hash_node(below, other, root);
    else
        hash_node(other, below, root);
    return true;
}
