/* SPDX-License-Identifier: Apache-2.0
 * The automatic check of an uploaded paper: whether it is stamped, whether it is sharp, and which form it is
 * (core/paper/picture.h). The database decides what follows from the result, which is never more than a warning; a paper that
 * cannot be checked ends as "unchecked". */
#include "programs/runner/runner.h"

#include "core/paper/picture.h"
#include "core/paper/store.h"

#define MOST_LOOKS 3

static enum end record_unchecked(struct work *w)
{
    const struct ch_call outcome = CH_CALL(&runner_paper_unchecked, ch_p_text(w->subject));
    return finish_job(w, &outcome, 1);
}

static enum end record_checked(struct work *w, const struct ch_paper_look *l)
{
    const char *codes = "";

    /* The codes as an array, "{CH1|…,CH1|…}". They contain no character that has to be quoted in it. */
    for (size_t i = 0; i < l->n; i++)
        codes = ch_printf(w->a, "%s%s%s", codes, i > 0 ? "," : "", l->codes[i]);
    const struct ch_call outcome =
        CH_CALL(&runner_paper_checked, ch_p_text(w->subject), ch_p_int(w->a, l->pages), ch_p_bool(l->stamped),
                ch_p_bool(l->sharp), ch_p_int(w->a, l->sharpness), ch_p_text(ch_printf(w->a, "{%s}", codes)));
    return finish_job(w, &outcome, 1);
}

enum end job_paper_check(struct work *w)
{
    struct ch_rows rows;
    struct ch_bytes file;
    struct ch_paper_look l;

    if (!read_job(w, CH_CALL(&runner_paper_check_work, ch_p_text(w->subject)), &rows))
        return finish_unread(w);
    if (ch_store_get(w->a, &w->fault, runner_ring(), w->subject, ch_col_bytes(&rows, w->a, 0, "file_key"), &file) != CH_OK)
        return w->attempts < MOST_LOOKS ? retry_job(w, "the paper cannot be read from the store") : record_unchecked(w);
    switch (ch_paper_look(w->a, &w->fault, file, &l)) {
    case CH_OK:
        return record_checked(w, &l);
    case CH_E_INVALID:
        return record_unchecked(w);
    default:
        return w->attempts < MOST_LOOKS ? retry_job(w, "the paper was not looked at") : record_unchecked(w);
    }
}
