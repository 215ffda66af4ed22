/* SPDX-License-Identifier: Apache-2.0
 * Chains: whether a certificate leads to a root that is trusted, and held at a given time (RFC 5280, section 6.1).
 *
 * Of each certificate of the chain: the signature by the one above (core/pki/algorithm.h alone verifies), names and key
 * ids, validity at that time, no critical extension that is unknown here; of each that issues: basicConstraints, path
 * length, keyCertSign. Revocation is not looked at: who asks knows where to look that up. Policies and name constraints
 * are not processed; a certificate that makes them critical is refused, as the standard demands. */
#ifndef CH_PKI_TRUST_H
#define CH_PKI_TRUST_H

#include "core/pki/certificate.h"

/* Certificates of a chain at most, the leaf and the root included. */
#define CH_CHAIN_MAX 6

enum ch_trust {
    CH_TRUST_OK,
    CH_TRUST_UNKNOWN_ISSUER, /* no root is reached */
    CH_TRUST_SIGNATURE,      /* the issuer is there by name, but has not signed this */
    CH_TRUST_KEY,            /* a key or algorithm that is not worked with (core/pki/algorithm.h), or too weak */
    CH_TRUST_NOT_YET,        /* before notBefore */
    CH_TRUST_EXPIRED,        /* after notAfter */
    CH_TRUST_NOT_CA,         /* the issuer may not issue certificates */
    CH_TRUST_PATH_LENGTH,    /* more certificates below an issuer than it allows */
    CH_TRUST_CRITICAL,       /* a critical extension that is unknown here */
    CH_TRUST_USE,            /* the leaf's keyUsage does not allow this use */
    CH_TRUST__COUNT
};

/* What the leaf's key has been used for. Without a keyUsage extension every use is allowed. */
enum ch_trust_use {
    CH_USE_ANY,
    CH_USE_SIGN, /* digitalSignature or nonRepudiation */
};

/* Who is trusted, and who may stand between. The certificates stay the caller's. */
struct ch_trusted {
    X509 *const *roots; /* taken on trust: their own signature is not looked at, their validity is */
    size_t n_roots;
    X509 *const *between; /* candidates only: of the authority, or sent along with a signature */
    size_t n_between;
};

struct ch_chain {
    enum ch_trust result;
    X509 *link[CH_CHAIN_MAX]; /* leaf first, as far as it was built; the caller's of old, not counted up */
    size_t n;
    size_t failed; /* index of the link that the result is about; of CH_TRUST_UNKNOWN_ISSUER the last one found, of
                    * CH_TRUST_OK 0 */
};

/* Builds and checks. `at` in seconds since 1970. Fills *out wholly and gives out->result. A chain that is good is taken
 * before one that is not; of several bad ones the result tells about the one that got furthest. */
enum ch_trust ch_trust_check(const struct ch_trusted *given, X509 *leaf, int64_t at, enum ch_trust_use use,
                             struct ch_chain *out);

/* A result in words for people, about the certificate that failed ("证书已经过期" …). Never NULL. */
const char *ch_trust_words(enum ch_trust result);

#endif
