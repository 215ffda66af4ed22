/* SPDX-License-Identifier: Apache-2.0
 * Signed requests: HTTP Message Signatures (RFC 9421) with HMAC-SHA256, and the digest of a body (RFC 9530).
 *
 * Only that part of the RFC's structured fields is read that a request to the hall needs: one signature for each message, and
 * components without parameters. Anything else is refused rather than skipped. */
#ifndef CH_GATEWAY_SIGNATURE_H
#define CH_GATEWAY_SIGNATURE_H

#include "core/crypto/digest.h"

#define CH_SIGNATURE_COMPONENTS 16

struct ch_signature {
    const char *components[CH_SIGNATURE_COMPONENTS]; /* "@method", "content-digest" */
    size_t n;
    const char *params;        /* the value of @signature-params, exactly as received */
    int64_t created, expires;  /* seconds since 1970; 0: not given */
    const char *keyid, *nonce; /* NULL: not given */
    struct ch_bytes mac;
};

/* Reads the headers Signature-Input and Signature. False when they are not exactly one signature of this kind. */
bool ch_signature_read(struct ch_arena *a, const char *input, const char *signature, struct ch_signature *out) CH_MUST;
/* True when the component is among those that are signed. */
bool ch_signature_covers(const struct ch_signature *s, const char *component) CH_MUST;

/* Gives the value of a component of the message; NULL when the message does not have it. */
typedef const char *ch_component(void *ctx, const char *name);
/* The signature base, the text that is signed; NULL when a component has no value, or a value with a line break. */
const char *ch_signature_base(struct ch_arena *a, const struct ch_signature *s, ch_component *value, void *ctx) CH_MUST;
/* True when the signature is that of this text under this key. The comparison takes constant time. */
bool ch_signature_right(const struct ch_signature *s, struct ch_bytes key, const char *base) CH_MUST;

/* The value of the header Content-Digest: "sha-256=:…:". */
const char *ch_signature_content_digest(struct ch_arena *a, struct ch_bytes body);

#endif
