/* SPDX-License-Identifier: Apache-2.0
 * Making one certificate: validity, serial number, key pair, signature. These functions do not use the database. */
#ifndef SIGNER_ISSUE_H
#define SIGNER_ISSUE_H

#include "programs/signer/hierarchy.h"
#include "core/pki/certificate.h"
#include "core/pki/profile.h"

#define CLOCK_SKEW 300 /* seconds that notBefore lies in the past, for relying parties whose clocks are slow */

/* Makes a serial number of 64 random bits that are not all zero. */
void issue_serial(unsigned char serial[CH_SERIAL_BYTES]);
/* Converts a serial number to 16 upper-case hex digits and back; false for any other text. */
char *issue_serial_text(struct ch_arena *a, const unsigned char serial[CH_SERIAL_BYTES]);
bool issue_serial_read(const char *text, unsigned char serial[CH_SERIAL_BYTES]) CH_MUST;
/* The last second of `years` calendar years that begin at `start` (Beijing time), but not past the end of `issuer`
 * (NULL: self-signed). Seconds since 1970. */
int64_t issue_end(int64_t start, int years, X509 *issuer);
/* That end, but not past the end of `issuer`. */
int64_t issue_limit(int64_t end, X509 *issuer);

/* A certificate that is being made. */
struct issue {
    EVP_PKEY *key;                       /* for a token's key only the public half */
    X509 *cert;                          /* not signed before issue_sign */
    unsigned char tbs_sm3[CH_SM3_BYTES]; /* the digest of what will be signed, for the record */
};

/* Makes the certificate to be signed, for plan->key, or for a new key pair if that is NULL. Fills in the plan's key, issuer and
 * algorithm. On success *out is to be ended with issue_free. */
enum ch_err issue_prepare(const struct hierarchy *h, struct ch_certificate_plan *plan, struct issue *out,
                          struct ch_fault *f) CH_MUST;
/* Signs the certificate, and checks the result as a relying party would. */
enum ch_err issue_sign(const struct hierarchy *h, struct issue *i, struct ch_fault *f) CH_MUST;
/* The subject's CN in UTF-8, by which people choose a certificate. */
char *issue_name(struct ch_arena *a, X509 *cert);
/* Issuing CA and root. The caller frees the stack with sk_X509_free; the certificates still belong to the hierarchy. */
STACK_OF(X509) *issue_chain(const struct hierarchy *h);
void issue_free(struct issue *i);

#endif
