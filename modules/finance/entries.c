/* SPDX-License-Identifier: Apache-2.0
 * What has come in on the authority's account for an authentication, and proves nothing: without a code, with one that is over, under
 * another name, or another amount. Payers are masked; the remark is what their bank passed on. */
#include "modules/finance/finance.h"

#include "core/base/random.h"
#include "core/order/entry.h"

#include <string.h>

static enum ch_err put_entry(struct ch_req *r, struct ch_jw *w, const struct ch_rows *rows, int i)
{
    const char *payer = NULL;
    struct ch_json *opened = NULL;

    ch_jw_object(w, NULL);
    ch_jw_members(w, ch_col(rows, i, "out"));
    enum ch_err e = ch_decrypt_text(r, CH_ENTRY_PAYER, ch_col(rows, i, "id"), ch_col_bytes(rows, r->a, i, "payer"), &payer);
    if (e == CH_OK && payer != NULL && ch_json_parse(r->a, CH_BYTES(payer, strlen(payer)), &opened, NULL) != CH_JSON_OK)
        e = ch_fail(r, CH_E_INTERNAL, "the payer of an entry is not JSON");
    const char *remark = ch_json_text(opened, "remark");
    ch_jw_text(w, "remark", remark != NULL ? remark : "");
    ch_jw_end_object(w);
    return e;
}

enum ch_err finance_entries(struct ch_req *r)
{
    const char *after = ch_query(r, "after");
    int most = (int)ch_query_int(r, "page_size", 50, 1, 100);
    struct ch_rows rows;
    struct ch_jw w;

    if (after != NULL && !ch_is_uuid(after))
        after = NULL;
    enum ch_err e = ch_run(r, CH_CALL(&finance_entries_page, ch_p_text(after), ch_p_int(r->a, most + 1)), &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "items");
    for (int i = 0; e == CH_OK && i < rows.n && i < most; i++)
        e = put_entry(r, &w, &rows, i);
    ch_jw_end_array(&w);
    ch_jw_text(&w, "next", rows.n > most ? ch_col(&rows, most - 1, "id") : NULL);
    ch_jw_null(&w, "total");
    ch_jw_end_object(&w);
    return e == CH_OK ? ch_reply_json(r, 200, ch_jw_done(&w)) : e;
}
