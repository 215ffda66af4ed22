/* SPDX-License-Identifier: Apache-2.0
 * The printable application form. */
#include "core/hall/flow_private.h"

#include "core/base/config.h"
#include "core/hall/pdf.h"
#include "core/hall/project.h"

#include <string.h>

#define MAX_ROWS 64

struct rows_ctx {
    struct ch_form_row rows[MAX_ROWS];
    size_t n;
};

static void collect(void *ctx, const struct ch_form_row *row)
{
    struct rows_ctx *c = ctx;
    if (c->n < MAX_ROWS)
        c->rows[c->n++] = *row;
}

static enum ch_err draw(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_json *order,
                        const struct ch_json *form, const struct ch_json *names, struct ch_bytes *pdf)
{
    struct rows_ctx *c = CH_NEW(r->a, struct rows_ctx);
    const char *person = ch_form_authenticated(spec, form), *number = ch_json_text(order, "number");
    bool natural = strcmp(person, "holder") == 0;

    ch_form_walk(r->a, spec, form, names, collect, c);
    struct ch_pdf_form f = {
        .title = ch_json_text(order, "form_title"),
        .authority = ch_conf(CONF_BRAND_NAME),
        .number = number,
        .code = ch_printf(r->a, "CH1|%s|%s", number, ch_form_print_mark(r->a, ch_ring(), form)),
        .natural = natural,
        .unit = ch_json_text(form, natural ? "holder_name" : "unit_name"),
        .agent = ch_json_text(form, natural ? "holder_name" : "handler_name"),
        .rows = c->rows,
        .n = c->n,
    };
    return ch_pdf_form(r->a, &r->fault, &f, pdf);
}

enum ch_err ch_flow_print(struct ch_req *r)
{
    struct ch_json *order, *form;
    const struct ch_json *names;
    struct ch_form_spec spec;
    struct ch_bytes pdf;
    const char *id;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_project_spec(r, &spec);
    if (e != CH_OK)
        return e;
    const struct ch_call calls[] = {CH_CALL(&flow_order_printed, ch_p_text(id)), CH_CALL(&hall_order_view, ch_p_text(id))};
    struct ch_rows rows[CH_COUNT(calls)];
    e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    if (e == CH_OK)
        e = ch_order_read(r, id, &rows[1], &order, &form);
    if (e == CH_OK)
        e = ch_order_code_names(r, ch_run, form, &names);
    if (e == CH_OK)
        e = draw(r, &spec, order, form, names, &pdf);
    return e == CH_OK ? ch_reply_file(r, "application/pdf", NULL, pdf) : e;
}
