/* SPDX-License-Identifier: Apache-2.0
 * The queues of orders, one order in full, and its papers. Every reading of an order's data or papers is noted in the audit
 * trail. */
#include "modules/review/review.h"

#include "core/form/check.h"
#include "core/order/project.h"
#include "core/paper/paper.h"
#include "core/web/output.h"

#include <string.h>

/* The queue that the request names, or the reviewers'. */
static const char *query_queue(struct ch_req *r)
{
    static const char *const known[] = {"review", "payout", "produce", "ship", "all"};
    const char *q = ch_query(r, "queue");

    for (size_t i = 0; q != NULL && i < CH_COUNT(known); i++)
        if (strcmp(q, known[i]) == 0)
            return known[i];
    return "review";
}

enum ch_err review_list(struct ch_req *r)
{
    const char *out;
    enum ch_err e = ch_run_text(
        r, CH_CALL(&review_queue, ch_p_text(query_queue(r)), ch_query_filter(r, "after"), ch_desk_page_size(r, 20)), &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

struct rows_writer {
    struct ch_jw *w;
    bool open;                    /* a block has been begun */
    const struct ch_json *before; /* the values of a form that this one changes, by field; NULL: it changes none */
};

/* What was on file, where it is another. */
static void write_before(const struct rows_writer *c, const struct ch_form_row *row)
{
    const char *was = ch_json_text(c->before, row->name);

    if (was == NULL || strcmp(was, row->value) != 0)
        ch_jw_text(c->w, "before", was != NULL ? was : "");
}

/* Writes a row of the form; called by ch_form_walk for each. A block's first row closes the block before it. */
static void write_form_row(void *ctx, const struct ch_form_row *row)
{
    struct rows_writer *c = ctx;

    if (row->first_of_block) {
        if (c->open) {
            ch_jw_end_array(c->w);
            ch_jw_end_object(c->w);
        }
        ch_jw_object(c->w, NULL);
        ch_jw_text(c->w, "title", row->block_title);
        ch_jw_array(c->w, "rows");
        c->open = true;
    }
    ch_jw_object(c->w, NULL);
    ch_jw_text(c->w, "name", row->name);
    ch_jw_text(c->w, "label", row->label);
    ch_jw_text(c->w, "value", row->value);
    if (c->before != NULL && strncmp(row->name, "items/", 6) != 0) /* each item of a renewal has what its certificate has */
        write_before(c, row);
    ch_jw_end_object(c->w);
}

/* Keeps a value of the form on file; called by ch_form_walk for each. */
static void keep_before(void *ctx, const struct ch_form_row *row)
{
    struct ch_jw *w = ctx;

    ch_jw_text(w, row->name, row->value);
}

/* The values, as people read them, of the form that an order changes; NULL when it changes none. `row` is the answer of review_row. */
static enum ch_err read_before(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_rows *row,
                               const struct ch_json **out)
{
    const char *basis = ch_col(row, 0, "basis");
    const struct ch_json *names;
    struct ch_json *form, *values;
    struct ch_jw w;

    *out = NULL;
    if (basis == NULL)
        return CH_OK;
    enum ch_err e = ch_order_form(r, ch_strdup(r->a, basis), ch_col_bytes(row, r->a, 0, "basis_form"), &form);
    if (e == CH_OK)
        e = ch_order_code_names(r, form, &names);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_form_walk(r->a, spec, form, names, keep_before, &w);
    ch_jw_end_object(&w);
    const char *text = ch_jw_done(&w);
    if (ch_json_parse(r->a, CH_BYTES(text, strlen(text)), &values, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "own JSON unreadable");
    *out = values;
    return CH_OK;
}

static enum ch_err answer_order(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_json *order,
                                const struct ch_json *form, const struct ch_json *before)
{
    const struct ch_json *names;
    struct ch_jw w;
    struct rows_writer c = {&w, false, before};

    enum ch_err e = ch_order_code_names(r, form, &names);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_node(&w, "order", order);
    ch_jw_array(&w, "form_rows");
    ch_form_walk(r->a, spec, form, names, write_form_row, &c);
    if (c.open) {
        ch_jw_end_array(&w);
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    ch_jw_node(&w, "papers", ch_json_get(order, "papers"));
    ch_jw_node(&w, "history", ch_json_get(order, "history"));
    ch_form_checks_json(&w, spec, order, form);
    ch_jw_bool(&w, "unmasked", true);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

/* ---- one order ---- */

enum { STAFF = CH_ORDER_ANSWERS, PAYOUTS, REVIEWS, COUNTER, REFUSALS, ANSWERS };

static const struct ch_out payout[] = {
    CH_OUT_INT("number"),  CH_OUT_TEXT_OF("ref", "yur_ref"),   CH_OUT_TEXT("state"),
    CH_OUT_TEXT("reason"), CH_OUT_TIME_OF("at", "created_at"), CH_OUT_END,
};

static const struct ch_out review[] = {
    CH_OUT_TIME("at"),      CH_OUT_TEXT("staff"), CH_OUT_BOOL("approved"),
    CH_OUT_JSON("reasons"), CH_OUT_TEXT("note"),  CH_OUT_END,
};

static const struct ch_out counter[] = {
    CH_OUT_TEXT("number"), CH_OUT_TIME("at"),       CH_OUT_TEXT("outlet"),
    CH_OUT_TEXT("staff"),  CH_OUT_JSON("pictures"), CH_OUT_END,
};

static const struct ch_out refusal[] = {CH_OUT_TEXT("what"), CH_OUT_TEXT("reason"), CH_OUT_END};

static void put_for_staff(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    ch_jw_bool(w, member, ch_col_bool(&s->answers[STAFF], 0, member));
}

static const struct ch_out for_staff[] = {
    CH_OUT_CALL("producing", put_for_staff),
    CH_OUT_CALL("key_file", put_for_staff),
    CH_OUT_ROWS("payouts", PAYOUTS, payout),
    CH_OUT_ROWS("reviews", REVIEWS, review),
    CH_OUT_ROWS("counter", COUNTER, counter),
    CH_OUT_ROWS("refusals", REFUSALS, refusal),
    CH_OUT_END,
};

/* Notes in the trail that the order is read, reads it, and writes it as JSON with the members that only staff see. */
static enum ch_err read_order(struct ch_req *r, const char *id, struct ch_rows answers[ANSWERS], const char **json)
{
    static const struct ch_stmt *const more[ANSWERS] = {
        [STAFF] = &review_row, [PAYOUTS] = &review_payout_rows, [REVIEWS] = &review_review_rows, [COUNTER] = &review_counter_rows, [REFUSALS] = &review_refusal_rows};
    const struct ch_param param = ch_p_text(id);
    struct ch_call calls[1 + ANSWERS] = {ch_call_of(&review_reads, &param, 1)};
    struct ch_rows rows[CH_COUNT(calls)];

    ch_order_ask(r, id, calls + 1);
    for (size_t i = CH_ORDER_ANSWERS; i < ANSWERS; i++)
        calls[1 + i] = ch_call_of(more[i], &param, 1);
    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    if (e != CH_OK)
        return e;
    memcpy(answers, rows + 1, ANSWERS * sizeof *answers);
    if (answers[CH_ORDER_ROW].n != 1 || answers[STAFF].n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单。");
    r->slug = ch_col_text(&answers[STAFF], 0, "slug");
    return ch_order_document(r, answers, for_staff, json);
}

enum ch_err review_read(struct ch_req *r)
{
    struct ch_json *order = NULL, *form = NULL;
    const struct ch_json *before = NULL;
    struct ch_form_spec spec;
    struct ch_rows answers[ANSWERS];
    const char *id = ch_var(r, "id"), *json;

    enum ch_err e = read_order(r, id, answers, &json);
    if (e == CH_OK)
        e = ch_order_form(r, id, ch_col_bytes(&answers[CH_ORDER_ROW], r->a, 0, "form"), &form);
    if (e == CH_OK && ch_json_parse(r->a, CH_BYTES(json, strlen(json)), &order, NULL) != CH_JSON_OK)
        e = ch_fail(r, CH_E_INTERNAL, "order %s unreadable", id);
    if (e == CH_OK)
        e = ch_project_spec(r, ch_json_text(order, "business"), &spec);
    if (e == CH_OK)
        e = read_before(r, &spec, &answers[STAFF], &before);
    return e == CH_OK ? answer_order(r, &spec, order, form, before) : e;
}

enum ch_err review_paper(struct ch_req *r)
{
    struct ch_rows rows;
    const char *id = ch_var(r, "id");

    enum ch_err e =
        ch_run(r, CH_CALL(&review_paper_row, ch_p_text(id), ch_p_text(ch_var(r, "code")), ch_paper_sheet(r, 1)), &rows);
    return e == CH_OK ? ch_paper_reply(r, &rows) : e;
}
