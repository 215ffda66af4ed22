/* SPDX-License-Identifier: Apache-2.0
 * The nightly erasure of data whose retention (hall.retention) has ended, a few rows at a time. The files of papers, whose keys
 * are erased with the rows, are deleted from the store by jobs of their own. */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/paper/store.h"

#define BATCH 25
#define SLICE_MS 20000 /* well within the lease */

enum end job_retention(struct work *w)
{
    int64_t until = ch_tick_ms() + SLICE_MS;
    struct ch_rows r;

    do {
        if (!read_job(w, CH_CALL(&runner_retention_step, ch_p_int(w->a, BATCH)), &r))
            return retry_job(w, "what is due cannot be erased");
        if (ch_col_int(&r, 0, "n") == 0)
            return finish_job(w, NULL, 0);
    } while (ch_tick_ms() < until);
    return await_job(w, "more is due", 1);
}

enum end job_file_gone(struct work *w)
{
    enum ch_err e = ch_store_delete(w->a, &w->fault, w->subject);

    return e == CH_OK || e == CH_E_NOT_FOUND ? finish_job(w, NULL, 0) : retry_job(w, "store");
}

void enqueue_retention(struct ch_arena *a, struct ch_db *db)
{
    if (ch_db_one(db, a, NULL, CH_CALL0(&runner_retention_want), NULL) != CH_OK)
        ch_log(CH_ERROR, NULL, "the night's erasing is not asked for");
}
