/* SPDX-License-Identifier: Apache-2.0
 * Making one certificate with its key: validity, serial number, key pair, signature, key file. No database here. */
#ifndef SIGNER_ISSUE_H
#define SIGNER_ISSUE_H

#include "programs/signer/hierarchy.h"
#include "programs/signer/profile.h"
#include "core/pki/certificate.h"

#define CLOCK_SKEW 300 /* seconds that notBefore lies in the past, for clocks that are behind */

/* 64 random bits, not all zero. */
void issue_serial(unsigned char serial[SERIAL_BYTES]);
/* 16 upper-case hex digits and back; false for any other text. */
char *issue_serial_text(struct ch_arena *a, const unsigned char serial[SERIAL_BYTES]);
bool issue_serial_read(const char *text, unsigned char serial[SERIAL_BYTES]) CH_MUST;
/* The last second of `years` calendar years that begin at `start` (Beijing time), but not past the end of `issuer`
 * (NULL: self-signed). Seconds since 1970. */
int64_t issue_end(int64_t start, int years, X509 *issuer);

/* A certificate on its way. */
struct issue {
    EVP_PKEY *key;
    X509 *cert; /* signed after issue_sign only */
    unsigned char tbs_sm3[CH_SM3_BYTES];
};

/* Makes the key pair and the certificate to be signed. plan->key, issuer and algorithm are filled in here. On success
 * *out is to be ended with issue_free. */
enum ch_err issue_prepare(const struct hierarchy *h, struct certificate_plan *plan, struct issue *out,
                          struct ch_fault *f) CH_MUST;
/* Signs it, and checks the result as a relying party would. */
enum ch_err issue_sign(const struct hierarchy *h, struct issue *i, struct ch_fault *f) CH_MUST;
/* Key, certificate and chain as PKCS#12 (RFC 7292) under `pin`: PBES2 with AES-256-CBC, MAC with HMAC-SHA256, both with
 * `iterations` rounds. `friendly` is UTF-8. */
enum ch_err issue_key_file(struct ch_arena *a, const struct hierarchy *h, const struct issue *i, const char *pin,
                           const char *friendly, int iterations, struct ch_bytes *out, struct ch_fault *f) CH_MUST;
void issue_free(struct issue *i);

#endif
