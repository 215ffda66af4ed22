/* SPDX-License-Identifier: Apache-2.0
 * Jobs that only wait for their time: what is still due then is decided in the database. */
#include "programs/runner/runner.h"

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

enum end job_signed_for(struct work *w)
{
    return once(w, &runner_order_finished);
}
