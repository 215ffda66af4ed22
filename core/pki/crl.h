/* SPDX-License-Identifier: Apache-2.0
 * Certificate revocation lists (RFC 5280, section 5): building, signing in two steps as for certificates, reading,
 * verifying, and looking up a serial number.
 *
 * A list is version 2 with crlNumber and authorityKeyIdentifier; its entries are in the order of their serial numbers. A
 * delta list (section 5.2.4) has the changes since the full list with the number `base`; a certificate that is no longer
 * revoked has the reason "remove" there. */
#ifndef CH_PKI_CRL_H
#define CH_PKI_CRL_H

#include "core/pki/algorithm.h"

/* The reason code of RFC 5280, section 5.3.1, for a word of hall.certificate.reason or "remove" (removeFromCRL), and back.
 * -1 for any other word; NULL for a code that the hall does not use. */
int ch_crl_reason_code(const char *word) CH_MUST;
const char *ch_crl_reason_word(int code) CH_MUST;

struct ch_crl_entry {
    const char *serial;    /* hex digits */
    int64_t revoked_at;    /* seconds since 1970 */
    const char *reason;    /* one of those words; for "unspecified" the extension is left out */
    int64_t invalid_since; /* when the key was presumably lost (invalidityDate); 0: not known */
};

struct ch_crl_plan {
    X509 *issuer;
    int64_t number; /* above zero, and larger than the number of every list before */
    int64_t base;   /* of a delta list: the number of the full list that it goes with; 0: a full list */
    int64_t this_update, next_update;
    const char *delta_url; /* of a full list: where its delta lists are (freshestCRL); NULL: there are none */
    const struct ch_crl_entry *entries;
    size_t n;
};

/* The bytes to be signed (TBSCertList), so that their digest can be recorded before the key is used. False for a malformed
 * serial number, an unknown reason, or a key that the hall does not work with. The list itself is then made with
 * ch_alg_signed_make(a, tbs, issuer_key, nothing, &der). */
bool ch_crl_fix(struct ch_arena *a, const struct ch_crl_plan *plan, const EVP_PKEY *issuer_key, struct ch_bytes *tbs) CH_MUST;

/* Reads a list from DER; NULL unless `der` is exactly one list of version 2. The caller frees it. */
X509_CRL *ch_crl_read(struct ch_bytes der) CH_MUST;
struct ch_bytes ch_crl_der(struct ch_arena *a, X509_CRL *crl);
/* Whether `issuer` may sign lists and has signed this one, by name, key id and signature. Times are not checked. */
bool ch_crl_verify(X509_CRL *crl, X509 *issuer) CH_MUST;

/* crlNumber, and the number of the full list that a delta list goes with. 0 when the list has none, -1 when it is malformed
 * or too large. */
int64_t ch_crl_number(const X509_CRL *crl);
int64_t ch_crl_base(const X509_CRL *crl);
/* thisUpdate and nextUpdate in seconds since 1970; 0 when absent. */
int64_t ch_crl_start(const X509_CRL *crl);
int64_t ch_crl_end(const X509_CRL *crl);
/* Whether the list has that serial number (hex digits). If so *out is filled, with out->serial as given. */
bool ch_crl_find(X509_CRL *crl, const char *serial, struct ch_crl_entry *out) CH_MUST;

#endif
