/* SPDX-License-Identifier: Apache-2.0
 * The automatic check of an uploaded paper: whether it is stamped, whether it is sharp, which form it is (core/paper/picture.h),
 * and, where one side of an ID card belongs, whether it is that (core/gateway/tencent/ocr.h). The database decides what follows from the result, which is never more than a warning; a paper that
 * cannot be checked ends as "unchecked". */
#include "programs/runner/runner.h"

#include "core/gateway/tencent/ocr.h"
#include "core/paper/picture.h"
#include "core/paper/store.h"

#include <string.h>

#define MOST_LOOKS 3

static enum end record_unchecked(struct work *w)
{
    const struct ch_call outcome = CH_CALL(&runner_paper_unchecked, ch_p_text(w->subject));
    return finish_job(w, &outcome, 1);
}

static enum end record_checked(struct work *w, const struct ch_paper_look *l, const char *reads)
{
    const char *codes = "";

    /* The codes as an array, "{CH1|…,CH1|…}". They contain no character that has to be quoted in it. */
    for (size_t i = 0; i < l->n; i++)
        codes = ch_printf(w->a, "%s%s%s", codes, i > 0 ? "," : "", l->codes[i]);
    const struct ch_call outcome = CH_CALL(&runner_paper_checked, ch_p_text(w->subject), ch_p_int(w->a, l->pages),
                                           ch_p_bool(l->stamped), ch_p_bool(l->sharp), ch_p_int(w->a, l->sharpness),
                                           ch_p_text(ch_printf(w->a, "{%s}", codes)), ch_p_text(reads));
    return finish_job(w, &outcome, 1);
}

/* What is seen where that side of an ID card belongs: "right", "other_side", "other"; NULL when the vendor cannot tell. False when
 * there was no answer. */
static bool read_card(struct work *w, const char *shows, const char *mime, struct ch_bytes file, const char **reads)
{
    bool front = strcmp(shows, "id_front") == 0;
    struct ch_answer answer;
    struct ch_card card;

    *reads = NULL;
    if (file.n > CH_OCR_MAX_IMAGE || (strcmp(mime, "image/jpeg") != 0 && strcmp(mime, "image/png") != 0))
        return true;
    if (ch_ocr_card(w->a, &w->fault, front ? CH_CARD_FRONT : CH_CARD_BACK, file, &answer, &card) != CH_OK ||
        answer.outcome == CH_UNKNOWN)
        return false;
    if (answer.outcome == CH_ACCEPTED)
        *reads = "right";
    else if (strcmp(answer.code, "FailedOperation.CardSideError") == 0)
        *reads = "other_side";
    else if (strcmp(answer.code, "FailedOperation.ImageNoIdCard") == 0)
        *reads = "other";
    return true;
}

enum end job_paper_check(struct work *w)
{
    struct ch_rows rows;
    struct ch_bytes file;
    struct ch_paper_look l;
    const char *reads = NULL;

    if (!read_job(w, CH_CALL(&runner_paper_check_work, ch_p_text(w->subject)), &rows))
        return finish_unread(w);
    if (ch_store_get(w->a, &w->fault, runner_ring(), w->subject, ch_col_bytes(&rows, w->a, 0, "file_key"), &file) != CH_OK)
        return w->attempts < MOST_LOOKS ? retry_job(w, "the paper cannot be read from the store") : record_unchecked(w);
    switch (ch_paper_look(w->a, &w->fault, file, &l)) {
    case CH_OK:
        if (*ch_col_text(&rows, 0, "shows") != '\0' &&
            !read_card(w, ch_col(&rows, 0, "shows"), ch_col_text(&rows, 0, "mime"), file, &reads) && w->attempts < MOST_LOOKS)
            return retry_job(w, "the ID card was not read");
        return record_checked(w, &l, reads);
    case CH_E_INVALID:
        return record_unchecked(w);
    default:
        return w->attempts < MOST_LOOKS ? retry_job(w, "the paper was not looked at") : record_unchecked(w);
    }
}
