/* SPDX-License-Identifier: Apache-2.0
 * The log's tree: its root is RFC 9162's, and a tree that was kept goes on like one that never stopped. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kept_after_each_leaf),
                                       cmocka_unit_test(test_peaks_of_another_size)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
