/* SPDX-License-Identifier: Apache-2.0
 * Self-signed certificates of the vendors. */
#include "modules/sandbox/certificate.h"

#include "core/base/random.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define SERIAL_BYTES 20
#define FIVE_YEARS (5L * 365 * 24 * 3600)

static bool set_serial(X509 *x)
{
    unsigned char serial[SERIAL_BYTES];

    ch_random(serial, sizeof serial);
    serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40); /* positive, and always forty hex digits */
    BIGNUM *n = BN_bin2bn(serial, sizeof serial, NULL);
    bool ok = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
    BN_free(n);
    return ok;
}

static bool add_extension(X509 *x, int nid, const char *value)
{
    X509V3_CTX ctx;

    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = ext != NULL && X509_add_ext(x, ext, -1) == 1;
    X509_EXTENSION_free(ext);
    return ok;
}

/* What a TLS server's certificate needs in addition, or one for time stamps (RFC 3161, 2.3). */
static bool add_use(X509 *x, const char *use)
{
    if (use == NULL)
        return true;
    if (strcmp(use, "timeStamping") == 0)
        return add_extension(x, NID_ext_key_usage, "critical,timeStamping");
    return add_extension(x, NID_subject_alt_name, use) && add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
}

X509 *sandbox_certificate_make(EVP_PKEY *key, const char *common_name, const char *use)
{
    const unsigned char *cn = (const unsigned char *)common_name;
    X509 *x = X509_new();
    X509_NAME *name = x != NULL ? X509_get_subject_name(x) : NULL;

    if (x != NULL && X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, cn, -1, -1, 0) == 1 &&
        X509_set_issuer_name(x, name) == 1 && X509_gmtime_adj(X509_getm_notBefore(x), -3600) != NULL &&
        X509_gmtime_adj(X509_getm_notAfter(x), FIVE_YEARS) != NULL && X509_set_pubkey(x, key) == 1 && add_use(x, use) &&
        X509_sign(x, key, EVP_sha256()) > 0)
        return x;
    X509_free(x);
    return NULL;
}

X509 *sandbox_certificate_read(const char *path)
{
    FILE *f = fopen(path, "re");
    X509 *x = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

    if (f != NULL)
        fclose(f);
    return x;
}
