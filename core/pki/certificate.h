/* SPDX-License-Identifier: Apache-2.0
 * X.509 certificates: read, described, verified, and signed in two steps. What will be signed is fixed and hashed first,
 * so that the database can hold the hash before the authority's key is used; the key then signs that and nothing else. */
#ifndef CH_PKI_CERTIFICATE_H
#define CH_PKI_CERTIFICATE_H

#include "core/crypto/digest.h"
#include "core/pki/algorithm.h"

/* Reads DER, all of it, and sets the SM2 id where it is needed, without which OpenSSL's own functions take it for empty.
 * NULL for anything else than one certificate. The caller owns it. */
X509 *ch_cert_read(struct ch_bytes der) CH_MUST;
struct ch_bytes ch_cert_der(struct ch_arena *a, X509 *cert);
/* "C=CN,O=…,CN=…" in the order of the certificate, UTF-8. */
char *ch_cert_subject(struct ch_arena *a, const X509 *cert);
char *ch_cert_issuer(struct ch_arena *a, const X509 *cert);
/* The serial number as 16 upper-case hex digits, more (an even number) when it is longer than 64 bits. */
char *ch_cert_serial(struct ch_arena *a, const X509 *cert);
/* The same of a number found elsewhere, and back: NULL for what is no number of 1 to 20 bytes above zero (RFC 5280, 4.1.2.2);
 * freed with ASN1_INTEGER_free. */
char *ch_serial_text(struct ch_arena *a, const ASN1_INTEGER *serial);
ASN1_INTEGER *ch_serial_read(const char *hex) CH_MUST;
/* notBefore and notAfter, seconds since 1970; 0 for a time that is none. */
int64_t ch_cert_start(const X509 *cert);
int64_t ch_cert_end(const X509 *cert);

/* The signature under `cert` is that of `issuer`, and the issuer's name and key id are those it names. Times are not
 * looked at. */
bool ch_cert_verify(X509 *cert, X509 *issuer) CH_MUST;

/* Enters the algorithm that `issuer_key` will sign with and gives SM3 over the to-be-signed bytes. */
bool ch_cert_fix(X509 *cert, const EVP_PKEY *issuer_key, unsigned char tbs_sm3[CH_SM3_BYTES]) CH_MUST;
/* Signs with the SM2 id set where it is needed. False when the key fails or when the bytes signed are not those that
 * ch_cert_fix has seen. */
bool ch_cert_sign(X509 *cert, EVP_PKEY *issuer_key, const unsigned char tbs_sm3[CH_SM3_BYTES]) CH_MUST;

#endif
