/* SPDX-License-Identifier: Apache-2.0
 * X.509 certificates: reading, describing, verifying, and signing in two steps. First the to-be-signed bytes are fixed and
 * hashed, so that the database can record the hash before the authority's key is used. Then the key signs those bytes and
 * nothing else. */
#ifndef CH_PKI_CERTIFICATE_H
#define CH_PKI_CERTIFICATE_H

#include "core/crypto/digest.h"
#include "core/pki/algorithm.h"

/* Reads a certificate from DER and sets the SM2 id on it where one is needed: OpenSSL would otherwise verify under the empty
 * id. NULL unless `der` is exactly one certificate. The caller frees it. */
X509 *ch_cert_read(struct ch_bytes der) CH_MUST;
struct ch_bytes ch_cert_der(struct ch_arena *a, X509 *cert);
/* "C=CN,O=…,CN=…" in the order of the certificate, UTF-8. */
char *ch_cert_subject(struct ch_arena *a, const X509 *cert);
char *ch_cert_issuer(struct ch_arena *a, const X509 *cert);
/* The serial number as 16 upper-case hex digits, or as a larger even number of digits when it is longer than 64 bits. */
char *ch_cert_serial(struct ch_arena *a, const X509 *cert);
/* The same for a serial number from another structure, and back from hex digits. NULL unless the number is above zero and
 * has at most 20 bytes (RFC 5280, 4.1.2.2); the caller frees it with ASN1_INTEGER_free. */
char *ch_cert_serial_text(struct ch_arena *a, const ASN1_INTEGER *serial);
ASN1_INTEGER *ch_cert_serial_read(const char *hex) CH_MUST;
/* notBefore and notAfter in seconds since 1970; 0 for a malformed time. */
int64_t ch_cert_start(const X509 *cert);
int64_t ch_cert_end(const X509 *cert);

/* Whether `issuer` has signed `cert`, and its name and key id are those that `cert` names. Validity is not checked. */
bool ch_cert_verify(X509 *cert, X509 *issuer) CH_MUST;

/* Enters the signature algorithm of `issuer_key` and returns the SM3 hash of the to-be-signed bytes. */
bool ch_cert_fix(X509 *cert, const EVP_PKEY *issuer_key, unsigned char tbs_sm3[CH_SM3_BYTES]) CH_MUST;
/* Signs, under CH_SM2_ID for an SM2 key. False when the key fails, or when the signed bytes are not those that ch_cert_fix
 * hashed. */
bool ch_cert_sign(X509 *cert, EVP_PKEY *issuer_key, const unsigned char tbs_sm3[CH_SM3_BYTES]) CH_MUST;

#endif
