/* SPDX-License-Identifier: Apache-2.0
 * The last order of the same account before a draft, whose data can be carried over into it. */
#include "modules/orders/orders.h"

#include "core/web/output.h"

static void put_form(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    ch_jw_node(w, member, s->context);
}

static const struct ch_out earlier[] = {
    CH_OUT_TEXT("id"),         CH_OUT_TEXT("number"),         CH_OUT_TEXT("project_name"),
    CH_OUT_TIME("created_at"), CH_OUT_CALL("form", put_form), CH_OUT_END,
};
static const struct ch_out document[] = {CH_OUT_OBJECT_IF("earlier", "id", earlier), CH_OUT_END};

enum ch_err orders_earlier(struct ch_req *r)
{
    struct ch_json *form;
    struct ch_rows rows;

    enum ch_err e = ch_run(r, CH_CALL(&orders_earlier_form, ch_p_text(ch_var(r, "id"))), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n == 0)
        return ch_reply_json(r, 200, "{\"earlier\":null}");
    e = ch_order_form(r, ch_col_text(&rows, 0, "id"), ch_col_bytes(&rows, r->a, 0, "form"), &form);
    return e == CH_OK ? ch_reply_json(r, 200, ch_out_document(r->a, document, &rows, form)) : e;
}
