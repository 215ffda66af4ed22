/* SPDX-License-Identifier: Apache-2.0
 * Jobs of one statement: what only waits for its time, when the database decides what is still due; and what is not to be seen
 * by whoever asked for it. */
#include "programs/runner/runner.h"

#include "core/base/log.h"

static enum end once(struct work *w, const struct ch_stmt *event)
{
    const struct ch_call outcome = CH_CALL(event, ch_p_text(w->subject));
    return finish(w, &outcome, 1);
}

enum end job_unpaid_end(struct work *w)
{
    return once(w, &runner_order_end);
}

enum end job_account_reminder(struct work *w)
{
    return once(w, &runner_account_remind);
}

enum end job_code_end(struct work *w)
{
    return once(w, &runner_code_end);
}

enum end job_signed_for(struct work *w)
{
    return once(w, &runner_order_finished);
}

enum end job_serials(struct work *w)
{
    return once(w, &runner_serials_tell);
}

enum end job_expiry(struct work *w)
{
    const struct ch_call outcome = CH_CALL0(&runner_expiry_tell);
    return finish(w, &outcome, 1);
}

void want_expiry(struct ch_arena *a, struct ch_db *db)
{
    if (ch_db_one(db, a, NULL, CH_CALL0(&runner_expiry_due), NULL) != CH_OK)
        ch_log(CH_ERROR, NULL, "certificates that come to their end could not be looked for");
}
