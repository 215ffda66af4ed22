/* SPDX-License-Identifier: Apache-2.0
 * Certificate revocation lists (RFC 5280, section 5): built, signed in two steps as certificates are, read, verified,
 * and asked about one serial number.
 *
 * A list is version 2 with crlNumber and authorityKeyIdentifier, its entries in the order of their serial numbers. A
 * delta list (section 5.2.4) has what has changed since the full list `base`; whoever is no longer revoked stands in it
 * with the reason "remove". */
#ifndef CH_PKI_CRL_H
#define CH_PKI_CRL_H

#include "core/pki/algorithm.h"

/* Why, by the words of hall.certificate.reason, and "remove" (removeFromCRL). The number of RFC 5280, section 5.3.1; -1
 * for any other word. ch_reason_word gives NULL for a number that the hall does not use. */
int ch_reason_code(const char *word) CH_MUST;
const char *ch_reason_word(int code) CH_MUST;

struct ch_crl_entry {
    const char *serial;    /* hex digits */
    int64_t revoked_at;    /* seconds since 1970 */
    const char *reason;    /* a word; "unspecified" is written by leaving the extension out */
    int64_t invalid_since; /* when the key is thought to have been lost (invalidityDate); 0: not known */
};

struct ch_crl_plan {
    X509 *issuer;
    int64_t number; /* > 0, each larger than all before */
    int64_t base;   /* of a delta list: the number of the full list that it goes with; 0: a full list */
    int64_t this_update, next_update;
    const char *delta_url; /* of a full list: where its delta lists are (freshestCRL); NULL: there are none */
    const struct ch_crl_entry *entries;
    size_t n;
};

/* The bytes that will be signed (TBSCertList), so that their digest can be on record before the key is used. False for
 * a serial number or a reason that is none, or a key that is not worked with. */
bool ch_crl_fix(struct ch_arena *a, const struct ch_crl_plan *plan, const EVP_PKEY *issuer_key,
                struct ch_bytes *tbs) CH_MUST;
/* The whole list is then ch_signed_make(a, tbs, issuer_key, nothing, &der). */

/* Reads DER, all of it; NULL for anything else than one list of version 2. The caller owns it. */
X509_CRL *ch_crl_read(struct ch_bytes der) CH_MUST;
struct ch_bytes ch_crl_der(struct ch_arena *a, X509_CRL *crl);
/* `issuer` has signed the list, by name, key id and signature, and may sign lists. Times are not looked at. */
bool ch_crl_verify(X509_CRL *crl, X509 *issuer) CH_MUST;

/* crlNumber, and the number of the base of a delta list; 0 where there is none, -1 for one that is broken or too large.
 */
int64_t ch_crl_number(const X509_CRL *crl);
int64_t ch_crl_base(const X509_CRL *crl);
/* Seconds since 1970; 0 for a time that is not there. */
int64_t ch_crl_start(const X509_CRL *crl);
int64_t ch_crl_end(const X509_CRL *crl);
/* Whether that serial number (hex digits) stands in the list; *out is filled then, with out->serial as given. */
bool ch_crl_find(X509_CRL *crl, const char *serial, struct ch_crl_entry *out) CH_MUST;

#endif
