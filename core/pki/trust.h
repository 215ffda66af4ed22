/* SPDX-License-Identifier: Apache-2.0
 * Certificate chains: whether a certificate leads to a trusted root and was valid at a given time (RFC 5280, section 6.1).
 *
 * Checked for each certificate of the chain: the signature by the certificate above, verified by core/pki/algorithm.h, names
 * and key ids, validity at that time, and that no critical extension is unknown here; for each issuer also
 * basicConstraints, path length and keyCertSign. Revocation is left to the caller. Policies and name constraints are not
 * processed; a certificate in which they are critical is refused, as the standard demands. */
#ifndef CH_PKI_TRUST_H
#define CH_PKI_TRUST_H

#include "core/pki/certificate.h"

/* The most certificates of a chain, leaf and root included. */
#define CH_CHAIN_MAX 6

enum ch_trust {
    CH_TRUST_OK,
    CH_TRUST_UNKNOWN_ISSUER, /* no root is reached */
    CH_TRUST_SIGNATURE,      /* an issuer with the right name was found, but has not signed it */
    CH_TRUST_KEY,            /* a key or algorithm that is unsupported (core/pki/algorithm.h) or too weak */
    CH_TRUST_NOT_YET,        /* before notBefore */
    CH_TRUST_EXPIRED,        /* after notAfter */
    CH_TRUST_NOT_CA,         /* the issuer may not issue certificates */
    CH_TRUST_PATH_LENGTH,    /* more certificates below an issuer than it allows */
    CH_TRUST_CRITICAL,       /* a critical extension that is unknown here */
    CH_TRUST_USE,            /* the leaf's keyUsage does not allow this use */
    CH_TRUST__COUNT
};

/* The use of the leaf's key. Without a keyUsage extension every use is allowed. */
enum ch_trust_use {
    CH_USE_ANY,
    CH_USE_SIGN, /* digitalSignature or nonRepudiation */
};

/* The trusted roots, and candidates for the certificates between leaf and root. They remain the caller's. */
struct ch_trusted {
    X509 *const *roots; /* trust anchors: their validity is checked, their own signature is not */
    size_t n_roots;
    X509 *const *between; /* not trusted: the authority's, or those that came with a signature */
    size_t n_between;
};

struct ch_chain {
    enum ch_trust result;
    X509 *link[CH_CHAIN_MAX]; /* leaf first, as far as the chain was built; the caller's certificates, without references of their own */
    size_t n;
    size_t failed; /* index of the link that failed; with CH_TRUST_UNKNOWN_ISSUER the last one found, with CH_TRUST_OK 0 */
};

/* Builds and checks the chain of `leaf` at the time `at` (seconds since 1970); fills *out and returns out->result. A good chain
 * is preferred; otherwise the result is that of the chain that got furthest. */
enum ch_trust ch_trust_check(const struct ch_trusted *given, X509 *leaf, int64_t at, enum ch_trust_use use,
                             struct ch_chain *out);

/* A sentence for people about the certificate that failed ("证书已经过期" …). Never NULL. */
const char *ch_trust_words(enum ch_trust result);

#endif
