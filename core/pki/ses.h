/* SPDX-License-Identifier: Apache-2.0
 * Electronic seals (SESeal) and their use on a document (SES_Signature).
 *
 *   version 4   GB/T 38540-2020; what the hall makes
 *   version 5   GM/T 0031-2025: the same with an optional time stamp under [0]
 *   version 1   GM/T 0031-2014 (its header says 1, 2 or 3): read, never made
 *
 * A seal is SEQUENCE { SES_SealInfo, maker's certificate, algorithm, signature }; the signature is over the DER of
 * SES_SealInfo with its header (version 1: over SEQUENCE { SES_SealInfo, certificate, algorithm }). It is SM2 with SM3 under
 * CH_SM2_ID in everything that the hall makes; the other algorithms of core/pki/algorithm.h are verified as well.
 *
 * What is read points into the given bytes; texts are copied to the arena. Whether the maker is trusted is not checked here: the
 * caller checks the maker's chain and revocation (ch_ses_maker, core/pki/trust.h). */
#ifndef CH_PKI_SES_H
#define CH_PKI_SES_H

#include "core/base/arena.h"
#include "core/pki/algorithm.h"

#define CH_SES_MAX (2 * 1024 * 1024)     /* bytes of a seal or of its use; larger ones are refused */
#define CH_SES_PICTURE_MAX (1024 * 1024) /* bytes of a seal's picture */
#define CH_SES_CERTS 16                  /* holders' certificates in one seal */
#define CH_SES_MM_MAX 300                /* width and height of a picture in millimetres */

enum ch_ses_type { CH_SES_UNIT = 1, CH_SES_PERSON = 2 };

struct ch_ses {
    int version;                         /* 1, 4 or 5 */
    const char *vendor;                  /* Vid: the maker of the software */
    const char *id;                      /* esID: the seal's number */
    int type;                            /* enum ch_ses_type; other makers' seals may have other numbers */
    const char *name;                    /* as registered, UTF-8 */
    bool digests;                        /* `certs` are SM3 digests of certificates instead of certificates */
    struct ch_bytes certs[CH_SES_CERTS]; /* of those who may use the seal */
    size_t n_certs;
    int64_t created, start, end; /* seconds since 1970 */
    const char *picture_type;    /* "PNG", "SVG", "OFD" … */
    struct ch_bytes picture;
    int width, height; /* in millimetres */

    /* filled in by reading */
    struct ch_bytes info;      /* DER of SES_SealInfo */
    struct ch_bytes tbs;       /* the bytes that the maker signed */
    struct ch_bytes maker;     /* the maker's certificate, DER */
    struct ch_bytes algorithm; /* content of the OBJECT IDENTIFIER */
    struct ch_bytes signature;
    struct ch_bytes time_stamp; /* version 5; p NULL: none. Its content is not checked */
};

/* The result of checking a seal: the first mistake in the standard's order. */
enum ch_ses_verdict {
    CH_SES_GOOD,
    CH_SES_FORMAT,    /* not a seal, not DER, too large, or a malformed time or text */
    CH_SES_SIGNATURE, /* not the maker's signature over this content (changed content, another SM2 id, another key) */
    CH_SES_MAKER,     /* the maker's certificate may not sign, or was not valid when the seal was made */
    CH_SES_CREATED,   /* made in the future, or its dates contradict each other */
    CH_SES_EARLY,     /* not valid yet */
    CH_SES_EXPIRED,   /* no longer valid */
    CH_SES_SIGNER, /* of a use: the seal does not list the signer's certificate, or the signature is not the signer's */
    CH_SES_DOCUMENT, /* of a use: it is on another document */
};
/* A sentence for people about the verdict. */
const char *ch_ses_words(enum ch_ses_verdict v);

/* Reads a seal; `der` must have nothing else. False means CH_SES_FORMAT. */
bool ch_ses_read(struct ch_arena *a, struct ch_bytes der, struct ch_ses *out) CH_MUST;
/* Whether the maker whose certificate is in the seal has signed it; not whether the maker may do so, or when it did. */
bool ch_ses_signed(const struct ch_ses *s) CH_MUST;
/* Checks a seal that was read, at the time `at` (seconds since 1970), but not the maker's chain. */
enum ch_ses_verdict ch_ses_verify(const struct ch_ses *s, int64_t at) CH_MUST;
/* Reads and verifies in one call. `out` may be NULL. */
enum ch_ses_verdict ch_ses_check(struct ch_arena *a, struct ch_bytes der, int64_t at, struct ch_ses *out) CH_MUST;
/* The maker's certificate, which the caller frees; NULL when it is malformed. */
X509 *ch_ses_maker(const struct ch_ses *s) CH_MUST;
/* Whether the holder of a certificate (DER) may use the seal: its list has the certificate or its digest. */
bool ch_ses_may_use(const struct ch_ses *s, struct ch_bytes cert) CH_MUST;

/* The SES_SealInfo (version 4 or 5) of the members of `s` that reading does not fill in, to be hashed and recorded before it is
 * signed. p is NULL when a member does not fit the structure. */
struct ch_bytes ch_ses_info(struct ch_arena *a, const struct ch_ses *s);
/* Signs it; *seal is the seal in DER. `time_stamp` is for version 5; p NULL: none. False when the key does not sign, or is not
 * that of `maker`. */
bool ch_ses_sign(struct ch_arena *a, struct ch_bytes info, X509 *maker, EVP_PKEY *key, struct ch_bytes time_stamp,
                 struct ch_bytes *seal) CH_MUST;

/* A use of a seal on a document. */
struct ch_ses_use {
    int version;
    struct ch_ses seal;
    struct ch_bytes seal_der;
    int64_t time;         /* as the signer claims it; 0 in version 1, which has a time stamp instead */
    struct ch_bytes hash; /* SM3 of the document's data */
    const char *property; /* in OFD files the path of Signature.xml */
    struct ch_bytes tbs, cert, algorithm, signature, time_stamp;
};

/* Reads a use; `der` must have nothing else. */
bool ch_ses_use_read(struct ch_arena *a, struct ch_bytes der, struct ch_ses_use *out) CH_MUST;
/* Checks the seal at the time of signing, the signer, the signature, and that it covers `document` (p NULL: not checked). */
enum ch_ses_verdict ch_ses_use_verify(const struct ch_ses_use *u, struct ch_bytes document) CH_MUST;
/* Makes a use of version 4: `seal` on `document` at `time`, signed with `key`, whose certificate is `signer`. */
bool ch_ses_use_sign(struct ch_arena *a, struct ch_bytes seal, struct ch_bytes document, const char *property,
                     int64_t time, X509 *signer, EVP_PKEY *key, struct ch_bytes *use) CH_MUST;

#endif
