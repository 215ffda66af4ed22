/* SPDX-License-Identifier: Apache-2.0
 * The signature under a certificate, in two steps: what will be signed is fixed and hashed first, so that the database
 * can hold the hash before the authority's key is used; the key then signs that and nothing else. */
#ifndef SIGNER_SEALING_H
#define SIGNER_SEALING_H

#include "core/crypto/digest.h"
#include "core/crypto/sign.h"

#include <openssl/x509.h>

/* "sm2" or "rsa"; false for any other text. */
bool algorithm_known(const char *algorithm) CH_MUST;
/* A fresh key pair; NULL on failure. The caller owns it. */
EVP_PKEY *algorithm_key(const char *algorithm) CH_MUST;

/* Enters the algorithm that `issuer_key` will sign with and gives SM3 over the to-be-signed bytes. */
bool certificate_fix(X509 *cert, const EVP_PKEY *issuer_key, unsigned char tbs_sm3[CH_SM3_BYTES]) CH_MUST;
/* Signs with the SM2 id set where it is needed. False when the key fails or when the bytes signed are not those that
 * certificate_fix has seen. */
bool certificate_sign(X509 *cert, EVP_PKEY *issuer_key, const unsigned char tbs_sm3[CH_SM3_BYTES]) CH_MUST;
/* The signature under `cert` is that of `issuer`, and the issuer's name and key id are those it names. */
bool certificate_verify(X509 *cert, X509 *issuer) CH_MUST;

/* Reads DER and sets the SM2 id where it is needed, without which OpenSSL takes it for empty. The caller owns it. */
X509 *certificate_read(struct ch_bytes der) CH_MUST;
struct ch_bytes certificate_der(struct ch_arena *a, X509 *cert);
/* "C=CN,O=…,CN=…" in the order of the certificate, UTF-8. */
char *certificate_subject(struct ch_arena *a, const X509 *cert);

/* OpenSSL's word for its latest failure (never the values involved); clears its queue. */
const char *openssl_reason(void);

#endif
