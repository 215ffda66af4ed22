/* SPDX-License-Identifier: Apache-2.0
 * Builds the chain of a certificate from candidates and writes it as PKCS#7. */
#include "core/pki/bundle.h"

#include "core/pki/certificate.h"

#include <openssl/err.h>
#include <openssl/pkcs7.h>

#define LINKS_MAX 8

/* The candidate that issued `cert`, or NULL. The caller frees it. */
static X509 *issuer_of(X509 *cert, const struct ch_bytes *candidates, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        X509 *x = ch_cert_read(candidates[i]);
        if (x != NULL && ch_cert_verify(cert, x))
            return x;
        X509_free(x);
    }
    return NULL;
}

/* Adds `cert` and its chain. Takes ownership of `cert`. */
static bool add_chain(PKCS7 *p7, X509 *cert, const struct ch_bytes *candidates, size_t n)
{
    bool ok = true;

    for (int links = 0; ok && cert != NULL && links < LINKS_MAX; links++) {
        X509 *above = ch_cert_verify(cert, cert) ? NULL : issuer_of(cert, candidates, n);
        ok = PKCS7_add_certificate(p7, cert) == 1; /* p7 holds a reference of its own */
        X509_free(cert);
        cert = above;
    }
    X509_free(cert);
    return ok;
}

bool ch_bundle(struct ch_arena *a, struct ch_bytes leaf, const struct ch_bytes *candidates, size_t n, struct ch_bytes *p7b)
{
    X509 *cert = ch_cert_read(leaf);
    PKCS7 *p7 = PKCS7_new();
    unsigned char *der = NULL;
    int length = -1;

    if (cert != NULL && p7 != NULL && PKCS7_set_type(p7, NID_pkcs7_signed) == 1 &&
        PKCS7_content_new(p7, NID_pkcs7_data) == 1 && add_chain(p7, cert, candidates, n))
        length = i2d_PKCS7(p7, &der);
    if (length > 0)
        *p7b = ch_bytes_dup(a, CH_BYTES(der, (size_t)length));
    OPENSSL_free(der);
    PKCS7_free(p7);
    ERR_clear_error();
    return length > 0;
}
