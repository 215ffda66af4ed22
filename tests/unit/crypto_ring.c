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

static char *in_dir(const char *name)
{
    return ch_printf(a, "%s/%s", dir, name);
}

static int make_keys(void **state)
{
    (void)state;
    a = ch_arena_new();
    ch_log_level(CH_ERROR + 1); /* the refusals below are meant */
    return mkdtemp(dir) == NULL || !ch_keyfile_make(in_dir("kek-1.key"), 0400) ||
           !ch_keyfile_make(in_dir("index.key"), 0400);
}

static int remove_keys(void **state)
{
    static const char *const names[] = {"kek-1.key", "kek-2.key", "index.key", "bad.key"};
    (void)state;
    for (size_t i = 0; i < CH_COUNT(names); i++)
        unlink(in_dir(names[i]));
    rmdir(dir);
    ch_arena_free(a);
    return 0;
}

static struct ch_ring *ring_with(uint32_t id)
{
    struct ch_ring *r = ch_ring_open(dir);
    struct ch_bytes wrapped;
    uint32_t kek;

    assert_non_null(r);
    assert_true(ch_ring_make(r, a, id, &kek, &wrapped));
    assert_true(ch_ring_add(r, id, kek, wrapped, true));
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
    assert_false(ch_decrypt(r, a, "order.note", ORDER, encrypted, &plain));
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
    assert_true(ch_keyfile_make(in_dir("kek-2.key"), 0400));
    assert_true(ch_ring_make(r, a, 2, &kek, &wrapped));
    assert_int_equal(kek, 1); /* this ring was opened before */
    assert_true(ch_ring_add(r, 2, kek, wrapped, true));
    assert_false(ch_ring_add(r, 2, kek, wrapped, true)); /* twice */
    assert_false(ch_ring_add(r, 3, kek, wrapped, true)); /* under another id */
    assert_false(ch_ring_add(r, 3, 99, wrapped, true));  /* a key-encryption key that is not there */
    assert_int_equal(ch_encrypt(r, a, "order.form", ORDER, CH_LIT("new")).p[4], 2);
    assert_true(ch_decrypt(r, a, "order.form", ORDER, old, &plain));
    assert_string_equal((const char *)plain.p, "old");
    ch_ring_free(r);
    r = ch_ring_open(dir);
    assert_true(ch_ring_make(r, a, 4, &kek, &wrapped));
    assert_int_equal(kek, 2);
    ch_ring_free(r);
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
    ch_ring_derive(r, "phone", x);
    ch_ring_derive(r, "csrf", y);
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
    assert_null(ch_ring_open("/tmp/certhall-no-such-folder"));
}

/* A ring that was filled afresh takes the place of the old one; what the old key encrypted opens as long as it is there. */
static void rings_are_replaced(void **state)
{
    struct ch_ring *r = ch_ring_open(dir), *fresh = ch_ring_open(dir), *later = ch_ring_open(dir);
    struct ch_bytes plain, one, two;
    uint32_t kek;

    (void)state;
    assert_true(ch_ring_make(r, a, 1, &kek, &one) && ch_ring_add(r, 1, kek, one, true));
    struct ch_bytes old = ch_encrypt(r, a, "order.form", ORDER, CH_LIT("old"));
    assert_true(ch_ring_make(fresh, a, 2, &kek, &two) && ch_ring_add(fresh, 1, kek, one, false) &&
                ch_ring_add(fresh, 2, kek, two, true) && ch_ring_add(later, 2, kek, two, true));
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
        *ok = ch_decrypt(ring, own, "p", ORDER, ch_encrypt(ring, own, "p", ORDER, CH_LIT("x")), &plain) && plain.p[0] == 'x';
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
    assert_true(ch_ring_rewrap(r, a, 1, &kek, &wrapped));
    for (size_t i = 0; i < CH_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, busy, r), 0);
    for (int i = 0; i < 300; i++) {
        struct ch_ring *fresh = ch_ring_open(dir);
        assert_true(ch_ring_add(fresh, 1, kek, wrapped, true));
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
    struct ch_ring *r = ring_with(7), *other = ch_ring_open(dir), *bare;
    struct ch_bytes plain, wrapped, encrypted = ch_encrypt(r, a, "order.form", ORDER, CH_LIT("x"));
    uint32_t kek;

    (void)state;
    assert_int_equal(ch_ring_kek(r), 2);
    assert_true(ch_ring_rewrap(r, a, 7, &kek, &wrapped));
    assert_false(ch_ring_rewrap(r, a, 8, &kek, &wrapped)); /* no such key */
    assert_int_equal(kek, 2);
    unlink(in_dir("kek-1.key"));
    bare = ch_ring_open(dir);
    assert_false(ch_ring_add(bare, 7, 1, wrapped, true));
    assert_false(ch_ring_add(bare, 8, 2, wrapped, true));
    assert_true(ch_ring_add(bare, 7, 2, wrapped, true));
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
        cmocka_unit_test(blind_hashes),
        cmocka_unit_test(key_files_are_private),
        cmocka_unit_test(rings_are_replaced),
        cmocka_unit_test(rings_are_replaced_under_threads),
        cmocka_unit_test(data_keys_are_rewrapped),
    };
    return cmocka_run_group_tests(tests, make_keys, remove_keys);
}
