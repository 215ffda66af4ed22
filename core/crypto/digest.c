/* SPDX-License-Identifier: Apache-2.0
 * The digests, by OpenSSL. */
#include "core/crypto/digest.h"

#include "core/base/codec.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Fetching an algorithm searches the providers, so it is done once. All threads share the results, which are never freed. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256, *sm3, *md5;
static EVP_MAC_CTX *hmac_sha256, *hmac_sha1; /* duplicated for each use; NULL if this OpenSSL forbids the digest */
static EVP_KDF *hkdf;

/* A context for HMAC with that digest. Its key is a placeholder that each use replaces. NULL if the digest is forbidden. */
static EVP_MAC_CTX *new_hmac(EVP_MAC *hmac, char *digest)
{
    static const unsigned char no_key[CH_SHA256_BYTES];
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(hmac);

    if (EVP_MAC_init(ctx, no_key, sizeof no_key, params) == 1)
        return ctx;
    EVP_MAC_CTX_free(ctx);
    return NULL;
}

static void fetch_digests(void)
{
    char name_sha256[] = "SHA256", name_sha1[] = "SHA1";
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    sm3 = EVP_MD_fetch(NULL, "SM3", NULL);
    md5 = EVP_MD_fetch(NULL, "MD5", NULL);
    hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    if (hmac != NULL) {
        hmac_sha256 = new_hmac(hmac, name_sha256);
        hmac_sha1 = new_hmac(hmac, name_sha1);
        EVP_MAC_free(hmac);
    }
    if (sha256 == NULL || sm3 == NULL || hmac_sha256 == NULL || hkdf == NULL)
        abort(); /* the hall cannot run with this OpenSSL */
}

/* Digests fail only when memory runs out, which ends the process as in the arena. */
static void ensure(int ok)
{
    if (ok != 1)
        abort();
}

void ch_sha256(struct ch_bytes in, unsigned char out[CH_SHA256_BYTES])
{
    pthread_once(&once, fetch_digests);
    ensure(EVP_Digest(in.p, in.n, out, NULL, sha256, NULL));
}

void ch_sm3(struct ch_bytes in, unsigned char out[CH_SM3_BYTES])
{
    pthread_once(&once, fetch_digests);
    ensure(EVP_Digest(in.p, in.n, out, NULL, sm3, NULL));
}

void ch_legacy_md5(struct ch_bytes in, unsigned char out[CH_MD5_BYTES])
{
    pthread_once(&once, fetch_digests);
    if (md5 == NULL)
        abort(); /* with this OpenSSL the hall cannot talk to SF and JD; nothing else uses MD5 */
    ensure(EVP_Digest(in.p, in.n, out, NULL, md5, NULL));
}

static void hmac_with(const EVP_MAC_CTX *kind, struct ch_bytes key, struct ch_bytes in, unsigned char *out, size_t size)
{
    /* A NULL key would mean the former key, so an empty key needs a pointer. */
    const unsigned char *k = key.n > 0 ? key.p : (const unsigned char *)"";
    EVP_MAC_CTX *ctx = kind != NULL ? EVP_MAC_CTX_dup(kind) : NULL;

    ensure(ctx != NULL);
    ensure(EVP_MAC_init(ctx, k, key.n, NULL));
    ensure(EVP_MAC_update(ctx, in.p, in.n));
    ensure(EVP_MAC_final(ctx, out, NULL, size));
    EVP_MAC_CTX_free(ctx);
}

void ch_hmac_sha256(struct ch_bytes key, struct ch_bytes in, unsigned char out[CH_SHA256_BYTES])
{
    pthread_once(&once, fetch_digests);
    hmac_with(hmac_sha256, key, in, out, CH_SHA256_BYTES);
}

void ch_legacy_hmac_sha1(struct ch_bytes key, struct ch_bytes in, unsigned char out[CH_SHA1_BYTES])
{
    pthread_once(&once, fetch_digests);
    hmac_with(hmac_sha1, key, in, out, CH_SHA1_BYTES);
}

struct ch_bytes ch_sha256_of(struct ch_arena *a, struct ch_bytes in)
{
    unsigned char *hash = ch_alloc(a, CH_SHA256_BYTES);

    ch_sha256(in, hash);
    return CH_BYTES(hash, CH_SHA256_BYTES);
}

char *ch_sha256_hex(struct ch_arena *a, struct ch_bytes in)
{
    unsigned char out[CH_SHA256_BYTES];

    ch_sha256(in, out);
    return ch_hex(a, CH_BYTES(out, sizeof out));
}

void ch_hkdf(struct ch_bytes secret, const char *purpose, unsigned char *out, size_t n)
{
    char name[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)secret.p, secret.n),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)purpose, strlen(purpose)),
        OSSL_PARAM_construct_end(),
    };

    pthread_once(&once, fetch_digests);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(hkdf);
    ensure(ctx != NULL);
    ensure(EVP_KDF_derive(ctx, out, n, params));
    EVP_KDF_CTX_free(ctx);
}

bool ch_same(struct ch_bytes x, struct ch_bytes y)
{
    return x.n == y.n && (x.n == 0 || CRYPTO_memcmp(x.p, y.p, x.n) == 0);
}
