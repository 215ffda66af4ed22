/* SPDX-License-Identifier: Apache-2.0
 * The three kinds of key that the authority works with, by name:
 *
 *   sm2    SM2 with SM3 under CH_SM2_ID (GB/T 32918, GM/T 0009)
 *   rsa    RSA 2048, PKCS#1 v1.5 with SHA-256
 *   p256   ECDSA on P-256 with SHA-256
 *
 * A signature found in a structure (certificate, CSR, CRL, OCSP response, CMS, seal) is verified here and nowhere else: the
 * algorithm that the structure names must be that of the key. */
#ifndef CH_PKI_ALGORITHM_H
#define CH_PKI_ALGORITHM_H

#include "core/base/arena.h"
#include "core/crypto/sign.h"

#include <openssl/x509.h>

/* Whether `name` is "sm2", "rsa" or "p256". */
bool ch_alg_known(const char *name) CH_MUST;
/* A fresh key pair of that algorithm; NULL on failure. Freed with EVP_PKEY_free. */
EVP_PKEY *ch_alg_key(const char *name) CH_MUST;
/* The name of a key's algorithm; NULL for a key that the hall does not work with (another curve, RSA under 2048 bits,
 * Ed25519 …). */
const char *ch_alg_of(const EVP_PKEY *key) CH_MUST;
/* Sets `out` to the AlgorithmIdentifier of signatures by `key`. False for a key that the hall does not work with. */
bool ch_alg_enter(X509_ALGOR *out, const EVP_PKEY *key) CH_MUST;

/* The same AlgorithmIdentifier as DER; p is NULL for a key that the hall does not work with. */
struct ch_bytes ch_alg_der(struct ch_arena *a, const EVP_PKEY *key);

/* Encodes a structure of OpenSSL as DER: ch_asn1_der(a, name, ASN1_ITEM_rptr(X509_NAME)). */
struct ch_bytes ch_asn1_der(struct ch_arena *a, const void *value, const ASN1_ITEM *item);

/* The SubjectPublicKeyInfo of a key, DER. */
struct ch_bytes ch_alg_public_der(struct ch_arena *a, const EVP_PKEY *key);

/* Whether `sig` is the signature of `key` over the bytes `tbs` by the algorithm `named` in the structure. Also false when
 * the key is for another algorithm. SM2 signatures count under CH_SM2_ID only. */
bool ch_alg_verify(const X509_ALGOR *named, EVP_PKEY *key, struct ch_bytes tbs, struct ch_bytes sig) CH_MUST;

/* The same for a whole signed structure in DER, SEQUENCE { tbs, AlgorithmIdentifier, BIT STRING, … }: a certificate, a
 * CSR, a CRL, a basic OCSP response. The bytes are verified as they came; nothing is encoded again. */
bool ch_alg_signed_verify(struct ch_bytes der, EVP_PKEY *key) CH_MUST;

/* Signs `tbs` (DER) and joins the three parts; `more` (DER, or n = 0) follows the signature. False when the key does not sign. */
bool ch_alg_signed_make(struct ch_arena *a, struct ch_bytes tbs, EVP_PKEY *key, struct ch_bytes more,
                        struct ch_bytes *der) CH_MUST;

/* OpenSSL's reason for its latest failure, which never contains the values involved; clears its error queue. */
const char *ch_openssl_reason(void);

#endif
