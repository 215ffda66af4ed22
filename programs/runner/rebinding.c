/* SPDX-License-Identifier: Apache-2.0
 * Gives an account its new phone number, when the old one has had its time to stop that. */
#include "programs/runner/runner.h"

#include <string.h>

struct ch_json *open_rebinding_phones(struct work *w, const char *rebinding, struct ch_bytes encrypted)
{
    struct ch_json *phones = NULL;
    struct ch_bytes plain;

    if (!ch_decrypt(runner_ring(), w->a, "rebinding.phones", rebinding, encrypted, &plain) ||
        ch_json_parse(w->a, plain, &phones, NULL) != CH_JSON_OK)
        return NULL;
    return phones;
}

enum end job_rebinding(struct work *w)
{
    struct ch_rows rows;

    if (!read_job(w, CH_CALL(&runner_rebinding_work, ch_p_text(w->subject)), &rows))
        return finish_unread(w);
    const char *phone =
        ch_json_text(open_rebinding_phones(w, w->subject, ch_col_bytes(&rows, w->a, 0, "phones")), "new_phone");
    if (phone == NULL)
        return retry_job(w, "the numbers do not open");
    struct ch_bytes encrypted =
        ch_encrypt(runner_ring(), w->a, "account.phone", ch_col(&rows, 0, "account"), CH_BYTES(phone, strlen(phone)));
    const struct ch_call outcome = CH_CALL(&runner_rebinding_do, ch_p_text(w->subject), ch_p_bytes(encrypted));
    return finish_job(w, &outcome, 1);
}
