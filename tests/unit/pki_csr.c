/* SPDX-License-Identifier: Apache-2.0
 * Intake of certification requests: forms that are taken, and everything that is not. (What other implementations make
 * is tests/interop/node/issuance.test.mjs.) */
#include "core/pki/csr.h"

#include "core/base/codec.h"

#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;

/* A request of `key`'s for the public half of `certified`. */
static struct ch_bytes request(EVP_PKEY *key, EVP_PKEY *certified, EVP_MD_CTX *ctx)
{
    X509_REQ *req = X509_REQ_new();
    unsigned char *der = NULL;

    assert_int_equal(X509_REQ_set_pubkey(req, certified), 1);
    assert_non_null(ctx);
    assert_true(X509_REQ_sign_ctx(req, ctx) > 0);
    int n = i2d_X509_REQ(req, &der);
    struct ch_bytes out = ch_bytes_dup(a, CH_BYTES(der, (size_t)n));
    OPENSSL_free(der);
    EVP_MD_CTX_free(ctx);
    X509_REQ_free(req);
    (void)key;
    return out;
}

static enum ch_err read_der(struct ch_bytes der, const char *algorithm, struct ch_csr *out, struct ch_fault *f)
{
    *f = (struct ch_fault){0};
    return ch_csr_read(a, der, algorithm, out, f);
}

static void refused(struct ch_bytes text, const char *algorithm, const char *part)
{
    struct ch_fault f = {0};
    struct ch_csr csr;

    assert_int_equal(ch_csr_read(a, text, algorithm, &csr, &f), CH_E_INVALID);
    assert_string_equal(f.pointer, "/csr");
    assert_non_null(strstr(f.sentence, part));
}

static struct ch_bytes text(const char *s)
{
    return CH_BYTES(s, strlen(s));
}

static struct ch_bytes own(const char *algorithm)
{
    EVP_PKEY *key = ch_alg_key(algorithm);
    struct ch_bytes der;

    assert_true(ch_csr_make(a, key, NULL, &der));
    EVP_PKEY_free(key);
    return der;
}

static void made_and_read(void **state)
{
    static const char *const algorithms[] = {"sm2", "rsa", "p256"};
    struct ch_fault f;
    struct ch_csr csr;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(algorithms); i++) {
        EVP_PKEY *key = ch_alg_key(algorithms[i]);
        unsigned char spki[CH_SHA256_BYTES];
        struct ch_bytes der;
        assert_true(ch_csr_make(a, key, NULL, &der));
        assert_int_equal(read_der(der, algorithms[i], &csr, &f), CH_OK);
        assert_int_equal(EVP_PKEY_eq(csr.key, key), 1);
        assert_string_equal(csr.algorithm, algorithms[i]);
        ch_sha256(ch_alg_public_der(a, key), spki);
        assert_memory_equal(csr.public_sha256, spki, sizeof spki);
        assert_int_equal(csr.der.n, der.n);
        EVP_PKEY_free(key);
    }
}

static void forms(void **state)
{
    const char *b64 = ch_base64(a, own("sm2"));
    struct ch_fault f;
    struct ch_csr csr;
    const char *good[] = {
        b64,
        ch_printf(a, "\n\t %.10s\r\n%s \r\n", b64, b64 + 10),
        ch_printf(a, "-----BEGIN CERTIFICATE REQUEST-----\n%s\n-----END CERTIFICATE REQUEST-----\n\n", b64),
        ch_printf(a, "  -----BEGIN NEW CERTIFICATE REQUEST-----%s-----END NEW CERTIFICATE REQUEST-----", b64),
    };
    const char *bad[] = {
        ch_printf(a, "%sAAAA", b64),
        ch_printf(a, "x%s", b64),
        ch_printf(a, "-----BEGIN CERTIFICATE REQUEST-----\n%s", b64),
        ch_printf(a, "-----BEGIN CERTIFICATE REQUEST-----\n%s\n-----END NEW CERTIFICATE REQUEST-----", b64),
        ch_printf(a, "%s\n-----BEGIN CERTIFICATE REQUEST-----\n%s\n-----END CERTIFICATE REQUEST-----", b64, b64),
        ch_printf(a, "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----"),
        "-----BEGIN CERTIFICATE REQUEST-----",
        "M",
        "=",
        "\x01",
        "0",
    };

    (void)state;
    for (size_t i = 0; i < CH_COUNT(good); i++)
        assert_int_equal(read_der(text(good[i]), "sm2", &csr, &f), CH_OK);
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        refused(text(bad[i]), "sm2", "不是一份证书请求");
    refused(text(""), "sm2", "请选择或粘贴");
    refused(text("  \n"), "sm2", "不是一份证书请求");
    char *large = ch_alloc(a, CH_CSR_MAX + 1);
    memset(large, 'M', CH_CSR_MAX + 1);
    refused(CH_BYTES(large, CH_CSR_MAX + 1), "sm2", "8 KB");
    refused(CH_BYTES(large, CH_CSR_MAX), "sm2", "不是一份证书请求");
    char *nul = ch_printf(a, "%s ", b64);
    nul[20] = '\0';
    refused(CH_BYTES(nul, strlen(b64)), "sm2", "不是一份证书请求");
}

