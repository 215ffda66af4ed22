/* SPDX-License-Identifier: Apache-2.0
 * Webhooks: events sent to a partner's own address by Standard Webhooks 1.0.0 (standardwebhooks.com). A webhook is a POST
 * with the headers webhook-id, webhook-timestamp and webhook-signature. The signature is "v1," and the base64 of HMAC-SHA256
 * over "id.timestamp.body".
 *
 * A secret is "whsec_" and the base64 of 24 to 64 bytes. While a secret is being changed there are two, separated by a blank:
 * what we send carries a signature under each of them, and what we receive needs a signature under one of them. */
#ifndef CH_GATEWAY_WEBHOOK_H
#define CH_GATEWAY_WEBHOOK_H

#include "core/gateway/outcome.h"

/* A message's time may differ from ours by this many seconds. */
#define CH_WEBHOOK_WINDOW 300

/* A new random secret, in secret memory of the arena (ch_alloc_secret). */
char *ch_webhook_secret(struct ch_arena *a);

/* The value of webhook-signature; NULL when a secret or the id cannot be used. An id consists of letters, digits, "_" and
 * "-". A full stop is not allowed, so that the signed text is unambiguous. `timestamp` is in seconds since 1970. */
char *ch_webhook_sign(struct ch_arena *a, const char *secrets, const char *id, int64_t timestamp,
                      struct ch_bytes body) CH_MUST;

struct ch_webhook_headers {
    const char *id, *timestamp, *signature; /* as received; NULL: the header is missing */
};
/* True when a signature is right and the time is within CH_WEBHOOK_WINDOW of `now`. */
bool ch_webhook_verify(struct ch_arena *a, const char *secrets, const struct ch_webhook_headers *headers,
                       struct ch_bytes body, int64_t now) CH_MUST;

struct ch_webhook {
    const char *url; /* https; outside production http to a loopback address as well */
    const char *secrets;
    const char *id;       /* the same for every repetition of a message, so that the receiver recognizes them */
    struct ch_bytes body; /* JSON */
};
/* Tries once. CH_REFUSED has the code "gone" for 410 (the partner wants no more webhooks), the status for any other 3xx and
 * 4xx, and "address" for an address that must not be called: in production that is also a host name that resolves to a
 * loopback or private address. CH_UNKNOWN: no answer, 429 or 5xx. CH_E_INTERNAL: a secret or the id cannot be used. */
enum ch_err ch_webhook_send(struct ch_arena *a, struct ch_fault *f, const struct ch_webhook *webhook,
                            struct ch_answer *answer) CH_MUST;

/* The answer that an HTTP status stands for; ch_webhook_send uses it. */
struct ch_answer ch_webhook_answer(struct ch_arena *a, long status);

#endif
