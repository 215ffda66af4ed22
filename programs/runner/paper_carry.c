/* SPDX-License-Identifier: Apache-2.0
 * Papers of an earlier order that count for a renewal: each is copied under an id and a key of the new order, so that either can be erased
 * without the other. */
#include "programs/runner/runner.h"

#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/paper/store.h"

/* Copies one, and notes the copy for hall.paper_carried. */
static enum ch_err copy_paper(struct work *w, const struct ch_rows *rows, int row, struct ch_jw *copies)
{
    const char *old = ch_col_text(rows, row, "id"), *id = ch_uuid7(w->a);
    struct ch_bytes file, key;

    enum ch_err e = ch_store_get(w->a, &w->fault, runner_ring(), old, ch_col_bytes(rows, w->a, row, "file_key"), &file);
    if (e == CH_OK)
        e = ch_store_put(w->a, &w->fault, runner_ring(), id, file, &key);
    if (e != CH_OK)
        return e;
    ch_jw_object(copies, NULL);
    ch_jw_text(copies, "id", id);
    ch_jw_text(copies, "old", old);
    ch_jw_text(copies, "key", ch_hex(w->a, key));
    ch_jw_end_object(copies);
    return CH_OK;
}

enum end job_paper_carry(struct work *w)
{
    struct ch_rows rows;
    struct ch_jw copies;

    if (ch_db_one(w->db, w->a, &w->fault, CH_CALL(&runner_paper_carry_work, ch_p_text(w->subject)), &rows) != CH_OK ||
        rows.n == 0)
        return finish_unread(w);
    ch_jw_init(&copies, w->a);
    ch_jw_array(&copies, NULL);
    for (int i = 0; i < rows.n; i++) {
        enum ch_err e = copy_paper(w, &rows, i, &copies);
        if (e != CH_OK && e != CH_E_NOT_FOUND) /* a file that is gone is uploaded anew */
            return retry_job(w, "a paper of the earlier order was not copied");
    }
    ch_jw_end_array(&copies);
    const struct ch_call outcome = CH_CALL(&runner_paper_carried, ch_p_text(w->subject), ch_p_text(ch_jw_done(&copies)));
    return finish_job(w, &outcome, 1);
}
