/* SPDX-License-Identifier: Apache-2.0
 * The draft of a change, which says what changes, and its form: what was chosen must be another than what is on file, and all else stays
 * (hall.order_locked). */
#include "modules/change/change.h"

#include "change_sql.h"
#include "core/base/random.h"
#include "core/form/rule.h"
#include "core/order/order.h"

#include <string.h>

static const struct ch_field kind_fields[] = {
    CH_IN_TEXT(struct change_kind_in, code, CH_REQUIRED, 1, 32, NULL),
};
static const struct ch_input kind = CH_INPUT(struct change_kind_in, kind_fields);

static const struct ch_field create_fields[] = {
    CH_IN_LIST(struct ch_successor_create_in, agreements, CH_REQUIRED, 0, 16, &ch_flow_agreement),
    CH_IN_TEXT(struct ch_successor_create_in, serial, CH_REQUIRED, 1, 64, ch_rule_serial),
    CH_IN_LIST(struct ch_successor_create_in, changes, CH_REQUIRED, 0, 16, &kind),
};
const struct ch_input change_create_body = CH_INPUT(struct ch_successor_create_in, create_fields);

enum ch_err change_create(struct ch_req *r)
{
    const struct ch_successor_create_in *in = r->in;
    const struct change_kind_in *kinds = in->changes.items;
    const char *id = ch_uuid7(r->a);
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_array(&w, NULL);
    for (size_t i = 0; i < in->changes.n; i++)
        ch_jw_text(&w, NULL, kinds[i].code);
    ch_jw_end_array(&w);
    const struct ch_call begin = CH_CALL(&change_begin, ch_p_text(id), ch_p_text(ch_jw_done(&w)));
    return ch_successor_draft(r, id, &begin);
}

static bool differs(const struct ch_json *a, const struct ch_json *b, const char *field)
{
    const char *x = ch_json_text(a, field), *y = ch_json_text(b, field);

    return strcmp(x != NULL ? x : "", y != NULL ? y : "") != 0;
}

/* Each of the order's changes must change one of its fields at least. */
static void check_changed(struct ch_req *r, const struct ch_json *changes, const struct ch_json *was)
{
    const struct ch_flow_save_in *in = r->in;

    for (const struct ch_json *c = changes != NULL ? changes->first : NULL; c != NULL; c = c->next) {
        const struct ch_json *fields = ch_json_get(c, "fields"), *first = NULL;
        bool changed = false;
        for (const struct ch_json *f = fields != NULL ? fields->first : NULL; f != NULL; f = f->next) {
            changed = changed || differs(was, in->form, f->text);
            if (first == NULL && (ch_json_get(in->form, f->text) != NULL || ch_json_get(was, f->text) != NULL))
                first = f; /* the form has it */
        }
        if (!changed)
            ch_wrong(r, ch_printf(r->a, "/form/%s", first != NULL ? first->text : ""), "unchanged",
                     ch_printf(r->a, "您选择了变更“%s”，请填写变更后的内容。", ch_json_text(c, "name")));
    }
}

/* The form on file is another order's, and may have been erased since; then every change counts. */
static enum ch_err check_basis(struct ch_req *r)
{
    struct ch_json *was, *changes;
    struct ch_rows rows;

    enum ch_err e = ch_run_row(r, CH_CALL(&change_basis_row, ch_p_text(ch_var(r, "id"))), &rows);
    if (e == CH_OK)
        e = ch_col_json(r, &rows, 0, "changes", &changes);
    if (e == CH_OK)
        e = ch_order_form(r, ch_strdup(r->a, ch_col_text(&rows, 0, "basis")), ch_col_bytes(&rows, r->a, 0, "form"), &was);
    if (e == CH_OK)
        check_changed(r, changes, was);
    return e == CH_OK && r->errors != NULL ? ch_fail(r, CH_E_INVALID, "nothing changed") : e;
}

enum ch_err change_save(struct ch_req *r)
{
    const struct ch_flow_save_in *in = r->in;
    enum ch_err e = in->complete ? check_basis(r) : CH_OK;

    return e == CH_OK ? ch_successor_save(r) : e;
}
