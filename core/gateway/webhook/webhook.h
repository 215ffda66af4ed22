/* SPDX-License-Identifier: Apache-2.0
 * Reports of events to a partner's own address, as Standard Webhooks 1.0.0 has them (standardwebhooks.com): a POST with
 * the headers webhook-id, webhook-timestamp and webhook-signature, which is "v1," and the base64 of HMAC-SHA256 over
 * "id.timestamp.body".
 *
 * A secret is "whsec_" and the base64 of 24 to 64 bytes. While a secret is being changed there are two, separated by a
 * blank: what we send carries a signature of each, what we take needs one of either. */
#ifndef CH_GATEWAY_WEBHOOK_H
#define CH_GATEWAY_WEBHOOK_H

#include "core/gateway/outcome.h"

/* A message's time may differ from ours by so many seconds. */
#define CH_WEBHOOK_WINDOW 300

/* A fresh secret, kept as a secret of the arena. */
char *ch_webhook_secret(struct ch_arena *a);

/* The value of webhook-signature; NULL when a secret or the id cannot be used: an id holds letters, digits, "_" and
 * "-", no full stop, so that what is signed can be read in one way only. `timestamp`: seconds since 1970. */
char *ch_webhook_sign(struct ch_arena *a, const char *secrets, const char *id, int64_t timestamp, struct ch_bytes body)
    CH_MUST;

struct ch_webhook_headers {
    const char *id, *timestamp, *signature; /* as they came; NULL: there was none */
};
/* True when a signature is right and the time within the window around `now`. */
bool ch_webhook_verify(struct ch_arena *a, const char *secrets, const struct ch_webhook_headers *headers,
                       struct ch_bytes body, int64_t now) CH_MUST;

struct ch_webhook {
    const char *url;     /* https; outside production http to a loopback address as well */
    const char *secrets;
    const char *id;      /* the same for each repetition of one message: the receiver tells them by it */
    struct ch_bytes body; /* JSON */
};
/* One try. CH_REFUSED: 410 is "gone" (the partner wants no more of them), any other 3xx and 4xx its status, and
 * "address" an address that must not be called: in production a name that leads to a loopback or private address is
 * one. CH_UNKNOWN: no answer, 429, 5xx. CH_E_INTERNAL: a secret or the id cannot be used. */
enum ch_err ch_webhook_send(struct ch_arena *a, struct ch_fault *f, const struct ch_webhook *webhook,
                            struct ch_answer *answer) CH_MUST;

/* What a status means; done by the above after receiving. */
struct ch_answer ch_webhook_answer(struct ch_arena *a, long status);

#endif
