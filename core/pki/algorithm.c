/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pki/algorithm.h"

#include <limits.h>
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
    int parameters; /* of the AlgorithmIdentifier: RSA wants an explicit NULL, the others nothing */
} algorithms[] = {
    {"sm2", make_sm2, NID_SM2_with_SM3, V_ASN1_UNDEF},
    {"rsa", make_rsa, NID_sha256WithRSAEncryption, V_ASN1_NULL},
    {"p256", make_p256, NID_ecdsa_with_SHA256, V_ASN1_UNDEF},
};

static const struct algorithm *find(const char *name)
{
    for (size_t i = 0; name != NULL && i < CH_COUNT(algorithms); i++)
        if (strcmp(algorithms[i].name, name) == 0)
            return &algorithms[i];
    return NULL;
}

bool ch_alg_known(const char *name)
{
    return find(name) != NULL;
}

EVP_PKEY *ch_alg_key(const char *name)
{
    const struct algorithm *alg = find(name);
    return alg != NULL ? alg->make() : NULL;
}

static bool is_p256(const EVP_PKEY *key)
{
    char group[32];

    return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

const char *ch_alg_of(const EVP_PKEY *key)
{
    if (key == NULL)
        return NULL;
    if (EVP_PKEY_is_a(key, "SM2"))
        return "sm2";
    if (EVP_PKEY_is_a(key, "RSA"))
        return EVP_PKEY_get_bits(key) >= RSA_BITS ? "rsa" : NULL;
    return is_p256(key) ? "p256" : NULL;
}

bool ch_alg_enter(X509_ALGOR *out, const EVP_PKEY *key)
{
    const struct algorithm *alg = find(ch_alg_of(key));

    return alg != NULL && X509_ALGOR_set0(out, OBJ_nid2obj(alg->signature), alg->parameters, NULL) == 1;
}

struct ch_bytes ch_public_der(struct ch_arena *a, const EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int n = i2d_PUBKEY(key, &der);

    if (n <= 0)
        abort(); /* for want of memory only */
    struct ch_bytes out = ch_bytes_dup(a, CH_BYTES(der, (size_t)n));
    OPENSSL_free(der);
    return out;
}

bool ch_alg_verify(const X509_ALGOR *named, EVP_PKEY *key, struct ch_bytes tbs, struct ch_bytes sig)
{
    const struct algorithm *alg = find(ch_alg_of(key));
    const ASN1_OBJECT *object;

    X509_ALGOR_get0(&object, NULL, NULL, named);
    return alg != NULL && OBJ_obj2nid(object) == alg->signature && ch_verify(key, NULL, tbs, sig);
}

/* Takes one element, header and all, off the front of *rest. */
static bool take_element(struct ch_bytes *rest, struct ch_bytes *out)
{
    const unsigned char *p = rest->p;
    long n = 0;
    int tag, class;

    if (rest->n == 0 || rest->n > LONG_MAX || (ASN1_get_object(&p, &n, &tag, &class, (long)rest->n) & 0x81) != 0)
        return false; /* broken, or of indefinite length, which is not DER */
    *out = CH_BYTES(rest->p, (size_t)(p - rest->p) + (size_t)n);
    *rest = CH_BYTES(rest->p + out->n, rest->n - out->n);
    return true;
}

/* What is inside of the SEQUENCE that is the whole of `der`. */
static bool open_sequence(struct ch_bytes der, struct ch_bytes *inside)
{
    const unsigned char *p = der.p;
    long n = 0;
    int tag, class;

    if (der.n == 0 || der.n > LONG_MAX || ASN1_get_object(&p, &n, &tag, &class, (long)der.n) != V_ASN1_CONSTRUCTED ||
        tag != V_ASN1_SEQUENCE || class != V_ASN1_UNIVERSAL)
        return false;
    *inside = CH_BYTES(p, (size_t)n);
    return p + n == der.p + der.n;
}

static bool verify_parts(struct ch_bytes tbs, struct ch_bytes alg_der, struct ch_bytes sig_der, EVP_PKEY *key)
{
    const unsigned char *p = alg_der.p, *q = sig_der.p;
    X509_ALGOR *alg = d2i_X509_ALGOR(NULL, &p, (long)alg_der.n);
    ASN1_BIT_STRING *sig = d2i_ASN1_BIT_STRING(NULL, &q, (long)sig_der.n);
    bool whole = sig != NULL && (sig->flags & 0x07) == 0; /* no unused bits: one signature has one form here */
    bool ok = alg != NULL && whole && ch_alg_verify(alg, key, tbs, CH_BYTES(sig->data, (size_t)sig->length));

    X509_ALGOR_free(alg);
    ASN1_BIT_STRING_free(sig);
    return ok;
}

bool ch_signed_verify(struct ch_bytes der, EVP_PKEY *key)
{
    struct ch_bytes rest, tbs, alg, sig;
    bool ok = open_sequence(der, &rest) && take_element(&rest, &tbs) && take_element(&rest, &alg) &&
              take_element(&rest, &sig) && verify_parts(tbs, alg, sig, key);

    ERR_clear_error();
    return ok;
}

const char *ch_openssl_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return reason != NULL ? reason : "no reason given";
}
