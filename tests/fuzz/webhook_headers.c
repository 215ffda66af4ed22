/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: the three headers of a webhook and its body, in four lines. Whatever verifies must carry a signature
 * that we would make ourselves. */
#include "core/gateway/webhook/webhook.h"

#include <stdlib.h>
#include <string.h>

#define SECRETS "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define NOW INT64_C(1614265330)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whether the header has one of our two signatures. */
static bool is_ours(struct ch_arena *a, const struct ch_webhook_headers *h, struct ch_bytes body)
{
    char *both = ch_webhook_sign(a, SECRETS, h->id, strtoll(h->timestamp, NULL, 10), body), *one;

    while ((one = strsep(&both, " ")) != NULL)
        if (strstr(h->signature, one) != NULL)
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    char *text = ch_strndup(a, data, size), *rest = text;
    struct ch_webhook_headers h = {.id = strsep(&rest, "\n")};

    h.timestamp = rest != NULL ? strsep(&rest, "\n") : NULL;
    h.signature = rest != NULL ? strsep(&rest, "\n") : NULL;
    struct ch_bytes body = rest != NULL ? CH_BYTES(rest, strlen(rest)) : CH_LIT("");
    /* A time stamp with leading zeros is other bytes than ours, so its signature differs. */
    if (ch_webhook_verify(a, SECRETS, &h, body, NOW) && h.timestamp[0] != '0' && !is_ours(a, &h, body))
        abort();
    ch_arena_free(a);
    return 0;
}
