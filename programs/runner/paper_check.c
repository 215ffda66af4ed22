/* SPDX-License-Identifier: Apache-2.0
 * The automatic check of an uploaded paper: whether it is stamped, whether it is sharp, which form it is (core/paper/picture.h),
 * and, where one side of an ID card belongs, whether it is that (core/gateway/tencent/ocr.h). The database decides what follows from the result, which is never more than a warning; a paper that
 * cannot be checked ends as "unchecked". */
#include "programs/runner/runner.h"

#include "core/form/item.h"
#include "core/gateway/tencent/ocr.h"
#include "core/paper/picture.h"
#include "core/paper/store.h"

#include <string.h>

#define CARD "paper_check.card" /* core/crypto/ring.h */
#define MOST_LOOKS 3

static enum end record_unchecked(struct work *w)
{
    const struct ch_call outcome = CH_CALL(&runner_paper_unchecked, ch_p_text(w->subject));
    return finish_job(w, &outcome, 1);
}

/* What a vendor has read where one side of an ID card belongs. */
struct reading {
    const char *reads;        /* "right", "other_side", "other"; NULL: nothing was to be read, or nobody could tell */
    const char *name, *id_no; /* of the front; NULL when it was not read */
};

static struct ch_bytes encrypt_card(struct work *w, const struct reading *c)
{
    struct ch_jw j;

    ch_jw_init(&j, w->a);
    ch_jw_object(&j, NULL);
    ch_jw_text(&j, "name", c->name);
    ch_jw_text(&j, "id_no", c->id_no);
    ch_jw_end_object(&j);
    const char *text = ch_jw_done(&j);
    return ch_encrypt(runner_ring(), w->a, CARD, w->subject, CH_BYTES(text, strlen(text)));
}

static enum end record_checked(struct work *w, const struct ch_paper_look *l, const struct reading *c)
{
    const char *codes = "";

    /* The codes as an array, "{CH1|…,CH1|…}". They contain no character that has to be quoted in it. */
    for (size_t i = 0; i < l->n; i++)
        codes = ch_printf(w->a, "%s%s%s", codes, i > 0 ? "," : "", l->codes[i]);
    const struct ch_call checked = CH_CALL(&runner_paper_checked, ch_p_text(w->subject), ch_p_int(w->a, l->pages),
                                           ch_p_bool(l->stamped), ch_p_bool(l->sharp), ch_p_int(w->a, l->sharpness),
                                           ch_p_text(ch_printf(w->a, "{%s}", codes)), ch_p_text(c->reads));
    if (c->name == NULL)
        return finish_job(w, &checked, 1);
    const struct ch_call outcomes[] = {checked,
                                       CH_CALL(&runner_card_seen, ch_p_text(w->subject), ch_p_bytes(encrypt_card(w, c)))};
    return finish_job(w, outcomes, CH_COUNT(outcomes));
}

/* Has the side of an ID card read. False when there was no answer. */
static bool read_card(struct work *w, const char *shows, const char *mime, struct ch_bytes file, struct reading *out)
{
    bool front = strcmp(shows, "id_front") == 0;
    struct ch_answer answer;
    struct ch_card card;

    *out = (struct reading){NULL, NULL, NULL};
    if (file.n > CH_OCR_MAX_IMAGE || (strcmp(mime, "image/jpeg") != 0 && strcmp(mime, "image/png") != 0))
        return true;
    if (ch_ocr_card(w->a, &w->fault, front ? CH_CARD_FRONT : CH_CARD_BACK, file, &answer, &card) != CH_OK ||
        answer.outcome == CH_UNKNOWN)
        return false;
    if (answer.outcome == CH_ACCEPTED)
        *out = (struct reading){"right", front ? card.name : NULL, front ? card.id_no : NULL};
    else if (strcmp(answer.code, "FailedOperation.CardSideError") == 0)
        out->reads = "other_side";
    else if (strcmp(answer.code, "FailedOperation.ImageNoIdCard") == 0)
        out->reads = "other";
    return true;
}

enum end job_paper_check(struct work *w)
{
    struct ch_rows rows;
    struct ch_bytes file;
    struct ch_paper_look l;
    struct reading card = {NULL, NULL, NULL};

    if (!read_job(w, CH_CALL(&runner_paper_check_work, ch_p_text(w->subject)), &rows))
        return finish_unread(w);
    if (ch_store_get(w->a, &w->fault, runner_ring(), w->subject, ch_col_bytes(&rows, w->a, 0, "file_key"), &file) != CH_OK)
        return w->attempts < MOST_LOOKS ? retry_job(w, "the paper cannot be read from the store") : record_unchecked(w);
    switch (ch_paper_look(w->a, &w->fault, file, &l)) {
    case CH_OK:
        if (*ch_col_text(&rows, 0, "shows") != '\0' &&
            !read_card(w, ch_col(&rows, 0, "shows"), ch_col_text(&rows, 0, "mime"), file, &card) && w->attempts < MOST_LOOKS)
            return retry_job(w, "the ID card was not read");
        return record_checked(w, &l, &card);
    case CH_E_INVALID:
        return record_unchecked(w);
    default:
        return w->attempts < MOST_LOOKS ? retry_job(w, "the paper was not looked at") : record_unchecked(w);
    }
}

/* Whether the form says something else than the card; what either does not say is not compared. */
static bool differs(const struct ch_json *part, const char *field, const char *seen)
{
    const char *said = ch_json_text(part, field);

    return said != NULL && *said != '\0' && seen != NULL && *seen != '\0' && strcasecmp(said, seen) != 0;
}

enum end job_card(struct work *w)
{
    struct ch_rows rows;
    struct ch_bytes plain;
    struct ch_json *card;

    if (!read_job(w, CH_CALL(&runner_card_work, ch_p_text(w->subject)), &rows))
        return finish_unread(w);
    const struct ch_json *form = open_order_form(w, ch_col(&rows, 0, "order_id"), ch_col_bytes(&rows, w->a, 0, "form"));
    if (form == NULL || !ch_decrypt(runner_ring(), w->a, CARD, w->subject, ch_col_bytes(&rows, w->a, 0, "card"), &plain) ||
        ch_json_parse(w->a, plain, &card, NULL) != CH_JSON_OK)
        return finish_job(w, NULL, 0);
    const struct ch_json *part = ch_item_part(form, (int)ch_col_int(&rows, 0, "item"));
    const char *person = ch_col_text(&rows, 0, "person");
    if (strcmp(person, "holder") != 0)
        part = form;
    bool name = differs(part, ch_printf(w->a, "%s_name", person), ch_json_text(card, "name"));
    bool id_no = differs(part, ch_printf(w->a, "%s_id", person), ch_json_text(card, "id_no"));
    const char *which = ch_printf(w->a, "{%s%s%s}", name ? "name" : "", name && id_no ? "," : "", id_no ? "id_no" : "");
    const struct ch_call outcome = CH_CALL(&runner_card_compared, ch_p_text(w->subject), ch_p_text(which));
    return finish_job(w, &outcome, 1);
}
