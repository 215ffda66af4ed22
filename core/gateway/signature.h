/* SPDX-License-Identifier: Apache-2.0
 * Signed requests: HTTP Message Signatures (RFC 9421) with HMAC-SHA256, and the digest of a body (RFC 9530).
 *
 * Of the RFC's structured fields as much is read as a request to the hall needs: one signature a message, components
 * named without parameters. Anything else is refused rather than skipped. */
#ifndef CH_GATEWAY_SIGNATURE_H
#define CH_GATEWAY_SIGNATURE_H

#include "core/crypto/digest.h"

#define CH_SIGNATURE_COMPONENTS 16

struct ch_signature {
    const char *components[CH_SIGNATURE_COMPONENTS]; /* "@method", "content-digest" */
    size_t n;
    const char *params;          /* value of @signature-params, as it came */
    int64_t created, expires;    /* seconds since 1970; 0: not said */
    const char *keyid, *nonce;   /* NULL: not said */
    struct ch_bytes mac;
};

/* Reads the headers Signature-Input and Signature. False for what is not one whole signature of this kind. */
bool ch_signature_read(struct ch_arena *a, const char *input, const char *signature, struct ch_signature *out) CH_MUST;
/* True when the component is among those that are signed. */
bool ch_signature_covers(const struct ch_signature *s, const char *component) CH_MUST;

/* The value of a component of the message; NULL: it has none. */
typedef const char *ch_component(void *ctx, const char *name);
/* The text that is signed; NULL when a component has no value or one with a line break. */
const char *ch_signature_base(struct ch_arena *a, const struct ch_signature *s, ch_component *value, void *ctx) CH_MUST;
/* True when the signature is of that text, by that key; takes the same time wherever they differ. */
bool ch_signature_right(const struct ch_signature *s, struct ch_bytes key, const char *base) CH_MUST;

/* "sha-256=:…:", as the header Content-Digest has it. */
const char *ch_signature_content_digest(struct ch_arena *a, struct ch_bytes body);

#endif
