/* SPDX-License-Identifier: Apache-2.0
 * The algorithms by name, and the signing and verifying of the structures that all carry a signature in the same place. */
#include "core/pki/algorithm.h"

#include "core/pki/der.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#define RSA_BITS 2048

static EVP_PKEY *make_sm2(void)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, "SM2"); /* an "EC" key on the same curve would sign plain ECDSA */
}

static EVP_PKEY *make_rsa(void)
{
    return EVP_RSA_gen(RSA_BITS);
}

static EVP_PKEY *make_p256(void)
{
    return EVP_EC_gen("P-256");
}

static const struct algorithm {
    const char *name;
    EVP_PKEY *(*make)(void);
    int signature;  /* its NID */
    int parameters; /* type of the AlgorithmIdentifier's parameters: RSA has an explicit NULL, the others have none */
} algorithms[] = {
    {"sm2", make_sm2, NID_SM2_with_SM3, V_ASN1_UNDEF},
    {"rsa", make_rsa, NID_sha256WithRSAEncryption, V_ASN1_NULL},
    {"p256", make_p256, NID_ecdsa_with_SHA256, V_ASN1_UNDEF},
};

static const struct algorithm *find_algorithm(const char *name)
{
    for (size_t i = 0; name != NULL && i < CH_COUNT(algorithms); i++)
        if (strcmp(algorithms[i].name, name) == 0)
            return &algorithms[i];
    return NULL;
}

bool ch_alg_known(const char *name)
{
    return find_algorithm(name) != NULL;
}

EVP_PKEY *ch_alg_key(const char *name)
{
    const struct algorithm *alg = find_algorithm(name);
    return alg != NULL ? alg->make() : NULL;
}

const char *ch_alg_of(const EVP_PKEY *key)
{
    if (key == NULL)
        return NULL;
    if (EVP_PKEY_is_a(key, "SM2"))
        return "sm2";
    if (EVP_PKEY_is_a(key, "RSA"))
        return EVP_PKEY_get_bits(key) >= RSA_BITS ? "rsa" : NULL;
    return ch_key_is_p256(key) ? "p256" : NULL;
}

bool ch_alg_enter(X509_ALGOR *out, const EVP_PKEY *key)
{
    const struct algorithm *alg = find_algorithm(ch_alg_of(key));

    return alg != NULL && X509_ALGOR_set0(out, OBJ_nid2obj(alg->signature), alg->parameters, NULL) == 1;
}

struct ch_bytes ch_asn1_der(struct ch_arena *a, const void *value, const ASN1_ITEM *item)
{
    unsigned char *der = NULL;
    int n = ASN1_item_i2d(value, &der, item);

    if (n <= 0)
        abort(); /* only when memory runs out */
    struct ch_bytes out = ch_bytes_dup(a, CH_BYTES(der, (size_t)n));
    OPENSSL_free(der);
    return out;
}

struct ch_bytes ch_alg_der(struct ch_arena *a, const EVP_PKEY *key)
{
    X509_ALGOR *alg = X509_ALGOR_new();
    struct ch_bytes out = {NULL, 0};

    if (alg != NULL && ch_alg_enter(alg, key))
        out = ch_asn1_der(a, alg, ASN1_ITEM_rptr(X509_ALGOR));
    X509_ALGOR_free(alg);
    return out;
}

struct ch_bytes ch_alg_public_der(struct ch_arena *a, const EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int n = i2d_PUBKEY(key, &der);

    if (n <= 0)
        abort(); /* only when memory runs out */
    struct ch_bytes out = ch_bytes_dup(a, CH_BYTES(der, (size_t)n));
    OPENSSL_free(der);
    return out;
}

bool ch_alg_verify(const X509_ALGOR *named, EVP_PKEY *key, struct ch_bytes tbs, struct ch_bytes sig)
{
    const struct algorithm *alg = find_algorithm(ch_alg_of(key));
    const ASN1_OBJECT *object;

    X509_ALGOR_get0(&object, NULL, NULL, named);
    return alg != NULL && OBJ_obj2nid(object) == alg->signature && ch_verify(key, NULL, tbs, sig);
}

bool ch_alg_signed_verify(struct ch_bytes der, EVP_PKEY *key)
{
    struct ch_der outer = ch_der_open(der), d = ch_der_enter(&outer, CH_DER_SEQUENCE);
    struct ch_bytes tbs = ch_der_whole(&d, CH_DER_SEQUENCE), named = ch_der_whole(&d, CH_DER_SEQUENCE);
    struct ch_bytes sig = ch_der_bits(&d);

    if (d.bad || !ch_der_done(&outer)) /* more elements may follow the signature, but nothing may follow the structure */
        return false;
    const unsigned char *p = named.p;
    X509_ALGOR *alg = d2i_X509_ALGOR(NULL, &p, (long)named.n);
    bool ok = alg != NULL && ch_alg_verify(alg, key, tbs, sig);
    X509_ALGOR_free(alg);
    ERR_clear_error();
    return ok;
}

bool ch_alg_signed_make(struct ch_arena *a, struct ch_bytes tbs, EVP_PKEY *key, struct ch_bytes more, struct ch_bytes *der)
{
    struct ch_bytes alg = ch_alg_der(a, key), sig;

    if (alg.n == 0 || !ch_sign(a, key, NULL, tbs, &sig))
        return false;
    *der = CH_DER_JOIN(a, CH_DER_SEQUENCE, tbs, alg, ch_der_put_bits(a, sig), more);
    return true;
}

const char *ch_openssl_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return reason != NULL ? reason : "no reason given";
}
