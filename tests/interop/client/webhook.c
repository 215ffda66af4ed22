/* SPDX-License-Identifier: Apache-2.0
 * The operation that sends an event to a partner's address. */
#include "core/gateway/webhook/webhook.h"

#include "tests/interop/client/client.h"

#include <string.h>

static struct ch_bytes body_of(const struct ch_json *in)
{
    const char *body = client_text(in, "body", "{}");
    return CH_BYTES(body, strlen(body));
}

bool client_webhook_send(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_webhook webhook = {
        .url = client_text(in, "url", ""),
        .secrets = client_text(in, "secrets", ""),
        .id = client_text(in, "id", "msg_1"),
        .body = body_of(in),
    };
    struct ch_answer answer;

    if (ch_webhook_send(a, f, &webhook, &answer) != CH_OK)
        return false;
    client_answer(out, &answer);
    return true;
}

bool client_webhook_verify(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_webhook_headers headers = {ch_json_text(in, "id"), ch_json_text(in, "timestamp"),
                                               ch_json_text(in, "signature")};
    const char *secrets = client_text(in, "secrets", "");

    (void)f;
    ch_jw_bool(out, "good", ch_webhook_verify(a, secrets, &headers, body_of(in), client_int(in, "now", 0)));
    return true;
}
