/* SPDX-License-Identifier: Apache-2.0
 * The check of the uploaded business licence. It is read by OCR once, and compared with the form whenever that changes. The result
 * is only a hint for the reviewer, so a failure that no further attempt can mend ends as "unreadable". */
#include "programs/runner/runner.h"

#include "core/gateway/tencent/ocr.h"
#include "core/paper/store.h"

#include <string.h>

#define PLACE "licence_check.seen" /* core/crypto/ring.h */
#define MOST_DIFFERENCES 3

/* What the licence says. `fresh` is its encrypted form when the vendor has just read it, which is to be stored. */
struct seen {
    const char *name, *code, *person, *address;
    struct ch_bytes fresh;
};

static bool open_seen(struct work *w, struct ch_bytes encrypted, struct seen *s)
{
    struct ch_bytes plain;
    struct ch_json *root;

    if (encrypted.p == NULL || !ch_decrypt(runner_ring(), w->a, PLACE, w->subject, encrypted, &plain) ||
        ch_json_parse(w->a, plain, &root, NULL) != CH_JSON_OK)
        return false;
    *s = (struct seen){
        .name = ch_json_text(root, "name"), .code = ch_json_text(root, "code"), .person = ch_json_text(root, "person")};
    return s->name != NULL && s->code != NULL && s->person != NULL;
}

static struct ch_bytes encrypt_seen(struct work *w, const struct seen *s)
{
    struct ch_jw j;

    ch_jw_init(&j, w->a);
    ch_jw_object(&j, NULL);
    ch_jw_text(&j, "name", s->name);
    ch_jw_text(&j, "code", s->code);
    ch_jw_text(&j, "person", s->person);
    ch_jw_text(&j, "address", s->address);
    ch_jw_end_object(&j);
    const char *text = ch_jw_done(&j);
    return ch_encrypt(runner_ring(), w->a, PLACE, w->subject, CH_BYTES(text, strlen(text)));
}

static enum end record_check(struct work *w, const struct seen *s, const char *state, const char *fields)
{
    const struct ch_call outcome = CH_CALL(&runner_licence_checked, ch_p_text(w->subject), ch_p_bytes(s->fresh),
                                           ch_p_text(state), ch_p_text(fields));
    return finish_job(w, &outcome, 1);
}

static enum end record_unreadable(struct work *w)
{
    return record_check(w, &(struct seen){.fresh = {NULL, 0}}, "unreadable", "{}");
}

/* Normalizes a text for comparison: without blanks, and with ASCII brackets in place of full-width ones. */
static char *comparable(struct ch_arena *a, const char *s)
{
    static const struct {
        const char *from, *to;
    } pairs[] = {{"（", "("}, {"）", ")"}, {"　", ""}, {" ", ""}};
    struct ch_buf out;

    ch_buf_init(&out, a);
    while (*s != '\0') {
        size_t i = 0;
        while (i < CH_COUNT(pairs) && strncmp(s, pairs[i].from, strlen(pairs[i].from)) != 0)
            i++;
        const char *to = i < CH_COUNT(pairs) ? pairs[i].to : s;
        ch_buf_add(&out, to, i < CH_COUNT(pairs) ? strlen(to) : 1);
        s += i < CH_COUNT(pairs) ? strlen(pairs[i].from) : 1;
    }
    struct ch_bytes b = ch_buf_bytes(&out);
    return ch_strndup(a, b.p, b.n);
}

/* The fields that differ, as an array: "{unit_name,legal_name}". A field that the licence does not show is not compared. */
static const char *differences(struct work *w, const struct ch_json *form, const struct seen *s)
{
    const struct {
        const char *field, *seen;
    } pairs[MOST_DIFFERENCES] = {{"unit_name", s->name}, {"unit_code", s->code}, {"legal_name", s->person}};
    const char *list = "";

    for (size_t i = 0; i < MOST_DIFFERENCES; i++) {
        const char *said = ch_json_text(form, pairs[i].field);
        if (said == NULL || *pairs[i].seen == '\0' || strcmp(comparable(w->a, said), comparable(w->a, pairs[i].seen)) == 0)
            continue;
        list = ch_printf(w->a, "%s%s%s", list, *list != '\0' ? "," : "", pairs[i].field);
    }
    return ch_printf(w->a, "{%s}", list);
}

static enum end compare_with_form(struct work *w, const struct ch_json *form, const struct seen *s)
{
    const char *fields = differences(w, form, s);
    return record_check(w, s, strcmp(fields, "{}") == 0 ? "agrees" : "differs", fields);
}

/* The vendor has seen the picture, and no licence in it. */
static bool is_no_licence(const char *code)
{
    return strcmp(code, "FailedOperation.OcrFailed") == 0 || strcmp(code, "FailedOperation.NoBizLicense") == 0;
}

static enum end read_licence(struct work *w, const struct ch_rows *rows, const struct ch_json *form)
{
    struct ch_bytes picture;
    struct ch_answer answer;
    struct ch_licence licence;

    if (ch_store_get(w->a, &w->fault, runner_ring(), w->subject, ch_col_bytes(rows, w->a, 0, "file_key"), &picture) != CH_OK)
        return retry_job(w, "the paper cannot be read from the store");
    const char *mime = ch_col(rows, 0, "mime");
    if (picture.n > CH_OCR_MAX_IMAGE || (strcmp(mime, "image/jpeg") != 0 && strcmp(mime, "image/png") != 0))
        return record_unreadable(w);
    /* A reviewer waits for the result, so the job ends after some attempts in any case. */
    if (ch_ocr_licence(w->a, &w->fault, picture, &answer, &licence) != CH_OK || answer.outcome == CH_UNKNOWN)
        return w->attempts < w->most ? retry_job(w, "licence: no answer") : record_unreadable(w);
    if (answer.outcome == CH_REFUSED && is_no_licence(answer.code))
        return record_check(w, &(struct seen){.fresh = {NULL, 0}}, "other", "{}");
    if (answer.outcome == CH_REFUSED || *licence.name == '\0')
        return record_unreadable(w);
    struct seen s = {licence.name, licence.reg_num, licence.person, licence.address, {NULL, 0}};
    s.fresh = encrypt_seen(w, &s);
    return compare_with_form(w, form, &s);
}

enum end job_licence(struct work *w)
{
    struct ch_rows rows;
    struct seen s;

    w->most = 12;
    if (!read_job(w, CH_CALL(&runner_licence_work, ch_p_text(w->subject)), &rows))
        return finish_unread(w);
    const struct ch_json *form = open_order_form(w, ch_col(&rows, 0, "order_id"), ch_col_bytes(&rows, w->a, 0, "form"));
    if (form == NULL)
        return record_unreadable(w);
    if (open_seen(w, ch_col_bytes(&rows, w->a, 0, "seen"), &s))
        return compare_with_form(w, form, &s);
    return read_licence(w, &rows, form);
}
