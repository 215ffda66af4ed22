/* SPDX-License-Identifier: Apache-2.0
 * Signing and verifying by OpenSSL, with the SM2 id set. */
#include "core/crypto/sign.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <string.h>

/* Refuses encrypted keys. OpenSSL would otherwise ask for the passphrase on the terminal. */
static int no_passphrase(char *buf, int size, int rwflag, void *arg)
{
    (void)buf, (void)size, (void)rwflag, (void)arg;
    return -1;
}

EVP_PKEY *ch_key_private(const char *path)
{
    BIO *in = BIO_new_file(path, "r");
    EVP_PKEY *key = in != NULL ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL) : NULL;

    BIO_free(in);
    if (key == NULL)
        ERR_clear_error();
    return key;
}

/* Reads a public key, or that of a certificate. `in` must be seekable. */
static EVP_PKEY *read_public_key(BIO *in)
{
    EVP_PKEY *key = PEM_read_bio_PUBKEY(in, NULL, no_passphrase, NULL);

    if (key == NULL && BIO_reset(in) >= 0) {
        X509 *cert = PEM_read_bio_X509(in, NULL, no_passphrase, NULL);
        key = cert != NULL ? X509_get_pubkey(cert) : NULL;
        X509_free(cert);
    }
    ERR_clear_error();
    return key;
}

EVP_PKEY *ch_key_public(const char *path)
{
    BIO *in = BIO_new_file(path, "r");
    EVP_PKEY *key = in != NULL ? read_public_key(in) : NULL;

    BIO_free(in);
    ERR_clear_error();
    return key;
}

EVP_PKEY *ch_key_public_pem(struct ch_bytes pem)
{
    if (pem.n > INT_MAX)
        return NULL;
    BIO *in = BIO_new_mem_buf(pem.n > 0 ? (const void *)pem.p : "", (int)pem.n);
    EVP_PKEY *key = in != NULL ? read_public_key(in) : NULL;

    BIO_free(in);
    return key;
}

EVP_PKEY *ch_key_p256(struct ch_bytes point)
{
    char group[] = "P-256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point.p, point.n),
        OSSL_PARAM_construct_end(),
    };
    if (point.n != 65 || point.p[0] != 4) /* uncompressed */
        return NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;

    if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1) /* refuses a point that is not on the curve */
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

bool ch_key_is_p256(const EVP_PKEY *key)
{
    char group[32];

    return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

/* The digest for signatures of the key, or NULL for a key that the hall does not work with. Keys are told apart by name, never by
 * EVP_PKEY_get_id: an SM2 key that was read from a file has no id. */
static const char *digest_of(const EVP_PKEY *key)
{
    if (EVP_PKEY_is_a(key, "SM2"))
        return "SM3";
    return EVP_PKEY_is_a(key, "RSA") || ch_key_is_p256(key) ? "SHA256" : NULL;
}

/* The id is set after the context was initialized: OpenSSL 3.0.19 refuses it in EVP_DigestSignInit_ex. */
static bool set_sm2_id(EVP_PKEY_CTX *pctx, const char *id)
{
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_DIST_ID, (void *)(uintptr_t)id, strlen(id)),
        OSSL_PARAM_construct_end()};

    return EVP_PKEY_CTX_set_params(pctx, params) == 1;
}

/* A context that signs or verifies with `key`; NULL when the key is not one for that. */
static EVP_MD_CTX *new_context(EVP_PKEY *key, const char *id, bool verify)
{
    const char *digest = digest_of(key);
    EVP_MD_CTX *ctx = digest != NULL ? EVP_MD_CTX_new() : NULL;
    EVP_PKEY_CTX *pctx = NULL; /* owned by ctx */

    if (ctx == NULL)
        return NULL;
    int ok = verify ? EVP_DigestVerifyInit_ex(ctx, &pctx, digest, NULL, NULL, key, NULL)
                    : EVP_DigestSignInit_ex(ctx, &pctx, digest, NULL, NULL, key, NULL);
    if (ok == 1 && (!EVP_PKEY_is_a(key, "SM2") || set_sm2_id(pctx, id != NULL ? id : CH_SM2_ID)))
        return ctx;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return NULL;
}

EVP_MD_CTX *ch_sign_ctx(EVP_PKEY *key)
{
    return new_context(key, NULL, false);
}

bool ch_sign(struct ch_arena *a, EVP_PKEY *key, const char *id, struct ch_bytes msg, struct ch_bytes *sig)
{
    EVP_MD_CTX *ctx = new_context(key, id, false);
    size_t n = 0;
    bool ok = false;

    if (ctx == NULL)
        return false;
    if (EVP_DigestSign(ctx, NULL, &n, msg.p, msg.n) == 1) {
        unsigned char *out = ch_alloc(a, n);
        ok = EVP_DigestSign(ctx, out, &n, msg.p, msg.n) == 1; /* n becomes the actual length */
        *sig = CH_BYTES(out, ok ? n : 0);
    }
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return ok;
}

bool ch_verify(EVP_PKEY *key, const char *id, struct ch_bytes msg, struct ch_bytes sig)
{
    EVP_MD_CTX *ctx = new_context(key, id, true);
    bool ok = ctx != NULL && EVP_DigestVerify(ctx, sig.p, sig.n, msg.p, msg.n) == 1;

    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return ok;
}

/* Whether `sig` encodes to exactly these bytes: only the DER form of a signature is accepted. */
static bool encodes_to(const ECDSA_SIG *sig, struct ch_bytes der)
{
    unsigned char *again = NULL;
    int n = i2d_ECDSA_SIG(sig, &again);
    bool same = n > 0 && (size_t)n == der.n && memcmp(again, der.p, der.n) == 0;

    OPENSSL_free(again);
    return same;
}

bool ch_sm2_der_to_raw(struct ch_bytes der, unsigned char raw[64])
{
    const unsigned char *p = der.p;
    ECDSA_SIG *sig = der.n > 0 && der.n <= 80 ? d2i_ECDSA_SIG(NULL, &p, (long)der.n) : NULL;
    bool ok = sig != NULL && encodes_to(sig, der) && !BN_is_negative(ECDSA_SIG_get0_r(sig)) &&
              !BN_is_negative(ECDSA_SIG_get0_s(sig)) && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, 32) == 32 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + 32, 32) == 32;

    ECDSA_SIG_free(sig);
    ERR_clear_error();
    return ok;
}

bool ch_sm2_raw_to_der(struct ch_arena *a, const unsigned char raw[64], struct ch_bytes *der)
{
    BIGNUM *r = BN_bin2bn(raw, 32, NULL), *s = BN_bin2bn(raw + 32, 32, NULL);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    unsigned char *out = NULL;
    int n = -1;

    if (r != NULL && s != NULL && sig != NULL && !BN_is_zero(r) && !BN_is_zero(s) && ECDSA_SIG_set0(sig, r, s) == 1) {
        r = s = NULL; /* now owned by sig */
        n = i2d_ECDSA_SIG(sig, &out);
    }
    if (n > 0)
        *der = ch_bytes_dup(a, CH_BYTES(out, (size_t)n));
    OPENSSL_free(out);
    ECDSA_SIG_free(sig);
    BN_free(r);
    BN_free(s);
    return n > 0;
}
