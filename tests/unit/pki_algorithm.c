/* SPDX-License-Identifier: Apache-2.0
 * The one function that verifies signed structures: what it takes, and everything that must not pass. */
#include "core/pki/certificate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"sm2", "rsa", "p256"};

static struct ch_arena *a;

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    ch_arena_free(a);
    return 0;
}

/* A certificate that `key` signs for itself, DER. */
static struct ch_bytes self_signed(EVP_PKEY *key)
{
    unsigned char tbs[CH_SM3_BYTES];
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);

    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"甲", -1, -1, 0), 1);
    assert_int_equal(X509_set_issuer_name(cert, name), 1);
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 0xBEEF);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    assert_true(ch_cert_fix(cert, key, tbs));
    assert_true(ch_cert_sign(cert, key, tbs));
    struct ch_bytes der = ch_cert_der(a, cert);
    X509_free(cert);
    return der;
}

static void each_algorithm_verifies_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < CH_COUNT(names); i++) {
        EVP_PKEY *key = ch_alg_key(names[i]), *other = ch_alg_key(names[i]);
        struct ch_bytes der = self_signed(key);
        X509 *cert = ch_cert_read(der);
        assert_string_equal(ch_alg_of(key), names[i]);
        assert_true(ch_alg_signed_verify(der, key));
        assert_false(ch_alg_signed_verify(der, other));
        assert_true(ch_cert_verify(cert, cert));
        assert_string_equal(ch_cert_serial(a, cert), "000000000000BEEF");
        assert_string_equal(ch_cert_subject(a, cert), "CN=甲");
        X509_free(cert);
        EVP_PKEY_free(key);
        EVP_PKEY_free(other);
    }
}

static void a_key_of_another_algorithm_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < CH_COUNT(names); i++) {
        EVP_PKEY *key = ch_alg_key(names[i]);
        struct ch_bytes der = self_signed(key);
        for (size_t j = 0; j < CH_COUNT(names); j++) {
            EVP_PKEY *other = ch_alg_key(names[j]);
            assert_false(ch_alg_signed_verify(der, other));
            EVP_PKEY_free(other);
        }
        EVP_PKEY_free(key);
    }
}

static void every_cut_and_every_changed_byte_is_refused(void **state)
{
    (void)state;
    EVP_PKEY *key = ch_alg_key("p256");
    struct ch_bytes der = self_signed(key);
    unsigned char *copy = ch_alloc(a, der.n + 1);

    for (size_t n = 0; n < der.n; n++)
        assert_false(ch_alg_signed_verify(CH_BYTES(der.p, n), key));
    for (size_t i = 0; i < der.n; i++) {
        memcpy(copy, der.p, der.n);
        copy[i] ^= 1;
        assert_false(ch_alg_signed_verify(CH_BYTES(copy, der.n), key));
    }
    memcpy(copy, der.p, der.n);
    copy[der.n] = 0; /* a byte behind it */
    assert_false(ch_alg_signed_verify(CH_BYTES(copy, der.n + 1), key));
    EVP_PKEY_free(key);
}

/* What OpenSSL does by itself: X509_sign takes the empty id, with which nobody else verifies. */
static void sm2_under_another_id_is_refused(void **state)
{
    (void)state;
    EVP_PKEY *key = ch_alg_key("sm2");
    struct ch_bytes der = self_signed(key);
    X509 *cert = ch_cert_read(der);

    assert_true(X509_sign(cert, key, EVP_sm3()) > 0);
    assert_false(ch_alg_signed_verify(ch_cert_der(a, cert), key));
    assert_false(ch_cert_verify(cert, cert));
    X509_free(cert);
    EVP_PKEY_free(key);
}

static void keys_that_the_hall_does_not_work_with(void **state)
{
    (void)state;
    EVP_PKEY *keys[] = {EVP_RSA_gen(1024), EVP_EC_gen("P-384"), EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), EVP_EC_gen("SM2")};

    for (size_t i = 0; i < CH_COUNT(keys); i++) {
        assert_non_null(keys[i]);
        assert_null(ch_alg_of(keys[i]));
        EVP_PKEY_free(keys[i]);
    }
    assert_null(ch_alg_of(NULL));
    assert_false(ch_alg_known("ed25519"));
    assert_null(ch_alg_key("dsa"));
}

static void what_is_no_certificate_is_not_read(void **state)
{
    (void)state;
    EVP_PKEY *key = ch_alg_key("sm2");
    struct ch_bytes der = self_signed(key);
    unsigned char *more = ch_alloc(a, der.n + 1);

    memcpy(more, der.p, der.n);
    more[der.n] = 0;
    assert_null(ch_cert_read(CH_BYTES(more, der.n + 1)));
    assert_null(ch_cert_read(CH_BYTES(der.p, der.n - 1)));
    assert_null(ch_cert_read(CH_BYTES(NULL, 0)));
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_algorithm_verifies_its_own),
        cmocka_unit_test(a_key_of_another_algorithm_is_refused),
        cmocka_unit_test(every_cut_and_every_changed_byte_is_refused),
        cmocka_unit_test(sm2_under_another_id_is_refused),
        cmocka_unit_test(keys_that_the_hall_does_not_work_with),
        cmocka_unit_test(what_is_no_certificate_is_not_read),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
