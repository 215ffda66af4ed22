/* SPDX-License-Identifier: Apache-2.0
 * Reads papers and vouchers from the store. */
#include "core/paper/paper.h"

#include "core/paper/store.h"

#include <string.h>

#define SHEETS_MOST 9 /* hall.paper */

struct ch_param ch_paper_sheet(struct ch_req *r, int least)
{
    return ch_p_int(r->a, ch_query_int(r, "sheet", 1, least, SHEETS_MOST));
}

static enum ch_err reply_file(struct ch_req *r, const char *place, const struct ch_rows *rows)
{
    struct ch_bytes file;

    if (rows->n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这份资料。");
    enum ch_err e = ch_store_get_at(r->a, &r->fault, ch_ring(), place, ch_col(rows, 0, "id"),
                                    ch_col_bytes(rows, r->a, 0, "file_key"), &file);
    if (e != CH_OK)
        return e;
    const char *mime = ch_col_text(rows, 0, "mime");
    bool picture = strncmp(mime, "image/", 6) == 0;
    return ch_reply_file(r, mime, picture ? NULL : ch_col(rows, 0, "file_name"), file);
}

enum ch_err ch_paper_reply(struct ch_req *r, const struct ch_rows *rows)
{
    return reply_file(r, CH_PAPER_KEY, rows);
}

enum ch_err ch_paper_voucher_reply(struct ch_req *r, const struct ch_rows *rows)
{
    return reply_file(r, CH_VOUCHER_KEY, rows);
}
