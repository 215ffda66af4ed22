/* SPDX-License-Identifier: Apache-2.0
 * Signatures, and reading the keys that make and verify them.
 *
 * One function signs and one verifies, for every kind of key: RSA is PKCS#1 v1.5 with SHA-256, P-256 is ECDSA with SHA-256,
 * SM2 is SM2 with SM3 under a distinguishing id (GB/T 32918). OpenSSL 3.0 uses an empty id by default, which no other
 * implementation accepts, so the id is always given: CH_SM2_ID unless a vendor demands another. */
#ifndef CH_CRYPTO_SIGN_H
#define CH_CRYPTO_SIGN_H

#include "core/base/arena.h"

#include <openssl/evp.h>

#define CH_SM2_ID "1234567812345678"

/* Read a private key, or the public key of a key or certificate, from a PEM file. NULL on failure; encrypted keys are refused.
 * The caller frees the key with EVP_PKEY_free. */
EVP_PKEY *ch_key_private(const char *path) CH_MUST;
EVP_PKEY *ch_key_public(const char *path) CH_MUST;
/* The public key of a PEM text. */
EVP_PKEY *ch_key_public_pem(struct ch_bytes pem) CH_MUST;
/* The public key that is a point of P-256: 65 bytes, 04 | X | Y. NULL for anything else, a point beside the curve included. */
EVP_PKEY *ch_key_p256(struct ch_bytes point) CH_MUST;
/* Whether it is a key on that curve. */
bool ch_key_is_p256(const EVP_PKEY *key) CH_MUST;

/* Sign and verify. Signatures have their usual form (RSA: octets, EC and SM2: DER). `id` is for SM2 only; NULL means
 * CH_SM2_ID. */
bool ch_sign(struct ch_arena *a, EVP_PKEY *key, const char *id, struct ch_bytes msg, struct ch_bytes *sig) CH_MUST;
bool ch_verify(EVP_PKEY *key, const char *id, struct ch_bytes msg, struct ch_bytes sig) CH_MUST;

/* A context for X509_sign_ctx and its like, with CH_SM2_ID set for an SM2 key. NULL on failure; the caller frees it with
 * EVP_MD_CTX_free. */
EVP_MD_CTX *ch_sign_ctx(EVP_PKEY *key) CH_MUST;

/* Convert an SM2 signature between DER and r || s, 64 bytes (CMB). False when it is malformed. */
bool ch_sm2_der_to_raw(struct ch_bytes der, unsigned char raw[64]) CH_MUST;
bool ch_sm2_raw_to_der(struct ch_arena *a, const unsigned char raw[64], struct ch_bytes *der) CH_MUST;

#endif
