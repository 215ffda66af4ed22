/* SPDX-License-Identifier: Apache-2.0
 * What stands in a certificate: a row a kind of certificate, read from the file of setting `profiles`
 * (core/pki/profiles.json as delivered; docs/authority.md tells its members). After GM/T 0015, GB/T 20518 and RFC 5280.
 *
 * The file says what an authority may choose: names, usages, policies, private extensions, lengths, years. What it may
 * not choose stands here: only the rows "root" and "issuing" are CAs and sign certificates and lists, only "ocsp" signs
 * statuses, an ID number goes in as a keyed hash or not at all, no leaf lives longer than five years, and the
 * extensions of RFC 5280 have the one form that it gives them. */
#ifndef CH_PKI_PROFILE_H
#define CH_PKI_PROFILE_H

#include "core/base/arena.h"
#include "core/base/error.h"

#include <openssl/x509.h>

#define CH_PROFILE_ID_FIELD "certificate.id" /* of ch_blind: the keyed hash of an ID number */
#define CH_SERIAL_BYTES 8
#define CH_ID_HASH_BYTES 32
#define CH_PROFILE_PARTS 8    /* attributes of a name, private extensions, extended usages: at most */
#define CH_LEAF_YEARS 5

/* What a name and the private extensions are made of; NULL where there is none. UTF-8. The ID number goes into no
 * certificate, only its keyed hash does. */
struct ch_subject {
    const char *unit_name, *unit_code, *person_name, *person_id, *business_name;
};

/* How a private extension's value is encoded. IDENTIFY: IdentifyCode of GM/T 0015, a CHOICE whose tagging the standard
 * does not say: [0] EXPLICIT or [0] IMPLICIT PrintableString. */
enum ch_encoding { CH_PRINTABLE, CH_UTF8, CH_IA5, CH_OCTETS, CH_IDENTIFY_EXPLICIT, CH_IDENTIFY_IMPLICIT };

struct ch_name_part {
    int attribute;       /* NID */
    const char *text;    /* a constant; NULL: the field */
    size_t field;        /* offset in struct ch_subject */
    int longest;         /* characters */
};

struct ch_private {
    const char *oid;
    enum ch_encoding encoding;
    size_t field; /* offset in struct ch_subject; counts for nothing when `id_hash` */
    int longest;  /* characters */
    bool id_hash; /* CH_OCTETS of the plan's id_hash */
};

struct ch_profile {
    const char *kind, *title;                       /* its name in file and database; for people */
    struct ch_name_part name[CH_PROFILE_PARTS + 1]; /* in this order; ends with attribute 0 */
    uint32_t key_usage;                             /* KU_… of openssl/x509v3.h */
    int extended[CH_PROFILE_PARTS + 1];             /* NIDs in this order; ends with 0 */
    const char *policy;                             /* its OID; NULL: none */
    bool aia, crl;                                  /* addresses of OCSP, issuer certificate and list */
    struct ch_private own[CH_PROFILE_PARTS + 1];    /* ends with oid NULL */
    int years, days;                                /* longest validity: one of the two */
    const char *dual;                               /* the kind of the pair's encryption certificate; NULL: no pair */
    bool ca, no_check;                              /* follow from the kind */
    int path_length;                                /* of a CA; -1: not limited */
    bool id_hash;                                   /* a private extension takes it */
};

struct ch_profiles;

/* Reads the file; every mistake in it is CH_E_INVALID, with its JSON pointer in f->pointer and both in the detail.
 * Ended with ch_profiles_free. */
enum ch_err ch_profiles_load(const char *path, struct ch_profiles **out, struct ch_fault *f) CH_MUST;
enum ch_err ch_profiles_read(struct ch_bytes json, struct ch_profiles **out, struct ch_fault *f) CH_MUST;
void ch_profiles_free(struct ch_profiles *p);

/* The authority's private arc, an OID. */
const char *ch_profiles_arc(const struct ch_profiles *p);
/* The row of a kind, or NULL. Lives as long as `p`. */
const struct ch_profile *ch_profile_find(const struct ch_profiles *p, const char *kind) CH_MUST;
/* All rows in the order of the file; NULL behind the last. */
const struct ch_profile *ch_profile_at(const struct ch_profiles *p, size_t i) CH_MUST;

struct ch_certificate_plan {
    const struct ch_profile *profile;
    struct ch_subject subject;
    unsigned char serial[CH_SERIAL_BYTES];
    int64_t not_before, not_after; /* seconds since 1970 */
    EVP_PKEY *key;                 /* its public half is certified */
    X509 *issuer;                  /* NULL: self-signed */
    const char *algorithm;         /* of the issuer, its name in the addresses below */
    const char *origin, *site;     /* of the hall, for AIA and CRL; of the authority, for its CPS */
    unsigned char id_hash[CH_ID_HASH_BYTES]; /* where the profile has one */
};

/* A certificate without its signature; NULL with CH_E_INVALID noted when the plan does not fit the profile (a field
 * missing or too long, a code of other characters, longer than the profile's years or the issuer's life), CH_E_INTERNAL
 * when OpenSSL fails. Freed by the caller. */
X509 *ch_profile_build(const struct ch_certificate_plan *plan, struct ch_fault *f) CH_MUST;

/* The bits of `usage` that a key of that algorithm can do: RSA agrees on no keys (RFC 3279), P-256 does nothing else
 * but sign (RFC 5480). */
uint32_t ch_usage_of(const char *algorithm, uint32_t usage);
/* The last second that the profile allows a certificate which begins at `start`. */
int64_t ch_profile_limit(const struct ch_profile *p, int64_t start);

/* The addresses that go into a certificate of that issuer, and that the lint expects there. */
enum ch_address { CH_ADDRESS_OCSP, CH_ADDRESS_ISSUER, CH_ADDRESS_CRL };
char *ch_profile_address(struct ch_arena *a, enum ch_address which, const char *origin, const char *algorithm);

#endif
