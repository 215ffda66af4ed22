/* SPDX-License-Identifier: Apache-2.0
 * Records and proofs of passwords, and the cost that a real installation gets. */
#include "core/crypto/password.h"

#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/crypto/digest.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CHEAP 4

static struct ch_arena *a;

/* The part of the database (hall.password_salt, hall.password_right): it gives out the salt and keeps the verifier. */
static bool lets_in(struct ch_arena *own, const char *password, const char *record)
{
    unsigned char proof[CH_PASSWORD_PROOF], digest[CH_SHA256_BYTES];
    const char *verifier = strrchr(record, '$');
    char *salt = ch_strndup(own, record, (size_t)(verifier - record));

    if (!ch_password_proof(own, password, salt, proof))
        return false;
    ch_sha256(CH_BYTES(proof, sizeof proof), digest);
    return strcmp(ch_base64url(own, CH_BYTES(digest, sizeof digest)), verifier + 1) == 0;
}

static void default_cost(void **state)
{
    (void)state;
    assert_string_equal(ch_conf_row(CONF_SCRYPT_LOG_N)->def, "15");
    char *record = ch_password_record(a, "correct horse", 15); /* above OpenSSL's own memory limit */
    assert_non_null(record);
    assert_int_equal(strncmp(record, "$scrypt$ln=15$", 14), 0);
    assert_true(lets_in(a, "correct horse", record));
}

static void right_and_wrong(void **state)
{
    (void)state;
    char *record = ch_password_record(a, "密码 123", CHEAP);
    assert_true(lets_in(a, "密码 123", record));
    assert_false(lets_in(a, "密码 124", record));
    assert_false(lets_in(a, "", record));
    assert_string_not_equal(record, ch_password_record(a, "密码 123", CHEAP)); /* salted */
}

/* N = 16, r = 8, p = 1 over 16 zero bytes of salt, by Python's hashlib.scrypt. The proof itself is in no record. */
static void known_answer(void **state)
{
    unsigned char proof[CH_PASSWORD_PROOF];

    (void)state;
    assert_true(ch_password_proof(a, "pleaseletmein", "$scrypt$ln=4$AAAAAAAAAAAAAAAAAAAAAA", proof));
    assert_string_equal(ch_base64url(a, CH_BYTES(proof, sizeof proof)), "-mbjsoTbclfHqqn5NJL_aeKPyf3U-_kX2JlYIHNlvVY");
}

static void broken_salts(void **state)
{
    static const char *const broken[] = {
        "",
        "$scrypt$",
        "$scrypt$ln=4$AAAA",
        "$scrypt$ln=40$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=-1$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=4$AAAAAAAAAAAAAAAAAAAAAA$",
        "$scrypt$ln=4$AAAAAAAAAAAAAAAAAAAAAA ",
    };
    unsigned char proof[CH_PASSWORD_PROOF];

    (void)state;
    for (size_t i = 0; i < CH_COUNT(broken); i++)
        assert_false(ch_password_proof(a, "x", broken[i], proof));
    assert_null(ch_password_record(a, "x", 0));
    assert_null(ch_password_record(a, "x", 30));
}

static void *one_login(void *record)
{
    struct ch_arena *own = ch_arena_new();
    bool right = lets_in(own, "x", record);
    ch_arena_free(own);
    return right ? record : NULL;
}

static void many_at_once(void **state)
{
    pthread_t t[8];
    void *result;
    char *record = ch_password_record(a, "x", 10);

    (void)state;
    for (size_t i = 0; i < CH_COUNT(t); i++)
        assert_int_equal(pthread_create(&t[i], NULL, one_login, record), 0);
    for (size_t i = 0; i < CH_COUNT(t); i++) {
        pthread_join(t[i], &result);
        assert_ptr_equal(result, record);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_cost), cmocka_unit_test(right_and_wrong), cmocka_unit_test(known_answer),
        cmocka_unit_test(broken_salts), cmocka_unit_test(many_at_once),
    };
    a = ch_arena_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ch_arena_free(a);
    return failed;
}
