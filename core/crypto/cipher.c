/* SPDX-License-Identifier: Apache-2.0
 * The ciphers, by OpenSSL. Its algorithms are fetched once for all threads. */
#include "core/crypto/cipher.h"

#include "core/base/random.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_CIPHER *aes_gcm, *sm4_cbc;

static void fetch_ciphers(void)
{
    aes_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    sm4_cbc = EVP_CIPHER_fetch(NULL, "SM4-CBC", NULL);
    if (aes_gcm == NULL || sm4_cbc == NULL)
        abort(); /* the hall cannot run with this OpenSSL */
}

/* Encryption fails only when memory runs out. */
static void ensure(int ok)
{
    if (ok != 1)
        abort();
}

/* A length as the int that EVP takes. Inputs are limited, so a longer one is a programming error. */
static int int_length(size_t n)
{
    ensure(n <= INT_MAX - 64);
    return (int)n;
}

static EVP_CIPHER_CTX *new_context(void)
{
    pthread_once(&once, fetch_ciphers);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    ensure(ctx != NULL);
    return ctx;
}

struct ch_bytes ch_gcm_encrypt(struct ch_arena *a, const unsigned char key[CH_AES_KEY],
                               const unsigned char nonce[CH_GCM_NONCE], struct ch_bytes aad, struct ch_bytes plain)
{
    unsigned char *out = ch_alloc(a, plain.n + CH_GCM_TAG);
    EVP_CIPHER_CTX *ctx = new_context();
    int n = 0, tail = 0;

    ensure(EVP_EncryptInit_ex2(ctx, aes_gcm, key, nonce, NULL));
    if (aad.n > 0)
        ensure(EVP_EncryptUpdate(ctx, NULL, &n, aad.p, int_length(aad.n)));
    n = 0;
    if (plain.n > 0)
        ensure(EVP_EncryptUpdate(ctx, out, &n, plain.p, int_length(plain.n)));
    ensure(EVP_EncryptFinal_ex(ctx, out + n, &tail));
    ensure(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, CH_GCM_TAG, out + plain.n));
    EVP_CIPHER_CTX_free(ctx);
    return CH_BYTES(out, plain.n + CH_GCM_TAG);
}

/* Decrypts to `out`, which must not be used unless this returns true: the tag is verified last. */
static bool decrypt_and_verify(EVP_CIPHER_CTX *ctx, struct ch_bytes aad, struct ch_bytes text, const unsigned char *tag,
                               unsigned char *out)
{
    unsigned char copy[CH_GCM_TAG];
    int n = 0, tail = 0;

    memcpy(copy, tag, sizeof copy);
    if (aad.n > 0 && EVP_DecryptUpdate(ctx, NULL, &n, aad.p, int_length(aad.n)) != 1)
        return false;
    n = 0;
    if (text.n > 0 && EVP_DecryptUpdate(ctx, out, &n, text.p, int_length(text.n)) != 1)
        return false;
    return EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, CH_GCM_TAG, copy) == 1 &&
           EVP_DecryptFinal_ex(ctx, out + n, &tail) == 1;
}

bool ch_gcm_decrypt(struct ch_arena *a, const unsigned char key[CH_AES_KEY], const unsigned char nonce[CH_GCM_NONCE],
                    struct ch_bytes aad, struct ch_bytes encrypted, struct ch_bytes *plain)
{
    if (encrypted.n < CH_GCM_TAG || encrypted.n > INT_MAX - 64)
        return false;
    size_t n = encrypted.n - CH_GCM_TAG;
    unsigned char *out = ch_alloc_secret(a, n + 1); /* a NUL behind it */
    EVP_CIPHER_CTX *ctx = new_context();
    bool ok = EVP_DecryptInit_ex2(ctx, aes_gcm, key, nonce, NULL) == 1 &&
              decrypt_and_verify(ctx, aad, CH_BYTES(encrypted.p, n), encrypted.p + n, out);
    EVP_CIPHER_CTX_free(ctx);
    if (ok)
        *plain = CH_BYTES(out, n);
    else
        ERR_clear_error();
    return ok;
}

struct ch_bytes ch_gcm_pack(struct ch_arena *a, const unsigned char key[CH_AES_KEY], struct ch_bytes aad,
                            struct ch_bytes plain)
{
    unsigned char *out = ch_alloc(a, plain.n + CH_GCM_EXTRA);

    ch_random(out, CH_GCM_NONCE);
    struct ch_bytes encrypted = ch_gcm_encrypt(a, key, out, aad, plain);
    memcpy(out + CH_GCM_NONCE, encrypted.p, encrypted.n);
    return CH_BYTES(out, plain.n + CH_GCM_EXTRA);
}

bool ch_gcm_unpack(struct ch_arena *a, const unsigned char key[CH_AES_KEY], struct ch_bytes aad, struct ch_bytes packed,
                   struct ch_bytes *plain)
{
    return packed.n >= CH_GCM_EXTRA &&
           ch_gcm_decrypt(a, key, packed.p, aad, CH_BYTES(packed.p + CH_GCM_NONCE, packed.n - CH_GCM_NONCE), plain);
}

struct ch_bytes ch_sm4_cbc_encrypt(struct ch_arena *a, const unsigned char key[CH_SM4_KEY],
                                   const unsigned char iv[CH_SM4_KEY], struct ch_bytes plain)
{
    unsigned char *out = ch_alloc(a, plain.n + CH_SM4_KEY);
    EVP_CIPHER_CTX *ctx = new_context();
    int n = 0, tail = 0;

    ensure(EVP_EncryptInit_ex2(ctx, sm4_cbc, key, iv, NULL));
    if (plain.n > 0)
        ensure(EVP_EncryptUpdate(ctx, out, &n, plain.p, int_length(plain.n)));
    ensure(EVP_EncryptFinal_ex(ctx, out + n, &tail));
    EVP_CIPHER_CTX_free(ctx);
    return CH_BYTES(out, (size_t)n + (size_t)tail);
}

bool ch_sm4_cbc_decrypt(struct ch_arena *a, const unsigned char key[CH_SM4_KEY], const unsigned char iv[CH_SM4_KEY],
                        struct ch_bytes encrypted, struct ch_bytes *plain)
{
    int n = 0, tail = 0;

    if (encrypted.n == 0 || encrypted.n % CH_SM4_KEY != 0 || encrypted.n > INT_MAX - 64)
        return false;
    unsigned char *out = ch_alloc_secret(a, encrypted.n + CH_SM4_KEY); /* EVP may write a block more */
    EVP_CIPHER_CTX *ctx = new_context();
    bool ok = EVP_DecryptInit_ex2(ctx, sm4_cbc, key, iv, NULL) == 1 &&
              EVP_DecryptUpdate(ctx, out, &n, encrypted.p, int_length(encrypted.n)) == 1 &&
              EVP_DecryptFinal_ex(ctx, out + n, &tail) == 1;
    EVP_CIPHER_CTX_free(ctx);
    if (!ok) {
        ERR_clear_error();
        return false;
    }
    *plain = CH_BYTES(out, (size_t)n + (size_t)tail);
    out[plain->n] = '\0';
    return true;
}
