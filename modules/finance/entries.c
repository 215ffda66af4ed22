/* SPDX-License-Identifier: Apache-2.0
 * What has come in on the authority's account for an authentication, and proves nothing: without a code, with one that is over, under
 * another name, or another amount. Payers are masked; the remark is what their bank passed on. */
#include "modules/finance/finance.h"

#include "core/order/entry.h"

#include <string.h>

static enum ch_err put_remark(struct ch_req *r, struct ch_jw *w, const void *ctx, const struct ch_rows *rows, int i)
{
    const char *payer = NULL;
    struct ch_json *opened = NULL;

    (void)ctx;
    enum ch_err e = ch_decrypt_text(r, CH_ENTRY_PAYER, ch_col(rows, i, "id"), ch_col_bytes(rows, r->a, i, "payer"), &payer);
    if (e == CH_OK && payer != NULL && ch_json_parse(r->a, CH_BYTES(payer, strlen(payer)), &opened, NULL) != CH_JSON_OK)
        e = ch_fail(r, CH_E_INTERNAL, "the payer of an entry is not JSON");
    const char *remark = ch_json_text(opened, "remark");
    ch_jw_text(w, "remark", remark != NULL ? remark : "");
    return e;
}

enum ch_err finance_entries(struct ch_req *r)
{
    int most = (int)ch_query_int(r, "page_size", 50, 1, 100);
    struct ch_rows rows;
    enum ch_err e = ch_run(r, CH_CALL(&finance_entries_page, ch_desk_after_id(r), ch_p_int(r->a, most + 1)), &rows);

    return e == CH_OK ? ch_desk_rows_reply(r, 200, &rows, most, "id", put_remark, NULL) : e;
}
