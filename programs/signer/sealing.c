/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/signer/sealing.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define RSA_BITS 2048

bool algorithm_known(const char *algorithm)
{
    return strcmp(algorithm, "sm2") == 0 || strcmp(algorithm, "rsa") == 0;
}

EVP_PKEY *algorithm_key(const char *algorithm)
{
    /* By the name SM2: an "EC" key on the same curve would sign plain ECDSA. */
    return strcmp(algorithm, "sm2") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "SM2") : EVP_RSA_gen(RSA_BITS);
}

static bool tbs_hash(X509 *cert, unsigned char out[CH_SM3_BYTES])
{
    unsigned char *der = NULL;
    int n = i2d_re_X509_tbs(cert, &der);

    if (n <= 0)
        return false;
    ch_sm3(CH_BYTES(der, (size_t)n), out);
    OPENSSL_free(der);
    return true;
}

bool certificate_fix(X509 *cert, const EVP_PKEY *issuer_key, unsigned char tbs_sm3[CH_SM3_BYTES])
{
    bool sm2 = EVP_PKEY_is_a(issuer_key, "SM2");
    /* The accessor is const for readers of finished certificates; this one is still being made, and the signature
     * below writes the same value into the same place. */
    X509_ALGOR *inner = (X509_ALGOR *)(uintptr_t)X509_get0_tbs_sigalg(cert);
    int nid = sm2 ? NID_SM2_with_SM3 : NID_sha256WithRSAEncryption;

    return X509_ALGOR_set0(inner, OBJ_nid2obj(nid), sm2 ? V_ASN1_UNDEF : V_ASN1_NULL, NULL) == 1 &&
           tbs_hash(cert, tbs_sm3);
}

bool certificate_sign(X509 *cert, EVP_PKEY *issuer_key, const unsigned char tbs_sm3[CH_SM3_BYTES])
{
    unsigned char signed_hash[CH_SM3_BYTES];
    EVP_MD_CTX *ctx = ch_sign_ctx(issuer_key); /* X509_sign would use the empty SM2 id */
    bool ok = ctx != NULL && X509_sign_ctx(cert, ctx) > 0 && tbs_hash(cert, signed_hash) &&
              memcmp(signed_hash, tbs_sm3, CH_SM3_BYTES) == 0;

    EVP_MD_CTX_free(ctx);
    return ok;
}

/* OpenSSL looks for the id on the certificate whose signature is checked. */
static bool set_id(X509 *cert)
{
    if (X509_get_signature_nid(cert) != NID_SM2_with_SM3)
        return true;
    ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
    if (id == NULL || ASN1_OCTET_STRING_set(id, (const unsigned char *)CH_SM2_ID, sizeof CH_SM2_ID - 1) != 1) {
        ASN1_OCTET_STRING_free(id);
        return false;
    }
    X509_set0_distinguishing_id(cert, id); /* the certificate's now */
    return true;
}

bool certificate_verify(X509 *cert, X509 *issuer)
{
    return set_id(cert) && X509_check_issued(issuer, cert) == X509_V_OK &&
           X509_verify(cert, X509_get0_pubkey(issuer)) == 1;
}

X509 *certificate_read(struct ch_bytes der)
{
    const unsigned char *p = der.p;
    X509 *cert = der.n > 0 && der.n < INT32_MAX ? d2i_X509(NULL, &p, (long)der.n) : NULL;

    if (cert != NULL && p == der.p + der.n && set_id(cert))
        return cert;
    X509_free(cert);
    ERR_clear_error();
    return NULL;
}

struct ch_bytes certificate_der(struct ch_arena *a, X509 *cert)
{
    unsigned char *der = NULL;
    int n = i2d_X509(cert, &der);

    if (n <= 0)
        abort(); /* for want of memory only */
    struct ch_bytes out = ch_bytes_dup(a, CH_BYTES(der, (size_t)n));
    OPENSSL_free(der);
    return out;
}

char *certificate_subject(struct ch_arena *a, const X509 *cert)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *text;

    if (out == NULL)
        abort();
    X509_NAME_print_ex(out, X509_get_subject_name(cert), 0,
                       XN_FLAG_SEP_COMMA_PLUS | ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL |
                           ASN1_STRFLGS_UTF8_CONVERT);
    long n = BIO_get_mem_data(out, &text);
    char *copy = ch_strndup(a, text, (size_t)n);
    BIO_free(out);
    return copy;
}

const char *openssl_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return reason != NULL ? reason : "no reason given";
}
