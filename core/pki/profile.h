/* SPDX-License-Identifier: Apache-2.0
 * Certificate profiles: what each kind of certificate contains, after GM/T 0015, GB/T 20518 and RFC 5280. They are read from
 * the file of the setting `profiles` (core/pki/profiles.json as delivered; docs/authority.md explains its members).
 *
 * The file has what an authority may choose: names, usages, policies, private extensions, lengths, years. The rest is fixed
 * in the code: only "root" and "issuing" are CAs and sign certificates and lists; only "ocsp" signs statuses; an ID number
 * is included as a keyed hash or not at all; no leaf but that of a seal maker is valid for more than five years; and the
 * extensions of RFC 5280 have the form that it gives them. */
#ifndef CH_PKI_PROFILE_H
#define CH_PKI_PROFILE_H

#include "core/base/arena.h"
#include "core/base/error.h"

#include <openssl/x509.h>

#define CH_PROFILE_ID_FIELD "certificate.id" /* field of ch_blind for the keyed hash of an ID number */
#define CH_SERIAL_BYTES 8
#define CH_ID_HASH_BYTES 32
#define CH_PROFILE_PARTS 8 /* at most: attributes of a name, private extensions, extended usages */
#define CH_LEAF_YEARS 5

/* The values of the name and of the private extensions, in UTF-8; NULL: none. No certificate contains the ID number itself,
 * only its keyed hash. */
struct ch_subject {
    const char *unit_name, *unit_code, *person_name, *person_id, *business_name;
};

/* How a private extension's value is encoded. IDENTIFY is the IdentifyCode of GM/T 0015, a CHOICE whose tagging the standard
 * leaves open: a PrintableString under [0] EXPLICIT or [0] IMPLICIT. */
enum ch_encoding { CH_PRINTABLE, CH_UTF8, CH_IA5, CH_OCTETS, CH_IDENTIFY_EXPLICIT, CH_IDENTIFY_IMPLICIT };

struct ch_name_part {
    int attribute;    /* NID */
    const char *text; /* a constant; NULL: the value is that of `field` */
    size_t field;     /* offset in struct ch_subject */
    int longest;      /* characters */
};

struct ch_private {
    const char *oid;
    enum ch_encoding encoding;
    size_t field; /* offset in struct ch_subject; unused with `id_hash` */
    int longest;  /* characters */
    bool id_hash; /* the value is the plan's id_hash, as CH_OCTETS */
};

struct ch_profile {
    const char *kind, *title;                       /* its name in the file and in the database; its name for people */
    struct ch_name_part name[CH_PROFILE_PARTS + 1]; /* in this order; ends with attribute 0 */
    uint32_t key_usage;                             /* KU_… of openssl/x509v3.h */
    int extended[CH_PROFILE_PARTS + 1];             /* NIDs in this order; ends with 0 */
    const char *policy;                             /* its OID; NULL: none */
    bool aia, crl;                                  /* has the addresses of OCSP and issuer certificate; of the list */
    struct ch_private own[CH_PROFILE_PARTS + 1];    /* ends with oid NULL */
    int years, days;                                /* longest validity; one of the two is 0 */
    const char *dual;                               /* the kind of the pair's encryption certificate; NULL: no pair */
    bool ca, no_check;                              /* these follow from the kind */
    int path_length;                                /* of a CA; -1: not limited */
    bool id_hash;                                   /* a private extension contains it */
};

struct ch_profiles;

/* Read the profiles from a file or from its content. Every mistake is CH_E_INVALID, with its JSON pointer in f->pointer and
 * pointer and mistake in the detail. The caller frees *out with ch_profiles_free. */
enum ch_err ch_profiles_load(const char *path, struct ch_profiles **out, struct ch_fault *f) CH_MUST;
enum ch_err ch_profiles_read(struct ch_bytes json, struct ch_profiles **out, struct ch_fault *f) CH_MUST;
void ch_profiles_free(struct ch_profiles *p);

/* The OID of the authority's private arc. */
const char *ch_profiles_arc(const struct ch_profiles *p);
/* The profile of a kind, or NULL. Valid as long as `p`. */
const struct ch_profile *ch_profile_find(const struct ch_profiles *p, const char *kind) CH_MUST;
/* The i-th profile in the order of the file; NULL behind the last. */
const struct ch_profile *ch_profile_at(const struct ch_profiles *p, size_t i) CH_MUST;

struct ch_certificate_plan {
    const struct ch_profile *profile;
    struct ch_subject subject;
    unsigned char serial[CH_SERIAL_BYTES];
    int64_t not_before, not_after;           /* seconds since 1970 */
    EVP_PKEY *key;                           /* the key to be certified; its public half is enough */
    X509 *issuer;                            /* NULL: self-signed */
    const char *algorithm;                   /* the issuer's, as it appears in its addresses */
    const char *origin, *site;               /* of the hall, in AIA and CRL; of the authority, in its CPS */
    unsigned char id_hash[CH_ID_HASH_BYTES]; /* used when the profile has `id_hash` */
};

/* Builds a certificate without its signature; the caller frees it. NULL on failure, with CH_E_INVALID noted in *f when the plan
 * does not fit the profile (a field missing or too long, not in normalization form C, or with a character that core/base/text.h
 * does not allow; a code with other characters; a validity beyond the profile's or the issuer's), CH_E_INTERNAL when OpenSSL
 * fails. */
X509 *ch_profile_build(const struct ch_certificate_plan *plan, struct ch_fault *f) CH_MUST;

/* The bits of `usage` that suit a key of that algorithm: no key agreement for RSA (RFC 3279), no encipherment for P-256 (RFC
 * 5480). */
uint32_t ch_profile_usage(const char *algorithm, uint32_t usage);
/* The last second, since 1970, that the profile allows for a certificate that begins at `start`. */
int64_t ch_profile_limit(const struct ch_profile *p, int64_t start);

/* An address in the certificates of the issuer with that algorithm. */
enum ch_address { CH_ADDRESS_OCSP, CH_ADDRESS_ISSUER, CH_ADDRESS_CRL };
char *ch_profile_address(struct ch_arena *a, enum ch_address which, const char *origin, const char *algorithm);

#endif
