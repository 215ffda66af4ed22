/* SPDX-License-Identifier: Apache-2.0
 * Signed data in CMS (RFC 5652) and PKCS#7, by one or several signers, with the content inside (attached) or in a file of its
 * own (detached). The content types of GM/T 0010 (1.2.156.10197.6.1.4.2.x) are accepted as well.
 *
 * Supported are SM2 with SM3, RSA (PKCS#1 v1.5) with SHA-256, and ECDSA on P-256 with SHA-256, verified by
 * core/pki/algorithm.h. Whether the certificates are trusted and valid is checked with core/pki/trust.h. */
#ifndef CH_PKI_CMS_H
#define CH_PKI_CMS_H

#include "core/pki/certificate.h"

#define CH_CMS_SIGNERS 16 /* in one structure; a structure with more is refused */
#define CH_CMS_CERTS 32   /* read from one structure; further ones are ignored */

enum ch_cms_result {
    CH_CMS_GOOD,
    CH_CMS_NO_CONTENT,  /* detached, and no content was given */
    CH_CMS_NO_CERT,     /* the signer's certificate is not included */
    CH_CMS_ALGORITHM,   /* not supported */
    CH_CMS_ATTRIBUTES,  /* a required signed attribute is missing or repeated, or contradicts the rest */
    CH_CMS_CONTENT,     /* another content was signed */
    CH_CMS_SUBSTITUTED, /* the signer named another certificate (RFC 5035) */
    CH_CMS_SIGNATURE,   /* it was not made by this key */
    CH_CMS__COUNT
};

struct ch_cms_signer {
    X509 *cert;   /* NULL: not included; freed with the arena */
    int64_t time; /* signingTime as the signer claims it, in seconds since 1970; 0: none */

    /* for ch_cms_check */
    enum ch_cms_result attributes;               /* CH_CMS_ATTRIBUTES when they are malformed, else CH_CMS_GOOD */
    struct ch_bytes digest_algorithm, algorithm; /* contents of OBJECT IDENTIFIERs */
    struct ch_bytes signed_attributes;           /* a SET with its header; p NULL: none */
    struct ch_bytes digest, meant; /* messageDigest; hash of the certificate that the signer named, p NULL: none */
    bool meant_sm3;                /* that hash is SM3; otherwise SHA-256 */
    struct ch_bytes signature;
};

struct ch_cms {
    bool attached;
    struct ch_bytes content;   /* when attached */
    struct ch_bytes type;      /* of the content, an OBJECT IDENTIFIER's content */
    X509 *certs[CH_CMS_CERTS]; /* those included; freed with the arena */
    size_t n_certs;
    struct ch_cms_signer signers[CH_CMS_SIGNERS];
    size_t n_signers;
};

/* Reads the BER element at the start of *in and removes it from *in. False unless it is signed data with a signer. *out
 * points into *in and into the arena. */
bool ch_cms_take(struct ch_arena *a, struct ch_bytes *in, struct ch_cms *out) CH_MUST;
/* Reads a whole file: DER, BER, PEM or plain base64, with nothing behind it. */
bool ch_cms_read(struct ch_arena *a, struct ch_bytes file, struct ch_cms *out) CH_MUST;

/* Whether the signer has signed the attached content, or `detached` when there is none attached (p NULL: none was given). */
enum ch_cms_result ch_cms_check(const struct ch_cms *cms, const struct ch_cms_signer *signer, struct ch_bytes detached);

/* A sentence for people about a result. Never NULL. */
const char *ch_cms_words(enum ch_cms_result result);

#endif
