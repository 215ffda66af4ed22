/* SPDX-License-Identifier: Apache-2.0
 * What a machine has read on the licence and on ID cards, for the applicant who uploaded them, to fill in the form. */
#include "modules/orders/orders.h"

#include "core/web/output.h"

#include <string.h>

/* The values as they were stored by the runner: {"name","code","person","address"} of a licence, {"name","id_no"} of a card; null
 * when there are none. */
static void put_values(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    struct ch_bytes *plain = (struct ch_bytes *)s->context + s->row;

    if (plain->p == NULL)
        ch_jw_null(w, member);
    else
        ch_jw_raw(w, member, ch_strndup(w->out.a, plain->p, plain->n));
}

static const struct ch_out reading[] = {
    CH_OUT_TEXT("code"),
    CH_OUT_TEXT("kind"),
    CH_OUT_TEXT("state"),
    CH_OUT_TEXT("text"),
    CH_OUT_CALL("values", put_values),
    CH_OUT_END,
};
static const struct ch_out document[] = {CH_OUT_ROWS("readings", 0, reading), CH_OUT_END};

static enum ch_err open_values(struct ch_req *r, const struct ch_rows *rows, int row, struct ch_bytes *plain)
{
    const char *place = strcmp(ch_col_text(rows, row, "kind"), "licence") == 0 ? "licence_check.seen" : "paper_check.card";
    struct ch_bytes encrypted = ch_col_bytes(rows, r->a, row, "seen");

    if (encrypted.p != NULL && !ch_decrypt(ch_ring(), r->a, place, ch_col(rows, row, "paper"), encrypted, plain))
        return ch_fail(r, CH_E_INTERNAL, "what was read on a paper does not open");
    return CH_OK;
}

enum ch_err orders_readings(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(r, CH_CALL(&orders_readings_of, ch_p_text(ch_var(r, "id"))), &rows);

    if (e != CH_OK)
        return e;
    struct ch_bytes *plain = ch_alloc_array(r->a, (size_t)rows.n + 1, sizeof *plain);
    for (int i = 0; i < rows.n && e == CH_OK; i++)
        e = open_values(r, &rows, i, &plain[i]);
    return e == CH_OK ? ch_reply_json(r, 200, ch_out_document(r->a, document, &rows, plain)) : e;
}
