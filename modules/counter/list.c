/* SPDX-License-Identifier: Apache-2.0
 * The appointments of the clerk's outlet: a list with masked names, and one with the name and number that the card must have, whose
 * opening is on record. */
#include "modules/counter/counter.h"

#include "core/form/rule.h"

#define PAGE 20

enum ch_err counter_person(struct ch_req *r, const struct ch_rows *rows, int row, struct ch_person *out)
{
    struct ch_json *form;

    enum ch_err e = ch_order_form(r, ch_strdup(r->a, ch_col_text(rows, row, "order_id")),
                                  ch_col_bytes(rows, r->a, row, "form"), &form);
    if (e != CH_OK)
        return e;
    return ch_person_of(form, ch_col_text(rows, row, "role"), out) ? CH_OK
                                                                   : ch_fail(r, CH_E_INTERNAL, "form lacks the person");
}

static enum ch_err put_masked(struct ch_req *r, struct ch_jw *w, const void *ctx, const struct ch_rows *rows, int i)
{
    struct ch_person p;

    (void)ctx;
    enum ch_err e = counter_person(r, rows, i, &p);
    if (e == CH_OK)
        ch_jw_text(w, "person", ch_rule_mask_name(r->a, p.name));
    return e;
}

enum ch_err counter_list(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(r, CH_CALL(&counter_list_rows, ch_query_filter(r, "after"), ch_p_int(r->a, PAGE + 1)), &rows);

    return e == CH_OK ? ch_desk_rows_reply(r, 200, &rows, PAGE, "cursor", put_masked, NULL) : e;
}

enum ch_err counter_read(struct ch_req *r)
{
    struct ch_rows rows;
    struct ch_person p;
    struct ch_jw w;

    enum ch_err e = ch_run_row(r, CH_CALL(&counter_read_row, ch_p_text(ch_var(r, "id"))), &rows);
    if (e == CH_OK)
        e = counter_person(r, &rows, 0, &p);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_members(&w, ch_col(&rows, 0, "out"));
    ch_jw_text(&w, "person_label", p.label);
    ch_jw_text(&w, "name", p.name);
    ch_jw_text(&w, "id_no", p.id_no);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}
