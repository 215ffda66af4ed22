/* SPDX-License-Identifier: Apache-2.0
 * Keys, their certificates and the chain as one PKCS#12 file (RFC 7292): PBES2 with AES-256-CBC, MAC with HMAC-SHA256,
 * both with the same number of rounds. */
#ifndef SIGNER_KEY_FILE_H
#define SIGNER_KEY_FILE_H

#include "core/base/arena.h"
#include "core/base/error.h"

#include <openssl/x509.h>

struct key_entry {
    EVP_PKEY *key;
    X509 *cert;
    const char *friendly; /* the friendly name, UTF-8 */
};

/* Makes the file, protected by `pin`. `chain` may hold any further certificates; it and the entries still belong to the caller. */
enum ch_err key_file_make(struct ch_arena *a, const struct key_entry *entries, size_t n, STACK_OF(X509) *chain,
                          const char *pin, int iterations, struct ch_bytes *out, struct ch_fault *f) CH_MUST;

#endif
