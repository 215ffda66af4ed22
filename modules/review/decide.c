/* SPDX-License-Identifier: Apache-2.0
 * A reviewer's decisions: an approval, which is signed with the reviewer's passkey, and a rejection, with reasons that each name
 * the field or paper in question. */
#include "modules/review/review.h"

#include "core/form/form.h"
#include "core/form/rule.h"

#include <string.h>

/* A reason names a field or a paper, or with "/" the order as a whole. */
static const char *rule_pointer(const char *s)
{
    bool good = strcmp(s, "/") == 0 || strncmp(s, "/form/", 6) == 0 || strncmp(s, "/papers/", 8) == 0;
    return good && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-/")] == '\0' ? NULL : "请选择要更正的内容。";
}

static const struct ch_field reason_fields[] = {
    CH_IN_TEXT(struct review_reason_in, pointer, CH_REQUIRED, 1, 64, rule_pointer),
    CH_IN_TEXT(struct review_reason_in, text, CH_REQUIRED, 2, 200, ch_rule_name),
};
static const struct ch_input reason = CH_INPUT(struct review_reason_in, reason_fields);

static const struct ch_field reject_fields[] = {
    CH_IN_INT(struct review_reject_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_LIST(struct review_reject_in, reasons, CH_REQUIRED, 1, 20, &reason),
};
const struct ch_input review_reject_body = CH_INPUT(struct review_reject_in, reject_fields);

static const struct ch_field approve_fields[] = {
    CH_IN_INT(struct review_approve_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_TEXT(struct review_approve_in, note, CH_OPTIONAL, 0, 500, NULL),
    CH_IN_OBJECT(struct review_approve_in, decision, CH_REQUIRED),
};
const struct ch_input review_approve_body = CH_INPUT(struct review_approve_in, approve_fields);

static const struct ch_field lay_fields[] = {
    CH_IN_INT(struct review_lay_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_TEXT(struct review_lay_in, note, CH_OPTIONAL, 0, 500, NULL),
};
const struct ch_input review_lay_body = CH_INPUT(struct review_lay_in, lay_fields);

enum ch_err review_statement(struct ch_req *r)
{
    const struct ch_version_in *in = r->in;
    const struct ch_decision_of d = {.what = CH_DECISION_APPROVE, .order = ch_var(r, "id"), .version = in->version};
    return ch_decision_offer(r, &d);
}

enum ch_err review_approve(struct ch_req *r)
{
    const struct review_approve_in *in = r->in;
    const struct ch_decision_of d = {.what = CH_DECISION_APPROVE, .order = ch_var(r, "id"), .version = in->version};
    struct ch_call calls[2];
    struct ch_rows rows[CH_COUNT(calls)];

    enum ch_err e = ch_decision_take(r, &d, in->decision, &calls[0]);
    if (e != CH_OK)
        return e;
    calls[1] = CH_CALL(&review_approve_row, ch_p_text(d.order), ch_p_int(r->a, in->version), ch_p_text(in->note));
    e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    return e == CH_OK ? ch_reply_empty(r) : e;
}

enum ch_err review_tray_put(struct ch_req *r)
{
    const struct review_lay_in *in = r->in;
    const struct ch_decision_of d = {.what = CH_DECISION_APPROVE, .order = ch_var(r, "id"), .version = in->version};
    enum ch_err e = ch_decision_put(r, &d, in->note);

    return e == CH_OK ? ch_reply_empty(r) : e;
}

enum ch_err review_tray_statement(struct ch_req *r)
{
    return ch_decision_tray_offer(r, CH_DECISION_APPROVE);
}

static struct ch_call approval(struct ch_req *r, const char *order, int64_t version, const char *note)
{
    struct ch_param *p = ch_alloc_array(r->a, 3, sizeof *p);

    p[0] = ch_p_text(order);
    p[1] = ch_p_int(r->a, version);
    p[2] = ch_p_text(note);
    return ch_call_of(&review_approve_row, p, 3);
}

enum ch_err review_tray_approve(struct ch_req *r)
{
    const struct ch_decision_in *in = r->in;

    return ch_decision_tray_take(r, CH_DECISION_APPROVE, in->decision, approval);
}

/* What the pointer names, for people; NULL for a paper, which hall.reject names, and for the order as a whole. */
static const char *place_name(struct ch_arena *a, const char *pointer)
{
    return strncmp(pointer, "/form/", 6) == 0 ? ch_form_place(a, pointer + 6) : NULL;
}

static const char *reasons_json(struct ch_arena *a, const struct ch_list *list)
{
    const struct review_reason_in *items = list->items;
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_array(&w, NULL);
    for (size_t i = 0; i < list->n; i++) {
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "pointer", items[i].pointer);
        ch_jw_text(&w, "label", place_name(a, items[i].pointer));
        ch_jw_text(&w, "text", items[i].text);
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    return ch_jw_done(&w);
}

enum ch_err review_reject(struct ch_req *r)
{
    const struct review_reject_in *in = r->in;
    const char *id = ch_var(r, "id");

    enum ch_err e = ch_run(r,
                           CH_CALL(&review_reject_row, ch_p_text(id), ch_p_int(r->a, in->version),
                                   ch_p_text(reasons_json(r->a, &in->reasons))),
                           NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}
