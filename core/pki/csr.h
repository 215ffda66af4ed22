/* SPDX-License-Identifier: Apache-2.0
 * A certification request (PKCS#10, RFC 2986; for SM2 keys GM/T 0092) as it comes from a token's own program, by way of
 * a person: exactly one, in PEM, base64 or DER, nothing before or behind it but white space.
 *
 * Of a request only the public key is taken. Subject and extensions that it asks for are ignored: the order and the
 * profile decide what is certified. That who asks holds the private key is proved by the request's own signature, which
 * for SM2 counts under CH_SM2_ID alone; there is no second try with another id. */
#ifndef CH_PKI_CSR_H
#define CH_PKI_CSR_H

#include "core/base/error.h"
#include "core/crypto/digest.h"
#include "core/pki/algorithm.h"

#define CH_CSR_MAX 8192 /* bytes, as sent: an RSA 4096 request in PEM takes 1700 */

struct ch_csr {
    struct ch_bytes der;     /* the request as it stands, a copy in the arena */
    EVP_PKEY *key;           /* its public key; freed with the arena */
    const char *algorithm;   /* of the key: "sm2", "rsa", "p256" */
    unsigned char
        public_sha256[CH_SHA256_BYTES]; /* of the SubjectPublicKeyInfo, in DER: hall.certificate.public_sha256 */
};

/* Reads `text`, whose key must be of `algorithm`. CH_E_INVALID with a sentence for the person, naming "/csr", for
 * whatever is not such a request with a true proof of possession. */
enum ch_err ch_csr_read(struct ch_arena *a, struct ch_bytes text, const char *algorithm, struct ch_csr *out,
                        struct ch_fault *f) CH_MUST;

/* A request for `key`, signed by it, with the subject of `subject` ("C=CN" alone when NULL): what an external authority
 * is asked with. False when the key does not sign. */
bool ch_csr_make(struct ch_arena *a, EVP_PKEY *key, const X509_NAME *subject, struct ch_bytes *der) CH_MUST;

#endif
