/* SPDX-License-Identifier: Apache-2.0
 * The online certificate status protocol (RFC 6960) in the lightweight profile of RFC 5019, with RFC 9654's advice on nonces:
 * one response for each certificate is signed in advance and answers every request about it.
 *
 * A response tells the status three times, for the certificate's id with SHA-1, with SHA-256 and with SM3, so that it suits
 * clients of each of them. It identifies its signer by key, includes the signer's certificate, and has no extensions. A nonce
 * in a request is ignored. */
#ifndef CH_PKI_OCSP_H
#define CH_PKI_OCSP_H

#include "core/pki/algorithm.h"

#define CH_OCSP_REQUEST_MAX 10000 /* bytes of DER */

enum ch_ocsp_hash { CH_OCSP_SHA1, CH_OCSP_SHA256, CH_OCSP_SM3, CH_OCSP__HASHES };

/* OCSPResponseStatus */
enum ch_ocsp_result {
    CH_OCSP_SUCCESSFUL = 0,
    CH_OCSP_MALFORMED = 1,
    CH_OCSP_INTERNAL = 2,
    CH_OCSP_TRY_LATER = 3,
    CH_OCSP_UNAUTHORIZED = 6, /* another authority's, or unknown */
};

/* CertID */
struct ch_ocsp_id {
    enum ch_ocsp_hash hash;
    struct ch_bytes name_hash, key_hash; /* of the issuer */
    const char *serial;                  /* as ch_cert_serial writes it */
};

/* Reads a request in DER; the id points into it and into the arena. CH_OCSP_MALFORMED when it is not a request, asks about
 * several certificates (RFC 5019, 2.1.1) or has a critical extension; CH_OCSP_UNAUTHORIZED for an id with an unknown digest
 * or a serial number that no certificate can have. A signature of the request is ignored. */
enum ch_ocsp_result ch_ocsp_request(struct ch_arena *a, struct ch_bytes der, struct ch_ocsp_id *out) CH_MUST;
/* Makes a request as clients send it, without a nonce. False for a malformed serial number. */
bool ch_ocsp_ask(struct ch_arena *a, X509 *issuer, const char *serial, enum ch_ocsp_hash hash, struct ch_bytes *der) CH_MUST;

/* The hashes of name and key that the ids of all certificates of one issuer have in common, for each digest. */
struct ch_ocsp_issuer {
    unsigned char name[CH_OCSP__HASHES][32], key[CH_OCSP__HASHES][32];
};
void ch_ocsp_issuer(X509 *issuer, struct ch_ocsp_issuer *out);
bool ch_ocsp_is_of(const struct ch_ocsp_id *id, const struct ch_ocsp_issuer *issuer) CH_MUST;

/* The response for a result other than success, which has no content. Static bytes. */
struct ch_bytes ch_ocsp_error(enum ch_ocsp_result result);

struct ch_ocsp_plan {
    const struct ch_ocsp_issuer *issuer;
    const char *serial; /* hex digits */
    const char *reason; /* NULL: good; otherwise revoked for a reason of core/pki/crl.h ("hold" included) */
    int64_t revoked_at; /* seconds since 1970 */
    int64_t this_update, next_update, produced_at;
};

/* The bytes to be signed (ResponseData). `responder` is the certificate of the key that will sign. False for a malformed serial
 * number or an unknown reason. */
bool ch_ocsp_fix(struct ch_arena *a, const struct ch_ocsp_plan *plan, X509 *responder, struct ch_bytes *tbs) CH_MUST;
/* Signs them; *der is the whole OCSPResponse. False when the key does not sign. */
bool ch_ocsp_sign(struct ch_arena *a, struct ch_bytes tbs, X509 *responder, EVP_PKEY *key, struct ch_bytes *der) CH_MUST;

enum ch_ocsp_verdict {
    CH_OCSP_GOOD,
    CH_OCSP_REVOKED,
    CH_OCSP_UNKNOWN,    /* the responder does not know the certificate */
    CH_OCSP_NO_ANSWER,  /* not a successful response, or none about this certificate */
    CH_OCSP_BAD_SIGNER, /* neither the issuer nor a responder that it has certified, or not valid at that time */
    CH_OCSP_BAD_SIGNATURE,
    CH_OCSP_NOT_CURRENT, /* before thisUpdate or after nextUpdate */
};

struct ch_ocsp_answer {
    int64_t this_update, next_update, revoked_at; /* seconds since 1970; next_update and revoked_at 0: none */
    int reason;                                   /* number of RFC 5280; -1: none given */
};

/* What a response says at the time `at` about the certificate of `issuer` with that serial number, checked as a relying party
 * has to (RFC 6960, section 3.2): the signer, the id, and that the response is current. Shares no code with the functions
 * above. *out is filled for the first three verdicts. */
enum ch_ocsp_verdict ch_ocsp_verify(struct ch_arena *a, struct ch_bytes der, X509 *issuer, const char *serial,
                                    int64_t at, struct ch_ocsp_answer *out) CH_MUST;

#endif
