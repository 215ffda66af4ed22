/* SPDX-License-Identifier: Apache-2.0
 * Password hashes, and the cost that a real installation gets. */
#include "core/crypto/password.h"

#include "core/base/clock.h"
#include "core/base/config.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CHEAP 4

static struct ch_arena *a;

static void default_cost(void **state)
{
    (void)state;
    assert_string_equal(ch_conf_row(CONF_SCRYPT_LOG_N)->def, "15");
    char *stored = ch_password_hash(a, "correct horse", 15); /* above OpenSSL's own memory limit */
    assert_non_null(stored);
    assert_int_equal(strncmp(stored, "$scrypt$ln=15$", 14), 0);
    assert_true(ch_password_right(a, "correct horse", stored, 15));
}

static void right_and_wrong(void **state)
{
    (void)state;
    char *stored = ch_password_hash(a, "密码 123", CHEAP);
    assert_true(ch_password_right(a, "密码 123", stored, 15)); /* the stored cost counts */
    assert_false(ch_password_right(a, "密码 124", stored, CHEAP));
    assert_false(ch_password_right(a, "", stored, CHEAP));
    assert_string_not_equal(stored, ch_password_hash(a, "密码 123", CHEAP)); /* salted */
}

/* N = 16, r = 8, p = 1 over 16 zero bytes of salt, by Python's hashlib.scrypt. */
static void known_answer(void **state)
{
    (void)state;
    assert_true(ch_password_right(a, "pleaseletmein",
                                  "$scrypt$ln=4$AAAAAAAAAAAAAAAAAAAAAA$"
                                  "-mbjsoTbclfHqqn5NJL_aeKPyf3U-_kX2JlYIHNlvVY",
                                  CHEAP));
}

static void broken_records(void **state)
{
    static const char *const broken[] = {
        "",
        "$scrypt$",
        "$scrypt$ln=4$AAAA$BBBB",
        "$scrypt$ln=40$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=-1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };
    (void)state;
    for (size_t i = 0; i < CH_COUNT(broken); i++)
        assert_false(ch_password_right(a, "x", broken[i], CHEAP));
    char *stored = ch_password_hash(a, "x", CHEAP);
    assert_false(ch_password_right(a, "x", ch_printf(a, "%s ", stored), CHEAP));
    assert_null(ch_password_hash(a, "x", 0));
    assert_null(ch_password_hash(a, "x", 30));
}

/* An account that does not exist costs what a wrong password costs. */
static void nobody_takes_as_long(void **state)
{
    char *stored = ch_password_hash(a, "x", 13);

    (void)state;
    int64_t t0 = ch_tick_ms();
    for (int i = 0; i < 5; i++)
        assert_false(ch_password_right(a, "y", stored, 13));
    int64_t t1 = ch_tick_ms();
    for (int i = 0; i < 5; i++)
        assert_false(ch_password_right(a, "y", NULL, 13));
    int64_t t2 = ch_tick_ms();
    assert_true(t2 - t1 > (t1 - t0) / 4);
}

static void *one_login(void *stored)
{
    struct ch_arena *own = ch_arena_new();
    bool right = ch_password_right(own, "x", stored, CHEAP);
    ch_arena_free(own);
    return right ? stored : NULL;
}

static void many_at_once(void **state)
{
    pthread_t t[8];
    void *result;
    char *stored = ch_password_hash(a, "x", 10);

    (void)state;
    for (size_t i = 0; i < CH_COUNT(t); i++)
        assert_int_equal(pthread_create(&t[i], NULL, one_login, stored), 0);
    for (size_t i = 0; i < CH_COUNT(t); i++) {
        pthread_join(t[i], &result);
        assert_ptr_equal(result, stored);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_cost),   cmocka_unit_test(right_and_wrong),      cmocka_unit_test(known_answer),
        cmocka_unit_test(broken_records), cmocka_unit_test(nobody_takes_as_long), cmocka_unit_test(many_at_once),
    };
    a = ch_arena_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ch_arena_free(a);
    return failed;
}
