/* SPDX-License-Identifier: Apache-2.0 */
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

/* Fetching searches the providers; done once, the rest is shared by all threads and never freed. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256, *sm3, *md5;
static EVP_MAC_CTX *hmac_sha256, *hmac_sha1; /* copied for each use; NULL if this OpenSSL forbids the digest */
static EVP_KDF *hkdf;

/* A context that has its digest, under a key that each use replaces. */
static EVP_MAC_CTX *hmac_of(EVP_MAC *hmac, char *digest)
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

static void fetch(void)
{
    char name_sha256[] = "SHA256", name_sha1[] = "SHA1";
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    sm3 = EVP_MD_fetch(NULL, "SM3", NULL);
    md5 = EVP_MD_fetch(NULL, "MD5", NULL);
    hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    if (hmac != NULL) {
        hmac_sha256 = hmac_of(hmac, name_sha256);
        hmac_sha1 = hmac_of(hmac, name_sha1);
        EVP_MAC_free(hmac);
    }
    if (sha256 == NULL || sm3 == NULL || hmac_sha256 == NULL || hkdf == NULL)
        abort(); /* this OpenSSL cannot carry the hall at all */
}

/* A digest of bytes in memory fails for want of memory only, which ends the process as in the arena. */
static void must(int ok)
{
    if (ok != 1)
        abort();
}

void ch_sha256(struct ch_bytes in, unsigned char out[CH_SHA256_BYTES])
{
    pthread_once(&once, fetch);
    must(EVP_Digest(in.p, in.n, out, NULL, sha256, NULL));
}

void ch_sm3(struct ch_bytes in, unsigned char out[CH_SM3_BYTES])
{
    pthread_once(&once, fetch);
    must(EVP_Digest(in.p, in.n, out, NULL, sm3, NULL));
}

void ch_legacy_md5(struct ch_bytes in, unsigned char out[CH_MD5_BYTES])
{
    pthread_once(&once, fetch);
    if (md5 == NULL)
        abort(); /* an OpenSSL that forbids MD5 cannot talk to SF or JD; the rest of the hall does not need it */
    must(EVP_Digest(in.p, in.n, out, NULL, md5, NULL));
}

static void hmac_with(const EVP_MAC_CTX *kind, struct ch_bytes key, struct ch_bytes in, unsigned char *out, size_t size)
{
    /* A NULL key would mean "keep the former key"; an empty one is a key like any other. */
    const unsigned char *k = key.n > 0 ? key.p : (const unsigned char *)"";
    EVP_MAC_CTX *ctx = kind != NULL ? EVP_MAC_CTX_dup(kind) : NULL;

    must(ctx != NULL);
    must(EVP_MAC_init(ctx, k, key.n, NULL));
    must(EVP_MAC_update(ctx, in.p, in.n));
    must(EVP_MAC_final(ctx, out, NULL, size));
    EVP_MAC_CTX_free(ctx);
}

void ch_hmac_sha256(struct ch_bytes key, struct ch_bytes in, unsigned char out[CH_SHA256_BYTES])
{
    pthread_once(&once, fetch);
    hmac_with(hmac_sha256, key, in, out, CH_SHA256_BYTES);
}

void ch_legacy_hmac_sha1(struct ch_bytes key, struct ch_bytes in, unsigned char out[CH_SHA1_BYTES])
{
    pthread_once(&once, fetch);
    hmac_with(hmac_sha1, key, in, out, CH_SHA1_BYTES);
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

    pthread_once(&once, fetch);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(hkdf);
    must(ctx != NULL);
    must(EVP_KDF_derive(ctx, out, n, params));
    EVP_KDF_CTX_free(ctx);
}

bool ch_same(struct ch_bytes x, struct ch_bytes y)
{
    return x.n == y.n && (x.n == 0 || CRYPTO_memcmp(x.p, y.p, x.n) == 0);
}
