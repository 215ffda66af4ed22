/* SPDX-License-Identifier: Apache-2.0
 * The online certificate status protocol (RFC 6960) in the lightweight form of RFC 5019 and RFC 9654's advice on
 * nonces: responses are signed before they are asked for, one a certificate, whatever the request looks like.
 *
 * A response tells the status three times, under the certificate's id made with SHA-1, SHA-256 and SM3, so that it
 * answers whoever asks with one of the three. It names its signer by key, has no extensions, and carries the signer's
 * certificate. A nonce in a request is not answered. */
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
    CH_OCSP_UNAUTHORIZED = 6, /* not ours, or not known */
};

/* CertID */
struct ch_ocsp_id {
    enum ch_ocsp_hash hash;
    struct ch_bytes name_hash, key_hash; /* of the issuer */
    const char *serial;                  /* as ch_cert_serial writes it */
};

/* Reads a request of DER; the id points into it and into the arena. CH_OCSP_MALFORMED for what is no request, for one
 * about several certificates (RFC 5019, 2.1.1) and for a critical extension; CH_OCSP_UNAUTHORIZED for an id made with
 * another digest or a serial number that no certificate has. A signature of the request is not looked at. */
enum ch_ocsp_result ch_ocsp_request(struct ch_arena *a, struct ch_bytes der, struct ch_ocsp_id *out) CH_MUST;
/* A request as clients send it, without nonce. False for a serial number that is none. */
bool ch_ocsp_ask(struct ch_arena *a, X509 *issuer, const char *serial, enum ch_ocsp_hash hash,
                 struct ch_bytes *der) CH_MUST;

/* What the ids of an issuer's certificates have in common, for each digest. */
struct ch_ocsp_issuer {
    unsigned char name[CH_OCSP__HASHES][32], key[CH_OCSP__HASHES][32];
};
void ch_ocsp_issuer(X509 *issuer, struct ch_ocsp_issuer *out);
bool ch_ocsp_is_of(const struct ch_ocsp_id *id, const struct ch_ocsp_issuer *issuer) CH_MUST;

/* A response without content, for everything but success. Static bytes. */
struct ch_bytes ch_ocsp_error(enum ch_ocsp_result result);

struct ch_ocsp_plan {
    const struct ch_ocsp_issuer *issuer;
    const char *serial;  /* hex digits */
    const char *reason;  /* NULL: good; else revoked, by a word of core/pki/crl.h; "hold" as well */
    int64_t revoked_at;  /* seconds since 1970 */
    int64_t this_update, next_update, produced_at;
};

/* The bytes that will be signed (ResponseData). `responder`: the certificate of the key that signs. False for a serial
 * number or a reason that is none. */
bool ch_ocsp_fix(struct ch_arena *a, const struct ch_ocsp_plan *plan, X509 *responder, struct ch_bytes *tbs) CH_MUST;
/* Signs them; *der is the whole OCSPResponse. */
bool ch_ocsp_sign(struct ch_arena *a, struct ch_bytes tbs, X509 *responder, EVP_PKEY *key,
                  struct ch_bytes *der) CH_MUST;

enum ch_ocsp_verdict {
    CH_OCSP_GOOD,
    CH_OCSP_REVOKED,
    CH_OCSP_UNKNOWN,     /* the responder does not know the certificate */
    CH_OCSP_NO_ANSWER,   /* no successful response, or not about this certificate */
    CH_OCSP_BAD_SIGNER,  /* neither the issuer nor one whom it has named for this, or not in force */
    CH_OCSP_BAD_SIGNATURE,
    CH_OCSP_NOT_CURRENT, /* before thisUpdate or after nextUpdate */
};

struct ch_ocsp_answer {
    int64_t this_update, next_update, revoked_at; /* seconds since 1970; next_update and revoked_at 0: none */
    int reason;                                   /* number of RFC 5280; -1: none given */
};

/* What a response says at the time `at` of the certificate of `issuer` with that serial number, checked as a relying
 * party has to (RFC 6960, section 3.2): by whom it is signed, under which id, and that it is current. Independent of
 * the functions above. *out is filled for the first three verdicts. */
enum ch_ocsp_verdict ch_ocsp_verify(struct ch_arena *a, struct ch_bytes der, X509 *issuer, const char *serial,
                                    int64_t at, struct ch_ocsp_answer *out) CH_MUST;

#endif
