/* SPDX-License-Identifier: Apache-2.0
 * Certificates of the vendors that the sandbox plays: self-signed, five years, RSA with SHA-256. */
#ifndef MODULE_SANDBOX_CERTIFICATE_H
#define MODULE_SANDBOX_CERTIFICATE_H

#include "core/base/defs.h"

#include <openssl/x509.h>

/* For a TLS server `address` is the IP address of its subjectAltName; NULL: a certificate that only signs. Random serial of
 * 20 bytes, as WeChat's have it. The caller frees it; NULL when OpenSSL refuses. */
X509 *sandbox_certificate_make(EVP_PKEY *key, const char *common_name, const char *address) CH_MUST;

/* Reads a PEM file; NULL when there is none. */
X509 *sandbox_certificate_read(const char *path) CH_MUST;

#endif
