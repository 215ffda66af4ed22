/* SPDX-License-Identifier: Apache-2.0
 * Sending events to partners' platforms, about what became of their orders (core/gateway/webhook/webhook.h). */
#include "programs/runner/runner.h"

#include "core/gateway/webhook/webhook.h"
#include "core/order/ticket.h"

#include <string.h>

enum end job_partner_event(struct work *w)
{
    struct ch_answer answer = {.code = NULL};
    struct ch_bytes secret;
    struct ch_rows rows;

    if (!read_job(w, CH_CALL(&runner_partner_event_work, ch_p_text(w->subject)), &rows))
        return finish_unread(w);
    const char *hook = ch_col(&rows, 0, "hook"), *body = ch_col(&rows, 0, "body");
    if (!ch_decrypt(runner_ring(), w->a, CH_HOOK_SECRET, hook, ch_col_bytes(&rows, w->a, 0, "secret"), &secret))
        return retry_job(w, "secret cannot be opened");
    const struct ch_webhook webhook = {.url = ch_col(&rows, 0, "url"),
                                       .secrets = (const char *)secret.p,
                                       .id = w->subject,
                                       .body = CH_BYTES(body, strlen(body))};
    if (ch_webhook_send(w->a, &w->fault, &webhook, &answer) != CH_OK)
        return AGAIN;
    if (answer.outcome == CH_UNKNOWN)
        return retry_job(w, answer.code);
    const struct ch_call outcome = CH_CALL(&runner_partner_event_end, ch_p_text(w->subject),
                                           ch_p_text(answer.outcome == CH_ACCEPTED ? NULL : answer.code));
    return finish_job(w, &outcome, 1);
}
