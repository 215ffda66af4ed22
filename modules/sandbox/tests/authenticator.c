/* SPDX-License-Identifier: Apache-2.0
 * What the software authenticator signs is what the hall takes, for that page, challenge and key alone. */
#include "core/base/codec.h"
#include "core/crypto/sign.h"
#include "modules/sandbox/authenticator/authenticator.h"
#include "modules/sandbox/keys_make.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>

#define ORIGIN "http://desk.localhost:8080"
#define HOST "desk.localhost"

static struct ch_arena *a;
static EVP_PKEY *key, *other;
static unsigned char bytes[32] = "a challenge of thirty-two bytes";
static const struct ch_bytes challenge = {bytes, sizeof bytes};

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    key = EVP_EC_gen("P-256");
    other = EVP_EC_gen("P-256");
    return key != NULL && other != NULL ? 0 : 1;
}

static int end(void **state)
{
    (void)state;
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
    ch_arena_free(a);
    return 0;
}

static bool taken(const struct ch_assertion *made, const char *origin, const char *host, struct ch_bytes asked,
                  EVP_PKEY *by, uint32_t *count)
{
    const struct ch_webauthn_site site = {origin, host};
    struct authenticator_public known;

    assert_true(authenticator_public(by, &known));
    return ch_webauthn_asserted(a, NULL, &site, asked, made, known.point, count) == CH_OK;
}

static void the_hall_takes_it(void **state)
{
    const struct ch_webauthn_site site = {ORIGIN, HOST};
    struct authenticator_public known;
    struct ch_assertion made;
    unsigned char wrong[sizeof bytes] = "another one";
    uint32_t count = 7;

    (void)state;
    assert_true(authenticator_assert(a, key, &site, challenge, &made));
    assert_true(taken(&made, ORIGIN, HOST, challenge, key, &count));
    assert_int_equal(count, 0);
    assert_true(authenticator_public(key, &known));
    assert_true(ch_same(made.credential, CH_BYTES(known.credential, sizeof known.credential)));

    assert_false(taken(&made, ORIGIN "0", HOST, challenge, key, NULL));
    assert_false(taken(&made, ORIGIN, "localhost", challenge, key, NULL));
    assert_false(taken(&made, ORIGIN, HOST, CH_BYTES(wrong, sizeof wrong), key, NULL));
    assert_false(taken(&made, ORIGIN, HOST, challenge, other, NULL));
}

static void an_id_is_the_digest_of_the_point(void **state)
{
    struct authenticator_public known;
    unsigned char digest[CH_SHA256_BYTES];

    (void)state;
    assert_true(authenticator_public(key, &known));
    assert_int_equal(known.point[0], 4);
    ch_sha256(CH_BYTES(known.point, sizeof known.point), digest);
    assert_memory_equal(known.credential, digest, sizeof digest);
}

static void other_curves_are_no_passkeys(void **state)
{
    static const char *const curves[] = {"P-384", "secp256k1"};
    const struct ch_webauthn_site site = {ORIGIN, HOST};
    struct authenticator_public known;
    struct ch_assertion made;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(curves); i++) {
        EVP_PKEY *wrong = EVP_EC_gen(curves[i]);
        assert_non_null(wrong);
        assert_false(authenticator_public(wrong, &known));
        assert_false(authenticator_assert(a, wrong, &site, challenge, &made));
        EVP_PKEY_free(wrong);
    }
}

/* The names of passkeys are names of files. */
static void names(void **state)
{
    (void)state;
    assert_true(keys_passkey_name("review2"));
    assert_true(keys_passkey_name("a-b_c"));
    assert_true(keys_passkey_name("abcdefghijklmnopqrstuvwxyz012345"));
    assert_false(keys_passkey_name("abcdefghijklmnopqrstuvwxyz0123456"));
    assert_false(keys_passkey_name(""));
    assert_false(keys_passkey_name("../review"));
    assert_false(keys_passkey_name("Review"));
    assert_false(keys_passkey_name("a b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_hall_takes_it, begin, end),
        cmocka_unit_test_setup_teardown(an_id_is_the_digest_of_the_point, begin, end),
        cmocka_unit_test_setup_teardown(other_curves_are_no_passkeys, begin, end),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
