/* SPDX-License-Identifier: Apache-2.0
 * Encrypted fields and blind hashes: what opens, and everything that must not; keys that rotate. */
#include "core/crypto/keyfile.h"
#include "core/crypto/ring.h"

#include "core/base/log.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ORDER "0192f3a0-0000-7000-8000-000000000001"

static struct ch_arena *a;
static char dir[] = "/tmp/certhall-ring-XXXXXX";
static const char *const folders[] = {"order", "paper", "find"};

static char *in_dir(const char *name)
{
    return ch_printf(a, "%s/%s", dir, name);
}

static int make_keys(void **state)
{
    (void)state;
    a = ch_arena_new();
    ch_log_level(CH_ERROR + 1); /* the refusals below are meant */
    if (mkdtemp(dir) == NULL)
        return 1;
    for (size_t i = 0; i < CH_COUNT(folders); i++)
        mkdir(in_dir(folders[i]), 0700);
    return !ch_keyfile_make(in_dir("order/kek-1.key"), 0400) || !ch_keyfile_make(in_dir("paper/kek-1.key"), 0400) ||
           !ch_keyfile_make(in_dir("find/index.key"), 0400);
}

static int remove_keys(void **state)
{
    static const char *const names[] = {"order/kek-1.key", "order/kek-2.key", "paper/kek-1.key", "find/index.key",
                                        "bad.key"};
    (void)state;
    for (size_t i = 0; i < CH_COUNT(names); i++)
        unlink(in_dir(names[i]));
    for (size_t i = 0; i < CH_COUNT(folders); i++)
        rmdir(in_dir(folders[i]));
    rmdir(dir);
    ch_arena_free(a);
    return 0;
}

static struct ch_ring *open_ring(void)
{
    return ch_ring_open(dir, CH_KEYS_ORDER | CH_KEYS_FIND);
}

static struct ch_ring *ring_with(uint32_t id)
{
    struct ch_ring *r = open_ring();
    struct ch_bytes wrapped;
    uint32_t kek;

    assert_non_null(r);
    ch_ring_make(r, a, "order", id, &kek, &wrapped);
    assert_true(ch_ring_add(r, "order", id, kek, wrapped, true));
    return r;
}

static void opens_where_it_was_encrypted(void **state)
{
    struct ch_ring *r = ring_with(7);
    struct ch_bytes plain, encrypted = ch_encrypt(r, a, "order.form", ORDER, CH_LIT("张三"));

    (void)state;
    assert_int_equal(encrypted.p[0], 1);
    assert_int_equal(encrypted.p[4], 7);
    assert_true(ch_decrypt(r, a, "order.form", ORDER, encrypted, &plain));
    assert_string_equal((const char *)plain.p, "张三");
    assert_false(ch_decrypt(r, a, "ticket.form", ORDER, encrypted, &plain));
    assert_false(ch_decrypt(r, a, "order.form", "0192f3a0-0000-7000-8000-000000000002", encrypted, &plain));
    ch_ring_free(r);
}

static void refuses_every_changed_byte(void **state)
{
    struct ch_ring *r = ring_with(7);
    struct ch_bytes plain, encrypted = ch_encrypt(r, a, "order.form", ORDER, CH_LIT("{}"));
    unsigned char copy[64];

    (void)state;
    for (size_t i = 0; i < encrypted.n; i++) {
        memcpy(copy, encrypted.p, encrypted.n);
        copy[i] ^= 1;
        assert_false(ch_decrypt(r, a, "order.form", ORDER, CH_BYTES(copy, encrypted.n), &plain));
    }
    for (size_t n = 0; n < encrypted.n; n++)
        assert_false(ch_decrypt(r, a, "order.form", ORDER, CH_BYTES(encrypted.p, n), &plain));
    ch_ring_free(r);
}

