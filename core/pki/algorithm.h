/* SPDX-License-Identifier: Apache-2.0
 * The three kinds of key that the authority works with, by name:
 *
 *   sm2    SM2 with SM3 under CH_SM2_ID (GB/T 32918, GM/T 0009)
 *   rsa    RSA 2048, PKCS#1 v1.5 with SHA-256
 *   p256   ECDSA on P-256 with SHA-256
 *
 * and the one place that verifies a signature found in a structure (certificate, CSR, CRL, OCSP response, CMS, seal):
 * the structure names an algorithm, the key has one, and both must be the same. */
#ifndef CH_PKI_ALGORITHM_H
#define CH_PKI_ALGORITHM_H

#include "core/base/arena.h"
#include "core/crypto/sign.h"

#include <openssl/x509.h>

/* "sm2", "rsa", "p256"; false for any other text. */
bool ch_alg_known(const char *name) CH_MUST;
/* A fresh key pair of that algorithm; NULL on failure. Freed with EVP_PKEY_free. */
EVP_PKEY *ch_alg_key(const char *name) CH_MUST;
/* The name of a key's algorithm; NULL for a key that the hall does not work with (another curve, RSA under 2048 bits,
 * Ed25519 …). */
const char *ch_alg_of(const EVP_PKEY *key) CH_MUST;
/* Enters the AlgorithmIdentifier that `key` signs with. */
bool ch_alg_enter(X509_ALGOR *out, const EVP_PKEY *key) CH_MUST;

/* The same, DER; p NULL for a key that the hall does not work with. */
struct ch_bytes ch_alg_der(struct ch_arena *a, const EVP_PKEY *key);

/* Anything of OpenSSL's as DER: ch_asn1_der(a, name, ASN1_ITEM_rptr(X509_NAME)). */
struct ch_bytes ch_asn1_der(struct ch_arena *a, const void *value, const ASN1_ITEM *item);

/* The SubjectPublicKeyInfo of a key, DER. */
struct ch_bytes ch_public_der(struct ch_arena *a, const EVP_PKEY *key);

/* Whether `sig` is the signature of `key` over the bytes `tbs`, by the algorithm `named` in the structure. False as well
 * when the key is of another algorithm than that. SM2 always under CH_SM2_ID. */
bool ch_alg_verify(const X509_ALGOR *named, EVP_PKEY *key, struct ch_bytes tbs, struct ch_bytes sig) CH_MUST;

/* The same for a whole signed structure in DER, SEQUENCE { tbs, AlgorithmIdentifier, BIT STRING, … }: a certificate, a
 * CSR, a CRL, a basic OCSP response. It takes the bytes as they came and encodes nothing anew. */
bool ch_signed_verify(struct ch_bytes der, EVP_PKEY *key) CH_MUST;

/* Its counterpart: signs `tbs` (DER) and puts the three together, `more` (DER, or n = 0) behind them. */
bool ch_signed_make(struct ch_arena *a, struct ch_bytes tbs, EVP_PKEY *key, struct ch_bytes more, struct ch_bytes *der) CH_MUST;

/* OpenSSL's word for its latest failure (never the values involved); clears its queue. */
const char *ch_openssl_reason(void);

#endif
