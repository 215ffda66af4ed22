/* SPDX-License-Identifier: Apache-2.0
 * A software authenticator: it holds passkeys of the demonstration's staff as files and signs with them as a browser and its
 * authenticator do together (WebAuthn, Level 2, 7.2). There is nothing to touch and no PIN, so whoever reaches the sandbox signs
 * as anybody: it serves demonstrations and tests. */
#ifndef MODULE_SANDBOX_AUTHENTICATOR_H
#define MODULE_SANDBOX_AUTHENTICATOR_H

#include "core/crypto/digest.h"
#include "core/passkey/webauthn.h"
#include "modules/sandbox/sandbox.h"

#include <openssl/evp.h>

#define AUTHENTICATOR_FOLDER "passkeys" /* in the folder of sandbox_keys: <name>.pem, private keys */

/* The public side of a passkey. A credential id says nothing of its own: the SHA-256 of the point. */
struct authenticator_public {
    unsigned char point[CH_PASSKEY_POINT];
    unsigned char credential[CH_SHA256_BYTES];
};

/* False when the key is not one of P-256. */
bool authenticator_public(const EVP_PKEY *key, struct authenticator_public *out) CH_MUST;

/* Signs the challenge with the key, on a page of the site: present and verified, and without a counter. */
bool authenticator_assert(struct ch_arena *a, EVP_PKEY *key, const struct ch_webauthn_site *site,
                          struct ch_bytes challenge, struct ch_assertion *out) CH_MUST;

/* Writes the assertion as one object, as pages hand it over (ch_assertion_read). */
void authenticator_write(struct ch_jw *w, struct ch_arena *a, const struct ch_assertion *made);

/* POST /sandbox/api/authenticator/assert */
ch_handler sandbox_authenticator_assert;

#endif
