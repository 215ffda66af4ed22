/* SPDX-License-Identifier: Apache-2.0
 * Electronic seals (SESeal) and their use on a document (SES_Signature).
 *
 *   version 4   GB/T 38540-2020; what the hall makes
 *   version 5   GM/T 0031-2025: the same with a time stamp [0] that may be there
 *   version 1   GM/T 0031-2014 (its header says 1, 2 or 3): read, never made
 *
 * A seal is SEQUENCE { SES_SealInfo, maker's certificate, algorithm, signature }; the signature is over the DER of
 * SES_SealInfo with its header (version 1: over SEQUENCE { SES_SealInfo, certificate, algorithm }). It is SM2 with SM3 under
 * CH_SM2_ID in everything that the hall makes; whatever else core/pki/algorithm.h knows verifies as well.
 *
 * What is read points into the bytes that were given, and into the arena for texts. Nothing here asks who the maker is:
 * its chain and revocation are the caller's to look at (ch_ses_maker, core/pki/trust.h). */
#ifndef CH_PKI_SES_H
#define CH_PKI_SES_H

#include "core/base/arena.h"
#include "core/pki/algorithm.h"

#define CH_SES_MAX (2 * 1024 * 1024)         /* bytes of a seal or a signature: larger is not read */
#define CH_SES_PICTURE_MAX (1024 * 1024)     /* of its picture */
#define CH_SES_CERTS 16                      /* holders' certificates in one seal */
#define CH_SES_MM_MAX 300                    /* width and height of a picture in millimetres */

enum ch_ses_type { CH_SES_UNIT = 1, CH_SES_PERSON = 2 };

struct ch_ses {
    int version;                                /* 1, 4 or 5 */
    const char *vendor;                         /* Vid: who made the software */
    const char *id;                             /* esID: the seal's own number */
    int type;                                   /* enum ch_ses_type; others' seals may have other numbers */
    const char *name;                           /* as registered, UTF-8 */
    bool digests;                               /* `certs` are SM3 digests of certificates instead of certificates */
    struct ch_bytes certs[CH_SES_CERTS];        /* who may use it */
    size_t n_certs;
    int64_t created, start, end;                /* seconds since 1970 */
    const char *picture_type;                   /* "PNG", "SVG", "OFD" … */
    struct ch_bytes picture;
    int width, height;                          /* in millimetres */

    /* what reading fills in */
    struct ch_bytes info;                       /* DER of SES_SealInfo */
    struct ch_bytes tbs;                        /* what the maker signed */
    struct ch_bytes maker;                      /* its certificate, DER */
    struct ch_bytes algorithm;                  /* content of the OBJECT IDENTIFIER */
    struct ch_bytes signature;
    struct ch_bytes time_stamp;                 /* version 5; p NULL: none. Its content is not looked into here */
};

/* What checking a seal found, in the standard's order; the first that is wrong. */
enum ch_ses_verdict {
    CH_SES_GOOD,
    CH_SES_FORMAT,      /* no seal, not DER, larger than allowed, a time or text out of shape */
    CH_SES_SIGNATURE,   /* not the maker's signature over this content (changed, another id, another key) */
    CH_SES_MAKER,       /* the maker's certificate is not one to sign with, or was not in force when the seal was made */
    CH_SES_CREATED,     /* made in the future, or its dates contradict each other */
    CH_SES_EARLY,       /* not valid yet */
    CH_SES_EXPIRED,     /* not valid any more */
    CH_SES_SIGNER,      /* of a use: the signer's certificate is not in the seal, or the signature is not the signer's */
    CH_SES_DOCUMENT,    /* of a use: not this document */
};
/* A sentence for people. */
const char *ch_ses_words(enum ch_ses_verdict v);

/* Reads a seal, all of `der`. False: CH_SES_FORMAT. */
bool ch_ses_read(struct ch_arena *a, struct ch_bytes der, struct ch_ses *out) CH_MUST;
/* Whether the maker named in it has signed it: nothing about whether it may, or when. */
bool ch_ses_signed(const struct ch_ses *s) CH_MUST;
/* Checks a seal that was read, at the time `at` (seconds). The maker's chain is not looked at. */
enum ch_ses_verdict ch_ses_verify(const struct ch_ses *s, int64_t at) CH_MUST;
/* Both in one. `out` may be NULL. */
enum ch_ses_verdict ch_ses_check(struct ch_arena *a, struct ch_bytes der, int64_t at, struct ch_ses *out) CH_MUST;
/* The maker's certificate, to be freed; NULL when it is none. */
X509 *ch_ses_maker(const struct ch_ses *s) CH_MUST;
/* Whether a certificate (DER) may use the seal: it is in its list, or its digest is. */
bool ch_ses_may_use(const struct ch_ses *s, struct ch_bytes cert) CH_MUST;

/* The SES_SealInfo of what `s` says (the members above the second comment), to be hashed and recorded before it is signed;
 * version 4 or 5. Nothing (p NULL) when a member does not fit the structure. */
struct ch_bytes ch_ses_info(struct ch_arena *a, const struct ch_ses *s);
/* Signs it: the seal, DER. `time_stamp` is for version 5; p NULL: none. */
bool ch_ses_sign(struct ch_arena *a, struct ch_bytes info, X509 *maker, EVP_PKEY *key, struct ch_bytes time_stamp,
                 struct ch_bytes *seal) CH_MUST;

/* A use of a seal on a document. */
struct ch_ses_use {
    int version;
    struct ch_ses seal;
    struct ch_bytes seal_der;
    int64_t time;                               /* as the signer says; 0 in version 1, where it is a time stamp */
    struct ch_bytes hash;                       /* SM3 of the document's data */
    const char *property;                       /* in OFD the path of Signature.xml */
    struct ch_bytes tbs, cert, algorithm, signature, time_stamp;
};

/* Reads a use, all of `der`. */
bool ch_ses_use_read(struct ch_arena *a, struct ch_bytes der, struct ch_ses_use *out) CH_MUST;
/* Checks it: the seal at the time of signing, the signer, the signature, and that it is over `document` (p NULL: not looked
 * at). */
enum ch_ses_verdict ch_ses_use_verify(const struct ch_ses_use *u, struct ch_bytes document) CH_MUST;
/* Makes one, version 4: `seal` on `document` at `time`, by the holder of `signer` and its key. */
bool ch_ses_use_sign(struct ch_arena *a, struct ch_bytes seal, struct ch_bytes document, const char *property, int64_t time,
                     X509 *signer, EVP_PKEY *key, struct ch_bytes *use) CH_MUST;

#endif
