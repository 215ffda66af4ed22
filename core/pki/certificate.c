/* SPDX-License-Identifier: Apache-2.0
 * Reading, describing, verifying and signing X.509 certificates. */
#include "core/pki/certificate.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SERIAL_DIGITS 16
#define SERIAL_MOST 40

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

bool ch_cert_fix(X509 *cert, const EVP_PKEY *issuer_key, unsigned char tbs_sm3[CH_SM3_BYTES])
{
    /* The accessor is const for readers of finished certificates; this one is still being made, and the signature
     * below writes the same value into the same place. */
    X509_ALGOR *inner = (X509_ALGOR *)(uintptr_t)X509_get0_tbs_sigalg(cert);

    return ch_alg_enter(inner, issuer_key) && tbs_hash(cert, tbs_sm3);
}

bool ch_cert_sign(X509 *cert, EVP_PKEY *issuer_key, const unsigned char tbs_sm3[CH_SM3_BYTES])
{
    unsigned char signed_hash[CH_SM3_BYTES];
    EVP_MD_CTX *ctx = ch_sign_ctx(issuer_key); /* X509_sign would use the empty SM2 id */
    bool ok = ctx != NULL && X509_sign_ctx(cert, ctx) > 0 && tbs_hash(cert, signed_hash) &&
              memcmp(signed_hash, tbs_sm3, CH_SM3_BYTES) == 0;

    EVP_MD_CTX_free(ctx);
    return ok;
}

/* OpenSSL takes the SM2 id from the certificate whose signature it verifies. */
static bool set_sm2_id(X509 *cert)
{
    if (X509_get_signature_nid(cert) != NID_SM2_with_SM3)
        return true;
    ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
    if (id == NULL || ASN1_OCTET_STRING_set(id, (const unsigned char *)CH_SM2_ID, sizeof CH_SM2_ID - 1) != 1) {
        ASN1_OCTET_STRING_free(id);
        return false;
    }
    X509_set0_distinguishing_id(cert, id); /* now owned by the certificate */
    return true;
}

bool ch_cert_verify(X509 *cert, X509 *issuer)
{
    unsigned char *der = NULL;
    int n = i2d_X509(cert, &der);
    /* X509_check_issued compares names and key ids. The algorithms inside and outside of the signed part
     * must be the same. */
    bool ok = n > 0 && X509_check_issued(issuer, cert) == X509_V_OK &&
              X509_get_signature_nid(cert) == OBJ_obj2nid(X509_get0_tbs_sigalg(cert)->algorithm) &&
              ch_alg_signed_verify(CH_BYTES(der, (size_t)n), X509_get0_pubkey(issuer));

    OPENSSL_free(der);
    return ok;
}

X509 *ch_cert_read(struct ch_bytes der)
{
    const unsigned char *p = der.p;
    X509 *cert = der.n > 0 && der.n < INT32_MAX ? d2i_X509(NULL, &p, (long)der.n) : NULL;

    if (cert != NULL && p == der.p + der.n && set_sm2_id(cert))
        return cert;
    X509_free(cert);
    ERR_clear_error();
    return NULL;
}

struct ch_bytes ch_cert_der(struct ch_arena *a, X509 *cert)
{
    unsigned char *der = NULL;
    int n = i2d_X509(cert, &der);

    if (n <= 0)
        abort(); /* only when memory runs out */
    struct ch_bytes out = ch_bytes_dup(a, CH_BYTES(der, (size_t)n));
    OPENSSL_free(der);
    return out;
}

static char *name_text(struct ch_arena *a, const X509_NAME *name)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *text;

    if (out == NULL)
        abort();
    X509_NAME_print_ex(out, name, 0,
                       XN_FLAG_SEP_COMMA_PLUS | ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_UTF8_CONVERT);
    long n = BIO_get_mem_data(out, &text);
    char *copy = ch_strndup(a, text, (size_t)n);
    BIO_free(out);
    return copy;
}

char *ch_cert_subject(struct ch_arena *a, const X509 *cert)
{
    return name_text(a, X509_get_subject_name(cert));
}

char *ch_cert_issuer(struct ch_arena *a, const X509 *cert)
{
    return name_text(a, X509_get_issuer_name(cert));
}

char *ch_cert_serial_text(struct ch_arena *a, const ASN1_INTEGER *serial)
{
    BIGNUM *n = ASN1_INTEGER_to_BN(serial, NULL);
    char *hex = n != NULL ? BN_bn2hex(n) : NULL; /* upper case, an even number of digits */
    size_t digits = hex != NULL ? strlen(hex) : 0;

    if (hex == NULL)
        abort(); /* only when memory runs out */
    char *text =
        ch_printf(a, "%.*s%s", digits < SERIAL_DIGITS ? (int)(SERIAL_DIGITS - digits) : 0, "0000000000000000", hex);
    OPENSSL_free(hex);
    BN_free(n);
    return text;
}

char *ch_cert_serial(struct ch_arena *a, const X509 *cert)
{
    return ch_cert_serial_text(a, X509_get0_serialNumber(cert));
}

ASN1_INTEGER *ch_cert_serial_read(const char *hex)
{
    size_t digits = strlen(hex);
    BIGNUM *n = NULL;
    ASN1_INTEGER *serial = NULL;

    if (digits > 0 && digits <= SERIAL_MOST && strspn(hex, "0123456789abcdefABCDEF") == digits &&
        BN_hex2bn(&n, hex) > 0 && !BN_is_zero(n))
        serial = BN_to_ASN1_INTEGER(n, NULL);
    BN_free(n);
    return serial;
}

static int64_t unix_seconds(const ASN1_TIME *moment)
{
    struct tm tm;
    return ASN1_TIME_to_tm(moment, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

int64_t ch_cert_start(const X509 *cert)
{
    return unix_seconds(X509_get0_notBefore(cert));
}

int64_t ch_cert_end(const X509 *cert)
{
    return unix_seconds(X509_get0_notAfter(cert));
}