static void data_keys_rotate(void **state)
{
    struct ch_ring *r = ring_with(1);
    struct ch_bytes plain, wrapped, old = ch_encrypt(r, a, "order.form", ORDER, CH_LIT("old"));
    uint32_t kek;

    (void)state;
    assert_true(ch_keyfile_make(in_dir("order/kek-2.key"), 0400));
    ch_ring_make(r, a, "order", 2, &kek, &wrapped);
    assert_int_equal(kek, 1); /* this ring was opened before */
    assert_true(ch_ring_add(r, "order", 2, kek, wrapped, true));
    assert_false(ch_ring_add(r, "order", 2, kek, wrapped, true)); /* twice */
    assert_false(ch_ring_add(r, "order", 3, kek, wrapped, true)); /* under another id */
    assert_false(ch_ring_add(r, "order", 3, 99, wrapped, true));  /* a key-encryption key that is not there */
    assert_int_equal(ch_encrypt(r, a, "order.form", ORDER, CH_LIT("new")).p[4], 2);
    assert_true(ch_decrypt(r, a, "order.form", ORDER, old, &plain));
    assert_string_equal((const char *)plain.p, "old");
    ch_ring_free(r);
    r = open_ring();
    ch_ring_make(r, a, "order", 4, &kek, &wrapped);
    assert_int_equal(kek, 2);
    ch_ring_free(r);
}

/* A program whose user reads one folder opens nothing of another, even if it has the rows of all keys. */
static void folders_are_apart(void **state)
{
    struct ch_ring *all = ch_ring_open(dir, CH_KEYS_ORDER | CH_KEYS_PAPER), *papers = ch_ring_open(dir, CH_KEYS_PAPER);
    struct ch_bytes order_key, paper_key, plain;
    uint32_t kek, paper_kek;

    (void)state;
    ch_ring_make(all, a, "order", 1, &kek, &order_key);
    ch_ring_make(all, a, "paper", 1, &paper_kek, &paper_key);
    assert_false(ch_ring_add(all, "paper", 1, kek, order_key, true)); /* the row of another folder */
    assert_true(ch_ring_add(all, "order", 1, kek, order_key, true) &&
                ch_ring_add(all, "paper", 1, paper_kek, paper_key, true));
    assert_false(ch_ring_add(papers, "order", 1, kek, order_key, true));
    assert_false(ch_ring_add(papers, "nothing", 1, kek, order_key, true));
    assert_false(ch_ring_add(papers, "find", 1, kek, order_key, true)); /* a folder without data keys */
    assert_true(ch_ring_add(papers, "paper", 1, paper_kek, paper_key, true));
    assert_int_equal(ch_ring_kek(papers, "order"), 0);
    struct ch_bytes form = ch_encrypt(all, a, "order.form", ORDER, CH_LIT("x"));
    assert_true(ch_decrypt(all, a, "order.form", ORDER, form, &plain));
    assert_false(ch_decrypt(papers, a, "order.form", ORDER, form, &plain));
    assert_false(ch_decrypt(all, a, "no.place", ORDER, form, &plain));
    ch_ring_free(all);
    ch_ring_free(papers);
}

static void blind_hashes(void **state)
{
    struct ch_ring *r = ring_with(1);
    unsigned char x[32], y[32];

    (void)state;
    ch_blind(r, "phone", "13800000000", x);
    ch_blind(r, "phone", "13800000000", y);
    assert_memory_equal(x, y, 32);
    ch_blind(r, "phone", "13800000001", y);
    assert_memory_not_equal(x, y, 32);
    ch_blind(r, "id_number", "13800000000", y);
    assert_memory_not_equal(x, y, 32);
    ch_ring_free(r);
}

static void key_files_are_private(void **state)
{
    unsigned char key[32], again[32];
    char *path = in_dir("bad.key");

    (void)state;
    assert_true(ch_keyfile_make(path, 0440));
    assert_true(ch_keyfile_read(path, key));
    assert_true(ch_keyfile_make(path, 0440)); /* never over an old key */
    assert_true(ch_keyfile_read(path, again));
    assert_memory_equal(key, again, 32);
    chmod(path, 0644);
    assert_false(ch_keyfile_read(path, key));
    chmod(path, 0600);
    assert_int_equal(truncate(path, 31), 0);
    assert_false(ch_keyfile_read(path, key));
    assert_false(ch_keyfile_read(in_dir("none.key"), key));
    assert_null(ch_ring_open("/tmp/certhall-no-such-folder", CH_KEYS_FIND));
}

