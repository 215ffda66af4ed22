/* SPDX-License-Identifier: Apache-2.0
 * Certificates of the sandbox's vendors: self-signed, valid for five years, RSA with SHA-256. */
#ifndef MODULE_SANDBOX_CERTIFICATE_H
#define MODULE_SANDBOX_CERTIFICATE_H

#include "core/base/defs.h"

#include <openssl/x509.h>

/* Makes a certificate with a random serial of 20 bytes, like WeChat's. `use` is, for a TLS server, its subjectAltName ("IP:127.0.0.20");
 * "timeStamping"; or NULL for a certificate that only signs. The caller frees it; NULL when OpenSSL refuses. */
X509 *sandbox_certificate_make(EVP_PKEY *key, const char *common_name, const char *use) CH_MUST;

/* Reads a PEM file; NULL when it cannot be read. The caller frees the certificate. */
X509 *sandbox_certificate_read(const char *path) CH_MUST;

#endif
