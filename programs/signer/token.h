/* SPDX-License-Identifier: Apache-2.0
 * Keys that stay in a token or HSM, reached by PKCS#11 through OpenSSL's engine `pkcs11` (libengine-pkcs11-openssl).
 * Settings: pkcs11_module, the vendor's library; pkcs11_pin, a file with the PIN, mode 0400. RSA and P-256; SM2 has no
 * mechanism there.
 *
 * A key is named by a URI (RFC 7512), "pkcs11:token=…;object=…;type=private", in <name>.uri instead of <name>.key. */
#ifndef SIGNER_TOKEN_H
#define SIGNER_TOKEN_H

#include "core/base/defs.h"

#include <openssl/evp.h>

/* Whether the text is such a URI, without a PIN in it. */
bool token_uri_ok(const char *uri) CH_MUST;
/* The private key of that URI; NULL after logging why. Freed by the caller; the module stays loaded. */
EVP_PKEY *token_key(const char *uri) CH_MUST;

#endif
