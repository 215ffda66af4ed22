/* SPDX-License-Identifier: Apache-2.0
 * WebAuthn (W3C Recommendation, Level 2): checks what a browser hands over when a passkey was made or used. Only ES256 (ECDSA on
 * P-256 with SHA-256) is taken, only with user verification (PIN, fingerprint, face), and no attestation: who a passkey belongs
 * to is confirmed by people, not by its maker's certificate.
 *
 * Nothing here uses the database. All bytes come from outside; what does not fit is refused with the reason in the fault's
 * detail, which is for the log. */
#ifndef CH_PASSKEY_WEBAUTHN_H
#define CH_PASSKEY_WEBAUTHN_H

#include "core/base/arena.h"
#include "core/base/error.h"

#define CH_PASSKEY_POINT 65            /* 04 | X | Y */
#define CH_PASSKEY_CREDENTIAL_MAX 1023 /* bytes of a credential id */

/* The pages on which passkeys are made and used. */
struct ch_webauthn_site {
    const char *origin; /* "https://desk.ca.example": exactly what the browser says */
    const char *rp_id;  /* "desk.ca.example": a name, since WebAuthn refuses addresses */
};

/* The site of an origin; the id is its host. */
struct ch_webauthn_site ch_webauthn_site(struct ch_arena *a, const char *origin);

/* A passkey as it was registered. */
struct ch_passkey {
    struct ch_bytes credential;                 /* its id, 1 to CH_PASSKEY_CREDENTIAL_MAX bytes */
    unsigned char public_key[CH_PASSKEY_POINT]; /* a point of P-256 */
    uint32_t count;                             /* the authenticator's counter; 0 when it does not count */
};

/* What navigator.credentials.create() gave: response.clientDataJSON and response.getAuthenticatorData(). The passkey's texts lie
 * in `authenticator_data`. CH_E_INVALID for anything else than a fresh ES256 passkey of the site for the challenge. */
enum ch_err ch_webauthn_registered(struct ch_arena *a, struct ch_fault *f, const struct ch_webauthn_site *site,
                                   struct ch_bytes challenge, struct ch_bytes client_data,
                                   struct ch_bytes authenticator_data, struct ch_passkey *out) CH_MUST;

/* What navigator.credentials.get() gave. */
struct ch_assertion {
    struct ch_bytes credential, client_data, authenticator_data, signature; /* the signature in DER */
};

/* Checks that the passkey with that public key has signed the challenge on a page of the site, its owner being verified.
 * *count, which may be NULL, is set to the authenticator's counter. CH_E_INVALID for anything else. */
enum ch_err ch_webauthn_asserted(struct ch_arena *a, struct ch_fault *f, const struct ch_webauthn_site *site,
                                 struct ch_bytes challenge, const struct ch_assertion *assertion,
                                 const unsigned char public_key[CH_PASSKEY_POINT], uint32_t *count) CH_MUST;

#endif
