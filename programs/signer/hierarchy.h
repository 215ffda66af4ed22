/* SPDX-License-Identifier: Apache-2.0
 * The authority's own keys and certificates: a root, and under it the issuing CA that signs for people; one such pair
 * for SM2 and one for RSA. All lies in the folder of setting signer_keys, which only the signer reads:
 *
 *   passphrase                    opens the keys, one line, mode 0400
 *   root-sm2.key  ca-sm2.key …    PKCS#8, AES-256-CBC under the passphrase, PEM, mode 0400
 *   root-sm2.cer  ca-sm2.cer …    DER, mode 0444, for everybody
 *   ceremony.txt                  who made what and when, with fingerprints, to be kept on paper
 *
 * The root's key is needed to make an issuing CA and never while serving: after `init` it can be taken away. */
#ifndef SIGNER_HIERARCHY_H
#define SIGNER_HIERARCHY_H

#include "core/base/arena.h"
#include "core/base/error.h"

#include <openssl/x509.h>

#define ROOT_YEARS 20
#define CA_YEARS 15

struct hierarchy {
    const char *algorithm; /* "sm2", "rsa", "p256": also the name of the CA in the database, in files and addresses */
    X509 *root, *ca;
    EVP_PKEY *ca_key;
    X509 *ocsp, *stamp; /* what signs statuses; what makes electronic seals; NULL: not there */
    EVP_PKEY *ocsp_key, *stamp_key;
};

/* Makes what is not there yet, for one algorithm; nothing that is there is touched. `brand` is the authority's name for
 * O, `brand_short` for CN. */
enum ch_err hierarchy_make(const char *dir, const char *algorithm, const char *brand, const char *brand_short,
                           struct ch_fault *f) CH_MUST;

/* Whether the folder holds an issuing CA of that algorithm. */
bool hierarchy_there(const char *dir, const char *algorithm) CH_MUST;
/* Loads what issuing takes, and checks that key and certificates belong together and are in force. */
enum ch_err hierarchy_load(const char *dir, const char *algorithm, struct hierarchy *out, struct ch_fault *f) CH_MUST;
void hierarchy_free(struct hierarchy *h);

/* A certificate of the folder ("root-sm2.cer"); NULL when it cannot be read. Freed by the caller. */
X509 *hierarchy_certificate(const char *dir, const char *file) CH_MUST;

#endif
