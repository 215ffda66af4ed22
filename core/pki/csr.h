/* SPDX-License-Identifier: Apache-2.0
 * A certificate request (PKCS#10, RFC 2986; for SM2 keys GM/T 0092) that a token's own program has made and a person has
 * uploaded: exactly one, in PEM, base64 or DER, with nothing but white space around it.
 *
 * Only the public key of a request is used. Its subject and extensions are ignored: the order and the profile decide what is
 * certified. The request's own signature proves possession of the private key. SM2 signatures count under CH_SM2_ID only;
 * no other id is tried. */
#ifndef CH_PKI_CSR_H
#define CH_PKI_CSR_H

#include "core/base/error.h"
#include "core/crypto/digest.h"
#include "core/pki/algorithm.h"

#define CH_CSR_MAX 8192 /* bytes as uploaded; an RSA 4096 request in PEM has about 1700 */

struct ch_csr {
    struct ch_bytes der;                          /* the request, a copy in the arena */
    EVP_PKEY *key;                                /* its public key; freed with the arena */
    const char *algorithm;                        /* of the key: "sm2", "rsa", "p256" */
    unsigned char public_sha256[CH_SHA256_BYTES]; /* of the SubjectPublicKeyInfo in DER: hall.certificate.public_sha256 */
};

/* Reads the upload `text`, whose key must be for `algorithm`. CH_E_INVALID with a sentence for the person and the pointer "/csr"
 * unless it is such a request and its signature verifies. */
enum ch_err ch_csr_read(struct ch_arena *a, struct ch_bytes text, const char *algorithm, struct ch_csr *out,
                        struct ch_fault *f) CH_MUST;

/* A request for `key`, signed by it, as an external authority gets it. `subject` NULL: "C=CN" alone. False when the key does
 * not sign. */
bool ch_csr_make(struct ch_arena *a, EVP_PKEY *key, const X509_NAME *subject, struct ch_bytes *der) CH_MUST;

#endif
