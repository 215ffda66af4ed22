/* SPDX-License-Identifier: Apache-2.0
 * Trays: the roots that Certificate Transparency's own tests give for one to eight leaves, and paths that lead there and nowhere
 * else. */
#include "core/passkey/tray.h"

#include "core/base/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const inputs[] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
static const char *const roots[] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static struct ch_arena *a;
static ch_tray_hash leaves[CH_TRAY_MAX];

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    for (size_t i = 0; i < CH_TRAY_MAX; i++) {
        struct ch_bytes b;
        assert_true(ch_unhex(a, i < CH_COUNT(inputs) ? inputs[i] : ch_printf(a, "%02zx", i), &b));
        ch_tray_leaf(b, leaves[i]);
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    ch_arena_free(a);
    return 0;
}

static void roots_are_those_of_rfc_9162(void **state)
{
    ch_tray_hash root;

    (void)state;
    for (size_t n = 1; n <= CH_COUNT(roots); n++) {
        ch_tray_root(leaves, n, root);
        assert_string_equal(ch_hex(a, CH_BYTES(root, sizeof root)), roots[n - 1]);
    }
}

static void paths_lead_to_the_root(void **state)
{
    (void)state;
    for (size_t n = 1; n <= CH_TRAY_MAX; n++) {
        ch_tray_hash root, found, path[CH_TRAY_PATH + 1]; /* one more, to be read beyond */
        ch_tray_root(leaves, n, root);
        for (size_t at = 0; at < n; at++) {
            size_t length = ch_tray_path(leaves, n, at, path);
            struct ch_bytes bytes = CH_BYTES(path, length * sizeof path[0]);
            assert_true(length <= CH_TRAY_PATH);
            assert_true(ch_tray_follow(leaves[at], n, at, bytes, found));
            assert_memory_equal(found, root, sizeof root);
            /* The root is not reached from another leaf or place, nor by a changed, longer or shorter path. */
            assert_true(ch_tray_follow(leaves[(at + 1) % CH_TRAY_MAX], n, at, bytes, found));
            assert_memory_not_equal(found, root, sizeof root);
            if (n > 1 && ch_tray_follow(leaves[at], n, (at + 1) % n, bytes, found))
                assert_memory_not_equal(found, root, sizeof root);
            assert_false(ch_tray_follow(leaves[at], n, at, CH_BYTES(path, bytes.n + 1), found));
            if (length > 0) {
                assert_false(ch_tray_follow(leaves[at], n, at, CH_BYTES(path, bytes.n - 1), found));
                path[length - 1][0] ^= 1;
                assert_true(ch_tray_follow(leaves[at], n, at, bytes, found));
                assert_memory_not_equal(found, root, sizeof root);
            }
        }
    }
}

/* With another leaf in one place a tray has another root, to which no path of the first tray leads. */
static void a_leaf_of_another_tray_leads_nowhere(void **state)
{
    ch_tray_hash other[5], root, path[CH_TRAY_PATH], found;

    (void)state;
    memcpy(other, leaves, sizeof other);
    memcpy(other[3], leaves[7], sizeof other[3]);
    ch_tray_root(leaves, 5, root);
    for (size_t at = 0; at < 5; at++) {
        size_t length = ch_tray_path(other, 5, at, path);
        struct ch_bytes bytes = CH_BYTES(path, length * sizeof path[0]);
        assert_true(ch_tray_follow(other[at], 5, at, bytes, found));
        assert_memory_not_equal(found, root, sizeof root);
    }
    /* An inner node is no leaf: their hashes have different prefixes. */
    ch_tray_root(leaves, 2, found);
    assert_true(ch_tray_follow(found, 2, 0, CH_BYTES(leaves[2], sizeof leaves[2]), found));
    ch_tray_root(leaves, 3, root);
    assert_memory_equal(found, root, sizeof root);
    ch_tray_leaf(CH_BYTES(leaves, 2 * sizeof leaves[0]), found);
    ch_tray_root(leaves, 2, root);
    assert_memory_not_equal(found, root, sizeof root);
}

static void places_that_do_not_exist(void **state)
{
    ch_tray_hash root;

    (void)state;
    assert_false(ch_tray_follow(leaves[0], 0, 0, CH_BYTES(leaves, 0), root));
    assert_false(ch_tray_follow(leaves[0], 1, 1, CH_BYTES(leaves, 0), root));
    assert_false(ch_tray_follow(leaves[0], CH_TRAY_MAX + 1, 0, CH_BYTES(leaves, 7 * 32), root));
    assert_false(ch_tray_follow(leaves[0], 2, 0, CH_BYTES(leaves, 0), root));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_of_rfc_9162),
        cmocka_unit_test(paths_lead_to_the_root),
        cmocka_unit_test(a_leaf_of_another_tray_leads_nowhere),
        cmocka_unit_test(places_that_do_not_exist),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
