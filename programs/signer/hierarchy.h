/* SPDX-License-Identifier: Apache-2.0
 * The authority's own keys and certificates, a family an algorithm: a root; under it the issuing CA, which signs for
 * people; under that one the OCSP signer, which signs statuses, and the seal maker, which signs electronic seals. All
 * lies in the folder of setting signer_keys, which only the signer reads, <role>-<algorithm> with role root, ca, ocsp,
 * seal:
 *
 *   passphrase           opens the keys, one line, mode 0400
 *   root-sm2.key …       PKCS#8, AES-256-CBC under the passphrase, PEM, mode 0400
 *   root-sm2.cer …       DER, mode 0444, for everybody
 *   ceremony.txt         who made what and when, with fingerprints, to be kept on paper
 *
 * The root's key is needed to make an issuing CA and never while serving: after `init` it can be taken away. */
#ifndef SIGNER_HIERARCHY_H
#define SIGNER_HIERARCHY_H

#include "core/pki/profile.h"

#include <openssl/x509.h>

/* Whose hierarchy it is. */
struct authority {
    const char *name, *brief; /* O; the beginning of CN */
    const char *origin, *site; /* addresses in certificates: of the hall, of the authority */
    const struct ch_profiles *profiles;
};

struct hierarchy {
    const char *algorithm; /* "sm2", "rsa", "p256": also the name of the CA in the database, in files and addresses */
    X509 *root, *ca;
    EVP_PKEY *ca_key;
    X509 *ocsp, *seal; /* what signs statuses; what makes electronic seals; NULL: not there */
    EVP_PKEY *ocsp_key, *seal_key;
};

/* Makes what is not there yet, for one algorithm, and the OCSP signer's certificate afresh when it runs out; nothing
 * else that is there is touched. */
enum ch_err hierarchy_make(const char *dir, const char *algorithm, const struct authority *who,
                           struct ch_fault *f) CH_MUST;

/* Whether less than a third of the certificate's life is left at `now` (seconds since 1970). */
bool hierarchy_due(const X509 *cert, int64_t now) CH_MUST;

/* The OCSP signer's next certificate, for the same key, without its signature; NULL on failure. The caller's. */
X509 *hierarchy_ocsp_next(const struct hierarchy *h, const struct authority *who, struct ch_fault *f) CH_MUST;
/* Puts it, signed, in the place of the old one, in the folder and in *h, whose it then is. */
enum ch_err hierarchy_ocsp_replace(const char *dir, struct hierarchy *h, X509 *cert, struct ch_fault *f) CH_MUST;

/* Whether the folder holds an issuing CA of that algorithm. */
bool hierarchy_there(const char *dir, const char *algorithm) CH_MUST;
/* Loads what issuing takes, and checks that key and certificates belong together and are in force. */
enum ch_err hierarchy_load(const char *dir, const char *algorithm, struct hierarchy *out, struct ch_fault *f) CH_MUST;
void hierarchy_free(struct hierarchy *h);

/* A certificate of the folder ("root-sm2.cer"); NULL when it cannot be read. Freed by the caller. */
X509 *hierarchy_certificate(const char *dir, const char *file) CH_MUST;

#endif
