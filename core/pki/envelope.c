/* SPDX-License-Identifier: Apache-2.0
 * Making and opening an SM2EnvelopedKey. */
#include "core/pki/envelope.h"

#include "core/base/random.h"
#include "core/crypto/cipher.h"
#include "core/pki/der.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <string.h>

#define SCALAR 32
#define POINT (1 + 2 * SCALAR)
#define CURVE "SM2"

static const unsigned char sm4_ecb[] = {0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x68, 0x01}; /* 1.2.156.10197.1.104.1 */

/* The public half of an SM2 key, uncompressed: 04 || X || Y. */
static bool point_of(EVP_PKEY *key, unsigned char out[POINT])
{
    size_t n = 0;

    return EVP_PKEY_is_a(key, "SM2") &&
           EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, out, POINT, &n) == 1 && n == POINT && out[0] == 4;
}

static bool scalar_of(EVP_PKEY *key, unsigned char out[SCALAR])
{
    BIGNUM *n = NULL;
    bool ok = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &n) == 1 && BN_bn2binpad(n, out, SCALAR) == SCALAR;

    BN_clear_free(n);
    return ok;
}

/* SM4-ECB without padding over the two blocks of a private value. */
static bool sm4_block_pair(const unsigned char key[CH_SM4_KEY], bool encrypt, const unsigned char in[SCALAR],
                           unsigned char out[SCALAR])
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0, rest = 0;
    bool ok = ctx != NULL && EVP_CipherInit_ex(ctx, EVP_sm4_ecb(), NULL, key, NULL, encrypt) == 1 &&
              EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 && EVP_CipherUpdate(ctx, out, &n, in, SCALAR) == 1 &&
              n == SCALAR && EVP_CipherFinal_ex(ctx, out + n, &rest) == 1 && rest == 0;

    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

typedef int transform(EVP_PKEY_CTX *ctx, unsigned char *out, size_t *n, const unsigned char *in, size_t in_n);

/* SM2 encryption and decryption. OpenSSL's format is the SM2Cipher of GM/T 0009, in the order C1, C3, C2. */
static bool sm2_crypt(struct ch_arena *a, EVP_PKEY *key, bool encrypt, struct ch_bytes in, struct ch_bytes *out)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_is_a(key, "SM2") ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
    transform *crypt = encrypt ? EVP_PKEY_encrypt : EVP_PKEY_decrypt;
    size_t n = 0;
    bool ok = ctx != NULL && (encrypt ? EVP_PKEY_encrypt_init(ctx) : EVP_PKEY_decrypt_init(ctx)) == 1 &&
              crypt(ctx, NULL, &n, in.p, in.n) == 1;

    if (ok) {
        unsigned char *p = ch_alloc_secret(a, n);
        ok = crypt(ctx, p, &n, in.p, in.n) == 1;
        *out = CH_BYTES(p, n);
    }
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

bool ch_envelope_make(struct ch_arena *a, EVP_PKEY *recipient, EVP_PKEY *pair, struct ch_bytes *der)
{
    unsigned char *key = ch_alloc_secret(a, CH_SM4_KEY), *scalar = ch_alloc_secret(a, SCALAR);
    unsigned char point[POINT], encrypted[SCALAR];
    struct ch_bytes cipher;

    ch_random(key, CH_SM4_KEY);
    bool ok = point_of(pair, point) && scalar_of(pair, scalar) && sm4_block_pair(key, true, scalar, encrypted) &&
              sm2_crypt(a, recipient, true, CH_BYTES(key, CH_SM4_KEY), &cipher);
    if (ok) {
        struct ch_bytes oid = ch_der_put(a, CH_DER_OID, CH_BYTES(sm4_ecb, sizeof sm4_ecb));
        *der = CH_DER_JOIN(a, CH_DER_SEQUENCE, CH_DER_JOIN(a, CH_DER_SEQUENCE, oid), cipher,
                           ch_der_put_bits(a, CH_BYTES(point, POINT)), ch_der_put_bits(a, CH_BYTES(encrypted, SCALAR)));
    }
    ERR_clear_error();
    return ok;
}

/* ---- opening one ---- */

struct envelope {
    struct ch_bytes cipher, point, encrypted;
};

static bool read_envelope(struct ch_bytes der, struct envelope *out)
{
    struct ch_der d = ch_der_open(der), all = ch_der_enter(&d, CH_DER_SEQUENCE);
    struct ch_der alg = ch_der_enter(&all, CH_DER_SEQUENCE);
    struct ch_bytes oid = ch_der_take(&alg, CH_DER_OID);

    ch_der_leave(&all, &alg);
    out->cipher = ch_der_whole(&all, CH_DER_SEQUENCE);
    out->point = ch_der_bits(&all);
    out->encrypted = ch_der_bits(&all);
    ch_der_leave(&d, &all);
    return ch_der_done(&d) && oid.n == sizeof sm4_ecb && memcmp(oid.p, sm4_ecb, oid.n) == 0 && out->point.n == POINT &&
           out->encrypted.n == SCALAR;
}

/* Makes a key of its two halves. NULL on failure. */
static EVP_PKEY *join_halves(const unsigned char scalar[SCALAR], struct ch_bytes point)
{
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(scalar, SCALAR, NULL);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
    OSSL_PARAM *params = NULL;
    EVP_PKEY *key = NULL;

    if (b != NULL && n != NULL && OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, CURVE, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.n) == 1 &&
        OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, n) == 1)
        params = OSSL_PARAM_BLD_to_param(b);
    if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(b);
    BN_clear_free(n);
    return key;
}

static bool halves_match(EVP_PKEY *key)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool ok = ctx != NULL && EVP_PKEY_pairwise_check(ctx) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

EVP_PKEY *ch_envelope_open(struct ch_bytes der, EVP_PKEY *recipient)
{
    struct ch_arena *a = ch_arena_new();
    unsigned char *scalar = ch_alloc_secret(a, SCALAR);
    struct envelope e;
    struct ch_bytes key;
    EVP_PKEY *pair = NULL;

    if (read_envelope(der, &e) && sm2_crypt(a, recipient, false, e.cipher, &key) && key.n == CH_SM4_KEY &&
        sm4_block_pair(key.p, false, e.encrypted.p, scalar))
        pair = join_halves(scalar, e.point);
    if (pair != NULL && !halves_match(pair)) {
        EVP_PKEY_free(pair);
        pair = NULL;
    }
    ERR_clear_error();
    ch_arena_free(a);
    return pair;
}
