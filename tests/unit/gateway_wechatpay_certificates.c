/* SPDX-License-Identifier: Apache-2.0
 * WeChat's platform certificates: what an answer may hold, which of it is kept, and which is found again. */
#include "core/base/clock.h"
#include "core/gateway/wechatpay/certificates.h"
#include "core/gateway/wechatpay/sign.h"
#include "core/json/json.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define V3KEY "0123456789abcdef0123456789abcdef"
#define NONCE "abcdefghijkl"
#define SERIAL "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
#define DAY 86400

static struct ch_arena *a;
static EVP_PKEY *rsa, *ec;
static int64_t now;

/* A certificate that is good from `begins` to `ends`, seconds from now. */
static const char *pem(EVP_PKEY *key, const char *serial, long begins, long ends)
{
    X509 *x = X509_new();
    BIGNUM *n = NULL;
    BIO *out = BIO_new(BIO_s_mem());
    char *text;

    assert_true(BN_hex2bn(&n, serial) > 0);
    assert_non_null(BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)));
    X509_gmtime_adj(X509_getm_notBefore(x), begins);
    X509_gmtime_adj(X509_getm_notAfter(x), ends);
    X509_set_pubkey(x, key);
    assert_true(X509_sign(x, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_bio_X509(out, x), 1);
    long size = BIO_get_mem_data(out, &text);
    const char *copy = ch_strndup(a, text, (size_t)size);
    BIO_free(out);
    BN_free(n);
    X509_free(x);
    return copy;
}

/* One element of "data", encrypted as WeChat Pay does it. */
static const char *entry(const char *serial, const char *plain, const char *algorithm)
{
    return ch_printf(a,
                     "{\"serial_no\":\"%s\",\"effective_time\":\"2026-01-01T00:00:00+08:00\",\"expire_time\":"
                     "\"2031-01-01T00:00:00+08:00\",\"encrypt_certificate\":{\"algorithm\":\"%s\",\"nonce\":\"" NONCE
                     "\",\"associated_data\":\"certificate\",\"ciphertext\":\"%s\"}}",
                     serial, algorithm,
                     ch_wechatpay_encrypt(a, V3KEY, NONCE, "certificate", CH_BYTES(plain, strlen(plain))));
}

static bool reads(const char *entries, struct ch_wechatpay_certificates *list)
{
    const char *body = ch_printf(a, "{\"data\":[%s]}", entries);
    return ch_wechatpay_certificates_read(a, CH_BYTES(body, strlen(body)), V3KEY, now, list);
}

static void one_is_taken(void **state)
{
    struct ch_wechatpay_certificates list;

    (void)state;
    assert_true(reads(entry(SERIAL, pem(rsa, SERIAL, -DAY, DAY), "AEAD_AES_256_GCM"), &list));
    assert_int_equal(list.n, 1);
    const struct ch_wechatpay_certificate *c = ch_wechatpay_certificate_of(&list, SERIAL, now);
    assert_non_null(c);
    assert_int_equal(EVP_PKEY_eq(c->key, rsa), 1);
    assert_ptr_equal(ch_wechatpay_certificate_of(&list, "", now), c);
    assert_null(ch_wechatpay_certificate_of(&list, "5157F09EFDC096DE15EBE81A47057A7232F1B8E2", now));
    assert_null(ch_wechatpay_certificate_of(&list, SERIAL, now + 2 * DAY));
    ch_wechatpay_certificates_free(&list);
    assert_int_equal(list.n, 0);
}

static void the_newest_of_two(void **state)
{
    struct ch_wechatpay_certificates list;

    (void)state;
    assert_true(reads(ch_printf(a, "%s,%s", entry("6000000A", pem(rsa, "6000000A", -DAY, DAY), "AEAD_AES_256_GCM"),
                                entry("6000000B", pem(rsa, "6000000B", -9 * DAY, DAY), "AEAD_AES_256_GCM")),
                      &list));
    assert_int_equal(list.n, 2);
    assert_string_equal(ch_wechatpay_certificate_of(&list, "", now)->serial, "6000000A");
    assert_string_equal(ch_wechatpay_certificate_of(&list, "6000000B", now)->serial, "6000000B");
    ch_wechatpay_certificates_free(&list);
}

static void left_out(void **state)
{
    const char *const entries[] = {
        entry(SERIAL, pem(rsa, SERIAL, -2 * DAY, -DAY), "AEAD_AES_256_GCM"), /* over */
        entry(SERIAL, pem(rsa, SERIAL, DAY, 2 * DAY), "AEAD_AES_256_GCM"),   /* not yet */
        entry(SERIAL, pem(rsa, "6000000A", -DAY, DAY), "AEAD_AES_256_GCM"),  /* under another's serial */
        entry(SERIAL, pem(ec, SERIAL, -DAY, DAY), "AEAD_AES_256_GCM"),       /* no RSA key */
    };
    struct ch_wechatpay_certificates list;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(entries); i++) {
        assert_true(reads(entries[i], &list));
        assert_int_equal(list.n, 0);
        assert_null(ch_wechatpay_certificate_of(&list, "", now));
    }
}

static void refused(void **state)
{
    const char *good = entry(SERIAL, pem(rsa, SERIAL, -DAY, DAY), "AEAD_AES_256_GCM");
    struct ch_wechatpay_certificates list;

    (void)state;
    assert_false(reads(ch_printf(a, "%s,%s", good, entry(SERIAL, "no certificate", "AEAD_AES_256_GCM")), &list));
    assert_int_equal(list.n, 0);
    assert_false(reads(entry(SERIAL, pem(rsa, SERIAL, -DAY, DAY), "AEAD_SM4_GCM"), &list));
    assert_false(reads("{}", &list));
    assert_false(reads("1", &list));
    char *changed = strstr(ch_strdup(a, good), "\"ciphertext\":\"") + 14;
    changed[20] = changed[20] == 'A' ? 'B' : 'A';
    size_t before = (size_t)(strstr(good, "\"ciphertext\":\"") + 14 - good);
    assert_false(reads(ch_printf(a, "%.*s%s", (int)before, good, changed), &list));
    assert_false(ch_wechatpay_certificates_read(a, CH_LIT("{\"data\":{}}"), V3KEY, now, &list));
    assert_false(ch_wechatpay_certificates_read(a, CH_LIT("<html>"), V3KEY, now, &list));
    const char *many = good;
    for (int i = 0; i < CH_WECHATPAY_MAX_CERTIFICATES; i++)
        many = ch_printf(a, "%s,%s", many, good);
    assert_false(reads(many, &list));
    const char *body = ch_printf(a, "{\"data\":[%s]}", good);
    struct ch_bytes bytes = CH_BYTES(body, strlen(body));
    assert_false(ch_wechatpay_certificates_read(a, bytes, "0123456789abcdef0123456789abcdeF", now, &list));
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    now = ch_now_ms() / 1000;
    rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    ec = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    return rsa == NULL || ec == NULL;
}

static int end(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_is_taken),
        cmocka_unit_test(the_newest_of_two),
        cmocka_unit_test(left_out),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