/* A new ring replaces the old one. Values under the old key can be decrypted as long as the new ring has that key. */
static void rings_are_replaced(void **state)
{
    struct ch_ring *r = open_ring(), *fresh = open_ring(), *later = open_ring();
    struct ch_bytes plain, one, two;
    uint32_t kek;

    (void)state;
    ch_ring_make(r, a, "order", 1, &kek, &one);
    assert_true(ch_ring_add(r, "order", 1, kek, one, true));
    struct ch_bytes old = ch_encrypt(r, a, "order.form", ORDER, CH_LIT("old"));
    ch_ring_make(fresh, a, "order", 2, &kek, &two);
    assert_true(ch_ring_add(fresh, "order", 1, kek, one, false) && ch_ring_add(fresh, "order", 2, kek, two, true) &&
                ch_ring_add(later, "order", 2, kek, two, true));
    ch_ring_replace(r, fresh);
    assert_true(ch_decrypt(r, a, "order.form", ORDER, old, &plain));
    assert_string_equal((const char *)plain.p, "old");
    struct ch_bytes new = ch_encrypt(r, a, "order.form", ORDER, CH_LIT("new"));
    assert_int_equal(new.p[4], 2);
    ch_ring_replace(r, later);
    assert_false(ch_decrypt(r, a, "order.form", ORDER, old, &plain)); /* its key is gone */
    assert_true(ch_decrypt(r, a, "order.form", ORDER, new, &plain));
    ch_ring_free(r);
}

/* Threads encrypt and decrypt while the ring is replaced under them. */
static atomic_bool over;

static void *busy(void *ring)
{
    struct ch_arena *own = ch_arena_new();
    struct ch_bytes plain;
    bool *ok = malloc(sizeof *ok);

    *ok = true;
    while (!over && *ok) {
        *ok = ch_decrypt(ring, own, "order.form", ORDER, ch_encrypt(ring, own, "order.form", ORDER, CH_LIT("x")), &plain) &&
              plain.p[0] == 'x';
        ch_arena_reset(own);
    }
    ch_arena_free(own);
    return ok;
}

static void rings_are_replaced_under_threads(void **state)
{
    struct ch_ring *r = ring_with(1);
    pthread_t threads[3];
    struct ch_bytes wrapped;
    uint32_t kek;
    bool *ok;

    (void)state;
    assert_true(ch_ring_rewrap(r, a, "order", 1, &kek, &wrapped));
    for (size_t i = 0; i < CH_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, busy, r), 0);
    for (int i = 0; i < 300; i++) {
        struct ch_ring *fresh = open_ring();
        assert_true(ch_ring_add(fresh, "order", 1, kek, wrapped, true));
        ch_ring_replace(r, fresh);
    }
    over = true;
    for (size_t i = 0; i < CH_COUNT(threads); i++) {
        pthread_join(threads[i], (void **)&ok);
        assert_true(*ok);
        free(ok);
    }
    ch_ring_free(r);
}

/* The same data key under another key-encryption key: bound to both numbers. */
static void data_keys_are_rewrapped(void **state)
{
    struct ch_ring *r = ring_with(7), *other = open_ring(), *bare;
    struct ch_bytes plain, wrapped, encrypted = ch_encrypt(r, a, "order.form", ORDER, CH_LIT("x"));
    uint32_t kek;

    (void)state;
    assert_int_equal(ch_ring_kek(r, "order"), 2);
    assert_true(ch_ring_rewrap(r, a, "order", 7, &kek, &wrapped));
    assert_false(ch_ring_rewrap(r, a, "order", 8, &kek, &wrapped)); /* no such key */
    assert_int_equal(kek, 2);
    unlink(in_dir("order/kek-1.key"));
    bare = open_ring();
    assert_false(ch_ring_add(bare, "order", 7, 1, wrapped, true));
    assert_false(ch_ring_add(bare, "order", 8, 2, wrapped, true));
    assert_true(ch_ring_add(bare, "order", 7, 2, wrapped, true));
    assert_true(ch_decrypt(bare, a, "order.form", ORDER, encrypted, &plain));
    ch_ring_free(bare);
    ch_ring_free(other);
    ch_ring_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_where_it_was_encrypted),
        cmocka_unit_test(refuses_every_changed_byte),
        cmocka_unit_test(data_keys_rotate),
        cmocka_unit_test(folders_are_apart),
        cmocka_unit_test(blind_hashes),
        cmocka_unit_test(key_files_are_private),
        cmocka_unit_test(rings_are_replaced),
        cmocka_unit_test(rings_are_replaced_under_threads),
        cmocka_unit_test(data_keys_are_rewrapped),
    };
    return cmocka_run_group_tests(tests, make_keys, remove_keys);
}
