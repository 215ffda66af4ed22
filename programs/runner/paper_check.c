/* SPDX-License-Identifier: Apache-2.0
 * An uploaded paper looked at by machine: stamp, sharpness, which form it is (core/paper/picture.h). What follows from that is
 * the database's to say, and never more than a warning: what cannot be looked at ends as "unchecked". */
#include "programs/runner/runner.h"

#include "core/paper/picture.h"
#include "core/paper/store.h"

#define MOST_LOOKS 3

static enum end unchecked(struct work *w)
{
    const struct ch_call outcome = CH_CALL(&runner_paper_unchecked, ch_p_text(w->subject));
    return finish(w, &outcome, 1);
}

/* "{CH1|…,CH1|…}": codes have no character that an array's text would have to quote. */
static const char *array_of(struct ch_arena *a, const struct ch_paper_look *l)
{
    const char *list = "";

    for (size_t i = 0; i < l->n; i++)
        list = ch_printf(a, "%s%s%s", list, i > 0 ? "," : "", l->codes[i]);
    return ch_printf(a, "{%s}", list);
}

static enum end checked(struct work *w, const struct ch_paper_look *l)
{
    const struct ch_call outcome =
        CH_CALL(&runner_paper_checked, ch_p_text(w->subject), ch_p_int(w->a, l->pages), ch_p_bool(l->stamped),
                ch_p_bool(l->sharp), ch_p_int(w->a, l->sharpness), ch_p_text(array_of(w->a, l)));
    return finish(w, &outcome, 1);
}

enum end job_paper_check(struct work *w)
{
    struct ch_rows rows;
    struct ch_bytes file;
    struct ch_paper_look l;

    if (!read_work(w, CH_CALL(&runner_paper_check_work, ch_p_text(w->subject)), &rows))
        return w->fault.code == CH_OK ? finish(w, NULL, 0) : AGAIN;
    if (ch_store_get(w->a, &w->fault, runner_ring(), w->subject, ch_col_bytes(&rows, w->a, 0, "file_key"), &file) != CH_OK)
        return w->attempts < MOST_LOOKS ? again(w, "the paper cannot be read from the store") : unchecked(w);
    switch (ch_paper_look(w->a, &w->fault, file, &l)) {
    case CH_OK: return checked(w, &l);
    case CH_E_INVALID: return unchecked(w);
    default: return w->attempts < MOST_LOOKS ? again(w, "the paper was not looked at") : unchecked(w);
    }
}
