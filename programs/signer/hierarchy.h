/* SPDX-License-Identifier: Apache-2.0
 * The authority's own keys and certificates. Each algorithm has a hierarchy of its own: a root; under it the issuing CA, which
 * signs subscribers' certificates; and under that the OCSP signer, which signs statuses, the seal maker, which signs electronic
 * seals, and the evidence signer, which signs evidence packages. All files are in the folder of setting signer_keys, which only
 * the signer can read. They are named <role>-<algorithm>, where the role is root, ca, ocsp, seal or evidence:
 *
 *   passphrase           decrypts the keys, one line, mode 0400
 *   root-sm2.key …       PKCS#8, AES-256-CBC under the passphrase, PEM, mode 0400
 *   root-sm2.cer …       DER, mode 0444, for everybody
 *   ceremony.txt         who made what and when, with fingerprints, to be kept on paper
 *
 * The root's key is only needed to make an issuing CA, never while serving: after `init` it can be kept elsewhere. */
#ifndef SIGNER_HIERARCHY_H
#define SIGNER_HIERARCHY_H

#include "core/pki/profile.h"

#include <openssl/x509.h>

/* The authority that a hierarchy belongs to. */
struct authority {
    const char *name, *brief;  /* what stands in O, and at the beginning of CN */
    const char *origin, *site; /* the addresses of the hall and of the authority, for URLs in certificates */
    const struct ch_profiles *profiles;
};

struct hierarchy {
    const char *algorithm; /* "sm2", "rsa", "p256": also the name of the CA in the database, in files and addresses */
    X509 *root, *ca;
    EVP_PKEY *ca_key;
    X509 *ocsp, *seal, *evidence; /* OCSP signer, seal maker and evidence signer; NULL when there is none */
    EVP_PKEY *ocsp_key, *seal_key, *evidence_key;
};

/* Makes the missing keys and certificates of one algorithm, and a new certificate for the OCSP signer when its own expires soon.
 * Nothing else that exists is changed. */
enum ch_err hierarchy_make(const char *dir, const char *algorithm, const struct authority *who, struct ch_fault *f) CH_MUST;

/* True when less than a third of the certificate's life is left at `now` (seconds since 1970). */
bool hierarchy_due(const X509 *cert, int64_t now) CH_MUST;

/* Makes the OCSP signer's next certificate, for the same key and not yet signed; NULL on failure. Freed by the caller. */
X509 *hierarchy_ocsp_next(const struct hierarchy *h, const struct authority *who, struct ch_fault *f) CH_MUST;
/* Replaces the OCSP signer's certificate by the signed new one, in the folder and in *h, which then owns it. */
enum ch_err hierarchy_ocsp_replace(const char *dir, struct hierarchy *h, X509 *cert, struct ch_fault *f) CH_MUST;

/* True when the folder holds an issuing CA of that algorithm. */
bool hierarchy_there(const char *dir, const char *algorithm) CH_MUST;
/* Loads all that is needed for issuing, and checks that keys and certificates belong together and are in force. On success *out is
 * to be ended with hierarchy_free. */
enum ch_err hierarchy_load(const char *dir, const char *algorithm, struct hierarchy *out, struct ch_fault *f) CH_MUST;
void hierarchy_free(struct hierarchy *h);

/* Reads a certificate of the folder ("root-sm2.cer"); NULL when it cannot be read. Freed by the caller. */
X509 *hierarchy_certificate(const char *dir, const char *file) CH_MUST;

#endif
