/* SPDX-License-Identifier: Apache-2.0
 * What stands in a certificate, as a table: a row a kind of certificate. After GM/T 0015, GB/T 20518 and RFC 5280.
 *
 * Private extensions and policies:
 *   1.2.156.10260.4.1.4  organisation code; today the unified social credit code, a PrintableString
 *   <arc>.1.<n>          certificate policies: 1 institution, 2 institution individual, 3 natural person
 *   <arc>.2.1            keyed hash of the holder's ID number, an OCTET STRING of 32 bytes: HMAC-SHA256 under the
 *                        hall's hash key (ch_blind, field "certificate.id"), so that nobody else can try numbers
 * <arc> is the authority's own, PROFILE_ARC: here the number that RFC 5612 keeps for documentation. An authority that
 * goes to work puts in its own enterprise number. */
#ifndef SIGNER_PROFILE_H
#define SIGNER_PROFILE_H

#include "core/base/arena.h"
#include "core/base/error.h"

#include <openssl/x509.h>

#define PROFILE_ARC "1.3.6.1.4.1.32473"
#define PROFILE_ORG_CODE "1.2.156.10260.4.1.4"
#define PROFILE_ID_HASH PROFILE_ARC ".2.1"
#define PROFILE_ID_FIELD "certificate.id"
#define SERIAL_BYTES 8
#define ID_HASH_BYTES 32

/* What a name and the private extensions are made of; NULL where there is none. UTF-8. */
struct subject {
    const char *unit_name, *unit_code, *person_name, *person_id;
};

/* One attribute of the distinguished name behind C=CN: which, and the member of struct subject that it takes. */
struct name_part {
    const char *attribute; /* NULL: no more */
    size_t member;         /* offset in struct subject */
};

#define NAME_PARTS 2

struct profile {
    const char *kind; /* an order's cert_type, or "root", "issuing" */
    struct name_part name[NAME_PARTS];
    const char *constraints, *key_usage, *extended_usage; /* OpenSSL's words for constants; NULL: not there */
    const char *policy;                                   /* its OID; NULL: none */
    bool unit_code, id_hash;                              /* private extensions */
    bool pointers;                                        /* to OCSP and CRL of the issuer */
};

/* The row of a kind, or NULL. */
const struct profile *profile_find(const char *kind) CH_MUST;

struct certificate_plan {
    const struct profile *profile;
    struct subject subject;
    unsigned char serial[SERIAL_BYTES];
    int64_t not_before, not_after;         /* seconds since 1970 */
    EVP_PKEY *key;                         /* its public half is certified */
    X509 *issuer;                          /* NULL: self-signed */
    const char *algorithm;                 /* "sm2" or "rsa": in the addresses below */
    const char *origin, *site;             /* of the hall, for AIA and CRL; of the authority, for its CPS */
    unsigned char id_hash[ID_HASH_BYTES];  /* where the profile has one */
};

/* A certificate without its signature; NULL with CH_E_INVALID noted when the subject does not fit the profile (an
 * attribute missing or too long, a code of other characters), CH_E_INTERNAL when OpenSSL fails. Freed by the caller. */
X509 *profile_build(const struct certificate_plan *plan, struct ch_fault *f) CH_MUST;

#endif
