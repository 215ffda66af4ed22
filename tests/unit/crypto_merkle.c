/* SPDX-License-Identifier: Apache-2.0
 * The log's tree: its root is RFC 9162's, a tree that was kept goes on like one that never stopped, and a proof shows one leaf, in one
 * place, of one tree. */
#include "core/crypto/merkle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define LEAVES 130 /* beyond two powers of two */

static void leaf(size_t n, unsigned char out[CH_SM3_BYTES])
{
    ch_merkle_leaf_hash(CH_BYTES(&n, sizeof n), out);
}

/* The root over leaves from..from+n as the RFC words it: of two halves, the left one the largest power of two below n. */
static void root(size_t from, size_t n, unsigned char out[CH_SM3_BYTES])
{
    unsigned char in[1 + 2 * CH_SM3_BYTES] = {1};
    size_t k = 1;

    if (n == 1) {
        leaf(from, out);
        return;
    }
    while (k * 2 < n)
        k *= 2;
    root(from, k, in + 1);
    root(from + k, n - k, in + 1 + CH_SM3_BYTES);
    ch_sm3(CH_BYTES(in, sizeof in), out);
}

static void assert_root(const struct ch_merkle *tree)
{
    unsigned char wanted[CH_SM3_BYTES], is[CH_SM3_BYTES];

    root(0, tree->size, wanted);
    ch_merkle_root(tree, is);
    assert_memory_equal(is, wanted, sizeof is);
}

static void test_kept_after_each_leaf(void **state)
{
    (void)state;
    struct ch_arena *a = ch_arena_new();
    struct ch_merkle tree = {0};
    unsigned char hash[CH_SM3_BYTES];

    for (size_t n = 0; n < LEAVES; n++) {
        struct ch_bytes peaks = ch_merkle_peaks(a, &tree);
        assert_true(ch_merkle_restore(&tree, n, peaks));
        leaf(n, hash);
        ch_merkle_add(&tree, hash);
        assert_root(&tree);
    }
    ch_arena_free(a);
}

static void test_peaks_of_another_size(void **state)
{
    (void)state;
    struct ch_arena *a = ch_arena_new();
    struct ch_merkle tree = {0}, other;
    unsigned char hash[CH_SM3_BYTES];

    for (size_t n = 0; n < 6; n++) {
        leaf(n, hash);
        ch_merkle_add(&tree, hash);
    }
    struct ch_bytes peaks = ch_merkle_peaks(a, &tree);
    assert_int_equal(peaks.n, 2 * CH_SM3_BYTES);
    assert_true(ch_merkle_restore(&other, 6, peaks));
    for (size_t size = 0; size < 16; size++)
        if (__builtin_popcountll(size) != 2) {
            assert_false(ch_merkle_restore(&other, size, peaks));
            assert_int_equal(other.size, 0);
        }
    assert_false(ch_merkle_restore(&other, 6, CH_BYTES(peaks.p, peaks.n - 1)));
    assert_false(ch_merkle_restore(&other, 6, (struct ch_bytes){0}));
    ch_arena_free(a);
}

/* What is kept: leaves, and complete subtrees of CH_MERKLE_GROUP leaves up to `complete`. */
struct keeper {
    uint64_t complete;
    unsigned asked; /* of the subtrees, bits of their levels */
    unsigned char root[CH_SM3_BYTES];
};

static const unsigned char *kept(void *from, unsigned level, uint64_t at)
{
    struct keeper *k = from;

    assert_int_equal(level % CH_MERKLE_STEP, 0);
    k->asked |= 1u << level;
    if ((at + 1) << level > k->complete)
        return NULL;
    root(at << level, (size_t)1 << level, k->root);
    return k->root;
}

static void assert_proof(struct ch_arena *a, uint64_t size, uint64_t at, const unsigned char of_all[CH_SM3_BYTES])
{
    struct keeper k = {.complete = size};
    unsigned char hash[CH_SM3_BYTES], other[CH_SM3_BYTES];
    struct ch_bytes proof;

    leaf(at, hash);
    leaf(at + 1, other);
    assert_true(ch_merkle_prove(a, size, at, kept, &k, &proof));
    assert_true(ch_merkle_proves(proof, size, at, hash, of_all));
    assert_false(ch_merkle_proves(proof, size, at, other, of_all));
    assert_false(ch_merkle_proves(proof, size, at, hash, other));
    assert_false(ch_merkle_proves(CH_BYTES(proof.p, proof.n + CH_SM3_BYTES), size, at, hash, of_all));
    if (size == 1)
        return;
    assert_false(ch_merkle_proves(CH_BYTES(proof.p, proof.n - 1), size, at, hash, of_all));
    assert_false(ch_merkle_proves(proof, size, at ^ 1, hash, of_all));
    ((unsigned char *)proof.p)[proof.n - 1] ^= 1;
    assert_false(ch_merkle_proves(proof, size, at, hash, of_all));
}

static void test_proofs(void **state)
{
    static const uint64_t sizes[] = {1, 2, 3, 7, 8, 130, 255, 256, 257, 511, 512, 513, 700};
    unsigned char of_all[CH_SM3_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        root(0, sizes[i], of_all);
        for (uint64_t at = 0; at < sizes[i]; at += sizes[i] < 300 ? 1 : 37) {
            struct ch_arena *a = ch_arena_new();
            assert_proof(a, sizes[i], at, of_all);
            ch_arena_free(a);
        }
    }
}

static void test_proofs_that_cannot_be_made(void **state)
{
    struct ch_arena *a = ch_arena_new();
    struct keeper k = {.complete = 600};
    struct ch_bytes proof;

    (void)state;
    assert_false(ch_merkle_prove(a, 600, 600, kept, &k, &proof));
    assert_false(ch_merkle_prove(a, 0, 0, kept, &k, &proof));
    assert_true(ch_merkle_prove(a, 600, 3, kept, &k, &proof));
    assert_int_equal(k.asked, 1u | 1u << CH_MERKLE_STEP); /* leaves of its own group, and other groups as a whole */
    k.complete = 599;
    assert_false(ch_merkle_prove(a, 600, 3, kept, &k, &proof));
    ch_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kept_after_each_leaf),
                                       cmocka_unit_test(test_peaks_of_another_size), cmocka_unit_test(test_proofs),
                                       cmocka_unit_test(test_proofs_that_cannot_be_made)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
