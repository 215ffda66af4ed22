/* SPDX-License-Identifier: Apache-2.0
 * Enveloped encryption keys, and nothing but whole ones for the right recipient opened. */
#include "core/pki/envelope.h"

#include "core/pki/algorithm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;
static EVP_PKEY *recipient, *pair;

static bool opens(struct ch_bytes der, EVP_PKEY *with)
{
    EVP_PKEY *key = ch_envelope_open(der, with);
    bool same = key != NULL && EVP_PKEY_eq(key, pair) == 1;

    EVP_PKEY_free(key);
    return same;
}

static void there_and_back(void **state)
{
    struct ch_bytes der;

    (void)state;
    assert_true(ch_envelope_make(a, recipient, pair, &der));
    assert_true(opens(der, recipient));
    EVP_PKEY *key = ch_envelope_open(der, recipient);
    struct ch_bytes sig;
    assert_true(ch_sign(a, key, NULL, CH_LIT("x"), &sig)); /* the private half is whole */
    assert_true(ch_verify(pair, NULL, CH_LIT("x"), sig));
    EVP_PKEY_free(key);
}

static void wrong_recipients(void **state)
{
    EVP_PKEY *other = ch_alg_key("sm2"), *rsa = ch_alg_key("rsa"), *p256 = ch_alg_key("p256");
    struct ch_bytes der, none;

    (void)state;
    assert_true(ch_envelope_make(a, recipient, pair, &der));
    assert_false(opens(der, other));
    assert_false(opens(der, rsa));
    assert_false(ch_envelope_make(a, rsa, pair, &none));
    assert_false(ch_envelope_make(a, p256, pair, &none));
    assert_false(ch_envelope_make(a, recipient, p256, &none));
    EVP_PKEY_free(other);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(p256);
}

static void public_half_alone(void **state)
{
    struct ch_bytes spki = ch_alg_public_der(a, pair), none;
    const unsigned char *p = spki.p;
    EVP_PKEY *public = d2i_PUBKEY(NULL, &p, (long)spki.n);

    (void)state;
    assert_false(ch_envelope_make(a, recipient, public, &none));
    assert_true(ch_envelope_make(a, public, pair, &none)); /* enough for a recipient */
    EVP_PKEY_free(public);
}

static void truncated_and_changed(void **state)
{
    struct ch_bytes der;

    (void)state;
    assert_true(ch_envelope_make(a, recipient, pair, &der));
    unsigned char *changed = (unsigned char *)ch_bytes_dup(a, der).p;
    for (size_t n = 0; n < der.n; n++)
        assert_false(opens(CH_BYTES(der.p, n), recipient));
    for (size_t i = 0; i < der.n; i++) {
        changed[i] ^= 1;
        assert_false(opens(CH_BYTES(changed, der.n), recipient));
        changed[i] ^= 1;
    }
    assert_true(opens(CH_BYTES(changed, der.n), recipient));
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    recipient = ch_alg_key("sm2");
    pair = ch_alg_key("sm2");
    return 0;
}

static int end(void **state)
{
    (void)state;
    EVP_PKEY_free(recipient);
    EVP_PKEY_free(pair);
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(wrong_recipients),
        cmocka_unit_test(public_half_alone),
        cmocka_unit_test(truncated_and_changed),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