static void every_truncation_and_every_bit(void **state)
{
    struct ch_bytes der = own("sm2");
    unsigned char *changed = (unsigned char *)ch_bytes_dup(a, der).p;
    struct ch_fault f;
    struct ch_csr csr;

    (void)state;
    for (size_t n = 0; n < der.n; n++)
        assert_int_equal(read_der(CH_BYTES(der.p, n), "sm2", &csr, &f), CH_E_INVALID);
    for (size_t i = 0; i < der.n; i++) {
        changed[i] ^= 1;
        assert_int_equal(read_der(CH_BYTES(changed, der.n), "sm2", &csr, &f), CH_E_INVALID);
        changed[i] ^= 1;
    }
    assert_int_equal(read_der(CH_BYTES(changed, der.n), "sm2", &csr, &f), CH_OK);
}

/* A context as OpenSSL makes it by itself: with the empty id. */
static EVP_MD_CTX *plain_ctx(EVP_PKEY *key, const EVP_MD *md)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    assert_int_equal(EVP_DigestSignInit(ctx, NULL, md, NULL, key), 1);
    return ctx;
}

static void wrong_id_and_swapped_key(void **state)
{
    EVP_PKEY *key = ch_alg_key("sm2"), *other = ch_alg_key("sm2");
    struct ch_fault f;
    struct ch_csr csr;

    (void)state;
    refused(request(key, key, plain_ctx(key, EVP_sm3())), "sm2", "1234567812345678");
    refused(request(key, other, ch_sign_ctx(key)), "sm2", "签名不成立");
    assert_int_equal(read_der(request(key, key, ch_sign_ctx(key)), "sm2", &csr, &f), CH_OK);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}

static void keys_that_are_not_worked_with(void **state)
{
    EVP_PKEY *bad[] = {EVP_RSA_gen(1024), EVP_EC_gen("P-384"), EVP_EC_gen("secp256k1"),
                       EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++) {
        const EVP_MD *md = EVP_PKEY_is_a(bad[i], "ED25519") ? NULL : EVP_sha256();
        refused(request(bad[i], bad[i], plain_ctx(bad[i], md)), "p256", "不受支持");
        EVP_PKEY_free(bad[i]);
    }
    refused(own("rsa"), "sm2", "使用 SM2 密钥");
    refused(own("sm2"), "rsa", "使用 RSA 密钥");
    refused(own("sm2"), "p256", "使用 P-256 密钥");
}

/* RSA and P-256 sign with SHA-256 here and with nothing else. */
static void another_digest(void **state)
{
    EVP_PKEY *rsa = EVP_RSA_gen(2048), *p256 = EVP_EC_gen("P-256"), *large = EVP_RSA_gen(5120);

    (void)state;
    refused(request(rsa, rsa, plain_ctx(rsa, EVP_sha1())), "rsa", "签名不成立");
    refused(request(rsa, rsa, plain_ctx(rsa, EVP_sha512())), "rsa", "签名不成立");
    refused(request(p256, p256, plain_ctx(p256, EVP_sha384())), "p256", "签名不成立");
    refused(request(large, large, ch_sign_ctx(large)), "rsa", "不合格");
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(large);
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_and_read),
        cmocka_unit_test(forms),
        cmocka_unit_test(every_truncation_and_every_bit),
        cmocka_unit_test(wrong_id_and_swapped_key),
        cmocka_unit_test(keys_that_are_not_worked_with),
        cmocka_unit_test(another_digest),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
