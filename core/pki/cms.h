/* SPDX-License-Identifier: Apache-2.0
 * Signed data: CMS (RFC 5652) and PKCS#7, by one or several signers, with its content inside (attached) or beside it
 * (detached); also under the content types of GM/T 0010 (1.2.156.10197.6.1.4.2.x).
 *
 * Known are SM2 with SM3, RSA (PKCS#1 v1.5) with SHA-256, ECDSA on P-256 with SHA-256; core/pki/algorithm.h alone
 * verifies. Whose the certificates are, and whether they were in force, is for core/pki/trust.h. */
#ifndef CH_PKI_CMS_H
#define CH_PKI_CMS_H

#include "core/pki/certificate.h"

#define CH_CMS_SIGNERS 16 /* in one structure; one with more is not read */
#define CH_CMS_CERTS 32

enum ch_cms_result {
    CH_CMS_GOOD,
    CH_CMS_NO_CONTENT,  /* detached, and no content was given */
    CH_CMS_NO_CERT,     /* the signer's certificate is not sent along */
    CH_CMS_ALGORITHM,   /* one that is not worked with */
    CH_CMS_ATTRIBUTES,  /* signed attributes that lack what they must hold, hold it twice, or contradict the rest */
    CH_CMS_CONTENT,     /* signed was another content */
    CH_CMS_SUBSTITUTED, /* the signer meant another certificate (RFC 5035) */
    CH_CMS_SIGNATURE,   /* not the signature of this key */
    CH_CMS__COUNT
};

struct ch_cms_signer {
    X509 *cert;         /* NULL: not sent along; freed with the arena */
    int64_t time;       /* signingTime, seconds since 1970: what the signer says; 0: nothing */

    /* as they stand, for ch_cms_check */
    enum ch_cms_result attributes;                  /* what their own shape is worth */
    struct ch_bytes digest_algorithm, algorithm;    /* contents of OBJECT IDENTIFIERs */
    struct ch_bytes signed_attributes;              /* with their header, as SET; p NULL: none */
    struct ch_bytes digest, meant;                  /* messageDigest; hash of the certificate meant, or p NULL */
    bool meant_sm3;                                 /* it is SM3, not SHA-256 */
    struct ch_bytes signature;
};

struct ch_cms {
    bool attached;
    struct ch_bytes content;   /* when attached */
    struct ch_bytes type;      /* of the content, an OBJECT IDENTIFIER's content */
    X509 *certs[CH_CMS_CERTS]; /* sent along; freed with the arena */
    size_t n_certs;
    struct ch_cms_signer signers[CH_CMS_SIGNERS];
    size_t n_signers;
};

/* The element that *in begins with, in BER; takes it off *in. False for what is no signed data with a signer. Everything
 * points into what was given or into the arena. */
bool ch_cms_take(struct ch_arena *a, struct ch_bytes *in, struct ch_cms *out) CH_MUST;
/* A whole file of it: DER, BER, PEM or plain base64, with nothing behind. */
bool ch_cms_read(struct ch_arena *a, struct ch_bytes file, struct ch_cms *out) CH_MUST;

/* Whether the signer has signed this content: that inside, or `beside` when it is detached (p NULL: none was given). */
enum ch_cms_result ch_cms_check(const struct ch_cms *cms, const struct ch_cms_signer *signer, struct ch_bytes beside);

/* A result in words for people. Never NULL. */
const char *ch_cms_words(enum ch_cms_result result);

#endif
