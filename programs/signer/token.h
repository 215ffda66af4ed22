/* SPDX-License-Identifier: Apache-2.0
 * Keys that stay in a token or HSM. They are used over PKCS#11, through OpenSSL's engine `pkcs11` (libengine-pkcs11-openssl).
 * Setting pkcs11_module is the vendor's library, pkcs11_pin a file of mode 0400 with the PIN. Keys are RSA or P-256, because
 * PKCS#11 has no mechanism for SM2.
 *
 * A key is named by a URI (RFC 7512), "pkcs11:token=…;object=…;type=private", in <name>.uri instead of <name>.key. */
#ifndef SIGNER_TOKEN_H
#define SIGNER_TOKEN_H

#include "core/base/defs.h"

#include <openssl/evp.h>

/* True for such a URI, which must not contain a PIN. */
bool token_uri_ok(const char *uri) CH_MUST;
/* Opens the private key of the URI; NULL after logging why. Freed by the caller; the module stays loaded. */
EVP_PKEY *token_key(const char *uri) CH_MUST;

#endif
