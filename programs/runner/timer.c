/* SPDX-License-Identifier: Apache-2.0
 * Jobs of one statement. Most of them only wait for their time, and then the database decides whether something is still due; the
 * search for serial numbers is a job so that its outcome and its duration do not show in the answer to the request. */
#include "programs/runner/runner.h"

#include "core/base/log.h"

static enum end run_statement(struct work *w, const struct ch_stmt *event)
{
    const struct ch_call outcome = CH_CALL(event, ch_p_text(w->subject));
    return finish_job(w, &outcome, 1);
}

enum end job_unpaid_end(struct work *w)
{
    return run_statement(w, &runner_order_end);
}

enum end job_account_reminder(struct work *w)
{
    return run_statement(w, &runner_account_remind);
}

enum end job_code_end(struct work *w)
{
    return run_statement(w, &runner_code_end);
}

enum end job_appointment_end(struct work *w)
{
    return run_statement(w, &runner_appointment_end);
}

enum end job_signed_for(struct work *w)
{
    return run_statement(w, &runner_order_finished);
}

enum end job_serials(struct work *w)
{
    return run_statement(w, &runner_serials_tell);
}

enum end job_expiry(struct work *w)
{
    const struct ch_call outcome = CH_CALL0(&runner_expiry_tell);
    return finish_job(w, &outcome, 1);
}

void enqueue_expiry(struct ch_arena *a, struct ch_db *db)
{
    if (ch_db_one(db, a, NULL, CH_CALL0(&runner_expiry_due), NULL) != CH_OK)
        ch_log(CH_ERROR, NULL, "certificates that come to their end could not be looked for");
}
