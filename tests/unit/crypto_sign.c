/* SPDX-License-Identifier: Apache-2.0
 * Signatures with all three kinds of keys, the standard's own SM2 example, and what must not verify. */
#include "core/crypto/sign.h"

#include "core/base/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cmocka.h>

static struct ch_arena *a;

/* GB/T 32918.5 annex A.2: the public key, and r || s over "message digest". */
static const char standard_key[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAECfnfMR5UIaFQ3X0WHkvFxnIXn60YM/wHa7CP81bzUCDM6kkM4md1pS3G6nGMwapgCu0F+/NeCEpm"
    "MvYHLamtEw==\n-----END PUBLIC KEY-----\n";
static const char standard_rs[] = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
                                  "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";

static void sm2_of_the_standard(void **state)
{
    EVP_PKEY *key = ch_key_public_pem(CH_LIT(standard_key));
    struct ch_bytes raw, der;
    unsigned char again[64];

    (void)state;
    assert_non_null(key);
    assert_true(ch_unhex(a, standard_rs, &raw));
    assert_true(ch_sm2_raw_to_der(a, raw.p, &der));
    assert_true(ch_verify(key, NULL, CH_LIT("message digest"), der));
    assert_true(ch_verify(key, CH_SM2_ID, CH_LIT("message digest"), der));
    assert_false(ch_verify(key, "", CH_LIT("message digest"), der));
    assert_false(ch_verify(key, "N003261207", CH_LIT("message digest"), der));
    assert_false(ch_verify(key, NULL, CH_LIT("message digesu"), der));
    assert_true(ch_sm2_der_to_raw(der, again));
    assert_memory_equal(again, raw.p, 64);
    EVP_PKEY_free(key);
}

static void round_trip(EVP_PKEY *key)
{
    struct ch_bytes sig;
    unsigned char copy[512];

    assert_non_null(key);
    assert_true(ch_sign(a, key, NULL, CH_LIT("报文"), &sig));
    assert_true(ch_verify(key, NULL, CH_LIT("报文"), sig));
    assert_false(ch_verify(key, NULL, CH_LIT("报丈"), sig));
    assert_false(ch_verify(key, NULL, CH_LIT("报文"), CH_BYTES(sig.p, sig.n - 1)));
    assert_false(ch_verify(key, NULL, CH_LIT("报文"), CH_BYTES(NULL, 0)));
    memcpy(copy, sig.p, sig.n);
    copy[sig.n / 2] ^= 1;
    assert_false(ch_verify(key, NULL, CH_LIT("报文"), CH_BYTES(copy, sig.n)));
    assert_true(ch_sign(a, key, NULL, CH_BYTES(NULL, 0), &sig)); /* nothing is a message too */
    assert_true(ch_verify(key, NULL, CH_BYTES(NULL, 0), sig));
    EVP_PKEY_free(key);
}

static void each_kind_of_key(void **state)
{
    (void)state;
    round_trip(EVP_RSA_gen(2048));
    round_trip(EVP_EC_gen("P-256"));
    round_trip(EVP_PKEY_Q_keygen(NULL, NULL, "SM2"));
}

static void sm2_id_counts(void **state)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    struct ch_bytes sig;

    (void)state;
    assert_true(ch_sign(a, key, "N003261207", CH_LIT("x"), &sig));
    assert_true(ch_verify(key, "N003261207", CH_LIT("x"), sig));
    assert_false(ch_verify(key, NULL, CH_LIT("x"), sig));
    EVP_PKEY_free(key);
}

static void other_keys_are_refused(void **state)
{
    EVP_PKEY *p384 = EVP_EC_gen("P-384"), *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    struct ch_bytes sig;

    (void)state;
    assert_false(ch_sign(a, p384, NULL, CH_LIT("x"), &sig));
    assert_false(ch_sign(a, ed, NULL, CH_LIT("x"), &sig));
    EVP_PKEY_free(p384);
    EVP_PKEY_free(ed);
}

/* Writes a key to a file and reads it back; a decoded SM2 key has no numeric id, which must not matter. */
static void keys_from_files(void **state)
{
    char path[] = "/tmp/certhall-key-XXXXXX";
    FILE *f = fdopen(mkstemp(path), "w");
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    struct ch_bytes sig;

    (void)state;
    assert_int_equal(PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
    PEM_write_PUBKEY(f, key);
    fclose(f);
    EVP_PKEY *private_key = ch_key_private(path), *public_key = ch_key_public(path);
    assert_non_null(private_key);
    assert_non_null(public_key);
    assert_true(ch_sign(a, private_key, NULL, CH_LIT("x"), &sig));
    assert_true(ch_verify(public_key, NULL, CH_LIT("x"), sig));
    assert_false(ch_sign(a, public_key, NULL, CH_LIT("x"), &sig));
    unlink(path);
    assert_null(ch_key_private(path));
    assert_null(ch_key_public(path));
    assert_null(ch_key_public_pem(CH_LIT("no key")));
    assert_null(ch_key_public_pem(CH_BYTES(NULL, 0)));
    EVP_PKEY_free(private_key);
    EVP_PKEY_free(public_key);
    EVP_PKEY_free(key);
}

static void key_from_certificate(void **state)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    X509 *cert = X509_new();
    EVP_MD_CTX *ctx = ch_sign_ctx(key);
    BIO *out = BIO_new(BIO_s_mem());
    char *pem;

    (void)state;
    X509_set_pubkey(cert, key);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 60);
    assert_true(X509_sign_ctx(cert, ctx) > 0);
    PEM_write_bio_X509(out, cert);
    long n = BIO_get_mem_data(out, &pem);
    EVP_PKEY *read = ch_key_public_pem(CH_BYTES(pem, (size_t)n));
    assert_int_equal(EVP_PKEY_eq(read, key), 1);
    EVP_PKEY_free(read);
    EVP_MD_CTX_free(ctx);
    BIO_free(out);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static void raw_form_refuses(void **state)
{
    unsigned char raw[64] = {0};
    struct ch_bytes der;

    (void)state;
    assert_false(ch_sm2_raw_to_der(a, raw, &der)); /* zero is no signature */
    assert_false(ch_sm2_der_to_raw(CH_BYTES(NULL, 0), raw));
    assert_false(ch_sm2_der_to_raw(CH_LIT("\x30\x06\x02\x01\x01\x02\x01\xff"), raw));     /* negative */
    assert_false(ch_sm2_der_to_raw(CH_LIT("\x30\x06\x02\x01\x01\x02\x01\x01\x00"), raw)); /* trailing byte */
    assert_false(ch_sm2_der_to_raw(CH_LIT("\x30\x81\x06\x02\x01\x01\x02\x01\x01"), raw)); /* BER length */
    assert_true(ch_sm2_der_to_raw(CH_LIT("\x30\x06\x02\x01\x01\x02\x01\x02"), raw));
    assert_int_equal(raw[31], 1);
    assert_int_equal(raw[63], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sm2_of_the_standard), cmocka_unit_test(each_kind_of_key),
        cmocka_unit_test(sm2_id_counts),       cmocka_unit_test(other_keys_are_refused),
        cmocka_unit_test(keys_from_files),     cmocka_unit_test(key_from_certificate),
        cmocka_unit_test(raw_form_refuses),
    };
    a = ch_arena_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ch_arena_free(a);
    return failed;
}
